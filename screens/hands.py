"""A citizen's hands for rehearsals and tests: they touch the real window, and look at it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels

from kiosk.views import View
from screens.frame import touchables
from screens.keyboard.pinyin import answered, questions
from screens.stage import KivyStage
from screens.surface import DOUBLE_TOUCH_S, Surface
from screens.widgets.touchable import Touchable

FRAME_S = 1 / 60
PRESS_S = 0.04
"""How long a finger stays down."""

LONGEST_LIST = 40

PNG_LEVEL = 3
"""Pictures of few colours are small at any level; this one is quick."""


class NotThere(LookupError):
    """Nothing of that role can be touched on this picture."""


class Hands:
    """Hands on one stage. All waiting is bounded by `patience_s` (TimeoutError)."""

    def __init__(self, stage: KivyStage, patience_s: float = 30.0) -> None:
        self._stage = stage
        self._patience_s = patience_s

    @property
    def view(self) -> View[Any]:
        """The topmost view on the picture."""
        return self._stage.view

    @property
    def surface(self) -> Surface:
        """The terminal's picture."""
        return self._stage.surface

    def roles(self) -> list[str]:
        """What can be touched now, by role."""
        return [name for one in self.targets() if one.enabled for name in one.role.split()]

    def find(self, role: str) -> Touchable:
        """The target of that role on the present page. Raises NotThere."""
        for one in self.targets():
            if one.is_called(role):
                return one
        raise NotThere(f"{role} among {self.roles()} on {type(self.view).__name__}")

    async def touch(self, role: str, on: View[Any] | None = None) -> bool:
        """Touch what has that role, turning the pages of a list until it shows. Raises NotThere.

        With `on`, only while a view of that key is still the topmost; whether it was touched.
        """
        await self._settle(role)
        if on is not None and self.view.key != on.key:
            return False
        for _ in range(LONGEST_LIST):
            if any(one.is_called(role) for one in self.targets()):
                break
            if "page:next" not in self.roles():
                break
            await self._touch(self.find("page:next"))
        await self._touch(self.find(role))
        return True

    async def touch_at(self, x: float, y: float) -> None:
        """Touch a point of the window (pixels from the lower left)."""
        self.press(x, y)
        await asyncio.sleep(PRESS_S)
        self.release(x, y)
        await self.frame()

    def press(self, x: float, y: float) -> None:
        """A finger down, as SDL reports it: a mouse button, from the upper left."""
        Window.dispatch("on_mouse_down", x, Window.height - y, "left", [])

    def release(self, x: float, y: float) -> None:
        """The finger up again."""
        Window.dispatch("on_mouse_up", x, Window.height - y, "left", [])

    async def draw(
        self, strokes: Sequence[Sequence[tuple[float, float]]], on: View[Any] | None = None
    ) -> bool:
        """Draw on the field to sign on: points in shares of it from its lower left, one stroke after
        another. With `on`, only while a view of that key is still the topmost; whether it was."""
        await self._settle()
        for stroke in strokes:
            if on is not None and self.view.key != on.key:
                return False
            field = self.find("sign")  # a stroke may have had the page drawn anew
            left, low = field.to_window(field.x, field.y)
            points = [(left + x * field.width, low + y * field.height) for x, y in stroke]
            self.press(*points[0])
            for x, y in points:
                await asyncio.sleep(FRAME_S)
                Window.dispatch("on_mouse_move", x, Window.height - y, [])
            self.release(*points[-1])
            await self.frame()
        return True

    async def frame(self) -> None:
        """Wait until all that was touched and changed is drawn, hanzi that were looked for too."""
        async with asyncio.timeout(self._patience_s):
            asked = questions()
            for _ in range(2):
                await self._flip()
            if await answered() or questions() != asked:
                await self._flip()

    async def _flip(self) -> None:
        drawn = asyncio.get_running_loop().create_future()
        Window.canvas.ask_update()

        def flipped(*_: object) -> None:
            if not drawn.done():
                drawn.set_result(None)

        Window.bind(on_flip=flipped)
        try:
            await drawn
        finally:
            Window.unbind(on_flip=flipped)

    def shot(self, path: Path) -> None:
        """Write the terminal's picture as it is now as a PNG without metadata."""
        from PIL import Image

        Window.dispatch("on_draw")
        surface = self.surface
        x, y = int(surface.x), int(surface.y)
        width, height = int(surface.width), int(surface.height)
        pixels = bytes(glReadPixels(x, y, width, height, GL_RGB, GL_UNSIGNED_BYTE))
        picture = Image.frombytes("RGB", (width, height), pixels)
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM).save(
            path, "PNG", compress_level=PNG_LEVEL
        )

    async def _settle(self, role: str = "") -> None:
        """Wait out the time in which the picture takes a touch for trembling, or for an accident; keys
        may be touched quickly one after the other."""
        surface = self.surface
        ready = surface.deaf_until
        if not any(one.repeats and one.is_called(role) for one in self.targets()):
            ready = max(ready, surface.last_touch + DOUBLE_TOUCH_S)
        left = ready - surface.now()
        if left > 0:
            await asyncio.sleep(left + FRAME_S)

    async def _touch(self, target: Touchable) -> None:
        x, y = target.to_window(*target.center)
        await self.touch_at(x, y)

    def targets(self) -> list[Touchable]:
        """Everything that can be touched on the topmost layer."""
        layers = self.surface.layers
        return touchables(layers[-1]) if layers else []
