"""A screen: draws one view, keeps what was typed or chosen on it, and gives its answer once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from kiosk.views import Back, Exit, View
from screens.header import Header
from screens.look import Look
from screens.widgets.block import Block
from screens.widgets.touchable import Touchable, plain_button, primary_button

V = TypeVar("V", bound=View[Any])

Reply = Callable[[object], None]


@dataclass(slots=True)
class Footer:
    """The last row: buttons on the left, the one primary action on the right."""

    left: list[Touchable] = field(default_factory=list)
    primary: Touchable | None = None
    words: tuple[Block, ...] = ()


class Screen(ABC, Generic[V]):
    """Base of all screens. `redraw` asks for the picture to be built again; `now` is loop time
    in seconds, `call_staff` what its help button does."""

    bare: ClassVar[bool] = False
    """True where nothing but the header stands around the body."""

    kept: ClassVar[bool] = False
    """True where it comes back as it was left, within one visit."""

    def __init__(
        self,
        view: V,
        reply: Reply,
        redraw: Callable[[], None],
        now: Callable[[], float],
        call_staff: Callable[[], None],
    ) -> None:
        self.view = view
        self.call_staff = call_staff
        self.reply = reply
        self.redraw = redraw
        self.now = now
        self.page = 0
        self.shown_at = now()
        self.begin()

    def begin(self) -> None:
        """Take from the view what the citizen may change, or what runs down."""

    def renew(self, view: V) -> None:
        """Show another view of the same kind in place of this one."""
        self.view = view
        self.shown_at = self.now()
        self.begin()

    def again(self, view: V) -> None:
        """Come back after other screens, where it is kept."""
        self.renew(view)

    def follow(self, view: V) -> bool:
        """Take over a view that differs in its moving picture alone, without drawing the page again;
        whether it was one."""
        return False

    @abstractmethod
    def body(self, look: Look) -> Block:
        """What stands between header and footer."""

    def header(self, look: Look, wall_clock: Callable[[], datetime]) -> Header | None:
        """A header of its own; None for the citizen's."""
        return None

    def footer(self, look: Look) -> Footer:
        """Back and Exit where the view offers them, and the primary action."""
        left = []
        if self.view.back:
            left.append(
                plain_button(
                    look.theme, look.say("footer.back"), "back", self.answer(Back()), icon="back"
                )
            )
        if self.view.leave:
            left.append(
                plain_button(
                    look.theme,
                    look.say("footer.exit"),
                    "exit",
                    self.answer(Exit()),
                    icon="exit",
                    quiet=True,
                )
            )
        return Footer(left, self.primary(look))

    def primary(self, look: Look) -> Touchable | None:
        """The one primary action, where there is one."""
        return None

    def primary_button(self, look: Look, text: str, answer: object) -> Touchable:
        """The usual primary action: gives `answer`."""
        return primary_button(look.theme, text, "primary", self.answer(answer))

    def answer(self, value: object) -> Callable[[], None]:
        """What a button does that answers the view."""
        return lambda: self.reply(value)

    def tick(self) -> None:
        """Called four times a second: countdowns go on here."""

    def seconds_left(self, seconds: int) -> int:
        """What remains of a countdown of `seconds` since this view was shown."""
        return max(0, round(seconds - (self.now() - self.shown_at)))

    def turn_to(self, page: int) -> Callable[[], None]:
        """What a page button does."""

        def turn() -> None:
            self.page = page
            self.redraw()

        return turn
