"""The city's items with their guides: those that terminals perform first, then what windows do besides."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from functools import cache
from sqlite3 import Connection
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import StringConstraints

from kiosk.paths import CONFIG_DIR
from kiosk.sandbox import pages
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.window import Here, Window
from kiosk.sandbox.wire import Wire

SCHEMA = ""

PAGE_ITEMS = 50
LAST_PAGE = 100
LINK_FOR = timedelta(days=30)

router = APIRouter(prefix="/approval/v1", tags=["approval"])

Code = Annotated[str, StringConstraints(pattern="^[0-9A-Z]{4,40}$")]
CodePath = Annotated[str, Path(pattern="^[0-9A-Z]{4,40}$")]
PageNumber = Annotated[int, Query(ge=1, le=LAST_PAGE)]
Category = Literal["social", "medical", "property", "tax", "credit", "approval", "licence", "hall"]


class InBoth(Wire):
    """A text in Chinese and in English."""

    zh: str
    en: str


class Elements(Wire):
    """What the province keeps the same at every level, beside the name and the code."""

    type: InBoth
    legal_basis: InBoth
    level: InBoth
    department: InBoth
    conditions: InBoth
    materials: InBoth
    time_limit: InBoth
    fee: InBoth
    result: InBoth


class CityItem(Wire):
    """One item. `events` and `keywords` are parted by spaces; `item` is what terminals know it by."""

    code: Code
    name: InBoth
    bureau: InBoth
    category: Category
    events: str
    keywords: str
    elements: Elements
    item: str


class ItemPage(Wire):
    """Some of them; `pages` is how many pages there are."""

    page: int
    pages: int
    items: list[CityItem]


class LinkWanted(Wire):
    """Nothing more than the item is said."""


class GuideLink(Wire):
    """Where a phone finds the guide, and until when."""

    url: str
    valid_until: str


@router.get("/items", responses=refuses("request.invalid"))
def items(page: PageNumber = 1) -> ItemPage:
    """The city's items, fifty a page; a page behind the last one is empty."""
    everything = city_items()
    first = (page - 1) * PAGE_ITEMS
    count = -(-len(everything) // PAGE_ITEMS)
    return ItemPage(page=page, pages=count, items=list(everything[first : first + PAGE_ITEMS]))


@router.post(
    "/items/{code}/links",
    status_code=201,
    response_model=GuideLink,
    responses=refuses(
        "idempotency.missing", "item.unknown", "idempotency.mismatch", "request.invalid"
    ),
)
def link(here: Here, key: Key, code: CodePath, wanted: LinkWanted) -> Response:
    """A short link to the guide of one item, which nobody can guess and which expires."""
    return once(here, key, wanted, lambda db: _publish(db, here, code), 201)


def _publish(db: Connection, here: Window, code: str) -> GuideLink:
    found = next((item for item in city_items() if item.code == code), None)
    if found is None:
        raise Problem("item.unknown")
    rows = [("事项编码", found.code), ("办理部门", found.elements.department.zh)]
    rows += [(label, getattr(found.elements, name).zh) for name, label in LABELS.items()]
    url = pages.publish(db, here, found.name.zh, rows, LINK_FOR)
    return GuideLink(url=url, valid_until=(here.now() + LINK_FOR).isoformat())


LABELS = {
    "type": "事项类型",
    "legal_basis": "设定依据",
    "level": "行使层级",
    "conditions": "受理条件",
    "materials": "申请材料",
    "time_limit": "办理时限",
    "fee": "收费",
    "result": "办理结果",
}


@cache
def city_items() -> tuple[CityItem, ...]:
    """All of them: as config/services has those of terminals, then the invented ones."""
    return (*_of_terminals(), *_of_windows())


def _of_terminals() -> list[CityItem]:
    files = [tomllib.loads(f.read_text("utf-8")) for f in (CONFIG_DIR / "services").glob("*.toml")]
    return [_of_file(file) for file in sorted(files, key=lambda file: (file["order"], file["id"]))]


def _of_file(file: dict[str, Any]) -> CityItem:
    elements = file["elements"]
    limit = elements["time_limit"]
    law, promise = limit["statutory"], limit["promised"]
    return CityItem(
        code=elements["code"],
        name=_both(file["name"]),
        bureau=_both(file["department_name"]),
        category=file["category"],
        events=" ".join(file.get("events", ())),
        keywords=" ".join(word.replace(" ", "") for word in file.get("search", ())),
        elements=Elements(
            time_limit=InBoth(
                zh=f"法定 {law['zh_CN']}，承诺 {promise['zh_CN']}",
                en=f"By law: {law['en']}; promised: {promise['en']}",
            ),
            **{
                name: _both(elements[name])
                for name in Elements.model_fields
                if name != "time_limit"
            },
        ),
        item=file["id"],
    )


def _both(words: dict[str, str]) -> InBoth:
    return InBoth(zh=words["zh_CN"], en=words["en"])


def _of_windows() -> list[CityItem]:
    from kiosk.sandbox.approval_items_made import ACTS, SUBJECTS

    made: list[CityItem] = []
    for subject in SUBJECTS:
        for act in ACTS[subject.kind]:
            number = len(made) + 1
            made.append(
                CityItem(
                    code=f"371083{subject.letters}{number:04d}",
                    name=InBoth(zh=subject.zh + act.zh, en=act.en.format(subject.en)),
                    bureau=InBoth(zh=subject.bureau_zh, en=subject.bureau_en),
                    category=subject.category,
                    events=subject.events,
                    keywords=f"{subject.keywords} {act.keywords}".strip(),
                    elements=Elements(
                        type=InBoth(zh=act.type_zh, en=act.type_en),
                        legal_basis=InBoth(zh=subject.law_zh, en=subject.law_en),
                        level=InBoth(zh="县级", en="County"),
                        department=InBoth(
                            zh=f"乳山市{subject.bureau_zh}", en=f"Rushan {subject.bureau_en}"
                        ),
                        conditions=InBoth(zh=act.conditions_zh, en=act.conditions_en),
                        materials=InBoth(zh=act.materials_zh, en=act.materials_en),
                        time_limit=InBoth(zh=act.limit_zh, en=act.limit_en),
                        fee=InBoth(zh="不收费", en="Free of charge"),
                        result=InBoth(zh=act.result_zh, en=act.result_en),
                    ),
                    item="",
                )
            )
    return made
