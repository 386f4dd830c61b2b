"""What a stranger relies on: the make targets, the locked dependencies, the units."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "lock.txt"
UNITS = ROOT / "systemd"

OPERATIONS_PACKAGES = {  # OPERATIONS.md
    "xvfb", "xauth", "libgl1", "libgl1-mesa-dri", "libmtdev1", "libzbar0", "fonts-noto-cjk",
    "libgooglepinyin0", "espeak-ng", "libglib2.0-0",
}  # fmt: skip

UI_HARDENING = {  # OPERATIONS.md B
    "Type": "notify",
    "NotifyAccess": "main",
    "Restart": "always",
    "User": "kiosk",
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "StateDirectory": "kiosk",
    "UMask": "0077",
    "DevicePolicy": "closed",
    "ProtectKernelTunables": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectControlGroups": "yes",
    "ProtectClock": "yes",
    "ProtectHostname": "yes",
    "ProtectProc": "invisible",
    "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes",
    "RestrictSUIDSGID": "yes",
    "LockPersonality": "yes",
    "RemoveIPC": "yes",
    "KeyringMode": "private",
    "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    "SystemCallArchitectures": "native",
    "IPAddressDeny": "any",
    "MemoryMax": "1200M",
    "TasksMax": "256",
    "LimitCORE": "0",
}


def directives(unit: str) -> dict[str, list[str]]:
    """A unit file's directives, each with all its values in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in (UNITS / unit).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(("#", "[")):
            key, _, value = line.partition("=")
            found[key].append(value)
    return found


def locked() -> dict[str, list[str]]:
    """Each locked requirement ("name==version") with its hashes."""
    found: dict[str, list[str]] = {}
    for line in LOCK.read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+==\S+)", line):
            found[match[1]] = []
        elif match := re.search(r"--hash=(sha256:[0-9a-f]{64})", line):
            found[list(found)[-1]].append(match[1])
    return found


@pytest.mark.parametrize(
    "target", ["setup", "run", "test", "crashtest", "bench", "gallery", "items", "clean"]
)
def test_every_promised_target_can_be_made(target):
    plan = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert plan.returncode == 0, plan.stderr


def test_the_tests_include_every_gate():
    plan = subprocess.run(
        ["make", "--dry-run", "test"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for gate in ("ruff format --check", "ruff check", "/mypy", "/lint-imports", "/pytest"):
        assert gate in plan


def test_continuous_integration_runs_the_same_tests():
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert "make test" in script.read_text(encoding="utf-8")


@pytest.mark.parametrize("script", ["apt-packages", "on-display", "run"])
def test_scripts_are_executable_and_stop_at_the_first_error(script):
    path = ROOT / "scripts" / script
    assert path.stat().st_mode & 0o111
    assert "set -euo pipefail" in path.read_text(encoding="utf-8")


def test_the_package_list_holds_what_a_bare_debian_lacks():
    lines = (ROOT / "requirements" / "apt.txt").read_text(encoding="utf-8").splitlines()
    names = {line for line in lines if not line.startswith("#")}
    assert names >= OPERATIONS_PACKAGES
    assert all(re.fullmatch(r"[a-z0-9.+-]+", name) for name in names)


def test_missing_packages_are_told_as_one_command_where_nothing_may_be_installed(tmp_path):
    # GIVEN a machine where one package is missing, and no root nor sudo
    project = tmp_path / "project"
    for file in ("scripts/apt-packages", "requirements/apt.txt"):
        (project / file).parent.mkdir(parents=True, exist_ok=True)
        (project / file).write_bytes((ROOT / file).read_bytes())
    fakes = {
        "dpkg-query": 'case "$*" in *libzbar0*) exit 1;; esac; printf installed',
        "id": "echo 1000",
        "sudo": "exit 1",
    }
    for name, body in fakes.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)

    # WHEN the packages are looked at
    done = subprocess.run(
        ["bash", str(project / "scripts/apt-packages")],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    # THEN it fails, and names that package alone in the command to run
    assert done.returncode == 1
    (command,) = (line for line in done.stderr.splitlines() if "apt-get" in line)
    assert command.strip().endswith("--no-install-recommends libzbar0")


def test_no_property_fails_because_the_machine_is_busy():
    from hypothesis import HealthCheck, settings

    assert settings().deadline is None
    assert HealthCheck.too_slow in settings().suppress_health_check


def test_no_property_fails_because_of_the_examples_of_the_day():
    from hypothesis import settings

    assert settings().derandomize
    assert settings().database is None


def test_every_locked_dependency_has_hashes():
    found = locked()
    assert len(found) > 50
    assert [name for name, hashes in found.items() if not hashes] == []


def test_the_lock_names_no_registry_and_no_machine():
    text = LOCK.read_text(encoding="utf-8")
    for trace in ("://", "--index-url", "--find-links", "--extra-index-url", "/home/", "/root/"):
        assert trace not in text


def test_the_lock_holds_all_that_the_project_asks_for():
    # GIVEN what pyproject.toml names, the build backend included
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *(name for extra in project["project"]["optional-dependencies"].values() for name in extra),
    ]

    # THEN each is locked
    names = {requirement.partition("==")[0] for requirement in locked()}
    assert {re.split(r"[=<>!~\[ ]", name)[0].lower() for name in wanted} <= names


def test_the_chinese_faces_are_single_faces_of_the_mainland(tmp_path):
    # WHEN the fonts are taken out of the package
    script = ROOT / "scripts" / "fonts.py"
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True)

    # THEN there is one face a file, of the mainland's family
    from fontTools.ttLib import TTFont

    for weight in ("Regular", "Bold"):
        with TTFont(tmp_path / f"NotoSansCJKsc-{weight}.otf", lazy=True) as face:
            names = {record.toUnicode() for record in face["name"].names}
        assert "Noto Sans CJK SC" in names
    assert len(list(tmp_path.iterdir())) == 2


def test_the_unit_is_hardened():
    found = directives("kiosk.service")
    for key, value in UI_HARDENING.items():
        assert found.get(key, [None])[-1] == value, key
    assert found["SystemCallFilter"] == ["@system-service", "~@privileged @resources"]


def test_the_unit_is_watched_and_waits_within_bounds():
    found = directives("kiosk.service")
    assert found["WatchdogSec"] == ["30"]
    assert int(found["TimeoutStartSec"][0]) <= 60
    assert int(found["TimeoutStopSec"][0]) <= 30


def test_the_unit_waits_for_drivers_whose_devices_it_may_use():
    # GIVEN that a device group is resolved when the unit starts
    found = directives("kiosk.service")
    allowed = {value.split()[0] for value in found["DeviceAllow"]}

    # THEN the driver behind each serial and printer group is loaded before
    assert {"char-ttyUSB", "char-ttyACM", "char-usb"} <= allowed
    drivers = {f"modprobe@{name}.service" for name in ("usbserial", "cdc_acm", "usblp")}
    for key in ("Wants", "After"):
        assert drivers <= set(" ".join(found[key]).split())


def test_the_unit_starts_the_terminal_on_the_display_of_the_x_unit():
    found = directives("kiosk.service")
    assert found["ExecStart"] == ["/opt/kiosk/.venv/bin/kiosk run"]
    assert "DISPLAY=:0" in found["Environment"][0].split()
    assert "Xorg :0 " in directives("kiosk-x.service")["ExecStart"][0]
    assert "kiosk-x.service" in found["Requires"]


def test_the_rules_name_the_ports_that_the_configuration_looks_for():
    from kiosk.config_devices import PARTS

    rules = (ROOT / "config" / "udev" / "70-kiosk.rules").read_text(encoding="utf-8")
    links = [f"/dev/{name}" for name in re.findall(r'SYMLINK\+="([^"]+)"', rules)]
    wanted = {part.port for part in PARTS.values() if part.port.startswith("/dev/kiosk-")}
    assert len(wanted) == 5
    assert sorted(links) == sorted(wanted)


def test_each_rule_is_for_a_socket_of_its_own():
    rules = (ROOT / "config" / "udev" / "70-kiosk.rules").read_text(encoding="utf-8")
    sockets = re.findall(r'ENV\{ID_PATH\}=="([^"]+)"', rules)
    assert len(sockets) == len(set(sockets)) == 5
