"""`kiosk journal`: what it prints for people and for programs, what it refuses, how it ends."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result
from wcwidth import wcswidth

from kiosk.backends.gateway import Channel
from kiosk.cli.commands import app
from kiosk.cli.journal_books import SLIP_COLUMNS
from kiosk.cli.journal_words import CHANNELS, MONEY, ON_PAPER
from kiosk.config import Config, load
from kiosk.journal import Journal, renewal
from kiosk.journal.verification import flaws_of
from kiosk.paths import CONFIG_DIR
from kiosk.payments.machine import LIVE, PayState
from tests.journal.made import Clock, opened, order, pay, status, steps, tampering
from tests.journal.test_reconciliation import row, statement

LOST = status(9).order_no


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A terminal's state: two paid orders, one refunded, one unresolved, three visits."""
    with opened(tmp_path / "journal.sqlite", Clock()) as journal:
        pay(journal, 1)
        pay(journal, 2, PayState.FULFILLED)
        pay(journal, 3, PayState.FULFILLING)
        refund(journal, 3)
        lose(journal, 9)
        visits(journal)
    return tmp_path


def refund(journal: Journal, n: int) -> None:
    at = journal.order(status(n).order_no)
    assert at is not None
    for before, after in (
        (PayState.FULFILLING, PayState.REFUNDING),
        (PayState.REFUNDING, PayState.REFUNDED),
    ):
        journal.advance(before, replace(at.status, state=after), "made")


def lose(journal: Journal, n: int) -> None:
    """A payment of which nobody knows whether it was taken."""
    way = (
        PayState.CREATED, PayState.SUBMITTED, PayState.UNKNOWN, PayState.REVERSING, PayState.UNRESOLVED,
    )  # fmt: skip
    assert journal.begin(order(n), status(n))
    for before, after in pairwise(way):
        journal.advance(before, status(n, after), "made")


def visits(journal: Journal) -> None:
    for n, (outcome, seconds, rating) in enumerate(
        (("done", 40.0, "very_good"), ("done", 1200.0, ""), ("idle", 61.0, ""))
    ):
        journal.visit_started()
        journal.item_started(f"{n:016x}", "own-property")
        if rating:
            journal.rated(f"{n:016x}", "own-property", rating)
        journal.item_ended(f"{n:016x}", "own-property", outcome, seconds)
        journal.visit_ended(outcome)
    journal.item_started("f" * 16, "e-invoice-pickup")
    journal.happenings()


def kiosk(state: Path, *words: str, typed: str | bytes | None = None) -> Result:
    command = ["journal", *words, "--state", str(state)]
    return CliRunner().invoke(app, command, input=typed, prog_name="kiosk")


def test_show_tells_each_step_with_who_took_it_and_what_was_noted(state: Path) -> None:
    kiosk(state, "note", LOST, "gateway asked by telephone", "--by", "li na")
    kiosk(state, "resolve", LOST, "--to", "reversed", "--by", "li na", "--why", "bill of 11-24")
    shown = kiosk(state, "show", LOST)
    assert shown.exit_code == 0
    last = next(line for line in shown.output.splitlines() if "operator.resolved" in line)
    assert last.split()[4:] == [
        "unresolved", "reversed", "operator.resolved", "li", "na", "bill", "of", "11-24",
    ]  # fmt: skip
    assert "li na: gateway asked by telephone" in shown.output
    document = json.loads(kiosk(state, "show", LOST, "--json").output)
    assert document["state"] == "reversed"
    assert document["history"][-1]["operator"] == "li na"
    assert document["notes"][0]["text"] == "gateway asked by telephone"


def test_show_of_no_order_ends_with_1(state: Path) -> None:
    result = kiosk(state, "show", "P000000-XXXXXXXX")
    assert result.exit_code == 1
    assert "no order P000000-XXXXXXXX" in result.output


def test_unfinished_lists_what_is_open_and_nothing_else(state: Path) -> None:
    assert [r["order"] for r in json.loads(kiosk(state, "unfinished", "--json").output)] == [LOST]
    assert LOST in kiosk(state, "unfinished").output


# --- operators ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["reversed", "refunded", "paid"])
def test_an_operator_resolves_what_is_unresolved_while_the_terminal_runs(
    state: Path, to: str
) -> None:
    with opened(state / "journal.sqlite") as running:
        done = kiosk(
            state, "resolve", LOST, "--to", to, "--by", "wang", "--why", "the bill says so"
        )
        assert (done.exit_code, done.output) == (0, f"{LOST}: unresolved -> {to}\n")
        # THEN the running terminal reads it, and can go on from there
        record = running.order(LOST)
        assert record is not None
        assert record.status.state.value == to
        pay(running, 20)
    assert flaws_of(state / "journal.sqlite") == ()


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("resolve", status(1).order_no, "--to", "paid", "--by", "li", "--why", "x"), 1, "is printed"),
        (("note", status(1).order_no, "words", "--by", "li"), 1, "unresolved alone"),
        (("resolve", "P0-X", "--to", "paid", "--by", "li", "--why", "x"), 1, "no order P0-X"),
        (("note", "P0-X", "words", "--by", "li"), 1, "no order P0-X"),
        (("resolve", LOST, "--to", "closed", "--by", "li", "--why", "x"), 2, "paid, refunded, reversed"),
        (("resolve", LOST, "--to", "paid", "--by", "", "--why", "x"), 2, "a name"),
        (("resolve", LOST, "--to", "paid", "--by", "li", "--why", " "), 2, "1-200"),
        (("note", LOST, "371083196304120427 was here", "--by", "li"), 2, "ID number"),
        (("note", LOST, "call 13812345678", "--by", "li"), 2, "mobile"),
        (("note", LOST, "two\nlines", "--by", "li"), 2, "one line"),
        (("resolve", LOST, "--to", "paid", "--by", "li"), 2, "--why"),
    ],
)  # fmt: skip
def test_what_an_operator_may_not_do_is_refused_and_changes_nothing(
    state: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    with opened(state / "journal.sqlite") as journal:
        before = journal.head()
    result = kiosk(state, *words)
    assert result.exit_code == code
    assert told in result.output
    with opened(state / "journal.sqlite") as journal:
        assert journal.head() == before


def test_what_was_resolved_once_is_not_resolved_again(state: Path) -> None:
    words = ("resolve", LOST, "--by", "li", "--why", "the bill", "--to")
    assert kiosk(state, *words, "reversed").exit_code == 0
    again = kiosk(state, *words, "paid")
    assert again.exit_code == 1
    assert "is reversed" in again.output


def test_what_was_paid_and_is_owed_back_is_never_booked_again(state: Path) -> None:
    # GIVEN a refund of which nobody knows whether it was carried out
    with opened(state / "journal.sqlite") as journal:
        number = pay(journal, 60, PayState.FULFILLING)
        record = journal.order(number)
        assert record is not None
        for before, after in (
            (PayState.FULFILLING, PayState.REFUNDING),
            (PayState.REFUNDING, PayState.UNRESOLVED),
        ):
            journal.advance(before, replace(record.status, state=after), "made")
    words = ("resolve", number, "--by", "li", "--why", "the bill", "--to")
    booked = kiosk(state, *words, "paid")
    assert booked.exit_code == 1
    assert "owed back" in booked.output
    assert kiosk(state, *words, "refunded").exit_code == 0


# --- verify and export -------------------------------------------------------------------------------


def test_verify_says_how_much_is_whole_or_what_is_not(state: Path) -> None:
    whole = kiosk(state, "verify")
    assert whole.exit_code == 0
    assert "is whole: " in whole.output
    told = json.loads(kiosk(state, "verify", "--json").output)
    assert (told["whole"], told["flaws"], len(told["head"])) == (True, [], 64)
    with tampering(state / "journal.sqlite") as db:
        db.execute("UPDATE log SET body = replace(body, '30000', '3') WHERE seq = 1")
    flawed = kiosk(state, "verify")
    assert flawed.exit_code == 1
    assert "entry 1: its content is not what was written" in flawed.output
    assert json.loads(kiosk(state, "verify", "--json").output)["flaws"][0]["entry"] == 1


def test_verify_can_make_the_orders_again(state: Path) -> None:
    with tampering(state / "journal.sqlite") as db:
        db.execute("DELETE FROM orders")
    assert kiosk(state, "verify").exit_code == 1
    assert kiosk(state, "verify", "--rebuild").exit_code == 0
    with opened(state / "journal.sqlite") as journal:
        assert len(journal.orders()) == 4


def test_a_file_that_is_no_journal_is_told(state: Path) -> None:
    (state / "journal.sqlite").write_bytes(b"no database, just some words" * 100)
    for words in (("show", LOST), ("unfinished",), ("report", "--day", "today"), ("export",)):
        result = kiosk(state, *words)
        assert result.exit_code == 1
        assert "journal.damaged" in result.output
    verified = kiosk(state, "verify", "--json")
    assert verified.exit_code == 1
    assert json.loads(verified.output)["whole"] is False


def test_export_gives_every_entry_so_that_a_program_can_check_the_chain(state: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(kiosk(state, "export").output)))
    lines = [json.loads(line) for line in kiosk(state, "export", "--json").output.splitlines()]
    assert len(rows) == len(lines) > 30
    previous = bytes(32)
    for one, line in zip(rows, lines, strict=True):
        content = f"{one['seq']}\n{one['at']}\n{one['kind']}\n{one['order']}\n{one['content']}"
        previous = hashlib.sha256(previous + content.encode()).digest()
        assert one["hash"] == line["hash"] == previous.hex()
    none = kiosk(state, "export", "--since", "2026-11-25")
    assert none.output.strip() == "seq,at,kind,order,content,hash"


# --- reconcile ---------------------------------------------------------------------------------------


def trade(n: int) -> str:
    return f"{status(n).order_no}-01"


def whole_day() -> list[str]:
    return [
        row(number=trade(1)), row(number=trade(2)), row(number=trade(3)), row("refund", trade(3)),
        row(number="P261124-99999999-01", terminal="rushan-08"),
    ]  # fmt: skip


def test_reconcile_prints_every_difference_and_ends_with_1(state: Path, tmp_path: Path) -> None:
    # GIVEN the gateway's day, with one payment of ours missing and one that we do not know
    file = tmp_path / "bill.csv"
    file.write_bytes(statement(*whole_day()[1:], row(number="P261124-77777777-01")))
    result = kiosk(state, "reconcile", str(file), "--json")
    told = json.loads(result.output)
    assert result.exit_code == 1
    assert [(d["what"], d["out_trade_no"]) for d in told["differences"]] == [
        ("ours_not_theirs", trade(1)),
        ("state", trade(9)),
        ("theirs_not_ours", "P261124-77777777-01"),
    ]
    assert (told["matched"], told["elsewhere"]) == (2, 1)
    people = kiosk(state, "reconcile", str(file))
    assert people.exit_code == 1
    assert people.output.startswith("2026-11-24: 3 differences, 2 orders agree, 1 rows of other")
    assert "no row for a payment" in people.output


def test_reconcile_ends_with_0_once_everything_agrees_and_reads_stdin(state: Path) -> None:
    kiosk(state, "resolve", LOST, "--to", "reversed", "--by", "li", "--why", "the bill")
    result = kiosk(state, "reconcile", "-", typed=statement(*whole_day()))
    assert (result.exit_code, result.output) == (
        0,
        "2026-11-24: 0 differences, 3 orders agree, 1 rows of other terminals\n",
    )


def test_reconcile_refuses_a_bad_file_with_its_line(state: Path, tmp_path: Path) -> None:
    file = tmp_path / "bill.csv"
    file.write_bytes(statement(*whole_day())[:-40])
    result = kiosk(state, "reconcile", str(file))
    assert result.exit_code == 1
    assert f"{file}:6: the last line is not the total: the file was cut short" in result.output
    other = kiosk(state, "reconcile", "-", "--day", "2026-11-25", typed=statement(*whole_day()))
    assert other.exit_code == 1
    assert "-:2: of 2026-11-24, in the statement of 2026-11-25" in other.output
    assert kiosk(state, "reconcile", str(tmp_path / "none.csv")).exit_code == 1
    assert kiosk(state, "reconcile", "-", "--day", "yesterday").exit_code == 2


# --- report ------------------------------------------------------------------------------------------


def test_a_month_tells_items_durations_outcomes_ratings_and_money(state: Path) -> None:
    told = json.loads(kiosk(state, "report", "--month", "2026-11", "--json").output)
    assert (told["first_day"], told["last_day"]) == ("2026-11-01", "2026-11-30")
    invoices, property_ = told["items"]
    assert (invoices["started"], invoices["outcomes"]) == (1, {"terminal.stopped": 1})
    assert property_ == {
        "item": "own-property", "started": 3, "outcomes": {"done": 2, "idle": 1}, "median_s": 620.0,
        "longest_s": 1200.0, "late": 1, "ratings": {"very_good": 1},
    }  # fmt: skip
    assert [p["seconds"] for p in told["performances"]] == [40.0, 1200.0, 61.0, None]
    assert told["performances"][0]["rating"] == "very_good"
    (money,) = told["money"]
    assert (money["payments"], money["payments_fen"]) == (3, 90000)
    assert (money["returns"], money["returns_fen"], money["net_fen"]) == (1, 30000, 60000)
    assert (told["payments_fen"], told["returns_fen"], told["net_fen"]) == (90000, 30000, 60000)
    assert told["open"] == [{"order": LOST, "state": "unresolved", "amount_fen": 30000}]


def test_a_day_is_china_s(state: Path) -> None:
    def payments(day: str) -> int:
        return int(json.loads(kiosk(state, "report", "--day", day, "--json").output)["payments"])

    with opened(state / "journal.sqlite", Clock(Clock().at.replace(hour=16))) as journal:
        pay(journal, 30)  # midnight of the 25th in China
    assert (payments("2026-11-24"), payments("2026-11-25"), payments("2026-11-26")) == (3, 1, 0)


def test_the_cash_desks_slip_fits_its_paper_and_has_no_name(state: Path) -> None:
    slip = kiosk(state, "report", "--day", "2026-11-24", "--slip")
    assert slip.exit_code == 0
    assert max(wcswidth(line) for line in slip.output.splitlines()) <= SLIP_COLUMNS
    assert "合计" in slip.output
    assert "¥600.00" in slip.output
    assert LOST in slip.output
    assert "未办结：待人工核实" in slip.output
    assert "养老保险" not in slip.output


def test_figures_go_into_a_spreadsheet(state: Path) -> None:
    day = list(
        csv.DictReader(io.StringIO(kiosk(state, "report", "--day", "2026-11-24", "--csv").output))
    )
    assert [r["item"] for r in day] == ["resident-pension-pay", "total"]
    assert day[-1]["net_fen"] == "60000"
    month = kiosk(state, "report", "--month", "2026-11", "--csv").output
    assert len(list(csv.DictReader(io.StringIO(month)))) == 4


def test_people_read_the_same_figures(state: Path) -> None:
    shown = kiosk(state, "report", "--month", "2026-11").output
    assert "2026-11-01 to 2026-11-30" in shown
    assert "done=2 idle=1" in shown
    assert "very_good=1" in shown
    assert f"{LOST}" in shown


@pytest.mark.parametrize(
    "words",
    [
        (), ("--month", "2026-13"), ("--month", "November"), ("--day", "24.11."),
        ("--month", "2026-11", "--day", "2026-11-24"), ("--day", "today", "--csv", "--slip"),
    ],
)  # fmt: skip
def test_a_wrong_command_line_ends_with_2(state: Path, words: tuple[str, ...]) -> None:
    assert kiosk(state, "report", *words).exit_code == 2


def test_today_is_a_day(state: Path) -> None:
    told = json.loads(kiosk(state, "report", "--day", "today", "--json").output)
    assert abs((date.fromisoformat(told["first_day"]) - date.today()).days) <= 1


# --- renew -------------------------------------------------------------------------------------------


def test_a_damaged_journal_is_put_away_and_its_unfinished_payments_go_on(state: Path) -> None:
    path = state / "journal.sqlite"
    # GIVEN a damaged journal
    with tampering(path) as db:
        db.execute("UPDATE log SET body = replace(body, '30000', '3') WHERE seq = 1")
    damaged = path.read_bytes()
    assert Journal.at_start(path).refused == "journal.damaged"
    # WHEN the technician renews it
    done = kiosk(state, "renew", "--by", "zhao", "--why", "the disk was replaced")
    assert done.exit_code == 0
    assert f"carried over, unfinished: {LOST}" in done.output
    # THEN the old one is kept byte for byte
    (evidence,) = state.glob("journal-damaged-*.sqlite")
    assert evidence.read_bytes() == damaged
    # AND the new one holds what was unfinished, with its whole history, and takes payments
    journal = Journal.at_start(path)
    assert journal.refused == ""
    assert [r.status.order_no for r in journal.unfinished()] == [LOST]
    assert [s.after.value for s in journal.history(LOST)] == [
        "created", "submitted", "unknown", "reversing", "unresolved",
    ]  # fmt: skip
    (entry,) = journal.entries("kind = 'carried'")
    assert entry.facts()["text"] == "the disk was replaced"
    pay(journal, 40)
    journal.close()
    assert flaws_of(path) == ()


def test_what_does_not_prove_itself_is_not_carried_over_but_named(state: Path) -> None:
    path = state / "journal.sqlite"
    with tampering(path) as db:
        db.execute(
            "UPDATE log SET body = replace(body, '30000', '3')"
            f" WHERE order_no = '{LOST}' AND body LIKE '%order.opened%'"
        )
    done = kiosk(state, "renew", "--by", "zhao", "--why", "tampered with")
    assert f"NOT carried over, not what was written: {LOST}" in done.output
    with opened(path) as journal:
        assert journal.unfinished() == ()


def test_a_renewal_cut_off_half_way_is_finished_by_the_next(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = state / "journal.sqlite"
    with tampering(path) as db:
        db.execute("UPDATE log SET body = replace(body, '30000', '3') WHERE seq = 1")
    # GIVEN a power cut before the new file takes its place
    with monkeypatch.context() as cut:
        cut.setattr(renewal, "_take_place", lambda path, waiting: None)
        assert kiosk(state, "renew", "--by", "zhao", "--why", "disk").exit_code == 0
    # THEN a terminal takes no payment
    journal = Journal.at_start(path)
    assert journal.refused == "journal.damaged"
    journal.close()
    # WHEN it is asked for again
    assert kiosk(state, "renew", "--by", "zhao", "--why", "disk").exit_code == 0
    # THEN it is done, with one piece of evidence
    with opened(path) as renewed:
        assert [r.status.order_no for r in renewed.unfinished()] == [LOST]
    assert len(list(state.glob("journal-damaged-*.sqlite"))) == 1


def test_a_whole_journal_is_not_renewed(state: Path) -> None:
    result = kiosk(state, "renew", "--by", "zhao", "--why", "to be sure")
    assert result.exit_code == 1
    assert "is whole" in result.output
    assert not list(state.glob("journal-damaged-*"))


def test_the_log_beside_a_damaged_file_is_evidence_and_not_the_new_ones(
    state: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    # GIVEN a terminal that was killed: the damage is in the log beside its file alone
    killed = tmp_path_factory.mktemp("killed")
    with opened(state / "journal.sqlite") as journal:
        pay(journal, 50)
        with tampering(state / "journal.sqlite") as db:
            db.execute("UPDATE log SET body = replace(body, '30000', '3') WHERE seq = 1")
        for name in ("journal.sqlite", "journal.sqlite-wal"):
            (killed / name).write_bytes((state / name).read_bytes())
    log = (killed / "journal.sqlite-wal").read_bytes()
    assert log
    # WHEN it is renewed
    assert kiosk(killed, "renew", "--by", "zhao", "--why", "killed and damaged").exit_code == 0
    # THEN the log is kept with the evidence, and the new journal knows nothing of it
    (evidence,) = killed.glob("journal-damaged-*-wal")
    assert evidence.read_bytes() == log
    assert flaws_of(killed / "journal.sqlite") == ()
    with opened(killed / "journal.sqlite") as renewed:
        assert [r.status.order_no for r in renewed.orders()] == [LOST]


def test_the_orders_are_not_made_again_from_a_log_that_does_not_hold(state: Path) -> None:
    # GIVEN a log in which one entry was changed, and an order whose row is still right
    path = state / "journal.sqlite"
    with tampering(path) as db:
        db.execute("UPDATE log SET body = 'no JSON' WHERE seq = 2")
        before = db.execute("SELECT * FROM orders").fetchall()
    # WHEN it is to be made again THEN it is left alone, and the entry is named
    result = kiosk(state, "verify", "--rebuild")
    assert result.exit_code == 1
    assert "entry 2: its content is not what was written" in result.stdout
    assert "Not made again" in result.stderr
    with tampering(path) as db:
        assert db.execute("SELECT * FROM orders").fetchall() == before


# --- where the file is -------------------------------------------------------------------------------


def configured(directory: Path, text: str) -> tuple[str, str]:
    directory.mkdir()
    terminal = (CONFIG_DIR / "terminal.toml").read_text()
    (directory / "terminal.toml").write_text(terminal.partition("[journal]")[0] + text)
    return ("--config", str(directory))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "journal.sqlite"),
        ("[journal]\ncopies_kept = 3\n", "journal.sqlite"),
        ('[journal]\npath = "money.sqlite"\n', "money.sqlite"),
        ('[journal]\npath = "books/money.sqlite"\n', "books/money.sqlite"),
    ],
)
def test_the_journal_is_looked_for_where_the_terminal_has_it(
    state: Path, tmp_path: Path, text: str, name: str
) -> None:
    words = configured(tmp_path / "config", text)
    config = load(tmp_path / "config")
    assert isinstance(config, Config)
    assert config.journal.path == name
    (state / name).parent.mkdir(exist_ok=True)
    (state / "journal.sqlite").rename(state / name)
    assert LOST in kiosk(state, "unfinished", *words).output


def test_money_is_told_although_a_device_is_configured_wrong(state: Path, tmp_path: Path) -> None:
    words = configured(tmp_path / "config", '[devices.iris]\ntype = "no such"\n')
    assert isinstance(load(tmp_path / "config"), list)
    assert LOST in kiosk(state, "unfinished", *words).output


@pytest.mark.parametrize("text", ['[journal]\npath = "../else"\n', "[journal\n"])
def test_a_wrong_name_is_refused_with_its_line(state: Path, tmp_path: Path, text: str) -> None:
    result = kiosk(state, "unfinished", *configured(tmp_path / "config", text))
    assert result.exit_code == 1
    assert "terminal.toml:" in result.stderr


@pytest.mark.parametrize("words", [("unfinished",), ("show", LOST)])
def test_a_look_at_the_journal_loads_nothing_that_it_does_not_need(
    state: Path, words: tuple[str, ...]
) -> None:
    heavy = (
        "kiosk.config",
        "tomlkit",
        "requests",
        "fastapi",
        "serial",
        "devices.device",
        "asyncio",
    )
    program = (
        "import sys\n"
        "from kiosk.cli.commands import app\n"
        f"app({['journal', *words, '--state', str(state)]!r}, prog_name='kiosk', standalone_mode=False)\n"
        f"loaded = [name for name in {heavy!r} if name in sys.modules]\n"
        "sys.exit(f'loaded {loaded}' if loaded else 0)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=90
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert LOST in ended.stdout


# --- days --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "day",
    ["0001-01-01", "9999-12-31", "1969-12-31", "3000-01-01", "2026-02-30", "20261124", "2026-W48-2",
     "٢٠٢٦-11-24"],
)  # fmt: skip
def test_a_day_that_is_none_is_a_wrong_command_line(state: Path, day: str) -> None:
    for words in (("report", "--day"), ("export", "--since"), ("export", "--until")):
        assert kiosk(state, *words, day).exit_code == 2
    assert kiosk(state, "reconcile", "-", "--day", day, typed=statement()).exit_code == 2
    assert kiosk(state, "report", "--month", day).exit_code == 2


@pytest.mark.parametrize("month", ["0001-01", "9999-12", "2026-13", "2026-1", "2026", "x", "-1-1"])
def test_a_month_that_is_none_is_a_wrong_command_line(state: Path, month: str) -> None:
    result = kiosk(state, "report", "--month", month)
    assert result.exit_code == 2
    assert "give a month as 2026-11" in result.stderr


@pytest.mark.parametrize("minutes", ["0", "1441", "9" * 400, "1.5"])
def test_a_promise_is_of_minutes_within_a_day(state: Path, minutes: str) -> None:
    words = ("report", "--day", "2026-11-24", "--promised")
    assert kiosk(state, *words, minutes).exit_code == 2
    assert kiosk(state, *words, "1440").exit_code == 0


def test_an_export_has_what_a_wrong_clock_wrote(state: Path) -> None:
    with opened(state / "journal.sqlite", Clock(datetime(1970, 1, 1, tzinfo=UTC))) as journal:
        journal.visit_started()
    assert kiosk(state, "export").output.splitlines()[-1].startswith("37,1970-01-01T")
    assert len(kiosk(state, "export", "--until", "1970-01-02").output.splitlines()) == 2


# --- what people read --------------------------------------------------------------------------------


def test_people_read_yuan_local_time_and_what_became_of_the_money(state: Path) -> None:
    shown = kiosk(state, "show", LOST).output
    assert "amount: ¥300.00\n" in shown
    assert f"money: {MONEY[PayState.UNRESOLVED]}\n" in shown
    assert "2026-11-24 09:00:00  1" in shown
    day = kiosk(state, "report", "--day", "2026-11-24").output
    total = next(line for line in day.splitlines() if line.startswith("total"))
    assert total.split() == ["total", "3", "¥900.00", "1", "¥300.00", "¥600.00"]
    difference = kiosk(state, "reconcile", "-", typed=statement(*whole_day()[1:])).output
    assert "printed: a payment of ¥300.00 at 09:00:00" in difference
    for told in (shown, day, difference, kiosk(state, "unfinished").output):
        assert "fen" not in told.replace("difference", "")
        assert "30000" not in told


def test_programs_read_fen(state: Path) -> None:
    assert json.loads(kiosk(state, "show", LOST, "--json").output)["amount_fen"] == 30000
    told = json.loads(
        kiosk(
            state, "reconcile", "-", "--json", typed=statement(row(number=trade(1), fen=29999))
        ).output
    )
    amounts = {
        (d["what"], d["out_trade_no"]): (d["ours_fen"], d["theirs_fen"])
        for d in told["differences"]
    }
    assert amounts["amount", trade(1)] == (30000, 29999)
    assert amounts["ours_not_theirs", trade(2)] == (30000, None)


def test_every_state_has_its_sentence_here_and_in_the_operator_s_guide() -> None:
    assert set(MONEY) == set(PayState)
    assert set(ON_PAPER) == LIVE
    assert set(CHANNELS) == {channel.value for channel in Channel}
    guide = (CONFIG_DIR.parent / "docs" / "GUIDE-OPERATOR.md").read_text(encoding="utf-8")
    table = guide.partition("| state | the money |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", table)) - {"acceptance_no"} == {s.value for s in PayState}


def test_the_slip_names_an_item_once_whatever_its_channels(state: Path) -> None:
    with opened(state / "journal.sqlite", Clock()) as journal:
        assert journal.begin(order(40), status(40))
        for before, after in steps(40, PayState.PRINTED):
            journal.advance(before, replace(after, channel=Channel.WECHAT), "made")
    slip = kiosk(state, "report", "--day", "2026-11-24", "--slip").output
    assert slip.count("resident-pension-pay") == 1
    assert "支付宝 收 3" in slip
    assert "微信支付 收 1" in slip


# --- where the answer goes ---------------------------------------------------------------------------


def run(
    state: Path, *words: str, into: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own, with its answer going into a file."""
    program = "from kiosk.cli import main; main()"
    with into.open("w") as out:
        return subprocess.run(
            [sys.executable, "-c", program, "journal", *words, "--state", str(state)],
            stdout=out, stderr=subprocess.PIPE, text=True, check=False, timeout=90,
            env=os.environ | environment,
        )  # fmt: skip


@pytest.mark.parametrize(
    "words", [("export",), ("unfinished", "--json"), ("report", "--day", "2026-11-01", "--csv")]
)
def test_an_answer_that_finds_no_room_is_told(state: Path, words: tuple[str, ...]) -> None:
    ended = run(state, *words, into=Path("/dev/full"))
    told = "kiosk: the answer could not be written: No space left on device\n"
    assert (ended.returncode, ended.stderr) == (1, told)


def test_a_slip_is_told_where_the_encoding_has_no_chinese(state: Path, tmp_path: Path) -> None:
    out = tmp_path / "slip"
    words = ("report", "--day", "2026-11-24", "--slip")
    ended = run(state, *words, into=out, PYTHONIOENCODING="latin-1")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "600.00" in out.read_text(encoding="latin-1")


# --- a hash that was kept ----------------------------------------------------------------------------


def test_a_hash_from_a_report_shows_that_the_end_was_cut_off(state: Path) -> None:
    words = ("report", "--day", "2026-11-24", "--json")
    kept = json.loads(kiosk(state, *words).output)["head"]
    with opened(state / "journal.sqlite", Clock()) as journal:
        journal.visit_started()
    assert kiosk(state, "verify", "--hash", kept).exit_code == 0
    # WHEN the last visits are removed, with whom no order disagrees
    with tampering(state / "journal.sqlite") as db:
        db.execute("DELETE FROM log WHERE seq >= (SELECT max(seq) - 1 FROM log)")
    assert kiosk(state, "verify").exit_code == 0
    result = kiosk(state, "verify", "--hash", kept)
    assert result.exit_code == 1
    assert "the log was cut off since" in result.output
    assert kiosk(state, "verify", "--hash", "123").exit_code == 2


def test_each_command_s_summary_is_a_whole_sentence() -> None:
    shown = CliRunner().invoke(app, ["journal", "--help"], prog_name="kiosk").output
    commands = shown.partition("Commands:")[2]
    assert "reconcile" in commands
    assert "..." not in commands
