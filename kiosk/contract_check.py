"""Holds declared items against the departments' contract, docs/api/<department>.json (OpenAPI 3.1).

What an item asks must be there and complete, what it shows must be answered, of the form it is shown in;
so that no citizen is the first to notice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.contract import Operation, Schema, load_operations
from kiosk.declaration import (
    PLACE,
    Choice,
    EachPart,
    FormQuestion,
    NumberQuestion,
    PeriodChoice,
    RowsPart,
    RowSpec,
)
from kiosk.itemfile import DECLARED, ItemFile
from kiosk.told import ASKED, PERSON
from kiosk.tomlfile import ConfigProblem, KeyPath, TomlText

API_DIR = Path(__file__).resolve().parent.parent / "docs" / "api"
"""The contract that comes with the program; `kiosk sandbox openapi --split` writes it."""

CARD_PROOF = 2
"""From this proof on the person of the card is known (SERVICES.md)."""

TYPES: Mapping[str, str] = {"fen": "integer", "integer": "integer", "flag": "boolean"}
"""The JSON type of each form of a row; all others are strings."""

SEALED = {"document_no", "title", "pages", "sha256", "path", "check_code", "fee_fen"}
"""What a sealed document's member holds (kiosk/backends/client.py)."""

PLACES_IN_PATH = re.compile(r"\{[^}]*\}")


def check(files: Sequence[tuple[TomlText, ItemFile]], api: Path = API_DIR) -> list[ConfigProblem]:
    """Everything in which declared items differ from the contract in `api`."""
    problems: list[ConfigProblem] = []
    for source, item in files:
        if item.journey == DECLARED and item.request is not None:
            problems += _Check(source, item, api).problems()
    return problems


@dataclass(frozen=True, slots=True)
class _Source:
    """An answer that a request can take: the keys of its list, where it is chosen from one."""

    keys: frozenset[str] | None = None
    list: str = ""


class _Check:
    """One item."""

    def __init__(self, source: TomlText, item: ItemFile, api: Path) -> None:
        self._source = source
        self._item = item
        self._api = api
        self._found: list[ConfigProblem] = []
        self._sources = dict(self._answers())

    def problems(self) -> list[ConfigProblem]:
        """All that is wrong, in the order of the file."""
        operation = self._operation()
        if operation is not None:
            self._check_request(operation)
            self._check_answer(operation.answer)
        return sorted(self._found, key=lambda problem: problem.line)

    def _tell(self, path: KeyPath, what: str, remedy: str) -> None:
        self._found.append(self._source.problem(path, what, remedy))

    # --- what is asked ---------------------------------------------------------------------------

    def _answers(self) -> Iterator[tuple[str, _Source]]:
        """Every source that a request can name, from [[asks]]."""
        for question in self._item.asks:
            match question:
                case Choice(name=name, list=of):
                    yield name, self._of_list(of)
                case PeriodChoice(name=name):
                    yield f"{name}.since", _Source()
                    yield f"{name}.until", _Source()
                case FormQuestion(name=name, fields=fields):
                    for field in fields:
                        source = self._of_list(field.list) if field.list else _Source()
                        yield f"{name}.{field.name}", source
                case NumberQuestion(name=name):
                    yield name, _Source()

    def _of_list(self, name: str) -> _Source:
        return _Source(frozenset(self._item.lists.get(name, {})), name)

    def _operation(self) -> Operation | None:
        request = self._item.request
        assert request is not None
        file = self._api / f"{request.department}.json"
        try:
            operations = load_operations(file)
        except OSError:
            self._tell(
                ("request", "department"),
                f"has no contract {file.name}",
                f"Name a department of {self._api}, or write the contract there: "
                "kiosk sandbox openapi --split docs/api",
            )
            return None
        wanted = PLACES_IN_PATH.sub("{}", f"/{request.department}/v1{request.path}")
        operation = operations.get(wanted)
        if operation is None:
            known = ", ".join(sorted(one.path for one in operations.values()))
            self._tell(("request", "path"), "is not of the contract", f"POST goes to: {known}")
        return operation

    def _check_request(self, operation: Operation) -> None:
        request, body = self._item.request, operation.body
        assert request is not None
        in_path = set(PLACE.findall(request.path))
        for source in sorted(in_path - set(self._sources)):
            self._tell(("request", "path"), f"{{{source}}} is not asked", self._known_sources())
        self._check_key(operation)
        for member, source in request.body.items():
            if source not in in_path:
                self._check_member(member, source, body)
        for member, value in request.given.items():
            self._check_given(member, value, body)
        self._check_complete(body, in_path)

    def _check_key(self, operation: Operation) -> None:
        request = self._item.request
        if request is None or request.changes == operation.changes:
            return
        what = "changes the world" if operation.changes else "changes nothing"
        value = "true" if operation.changes else "false"
        self._tell(("request", "changes"), f"the operation {what}", f"Write changes = {value}")

    def _check_member(self, member: str, source: str, body: Schema) -> None:
        path: KeyPath = ("request", "body", member)
        schema = self._member(path, body, member)
        if source not in self._sources:
            self._tell(path, f"{source} is not asked", self._known_sources())
        elif schema is not None:
            self._check_type(path, schema, "string")
            keys = self._sources[source].keys
            if keys is not None and schema.enum and keys != schema.enum:
                self._check_list(self._sources[source].list, keys, schema.enum)

    def _check_list(self, name: str, keys: frozenset[str], enum: frozenset[str]) -> None:
        more, less = sorted(keys - enum), sorted(enum - keys)
        said = [f"{', '.join(more)} is not of the contract"] if more else []
        said += [f"{', '.join(less)} is missing"] if less else []
        self._tell(("lists", name), "; ".join(said), f"Give exactly {', '.join(sorted(enum))}")

    def _check_given(self, member: str, value: str, body: Schema) -> None:
        path: KeyPath = ("request", "given", member)
        schema = self._member(path, body, member)
        if schema is None:
            return
        self._check_type(path, schema, "string")
        if schema.enum and value not in schema.enum:
            self._tell(path, "none of its values", f"Give one of {', '.join(sorted(schema.enum))}")

    def _check_complete(self, body: Schema, in_path: set[str]) -> None:
        item, request = self._item, self._item.request
        assert request is not None
        given = {member for member, source in request.body.items() if source not in in_path}
        given |= set(request.given)
        if request.person and item.proof >= CARD_PROOF:
            given.add(PERSON)
            if PERSON not in body.members:
                self._tell(
                    ("request", "person"), "the operation takes no person", "Write person = false"
                )
        for member in sorted(body.required - given):
            remedy = f"Give {member} in [request.body] or [request.given]"
            if member == PERSON:
                remedy = "Write proof = 2 or more, and person = true"
            self._tell(("request",), f"{member} is required and not given", remedy)

    def _known_sources(self) -> str:
        return (
            f"Name one of {', '.join(sorted(self._sources)) or 'no question: add one to [[asks]]'}"
        )

    # --- what is answered ------------------------------------------------------------------------

    def _check_answer(self, answer: Schema) -> None:
        item = self._item
        picked = item.pick.of if item.pick else ""
        if item.pick:
            self._check_pick(answer)
        if item.nothing:
            self._list(("nothing", "of"), answer, item.nothing.of)
        for table, parts in (("view", item.view), ("slip", item.slip)):
            for place, part in enumerate(parts.parts if parts else ()):
                path: KeyPath = (table, "parts", place)
                match part:
                    case RowsPart(rows=rows, of=of):
                        schema = self._list(path, answer, picked) if of == "picked" else answer
                        self._check_rows(path, rows, schema)
                    case EachPart(rows=rows, of=of):
                        self._check_rows(path, rows, self._list((*path, "of"), answer, of))
                    case chart:
                        self._check_chart(path, answer, chart)
        self._check_title(answer)
        self._check_taken(answer)

    def _check_taken(self, answer: Schema) -> None:
        item = self._item
        if item.result:
            self._check_rows(("result",), item.result.rows, answer)
            if item.result.link:
                self._check_typed(("result", "link"), answer, item.result.link, "string")
        if item.slip:
            self._check_typed(("slip", "number"), answer, item.slip.number, "string")
        if item.document:
            path: KeyPath = ("document", "field")
            schema = self._member(path, answer, item.document.field)
            if schema is not None and not set(schema.members) >= SEALED:
                self._tell(path, "is no sealed document", "Name the member that holds one")

    def _check_title(self, answer: Schema) -> None:
        view = self._item.view
        places = set(PLACE.findall(view.title.zh_CN + view.title.en)) if view else set()
        for place in sorted(places):
            self._list(("view", "title"), answer, place)

    def _check_pick(self, answer: Schema) -> None:
        pick = self._item.pick
        assert pick is not None
        entry = self._list(("pick", "of"), answer, pick.of)
        if entry is None:
            return
        by = self._member(("pick", "by"), entry, pick.by)
        if by is not None and (by.enum or by.nullable or by.type not in ("string", "integer")):
            told = "cannot tell entries apart"
            self._tell(("pick", "by"), told, "Name the member that is each entry's own number")
        for name in ("name", "remark", "badge"):
            spec = getattr(pick, name)
            if spec is not None:
                self._check_row(("pick", name), spec, entry)

    def _check_chart(self, path: KeyPath, answer: Schema, chart: Any) -> None:
        entry = self._list((*path, "of"), answer, chart.of)
        if entry is not None:
            self._check_typed((*path, "label"), entry, chart.label, "string")
            self._check_typed((*path, "value"), entry, chart.value, "integer")

    def _check_rows(self, path: KeyPath, rows: Sequence[RowSpec], schema: Schema | None) -> None:
        for place, row in enumerate(rows):
            if schema is not None:
                self._check_row((*path, "rows", place), row, schema)

    def _check_row(self, path: KeyPath, row: RowSpec, schema: Schema) -> None:
        at: KeyPath = (*path, "field")
        if row.field == PERSON:
            if self._item.proof < CARD_PROOF:
                self._tell(at, "there is no person without the card", "Write proof = 2 or more")
            return
        if row.field.startswith(ASKED):
            self._check_asked(at, row.field.removeprefix(ASKED))
            return
        *outer, last = row.field.split(".")
        inside: Schema | None = schema
        for name in outer:
            inside = self._member(at, inside, name) if inside else None
        member = self._member(at, inside, last) if inside else None
        if member is None:
            return
        self._check_type(at, member, TYPES.get(row.form, "string"))
        if member.nullable and not row.optional:
            self._tell(at, f"{row.field} may be null", "Write optional = true")
        if row.form == "choice" and member.enum and set(row.words) != member.enum:
            wanted = ", ".join(sorted(member.enum))
            self._tell((*path, "words"), "does not name each value", f"Give exactly {wanted}")

    def _check_asked(self, at: KeyPath, name: str) -> None:
        periods = {q.name for q in self._item.asks if isinstance(q, PeriodChoice)}
        if name not in periods | set(self._sources):
            self._tell(at, f"{name} is not asked", self._known_sources())

    # --- members ---------------------------------------------------------------------------------

    def _list(self, path: KeyPath, schema: Schema, name: str) -> Schema | None:
        """The schema of the entries of the list `name`."""
        member = self._member(path, schema, name)
        if member is None:
            return None
        if member.entry is None:
            self._tell(path, f"{name} is no list of entries", "Name a list of the answer")
        return member.entry

    def _check_typed(self, path: KeyPath, schema: Schema, name: str, wanted: str) -> None:
        member = self._member(path, schema, name)
        if member is not None:
            self._check_type(path, member, wanted)

    def _check_type(self, path: KeyPath, schema: Schema, wanted: str) -> None:
        if schema.type != wanted:
            remedy = f"The contract has {schema.type or 'a table'}; Choose another form or member"
            self._tell(path, f"is not {wanted} in the contract", remedy)

    def _member(self, path: KeyPath, schema: Schema, name: str) -> Schema | None:
        member = schema.members.get(name)
        if member is None:
            known = ", ".join(sorted(schema.members)) or "nothing"
            self._tell(path, f"{name} is not of the contract", f"It has {known}")
        return member
