"""A CUPS server and an IPP printer of the tests' own: real programs, in a directory of their own."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from devices.printer.document import DocumentPrinter
from devices.printer.document_cups import CupsQueue
from devices.simulators.ipp_printer import IppPrinterSimulator
from devices.simulators.ports import reserved
from devices.status import Health

WITHIN_S = 60.0
"""Longer than anything takes here, filters on a busy machine included."""

LOOK_EVERY_S = 0.05

ROOT = os.geteuid() == 0
CUPS_PDF_PPD = Path("/usr/share/ppd/cups-pdf/CUPS-PDF_noopt.ppd")
TRAY = Path("/var/spool/cups-pdf/ANONYMOUS")
"""Where cups-pdf puts the papers of a user that the machine does not know."""

NOBODY = "kiosk-test"

WALLED_IN = ROOT and not os.stat("/").st_mode & 0o001
"""In a directory made for a chroot, only root may pass `/`: CUPS's filters, which are not, could start
nothing there without leave to search directories."""

LEAVE = (
    ("setpriv", "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search",
     "--securebits=+no_setuid_fixup")
    if WALLED_IN
    else ()
)  # fmt: skip

DUPLEX = "two-sided-long-edge"

CUPSD = """
LogLevel warn
Listen {socket}
Browsing Off
WebInterface No
DefaultAuthType None
PreserveJobFiles No
PreserveJobHistory {history}
ErrorPolicy retry-current-job
JobRetryInterval 1
MultipleOperationTimeout 300
<Location />
Order allow,deny
Allow all
</Location>
<Policy default>
JobPrivateAccess all
JobPrivateValues none
<Limit All>
Order deny,allow
Allow all
</Limit>
</Policy>
"""

CUPS_FILES = """
ServerRoot {home}/etc
RequestRoot {home}/spool
CacheDir {home}/cache
StateDir {home}/state
TempDir {home}/tmp
ErrorLog {home}/log/error
AccessLog {home}/log/access
PageLog {home}/log/page
FileDevice Yes
"""

BUS = """
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/>
<allow own="*"/><allow user="*"/></policy></busconfig>
"""


class CupsServer:
    """A cupsd with its socket, spool and logs under `home`."""

    def __init__(self, home: Path, *, history: bool = True) -> None:
        self.home = home
        self.socket = str(home / "sock")
        for name in ("etc", "spool", "cache", "state", "tmp", "log", "out"):
            (home / name).mkdir()
        (home / "tmp").chmod(0o1777)  # the filters run as another user
        words = {"socket": self.socket, "history": "Yes" if history else "No", "home": home}
        (home / "cupsd.conf").write_text(CUPSD.format(**words), encoding="utf-8")
        (home / "cups-files.conf").write_text(CUPS_FILES.format(**words), encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        files = ("-c", self.home / "cupsd.conf", "-s", self.home / "cups-files.conf")
        self._process = subprocess.Popen([*LEAVE, "/usr/sbin/cupsd", "-f", *files])
        wait_for(lambda: _answers(self.socket))

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            process.wait(WITHIN_S)

    def run(self, program: str, *words: str) -> str:
        """One of CUPS's own commands against this server."""
        path = shutil.which(program, path="/usr/sbin:/usr/bin")
        assert path is not None, f"{program} is not installed"
        ended = subprocess.run(
            [path, "-h", self.socket, *words], capture_output=True, text=True, timeout=WITHIN_S
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def add_driverless(self, name: str, uri: str) -> None:
        """A queue as the guide makes it for a printer on the network.

        CUPS 2.4 asks the printer on a thread of its own, and dies when the queue is deleted before that
        is done: wait until it knows what the printer can do.
        """
        self.run("lpadmin", "-p", name, "-E", "-v", uri, "-m", "everywhere")
        queue = CupsQueue(name, self.socket)
        wait_for(lambda: DUPLEX in queue.status().sides)
        queue.close()

    def add_pdf(self, name: str) -> None:
        """A cups-pdf queue. Its backend runs for root alone: others get its driver over a file."""
        device = "cups-pdf:/" if ROOT else f"file://{self.home}/out/{name}.ps"
        self.run("lpadmin", "-p", name, "-E", "-v", device, "-P", str(CUPS_PDF_PPD))

    def spooled(self) -> list[str]:
        """Documents that the server still keeps."""
        return sorted(p.name for p in (self.home / "spool").iterdir() if p.name.startswith("d"))


def _answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except OSError:
            return False
        return True


def wait_for(condition: Callable[[], object], within_s: float = WITHIN_S) -> None:
    """Wait for `condition`, on this thread: for what has no loop to turn meanwhile."""
    pause = threading.Event()
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        pause.wait(LOOK_EVERY_S)


async def eventually(condition: Callable[[], object], within_s: float = WITHIN_S) -> None:
    """Wait for `condition` to hold."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        await asyncio.sleep(LOOK_EVERY_S)


@contextmanager
def cups_server(**options: Any) -> Iterator[CupsServer]:
    """A running CUPS server."""
    with tempfile.TemporaryDirectory(prefix="cups-") as directory:
        home = Path(directory)
        home.chmod(0o755)  # the filters run as another user
        server = CupsServer(home, **options)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@contextmanager
def ippeveprinter(kept: Path, formats: str = "application/pdf") -> Iterator[str]:
    """CUPS's own reference printer, keeping what it prints under `kept`; its address.

    It wants a system bus to announce itself on, even where it shall not: it gets one of its own.
    """
    with tempfile.TemporaryDirectory(prefix="eve-") as directory:
        bus = Path(directory) / "bus"
        config = Path(directory) / "bus.conf"
        config.write_text(BUS.format(socket=bus).strip(), encoding="utf-8")
        daemon = subprocess.Popen(
            ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile"],
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(bus.exists)
            ours = reserved()
            port = ours.getsockname()[1]
            printer = subprocess.Popen(
                ["/usr/sbin/ippeveprinter", "-p", str(port), "-f", formats, "-2",
                 "-k", "-d", str(kept), "-c", "/bin/true", "-r", "off", "-n", "localhost", "Test"],
                env=os.environ | {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={bus}"},
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            try:
                wait_for(lambda: printer.poll() is not None or _listens(port))
                assert printer.poll() is None, "ippeveprinter ended"
                yield f"ipp://localhost:{port}/ipp/print"
            finally:
                printer.terminate()
                printer.wait(WITHIN_S)
                ours.close()
        finally:
            daemon.terminate()
            daemon.wait(WITHIN_S)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("localhost", port), timeout=5).close()
    except OSError:
        return False
    return True


async def until(device: DocumentPrinter, holds: Callable[[Health], bool]) -> Health:
    """Wait until the printer's health `holds`; the health that did."""
    await eventually(lambda: holds(device.health()))
    return device.health()


@asynccontextmanager
async def connected(port: str, **settings: Any) -> AsyncIterator[DocumentPrinter]:
    """An adapter that has found its printer."""
    device = DocumentPrinter("document_printer", port, **settings)
    device.start()
    try:
        await until(device, lambda health: health.usable)
        yield device
    finally:
        await asyncio.to_thread(device.close, WITHIN_S)


def came_out(simulator: IppPrinterSimulator) -> list[int]:
    """The pages that came out, from 1."""
    return [page.page + 1 for page in simulator.printed]


def job_names(simulator: IppPrinterSimulator) -> list[str]:
    return [job["name"] for job in simulator.control({"do": "state"})["jobs"]]


def ends_of(text: str) -> list[str]:
    """The numbered pages that a PostScript file announces."""
    return re.findall(r"^%%Page: (\d+)", text, re.MULTILINE)
