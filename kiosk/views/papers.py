"""A department's sealed document, looked at page by page before it is printed or taken along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.texts import Text
from kiosk.views.entry import Snapshot
from kiosk.views.parts import Chosen, Option, Picture, Tone, View


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentPages(View[Chosen]):
    """A document's pages, one on screen at a time, with what printing costs and that its seal is genuine.

    `pages` are drawn when they are looked at: only the one on screen is asked for.
    Answers: an action's id ("print", "take_away"); the last one is primary.
    """

    title: Text
    subtitle: Text
    pages: Sequence[Snapshot]
    seal: Text
    fee: Text | None = None
    notice: Text | None = None
    actions: tuple[Option, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Printing(View[Chosen]):
    """Pages coming out of the document printer: `done` of `pages`. Neither Back nor Exit."""

    title: Text
    subtitle: Text
    pages: int
    done: int
    tone: Tone = Tone.PLAIN
    picture: Picture = Picture.PRINTER
    back: bool = False
    leave: bool = False
