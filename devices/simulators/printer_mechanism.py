"""The head and the paper feed of a simulated ESC/POS printer: commands in, ink on a roll.

No clock and no wire: each command tells how far the paper moved, and the simulator takes the time.
Defaults are those of Epson's TM-T20II, Simplified Chinese model: 203 dpi, vertical motion unit half
a dot (1/406 inch), Chinese characters on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType

from devices.simulators.paper import Dots, Glyphs, Ink, Roll, Sheet
from devices.simulators.printer_commands import Command, Text

DPI = 203
LINE_DOTS = 34  # 1/6 inch
KNIFE_DOTS = 112  # the knife sits 14 mm beyond the head
CODE_PAGES = {0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 16: "cp1252",
              17: "cp866", 18: "cp852", 19: "cp858"}  # fmt: skip
ALIGN = {0: 0.0, 1: 0.5, 2: 1.0}
QR_LEVELS = "lmqh"


@dataclass(frozen=True, slots=True)
class Style:
    """What ESC @ resets."""

    align: int = 0
    wide: int = 1
    high: int = 1
    bold: bool = False
    underline: bool = False
    reverse: bool = False
    small: bool = False
    chinese: bool = True
    code_page: str = "cp437"
    line_dots: int = LINE_DOTS
    unit_dots: float = 0.5
    left: int = 0

    @property
    def cell(self) -> int:
        """Dots of a narrow character: font A 12, font B 9."""
        return 9 if self.small else 12


@dataclass(slots=True)
class QrStore:
    """The symbol storage area of GS ( k."""

    data: bytes = b""
    module_dots: int = 3
    level: str = "l"


@dataclass(slots=True)
class Mechanism:
    """One printer's head over its roll. `line` is the print buffer, not on paper yet."""

    dots: int
    style: Style = Style()
    line: list[Ink] = field(default_factory=list)
    x: int = 0
    graphics: Dots | None = None
    qr: QrStore = field(default_factory=QrStore)
    roll: Roll = field(init=False)

    def __post_init__(self) -> None:
        self.load()

    def load(self) -> None:
        """Put a roll in; its beginning reaches from the head to the knife."""
        self.roll = Roll(self.dots, fed=KNIFE_DOTS)

    def obey(self, item: Text | Command) -> int:
        """Carry out one item; how many dots the paper moved. A cut is not carried out here."""
        before = self.roll.fed
        if isinstance(item, Text):
            self._print(item.data)
        elif (act := ACTS.get(item.name)) is not None:
            act(self, item.data)
        return self.roll.fed - before

    def forget(self) -> None:
        """Empty the print buffer."""
        self.line.clear()
        self.x = 0

    def feed_to_knife(self, extra: int) -> int:
        """Move what was printed past the knife; the dots it took."""
        self.end_line()
        dots = KNIFE_DOTS + int(extra * self.style.unit_dots)
        self.roll.feed(dots)
        return dots

    def cut(self) -> Sheet:
        """Cut where the knife is; what lies between head and knife begins the next sheet."""
        return self.roll.sever(max(1, self.roll.fed - KNIFE_DOTS), cut=True)

    def tear(self) -> Sheet:
        """The rest of a roll that ended falls out."""
        self.forget()
        return self.roll.sever(max(1, self.roll.fed), cut=False)

    # --- the print buffer --------------------------------------------------------------------------

    def _print(self, data: bytes) -> None:
        style = self.style
        for text, cells in _characters(data, style):
            width = cells * style.cell * style.wide if cells == 1 else 24 * style.wide
            if self.x + width > self.dots - style.left:
                self.end_line()
            last = self.line[-1] if self.line else None
            glyphs = Glyphs(
                self.x, 0, text, style.wide, style.high, style.bold, style.underline,
                style.reverse, style.cell if cells == 1 else 12,
            )  # fmt: skip
            if isinstance(last, Glyphs) and replace(last, x=self.x, text=text) == glyphs:
                self.line[-1] = replace(last, text=last.text + text)
            else:
                self.line.append(glyphs)
            self.x += width

    def place(self, picture: Dots) -> None:
        """Put a picture into the line, as ESC * does."""
        self.line.append(replace(picture, x=self.x))
        self.x += picture.width

    def end_line(self, at_least: int | None = None) -> None:
        """Burn the line and feed by the line spacing, or by its height where that is more."""
        if not self.line and at_least is None:
            return
        height = max((ink.bottom for ink in self.line), default=0)
        shift = self._offset(self.x)
        for ink in self.line:
            self.roll.burn(replace(ink, x=ink.x + shift, y=height - ink.bottom))
        self.roll.feed(max(height, self.style.line_dots if at_least is None else at_least))
        self.forget()

    def burn_block(self, picture: Dots) -> None:
        """Burn a picture of its own, at the place that the alignment says."""
        self.end_line()
        self.roll.burn(replace(picture, x=self._offset(picture.width)))
        self.roll.feed(picture.height)

    def _offset(self, width: int) -> int:
        style = self.style
        return style.left + int(max(0, self.dots - style.left - width) * ALIGN[style.align])

    def move(self, units: int) -> int:
        """Vertical motion units in dots."""
        return int(units * self.style.unit_dots)


def _characters(data: bytes, style: Style) -> list[tuple[str, int]]:
    """Each character with its columns, as the character set of the moment has it."""
    found = []
    at = 0
    while at < len(data):
        two = style.chinese and data[at] >= 0x81 and at + 1 < len(data)
        raw = data[at : at + 2] if two else data[at : at + 1]
        at += len(raw)
        if two:
            text = raw.decode("gbk", "replace")
            found.append((text if len(text) == 1 else "〓", 2))
        else:
            found.append((raw.decode("ascii" if style.chinese else style.code_page, "replace"), 1))
    return found


# --- commands --------------------------------------------------------------------------------------


def _style(mechanism: Mechanism, **changes: int | float | bool | str) -> None:
    mechanism.style = replace(mechanism.style, **changes)  # type: ignore[arg-type]


def _reset(mechanism: Mechanism, _: bytes) -> None:
    mechanism.forget()
    mechanism.style = Style()
    mechanism.qr = QrStore()


def _modes(mechanism: Mechanism, data: bytes) -> None:
    """ESC !: font, emphasis, double height and width, underline in one byte."""
    n = data[0]
    _style(
        mechanism,
        small=bool(n & 0x01),
        bold=bool(n & 0x08),
        high=2 if n & 0x10 else 1,
        wide=2 if n & 0x20 else 1,
        underline=bool(n & 0x80),
    )


def _chinese_modes(mechanism: Mechanism, data: bytes) -> None:
    """FS !: width, height and underline of Chinese characters."""
    n = data[0]
    _style(
        mechanism,
        wide=2 if n & 0x04 else 1,
        high=2 if n & 0x08 else 1,
        underline=bool(n & 0x80),
    )


def _align(mechanism: Mechanism, data: bytes) -> None:
    if not mechanism.line and data[0] % 48 in ALIGN:
        _style(mechanism, align=data[0] % 48)


def _size(mechanism: Mechanism, data: bytes) -> None:
    _style(mechanism, wide=(data[0] >> 4 & 7) + 1, high=(data[0] & 7) + 1)


def _line_feed(mechanism: Mechanism, _: bytes) -> None:
    mechanism.end_line(mechanism.style.line_dots)


def _feed_lines(mechanism: Mechanism, data: bytes) -> None:
    mechanism.end_line(mechanism.style.line_dots * data[0])


def _feed_units(mechanism: Mechanism, data: bytes) -> None:
    mechanism.end_line(mechanism.move(data[0]))


def _motion_units(mechanism: Mechanism, data: bytes) -> None:
    _style(mechanism, unit_dots=DPI / data[1] if data[1] else 0.5)


def _code_page(mechanism: Mechanism, data: bytes) -> None:
    _style(mechanism, code_page=CODE_PAGES.get(data[0], "cp437"))


def _move_to(mechanism: Mechanism, data: bytes) -> None:
    mechanism.x = min(data[0] | data[1] << 8, mechanism.dots)


def _left_margin(mechanism: Mechanism, data: bytes) -> None:
    if not mechanism.line:
        _style(mechanism, left=min(data[0] | data[1] << 8, mechanism.dots - 24))


def _bit_image(mechanism: Mechanism, data: bytes) -> None:
    """ESC *: columns of 8 or 24 dots, turned into rows."""
    mode, width = data[0], data[1] | data[2] << 8
    tall = 24 if mode in (32, 33) else 8
    stretch = 2 if mode in (0, 32) else 1
    columns = [
        int.from_bytes(data[3 + i * tall // 8 : 3 + (i + 1) * tall // 8], "big")
        for i in range(width)
        for _ in range(stretch)
    ]
    rows = b"".join(_packed([c >> tall - 1 - y & 1 for c in columns]) for y in range(tall))
    mechanism.place(Dots(0, 0, len(columns), tall, rows))


def _packed(bits: list[int]) -> bytes:
    bits = bits + [0] * (-len(bits) % 8)
    return bytes(int("".join(map(str, bits[at : at + 8])), 2) for at in range(0, len(bits), 8))


def _raster(mechanism: Mechanism, data: bytes) -> None:
    """GS v 0 m: rows of bytes, doubled in width (m bit 0) or height (m bit 1)."""
    mode, across, rows = data[1] % 48, data[2] | data[3] << 8, data[4] | data[5] << 8
    picture = Dots(0, 0, across * 8, rows, data[6:])
    mechanism.burn_block(_magnified(picture, 2 if mode & 1 else 1, 2 if mode & 2 else 1))


def _magnified(picture: Dots, wide: int, high: int) -> Dots:
    if wide == high == 1:
        return picture
    across = (picture.width + 7) // 8
    rows = []
    for y in range(picture.height):
        row = picture.rows[y * across : (y + 1) * across]
        bits = [byte >> 7 - i & 1 for byte in row for i in range(8) for _ in range(wide)]
        rows += [_packed(bits)] * high
    return Dots(0, 0, across * 8 * wide, picture.height * high, b"".join(rows))


def _graphics(mechanism: Mechanism, data: bytes) -> None:
    """GS ( L and GS 8 L, functions 112 (store) and 50 (print)."""
    if data[1:2] == b"p":
        width, height = data[6] | data[7] << 8, data[8] | data[9] << 8
        picture = Dots(0, 0, width, height, data[10:])
        mechanism.graphics = _magnified(picture, max(1, data[3]), max(1, data[4]))
    elif data[1:2] in (b"2", b"\x02") and mechanism.graphics is not None:
        mechanism.burn_block(mechanism.graphics)
        mechanism.graphics = None


def _symbol(mechanism: Mechanism, data: bytes) -> None:
    """GS ( k with cn 49: QR codes (Epson functions 167, 169, 180, 181)."""
    if len(data) < 3 or data[0] != 49:
        return
    function, store = data[1], mechanism.qr
    if function == 67:
        store.module_dots = max(1, data[2])
    elif function == 69:
        store.level = QR_LEVELS[data[2] % 48 % 4]
    elif function == 80:
        store.data = data[3:]
    elif function == 81 and store.data:
        symbol = _qr_dots(store.data, store.level, store.module_dots)
        if symbol.width <= mechanism.dots:  # too wide a symbol is not printed
            mechanism.burn_block(symbol)


@lru_cache(maxsize=4)
def _qr_dots(data: bytes, level: str, scale: int) -> Dots:
    import segno

    code = segno.make_qr(data, error=level, boost_error=False)
    rows = [
        _packed([int(bool(module)) for module in row for _ in range(scale)])
        for row in code.matrix
        for _ in range(scale)
    ]
    return Dots(0, 0, len(code.matrix) * scale, len(rows), b"".join(rows))


ACTS: Mapping[str, Callable[[Mechanism, bytes], None]] = MappingProxyType(
    {
        "LF": _line_feed,
        "FF": _line_feed,
        "ESC @": _reset,
        "ESC !": _modes,
        "ESC a": _align,
        "ESC d": _feed_lines,
        "ESC J": _feed_units,
        "ESC 2": lambda m, _: _style(m, line_dots=LINE_DOTS),
        "ESC 3": lambda m, data: _style(m, line_dots=m.move(data[0])),
        "ESC E": lambda m, data: _style(m, bold=bool(data[0] & 1)),
        "ESC G": lambda m, data: _style(m, bold=bool(data[0] & 1)),
        "ESC -": lambda m, data: _style(m, underline=bool(data[0] % 48)),
        "ESC M": lambda m, data: _style(m, small=data[0] % 48 == 1),
        "ESC t": _code_page,
        "ESC $": _move_to,
        "ESC *": _bit_image,
        "FS &": lambda m, _: _style(m, chinese=True),
        "FS .": lambda m, _: _style(m, chinese=False),
        "FS !": _chinese_modes,
        "GS !": _size,
        "GS B": lambda m, data: _style(m, reverse=bool(data[0] & 1)),
        "GS L": _left_margin,
        "GS P": _motion_units,
        "GS v": _raster,
        "GS ( L": _graphics,
        "GS 8": lambda m, data: _graphics(m, data[5:]),
        "GS ( k": _symbol,
    }
)
"""What is not here changes nothing on the paper, or is the simulator's own (answers, the knife)."""
