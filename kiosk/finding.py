"""What the home and the search screen find items by: their index, and how often each is done here."""

from __future__ import annotations

import asyncio
from collections import Counter as Counts
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from kiosk.journal.trouble import JournalBroken
from kiosk.pinyin import readings_of_child
from kiosk.search import Entry, Index, Readings
from kiosk.texts import Plain, Text, Words, msg

if TYPE_CHECKING:
    from kiosk.catalogue import Item
    from kiosk.journal import Journal

USE_DAYS = 90
"""How far back an item's use counts: a season, so that yearly items rise and sink with it."""

COUNTED_AT = time(3)
"""Of night: nobody stands here while the tiles change places."""


class Finder:
    """Finds among `items`. `words` are a language's; `now` is wall time with its zone."""

    def __init__(
        self,
        items: Iterable[Item],
        words: Callable[[str], Words],
        journal: Journal,
        now: Callable[[], datetime],
        readings: Readings = readings_of_child,
    ) -> None:
        self._entries = [entry_of(item, words) for item in items]
        self._journal = journal
        self._now = now
        self._readings = readings
        self._index: Index | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.uses: Mapping[str, int] = {}

    def start(self) -> None:
        """Make the index, and count uses at once and every night, beside whatever else goes on."""
        self._tasks = [asyncio.ensure_future(self._prepare()), asyncio.ensure_future(self._count())]

    async def close(self) -> None:
        """Leave nothing under way."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def find(self, text: str) -> tuple[str, ...]:
        """The ids of what fits `text`, best first; everything for an empty text."""
        if self._index is None and self._tasks:
            await asyncio.shield(self._tasks[0])
        if self._index is None:
            self._index = Index(self._entries, self._readings)
        return self._index.find(text, self.uses)

    async def _prepare(self) -> None:
        self._index = await asyncio.to_thread(Index, self._entries, self._readings)

    async def _count(self) -> None:
        while True:
            now = self._now()
            self.uses = await asyncio.to_thread(uses, self._journal, now.date())
            night = datetime.combine(now.date() + timedelta(days=1), COUNTED_AT, now.tzinfo)
            await asyncio.sleep((night - now).total_seconds())

    def by_use(self, items: Iterable[Item]) -> list[Item]:
        """The most used first, as `by_use` has it."""
        return by_use(items, self.uses)


def by_use(items: Iterable[Item], uses: Mapping[str, int]) -> list[Item]:
    """The most used first; among equals the first of every department, then the second ones, so that a
    terminal that has counted nothing yet shows something of each."""
    ranked: list[tuple[int, int, Item]] = []
    seen: Counts[str] = Counts()
    for item in items:
        ranked.append((-uses.get(item.id, 0), seen[item.category], item))
        seen[item.category] += 1
    return [item for *_, item in sorted(ranked, key=lambda one: one[:2])]


def entry_of(item: Item, words: Callable[[str], Words]) -> Entry:
    """By what an item is found: its names, its synonyms, its department and its life events."""
    around: list[Text] = [item.department_name, item.department, msg(f"category.{item.category}")]
    around += [msg(f"event.{event}") for event in item.events]
    return Entry(
        id=item.id,
        names=in_all_languages((item.name, item.short_name), words),
        synonyms=item.search,
        around=in_all_languages(around, words),
    )


def in_all_languages(texts: Iterable[Text], words: Callable[[str], Words]) -> tuple[str, ...]:
    """Every text in Chinese and in English, each once."""
    said = [words(language).say(text) for text in texts for language in ("zh_CN", "en")]
    return tuple(dict.fromkeys(said))


def plain_in_all(texts: Iterable[Plain]) -> tuple[str, ...]:
    """Both wordings of texts that need no catalogue."""
    return tuple(dict.fromkeys(word for text in texts for word in (text.text, text.en) if word))


def uses(journal: Journal, today: date) -> Mapping[str, int]:
    """How often each item came to its end of late; an unreadable journal counts nothing."""
    from kiosk.journal.statistics import DONE, Span, performances_of

    span = Span(today - timedelta(days=USE_DAYS), today)
    try:
        performed = performances_of(journal.happenings_between(*span.bounds()))
    except JournalBroken:
        return {}
    return Counts(one.item for one in performed if one.outcome == DONE)
