"""The departments' contract as data: each department's OpenAPI document, and what its operations take."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

REFERENCE = "#/components/schemas/"
PLACE = re.compile(r"\{[^}]*\}")
DEEPEST = 8
"""No answer of the contract nests deeper; a schema that refers to itself ends here."""

KEY_HEADER = "Idempotency-Key"


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema as far as items need it. `entry` is that of a list's objects, `type` "" for an object."""

    type: str = ""
    members: Mapping[str, Schema] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    enum: frozenset[str] = frozenset()
    entry: Schema | None = None
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One POST. `path` is below the department's own, `changes` whether it takes an idempotency key."""

    path: str
    body: Schema
    answer: Schema
    changes: bool


def split(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The whole contract as one document a department, each with only the schemas that it refers to."""
    paths: dict[str, dict[str, Any]] = {}
    for path, operations in sorted(document["paths"].items()):
        department = path.split("/")[1]
        if path.startswith(f"/{department}/v1/"):
            paths.setdefault(department, {})[path] = operations
    schemas = document["components"]["schemas"]
    return {
        department: {
            "openapi": document["openapi"],
            "info": {"title": department, "version": document["info"]["version"]},
            "paths": of_department,
            "components": {"schemas": _used(of_department, schemas)},
        }
        for department, of_department in paths.items()
    }


def written(document: Mapping[str, Any]) -> str:
    """A document as its file has it: stable in order and form."""
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def load_operations(file: Path) -> Mapping[str, Operation]:
    """What can be POSTed in the document of `file`, by the path with its places empty: /a/v1/units/{}.

    Raises OSError where there is no such file.
    """
    return _operations(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=32)
def _operations(file: Path, _written_at: int) -> Mapping[str, Operation]:
    document = json.loads(file.read_text(encoding="utf-8"))
    schemas = document["components"]["schemas"]
    found: dict[str, Operation] = {}
    for path, methods in document["paths"].items():
        if (post := methods.get("post")) is None:
            continue
        answers = post["responses"]
        answer: Mapping[str, Any] = next((answers[s] for s in ("200", "201") if s in answers), {})
        _, _, own = path.partition("/v1")
        found[PLACE.sub("{}", path)] = Operation(
            path=own,
            body=_content(post.get("requestBody", {}), schemas),
            answer=_content(answer, schemas),
            changes=any(p["name"] == KEY_HEADER for p in post.get("parameters", ())),
        )
    return found


def _content(holder: Mapping[str, Any], schemas: Mapping[str, Any]) -> Schema:
    given = holder.get("content", {}).get("application/json", {}).get("schema", {})
    return _schema(given, schemas, 0)


def _schema(given: Mapping[str, Any], schemas: Mapping[str, Any], depth: int) -> Schema:
    if depth > DEEPEST:
        return Schema()
    if "$ref" in given:
        return _schema(schemas[given["$ref"].removeprefix(REFERENCE)], schemas, depth + 1)
    choices = given.get("anyOf") or given.get("oneOf") or given.get("allOf")
    if choices:
        real = [one for one in choices if one.get("type") != "null"]
        found = _schema(real[0], schemas, depth + 1)
        nullable = len(real) < len(choices) or found.nullable
        return Schema(found.type, found.members, found.required, found.enum, found.entry, nullable)
    kind = given.get("type", "")
    enum = given.get("enum", [given["const"]] if "const" in given else [])
    if kind == "array":
        entry = _schema(given.get("items", {}), schemas, depth + 1)
        return Schema("array", entry=entry if entry.members else None)
    members = {
        name: _schema(member, schemas, depth + 1)
        for name, member in given.get("properties", {}).items()
    }
    return Schema(
        type="" if kind == "object" else kind,
        members=members,
        required=frozenset(given.get("required", ())),
        enum=frozenset(map(str, enum)),
    )


def _used(paths: Mapping[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    """The schemas that `paths` refer to, and those that these refer to."""
    found: dict[str, Any] = {}
    wanted = list(_references(paths))
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = schemas[name]
            wanted += _references(schemas[name])
    return found


def _references(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        reference = value.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix(REFERENCE)
        for part in value.values():
            yield from _references(part)
    elif isinstance(value, list):
        for part in value:
            yield from _references(part)
