"""A device tried by hand is opened, waited for, tried, and closed whatever happens."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import devices
from devices.scanner.keys import LAYOUTS
from devices.simulators.kinds import all_kinds
from devices.status import Act, DeviceState, Failed, Fault, Health, Ok, Outcome, Result
from kiosk.cli.commands import app
from kiosk.config_devices import Scanner
from kiosk.config_edit import set_key
from kiosk.health import HealthHistory
from kiosk.simulation import simulator_words
from kiosk.trial import Trial, opened, perform, probe


class Report:
    facts = {"firmware": "1.2"}  # noqa: RUF012 - a constant of the test
    lines = ("answered in 12 ms",)


class Scripted:
    """An adapter that needs a moment to know its state."""

    def __init__(self, result: Result[Any], becomes: Health) -> None:
        self.result = result
        self.becomes = becomes
        self.listeners: list[Callable[[Health], None]] = []
        self.now = health(DeviceState.STARTING)
        self.closed = threading.Event()
        self.given: dict[str, Any] = {}

    def listen(self, listener: Callable[[Health], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def start(self) -> None:
        threading.Timer(0.02, self._settle).start()

    def _settle(self) -> None:
        self.now = self.becomes
        for listener in tuple(self.listeners):
            listener(self.now)

    def health(self) -> Health:
        return self.now

    def close(self) -> None:
        self.closed.set()

    async def test(self) -> Result[Any]:
        assert self.now.state is not DeviceState.STARTING
        return self.result


def health(state: DeviceState, fault: Fault | None = None) -> Health:
    return Health("scanner", "scanner", "serial-scanner", "/dev/s", state, fault, {"power": "off"})


LOST = Fault("port.missing", Act.CONFIGURATION, "errno 2")


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    scripted = Scripted(Ok(Report()), health(DeviceState.ONLINE))

    def open_device(type_name: str, **given: Any) -> Scripted:
        scripted.given = {"type": type_name, **given}
        return scripted

    monkeypatch.setattr(devices, "open_device", open_device, raising=False)
    return scripted


def test_a_test_that_passes_brings_facts_and_lines(adapter: Scripted) -> None:
    run = perform("scanner", Scanner(port="/dev/s"))

    assert (run.passed, run.outcome, run.port) == (True, "success", "/dev/s")
    assert run.facts == {"power": "off", "firmware": "1.2"}
    assert run.lines == ("answered in 12 ms",)
    given = {"type": "serial-scanner", "name": "scanner", "port": "/dev/s", "profile": "gm65"}
    assert adapter.given.items() >= given.items()
    assert adapter.closed.is_set()
    assert adapter.listeners == []


def test_a_test_that_fails_brings_its_fault(adapter: Scripted) -> None:
    adapter.result = Failed(Outcome.DEVICE_NOT_READY, LOST)
    adapter.becomes = health(DeviceState.NO_DEVICE, LOST)

    run = perform("scanner", Scanner(port="/dev/s"))

    assert (run.passed, run.outcome) == (False, "device_not_ready")
    assert (run.code, run.act, run.detail) == ("port.missing", "configuration", "errno 2")


def test_probing_waits_until_the_device_knows_its_state(adapter: Scripted) -> None:
    assert probe("scanner", Scanner(port="/dev/s")).state is DeviceState.ONLINE
    assert adapter.closed.is_set()


def test_a_device_that_never_settles_is_not_waited_for_without_end(adapter: Scripted) -> None:
    adapter.becomes = health(DeviceState.STARTING)

    with opened("scanner", Scanner(port="/dev/s"), within_s=0.05) as device:
        assert device.health().state is DeviceState.STARTING

    assert adapter.closed.is_set()


def test_a_device_is_closed_where_the_trial_itself_breaks(adapter: Scripted) -> None:
    with pytest.raises(ZeroDivisionError), opened("scanner", Scanner(port="/dev/s")):
        raise ZeroDivisionError

    assert adapter.closed.is_set()


def kiosk(*words: str) -> tuple[int, Any]:
    result = CliRunner().invoke(app, [*words, "--json"], prog_name="kiosk")
    return result.exit_code, json.loads(result.stdout)


def test_the_command_tests_the_port_it_is_given(adapter: Scripted, config_dir: Path) -> None:
    url = "socket://127.0.0.1:9100"

    code, answer = kiosk("devices", "test", "scanner", "--port", url, "--config", str(config_dir))

    assert code == 0
    assert answer["port"] == adapter.given["port"] == url
    assert answer["facts"]["firmware"] == "1.2"
    assert set(answer) == set(Trial.__dataclass_fields__)


def test_the_command_ends_with_1_where_the_test_fails(adapter: Scripted, config_dir: Path) -> None:
    adapter.result = Failed(Outcome.TIMEOUT, Fault("device.timeout", Act.MAINTENANCE))

    code, answer = kiosk(
        "devices", "test", "scanner", "--port", "/dev/s", "--config", str(config_dir)
    )

    assert code == 1
    assert (answer["outcome"], answer["code"]) == ("timeout", "device.timeout")


def test_status_of_a_port_that_the_terminal_holds_is_what_it_wrote_down(
    adapter: Scripted, config_dir: Path, tmp_path: Path
) -> None:
    # GIVEN a terminal that runs, and so holds the scanner's port
    assert set_key(config_dir, "devices.scanner.port", "/dev/s") == []
    history = HealthHistory(tmp_path / "health.sqlite", 400)
    history.record(health(DeviceState.ONLINE))
    history.close()
    adapter.becomes = health(DeviceState.OFFLINE, Fault("port.busy", Act.CONFIGURATION))

    # WHEN a technician asks for the state
    code, rows = kiosk("devices", "status", "--config", str(config_dir), "--state", str(tmp_path))

    # THEN it is the terminal's, with its time
    row = next(row for row in rows if row["device"] == "scanner")
    assert (code, row["state"]) == (0, "online")
    assert row["known"].startswith("written down ")


def test_status_of_a_free_port_is_asked_now(
    adapter: Scripted, config_dir: Path, tmp_path: Path
) -> None:
    assert set_key(config_dir, "devices.scanner.port", "/dev/s") == []
    adapter.becomes = health(DeviceState.NO_DEVICE, LOST)

    code, rows = kiosk("devices", "status", "--config", str(config_dir), "--state", str(tmp_path))

    row = next(row for row in rows if row["device"] == "scanner")
    assert code == 1
    assert (row["state"], row["fault"], row["known"]) == ("no_device", "port.missing", "asked now")


def test_a_simulated_reader_is_tested_over_its_own_simulators_port(config_dir: Path) -> None:
    code, answer = kiosk("devices", "test", "id_card", "--config", str(config_dir))

    assert (code, answer["outcome"]) == (0, "success")
    assert answer["facts"]["sam_id"]
    assert answer["port"] != "simulated"
    assert not Path(answer["port"]).exists()


def test_a_port_that_is_not_there_fails_with_its_remedy(config_dir: Path, tmp_path: Path) -> None:
    words = ("devices", "test", "id_card", "--port", str(tmp_path / "gone"))

    result = CliRunner().invoke(app, [*words, "--config", str(config_dir)], prog_name="kiosk")

    assert result.exit_code == 1
    assert "port.missing" in result.output
    assert "Plug the cable in" in result.output


def test_a_simulator_run_alone_says_its_port_and_ends_with_its_parent() -> None:
    program = "from kiosk.cli import main; main()"
    words = ("simulate", "card-reader", "--tcp", "0", "--while-stdin")

    ended = subprocess.run(
        [sys.executable, "-c", program, *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )

    assert ended.returncode == 0
    assert ended.stdout.startswith("ready socket://127.0.0.1:")


@pytest.mark.parametrize("profile", ["gm65", "newland", "honeywell"])
def test_a_simulated_scanner_speaks_as_the_configured_one(config_dir: Path, profile: str) -> None:
    set_key(config_dir, "devices.scanner.profile", profile)

    code, answer = kiosk("devices", "test", "scanner", "--config", str(config_dir))

    assert (code, answer["outcome"]) == (0, "success")


def test_a_simulated_keyboard_scanner_types_for_the_configured_country(tmp_path: Path) -> None:
    device = Scanner(type="keyboard-scanner", port="simulated", layout="de")  # type: ignore[call-arg]

    kind, *options = simulator_words(device, tmp_path)

    made = all_kinds()[kind](layout=options[options.index("--layout") + 1])
    assert made._layout is LAYOUTS["de"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("scanner", "--profile", "nokia"), "scanner: no profile 'nokia'"),
        (("board", "--situation", "nope"), "board: no situation 'nope'"),
        (("card-reader", "--profile", "gm65"), "card-reader: takes no --profile"),
        (("keyboard-scanner", "--tcp", "0"), "keyboard-scanner: a device node"),
    ],
)
def test_a_simulator_that_cannot_be_so_is_a_wrong_command_line(
    words: tuple[str, ...], told: str, capfd: pytest.CaptureFixture[str]
) -> None:
    result = CliRunner().invoke(app, ["simulate", *words], prog_name="kiosk")

    assert result.exit_code == 2
    assert (result.output + capfd.readouterr().err).startswith(told)
