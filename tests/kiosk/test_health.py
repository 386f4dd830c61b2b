"""The history keeps what a device was, once a change, and nothing about people."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from devices.status import Act, DeviceState, Fault, Health
from kiosk.health import DAY_S, HealthHistory, Watch
from kiosk.log import Record

PAPER_OUT = Fault("printer.paper_out", Act.CLEAR, "sensor 3")


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def printer(
    state: DeviceState = DeviceState.ONLINE, fault: Fault | None = None, **facts: str
) -> Health:
    return Health("receipt_printer", "receipt_printer", "escpos", "/dev/p", state, fault, facts)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "health.sqlite"


def test_only_changes_are_written(path: Path) -> None:
    history = HealthHistory(path, 400, Clock())

    for health in (
        printer(paper="full"),
        printer(paper="full"),
        printer(paper="low"),
        printer(DeviceState.USER_ERROR, PAPER_OUT, paper="out"),
        printer(DeviceState.USER_ERROR, PAPER_OUT, paper="out"),
        printer(paper="full"),
    ):
        history.record(health)

    rows = history.rows()
    assert [(row.state, row.fault, row.act, row.facts["paper"]) for row in rows] == [
        ("online", "", "", "full"),
        ("online", "", "", "low"),
        ("user_error", "printer.paper_out", "clear", "out"),
        ("online", "", "", "full"),
    ]


@pytest.mark.parametrize(
    "passing",
    [
        printer(DeviceState.BUSY, paper="full"),
        printer(paper="full", card="present"),
        printer(paper="full", power="on"),
    ],
)
def test_what_a_citizen_does_is_no_change_of_health(passing: Health, path: Path) -> None:
    history = HealthHistory(path, 400, Clock())
    history.record(printer(paper="full"))

    assert history.record(passing) is None
    assert len(history.rows()) == 1


def test_a_restart_with_nothing_changed_adds_no_row(path: Path) -> None:
    first = HealthHistory(path, 400, Clock())
    first.record(printer(paper="full"))
    first.close()

    second = HealthHistory(path, 400, Clock())

    assert second.record(printer(paper="full")) is None
    assert second.record(printer(paper="low")) is not None


def test_old_rows_go_but_what_still_holds_stays(path: Path) -> None:
    # GIVEN two changes of one device and one of another, long ago
    clock = Clock()
    history = HealthHistory(path, 30, clock)
    history.record(printer(paper="full"))
    history.record(printer(paper="low"))
    history.record(Health("scanner", "scanner", "serial-scanner", "", DeviceState.ONLINE))
    history.close()

    # WHEN the terminal starts a month later
    clock.now += 31 * DAY_S
    history = HealthHistory(path, 30, clock)

    # THEN each device's last row is left
    assert [(row.device, dict(row.facts)) for row in history.rows()] == [
        ("receipt_printer", {"paper": "low"}),
        ("scanner", {}),
    ]


def test_rows_can_be_asked_for_by_device_time_and_number(path: Path) -> None:
    clock = Clock()
    history = HealthHistory(path, 400, clock)
    for paper in ("full", "low", "out"):
        history.record(printer(paper=paper))
    history.record(Health("scanner", "scanner", "serial-scanner", "", DeviceState.ONLINE))

    assert [row.device for row in history.rows("scanner")] == ["scanner"]
    assert [row.facts["paper"] for row in history.rows("receipt_printer", limit=2)] == [
        "low",
        "out",
    ]
    late = history.rows()[2].at
    assert [row.device for row in history.rows(since=late)] == ["receipt_printer", "scanner"]


def test_a_row_in_json_has_its_time_in_utc(path: Path) -> None:
    history = HealthHistory(path, 400, lambda: 1_800_000_000.25)
    row = history.record(printer(DeviceState.OFFLINE, Fault("port.lost", Act.SUSPEND)))

    assert row is not None
    assert row.as_json() == {
        "at": "2027-01-15T08:00:00.250Z",
        "device": "receipt_printer",
        "kind": "receipt_printer",
        "type": "escpos",
        "port": "/dev/p",
        "state": "offline",
        "fault": "port.lost",
        "act": "suspend",
        "detail": "",
        "facts": {},
    }


def test_a_history_that_cannot_be_written_is_said_once_and_stops_nobody(
    path: Path, heard: list[Record]
) -> None:
    history = HealthHistory(path, 400, Clock())
    with sqlite3.connect(path) as other:
        other.execute("DROP TABLE health")

    history.record(printer(paper="full"))
    history.record(printer(paper="low"))

    assert [record["event"] for record in heard] == ["health.broken"]


def test_devices_may_record_from_their_own_threads(path: Path) -> None:
    history = HealthHistory(path, 400, Clock())

    def work(name: str) -> None:
        for number in range(20):
            facts = {"paper": str(number)}
            history.record(Health(name, "k", "t", "", DeviceState.ONLINE, facts=facts))

    threads = [threading.Thread(target=work, args=(f"d{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(history.rows()) == 80


class Scripted:
    """A device that says what it is told."""

    def __init__(self) -> None:
        self.now = printer(DeviceState.STARTING)
        self.listeners: list[Callable[[Health], None]] = []

    def health(self) -> Health:
        return self.now

    def listen(self, listener: Callable[[Health], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def becomes(self, health: Health) -> None:
        self.now = health
        for listener in self.listeners:
            listener(health)


def test_loss_and_return_are_logged_once_each(path: Path, heard: list[Record]) -> None:
    device = Scripted()
    watch = Watch(device, HealthHistory(path, 400, Clock()))
    lost = Fault("port.lost", Act.SUSPEND)
    for health in (
        printer(paper="full"),
        printer(DeviceState.OFFLINE, lost),
        printer(DeviceState.NO_DEVICE, Fault("port.missing", Act.CONFIGURATION)),
        printer(DeviceState.OFFLINE, lost),
        printer(paper="full"),
        printer(paper="low"),
    ):
        device.becomes(health)
    watch.close()

    assert [(record["event"], record.get("code")) for record in heard] == [
        ("device.lost", "port.lost"),
        ("device.back", None),
    ]
    assert device.listeners == []


def test_a_fault_of_a_device_that_works_is_logged_with_its_end(heard: list[Record]) -> None:
    device = Scripted()
    Watch(device, None)
    device.becomes(printer(fault=PAPER_OUT))
    device.becomes(printer(fault=PAPER_OUT, paper="out"))
    device.becomes(printer())

    assert [(record["event"], record["code"]) for record in heard] == [
        ("device.fault", "printer.paper_out"),
        ("device.cleared", "printer.paper_out"),
    ]
