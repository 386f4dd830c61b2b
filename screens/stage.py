"""The Kivy stage: a view becomes its screen, a touch becomes its answer."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from kivy.clock import Clock

from kiosk.texts import Language, Words
from kiosk.views import OVERLAYS, Attract, Back, Exit, View
from screens.citizen.attract import AttractScreen
from screens.frame import DialogFrame, Frame
from screens.header import HeaderActs, citizen_header
from screens.keyboard.pinyin import let_go
from screens.look import Look
from screens.nameplate import Nameplate
from screens.screen import Screen
from screens.surface import Surface
from screens.theme import Theme
from screens.widgets.block import Block

A = TypeVar("A")

LANGUAGES = ("zh_CN", "en")

GESTURE_TOUCHES = 5
GESTURE_S = 4.0
"""The technician's gesture: five touches on the emblem within four seconds."""


def _screen_for(view: View[Any]) -> type[Screen[Any]]:
    """The first picture needs one screen; the others are read behind it (screens/app.py)."""
    if type(view) is Attract:
        return AttractScreen
    from screens.registry import SCREENS

    return SCREENS[type(view)]


def _nothing() -> None:
    return None


@dataclass(slots=True, eq=False)
class _Showing:
    """A screen on the picture, and the question it has to answer, if one is asked."""

    screen: Screen[Any]
    pending: asyncio.Future[Any] | None = None

    @property
    def view(self) -> View[Any]:
        return self.screen.view

    def reply(self, value: object) -> None:
        if self.pending and not self.pending.done():
            self.pending.set_result(value)


class KivyStage:
    """`kiosk.stage.Stage` on a surface. `on_assistance`, `on_technician` may be set at any time."""

    def __init__(
        self,
        surface: Surface,
        words: Callable[[Language], Words],
        nameplate: Nameplate,
        language: Language,
        large_type: bool,
        wall_clock: Callable[[], datetime] = datetime.now,
    ) -> None:
        self.on_assistance: Callable[[], None] = _nothing
        self.on_technician: Callable[[], None] = _nothing
        self.nameplate = nameplate
        self.version = 0
        self.large_type = large_type
        self._language = language
        self._start = (language, large_type)
        self.surface = surface
        self._words = words
        self._wall_clock = wall_clock
        self._now = surface.now
        self._logo_touches: deque[float] = deque(maxlen=GESTURE_TOUCHES)
        self._watchers: list[asyncio.Future[None]] = []
        self._stale = False
        self._kept: dict[tuple[type[View[Any]], str], Screen[Any]] = {}
        self._base = _Showing(self._screen(Attract(key="attract")))
        self._dialogs: list[_Showing] = []
        surface.resized = self.redraw

    # --- Stage ---------------------------------------------------------------------------------

    async def ask(self, view: View[A]) -> A | Back | Exit:
        pending: asyncio.Future[A | Back | Exit] = asyncio.get_running_loop().create_future()
        showing = self._put(view)
        showing.pending = pending
        self._changed()
        try:
            return await pending
        finally:
            if showing.pending is pending:
                showing.pending = None
            if showing in self._dialogs:
                self._dialogs.remove(showing)
                self._changed()

    def update(self, view: View[A]) -> None:
        for showing in (self._base, *self._dialogs):
            if type(showing.view) is type(view):
                if showing.screen.follow(view):
                    return
                showing.screen.renew(view)
                self._changed()
                return
        if not isinstance(view, OVERLAYS):
            self._base = _Showing(self._screen(view))
            self._changed()

    def reset(self) -> None:
        self._language, self.large_type = self._start
        self._dialogs.clear()
        self._kept.clear()
        self._logo_touches.clear()
        let_go()
        self._base = _Showing(self._screen(Attract(key="attract")))
        self._changed()

    @property
    def last_touch(self) -> float:
        return self.surface.last_touch

    @property
    def language(self) -> Language:
        return self._language

    # --- what is on the picture ----------------------------------------------------------------

    @property
    def view(self) -> View[Any]:
        """The topmost view: a dialog where one is open."""
        return self._top.view

    @property
    def screen(self) -> Screen[Any]:
        """The screen that draws the topmost view."""
        return self._top.screen

    @property
    def asked(self) -> bool:
        """Whether the topmost view waits for an answer."""
        return self._top.pending is not None and not self._top.pending.done()

    async def changed(self, version: int) -> int:
        """Wait until the picture is newer than `version`; its version."""
        while self.version <= version:
            watcher = asyncio.get_running_loop().create_future()
            self._watchers.append(watcher)
            await watcher
        return self.version

    def redraw(self) -> None:
        """Build the picture again, once no finger is on it."""
        if self.surface.touching:
            if not self._stale:
                self._stale = True
                Clock.schedule_once(self._redraw_stale, 0)
            return
        self.surface.show([self._page(), *(self._dialog(d) for d in self._dialogs)])

    def tick(self, *_: object) -> None:
        """Let countdowns and the clock go on."""
        for showing in (self._base, *self._dialogs):
            showing.screen.tick()
        page = self.surface.layers[0] if self.surface.layers else None
        if isinstance(page, Frame):
            page.header.tick()

    # --- inside --------------------------------------------------------------------------------

    @property
    def _top(self) -> _Showing:
        return self._dialogs[-1] if self._dialogs else self._base

    def _redraw_stale(self, *_: object) -> None:
        self._stale = False
        self.redraw()

    def _put(self, view: View[Any]) -> _Showing:
        """The view's place on the picture: the one of the same question, else a new one."""
        if isinstance(view, OVERLAYS):
            self.surface.turned()
            self._dialogs.append(_Showing(self._screen(view)))
            return self._dialogs[-1]
        now = self._base
        same = type(now.view) is type(view) and now.view.key == view.key
        if same and not isinstance(view, Attract):
            now.screen.renew(view)
        else:
            self.surface.turned()
            self._base = _Showing(self._screen(view))
        return self._base

    def _changed(self) -> None:
        self.version += 1
        self.redraw()
        watchers, self._watchers = self._watchers, []
        for watcher in watchers:
            if not watcher.done():
                watcher.set_result(None)

    def _screen(self, view: View[Any]) -> Screen[Any]:
        """A new one, or the one that was left within this visit."""
        left = self._kept.get((type(view), view.key))
        if left is not None:
            left.again(view)
            return left

        def reply(value: object) -> None:
            for showing in (self._base, *self._dialogs):
                if showing.screen is screen:
                    showing.reply(value)

        screen = _screen_for(view)(view, reply, self.redraw, self._now, self._call_staff)
        if screen.kept:
            self._kept[type(view), view.key] = screen
        return screen

    def _look(self) -> Look:
        theme = Theme(self.surface.scale, self.large_type)
        return Look(theme, self._words(self._language), self._now)

    def _page(self) -> Block:
        look = self._look()
        screen = self._base.screen
        header = screen.header(look, self._wall_clock) or citizen_header(
            look, self.nameplate, self._acts(), self._wall_clock
        )
        return Frame(look, screen, header)

    def _dialog(self, showing: _Showing) -> Block:
        return DialogFrame(self._look(), showing.screen)

    def _acts(self) -> HeaderActs:
        return HeaderActs(
            language=self._switch_language,
            size=self._switch_size,
            help=self._call_staff,
            logo=self._touch_logo,
        )

    def _call_staff(self) -> None:
        self.on_assistance()

    def _switch_language(self) -> None:
        at = LANGUAGES.index(self._language)
        self._language = LANGUAGES[(at + 1) % len(LANGUAGES)]
        self._changed()

    def _switch_size(self) -> None:
        self.large_type = not self.large_type
        self._changed()

    def _touch_logo(self) -> None:
        now = self._now()
        self._logo_touches.append(now)
        full = len(self._logo_touches) == GESTURE_TOUCHES
        if full and now - self._logo_touches[0] <= GESTURE_S:
            self._logo_touches.clear()
            self.on_technician()
