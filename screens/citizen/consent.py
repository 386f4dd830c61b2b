"""A text to read before one agrees: page by page; agreeing is possible once the last page was shown."""

from __future__ import annotations

from collections.abc import Callable

from kivy.clock import Clock

from kiosk.views import Consent, Continue, Tone
from screens.look import Look
from screens.screen import Screen
from screens.theme import GAP, INK, TILE
from screens.widgets.block import Block, Column
from screens.widgets.paging import PagedCard
from screens.widgets.text import LEADING, TextBlock
from screens.widgets.touchable import Touchable, primary_button

PARAGRAPH_GAP = 22

LINES_TOGETHER = 2
"""Fewer lines of a paragraph stand neither at the foot nor at the head of a page."""


class ConsentScreen(Screen[Consent]):
    def begin(self) -> None:
        self._read = False

    def renew(self, view: Consent) -> None:
        if view.paragraphs == self.view.paragraphs:
            self.view = view
        else:
            self.page = 0
            super().renew(view)

    def body(self, look: Look) -> Block:
        text = ReadText(look, self.view, self.page, self.turn_to, self._seen_last)
        if self._read:
            hint = look.notice("papers.consent.read", Tone.GOOD)
        else:
            hint = look.notice("papers.consent.read_on", icon="document")
        heading = look.heading(self.view.title, self.view.subtitle)
        return Column([heading, text, hint], gap=look.theme.space(GAP), grow=1.0)

    def primary(self, look: Look) -> Touchable:
        return primary_button(
            look.theme,
            look.say(self.view.primary),
            "primary",
            self.answer(Continue()),
            enabled=self._read,
        )

    def _seen_last(self) -> None:
        """The last page stands on the picture: once it was drawn, the text counts as read."""
        if not self._read:
            self._read = True
            Clock.schedule_once(lambda _: self.redraw(), 0)


class ReadText(PagedCard):
    """Paragraphs in a card; one higher than a page goes on, between two lines, on the next.

    `last_shown` is called whenever the last page is drawn.
    """

    def __init__(
        self,
        look: Look,
        view: Consent,
        page: int,
        turn_to: Callable[[int], Callable[[], None]],
        last_shown: Callable[[], None],
    ) -> None:
        self._texts = [look.say(paragraph) for paragraph in view.paragraphs]
        self._last_shown = last_shown
        paragraphs = [self._paragraph(look, text) for text in self._texts]
        super().__init__(look, paragraphs, page, turn_to, gap=PARAGRAPH_GAP, along=36)

    def height_for(self, width: float) -> float:
        least = 6 * self._look.theme.type(TILE) * LEADING + 2 * self._padding[1]
        return min(super().height_for(width), least + self._pager_height())

    def arrange(self) -> None:
        super().arrange()
        if self.page == self.page_count - 1:
            self._last_shown()

    def fitted(self, width: float, room: float) -> list[Block]:
        """Paragraphs, divided between two lines where a page ends: never one line alone."""
        parts: list[Block] = []
        used = 0.0
        for text in self._texts:
            lines = self._paragraph(self._look, text).lines_at(width)
            while lines:
                part = self._paragraph(self._look, "\n".join(lines))
                pitch = part.font_px * LEADING
                fit = int((room - used) / pitch)
                if fit >= len(lines):
                    parts.append(part)
                    used += part.height_for(width) + self._gap
                    break
                fit = min(fit, len(lines) - LINES_TOGETHER)
                if fit < LINES_TOGETHER and used:
                    used = 0.0
                    continue
                fit = max(1, fit)
                parts.append(self._paragraph(self._look, "\n".join(lines[:fit])))
                lines = lines[fit:]
                used = 0.0
        return parts

    def _paragraph(self, look: Look, text: str) -> TextBlock:
        return TextBlock(text, look.theme.type(TILE - 3), colour=INK)
