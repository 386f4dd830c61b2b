"""Time that runs down, in words, in a coloured pill."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.texts import Msg
from kiosk.views import Tone
from screens.look import TONES, Look
from screens.theme import TILE
from screens.widgets.block import Block, Card


class Countdown(Block):
    """A pill that says `sentence` of the seconds that `left` tells, and goes on by `tick`."""

    def __init__(
        self,
        look: Look,
        left: Callable[[], int],
        sentence: Callable[[int], Msg],
        tone: Tone = Tone.PLAIN,
    ) -> None:
        super().__init__()
        self._look = look
        self._left = left
        self._sentence = sentence
        ink, ground, _ = TONES[tone]
        self._shown = left()
        self._text = look.write(sentence(self._shown), TILE, bold=True, colour=ink, align="center")
        self._pill = Card(
            self._text,
            padding=(look.theme.px(36), look.theme.px(12)),
            fill=ground,
            radius=look.theme.px(14),
        )
        self.add_widget(self._pill)

    def height_for(self, width: float) -> float:
        return self._pill.height_for(min(width, self._pill_width()))

    def arrange(self) -> None:
        width = min(self.width, self._pill_width())
        self._pill.place(self.center_x - width / 2, self.y, width, self.height)

    def tick(self) -> None:
        """Say the time again where it changed."""
        left = self._left()
        if left != self._shown:
            self._shown = left
            self._text.say(self._look.say(self._sentence(left)))

    def _pill_width(self) -> float:
        return self._pill.width_wanted() + self._look.theme.px(40)
