"""The journal's speed: a step against a bare commit, and questions to a journal of many years."""

from __future__ import annotations

import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from kiosk.journal import Journal, file, projection
from kiosk.journal.records import Kind
from kiosk.journal.transaction import transaction
from kiosk.journal.verification import flaws_of
from kiosk.payments.machine import PayState
from kiosk.payments.order import Order, PaymentStatus
from tests.bench.figure import Figure

TRANSACTIONS = 400
ORDERS = 50_000
UNFINISHED_EVERY = 5_000
ASKED = 200
ROUNDS = 7

ROOT = Path(__file__).resolve().parents[2]
KIOSK = str(Path(sys.executable).with_name("kiosk"))

WAY = (
    PayState.CREATED, PayState.SUBMITTED, PayState.PAID, PayState.FULFILLING, PayState.FULFILLED,
    PayState.PRINTED,
)  # fmt: skip


def journal() -> Iterator[Figure]:
    """All figures of the journal, on the disk that holds the project."""
    with tempfile.TemporaryDirectory(dir=ROOT) as directory:
        yield _step(Path(directory))
        path = Path(directory) / "journal.sqlite"
        _fill(path)
        yield from _questions(path)
        yield from _commands(path)
        begun = time.perf_counter()
        if flaws := flaws_of(path):
            raise RuntimeError(f"the journal does not verify: {flaws[0]}")
        took = time.perf_counter() - begun
        size = path.stat().st_size / 2**20
        yield Figure(
            f"verify a journal of {ORDERS} orders", took, "s", None,
            f"{ORDERS * len(WAY)} entries, {size:.0f} MiB",
        )  # fmt: skip


def _order(n: int) -> tuple[Order, PaymentStatus]:
    order = Order(
        "resident-pension-pay", "social-insurance", f"B{n}", "T300", 30000, "pension", f"{n:016x}"
    )
    number = f"P261124-{n:08d}"
    return order, PaymentStatus(number, f"{number}-01", 1, PayState.CREATED)


# --- a step ------------------------------------------------------------------------------------------


def _step(directory: Path) -> Figure:
    """A payment's step, chained and projected, against a bare SQLite commit of one row, alternating."""
    bare = sqlite3.connect(directory / "bare.sqlite", isolation_level=None)
    bare.execute("PRAGMA journal_mode = WAL")
    bare.execute("PRAGMA synchronous = FULL")
    bare.execute("CREATE TABLE steps (seq INTEGER PRIMARY KEY, text TEXT) STRICT")
    ours: list[float] = []
    theirs: list[float] = []
    journal = Journal(directory / "steps.sqlite")
    for n in range(TRANSACTIONS):
        order, status = _order(n)
        journal.begin(order, status)
        _bare_commit(bare)  # each file was written just before
        after = replace(status, state=PayState.SUBMITTED)
        steps: list[tuple[list[float], Callable[[], None]]] = [
            (ours, partial(journal.advance, PayState.CREATED, after, "bench")),
            (theirs, partial(_bare_commit, bare)),
        ]
        for times, step in steps if n % 2 else reversed(steps):
            begun = time.perf_counter()
            step()
            times.append(time.perf_counter() - begun)
    journal.close()
    bare.close()
    own_s, bare_s = statistics.median(ours), statistics.median(theirs)
    return Figure(
        "journal step, against a bare FULL commit", own_s / bare_s, "x", 1.3,
        f"{own_s * 1e6:.0f} us / {bare_s * 1e6:.0f} us, median of {TRANSACTIONS}",
    )  # fmt: skip


def _bare_commit(db: sqlite3.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO steps (text) VALUES (?)", ("P-1 created submitted bench",))
    db.execute("COMMIT")


# --- many orders -------------------------------------------------------------------------------------


def _fill(path: Path) -> None:
    """Orders by the ten thousand, with all their steps, in one transaction; a few are unfinished."""
    with closing(file.open_for_writing(path)) as db, transaction(db):
        for n in range(ORDERS):
            order, status = _order(n)
            way = WAY[:3] if n % UNFINISHED_EVERY == 0 else WAY
            before = None
            for state in way:
                facts = projection.status_facts(replace(status, state=state))
                facts |= {"before": before, "cause": "bench", "digest": "ab" * 32}
                if before is None:
                    facts |= projection.order_facts(order)
                seq = file.append(
                    db, "2026-11-24T01:00:00.000+00:00", Kind.STEP, facts, status.order_no
                )
                if before is None:
                    projection.insert(db, seq, status.order_no, facts)
                before = state.value
            projection.update(db, status.order_no, facts)


def _questions(path: Path) -> Iterator[Figure]:
    opened = [_timed(lambda: Journal(path).close()) for _ in range(ROUNDS)]
    yield Figure(
        f"open a journal of {ORDERS} orders", statistics.median(opened) * 1000, "ms", 200,
        f"orders' pages and the chain's tail; worst of {ROUNDS}: {max(opened) * 1000:.0f} ms",
    )  # fmt: skip
    journal = Journal(path, read_only=True)
    numbers = [_order(n)[1].order_no for n in range(0, ORDERS, ORDERS // ASKED)]
    shown = [_timed(partial(_show, journal, number)) for number in numbers]
    listed = [_timed(journal.unfinished) for _ in range(ASKED)]
    journal.close()
    for name, times in (("show", shown), ("unfinished", listed)):
        yield Figure(
            f"{name} among {ORDERS} orders", max(times) * 1000, "ms", 50,
            f"worst of {len(times)}; median {statistics.median(times) * 1000:.2f} ms",
        )  # fmt: skip


def _show(journal: Journal, number: str) -> None:
    if journal.order(number) is None or not journal.history(number) or journal.notes(number):
        raise RuntimeError(f"{number} is not as it was written")


def _commands(path: Path) -> Iterator[Figure]:
    """The same as a person gets it: the whole command, most of it the start of the program."""
    number = _order(ORDERS // 2 + 1)[1].order_no
    for words in (("show", number), ("unfinished",)):
        command = [KIOSK, "journal", *words, "--state", str(path.parent), "--json"]
        times = [_timed(partial(_run, command)) for _ in range(ROUNDS)]
        yield Figure(
            f"kiosk journal {words[0]}, the whole command", statistics.median(times) * 1000, "ms",
            None, f"median of {ROUNDS}",
        )  # fmt: skip


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
