"""A slip being put together: heads, rows, amounts, codes, in the words of the citizen's language."""

from __future__ import annotations

from collections.abc import Iterable

from devices.printer.layout import Align, Block, Feed, Line, Pair, QrCode, Rule, Slip
from kiosk.texts import Plain, Text, Yuan, msg
from kiosk.views import Row
from kiosk.visit import Visit

CLOCK = "%Y-%m-%d %H:%M:%S"


class Sheet:
    """Puts a slip together, top to bottom; `job` is the number by which the printer knows it."""

    def __init__(self, visit: Visit, job: str) -> None:
        self._counter = visit.counter
        self._words = visit.counter.words(visit.counter.stage.language)
        self._job = job
        self._blocks: list[Block] = []

    def head(self, title: Text, subtitle: Text) -> None:
        say = self._words.say
        self._blocks += [
            Line(say(title), Align.CENTER, size=2, bold=True),
            Line(say(subtitle), Align.CENTER),
        ]
        self.rule()

    def rows(self, rows: Iterable[Row]) -> None:
        self._blocks += [Pair(self._words.say(r.label), self._words.say(r.value)) for r in rows]

    def amount(self, label: Text, amount: Yuan) -> None:
        self._blocks.append(Pair(self._words.say(label), str(amount), size=2, bold=True))

    def line(self, text: Text) -> None:
        self._blocks.append(Line(self._words.say(text)))

    def rule(self) -> None:
        self._blocks.append(Rule())

    def origin(self) -> None:
        """Where and when: the terminal and the time of printing."""
        place = self._counter.place
        self.rows(
            (
                Row(
                    msg("row.terminal"),
                    msg("row.terminal.value", hall=place.hall, number=place.number),
                ),
                Row(msg("row.time"), Plain(self._counter.now().strftime(CLOCK))),
            )
        )

    def code(self, data: str, caption: Text) -> None:
        self._blocks += [
            Feed(),
            QrCode(data),
            Line(self._words.say(caption), Align.CENTER),
        ]

    def end(self, note: Text) -> Slip:
        enquiries = msg("slip.enquiries", number=self._counter.place.enquiries)
        self.rule()
        self._blocks += [
            Line(self._words.say(note), Align.CENTER),
            Line(self._words.say(enquiries), Align.CENTER),
            Feed(2),
        ]
        return Slip(self._job, tuple(self._blocks))
