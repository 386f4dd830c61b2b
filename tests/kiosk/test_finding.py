"""What is done most here comes first, and a running terminal follows the operator's switch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import chain, combinations
from pathlib import Path

import pytest

from kiosk.catalogue import Closed, in_few_words, load_catalogue
from kiosk.finding import USE_DAYS, Finder, by_use, uses
from kiosk.journal import Journal
from kiosk.paths import CONFIG_DIR, Directories
from kiosk.pinyin import readings
from kiosk.switches import FILE_NAME, write
from kiosk.terminal import Terminal
from kiosk.texts import Msg, Plain
from kiosk.words import load_words
from tests.journeys.scripted import ScriptedStage

WORDS = load_words()
TODAY = date(2026, 11, 25)
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
WITHIN_S = 200.0
FEW_SIGNS = {"zh_CN": 8, "en": 18}


def journal_of(path: Path, *done: tuple[str, str, int]) -> Journal:
    """A journal in which items ended so, so many days ago."""
    clock = [NOON]
    journal = Journal(path / "journal.sqlite", lambda: clock[0])
    oldest_first = sorted(done, key=lambda one: -one[2])
    for number, (item, outcome, days) in enumerate(oldest_first):
        clock[0] = NOON - timedelta(days=days)
        visit = f"{number:016x}"
        journal.item_started(visit, item)
        journal.item_ended(visit, item, outcome, 10.0)
    journal.close()  # what happened is written down behind the citizen's back
    return Journal(path / "journal.sqlite", lambda: NOON)


def test_only_items_done_of_late_count(tmp_path: Path) -> None:
    journal = journal_of(
        tmp_path,
        ("own-property", "done", 0),
        ("own-property", "done", 5),
        ("own-property", "exit", 1),
        ("e-invoice-pickup", "done", USE_DAYS + 2),
        ("social-card", "done", USE_DAYS - 1),
    )

    assert uses(journal, TODAY) == {"own-property": 2, "social-card": 1}
    journal.close()


def test_a_journal_that_cannot_be_read_counts_nothing(tmp_path: Path) -> None:
    journal = journal_of(tmp_path, ("own-property", "done", 0))
    journal.close()

    assert uses(journal, TODAY) == {}


async def test_what_is_done_most_comes_first(tmp_path: Path) -> None:
    items = load_catalogue(CONFIG_DIR)
    assert isinstance(items, tuple)
    journal = journal_of(tmp_path, ("own-property", "done", 1))
    finder = Finder(items, WORDS.__getitem__, journal, lambda: NOON, readings)
    assert finder.by_use(items)[0].id == items[0].id

    finder.start()
    async with asyncio.timeout(WITHIN_S):
        while not finder.uses:  # noqa: ASYNC110 - it is asked, not told
            await asyncio.sleep(0.01)
        found = await finder.find("chaxun")

    assert finder.by_use(items)[0].id == "own-property"
    assert found[0] == "own-property"
    assert len(found) > 1
    await finder.close()
    journal.close()


def test_where_nothing_is_counted_each_department_shows_its_first_item() -> None:
    items = load_catalogue(CONFIG_DIR)
    assert isinstance(items, tuple)
    departments = list(dict.fromkeys(item.category for item in items))

    ordered = by_use(items, {})

    assert [item.category for item in ordered[: len(departments)]] == departments
    assert sorted(ordered, key=items.index) == list(items)
    # AND use goes before all that
    used = by_use(items, {items[-1].id: 1})
    assert used[0] is items[-1]
    assert used[1:] == [item for item in ordered if item is not items[-1]]


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_whatever_an_item_misses_has_its_few_words(language: str) -> None:
    items = load_catalogue(CONFIG_DIR)
    assert isinstance(items, tuple)
    said: dict[tuple[str, ...], str] = {}
    for item in items:
        wanted = item.needs.wanted
        for missing in chain.from_iterable(combinations(wanted, n + 1) for n in range(len(wanted))):
            said[missing] = WORDS[language].say(in_few_words(missing))

    # THEN they stand beside a tile's picture, and are each other's only where several are missing
    assert max(map(len, said.values())) <= FEW_SIGNS[language]
    single = [words for missing, words in said.items() if len(missing) == 1]
    assert len(single) == len(set(single)) > 2
    assert set(single).isdisjoint(words for missing, words in said.items() if len(missing) > 1)


async def test_a_running_terminal_follows_the_switch(tmp_path: Path) -> None:
    # GIVEN a running terminal
    stage = ScriptedStage({}, WORDS)
    where = Directories(config=CONFIG_DIR, state=tmp_path)
    terminal = await Terminal.open(stage, WORDS.__getitem__, where, simulated=False)  # type: ignore[arg-type]

    def key() -> str:
        tiles = {tile.item: tile.notice for tile in terminal.reception._home().tiles}
        notice = tiles["own-property"]
        return notice.key if isinstance(notice, Msg) else ""

    async def until(wanted: Callable[[str], bool]) -> None:
        async with asyncio.timeout(WITHIN_S):
            while not wanted(key()):  # noqa: ASYNC110 - it is asked, not told
                await asyncio.sleep(0.02)

    assert key() != "unavailable.closed"

    # WHEN another program closes an item, and opens it again
    write(tmp_path / FILE_NAME, {"own-property": Closed(Plain("系统维护"))})

    # THEN its tile says so without a restart
    await until(lambda now: now == "unavailable.closed")
    write(tmp_path / FILE_NAME, {})
    await until(lambda now: now != "unavailable.closed")
    await terminal.close()
