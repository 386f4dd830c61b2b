"""The bench: a panel of hands beside the picture of a terminal on simulated devices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from kivy.clock import Clock
from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture

from screens.bench_hands import Bench, BenchHands
from screens.look import Look
from screens.theme import GROUND, LABEL, LINE, MUTED, PRIMARY, WHITE, Theme
from screens.widgets.block import Block, Column, Row, box
from screens.widgets.paging import Paged
from screens.widgets.text import LEADING, TextBlock
from screens.widgets.touchable import Touchable

CHANNELS = ("wechat", "alipay", "unionpay")
SLIP_RECHECK_S = 1.0
MESSAGES_SHOWN = 2
BUTTONS_SHARE = 0.62
OTHER_CODE = "https://example.invalid/not-a-payment-code"
CARD_COLUMNS = 3
DESIGN_HIGH = 1640
DESIGN_WIDE = 1000
"""The panel's design size: its type is a little smaller than the citizen's, and shrinks to fit."""


class BenchPanel(Block):
    """Buttons for every hand, and the slip that came out; empty until there are hands."""

    def __init__(self, bench: Bench, look: Callable[[Theme], Look]) -> None:
        super().__init__()
        bench.when_connected(self._take_hands)
        self._make_look = look
        self._page = 0
        self._device = ""
        self._situation: dict[str, str] = {}
        self._kind = ""
        self._kinds: tuple[str, ...] = ()
        self._slip: SlipPicture | None = None
        self._phone: TextBlock | None = None
        self._hands = bench.hands
        Clock.schedule_interval(self._follow_slip, SLIP_RECHECK_S)

    def _take_hands(self, hands: BenchHands) -> None:
        self._hands = hands
        self.arrange()

    def arrange(self) -> None:
        self.clear_widgets()
        look = self._make_look(Theme(min(self.height / DESIGN_HIGH, self.width / DESIGN_WIDE)))
        self.canvas.before.clear()
        with self.canvas.before:
            Color(*GROUND)
            Rectangle(pos=self.pos, size=self.size)
        margin = look.theme.px(28)
        blocks: list[Block] = [look.write("bench.title", 40, bold=True)]
        if self._hands is not None:
            self._slip = SlipPicture()
            blocks += [
                *self._cards(look, self._hands),
                *self._scanner(look, self._hands),
                *self._codes(look, self._hands),
                *self._devices(look, self._hands),
            ]
        column = Column(blocks, gap=look.theme.px(14))
        self.add_widget(column)
        width = self.width - 2 * margin
        buttons = width * BUTTONS_SHARE if self._slip else width
        column.place(self.x + margin, self.y + margin, buttons, self.height - 2 * margin)
        if self._slip:
            self.add_widget(self._slip)
            room = width - buttons - margin
            self._slip.place(
                self.x + 2 * margin + buttons, self.y + margin, room, self.height - 2 * margin
            )
        self._follow_slip()

    def _cards(self, look: Look, hands: BenchHands) -> list[Block]:
        buttons = [
            self._button(look, label, f"bench:lay:{name}", partial(hands.lay, name))
            for name, label in hands.cards()
        ]
        rows = [
            self._row(look, buttons[start : start + CARD_COLUMNS])
            for start in range(0, len(buttons), CARD_COLUMNS)
        ]
        take = self._say_button(look, "bench.take_card", "bench:take", hands.take_card)
        shown = CardList(look, rows, self._page, self._turn_to)
        return [self._title(look, "bench.card"), shown, self._row(look, [take])]

    def _scanner(self, look: Look, hands: BenchHands) -> list[Block]:
        pay = [
            self._say_button(
                look,
                f"channel.{channel}",
                f"bench:pay:{channel}",
                partial(hands.pay_shown_code, channel),
            )
            for channel in CHANNELS
        ]
        show = [
            self._say_button(
                look,
                f"channel.{channel}",
                f"bench:show:{channel}",
                partial(hands.show_payment_code, channel),
            )
            for channel in CHANNELS
        ]
        other = self._say_button(
            look, "bench.other_code", "bench:show:text", partial(hands.show_text, OTHER_CODE)
        )
        return [
            self._title(look, "bench.pay_shown"),
            self._row(look, pay),
            self._title(look, "bench.show_code"),
            self._row(look, [*show, other]),
        ]

    def _codes(self, look: Look, hands: BenchHands) -> list[Block]:
        """The codes that came to the phone, the newest on top; a code of a paper to hold."""
        self._kinds = tuple(hands.sample_kinds())
        self._phone = PhoneText(_received(hands), look.theme.type(28))
        blocks: list[Block] = [self._title(look, "bench.phone"), self._phone]
        if self._kinds:
            kind = self._kind if self._kind in self._kinds else self._kinds[0]

            def turn(by: int) -> None:
                self._kind = self._kinds[(self._kinds.index(kind) + by) % len(self._kinds)]
                self.arrange()

            hold = partial(hands.hold_sample, kind)
            row = [
                self._button(look, f"< {_spaced(kind)}", "bench:sample:back", partial(turn, -1)),
                self._button(look, ">", "bench:sample:next", partial(turn, 1)),
                self._say_button(look, "bench.hold_sample", "bench:sample:hold", hold),
            ]
            blocks += [self._title(look, "bench.samples"), self._row(look, row)]
        return blocks

    def _devices(self, look: Look, hands: BenchHands) -> list[Block]:
        return [
            self._title(look, "bench.devices"),
            self._row(
                look,
                [
                    self._say_button(
                        look, "bench.paper_out", "bench:paper:out", hands.run_paper_out
                    ),
                    self._say_button(look, "bench.refill", "bench:paper:full", hands.refill_paper),
                    self._say_button(look, "bench.unplug", "bench:unplug", hands.unplug_reader),
                    self._say_button(look, "bench.replug", "bench:replug", hands.replug_reader),
                ],
            ),
            self._row(
                look,
                [
                    self._say_button(look, "bench.take_slip", "bench:slip", hands.take_slip),
                    self._say_button(
                        look, "bench.clear_documents", "bench:documents", hands.clear_documents
                    ),
                    self._say_button(
                        look, "bench.compartment", "bench:compartment", hands.take_from_compartment
                    ),
                ],
            ),
            *self._situations(look, hands),
        ]

    def _situations(self, look: Look, hands: BenchHands) -> list[Block]:
        """One device at a time, in one situation after the other: whatever is simulated."""
        known = {name: tuple(those) for name, those in hands.situations().items() if those}
        if not known:
            return []
        if self._device not in known:
            self._device = next(iter(known))
        now = self._situation.get(self._device, known[self._device][0])

        def turn_device() -> None:
            names = list(known)
            self._device = names[(names.index(self._device) + 1) % len(names)]
            self.arrange()

        def turn(by: int) -> None:
            those = known[self._device]
            situation = those[(those.index(now) + by) % len(those)]
            self._situation[self._device] = situation
            hands.situate(self._device, situation)
            self.arrange()

        buttons = [
            self._button(look, _spaced(self._device), "bench:situation:device", turn_device),
            self._button(look, f"< {_spaced(now)}", "bench:situation:back", partial(turn, -1)),
            self._button(look, ">", "bench:situation:next", partial(turn, 1)),
        ]
        return [self._row(look, buttons)]

    def _turn_to(self, page: int) -> Callable[[], None]:
        def turn() -> None:
            self._page = page
            self.arrange()

        return turn

    def _title(self, look: Look, key: str) -> TextBlock:
        return look.write(key, LABEL, bold=True, colour=MUTED)

    def _say_button(self, look: Look, key: str, role: str, act: Callable[[], None]) -> Touchable:
        return self._button(look, look.say(key), role, act)

    def _button(self, look: Look, text: str, role: str, act: Callable[[], None]) -> Touchable:
        theme = look.theme
        return Touchable(
            TextBlock(text, theme.type(28), colour=PRIMARY, align="center"),
            role,
            act,
            repeats=True,
            padding=(theme.px(8), theme.px(6)),
            line=LINE,
            line_width=2,
            radius=theme.px(14),
            least=theme.px(64),
        )

    def _row(self, look: Look, buttons: Sequence[Touchable]) -> Row:
        return Row([(button, None) for button in buttons], gap=look.theme.px(12), fill=True)

    def _follow_slip(self, *_: object) -> None:
        if self._slip is not None and self._hands is not None:
            self._slip.show(self._hands.last_slip())
            self._hands.look_at_phone()
            if tuple(self._hands.sample_kinds()) != self._kinds:
                self.arrange()
            elif self._phone is not None:
                self._phone.say(_received(self._hands))


def _spaced(name: str) -> str:
    """A name of the control socket so that it wraps between its words."""
    return name.replace("_", " ")


def _received(hands: BenchHands) -> str:
    """The newest messages, one a line; as many lines where there are fewer."""
    lines = [f"{to}  {what}" for to, what in hands.messages()[:MESSAGES_SHOWN]]
    return "\n".join([*lines, *[" "] * (MESSAGES_SHOWN - len(lines))])


class PhoneText(TextBlock):
    """Messages, one a line."""

    def height_for(self, width: float) -> float:
        return MESSAGES_SHOWN * self.font_px * LEADING


class CardList(Paged):
    """The cards to choose from: three rows a page."""

    def __init__(
        self,
        look: Look,
        rows: Sequence[Block],
        page: int,
        turn_to: Callable[[int], Callable[[], None]],
    ) -> None:
        super().__init__(look, rows, page, turn_to, gap=12)
        self.grow = 0.0

    def height_for(self, width: float) -> float:
        rows = [entry.height_for(width) for entry in self._entries[:3]]
        return sum(rows) + self._gap * len(rows) + self._pager_height()


class SlipPicture(Block):
    """The last slip, as large as the room below the buttons allows."""

    def __init__(self) -> None:
        super().__init__(grow=1.0)
        self._path: Path | None = None
        self._texture: Texture | None = None

    def show(self, path: Path | None) -> None:
        """Show this slip; None for none."""
        if path == self._path:
            return
        self._path = path
        self._texture = None if path is None else _texture(path)
        self.arrange()

    def arrange(self) -> None:
        self.canvas.clear()
        if self._texture is None:
            return
        wide, high = self._texture.size
        scale = min(self.width / wide, self.height / high)
        size = wide * scale, high * scale
        with self.canvas:
            box(self.pos, self.size, 0, GROUND)
            Color(*WHITE)
            Rectangle(
                texture=self._texture,
                pos=(self.center_x - size[0] / 2, self.top - size[1]),
                size=size,
            )


def _texture(path: Path) -> Texture:
    from kivy.core.image import Image

    return Image(str(path), nocache=True).texture
