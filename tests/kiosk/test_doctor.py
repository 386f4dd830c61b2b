"""The doctor says what is wrong on a bad machine, how to fix it, and nothing on a good one."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from devices.status import Act, DeviceState, Fault, Health
from kiosk.backends.settings import DEPARTMENTS, Department
from kiosk.config import load
from kiosk.config_edit import set_key
from kiosk.doctor import departments, examine, hardware, machine
from kiosk.doctor.finding import Finding, Verdict

NOW = 1_800_000_000.0


@contextmanager
def interface(status: int = 200, date: str | None = None) -> Iterator[str]:
    """A department that answers its health with `status`."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def date_time_string(self, timestamp: float | None = None) -> str:
            return date or super().date_time_string(timestamp)  # type: ignore[arg-type]

        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/tax/v1"
        server.shutdown()
    assert paths == ["/tax/v1/health"]


def asked(url: str) -> Finding:
    return departments.interface(Department("tax", url, connect_timeout_s=30.0))


def test_a_department_that_answers_is_fine() -> None:
    with interface() as url:
        finding = asked(url)

    assert finding == Finding("department tax", Verdict.OK, "127.0.0.1 answers")


@pytest.mark.parametrize("status", [404, 500, 503])
def test_a_department_that_answers_otherwise_is_bad(status: int) -> None:
    with interface(status) as url:
        finding = asked(url)

    assert finding.verdict is Verdict.BAD
    assert str(status) in finding.what
    assert finding.remedy


def test_clocks_that_differ_are_told() -> None:
    with interface(date="Mon, 01 Jan 2024 00:00:00 GMT") as url:
        finding = asked(url)

    assert finding.verdict is Verdict.WARN
    assert "clock" in finding.what


def test_a_department_that_is_not_there_is_bad() -> None:
    with socket.socket() as taken:  # nobody listens there, nor comes to while it is taken
        taken.bind(("127.0.0.1", 0))
        finding = asked(f"http://127.0.0.1:{taken.getsockname()[1]}/v1")

    assert finding.verdict is Verdict.BAD
    assert "refused" in finding.what


def test_a_server_that_speaks_no_tls_is_bad() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer_in_plain() -> None:
            link, _ = server.accept()
            with link:
                link.recv(4096)
                link.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")

        threading.Thread(target=answer_in_plain, daemon=True).start()
        finding = asked(f"https://127.0.0.1:{server.getsockname()[1]}/v1")

    assert finding.verdict is Verdict.BAD
    assert "TLS" in finding.what


def test_an_authority_that_cannot_be_read_is_bad(tmp_path: Path) -> None:
    department = Department("tax", "https://127.0.0.1:1/v1", ca_file=tmp_path / "absent.pem")

    finding = departments.interface(department)

    assert finding.verdict is Verdict.BAD
    assert "departments.tax" in finding.remedy


def test_departments_without_an_address_are_named_with_the_command(config_dir: Path) -> None:
    assert set_key(config_dir, "sandbox.own", "false") == []
    config = load(config_dir)
    assert not isinstance(config, list)

    findings = list(departments.interfaces(config, config_dir))

    assert [finding.check for finding in findings] == [f"department {id}" for id in DEPARTMENTS]
    assert all(finding.verdict is Verdict.BAD for finding in findings)
    tax = next(finding for finding in findings if finding.check == "department tax")
    assert "departments.tax.url" in tax.remedy


def test_a_port_that_is_not_there_is_bad(tmp_path: Path) -> None:
    finding = hardware.port("scanner", tmp_path / "kiosk-scan")

    assert finding.verdict is Verdict.BAD
    assert "not there" in finding.what


def test_a_file_in_the_place_of_a_port_is_bad(tmp_path: Path) -> None:
    (tmp_path / "port").touch()

    assert hardware.port("scanner", tmp_path / "port").verdict is Verdict.BAD


def test_a_port_of_its_own_is_fine() -> None:
    ours, theirs = os.openpty()

    finding = hardware.port("scanner", Path(os.ttyname(theirs)))

    os.close(ours)
    os.close(theirs)
    assert finding.verdict is Verdict.OK


def test_a_port_that_others_own_names_the_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)

    finding = hardware.port("scanner", Path("/dev/null"))

    assert finding.verdict is Verdict.BAD
    assert finding.remedy.startswith("adduser $USER root")


def plugged(sys: Path, *sockets: str) -> None:
    """As many equal adapters; /dev/null stands for the last one (sysfs(5))."""
    for number, socket_ in enumerate(sockets):
        device = sys / "devices" / socket_.partition(":")[0]
        node = device / socket_ / f"ttyUSB{number}"
        node.mkdir(parents=True)
        (device / socket_ / "bInterfaceNumber").write_text("00\n")
        (device / "idVendor").write_text("1a86\n")
        (device / "idProduct").write_text("7523\n")
        listed = sys / "class" / "tty" / node.name
        listed.parent.mkdir(parents=True, exist_ok=True)
        listed.symlink_to(node)
    at = Path("/dev/null").stat().st_rdev
    known = sys / "dev" / "char" / f"{os.major(at)}:{os.minor(at)}"
    known.parent.mkdir(parents=True)
    known.symlink_to(node)


def test_a_port_that_may_lead_to_an_equal_adapter_is_told_with_its_lasting_name(
    tmp_path: Path,
) -> None:
    # GIVEN two adapters of one kind without serial numbers, and the port named as the kernel counts
    plugged(tmp_path, "1-1.2:1.0", "1-1.3:1.0")
    by_path = tmp_path / "by-path"
    by_path.mkdir()
    (by_path / "pci-usb-0:1.2:1.0-port0").symlink_to("/dev/zero")
    (by_path / "pci-usb-0:1.3:1.0-port0").symlink_to("/dev/null")
    # WHEN the doctor looks
    (finding,) = hardware.twin("scanner", Path("/dev/null"), tmp_path, by_path)
    # THEN it names the command that makes it sure
    assert finding.verdict is Verdict.WARN
    assert "1a86:7523" in finding.what
    wanted = f"kiosk config set devices.scanner.port {by_path}/pci-usb-0:1.3:1.0-port0"
    assert wanted in finding.remedy
    assert "1-1.3:1.0" in finding.remedy


def test_a_name_by_the_serial_number_that_two_adapters_share_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugged(tmp_path, "1-1.2:1.0", "1-1.3:1.0")
    by_id = tmp_path / "by-id" / "usb-1a86_USB_Serial-if00-port0"
    by_id.parent.mkdir()
    by_id.symlink_to("/dev/null")
    monkeypatch.setattr("devices.identity.BY_ID", f"{by_id.parent}/")

    assert len(list(hardware.twin("scanner", by_id, tmp_path, tmp_path))) == 1


def test_a_name_by_the_socket_is_sure_and_so_is_an_adapter_without_its_like(
    tmp_path: Path,
) -> None:
    two, one = tmp_path / "two", tmp_path / "one"
    plugged(two, "1-1.2:1.0", "1-1.3:1.0")
    plugged(one, "1-1.3:1.0")
    ruled = tmp_path / "kiosk-scan"
    ruled.symlink_to("/dev/null")

    assert list(hardware.twin("scanner", ruled, two, tmp_path)) == []
    assert list(hardware.twin("scanner", Path("/dev/null"), one, tmp_path)) == []


def health(state: DeviceState, fault: Fault | None = None, **facts: str) -> Health:
    return Health("scanner", "scanner", "serial-scanner", "/dev/s", state, fault, facts)


@pytest.mark.parametrize(
    ("given", "verdict", "word"),
    [
        (health(DeviceState.ONLINE, power="off"), Verdict.OK, "power off"),
        (health(DeviceState.STARTING), Verdict.BAD, "starting"),
        (
            health(DeviceState.NO_DEVICE, Fault("port.missing", Act.CONFIGURATION)),
            Verdict.BAD,
            "port.missing",
        ),
        (health(DeviceState.ONLINE, paper="low"), Verdict.WARN, "paper low"),
        (
            health(DeviceState.ONLINE, Fault("printer.paper_out", Act.CLEAR)),
            Verdict.WARN,
            "used up",
        ),
    ],
)
def test_a_device_is_judged_by_what_it_says(given: Health, verdict: Verdict, word: str) -> None:
    finding = hardware.judged("device scanner", given)

    assert finding.verdict is verdict
    assert word in finding.what
    assert bool(finding.remedy) is (verdict is not Verdict.OK)


def test_a_port_that_is_held_points_to_the_running_terminal() -> None:
    busy = Fault("port.busy", Act.CONFIGURATION)

    finding = hardware.judged("device scanner", health(DeviceState.OFFLINE, busy))

    assert "A running terminal holds its devices" in finding.remedy


def test_a_display_that_does_not_answer_is_bad(tmp_path: Path) -> None:
    finding = machine.display({"DISPLAY": ":7"}, tmp_path)

    assert finding.verdict is Verdict.BAD
    assert ":7" in finding.what


def test_a_display_that_answers_is_fine(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "X7"))
        server.listen()

        assert machine.display({"DISPLAY": ":7.0"}, tmp_path).verdict is Verdict.OK


@pytest.mark.parametrize("name", ["", "nonsense"])
def test_no_display_is_told(name: str, tmp_path: Path) -> None:
    assert machine.display({"DISPLAY": name}, tmp_path).verdict is not Verdict.OK


def test_fonts_are_fine_second_best_or_missing(tmp_path: Path) -> None:
    own, system = tmp_path / "own", tmp_path / "system"
    own.mkdir()
    system.mkdir()

    assert machine.fonts(own, system).verdict is Verdict.BAD
    for name in machine.SYSTEM_FONT_FILES:
        (system / name).touch()
    assert machine.fonts(own, system).verdict is Verdict.WARN
    for name in machine.FONT_FILES:
        (own / name).touch()
    assert machine.fonts(own, system).verdict is Verdict.OK


def test_a_language_without_sentences_is_bad(tmp_path: Path) -> None:
    assert machine.locale(tmp_path).verdict is Verdict.BAD


def test_a_state_directory_that_cannot_be_written_is_bad() -> None:
    finding = machine.disk(Path("/proc/kiosk"))

    assert finding.verdict is Verdict.BAD
    assert "/proc" in finding.what


@pytest.mark.parametrize(
    ("free_mib", "verdict"), [(100, Verdict.BAD), (500, Verdict.WARN), (5000, Verdict.OK)]
)
def test_little_room_is_told(
    free_mib: int, verdict: Verdict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage:
        free = free_mib * machine.MIB

    monkeypatch.setattr(machine.shutil, "disk_usage", lambda path: Usage)

    assert machine.disk(tmp_path / "state").verdict is verdict


def test_a_clock_before_the_release_is_bad() -> None:
    finding, *_ = machine.clock(now=0.0, offset_s=8 * 3600)

    assert finding.verdict is Verdict.BAD
    assert "1970" in finding.what


def test_another_zone_than_chinas_is_told() -> None:
    *_, zone = machine.clock(now=NOW, offset_s=0)

    assert zone.verdict is Verdict.WARN
    assert "UTC+0" in zone.what
    assert len(list(machine.clock(now=NOW, offset_s=8 * 3600))) == 1


def test_a_wrong_configuration_is_told_and_the_machine_looked_at_all_the_same(
    config_dir: Path, tmp_path: Path
) -> None:
    file = config_dir / "terminal.toml"
    file.write_text(file.read_text().replace("rotation = 0", "rotation = 7"))
    (config_dir / "services" / "own-property.toml").write_text("id = 1")

    findings = list(examine(config_dir, tmp_path / "state"))

    told = [finding for finding in findings if finding.verdict is Verdict.BAD]
    assert any("display.rotation" in finding.what for finding in told)
    assert any("own-property.toml" in finding.what for finding in told)
    assert {"display", "fonts", "locale", "disk", "clock"} <= {f.check for f in findings}


def test_the_program_as_it_comes_has_nothing_bad_about_itself(
    config_dir: Path, tmp_path: Path
) -> None:
    findings = {finding.check: finding for finding in examine(config_dir, tmp_path / "state")}

    for check in ("config", "catalogue", "device id_card", "device scanner", "departments"):
        assert findings[check].verdict is Verdict.OK
        assert findings[check].remedy == ""
