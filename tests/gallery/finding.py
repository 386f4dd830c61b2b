"""Views for finding an item: the home screen with the whole catalogue, and the search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kiosk.catalogue import Item, load_catalogue
from kiosk.finding import by_use
from kiosk.paths import CONFIG_DIR
from kiosk.texts import Plain, msg
from kiosk.views import Category, Guide, Home, Option, Picture, Row, Search, Tile, View

CATEGORIES = ("social", "medical", "property", "tax", "credit", "approval", "licence", "hall")
EVENTS = ("work", "retirement", "health", "home", "business", "family", "study")

CLOSED = msg("unavailable.closed_until", reason=Plain("系统维护", "maintenance"), time="14:30")


def _items() -> tuple[Item, ...]:
    loaded = load_catalogue(CONFIG_DIR)
    assert isinstance(loaded, tuple), [str(problem) for problem in loaded]
    return loaded


def _tile(item: Item) -> Tile:
    return Tile(
        item=item.id,
        title=item.short_name,
        department=item.department_name,
        picture=Picture(item.picture),
        category=item.category,
        events=item.events,
    )


ALL_TILES = tuple(_tile(item) for item in by_use(_items(), {}))
GREYED = replace(ALL_TILES[1], enabled=False, notice=CLOSED)
FALLBACK = replace(ALL_TILES[0], notice=msg("tile.without.receipt_printer"))

FILTERS = (
    *(Option(id=f"department:{one}", title=msg(f"category.{one}")) for one in CATEGORIES),
    *(Option(id=f"event:{one}", title=msg(f"event.{one}")) for one in EVENTS),
)


def _home(tiles: Sequence[Tile]) -> Home:
    return Home(
        key="home.whole",
        greeting=msg("home.greeting"),
        hint=msg("home.hint"),
        tiles=tuple(tiles),
        categories=tuple(Category(one, msg(f"category.{one}")) for one in CATEGORIES),
        events=tuple(Category(one, msg(f"event.{one}")) for one in EVENTS),
        footnote=msg("home.privacy"),
        enquiries=msg("home.enquiries", number="12345"),
    )


def _search(key: str, text: str, results: Sequence[Tile], chosen: str = "") -> Search:
    return Search(
        key=key,
        title=msg("search.title"),
        text=text,
        hint=msg("search.hint"),
        results=tuple(results),
        nothing=msg("search.nothing"),
        filters=FILTERS,
        filter=chosen,
    )


GUIDE = Guide(
    key="guide.take",
    title=_items()[0].name,
    subtitle=_items()[0].department_name,
    rows=(
        Row(msg("guide.materials"), _items()[0].materials),
        Row(
            msg("guide.channels"),
            msg(
                "guide.channel.and",
                one=msg("guide.channel.window"),
                other=msg("guide.channel.online"),
            ),
        ),
    ),
    notice=msg("notice.without.scanner"),
    take=msg("guide.take"),
    primary=msg("guide.start"),
)

FINDING: dict[str, View[Any]] = {
    "home-whole": _home((FALLBACK, GREYED, *ALL_TILES[2:])),
    "search-empty": _search("search.empty", "", ALL_TILES),
    "search-found": _search("search.found", "ylbx", (FALLBACK, GREYED), "department:social"),
    "search-nothing": _search("search.nothing", "xyz123", ()),
    "guide-take": GUIDE,
}
"""Pictures by name, for tests/gallery/samples.py."""
