"""审批服务局: the city's items with their guides, and links by which a guide leaves on a phone."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from urllib.parse import quote

from kiosk.backends.client import Client
from kiosk.backends.contract import Answer, BackendFailure, Cause, Reply
from kiosk.backends.decode import Fields, Garbled
from kiosk.backends.http import Door
from kiosk.texts import Plain

ITEM_CODE = re.compile(r"[0-9A-Z]{4,40}", re.ASCII)
"""As config/services has it (kiosk/itemfile.py)."""

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)

PAGES_MAX = 200
ITEMS_MAX = 5000
"""A province has some ten thousand items; a list with more than this is not one of a county, and would
fill the terminal's memory."""

PAGES_WITHIN_S = 60.0
"""All pages together: a department that takes its whole time for each would hold a thread for an hour."""

ELEMENTS = (
    "type",
    "legal_basis",
    "level",
    "department",
    "conditions",
    "materials",
    "time_limit",
    "fee",
    "result",
)
"""What an item's guide says beside its name and its code (SERVICES.md)."""


@dataclass(frozen=True, slots=True)
class CityItem:
    """One of the city's items. `bureau` is its department's short name; `elements` are ELEMENTS in order;
    `item` is its id where terminals perform it, else ""."""

    code: str
    name: Plain
    bureau: Plain
    category: str
    events: tuple[str, ...]
    keywords: tuple[str, ...]
    elements: tuple[Plain, ...]
    item: str


@dataclass(frozen=True, slots=True)
class GuideLink:
    """A short link to an item's guide, and until when it works."""

    url: str
    valid_until: datetime


class ItemGuides(Protocol):
    """What terminals ask of the items."""

    def city_items(self, today: date) -> Reply[tuple[CityItem, ...]]: ...

    def guide_link(self, code: str, key: str) -> Reply[GuideLink]: ...


class ItemGuidesClient(Client):
    """`ItemGuides` over HTTP."""

    def __init__(self, door: Door) -> None:
        super().__init__(door)
        self._kept: tuple[date, tuple[CityItem, ...]] | None = None

    def city_items(self, today: date) -> Reply[tuple[CityItem, ...]]:
        """All of the city's items, page after page; once they are there, kept for the day."""
        if self._kept is not None and self._kept[0] == today:
            return Answer(self._kept[1])
        items: list[CityItem] = []
        number, pages = 1, 1
        until = time.monotonic() + PAGES_WITHIN_S
        while number <= pages:
            reply = self.door.get(f"/items?page={number}", "items", _page)
            if isinstance(reply, BackendFailure):
                return reply
            pages, more = reply.value
            items += more
            if len(items) > ITEMS_MAX or time.monotonic() > until:
                return BackendFailure(
                    "approval", Cause.GARBLED, Cause.GARBLED.value, "items without end"
                )
            number += 1
        self._kept = (today, tuple(items))
        return Answer(self._kept[1])

    def guide_link(self, code: str, key: str) -> Reply[GuideLink]:
        """A link to the guide of item `code`; `key` is the idempotency key."""
        path = f"/items/{quote(code, safe='')}/links"
        return self.door.post(path, "items.link", {}, _link, key)


def _page(answer: Fields) -> tuple[int, tuple[CityItem, ...]]:
    return answer.integer("pages", 1, PAGES_MAX), answer.each("items", _item)


def _item(entry: Fields) -> CityItem:
    elements = entry.inside("elements")
    return CityItem(
        code=entry.shaped("code", ITEM_CODE),
        name=_words(entry, "name"),
        bureau=_words(entry, "bureau"),
        category=entry.shaped("category", NAME),
        events=_names(entry, "events"),
        keywords=tuple(filter(None, entry.text("keywords", empty=True).split(" "))),
        elements=tuple(_words(elements, name) for name in ELEMENTS),
        item=entry.text("item", empty=True, longest=40),
    )


def _words(entry: Fields, name: str) -> Plain:
    words = entry.inside(name)
    return Plain(words.text("zh"), words.text("en", longest=1000))


def _names(entry: Fields, name: str) -> tuple[str, ...]:
    given = tuple(filter(None, entry.text(name, empty=True).split(" ")))
    if not all(NAME.fullmatch(one) for one in given):
        raise Garbled(f"{name}: none of its values")
    return given


def _link(answer: Fields) -> GuideLink:
    return GuideLink(answer.link("url"), answer.moment("valid_until"))
