"""One citizen's search among the items: what is typed, what narrows it, and the view that shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kiosk.catalogue import Item
from kiosk.finding import Finder
from kiosk.texts import msg
from kiosk.views import Chosen, Option, Search, Sought, Tile

FILTER = "filter:"
"""Before a filter's id in the answer that chooses it."""

DEPARTMENT, EVENT = "department:", "event:"


class Seeking:
    """A search as it stands. Its repr says nothing of it."""

    def __init__(self, finder: Finder, items: Sequence[Item], tile: Callable[[Item], Tile]) -> None:
        self._finder = finder
        self._items = {item.id: item for item in items}
        self._tile = tile
        self._text = ""
        self._filter = ""
        self._found: tuple[Item, ...] = ()
        categories = dict.fromkeys(item.category for item in items)
        events = dict.fromkeys(event for item in items for event in item.events)
        self._filters = (
            *(Option(id=DEPARTMENT + one, title=msg(f"category.{one}")) for one in categories),
            *(Option(id=EVENT + one, title=msg(f"event.{one}")) for one in events),
        )

    def __repr__(self) -> str:
        return "Seeking(***)"

    async def find(self) -> None:
        """Look for what is wanted now."""
        found = [self._items[one] for one in await self._finder.find(self._text)]
        if not self._text:
            found = self._finder.by_use(self._items.values())
        self._found = tuple(item for item in found if _within(item, self._filter))

    def narrowed_by(self, answer: object) -> bool:
        """Whether `answer` only changed what is wanted."""
        match answer:
            case Sought(text=text):
                self._text = text
            case Chosen(id=chosen) if chosen.startswith(FILTER):
                wanted = chosen.removeprefix(FILTER)
                self._filter = "" if wanted == self._filter else wanted
            case _:
                return False
        return True

    def view(self) -> Search:
        """As it is shown now."""
        return Search(
            key="search",
            title=msg("search.title"),
            text=self._text,
            hint=msg("search.hint"),
            results=tuple(self._tile(item) for item in self._found),
            nothing=msg("search.nothing"),
            filters=self._filters,
            filter=self._filter,
        )


def _within(item: Item, wanted: str) -> bool:
    kind, _, name = wanted.partition(":")
    if not name:
        return True
    return item.category == name if kind + ":" == DEPARTMENT else name in item.events
