"""Approval bureau: the guides of all of the city's items, found, read and taken along (事项·办事指南)."""

from __future__ import annotations

from functools import lru_cache

from kiosk.backends.approval_items import ELEMENTS, CityItem, GuideLink
from kiosk.backends.contract import Answer
from kiosk.catalogue import Item
from kiosk.finding import plain_in_all
from kiosk.pinyin import readings_of_child
from kiosk.receipts.guide import guide_slip
from kiosk.search import Entry, Index
from kiosk.seeking import DEPARTMENT, EVENT, FILTER
from kiosk.steps.finish import Ending, finish
from kiosk.steps.take_guide import GUIDE_ROWS
from kiosk.texts import Plain, msg
from kiosk.views import Chosen, Guide, Option, Picture, Row, Search, Section, Sought, Tile
from kiosk.visit import Visit

STEPS = ("city.step.find", "step.read", "step.take")

RESULTS_MOST = 30
"""So many results are shown: who sees more types on."""

PICTURES = {
    "social": Picture.PERSON,
    "medical": Picture.HEALTH,
    "property": Picture.HOUSE,
    "tax": Picture.INVOICE,
    "credit": Picture.SHIELD,
    "licence": Picture.CARD,
}
"""By category; others show a document."""


async def read_city_guide(visit: Visit, item: Item) -> None:
    """Find one of the city's items, read its guide, take it along."""
    visit.steps = tuple(msg(step) for step in STEPS)
    approval = visit.counter.departments.approval
    items = await visit.call(approval.city_items, visit.counter.now().date())
    index = await visit.recall("city.index", lambda: _index(visit, items), answered=False)
    visit.at(0)
    code = await visit.recall(
        "city.search", lambda: _Seeking(visit, items, index).until_chosen(), answered=True
    )
    chosen = next(one for one in items if one.code == code)
    visit.at(1)
    rows = _rows(chosen)
    await visit.ask(
        Guide(
            key="city.guide",
            steps=visit.here,
            title=chosen.name,
            subtitle=chosen.bureau,
            rows=(*rows, *_here(visit, chosen)),
            notice=None,
            primary=msg("guide.take"),
        )
    )
    visit.commit()
    visit.at(2)
    link = await _link(visit, chosen.code)
    await finish(visit, _ending(visit, chosen, rows, link))


async def _index(visit: Visit, items: tuple[CityItem, ...]) -> Index:
    return await visit.patiently(
        visit.counter.calls.run(index_of, items), "progress.fetching", msg("city.step.find")
    )


@lru_cache(maxsize=1)
def index_of(items: tuple[CityItem, ...]) -> Index:
    """Where the city's items are found; made once for each day's list."""
    entries = [
        Entry(
            id=one.code,
            names=plain_in_all((one.name,)),
            synonyms=one.keywords,
            around=plain_in_all((one.bureau, one.elements[ELEMENTS.index("department")])),
        )
        for one in items
    ]
    return Index(entries, readings_of_child)


class _Seeking:
    """The citizen's search; what was typed is forgotten with it."""

    def __init__(self, visit: Visit, items: tuple[CityItem, ...], index: Index) -> None:
        self._visit = visit
        self._items = {one.code: one for one in items}
        self._index = index
        categories = dict.fromkeys(one.category for one in items)
        events = dict.fromkeys(event for one in items for event in one.events)
        self._filters = (
            *(Option(id=DEPARTMENT + one, title=msg(f"category.{one}")) for one in categories),
            *(Option(id=EVENT + one, title=msg(f"event.{one}")) for one in events),
        )

    async def until_chosen(self) -> str:
        """The code of the item chosen. Raises Leave and Rewind."""
        text = narrowed = ""
        while True:
            match await self._visit.ask_now(self._view(text, narrowed)):
                case Sought(text=typed):
                    text = typed
                case Chosen(id=chosen) if chosen.startswith(FILTER):
                    wanted = chosen.removeprefix(FILTER)
                    narrowed = "" if wanted == narrowed else wanted
                case Chosen(id=chosen):
                    return chosen

    def _view(self, text: str, narrowed: str) -> Search:
        found = [self._items[code] for code in self._index.find(text)]
        kind, _, name = narrowed.partition(":")
        results = [
            one
            for one in found
            if not name or (name in one.events if kind + ":" == EVENT else name == one.category)
        ]
        return Search(
            key="city.search",
            steps=self._visit.here,
            title=msg("city.search"),
            text=text,
            hint=msg("city.search.hint"),
            results=tuple(_tile(one) for one in results[:RESULTS_MOST]),
            nothing=msg("search.nothing"),
            filters=self._filters,
            filter=narrowed,
        )


def _tile(one: CityItem) -> Tile:
    return Tile(
        item=one.code,
        title=one.name,
        department=one.bureau,
        picture=PICTURES.get(one.category, Picture.DOCUMENT),
        category=one.category,
        events=one.events,
    )


def _rows(one: CityItem) -> tuple[Row, ...]:
    elements = dict(zip(ELEMENTS, one.elements, strict=True)) | {"code": Plain(one.code)}
    return tuple(Row(msg(f"guide.{name}"), elements[name]) for name in GUIDE_ROWS)


def _here(visit: Visit, one: CityItem) -> tuple[Row, ...]:
    """Where the same terminal performs the item, the name of its tile."""
    tile = next((i.short_name for i in visit.counter.items if i.id == one.item), None)
    return (Row(msg("guide.channels"), msg("city.here", name=tile)),) if tile else ()


async def _link(visit: Visit, code: str) -> GuideLink | None:
    """The link by which the guide leaves; None where the bureau gives none now: the slip does then."""
    approval = visit.counter.departments.approval
    work = visit.counter.calls.run(approval.guide_link, code, f"city-{visit.id}")
    reply = await visit.patiently(work, "guide.fetching")
    return reply.value if isinstance(reply, Answer) else None


def _ending(visit: Visit, one: CityItem, guide: tuple[Row, ...], link: GuideLink | None) -> Ending:
    limit = one.elements[ELEMENTS.index("time_limit")]
    rows = [
        Row(msg("city.row.item"), one.name),
        Row(msg("city.row.code"), Plain(one.code)),
        Row(msg("city.row.bureau"), one.bureau),
        Row(msg("city.row.limit"), limit),
    ]
    if link:
        rows.append(Row(msg("city.row.until"), Plain(link.valid_until.strftime("%Y-%m-%d"))))
    url = link.url if link else ""
    return Ending(
        headline=msg("city.done"),
        detail=msg("city.done.detail"),
        rows=tuple(rows),
        standing=Section(None, tuple(rows[:2])),
        link=url,
        slip=guide_slip(visit, one.code, one.name, one.bureau, guide, url),
    )
