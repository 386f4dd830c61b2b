"""The whole program: real screens by touch, real bytes, real sockets, processes that are killed."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image, ImageGrab
from pyzbar.pyzbar import decode as decode_codes

from kiosk.journal import Journal
from kiosk.payments.machine import PayState
from tests.bench.processes import display
from tests.journeys.programs import WITHIN_S, running, visit

CIVIC_BLUE = (11, 74, 162)

pytestmark = pytest.mark.timeout(600)
"""Up to three visits of a whole program, each of which may take its time on a loaded machine."""


@pytest.mark.parametrize("item", ["resident-pension-pay", "own-property", "e-invoice-pickup"])
def test_a_visit_by_touch_ends_done_with_its_receipt(item: str, tmp_path: Path) -> None:
    told = visit(item, "--shots", str(tmp_path), "--answer", "invoice.way=slip")
    assert told["outcome"] == "done", told["log"][-2000:]
    assert told["code"] == 0
    assert (told["order"] is not None) == (item == "resident-pension-pay")
    (receipt,) = told["receipts"]
    codes = decode_codes(Image.open(receipt))
    assert len(codes) == 1
    assert codes[0].data.startswith(b"http")
    pictures = sorted(tmp_path.glob("[0-9]*.png"))
    assert len(pictures) == len(told["screens"])
    assert all(Image.open(picture).size == (1080, 1920) for picture in pictures)


def test_paper_out_in_the_middle_of_the_receipt_prints_it_once_after_a_refill() -> None:
    told = visit("resident-pension-pay", "--situation", "receipt_printer=paper_out_midway")
    assert told["outcome"] == "done"
    assert told["troubles"] == ["printer.paper_out"]
    assert "print.trouble" in told["screens"]
    assert len(told["receipts"]) == 1
    assert told["log"].count('"state":"paid"') == 1


def test_a_lost_answer_to_a_payment_is_found_paid_by_query(tmp_path: Path) -> None:
    told = visit(
        "resident-pension-pay",
        "--situation",
        "payment=answer_lost",
        "--answer",
        "pay=scan:unionpay",
        state=tmp_path,
    )
    assert told["outcome"] == "done"
    journal = Journal(tmp_path / "journal.sqlite")
    steps = [(step.after, step.cause) for step in journal.history(told["order"])]
    journal.close()
    assert (PayState.PAID, "query.success") in steps
    assert PayState.UNKNOWN in [state for state, _ in steps]


def test_an_item_whose_reader_is_unplugged_is_told_and_not_done() -> None:
    told = visit("own-property", "--situation", "id_card=unplugged")
    assert told["code"] == 1
    assert told["outcome"] in ("unavailable", "port.lost")
    assert told["receipts"] == []


def test_killed_while_unknown_the_next_start_brings_the_payment_to_its_end(tmp_path: Path) -> None:
    # GIVEN a terminal that is killed while it does not know whether a payment went through
    words = ("--situation", "payment=answer_lost", "--answer", "pay=scan:wechat")
    state = ("--state", str(tmp_path))
    with running("visit", "resident-pension-pay", *state, *words) as terminal:
        terminal.until('"payment.state"', '"unknown"')
        os.kill(terminal.process.pid, signal.SIGKILL)
        terminal.process.wait(WITHIN_S)
    # WHEN it starts again on the same state
    with (
        display(540, 960) as name,
        running("run", "--window", "540x960", *state, display=name) as terminal,
    ):
        terminal.until('"payment.resumed"')
        # THEN it finds the payment paid, and has it booked, with nobody standing there
        terminal.until('"payment.state"', '"fulfilled"')
    journal = Journal(tmp_path / "journal.sqlite")
    assert journal.unfinished() == ()
    assert journal.orders()[0].status.state is PayState.FULFILLED
    journal.close()


def test_stand_ins_end_with_a_terminal_that_is_killed(tmp_path: Path) -> None:
    with (
        display(540, 960) as name,
        running("run", "--window", "540x960", "--state", str(tmp_path), display=name) as terminal,
    ):
        terminal.until('"terminal.ready"')
        pid = terminal.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        assert len(children) >= 7, "six devices and the sandbox"
        watched = [os.pidfd_open(int(child)) for child in children]
        os.kill(pid, signal.SIGKILL)
        for descriptor in watched:
            assert _ended(descriptor)


def test_the_virtual_display_ends_with_a_visit_that_is_killed(tmp_path: Path) -> None:
    # GIVEN a visit under way, on a display that it started for itself
    with running("visit", "own-property", "--state", str(tmp_path)) as visit:
        visit.until('"terminal.first_frame"')
        pid = visit.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        displays = [one for one in children if Path(f"/proc/{one}/comm").read_text() == "Xvfb\n"]
        assert len(displays) == 1
        display = os.pidfd_open(int(displays[0]))

        # WHEN it is killed
        os.kill(pid, signal.SIGKILL)

        # THEN the display ends too
        assert _ended(display)


def _ended(descriptor: int) -> bool:
    import select

    ready, _, _ = select.select([descriptor], [], [], WITHIN_S)
    os.close(descriptor)
    return bool(ready)


def test_without_simulation_the_terminal_stands_and_says_what_is_missing(tmp_path: Path) -> None:
    state = str(tmp_path)
    with (
        display(540, 960) as name,
        running(
            "run", "--no-simulation", "--window", "540x960", "--state", state, display=name
        ) as terminal,
    ):
        terminal.until('"terminal.ready"')
        terminal.until('"device.lost"', '"receipt_printer"', "port.missing")
        pid = terminal.process.pid
        assert Path(f"/proc/{pid}/task/{pid}/children").read_text() == ""


def test_what_the_terminal_shows_stands_on_the_glass(tmp_path: Path) -> None:
    # GIVEN a terminal without devices, whose attract screen stands on a display of its own
    with (
        display(540, 960) as name,
        running(
            "run", "--no-simulation", "--window", "540x960", "--state", str(tmp_path), display=name
        ) as terminal,
    ):
        terminal.until('"terminal.first_frame"')
        first = ImageGrab.grab(xdisplay=name).convert("RGB")
        # WHEN it knows that no item can be offered
        terminal.until('"backend.unreachable"', '"hall"')
        # THEN the glass itself, not only the program's memory, shows another screen
        assert first.getpixel((270, 800)) == CIVIC_BLUE
        deadline = time.monotonic() + WITHIN_S
        while ImageGrab.grab(xdisplay=name).convert("RGB").getpixel((270, 800)) == CIVIC_BLUE:
            assert time.monotonic() < deadline


def test_terminated_the_terminal_leaves_everything_at_rest(tmp_path: Path) -> None:
    with (
        display(540, 960) as name,
        running("run", "--window", "540x960", "--state", str(tmp_path), display=name) as terminal,
    ):
        terminal.until('"terminal.ready"')
        terminal.process.terminate()
        terminal.until('"terminal.stopped"')
        assert terminal.process.wait(WITHIN_S) == 0
    assert not [line for line in terminal.lines if "Traceback" in line]


def test_a_wrong_configuration_is_said_with_file_line_and_remedy(tmp_path: Path) -> None:
    (tmp_path / "terminal.toml").write_text('[terminal]\nid = "X"\nnumbr = "07"\n')
    with (
        display(540, 960) as name,
        running("run", "--config", str(tmp_path), "--window", "540x960", display=name) as terminal,
    ):
        terminal.until("terminal.toml:3", "numbr")
        assert terminal.process.wait(WITHIN_S) == 1


def test_the_terminal_is_ready_after_its_first_frame_and_fed_by_the_drawing_loop(
    tmp_path: Path,
) -> None:
    import socket

    address = tmp_path / "notify"
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd,
        display(540, 960) as name,
    ):
        systemd.bind(str(address))
        systemd.settimeout(WITHIN_S)
        os.environ.update(NOTIFY_SOCKET=str(address), WATCHDOG_USEC="1000000")
        try:
            with running(
                "run", "--no-simulation", "--window", "540x960", "--state", str(tmp_path),
                display=name,
            ):  # fmt: skip
                assert systemd.recv(4096) == b"READY=1"
                said = [systemd.recv(4096) for _ in range(4)]
        finally:
            del os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"]
    assert b"WATCHDOG=1" in said


def test_the_journal_of_a_visit_is_shown_by_the_cli(tmp_path: Path) -> None:
    told = visit("resident-pension-pay", state=tmp_path)
    from tests.journeys.programs import KIOSK

    shown = subprocess.run(
        [KIOSK, "journal", "show", told["order"], "--state", str(tmp_path), "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(shown.stdout)["state"] == "printed"
    log = subprocess.run(
        [KIOSK, "health", "log", "--state", str(tmp_path), "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert {row["device"] for row in json.loads(log.stdout)} >= {"id_card", "receipt_printer"}


def test_a_journal_of_a_later_version_greys_out_what_is_paid_and_serves_the_rest(
    tmp_path: Path,
) -> None:
    # GIVEN a state with a payment in it, and then a journal that this version cannot use
    first = visit("resident-pension-pay", state=tmp_path)
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as db:
        db.execute("PRAGMA user_version = 99")
    paying = visit("resident-pension-pay", state=tmp_path)
    assert (paying["outcome"], paying["order"]) == ("unavailable", None)
    assert paying["remarks"] == ["resident-pension-pay: unavailable.payments"]
    # WHEN the right version is back THEN what takes no money has no order of somebody else's
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as db:
        db.execute("PRAGMA user_version = 2")
    free = visit("own-property", state=tmp_path)
    assert first["order"]
    assert (free["outcome"], free["order"]) == ("done", None)
