"""Pictures of pages and people: a snapshot in memory becomes a texture, and goes with its rectangle."""

from __future__ import annotations

from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture

from kiosk.views import Snapshot
from screens.theme import WHITE
from screens.widgets.block import Block

Box = tuple[float, float, float, float]


def texture_of(snapshot: Snapshot, *, mirrored: bool = False) -> Texture:
    """The snapshot on the graphics side; `mirrored` is as in a looking-glass."""
    texture = Texture.create(size=(snapshot.width, snapshot.height), colorfmt="rgb")
    texture.flip_vertical()
    if mirrored:
        texture.flip_horizontal()
    texture.blit_buffer(snapshot.rgb, colorfmt="rgb", bufferfmt="ubyte")
    return texture


class PagePicture(Block):
    """A page as large as the room allows, on a sheet with a thin edge; no texture outlives it."""

    def __init__(self, snapshot: Snapshot, least: float, edge: tuple[float, ...]) -> None:
        super().__init__(grow=1.0)
        self._snapshot = snapshot
        self._least = least
        self._edge = edge

    def width_wanted(self) -> float:
        return float(self._snapshot.width)

    def height_for(self, width: float) -> float:
        return self._least

    def sheet(self) -> Box:
        """Where the page lies within this rectangle: x, y, width, height."""
        scale = min(self.width / self._snapshot.width, self.height / self._snapshot.height)
        width, height = round(self._snapshot.width * scale), round(self._snapshot.height * scale)
        return round(self.center_x - width / 2), round(self.top - height), width, height

    def arrange(self) -> None:
        x, y, width, height = self.sheet()
        self.canvas.clear()
        with self.canvas:
            Color(*self._edge)
            Rectangle(pos=(x - 2, y - 2), size=(width + 4, height + 4))
            Color(*WHITE)
            Rectangle(texture=texture_of(self._snapshot), pos=(x, y), size=(width, height))
