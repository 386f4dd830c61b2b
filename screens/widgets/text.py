"""Text that is measured before it is drawn: it wraps, then shrinks, and is never cut."""

from __future__ import annotations

from functools import lru_cache

from kivy.core.text import Label as CoreLabel
from kivy.graphics import Color, Rectangle

from screens.theme import FONT_SIZES, INK, Colour, font_file
from screens.widgets.block import Block
from screens.widgets.wrap import balanced

LEADING = 1.36
"""Line pitch in ems: Chinese glyphs fill the em, so lines need air between them."""

LEAST_SHARE = 0.5
"""Text shrinks to half its size at most."""

FONTS_KEPT = 64


@lru_cache(maxsize=FONTS_KEPT)
def _ruler(size: int, bold: bool) -> CoreLabel:
    return CoreLabel(text="", font_size=size, font_name=font_file(bold))


class TextBlock(Block):
    """A sentence in its rectangle. `size` is in screen pixels (`Theme.type`)."""

    def __init__(
        self,
        text: str,
        size: int,
        *,
        bold: bool = False,
        colour: Colour = INK,
        align: str = "left",
        lines: int | None = None,
        grow: float = 0.0,
    ) -> None:
        super().__init__(grow)
        self.text = text
        self.font_px = size
        self.shrunk = 1.0
        self.whole = True
        self._bold = bold
        self._colour = colour
        self._tint: Color | None = None
        self.align = align
        self._lines = lines
        self._broken: dict[tuple[float, int], list[str]] = {}
        self._broken_text = text

    def width_wanted(self) -> float:
        ruler = _ruler(self.font_px, self._bold)
        return max(ruler.get_extents(line)[0] for line in self.text.split("\n")) + 1

    def height_for(self, width: float) -> float:
        _, lines = self._set(width)
        return round(len(lines) * self.font_px * LEADING)

    def lines_at(self, width: float) -> list[str]:
        """The lines that it breaks into at `width`."""
        return self._set(width)[1]

    def drawn_width(self, width: float) -> float:
        """How wide its widest line is at `width`."""
        ruler = _ruler(self.font_px, self._bold)
        return float(max(ruler.get_extents(line)[0] for line in self.lines_at(width)))

    def arrange(self) -> None:
        size, lines = self._fitting()
        self.canvas.clear()
        pitch = size * LEADING
        top = self.y + (self.height + len(lines) * pitch) / 2
        with self.canvas:
            self._tint = Color(*self._colour)
            for line in lines:
                if line:
                    self._draw(line, size, top - pitch / 2)
                top -= pitch

    def say(self, text: str, colour: Colour | None = None) -> None:
        """Replace the text within the same rectangle."""
        self._colour = colour or self._colour
        if text != self.text:
            self.text = text
            self.arrange()
        elif self._tint is not None:
            self._tint.rgba = self._colour  # its letters are white, drawn in this colour

    def _draw(self, line: str, size: int, middle: float) -> None:
        label = CoreLabel(text=line, font_size=size, font_name=font_file(self._bold))
        label.refresh()
        texture = label.texture
        spare = self.width - texture.width
        x = self.x + {"left": 0.0, "center": spare / 2, "right": spare}[self.align]
        Rectangle(
            texture=texture,
            pos=(round(x), round(middle - texture.height / 2)),
            size=texture.size,
        )

    def _set(self, width: float, size: int = 0) -> tuple[int, list[str]]:
        """Its lines at `width`; kept, for boxes ask many times how high it must be."""
        size = size or self.font_px
        if self._lines == 1:
            return size, [self.text]
        if self._broken_text != self.text:
            self._broken, self._broken_text = {}, self.text
        lines = self._broken.get((width, size))
        if lines is None:
            ruler = _ruler(size, self._bold)
            lines = balanced(self.text, max(1.0, width), lambda part: ruler.get_extents(part)[0])
            self._broken[width, size] = lines
        return size, lines

    def _fitting(self) -> tuple[int, list[str]]:
        """The largest setting that fits the rectangle."""
        size, lines = self.font_px, [self.text]
        least = self.font_px * LEAST_SHARE
        for size in (s for s in reversed(FONT_SIZES) if least <= s <= self.font_px):
            size, lines = self._set(self.width, size)
            ruler = _ruler(size, self._bold)
            widest = max(ruler.get_extents(line)[0] for line in lines)
            self.shrunk = size / self.font_px
            self.whole = (
                len(lines) * size * LEADING <= self.height + size * (LEADING - 1) + 1
                and widest <= self.width + 1
                and (self._lines is None or len(lines) <= self._lines)
            )
            if self.whole:
                break
        return size, lines
