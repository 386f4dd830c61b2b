"""The journal: durable, ordered, readable meanwhile, and honest about a broken file."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.journal import Journal, JournalBroken
from kiosk.payments.machine import ForbiddenTransition, PayState
from kiosk.payments.order import Order, PaymentStatus
from kiosk.payments.tags import KEY_FILE, PersonTags

ORDER = Order("resident-pension-pay", "social-insurance", "SI1", "T300", 30000, "养老保险", "tag")
STATUS = PaymentStatus("P261124-AAAAAAAA", "P261124-AAAAAAAA-01", 1, PayState.CREATED)

WRITER = """
import sys
from pathlib import Path
from kiosk.journal import Journal
from kiosk.payments.machine import PayState
from kiosk.payments.order import Order, PaymentStatus
journal = Journal(Path(sys.argv[1]))
for n in range(100000):
    number = f"P261124-{n:08d}"
    order = Order("item", "social-insurance", f"B{n}", "T", 100, "s", "t")
    status = PaymentStatus(number, number + "-01", 1, PayState.CREATED)
    journal.begin(order, status)
    print(number, flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


def test_a_step_is_there_after_the_process_is_killed(path: Path) -> None:
    # GIVEN a process that says each order's number once `begin` has returned
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    said = [writer.stdout.readline().strip() for _ in range(40)]
    # WHEN it is killed without warning
    os.kill(writer.pid, signal.SIGKILL)
    said += writer.stdout.read().split()
    writer.wait()
    # THEN everything it said is in the journal
    journal = Journal(path)
    held = {record.status.order_no for record in journal.orders()}
    assert set(said) <= held
    journal.close()


def test_every_commit_is_forced_to_the_disk(path: Path) -> None:
    journal = Journal(path)
    assert journal._db.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL
    assert journal._db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    journal.close()


def test_a_transition_names_from_to_cause_attempt_and_digest(path: Path) -> None:
    journal = Journal(path)
    journal.begin(ORDER, STATUS)
    journal.advance(PayState.CREATED, replace(STATUS, state=PayState.SUBMITTED), "code.scanned")
    journal.advance(
        PayState.SUBMITTED, replace(STATUS, state=PayState.PAID), "submit.success", "ab12"
    )
    steps = journal.history(STATUS.order_no)
    assert [(s.before, s.after, s.cause, s.digest) for s in steps] == [
        (None, PayState.CREATED, "order.opened", ""),
        (PayState.CREATED, PayState.SUBMITTED, "code.scanned", ""),
        (PayState.SUBMITTED, PayState.PAID, "submit.success", "ab12"),
    ]
    assert [s.seq for s in steps] == sorted(s.seq for s in steps)
    journal.close()


def test_a_forbidden_transition_is_refused_and_not_written(path: Path) -> None:
    journal = Journal(path)
    journal.begin(ORDER, STATUS)
    with pytest.raises(ForbiddenTransition):
        journal.advance(PayState.CREATED, replace(STATUS, state=PayState.FULFILLED), "no")
    assert len(journal.history(STATUS.order_no)) == 1
    journal.close()


def test_a_bill_has_one_live_order_across_processes(path: Path) -> None:
    one, other = Journal(path), Journal(path)
    assert one.begin(ORDER, STATUS)
    second = replace(STATUS, order_no="P261124-BBBBBBBB", out_trade_no="P261124-BBBBBBBB-01")
    assert not other.begin(ORDER, second)
    one.close()
    other.close()


def test_another_process_reads_while_the_terminal_writes(path: Path) -> None:
    journal = Journal(path)
    journal.begin(ORDER, STATUS)
    script = (
        "import sys; from pathlib import Path; from kiosk.journal import Journal;"
        "j = Journal(Path(sys.argv[1]), read_only=True);"
        "print([r.status.order_no for r in j.unfinished()])"
    )
    said = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    ).stdout
    assert STATUS.order_no in said
    journal.close()


def test_reading_changes_nothing(path: Path) -> None:
    journal = Journal(path)
    journal.begin(ORDER, STATUS)
    journal.close()
    reader = Journal(path, read_only=True)
    with pytest.raises(JournalBroken):
        reader.advance(PayState.CREATED, replace(STATUS, state=PayState.SUBMITTED), "x")
    reader.close()


def test_a_file_that_is_no_journal_is_said_to_be_broken(path: Path) -> None:
    path.write_bytes(b"this is no database at all, just some words" * 40)
    with pytest.raises(JournalBroken):
        Journal(path)
    assert path.read_bytes().startswith(b"this is no database")


def test_a_journal_of_another_version_is_not_touched(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(JournalBroken, match="version 99"):
        Journal(path)


def test_visits_are_noted_in_order_with_their_seconds(path: Path) -> None:
    journal = Journal(path)
    journal.visit_started()
    journal.item_started("0123456789abcdef", "own-property")
    journal.rated("0123456789abcdef", "own-property", "very_good")
    journal.item_ended("0123456789abcdef", "own-property", "done", 61.2345)
    journal.visit_ended("done")
    noted = journal.happenings()
    assert [n.kind for n in noted] == [
        "visit_started",
        "item_started",
        "rated",
        "item_ended",
        "visit_ended",
    ]
    assert noted[3].seconds == 61.234 or noted[3].seconds == 61.235
    journal.close()


def test_the_cli_shows_an_order_and_what_is_unfinished(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    journal.begin(ORDER, STATUS)
    journal.close()
    kiosk = [sys.executable, "-c", "from kiosk.cli import main; main()", "journal"]
    where = ["--state", str(tmp_path), "--json"]
    shown = subprocess.run(
        [*kiosk, "show", STATUS.order_no, *where], capture_output=True, text=True, check=True
    )
    assert json.loads(shown.stdout)["history"][0]["after"] == "created"
    listed = subprocess.run(
        [*kiosk, "unfinished", *where], capture_output=True, text=True, check=True
    )
    assert [row["order"] for row in json.loads(listed.stdout)] == [STATUS.order_no]
    nobody = subprocess.run([*kiosk, "show", "P000", *where], capture_output=True, text=True)
    assert nobody.returncode == 1
    assert "no order P000" in nobody.stderr


def test_a_tag_joins_one_day_and_no_longer(tmp_path: Path) -> None:
    from datetime import date

    tags = PersonTags(tmp_path)
    number = "371083196304120427"
    today, tomorrow = date(2026, 11, 24), date(2026, 11, 25)
    assert tags.tag(number, today) == PersonTags(tmp_path).tag(number, today)
    assert tags.tag(number, today) != tags.tag(number, tomorrow)
    assert number not in tags.tag(number, today) + repr(tags)
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_another_terminal_gives_another_tag(tmp_path: Path) -> None:
    from datetime import date

    day = date(2026, 11, 24)
    one, other = PersonTags(tmp_path / "a"), PersonTags(tmp_path / "b")
    assert one.tag("371083196304120427", day) != other.tag("371083196304120427", day)
