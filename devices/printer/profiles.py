"""What differs between receipt printers, as data.

A printer that is none of these gets a profile of its own here; the adapter has no branch by model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

CLEAR_BUFFERS = bytes.fromhex("10 14 08 01 03 14 01 06 02 08")
"""DLE DC4 fn 8: drop what waits to be printed; answered `37 25 00`, also while offline.

Epson ESC/POS command reference, DLE DC4 (fn = 8); Citizen PPU-700 p127.
"""


@dataclass(frozen=True, slots=True)
class Profile:
    """One model's paper, its status bits, and the commands it has.

    - `dots`: printable dots across the paper; `columns` of font A (12 dots) follow from it
    - `line_dots`: paper fed by a line of normal text (1/6 inch)
    - `questions`: the n of DLE EOT n that the model answers
    - `near_end`, `end`: bits of DLE EOT 4 (PROTOCOLS.md A; Citizen PPU-231 uses b6 otherwise)
    - `qr`: prints QR codes by itself (GS ( k); otherwise they are sent as raster
    - `clear`: the real-time command that drops waiting data, empty where there is none
    """

    name: str
    dots: int
    line_dots: int = 34
    questions: tuple[int, ...] = (1, 2, 3, 4)
    near_end: int = 0x0C
    end: int = 0x60
    qr: bool = True
    clear: bytes = CLEAR_BUFFERS

    @property
    def columns(self) -> int:
        """Characters of normal size across the paper; a hanzi takes two."""
        return self.dots // 12


PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            Profile("epson-80", dots=576),
            Profile("epson-58", dots=384),
            Profile("citizen-ppu-80", dots=576, end=0x20),
            Profile("plain-80", dots=576, line_dots=30, qr=False, clear=b""),
            Profile("plain-58", dots=384, line_dots=30, qr=False, clear=b""),
        )
    }
)
"""`epson-*` serves all that follow Epson's TM series at 203 dpi; `plain-*` the simplest clones."""
