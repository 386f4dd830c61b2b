"""A QR code with what it is for beside it, as a card."""

from __future__ import annotations

from screens.look import Look
from screens.theme import BODY, HEADING, MUTED
from screens.widgets.block import Card, Column, Row
from screens.widgets.qr import QrCode

CODE_SIDE = 280


def code_card(look: Look, payload: str, title: str, hint: str) -> Card:
    """`title` and `hint` are keys of the screens' own catalogue."""
    theme = look.theme
    side = theme.space(CODE_SIDE)
    words = Column(
        [look.write(title, HEADING - 4, bold=True), look.write(hint, BODY - 2, colour=MUTED)],
        gap=theme.space(8),
    )
    row = Row([(QrCode(payload, side), side), (words, None)], gap=theme.px(24))
    return look.card(row, padding=24)
