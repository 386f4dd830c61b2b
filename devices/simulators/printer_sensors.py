"""What can be wrong with the simulated receipt printer, and the status bytes that tell it.

Pure: sensors in, bytes out (PROTOCOLS.md A). What a situation does to the answers on their way is here
as well, because a printer is as often hard to understand as it is out of paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LATE_S = 1.2
SLOW_ANSWER_S = 0.2
SLOW_BYTE_S = 0.03


class PrinterSituation(StrEnum):
    """What can be wrong with the printer."""

    NORMAL = "normal"
    PAPER_LOW = "paper_low"
    PAPER_OUT = "paper_out"
    PAPER_OUT_MIDWAY = "paper_out_midway"  # after MIDWAY_LINES more lines
    PAPER_JAM = "paper_jam"  # likewise
    COVER_OPEN = "cover_open"
    CUTTER_JAM = "cutter_jam"  # at the next cut
    OVERHEATED = "overheated"
    BROKEN = "broken"  # an error that only switching off ends
    BUTTON_HELD = "button_held"  # somebody feeds paper by hand
    NOT_TAKEN = "not_taken"  # the last slip is still in the presenter
    SILENT = "silent"  # it takes everything and answers nothing
    GARBAGE = "garbage"  # nothing that it answers makes sense
    HALF_FRAMES = "half_frames"  # of each longer answer only the first half comes
    SLOW = "slow"  # a cheap clone
    SLOW_BYTES = "slow_bytes"  # its answers trickle
    LATE = "late"  # its answers come when nobody waits any more
    AUTO_STATUS = "auto_status"  # it tells its status unasked, before every answer and change
    CLONE = "clone"  # it answers DLE EOT and nothing else, and clears no buffer
    HANGS_UP = "hangs_up"  # it closes a network connection after each slip
    CUT_OFF = "cut_off"  # the cable is pulled in the middle of a slip


@dataclass(slots=True)
class Sensors:
    """The printer's sensors. `paper_left` in dots, None for a roll that does not end; `presenter` is
    the n of DLE EOT n that tells of its mouth, 0 without one."""

    situation: PrinterSituation = PrinterSituation.NORMAL
    paper_left: int | None = None
    stuck: bool = False
    presenter: int = 0

    @property
    def open(self) -> bool:
        """The cover."""
        return self.situation is PrinterSituation.COVER_OPEN

    @property
    def hot(self) -> bool:
        """The head."""
        return self.situation is PrinterSituation.OVERHEATED

    @property
    def broken(self) -> bool:
        """An unrecoverable error."""
        return self.situation is PrinterSituation.BROKEN

    @property
    def fed_by_hand(self) -> bool:
        """The feed button."""
        return self.situation is PrinterSituation.BUTTON_HELD

    @property
    def out(self) -> bool:
        """No paper under the head."""
        return self.paper_left is not None and self.paper_left <= 0

    @property
    def low(self) -> bool:
        """Little paper on the roll."""
        return self.situation is PrinterSituation.PAPER_LOW or self.paper_left is not None

    @property
    def mouth_full(self) -> bool:
        """A slip in the presenter."""
        return self.situation is PrinterSituation.NOT_TAKEN

    @property
    def online(self) -> bool:
        """Whether it prints."""
        wrong = self.open or self.hot or self.broken or self.fed_by_hand
        return not (wrong or self.out or self.stuck)

    def real_time(self, n: int) -> int:
        """DLE EOT n; with an open drawer port, pin 3 is high."""
        error = self.stuck or self.hot or self.broken
        mouth = 0x60 if self.presenter == 5 else 0x40
        bits = {
            1: 0x04 | 0x08 * (not self.online) | 0x40 * self.fed_by_hand,
            2: 0x04 * self.open | 0x08 * self.fed_by_hand | 0x20 * self.out | 0x40 * error,
            3: 0x08 * self.stuck | 0x20 * self.broken | 0x40 * self.hot,
            4: 0x0C * self.low | (0x20 if self.presenter == 4 else 0x60) * self.out,
        }
        told = bits.get(n, 0)
        if self.mouth_full and n == self.presenter:
            told |= mouth
        return 0x12 | told

    def automatic(self) -> bytes:
        """ASB."""
        first = 0x14 | 0x08 * (not self.online) | 0x20 * self.open | 0x40 * self.fed_by_hand
        second = 0x08 * self.stuck | 0x20 * self.broken | 0x40 * self.hot
        return bytes((first, second, 0x03 * self.low | 0x0C * self.out, 0x0F))

    def queued(self, n: int) -> bytes:
        """GS r n."""
        return bytes((0x03 * self.low | 0x0C * self.out,)) if n % 48 == 1 else b"\x00"

    def spoken(self, answer: bytes) -> list[tuple[float, bytes]]:
        """The answer as it comes out in this situation: parts, each with the seconds it is late."""
        match self.situation:
            case PrinterSituation.SILENT:
                return []
            case PrinterSituation.GARBAGE:
                return [(0, bytes(byte ^ 0xA5 | 0x80 for byte in answer))]
            case PrinterSituation.HALF_FRAMES:
                return [(0, self.automatic()[:2] + answer[: max(1, len(answer) // 2)])]
            case PrinterSituation.SLOW:
                return [(SLOW_ANSWER_S, answer)]
            case PrinterSituation.LATE:
                return [(LATE_S, answer)]
            case PrinterSituation.SLOW_BYTES:
                return [(SLOW_BYTE_S * at, answer[at : at + 1]) for at in range(len(answer))]
            case PrinterSituation.AUTO_STATUS:
                return [(0, self.automatic() + answer)]
            case _:
                return [(0, answer)]
