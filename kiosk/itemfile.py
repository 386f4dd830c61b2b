"""One item's file, config/services/<id>.toml, as pydantic models, and how it becomes an `Item`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, model_validator

from kiosk.bilingual import Bilingual, Name, Table
from kiosk.catalogue import Hours, Item, Needs
from kiosk.declaration import (
    Declaration,
    DocumentTable,
    Nothing,
    Pick,
    Question,
    Request,
    ResultTable,
    SlipTable,
    ViewTable,
)
from kiosk.texts import Plain
from kiosk.tomlfile import ConfigProblem, TomlText, parse_toml, validate

JOURNEY_FORM = r"^[a-z0-9]+(-[a-z0-9]+)*$"

DECLARED = "declared"
"""The journey of an item whose file says everything (kiosk/declaration.py)."""

DeviceName = Literal[
    "id_card", "scanner", "receipt_printer", "document_printer", "camera", "compartments"
]

CategoryId = Literal[
    "social", "medical", "property", "tax", "credit", "approval", "licence", "hall"
]
EventId = Literal["work", "retirement", "health", "home", "business", "family", "study"]
DepartmentId = Literal[
    "social-insurance", "medical", "property", "tax", "credit", "approval", "market", "fund",
    "publicity", "data", "payment", "hall",
]  # fmt: skip

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
DAYS: tuple[Day, ...] = get_args(Day)
Drawing = Literal[
    "person", "health", "house", "invoice", "shield", "clock", "card", "document", "scan", "printer",
    "camera", "bell", "phone", "check", "lock", "network", "wait",
]  # fmt: skip


class TimeLimit(Table):
    """办理时限: what the law allows, and what the department promises."""

    statutory: Bilingual
    promised: Bilingual

    @property
    def plain(self) -> Plain:
        law, promise = self.statutory, self.promised
        return Plain(
            f"法定 {law.zh_CN}，承诺 {promise.zh_CN}",
            f"By law: {law.en}; promised: {promise.en}",
        )


class Elements(Table):
    """[elements]: what the province keeps the same at every level, below the item's name."""

    code: Annotated[str, Field(pattern=r"^[0-9A-Z]{4,40}$", examples=["371083"])]
    type: Bilingual
    legal_basis: Bilingual
    level: Bilingual
    department: Bilingual
    conditions: Bilingual
    materials: Bilingual
    time_limit: TimeLimit
    fee: Bilingual
    result: Bilingual


class OpeningHours(Table):
    """[needs.hours]: local time."""

    since: time = Field(default=time(0), examples=[time(8, 30)])
    until: time = Field(default=time(23, 59, 59), examples=[time(22, 0)])
    days: list[Day] = Field(default=list(DAYS), min_length=1, examples=[["monday", "friday"]])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since >= self.until:
            raise ValueError("since is not before until; Write both as times of one day")
        return self


class NeedsTable(Table):
    """[needs]: without `devices` and `departments` the item is greyed; `wanted` it can miss."""

    devices: list[DeviceName] = Field(examples=[["id_card"]])
    wanted: list[DeviceName] = Field(default=[], examples=[["receipt_printer"]])
    departments: list[DepartmentId] = Field(examples=[["property"]])
    hours: OpeningHours | None = None


class Channels(Table):
    """[channels]: where else the item can be done; citizens read it in the guide."""

    window: bool = True
    online: bool = False
    wechat: bool = False

    def named(self) -> tuple[str, ...]:
        """Those that there are."""
        return tuple(name for name in Channels.model_fields if getattr(self, name))


class ItemFile(Table):
    """The whole file."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", examples=["own-property"])]
    journey: Annotated[str, Field(pattern=JOURNEY_FORM, examples=["declared"])]
    proof: int = Field(ge=0, le=3, examples=[2])
    self_service: bool = True
    picture: Drawing = Field(examples=["house"])
    category: CategoryId = Field(examples=["property"])
    events: list[EventId] = Field(default=[], examples=[["home"]])
    order: int = Field(ge=1, le=999, examples=[10])
    search: list[Annotated[str, Field(min_length=1, max_length=40)]] = Field(default=[])
    name: Name
    short_name: Name
    department_name: Name
    elements: Elements
    needs: NeedsTable
    channels: Channels = Field(default=Channels())
    lists: dict[str, dict[str, Bilingual]] = Field(default={})
    asks: list[Question] = Field(default=[])
    request: Request | None = None
    pick: Pick | None = None
    nothing: Nothing | None = None
    view: ViewTable | None = None
    document: DocumentTable | None = None
    result: ResultTable | None = None
    slip: SlipTable | None = None

    @model_validator(mode="after")
    def _declares_what_it_performs(self) -> Self:
        declares = {name for name in Declaration.model_fields if getattr(self, name)}
        if self.journey != DECLARED and declares:
            raise ValueError(f'{min(declares)} is not for this journey; Write journey = "declared"')
        if self.journey == DECLARED and (lacks := {"request", "view", "result"} - declares):
            raise ValueError(
                f"a declared item has no [{min(lacks)}]; docs/ADDING-AN-ITEM.md shows one"
            )
        return self

    def item(self) -> Item:
        """The same as the terminal uses it."""
        given: dict[str, Any] = {
            name: getattr(self.elements, name).plain
            for name in Elements.model_fields
            if name != "code"
        }
        return Item(
            id=self.id,
            journey=self.journey,
            proof=self.proof,
            picture=self.picture,
            category=self.category,
            order=self.order,
            events=tuple(self.events),
            search=tuple(self.search),
            needs=_needs(self.needs),
            name=self.name.plain,
            short_name=self.short_name.plain,
            department_name=self.department_name.plain,
            code=Plain(self.elements.code),
            lists={
                name: tuple((key, text.plain) for key, text in texts.items())
                for name, texts in self.lists.items()
            },
            declaration=self._declaration(),
            self_service=self.self_service,
            channels=self.channels.named(),
            **given,
        )

    def _declaration(self) -> Declaration | None:
        if self.request is None or self.view is None or self.result is None:
            return None
        return Declaration(
            asks=self.asks,
            request=self.request,
            pick=self.pick,
            nothing=self.nothing,
            view=self.view,
            document=self.document,
            result=self.result,
            slip=self.slip,
        )


def read_items(directory: Path) -> tuple[Item, ...] | list[ConfigProblem]:
    """Every item of `directory` that terminals may offer in its order, or everything that is wrong."""
    read = read_every_item(directory)
    return read if isinstance(read, list) else tuple(item for item in read if item.self_service)


def read_every_item(directory: Path) -> tuple[Item, ...] | list[ConfigProblem]:
    """Every item of `directory`, those not meant for self-service terminals too."""
    items: list[Item] = []
    problems: list[ConfigProblem] = []
    for file in sorted(directory.glob("*.toml")):
        read = _read(file)
        if isinstance(read, list):
            problems += read
        else:
            items.append(read.item())
    if not items and not problems:
        remedy = "Put one file an item there; docs/ADDING-AN-ITEM.md"
        problems = [ConfigProblem(directory, 0, "", "holds no item", remedy)]
    return problems or tuple(sorted(items, key=lambda item: (item.order, item.id)))


def read_files(directory: Path) -> list[tuple[TomlText, ItemFile]]:
    """The files of `directory` that are right in themselves, with their text."""
    found: list[tuple[TomlText, ItemFile]] = []
    for file in sorted(directory.glob("*.toml")):
        source = parse_toml(file)
        if not isinstance(source, list):
            read = validate(source, ItemFile)
            if not isinstance(read, list):
                found.append((source, read))
    return found


def _read(file: Path) -> ItemFile | list[ConfigProblem]:
    source = parse_toml(file)
    if isinstance(source, list):
        return source
    read = validate(source, ItemFile)
    if isinstance(read, list):
        return read
    return [*_misnamed(source, read), *_without_journey(source, read)] or read


def _misnamed(source: TomlText, read: ItemFile) -> list[ConfigProblem]:
    if read.id == source.file.stem:
        return []
    remedy = f"Rename the file to {read.id}.toml, or the item"
    return [source.problem(("id",), "is not the file's name", remedy)]


def _without_journey(source: TomlText, read: ItemFile) -> list[ConfigProblem]:
    from kiosk.journeys import JOURNEYS

    if read.journey in JOURNEYS:
        return []
    remedy = f"Give one of {', '.join(sorted(JOURNEYS))}"
    return [source.problem(("journey",), "no such journey", remedy)]


def _needs(table: NeedsTable) -> Needs:
    return Needs(
        devices=tuple(table.devices),
        wanted=tuple(table.wanted),
        departments=tuple(table.departments),
        hours=_hours(table.hours) if table.hours else None,
    )


def _hours(table: OpeningHours) -> Hours:
    return Hours(table.since, table.until, _numbers(table.days))


def _numbers(days: Sequence[str]) -> tuple[int, ...]:
    return tuple(DAYS.index(day) for day in days)
