"""The command line: every subcommand explains itself, lazily, and answers in text and JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from devices.status import Act, DeviceState, Fault, Health
from kiosk.cli.commands import SUBCOMMANDS, app
from kiosk.health import HealthHistory
from kiosk.version import version


def kiosk(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, list(words), input=typed, prog_name="kiosk")


def test_help_lists_every_subcommand_with_one_line() -> None:
    shown = kiosk("--help").output

    for name, subcommand in SUBCOMMANDS.items():
        assert any(
            line.split(maxsplit=1) == [name, subcommand.summary] for line in shown.splitlines()
        )
    assert "Exit codes: 0" in shown


def test_help_imports_no_subcommand_and_nothing_heavy() -> None:
    heavy = ("pydantic", "tomlkit", "requests", "fastapi", "serial", "kivy", "kiosk.config")
    program = (
        "import sys\n"
        "from kiosk.cli.commands import app\n"
        "app(['--help'], prog_name='kiosk', standalone_mode=False)\n"
        f"loaded = [name for name in {(*heavy, *(s.module for s in SUBCOMMANDS.values()))!r}"
        " if name in sys.modules]\n"
        "sys.exit(f'loaded {loaded}' if loaded else 0)"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=90
    )

    assert (ended.returncode, ended.stderr) == (0, "")


OWN = (
    ("config",),
    ("config", "check"),
    ("config", "show"),
    ("config", "set"),
    ("devices",),
    ("devices", "decode"),
    ("devices", "find"),
    ("devices", "list"),
    ("devices", "status"),
    ("devices", "test"),
    ("devices", "watch"),
    ("doctor",),
    ("health",),
    ("health", "log"),
    ("items",),
    ("items", "close"),
    ("items", "list"),
    ("items", "open"),
    ("sandbox", "openapi"),
    ("simulate",),
    ("simulate", "card-reader"),
    ("simulate", "scanner"),
    ("simulate", "printer"),
)


@pytest.mark.parametrize("words", OWN, ids=" ".join)
def test_a_subcommand_explains_itself_and_its_options(words: tuple[str, ...]) -> None:
    result = kiosk(*words, "--help")

    assert result.exit_code == 0
    assert f"Usage: kiosk {' '.join(words)}" in result.output
    lines = [line for line in result.output.splitlines() if line.startswith("  --")]
    assert lines
    assert "Exit codes: 0" in result.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("fly",), "No such command 'fly'"),
        (("config", "show", "--jsn"), "No such option: --jsn"),
        (("devices", "test"), "Missing argument"),
        (("devices", "test", "iris"), "id_card, scanner, receipt_printer"),
        (("devices", "test", "scanner", "--port", "COM1"), "/dev/..."),
        (("health", "log", "--since", "yesterday"), "24h"),
    ],
)
def test_a_wrong_command_line_is_told_and_ends_with_2(words: tuple[str, ...], told: str) -> None:
    result = kiosk(*words)

    assert result.exit_code == 2
    assert told in result.output


def test_version_is_the_projects() -> None:
    result = kiosk("--version")

    assert (result.exit_code, result.output) == (0, f"kiosk {version()}\n")


def test_check_passes_a_right_configuration(config_dir: Path) -> None:
    result = kiosk("config", "check", "--config", str(config_dir))

    assert result.exit_code == 0
    count = len(list((config_dir / "services").glob("*.toml")))
    assert f"right, with {count} items" in result.output


def test_check_prints_every_problem_of_every_file(config_dir: Path) -> None:
    terminal, service = config_dir / "terminal.toml", config_dir / "services" / "own-property.toml"
    wrong = terminal.read_text().replace("max_fps = 30", "max_fps = 300")
    terminal.write_text(wrong)
    line = wrong[: wrong.index("max_fps = 300")].count("\n") + 1
    service.write_text(service.read_text().replace("proof = 2", "proof = 9"))

    result = kiosk("config", "check", "--config", str(config_dir))

    assert result.exit_code == 1
    assert f"{terminal}:{line}: display.max_fps: out of range" in result.stderr
    assert f"{service}:4: proof: out of range" in result.stderr


def test_show_prints_what_applies_without_the_secret(config_dir: Path) -> None:
    shown = json.loads(kiosk("config", "show", "--json", "--config", str(config_dir)).output)
    text = kiosk("config", "show", "--config", str(config_dir)).output

    assert shown["timing"]["scan_s"] == 60.0
    assert shown["technician"]["pin_hash"] == "(set)"
    assert "scrypt$" not in text
    assert "scan_s = 60.0" in text


def test_show_prints_one_key(config_dir: Path) -> None:
    result = kiosk("config", "show", "devices.scanner.port", "--config", str(config_dir))

    assert result.output == "simulated\n"
    assert kiosk("config", "show", "devices.iris", "--config", str(config_dir)).exit_code == 1


def test_set_changes_a_key(config_dir: Path) -> None:
    assert kiosk("config", "set", "timing.idle_s", "75", "--config", str(config_dir)).exit_code == 0

    result = kiosk("config", "show", "timing.idle_s", "--config", str(config_dir))
    assert result.output == "75.0\n"


def test_set_asks_for_a_pin_without_showing_it(config_dir: Path) -> None:
    words = ("config", "set", "technician.pin", "--config", str(config_dir))

    result = kiosk(*words, typed="908172\n908172\n")

    assert result.exit_code == 0
    assert "908172" not in result.output
    assert "scrypt$" in (config_dir / "terminal.toml").read_text()


def test_devices_are_listed_as_configured(config_dir: Path) -> None:
    rows = json.loads(kiosk("devices", "list", "--json", "--config", str(config_dir)).output)

    assert [row["name"] for row in rows][:3] == ["id_card", "scanner", "receipt_printer"]
    row = {"name": "scanner", "type": "serial-scanner", "port": "simulated", "profile": "gm65"}
    assert rows[1].items() >= row.items()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state directory in which a terminal wrote down two devices."""
    history = HealthHistory(tmp_path / "state" / "health.sqlite", 400)
    for health in (
        Health("scanner", "scanner", "serial-scanner", "/dev/pts/9", DeviceState.ONLINE),
        Health(
            "scanner",
            "scanner",
            "serial-scanner",
            "/dev/pts/9",
            DeviceState.OFFLINE,
            Fault("port.lost", Act.SUSPEND),
        ),
        Health("id_card", "id_card", "sam-serial", "/dev/pts/8", DeviceState.ONLINE),
    ):
        history.record(health)
    history.close()
    return tmp_path / "state"


def test_health_log_prints_each_change(config_dir: Path, state: Path) -> None:
    words = ("health", "log", "--config", str(config_dir), "--state", str(state))

    rows = json.loads(kiosk(*words, "--json").output)
    text = kiosk(*words, "--device", "scanner").output

    assert [(row["device"], row["state"], row["fault"]) for row in rows] == [
        ("scanner", "online", ""),
        ("scanner", "offline", "port.lost"),
        ("id_card", "online", ""),
    ]
    assert text.count("scanner") == 2
    assert "port.lost" in text
    assert "id_card" not in text


def test_health_log_of_the_future_is_empty(config_dir: Path, state: Path) -> None:
    words = ("--since", "2999-01-01T00:00", "--json", "--config", str(config_dir))

    assert json.loads(kiosk("health", "log", *words, "--state", str(state)).output) == []


def test_health_log_without_a_history_says_so(config_dir: Path, tmp_path: Path) -> None:
    result = kiosk("health", "log", "--config", str(config_dir), "--state", str(tmp_path))

    assert result.exit_code == 1
    assert "no history yet" in result.stderr


def test_status_of_simulated_devices_is_what_the_terminal_wrote_down(
    config_dir: Path, state: Path
) -> None:
    words = ("devices", "status", "--json", "--config", str(config_dir), "--state", str(state))

    result = kiosk(*words)

    rows = {row["device"]: row for row in json.loads(result.output)}
    assert result.exit_code == 1
    assert rows["scanner"]["state"] == "offline"
    assert rows["scanner"]["fault"] == "port.lost"
    assert rows["id_card"]["state"] == "online"
    assert rows["receipt_printer"]["state"] == "simulated"


def test_doctor_ends_with_1_where_something_is_bad(config_dir: Path, tmp_path: Path) -> None:
    (config_dir / "services" / "own-property.toml").write_text("id = 1")
    words = ("doctor", "--config", str(config_dir), "--state", str(tmp_path))

    text, answer = kiosk(*words), kiosk(*words, "--json")

    assert (text.exit_code, answer.exit_code) == (1, 1)
    assert "BAD   catalogue" in text.output
    bad = [found for found in json.loads(answer.output) if found["verdict"] == "bad"]
    assert all(found["remedy"] for found in bad)
