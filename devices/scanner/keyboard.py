"""The adapter of scanners that type as a keyboard, over evdev: the only way to keep them from the screen.

The node is grabbed, so that no key of it reaches the application, the desktop or an input method. Where
that is refused the scanner is not used at all.
"""

from __future__ import annotations

import errno
import fcntl
from typing import ClassVar, Literal

from devices.faults import fault
from devices.registry import BadSetting
from devices.scanner.keys import LAYOUTS, Keys
from devices.scanner.node import NodeScanner
from devices.status import Failed, Outcome

EVIOCGRAB = 0x40044590
"""Have all events of the node to oneself (linux/input.h); it ends when the node is closed."""

NOT_EVDEV = (errno.ENOTTY, errno.EINVAL)


class KeyboardScanner(NodeScanner):
    """A scanner at /dev/input/by-id/...-event-kbd, `layout` one of those of devices/scanner/keys.py.
    Raises BadSetting."""

    type_name: ClassVar[str] = "keyboard-scanner"

    def __init__(self, name: str, port: str, *, layout: Literal["us", "uk", "de"] = "us") -> None:
        if layout not in LAYOUTS:
            raise BadSetting("layout", f"one of {', '.join(LAYOUTS)}")
        self._layout = LAYOUTS[layout]
        super().__init__(name, port)

    def _new_codec(self) -> Keys:
        return Keys(self._layout)

    def _probe(self) -> Failed | None:
        if not self._simulated:
            try:
                fcntl.ioctl(self._opened, EVIOCGRAB, 1)
            except OSError as error:
                if error.errno not in NOT_EVDEV:
                    raise
                return Failed(Outcome.DEVICE_NOT_READY, fault("scanner.not_grabbed"))
        self._clear()
        return None
