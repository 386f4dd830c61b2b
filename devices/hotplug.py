"""Hot-plug: tells devices at once that their port was plugged in or pulled.

`Hotplug` is one thread for all devices of a process, fed by a `Source` of events: udev's netlink where
there is udev, anything that yields the same events elsewhere. Without a source devices find a port that
came back by looking for it (devices/device.py), within half a second for a device file.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

SUBSYSTEMS = ("tty", "usbmisc", "usb", "hidraw", "input", "video4linux", "sound")
"""Those in which the terminal's devices live (config/udev, systemd/kiosk.service)."""

POLL_S = 0.5
"""How long the thread waits for an event before it looks whether it shall end."""

CAME = frozenset({"add", "bind", "change"})
"""Actions after which a port may be opened; `change` follows when a rule gives it its name."""

USB_PORT = re.compile(r"usb:([0-9a-fA-F]{4}):([0-9a-fA-F]{4})(?::(.+))?$")

UDEV_SOCKET = "/run/udev/control"
"""There while udev's daemon runs: without it nothing is ever sent to its netlink group."""


@dataclass(frozen=True, slots=True)
class PortEvent:
    """A device node came or went. `names` are the node and its links; `properties` udev's own."""

    action: str
    names: tuple[str, ...]
    properties: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def came(self) -> bool | None:
        """True where it came, False where it went, None where neither."""
        if self.action in CAME:
            return True
        return False if self.action == "remove" else None

    def concerns(self, port: str) -> bool:
        """Whether it is about the device at `port`."""
        if usb := USB_PORT.match(port):
            maker, model, serial = usb.groups()
            known = self.properties
            same = known.get("ID_VENDOR_ID", "").lower() == maker.lower()
            same = same and known.get("ID_MODEL_ID", "").lower() == model.lower()
            return same and (serial is None or known.get("ID_SERIAL_SHORT") in (serial, None))
        path = port.removeprefix("file:")
        return path in self.names or os.path.realpath(path) in self.names


class Source(Protocol):
    """Where events come from."""

    def next(self, timeout_s: float) -> PortEvent | None:
        """The next event; None where none came within `timeout_s`. Raises OSError when it is broken."""
        ...

    def close(self) -> None:
        """Listen no more."""
        ...


class Pluggable(Protocol):
    """What hot-plug tells."""

    @property
    def port(self) -> str: ...

    def plugged(self, there: bool) -> None: ...


class UdevDevice(Protocol):
    """What is read of pyudev's Device."""

    @property
    def action(self) -> str | None: ...
    @property
    def device_node(self) -> str | None: ...
    @property
    def device_links(self) -> object: ...
    @property
    def properties(self) -> Mapping[str, str]: ...


class UdevMonitor(Protocol):
    """What is asked of pyudev's Monitor."""

    def poll(self, timeout: float | None = None) -> UdevDevice | None: ...


class UdevSource:
    """The events of udev's daemon (pyudev over libudev's netlink monitor)."""

    def __init__(self, monitor: UdevMonitor | None = None) -> None:
        """`monitor` is a started pyudev.Monitor; one over the terminal's subsystems by default.

        Raises OSError where this machine has no udev.
        """
        self._monitor = monitor or _monitor()

    def next(self, timeout_s: float) -> PortEvent | None:
        device = self._monitor.poll(timeout_s)
        if device is None or device.device_node is None:
            return None
        links = device.device_links
        names = (device.device_node, *(str(link) for link in links))  # type: ignore[attr-defined]
        return PortEvent(device.action or "", names, dict(device.properties))

    def close(self) -> None:
        """The netlink socket ends with the monitor."""
        del self._monitor


def _monitor() -> UdevMonitor:
    if not os.path.exists(UDEV_SOCKET):
        raise FileNotFoundError(2, "udev does not run here", UDEV_SOCKET)
    try:
        import pyudev
    except ImportError as error:  # pyudev without libudev
        raise OSError(str(error)) from error
    monitor = pyudev.Monitor.from_netlink(pyudev.Context())
    for subsystem in SUBSYSTEMS:
        monitor.filter_by(subsystem)
    monitor.start()
    found: UdevMonitor = monitor
    return found


class Hotplug:
    """Tells each of `devices` of its events until closed."""

    def __init__(
        self,
        devices: Callable[[], tuple[Pluggable, ...]],
        source: Source,
        heard: Callable[[PortEvent], None] = lambda event: None,
    ) -> None:
        """`heard` is called with each event, on the thread, after the devices were told."""
        self._devices = devices
        self._source = source
        self._heard = heard
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hotplug", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def close(self) -> None:
        """End the thread and the source."""
        self._ended.set()
        self._thread.join(POLL_S * 4)
        self._source.close()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                event = self._source.next(POLL_S)
            except OSError:  # netlink is gone: devices go on looking for their ports themselves
                return
            if event is None or event.came is None:
                continue
            for device in self._devices():
                if event.concerns(device.port):
                    device.plugged(event.came)
            self._heard(event)


def listening(devices: Callable[[], tuple[Pluggable, ...]]) -> Hotplug | None:
    """Hot-plug for `devices`, started; None where this machine has no udev."""
    try:
        hotplug = Hotplug(devices, UdevSource())
    except OSError:
        return None
    hotplug.start()
    return hotplug
