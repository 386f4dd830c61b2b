"""A terminal with a broken journal: it starts, serves what takes no money, and says why it takes none."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.journal import DAMAGED, UNUSABLE
from kiosk.paths import CONFIG_DIR, Directories
from kiosk.payments.machine import PayState
from kiosk.terminal import Terminal
from kiosk.texts import msg
from kiosk.words import load_words
from tests.journal.made import opened, pay, status
from tests.journal.test_trouble import entry_changed
from tests.journeys.hall import Hall
from tests.journeys.scripted import ScriptedStage

WORDS = load_words()


async def started(state: Path) -> Terminal:
    """A terminal without any device or department, on this state."""
    stage = ScriptedStage({}, WORDS)
    where = Directories(config=CONFIG_DIR, state=state)
    return await Terminal.open(stage, WORDS.__getitem__, where, simulated=False)  # type: ignore[arg-type]


def notices(terminal: Terminal) -> dict[str, object]:
    return {tile.item: tile.notice for tile in terminal.reception._home().tiles}


def row(terminal: Terminal) -> object:
    health = terminal.reception._maintenance._devices["journal"].health()
    return health.fault and health.fault.code


async def test_a_damaged_journal_greys_what_takes_money_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with opened(path) as journal:
        pay(journal, 1)
    entry_changed(path)
    before = path.read_bytes()
    terminal = await started(tmp_path)
    # THEN it has started, and the citizen is told that payments are not taken
    told = notices(terminal)
    assert told["resident-pension-pay"] == msg("unavailable.payments")
    assert msg("unavailable.payments") not in (told["own-property"], told["e-invoice-pickup"])
    # AND the technician which code it is
    assert row(terminal) == DAMAGED
    await terminal.close()
    assert path.read_bytes() == before


async def test_a_whole_one_greys_nothing_and_has_its_row(tmp_path: Path) -> None:
    terminal = await started(tmp_path)
    assert msg("unavailable.payments") not in notices(terminal).values()
    assert row(terminal) is None
    assert terminal.counter.journal.refused == ""
    await terminal.close()


async def test_what_is_unfinished_is_resumed_at_a_start(tmp_path: Path) -> None:
    with opened(tmp_path / "journal.sqlite") as journal:
        pay(journal, 1, PayState.FULFILLING)
    terminal = await started(tmp_path)
    assert list(terminal.counter.desk._payments) == [status(1).order_no]
    await terminal.close()


async def test_a_journal_that_cannot_be_opened_does_not_keep_the_terminal_from_starting(
    tmp_path: Path,
) -> None:
    (tmp_path / "journal.sqlite").mkdir()
    terminal = await started(tmp_path)
    assert notices(terminal)["resident-pension-pay"] == msg("unavailable.payments")
    assert row(terminal) == UNUSABLE
    await terminal.close()
    assert not list((tmp_path / "journal.sqlite").iterdir())


@pytest.mark.looptime
async def test_a_citizen_is_served_while_the_journal_is_damaged(tmp_path: Path) -> None:
    hall = Hall(tmp_path, "own-property")
    hall.journal.found_damaged("entry 1")
    assert await hall.one_visit() == "done"
    assert hall.printer.slips
    await hall.close()
