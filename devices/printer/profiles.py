"""What differs between receipt printers, as data.

A printer that is none of these gets a profile of its own here; the adapter has no branch by model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

CLEAR_BUFFERS = bytes.fromhex("10 14 08 01 03 14 01 06 02 08")
"""DLE DC4 fn 8: drop what waits to be printed; answered `37 25 00`, also while offline.

Epson ESC/POS command reference, DLE DC4 (fn = 8); Citizen PPU-700 p127.
"""


class Speaks(StrEnum):
    """How a printer tells how it is."""

    ANSWERS = "answers"  # DLE EOT n; silence is a fault
    AUTO = "auto"  # by itself with every change (ASB), and DLE EOT 1 as a sign of life
    PERHAPS = "perhaps"  # DLE EOT n; one that never answered is printed on with facts unknown
    NEVER = "never"  # nothing is asked, every fact is unknown


class Cut(StrEnum):
    """The knife."""

    PARTIAL = "partial"  # GS V 66: feeds to the knife, leaves a bridge
    FULL = "full"  # GS V 65
    OLD = "old"  # ESC i after a feed: printers without GS V
    NONE = "none"  # torn off by hand: fed past the edge


@dataclass(frozen=True, slots=True)
class Profile:
    """One model's paper, its status bits, and the commands it has.

    - `dots`: printable dots across the paper, 8 a millimetre; `columns` of font A (12 dots) follow
    - `line_dots`: paper fed by a line of normal text (1/6 inch)
    - `speaks`, `questions`: how it tells its state, and the n of DLE EOT n that it answers
    - `near_end`, `end`: bits of DLE EOT 4, each tested by itself (PROTOCOLS.md A)
    - `presenter`: the n of DLE EOT n and the bits that say "a slip is in the mouth", or None
    - `process_id`: worth asking for GS ( H once; False for models listed as without it, and for
      clones that would print its parameters
    - `queued`: answers GS r when it comes to it
    - `recovers`: obeys DLE ENQ 2 after a jam
    - `qr`: prints QR codes by itself (GS ( k); otherwise they are sent as raster
    - `chinese`: has a GB 18030 font; otherwise every line that is not ASCII is drawn
    - `code_page`: n of ESC t for its ASCII half, None where it is left alone
    - `cutter`: its knife
    - `clear`: the real-time command that drops waiting data, empty where there is none
    - `paper_out`: whether a slip whose paper ends is given up ("end") or waits for a new roll
      ("wait"), within its own deadline
    - `baud`: of its serial port as it leaves the factory
    - `mm_s`: the slowest that it prints, millimetres of paper a second
    """

    name: str
    dots: int
    line_dots: int = 34
    speaks: Speaks = Speaks.ANSWERS
    questions: tuple[int, ...] = (1, 2, 3, 4)
    near_end: int = 0x0C
    end: int = 0x60
    presenter: tuple[int, int] | None = None
    process_id: bool = True
    queued: bool = True
    recovers: bool = True
    qr: bool = True
    chinese: bool = True
    code_page: int | None = None
    cutter: Cut = Cut.PARTIAL
    clear: bytes = CLEAR_BUFFERS
    paper_out: Literal["end", "wait"] = "end"
    baud: int = 115200
    mm_s: int = 100

    @property
    def columns(self) -> int:
        """Characters of normal size across the paper; a hanzi takes two."""
        return self.dots // 12


WIDE, NARROW = 576, 384
"""Printable dots of an 80 mm and a 58 mm roll at 203 dpi."""

_EPSON = Profile("epson-80", WIDE)
_CITIZEN = Profile("citizen-ct-s310", WIDE, baud=9600)
_STAR = Profile(
    "star-escpos-80", WIDE, process_id=False, clear=b"", recovers=False, baud=9600
)  # fmt: skip
_CLONE = Profile(
    "xprinter-80", WIDE, line_dots=30, process_id=False, clear=b"", recovers=False, mm_s=60,
    baud=9600,
)  # fmt: skip
_PLAIN = Profile(
    "plain-80", WIDE, line_dots=30, speaks=Speaks.PERHAPS, process_id=False, queued=False, qr=False,
    clear=b"", recovers=False, mm_s=50, baud=9600,
)  # fmt: skip

_ALL = (
    _EPSON,
    replace(_EPSON, name="epson-58", dots=NARROW),
    replace(_EPSON, name="epson-tm-t20ii"),
    replace(_EPSON, name="epson-tm-t88v", baud=38400),
    # TM-L90 guide p425: no GS ( H on the T88III, L60II, U210 to U300
    replace(_EPSON, name="epson-tm-t88iii", process_id=False, baud=38400),
    replace(_EPSON, name="epson-asb-80", speaks=Speaks.AUTO),
    _CITIZEN,
    # PPU-700 p59; its mouth holds the slip
    replace(_CITIZEN, name="citizen-ppu-700", end=0x20, presenter=(4, 0x40), baud=19200),
    # PPU-231II p14: n=4 b2, b3 are two near-end sensors, b5 paper end, b6 the presenter
    replace(
        _CITIZEN, name="citizen-ppu-231", dots=NARROW, end=0x20, presenter=(4, 0x40), baud=19200
    ),
    Profile("citizen-ppu-80", WIDE, end=0x20, presenter=(4, 0x40)),
    # kiosk printers that answer a fifth question, the presenter's; its bits as those of n=4 [M]
    Profile(
        "kiosk-presenter-80",
        WIDE,
        questions=(1, 2, 3, 4, 5),
        presenter=(5, 0x60),
        process_id=False,
        cutter=Cut.FULL,
        baud=9600,
        mm_s=60,
    ),
    _STAR,
    replace(_STAR, name="star-escpos-58", dots=NARROW),
    _CLONE,
    replace(_CLONE, name="xprinter-58", dots=NARROW, cutter=Cut.NONE),
    replace(_CLONE, name="gprinter-80"),
    replace(_CLONE, name="gprinter-58", dots=NARROW, cutter=Cut.NONE),
    # BT-532C p49: GS r waits in the buffer and never tells an end of paper; ESC i cuts
    replace(_CLONE, name="better-bt-532c", dots=NARROW, queued=False, cutter=Cut.OLD),
    # Samsung/Bixolon SRP-250 manualsdump 168213/26
    Profile("bixolon-srp-250", NARROW, process_id=False, clear=b"", cutter=Cut.NONE, baud=9600),
    _PLAIN,
    replace(_PLAIN, name="plain-58", dots=NARROW),
    replace(_PLAIN, name="silent-80", speaks=Speaks.NEVER, questions=()),
    replace(_PLAIN, name="silent-58", dots=NARROW, speaks=Speaks.NEVER, questions=()),
    replace(_PLAIN, name="no-chinese-80", chinese=False),
    replace(_PLAIN, name="no-chinese-58", dots=NARROW, chinese=False),
)

PROFILES: Mapping[str, Profile] = MappingProxyType({profile.name: profile for profile in _ALL})
"""`epson-*` serves all that follow Epson's TM series at 203 dpi.

`plain-*` is for what is not known: it is asked how it is, and one that never answers, like a bare
TCP port that takes everything, is printed on blindly with all facts unknown. Every other profile
holds a printer that does not answer for lost: a serial printer without power looks just like it.
"""
