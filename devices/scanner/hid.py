"""The adapter of USB scanners that are no keyboards (HID-POS), over the kernel's hidraw node."""

from __future__ import annotations

import errno
import fcntl
import struct
from typing import ClassVar

from devices.faults import fault
from devices.scanner.hid_pos import Reports, is_hid_pos
from devices.scanner.node import NodeScanner
from devices.status import Failed, Outcome

DESCRIPTOR_MOST = 4096

HIDIOCGRDESCSIZE = 0x80044801
HIDIOCGRDESC = 0x90044802
"""Ask for the report descriptor's size and for itself (linux/hidraw.h)."""

NOT_HIDRAW = (errno.ENOTTY, errno.EINVAL)


class HidScanner(NodeScanner):
    """A scanner at /dev/hidrawN, or better at a link that udev keeps for its USB place."""

    type_name: ClassVar[str] = "hid-scanner"

    def _new_codec(self) -> Reports:
        return Reports()

    def _probe(self) -> Failed | None:
        """Make sure that it is a scanner and no keyboard or anything else that happens to be there."""
        if not self._simulated:
            try:
                descriptor = self._descriptor()
            except OSError as error:
                if error.errno not in NOT_HIDRAW:
                    raise
                return Failed(Outcome.DEVICE_NOT_READY, fault("scanner.not_hidraw"))
            if not is_hid_pos(descriptor):
                return Failed(Outcome.DEVICE_NOT_READY, fault("scanner.not_hid_pos"))
        self._clear()
        return None

    def _descriptor(self) -> bytes:
        size = bytearray(4)
        fcntl.ioctl(self._opened, HIDIOCGRDESCSIZE, size)
        (length,) = struct.unpack("I", size)
        answer = bytearray(struct.pack("I", length) + bytes(DESCRIPTOR_MOST))
        fcntl.ioctl(self._opened, HIDIOCGRDESC, answer)
        return bytes(answer[4 : 4 + length])
