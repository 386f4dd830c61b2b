"""Reads TOML into a pydantic model; every problem names file, line, key, fault and remedy."""

from __future__ import annotations

import difflib
import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticUndefined

M = TypeVar("M", bound=BaseModel)
KeyPath = tuple[str | int, ...]

SYNTAX_LINE = re.compile(r"\(at line (\d+), column \d+\)")
"""How tomllib tells where it stopped."""

KINDS: Mapping[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text in quotes",
    time: "a time of day",
}


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One thing wrong in a configuration file. `line` counts from 1; 0 is the file as a whole."""

    file: Path
    line: int
    key: str
    what: str
    remedy: str

    def __str__(self) -> str:
        """One line for a terminal or an editor: `file:line: key: what. remedy`."""
        where = f"{self.file}:{self.line}" if self.line else str(self.file)
        subject = f"{self.key}: " if self.key else ""
        return f"{where}: {subject}{self.what}. {self.remedy}."


@dataclass(frozen=True, slots=True)
class TomlText:
    """A TOML file's text, with its values."""

    file: Path
    text: str
    values: Mapping[str, Any]

    def problem(self, path: KeyPath, what: str, remedy: str) -> ConfigProblem:
        """A problem at `path`, or at its nearest table where the key itself is absent."""
        lines = key_lines(self.text)
        known = next((path[:n] for n in range(len(path), 0, -1) if path[:n] in lines), None)
        return ConfigProblem(self.file, lines[known] if known else 1, dotted(path), what, remedy)


def parse_toml(file: Path) -> TomlText | list[ConfigProblem]:
    """Read `file` as TOML, nothing more."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        what, remedy = "there is no such file", "Name its directory with --config"
    except OSError as error:
        what = f"cannot be read ({error.strerror})"
        remedy = "Let the terminal's user read it: chmod u+r, chown"
    except UnicodeDecodeError:
        what, remedy = "is not UTF-8", "Save it as UTF-8 in the editor"
    else:
        return parse_text(file, text)
    return [ConfigProblem(file, 0, "", what, remedy)]


def parse_text(file: Path, text: str) -> TomlText | list[ConfigProblem]:
    """`text` as TOML, as if it stood in `file`."""
    try:
        return TomlText(file, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        found = SYNTAX_LINE.search(str(error))
        line = int(found[1]) if found else text.rstrip("\n").count("\n") + 1
        reason = str(error).partition(" (at ")[0]
        remedy = "Correct the line; texts stand in quotes"
        return [ConfigProblem(file, line, "", f"not TOML: {reason}", remedy)]


def validate(source: TomlText, model: type[M]) -> M | list[ConfigProblem]:
    """The values of `source` as a `model`."""
    try:
        return model.model_validate(source.values)
    except ValidationError as invalid:
        problems = [
            source.problem(*_explained(model, error))
            for error in invalid.errors(include_url=False, include_input=False)
        ]
        return sorted(problems, key=lambda problem: problem.line)


@functools.lru_cache(maxsize=8)
def key_lines(text: str) -> Mapping[KeyPath, int]:
    """The line (from 1) on which each key's statement begins.

    A key belongs to the statement that makes it appear when the file is read line by line, so that
    the TOML parser itself decides what a key is.
    """
    lines: dict[KeyPath, int] = {}
    kept = ""
    begun = 1
    for number, line in enumerate(text.split("\n"), start=1):
        kept += line + "\n"
        try:
            values = tomllib.loads(kept)
        except tomllib.TOMLDecodeError:
            continue
        for path in _paths(values):
            lines.setdefault(path, begun)
        begun = number + 1
    return lines


def dotted(path: KeyPath) -> str:
    """`("devices", "id_card", "port")` as devices.id_card.port."""
    return ".".join(str(part) for part in path)


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The declared keys of a table, as they are written in the file."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def table_of(annotation: Any) -> type[BaseModel] | None:
    """The model of the table that a key of this type holds, or None where it holds a value."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, UnionType, tuple, list, dict):
        return next((m for m in map(table_of, get_args(annotation)) if m), None)
    return None


def toml_value(value: object) -> str:
    """A value as it is written in TOML."""
    if isinstance(value, BaseModel):
        value = value.model_dump(by_alias=True, exclude_none=True)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(toml_value(part) for part in value) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{k} = {toml_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, int | float):
        return str(value)
    quoted = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'


def _field_at(model: type[BaseModel], path: KeyPath) -> FieldInfo | None:
    owner = _model_at(model, path[:-1])
    return fields_of(owner).get(str(path[-1])) if owner and path else None


def _model_at(model: type[BaseModel], path: KeyPath) -> type[BaseModel] | None:
    """The model of the table at `path`; positions in lists and names in open tables pass."""
    for part in path:
        field = fields_of(model).get(str(part))
        if field is None:
            continue
        inner = table_of(field.annotation)
        if inner is None:
            return None
        model = inner
    return model


def _alternatives(annotation: Any) -> list[type[BaseModel]]:
    """The models of a union that a member such as `kind` tells apart."""
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) not in (Union, UnionType):
        return []
    models = (table_of(one) for one in get_args(annotation) if isinstance(one, type))
    return [model for model in models if model is not None]


def _says(model: type[BaseModel], tag: str | int) -> bool:
    return any(
        get_origin(field.annotation) is Literal and tag in get_args(field.annotation)
        for field in model.model_fields.values()
    )


def _chosen(model: type[BaseModel], path: KeyPath) -> tuple[KeyPath, type[BaseModel]] | None:
    """Where pydantic names the alternative of a union: what comes before, and that alternative's model."""
    here: Any = model
    for place, part in enumerate(path):
        for one in _alternatives(here):
            if _says(one, part):
                return path[:place], one
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = fields_of(here).get(str(part))
            here = field.annotation if field else None
        elif get_origin(here) in (list, tuple, dict):
            here = get_args(here)[-1]
        if get_origin(here) in (Union, UnionType) and not _alternatives(here)[1:]:
            here = table_of(here)
    return None


def _explained(model: type[BaseModel], error: ErrorDetails) -> tuple[KeyPath, str, str]:
    """The key's path in the file, what is wrong with it, and what to do."""
    chosen = _chosen(model, error["loc"])
    if chosen is None:
        return _told(model, error)
    before, alternative = chosen
    inner: ErrorDetails = {**error, "loc": error["loc"][len(before) + 1 :]}
    path, what, remedy = _explained(alternative, inner)
    return (*before, *path), what, remedy


def _told(model: type[BaseModel], error: ErrorDetails) -> tuple[KeyPath, str, str]:
    path, kind = error["loc"], error["type"]
    context = error.get("ctx", {})
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        name = str(context["discriminator"]).strip("'")
        if kind == "union_tag_invalid":
            return (
                (*path, name),
                "not one of the choices",
                f"Give one of {context['expected_tags']}",
            )
        return (*path, name), "missing", f"Add it: {name} says which of its forms it is"
    if kind == "extra_forbidden":
        return path, "unknown key", _nearest(model, path)
    field = _field_at(model, path)
    if kind == "missing":
        return path, "missing", f"Add it: {_example(path, field)}"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return path, "must be a table", f"Write it as {_table(path, field)}"
    if kind in ("greater_than_equal", "less_than_equal"):
        return path, "out of range", f"Give {_bounds(field)}"
    if kind in ("literal_error", "enum"):
        return path, "not one of the choices", f"Give one of {context['expected']}"
    if kind in ("string_too_short", "string_too_long", "too_short", "too_long"):
        return path, "too short or too long", f"For example: {_example(path, field)}"
    if kind == "string_pattern_mismatch":
        return path, "not in the right form", f"For example: {_example(path, field)}"
    if kind == "value_error":
        what, _, remedy = str(context["error"]).partition("; ")
        return path, what, remedy
    return path, f"must be {_kind(field)}", f"For example: {_example(path, field)}"


def _table(path: KeyPath, field: FieldInfo | None) -> str:
    """How a table is written at `path`: within a list, beside the other keys of its entry."""
    model = table_of(field.annotation) if field else None
    if model is None or not any(isinstance(part, int) for part in path):
        return f"[{dotted(path)}]"
    keys = ", ".join(
        _example((name,), one) for name, one in fields_of(model).items() if one.is_required()
    )
    return f"{{ {keys} }}" if isinstance(path[-1], int) else f"{path[-1]} = {{ {keys} }}"


def _nearest(model: type[BaseModel], path: KeyPath) -> str:
    owner = _model_at(model, path[:-1])
    known = sorted(fields_of(owner)) if owner else []
    close = difflib.get_close_matches(str(path[-1]), known, n=1)
    if close:
        return f"Did you mean {close[0]}"
    return f"Remove it, or use one of {', '.join(known)}"


def _bounds(field: FieldInfo | None) -> str:
    metadata = field.metadata if field else []
    low = next((m.ge for m in metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in metadata if hasattr(m, "le")), None)
    return f"a number from {low} to {high}"


def _kind(field: FieldInfo | None) -> str:
    annotation = field.annotation if field else None
    for kind in _kinds(annotation):
        if kind in KINDS:
            return KINDS[kind]
    if get_origin(annotation) in (tuple, list):
        return "a list in square brackets"
    return "of another type"


def _example(path: KeyPath, field: FieldInfo | None) -> str:
    name = next((str(part) for part in reversed(path) if isinstance(part, str)), "")
    if field is None:
        return f"{name} = ..."
    value = field.examples[0] if field.examples else field.default
    if value is PydanticUndefined or value is None:
        return f"{name} = {_sample(field.annotation)}"
    return f"{name} = {toml_value(value)}"


def _sample(annotation: Any) -> str:
    """Some value of this type, where the field gives no example."""
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) is Literal:
        return toml_value(get_args(annotation)[0])
    if get_origin(annotation) in (list, tuple):
        return f"[{_sample(get_args(annotation)[0])}]"
    samples = {str: '"text"', int: "1", float: "1.0", bool: "true", time: "08:30:00"}
    model = table_of(annotation)
    if model is not None and get_origin(annotation) is not dict:
        keys = (
            _example((name,), one) for name, one in fields_of(model).items() if one.is_required()
        )
        return f"{{ {', '.join(keys)} }}"
    return next((samples[kind] for kind in _kinds(annotation) if kind in samples), "...")


def _kinds(annotation: Any) -> Iterator[Any]:
    """The types that an annotation allows, whatever they are bound by."""
    if get_origin(annotation) is Annotated:
        yield from _kinds(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for one in get_args(annotation):
            yield from _kinds(one)
    else:
        yield annotation


def _paths(values: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    pairs: Iterator[tuple[str | int, Any]] | None = None
    if isinstance(values, dict):
        pairs = iter(values.items())
    elif isinstance(values, list):
        pairs = iter(enumerate(values))
    for key, value in pairs or ():
        yield (*path, key)
        yield from _paths(value, (*path, key))
