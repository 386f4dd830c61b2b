"""Power loss: whatever a disk kept of the writes under way, what was acknowledged is in the journal.

Acknowledged is what a method has returned from. At each of those moments the files are recorded; then
copies are made as a power cut could have left them, and opened.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from kiosk.journal import Journal
from kiosk.journal.verification import flaws_of
from kiosk.payments.machine import PayState
from tests.journal.made import order, status, steps

FRAME_HEADER = 24
WAL_HEADER = 32
PAGE = 4096
FRAME = FRAME_HEADER + PAGE
"""SQLite, "Database File Format", section 4: The Write-Ahead Log."""

SECTOR = 512

Held = dict[str, str]
"""Each order's state."""


@dataclass(frozen=True)
class Moment:
    """The files when a method had returned, and what was acknowledged by then."""

    db: bytes
    wal: bytes
    held: Held
    steps: int


class Recorder:
    """A journal that is written step by step, its files recorded after each."""

    def __init__(self, path: Path, checkpoint_pages: int) -> None:
        self.path = path
        self.journal = Journal(path)
        self.journal._db.execute(f"PRAGMA wal_autocheckpoint = {checkpoint_pages}")
        self.moments: list[Moment] = []
        self._held: Held = {}
        self._steps = 0

    def pay(self, n: int, until: PayState) -> None:
        number = status(n).order_no
        assert self.journal.begin(order(n), status(n))
        self._acknowledged(number, PayState.CREATED)
        for before, after in steps(n, until):
            self.journal.advance(before, after, "made")
            self._acknowledged(number, after.state)

    def _acknowledged(self, number: str, state: PayState) -> None:
        self._held[number] = state.value
        self._steps += 1
        wal = self.path.with_name(f"{self.path.name}-wal")
        self.moments.append(
            Moment(self.path.read_bytes(), wal.read_bytes(), dict(self._held), self._steps)
        )


def recorded(path: Path, payments: int, checkpoint_pages: int = 1000) -> list[Moment]:
    recorder = Recorder(path, checkpoint_pages)
    for n in range(payments):
        recorder.pay(n, PayState.FULFILLED if n % 2 else PayState.PAID)
    recorder.journal.close()
    return recorder.moments


class Disk:
    """Puts files where a journal finds them after the power is back."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        self.path = directory / "journal.sqlite"
        self._wal = directory / "journal.sqlite-wal"
        self._shm = directory / "journal.sqlite-shm"

    def holds(self, db: bytes, wal: bytes, least: Moment) -> int:
        """Start on these files: everything that `least` acknowledged must be there. Steps found."""
        self._shm.unlink(missing_ok=True)
        self.path.write_bytes(db)
        self._wal.write_bytes(wal)
        journal = Journal.at_start(self.path)
        try:
            assert journal.refused == ""
            found = {r.status.order_no: r.status.state.value for r in journal.orders()}
            written = len(journal.entries("kind = 'step'"))
        finally:
            journal.close()
        assert written >= least.steps
        for number, state in least.held.items():
            assert number in found
            if written == least.steps:
                assert found[number] == state
        return written


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "after")


def frames(wal: bytes) -> Iterator[int]:
    """Where each frame of a log begins."""
    yield from range(WAL_HEADER, len(wal), FRAME)


def test_a_log_cut_at_every_frame_holds_all_that_was_acknowledged(path: Path, disk: Disk) -> None:
    # GIVEN a journal whose log was never checkpointed, so that it grows with every step
    moments = recorded(path, payments=6)
    last = moments[-1]
    sizes = [len(moment.wal) for moment in moments]
    assert sizes == sorted(sizes)
    seen = set()
    # WHEN it is cut at each frame's beginning and end
    for cut in [*frames(last.wal), len(last.wal)]:
        least = max((m for m in moments if len(m.wal) <= cut), key=lambda m: m.steps, default=None)
        if least is not None:
            # THEN the steps acknowledged by then are there, and no half one
            seen.add(disk.holds(moments[0].db, last.wal[:cut], least))
    assert seen == set(range(1, len(moments) + 1))


def test_a_log_cut_at_every_byte_of_the_last_step_holds_what_was_before(
    path: Path, disk: Disk
) -> None:
    moments = recorded(path, payments=2)
    before, last = moments[-2], moments[-1]
    step = range(len(before.wal), len(last.wal))
    assert len(step) >= FRAME
    # every byte of the headers, where the checksums are, and every 16th of the pages, odd ones too
    for cut in step:
        if (cut - WAL_HEADER) % FRAME < FRAME_HEADER or cut % 61 == 0 or cut > len(last.wal) - 8:
            assert disk.holds(moments[0].db, last.wal[:cut], before) == before.steps
    assert disk.holds(moments[0].db, last.wal, last) == last.steps


@pytest.mark.parametrize("seed", range(3))
def test_sectors_of_the_last_step_written_in_any_order_hold_what_was_before(
    path: Path, disk: Disk, seed: int
) -> None:
    # GIVEN a disk that writes the sectors of a step as it likes, and the power goes
    moments = recorded(path, payments=3)
    chance = random.Random(seed)
    for before, after in pairwise(moments[3:]):
        wal = bytearray(after.wal)
        new = range(len(before.wal), len(after.wal), SECTOR)
        lost = chance.sample(new, chance.randint(1, len(new)))
        for at in lost:
            wal[at : at + SECTOR] = chance.randbytes(len(wal[at : at + SECTOR]))
        # THEN the step is there or not, and everything before it is
        assert disk.holds(moments[0].db, bytes(wal), before) == before.steps


def test_pages_torn_during_a_checkpoint_are_made_whole_from_the_log(path: Path, disk: Disk) -> None:
    # GIVEN a log of which a checkpoint is copying pages into the file
    moments = recorded(path, payments=6)
    last = moments[-1]
    pages: dict[int, bytes] = {}
    for at in frames(last.wal):
        (number,) = struct.unpack(">I", last.wal[at : at + 4])
        pages[number] = last.wal[at + FRAME_HEADER : at + FRAME]
    assert len(pages) > 5
    base = last.db.ljust(max(pages) * PAGE, b"\0")
    for number, content in pages.items():
        for written in (1, SECTOR, PAGE // 2, PAGE - 1):
            # WHEN the power goes in the middle of one page, others being copied already
            db = bytearray(base)
            for other in pages:
                if other < number:
                    db[(other - 1) * PAGE : other * PAGE] = pages[other]
            start = (number - 1) * PAGE
            db[start : start + written] = content[:written]
            # THEN nothing is lost
            assert disk.holds(bytes(db), last.wal, last) == last.steps


def test_a_log_that_begins_anew_after_a_checkpoint_holds_all(path: Path, disk: Disk) -> None:
    # GIVEN a journal that is checkpointed every few pages, so that its log is overwritten again and again
    moments = recorded(path, payments=8, checkpoint_pages=6)
    overwritten = 0
    for before, after in pairwise(moments):
        same = before.wal[:WAL_HEADER] == after.wal[:WAL_HEADER]
        overwritten += not same
        start = len(before.wal) if same else 0
        cuts = sorted(
            {start, start + 1, start + WAL_HEADER, *range(start, len(after.wal), FRAME // 2)}
        )
        for cut in (c for c in cuts if c <= len(after.wal)):
            # WHEN the power goes after `cut` bytes of the next step went over the old log
            wal = after.wal[:cut] + before.wal[cut:]
            # THEN what was acknowledged before is there: the file had it before the log began anew
            disk.holds(before.db, wal, before)
    assert overwritten >= 5


def test_after_each_cut_the_whole_journal_verifies(path: Path, disk: Disk) -> None:
    moments = recorded(path, payments=4)
    for moment in moments[::3]:
        disk.holds(moments[0].db, moment.wal, moment)
        assert flaws_of(disk.path) == ()
