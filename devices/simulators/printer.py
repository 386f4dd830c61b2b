"""A simulated ESC/POS receipt printer of Epson's TM kind, 80 or 58 mm, that prints on PNG paper.

Control requests of its own: `{"do": "paper"}` tells the pictures of the slips that lie in its mouth
("slips": cut; "unfinished": torn off where the paper ended), `{"do": "take"}` takes them away,
`{"do": "run_out", "lines": n}` lets the paper end (after n lines), `{"do": "refill"}` puts a roll in,
`{"do": "jam", "lines": n}` lets it jam (after n lines), `{"do": "unplug_at", "bytes": n}` pulls the
cable when n more bytes have come.
"""

from __future__ import annotations

import selectors
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from devices.simulators import paper
from devices.simulators.line import Simulator
from devices.simulators.paper import Sheet
from devices.simulators.printer_commands import (
    Command,
    CommandReader,
    RealTime,
    RealTimeReader,
    Text,
)
from devices.simulators.printer_mechanism import LINE_DOTS, Mechanism
from devices.simulators.printer_sensors import PrinterSituation, Sensors

DOTS = {80: 576, 58: 384}
DOTS_PER_MM = 8
SPEED_MM_S = 150
SLOW_MM_S = 30
CUT_S = 0.3
INSTANT_S = 1e-4  # what a mechanism set fast takes no time for
BUFFER_BYTES = 4096
HEADROOM_BYTES = 256  # XOFF with so much room left, XON with twice as much
MIDWAY_LINES = 8
CUT_OFF_BYTES = 200
HANG_UP_S = 0.05  # behind the cut: what was asked behind it is still answered
ARRIVING_BYTES = 32  # taken in while the next are on the wire
DRAW_AFTER_S = 0.05  # what is said behind a cut is said first
DRAW_WITHIN_S = 45.0
XON, XOFF = b"\x11", b"\x13"
CLEARED = b"\x37\x25\x00"
IDENTITY = {65: "1.00 ESC/POS", 66: "EPSON", 67: "TM-T20II", 68: "SIM0000001", 69: "CHINA GB18030"}


PAPER_SITUATIONS = (
    PrinterSituation.PAPER_LOW,
    PrinterSituation.PAPER_OUT,
    PrinterSituation.PAPER_OUT_MIDWAY,
)


class PrinterSimulator(Simulator):
    """A printer on a line; `width` of its paper in millimetres, pictures of slips into `out`.

    `speed` is how many times faster than an Epson's its mechanism is; `presenter` is the n of DLE
    EOT n that tells of a slip in its mouth, 0 for a printer without one.
    """

    situations = PrinterSituation

    def __init__(
        self,
        *,
        baud: int = 115200,
        width: int = 80,
        out: Path | None = None,
        tcp: int | bool | None = None,
        link: Path | None = None,
        control: Path | None = None,
        situation: str = "normal",
        speed: float = 1.0,
        presenter: int = 0,
    ) -> None:
        super().__init__(baud=baud, tcp=tcp, link=link, control=control, situation=situation)
        exact: Any = selectors.SelectSelector()  # to the microsecond; epoll counts milliseconds
        self._selector = exact
        self._own_out = None if out else tempfile.TemporaryDirectory(prefix="paper-")
        self._out = out or Path(self._own_out.name if self._own_out else "")
        self._out.mkdir(parents=True, exist_ok=True)
        self._mechanism = Mechanism(DOTS[width])
        self._queue = CommandReader()
        self._real_time = RealTimeReader()
        self._sensors = Sensors(presenter=presenter)
        self._jam_in: int | None = None
        self._speed = speed
        self._busy = False
        self._held = False  # XOFF was sent
        self._wire_free_at = 0.0
        self._said_at = 0.0
        self._cable = 0
        self._auto = 0
        self._auto_sent = b""
        self._until_cut_off: int | None = None
        self._printed = threading.Condition()
        self._sheets: list[Sheet] = []
        self._pictures: list[tuple[Sheet, Future[Path]]] = []
        self._closing = threading.Event()
        self._artist = ThreadPoolExecutor(1, thread_name_prefix="paper")
        self.situation_changed()

    def close(self) -> None:
        super().close()
        self._closing.set()
        self._artist.shutdown()
        if self._own_out is not None:
            self._own_out.cleanup()

    def await_sheets(self, count: int, within_s: float) -> tuple[Sheet, ...]:
        """All sheets so far, as soon as there are `count`. Raises TimeoutError."""
        with self._printed:
            if not self._printed.wait_for(lambda: len(self._sheets) >= count, within_s):
                raise TimeoutError(f"{len(self._sheets)} sheets of {count}")
            return tuple(self._sheets)

    def request(self, do: str, given: Mapping[str, Any]) -> dict[str, Any]:
        match do:
            case "paper":
                return self._lying()
            case "take":
                lying = self._lying()
                self._pictures.clear()
                return lying
            case "run_out":
                self._sensors.paper_left = _lines(given)
                self._changed()
            case "jam":
                self.situation = self._sensors.situation = PrinterSituation.PAPER_JAM
                self._jam_in = _lines(given)
                self._move(0)
                self._changed()
            case "unplug_at":
                self._until_cut_off = max(0, int(given.get("bytes", 0)))
            case "refill":
                self._refill()
            case _:
                return super().request(do, given)
        return {}

    def state(self) -> dict[str, Any]:
        sensors = self._sensors
        return {
            "paper": "out" if sensors.out else "low" if sensors.low else "full",
            "online": sensors.online,
            "printing": self._busy,
            "slips": len(self._pictures),
            "bytes": self.bytes_in + self.bytes_out,
        }

    def situation_changed(self) -> None:
        sensors = self._sensors
        sensors.situation = PrinterSituation(self.situation)
        match self.situation:
            case PrinterSituation.PAPER_OUT:
                sensors.paper_left = 0
            case PrinterSituation.PAPER_OUT_MIDWAY:
                sensors.paper_left = LINE_DOTS * MIDWAY_LINES
            case PrinterSituation.PAPER_JAM:
                self._jam_in = LINE_DOTS * MIDWAY_LINES
            case PrinterSituation.CUT_OFF:
                self._until_cut_off = CUT_OFF_BYTES
            case PrinterSituation.NORMAL if sensors.out:
                self._load()
            case PrinterSituation.NORMAL if sensors.stuck:
                self._tear()
        self._changed()

    def _refill(self) -> None:
        if self.situation in PAPER_SITUATIONS:
            self.situation = self._sensors.situation = PrinterSituation.NORMAL
        self._load()
        self._changed()

    def _load(self) -> None:
        self._tear()
        self._mechanism.load()
        self._sensors.paper_left = None

    def _tear(self) -> None:
        if not self._mechanism.roll.blank:
            self._came_out(self._mechanism.tear())
            self._mechanism.load()

    def _lying(self) -> dict[str, Any]:
        done = [(sheet, str(f.result(DRAW_WITHIN_S))) for sheet, f in self._pictures]
        return {
            "slips": [path for sheet, path in done if sheet.cut],
            "unfinished": [path for sheet, path in done if not sheet.cut],
        }

    # --- the wire --------------------------------------------------------------------------------

    def received(self, data: bytes) -> None:
        """Bytes left the adapter: they arrive as the wire carries them."""
        now = time.monotonic()
        for at in range(0, len(data), ARRIVING_BYTES):
            part = data[at : at + ARRIVING_BYTES]
            self._wire_free_at = max(now, self._wire_free_at) + len(part) * self.byte_s
            self.at(self._wire_free_at, partial(self._arrived, part, self._cable))

    def _arrived(self, data: bytes, cable: int) -> None:
        if cable != self._cable:  # it was on a cable that has been pulled since
            return
        if self._until_cut_off is not None:
            data = self._cut_short(data, self._until_cut_off)
        taken = 0
        for command, end in self._real_time.feed(data):
            self._queue.feed(data[taken:end])
            taken = max(taken, end)
            self._obey_now(command)
        self._queue.feed(data[taken:])
        self._work()
        self._shake_hands()

    def _cut_short(self, data: bytes, left: int) -> bytes:
        """What still came through before the cable was pulled; the rest of the slip is lost."""
        self._until_cut_off = left - len(data)
        if self._until_cut_off <= 0:
            self._until_cut_off = None
            if self.situation is PrinterSituation.CUT_OFF:
                self.situation = self._sensors.situation = PrinterSituation.NORMAL
            self.after(0, self.pull)  # what came before it is still taken in
        return data[:left]

    def _say(self, answer: bytes) -> None:
        """Say it, behind what is still being said: no answer in parts is broken into by another."""
        cable, now, parts = self._cable, time.monotonic(), self._sensors.spoken(answer)
        held_s = max(0.0, self._said_at - now - parts[0][0]) if parts else 0.0

        def send(part: bytes) -> None:
            if cable == self._cable:
                self.send(part)

        for late_s, part in parts:
            self._said_at = now + held_s + late_s
            self.at(self._said_at, partial(send, part)) if held_s + late_s else send(part)

    def _shake_hands(self) -> None:
        """XON/XOFF on the serial line; a network has its own flow control."""
        room = BUFFER_BYTES - len(self._queue)
        if self._tcp is not None:
            return
        if room < HEADROOM_BYTES and not self._held:
            self._held = True
            self._say(XOFF)
        elif room > 2 * HEADROOM_BYTES and self._held:
            self._held = False
            self._say(XON)

    def pull(self) -> None:
        self._cable += 1
        super().pull()

    # --- real-time commands ----------------------------------------------------------------------

    def _obey_now(self, command: RealTime) -> None:
        clone = self.situation is PrinterSituation.CLONE
        match command.name:
            case "DLE EOT":
                self._say(bytes((self._sensors.real_time(command.n),)))
            case _ if clone:
                return
            case "DLE ENQ" if self._sensors.stuck and not self._jammed:
                if command.n == 2:
                    self._forget()
                self._sensors.stuck = False
                self._changed()
            case "DLE DC4":
                self._forget()
                self._say(CLEARED)

    @property
    def _jammed(self) -> bool:
        return self.situation in (PrinterSituation.CUTTER_JAM, PrinterSituation.PAPER_JAM)

    def _forget(self) -> None:
        self._queue.clear()
        self._mechanism.forget()

    def _changed(self) -> None:
        self._tell()
        self._work()

    def _tell(self) -> None:
        """What changed, where the status tells itself."""
        status = self._sensors.automatic()
        told = self._auto or self.situation is PrinterSituation.AUTO_STATUS
        if told and status != self._auto_sent:
            self._auto_sent = status
            self._say(status)

    # --- printing --------------------------------------------------------------------------------

    def _work(self) -> None:
        """Take commands out of the queue until one moves the paper, or nothing may be printed."""
        while self._sensors.online and not self._busy and (item := self._queue.next()) is not None:
            if isinstance(item, Text):
                self._mechanism.obey(item)
            elif item.name in ("GS V", "ESC i", "ESC m"):
                self._feed_and_cut(item.data)
            elif (answer := self._queued_answer(item)) is not None:
                self._say(answer)
            else:
                self._move(self._mechanism.obey(item))

    def _queued_answer(self, command: Command) -> bytes | None:
        """Answers that wait in the queue behind what is to be printed; b"" for none."""
        data = command.data
        match command.name:
            case "GS r" | "GS I" | "GS ( H" | "GS a" if self.situation is PrinterSituation.CLONE:
                return b""
            case "GS r":
                return self._sensors.queued(data[0])
            case "GS I":
                return self._identity(data[0])
            case "GS ( H" if data[:2] == b"00":
                return b"\x37\x22" + data[2:6] + b"\x00"
            case "GS a":
                self._auto = data[0]
                self._auto_sent = self._sensors.automatic()
                return self._auto_sent if self._auto else b""
            case _:
                return None

    @staticmethod
    def _identity(n: int) -> bytes:
        if n in IDENTITY:
            return b"_" + IDENTITY[n].encode("ascii") + b"\x00"
        return {1: b"\x20", 2: b"\x03", 3: b"\x01"}.get(n % 48, b"")

    def _move(self, dots: int, then: Callable[[], None] | None = None, more_s: float = 0.0) -> None:
        """Take the time that the paper needs for `dots`."""
        sensors = self._sensors
        if self._jam_in is not None:
            self._jam_in -= dots
            if self._jam_in <= 0:
                self._jam_in, sensors.stuck = None, True
        if not dots and then is None:
            return
        if sensors.paper_left is not None:
            sensors.paper_left -= dots
        slow = self.situation is PrinterSituation.SLOW
        speed = (SLOW_MM_S if slow else SPEED_MM_S) * DOTS_PER_MM * self._speed
        seconds = dots / speed + more_s / self._speed
        if seconds < INSTANT_S:
            if then is not None:
                then()
            self._tell()
            return
        self._busy = True

        def moved() -> None:
            self._busy = False
            if then is not None:
                then()
            self._changed()
            self._shake_hands()

        self.after(seconds, moved)

    def _feed_and_cut(self, data: bytes) -> None:
        """GS V m: here (0, 1), or behind what was printed (65 and above, n units further)."""
        here = not data or data[0] in (0, 1, 48, 49)
        dots = 0 if here else self._mechanism.feed_to_knife(data[1])
        self._move(dots, self._cut, CUT_S)

    def _cut(self) -> None:
        if self.situation is PrinterSituation.CUTTER_JAM:
            self._sensors.stuck = True
        elif not (self._sensors.out or self._sensors.stuck):
            self._came_out(self._mechanism.cut())
            if self.situation is PrinterSituation.HANGS_UP and self._tcp is not None:
                self.after(HANG_UP_S, self._drop_line)

    def _came_out(self, sheet: Sheet) -> None:
        with self._printed:
            self._sheets.append(sheet)
            number = len(self._sheets)
            self._printed.notify_all()
        file = self._out / f"{'slip' if sheet.cut else 'unfinished'}-{number:04d}.png"

        def draw() -> Path:
            self._closing.wait(DRAW_AFTER_S)
            paper.save(sheet, file)
            return file

        self._pictures.append((sheet, self._artist.submit(draw)))


def _lines(given: Mapping[str, Any]) -> int:
    return LINE_DOTS * max(0, int(given.get("lines", 0)))
