"""A QR code, drawn module by module with its quiet zone."""

from __future__ import annotations

from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture

from screens.theme import WHITE
from screens.widgets.block import Block

QUIET_MODULES = 4
"""ISO/IEC 18004, 9.1: four modules of ground around the symbol."""


class QrCode(Block):
    """`payload` as large as whole pixels a module allow; `size` in screen pixels at most."""

    def __init__(self, payload: str, size: float, grow: float = 0.0) -> None:
        super().__init__(grow)
        import segno

        self.payload = payload
        self._size = size
        code = segno.make(payload, error="m", micro=False)
        self._modules = [bytes(row) for row in code.matrix_iter(border=QUIET_MODULES)]

    def width_wanted(self) -> float:
        return self._size

    def height_for(self, width: float) -> float:
        return min(self._size, width)

    def arrange(self) -> None:
        count = len(self._modules)
        room = min(self.width, self.height)
        side = max(1, int(room // count)) * count
        texture = Texture.create(size=(count, count), colorfmt="luminance")
        texture.mag_filter = texture.min_filter = "nearest"
        grey = b"".join(
            bytes(0 if module else 255 for module in row) for row in self._modules[::-1]
        )
        texture.blit_buffer(grey, colorfmt="luminance", bufferfmt="ubyte")
        self.canvas.clear()
        with self.canvas:
            Color(*WHITE)
            Rectangle(
                texture=texture,
                pos=(round(self.center_x - side / 2), round(self.center_y - side / 2)),
                size=(side, side),
            )
