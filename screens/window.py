"""What fills the window: the terminal's picture, and beside it the bench where there is one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from kivy.uix.widget import Widget

from kiosk.texts import Language, Words
from screens.look import Look
from screens.nameplate import Nameplate
from screens.stage import KivyStage
from screens.surface import Surface
from screens.theme import DESIGN_HEIGHT, DESIGN_WIDTH

if TYPE_CHECKING:
    from screens.bench import BenchPanel
    from screens.bench_hands import Bench

BENCH_LEAST = 0.36
"""The bench panel's least share of the window's width."""


class Pane(Widget):
    """The root widget."""

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__(size_hint=(None, None))
        self._now = now
        self.surface = Surface(now)
        self.bench: BenchPanel | None = None
        self.add_widget(self.surface)

    def stage(
        self,
        words: Callable[[Language], Words],
        nameplate: Nameplate,
        language: Language,
        large_type: bool,
        wall_clock: Callable[[], datetime],
    ) -> KivyStage:
        """The stage on this pane's picture."""
        return KivyStage(self.surface, words, nameplate, language, large_type, wall_clock)

    def add_bench(self, bench: Bench, words: Words) -> None:
        """Put the panel of hands beside the picture."""
        from screens.bench import BenchPanel

        self.bench = BenchPanel(bench, lambda theme: Look(theme, words, self._now))
        self.add_widget(self.bench)

    def fit(self, _window: object, size: Sequence[float]) -> None:
        """Fill a window of this size."""
        self.size = size
        width, height = size
        if self.bench is None:
            self.surface.fit(0, 0, width, height)
            return
        picture = min(height * DESIGN_WIDTH / DESIGN_HEIGHT, width * (1 - BENCH_LEAST))
        self.surface.fit(0, 0, round(picture), height)
        self.bench.place(round(picture), 0, width - round(picture), height)
