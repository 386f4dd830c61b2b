"""A receipt printer on USB, through the kernel's printer class driver (usblp).

The kernel finds the endpoints and resets nothing at open; python-escpos' own class and pyusb would
take the driver away first. A printer is named by its vendor, product and serial number, wherever it
is plugged in.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
from collections.abc import Callable
from pathlib import Path

from devices.serial_port import CHUNK_BYTES
from devices.status import Fault

LPGETSTATUS = 0x060B
"""linux/lp.h: the printer class's port status (USB printer class 1.1, section 4.2.2)."""

SYSFS = Path("/sys/bus/usb/devices")
DEV = Path("/dev")


class UsbWire:
    """An open /dev/usb/lpN, ours alone: the driver refuses a second opening, the lock an inherited one."""

    connection_is_a_job = False

    def __init__(self, path: str) -> None:
        """Raises OSError where it is not there, forbidden or taken."""
        self._file = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise

    @classmethod
    def found(cls, address: str) -> UsbWire:
        """The printer at `usb:VENDOR:PRODUCT[:SERIAL]`. Raises OSError."""
        return cls(str(node_of(address)))

    def send(self, data: bytes, seconds: float) -> int:
        if not self._ready(select.POLLOUT, seconds):
            return 0
        try:
            return os.write(self._file, data)
        except BlockingIOError:
            return 0

    def read(self, seconds: float) -> bytes:
        if not self._ready(select.POLLIN, seconds):
            return b""
        try:
            return os.read(self._file, CHUNK_BYTES)
        except BlockingIOError:
            return b""

    def port_status(self) -> int | None:
        """The port's status; None where the printer does not implement the request."""
        answer = bytearray(4)
        try:
            fcntl.ioctl(self._file, LPGETSTATUS, answer)
        except OSError as error:
            if error.errno in (errno.ENOTTY, errno.EINVAL, errno.EPIPE, errno.ETIMEDOUT):
                return None
            raise
        return answer[0]

    def trouble(self) -> Fault | None:
        return None

    def finish(self, over: Callable[[], bool]) -> bool:
        return False

    def close(self) -> None:
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)

    def _ready(self, event: int, seconds: float) -> bool:
        """Raises OSError where the printer was pulled out, or the wire is closed."""
        if self._file < 0:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        poll = select.poll()
        poll.register(self._file, event)
        for _, came in poll.poll(max(0, round(seconds * 1000))):
            if came & event:
                return True
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        return False


def node_of(address: str, sysfs: Path = SYSFS, dev: Path = DEV) -> Path:
    """The device file of the printer at `address`, wherever it is plugged in.

    Raises OSError: ENOENT where there is none, EBUSY where usblp does not hold it (another program
    took it, or the module is not loaded), ENOTUNIQ where two answer to the name.
    """
    words = address.removeprefix("usb:").split(":", 2)
    if len(words) < 2 or not all(_hexadecimal(word) for word in words[:2]):
        raise OSError(errno.EINVAL, "wanted: usb:VENDOR:PRODUCT[:SERIAL], as lsusb writes them")
    wanted = (int(words[0], 16), int(words[1], 16))
    serial = words[2] if len(words) > 2 else ""
    found = [
        device
        for device in sorted(sysfs.glob("*"))
        if _number(device / "idVendor") == wanted[0]
        and _number(device / "idProduct") == wanted[1]
        and serial in ("", _text(device / "serial"))
    ]
    if not found:
        raise FileNotFoundError(errno.ENOENT, "no such printer is plugged in")
    if len(found) > 1:
        raise OSError(errno.ENOTUNIQ, "two of the kind: add the serial number, or use /dev/usb/lpN")
    nodes = [*found[0].glob("*/usbmisc/lp*"), *found[0].glob("*/usb/lp*")]
    if not nodes:
        raise OSError(errno.EBUSY, "the kernel's usblp does not hold it")
    return dev / "usb" / nodes[0].name


def _hexadecimal(word: str) -> bool:
    return bool(word) and all(char in "0123456789abcdefABCDEF" for char in word)


def _number(file: Path) -> int:
    text = _text(file)
    return int(text, 16) if _hexadecimal(text) else -1


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
