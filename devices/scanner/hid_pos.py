"""Reports of scanners that are no keyboards: USB HID, usage page 8C (bar code scanner), as bytes.

A report of scanned data has 64 bytes: its number 2, how many bytes of data it holds, three of the AIM
symbology identifier, 56 of data, two of the maker's own, and in the last one's lowest bit whether more
follows (Access-IS LSR118 product manual, appendix B.1; Honeywell's are the same). Data may be any
bytes, so that Chinese in GBK arrives unharmed.
"""

from __future__ import annotations

from devices.scanner.codes import MAX_CODE_BYTES

SCANNED_DATA = 0x02
"""The number of the report."""

REPORT_BYTES = 64
HEAD_BYTES = 5
MOST_DATA = 56
CONTINUED = 0x01
AIM_FLAG = ord("]")
"""How an AIM identifier begins; zero where the scanner leaves it out."""

USAGE_PAGE = bytes([0x05, 0x8C])
"""Usage Page (Bar Code Scanner) in a report descriptor: HID Point of Sale Usage Tables 1.02, 3."""

USAGE_PAGE_WIDE = bytes([0x06, 0x8C, 0x00])
"""The same in two bytes."""


def is_hid_pos(descriptor: bytes) -> bool:
    """Whether a report descriptor is one of a scanner that is no keyboard."""
    return USAGE_PAGE in descriptor or USAGE_PAGE_WIDE in descriptor


def reports(code: bytes, symbology: bytes = b"]Q1") -> list[bytes]:
    """The reports in which a scanner sends `code`; what a simulated one sends."""
    parts = [code[at : at + MOST_DATA] for at in range(0, len(code), MOST_DATA)] or [b""]
    return [
        bytes([SCANNED_DATA, len(part)])
        + symbology.ljust(3, b"\0")[:3]
        + part.ljust(MOST_DATA, b"\0")
        + bytes([0, 0, CONTINUED if part is not parts[-1] else 0])
        for part in parts
    ]


class Reports:
    """Puts codes together from reports, however the bytes arrive. Never raises."""

    def __init__(self) -> None:
        self.dropped = 0
        """Bytes dropped so far."""
        self._waiting = bytearray()
        self._code = bytearray()
        self._unwanted = False

    @property
    def unfinished(self) -> bool:
        """Whether a code has begun and not ended."""
        return bool(self._waiting or self._code)

    def feed(self, data: bytes) -> list[bytes]:
        """Take `data`; the codes that it completed, in order."""
        self._waiting += data
        codes = []
        while (report := self._take()) is not None:
            self._code += report[HEAD_BYTES : HEAD_BYTES + report[1]]
            if len(self._code) > MAX_CODE_BYTES:
                self._unwanted = True
            if report[-1] & CONTINUED:
                continue
            if self._unwanted:
                self.dropped += len(self._code)
            else:
                codes.append(bytes(self._code))
            self._code.clear()
            self._unwanted = False
        return codes

    def abandon(self) -> None:
        """What is unfinished is not wanted: drop it, and its rest when that comes."""
        self._unwanted |= self.unfinished

    def pause(self) -> None:
        """Nothing came for a while: what is unfinished will not be finished."""
        self.dropped += len(self._waiting) + len(self._code)
        self._waiting.clear()
        self._code.clear()
        self._unwanted = False

    def _take(self) -> bytes | None:
        """The next whole report; bytes that cannot begin one are dropped."""
        while self._waiting and not self._may_begin():
            del self._waiting[0]
            self.dropped += 1
        if len(self._waiting) < REPORT_BYTES:
            return None
        report = bytes(self._waiting[:REPORT_BYTES])
        del self._waiting[:REPORT_BYTES]
        return report

    def _may_begin(self) -> bool:
        head = self._waiting[:3]
        return (
            head[0] == SCANNED_DATA
            and (len(head) < 2 or head[1] <= MOST_DATA)
            and (len(head) < 3 or head[2] in (0, AIM_FLAG))
        )
