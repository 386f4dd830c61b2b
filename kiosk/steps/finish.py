"""The end of an item: the result, its slip, what to take along, and the citizen's rating."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import assert_never

from devices.printer.layout import Slip
from devices.printer.receipt import PrintReport
from devices.status import Failed, Fault, Ok, Result
from kiosk.hardware import until_works
from kiosk.log import log
from kiosk.steps.by_phone import take_away
from kiosk.steps.rate import rate
from kiosk.texts import Msg, Text, msg
from kiosk.views import (
    Chosen,
    Finished,
    Option,
    Picture,
    Row,
    Section,
    Take,
    Tone,
    Trouble,
)
from kiosk.visit import Visit

PRINT_CAUSES = {
    "printer.paper_out": "print.paper_out",
    "printer.cover_open": "print.cover_open",
    "printer.paper_jam": "print.jam",
    "printer.jam": "print.jam",
    "printer.cutter": "print.jam",
    "printer.not_taken": "print.not_taken",
    "printer.fate_unknown": "print.fate_unknown",
}
"""Faults of the printer that staff clear on the spot, and the sentence for each."""

FATE_UNKNOWN = "printer.fate_unknown"
"""The slip may have come out. Asked once more, a printer that proves its slips ends the doubt."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What an item came to, as its last screen says it.

    `standing` is what stays true whatever the printer does; `link` leaves by QR code; `slip` is
    printed where a printer is there.
    """

    headline: Text
    detail: Text
    rows: tuple[Row, ...]
    standing: Section
    link: str = ""
    slip: Slip | None = None
    tone: Tone = Tone.GOOD


async def finish(
    visit: Visit, ending: Ending, printed: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Show `ending`, print its slip once, ask for a rating. `printed` is awaited after the slip."""
    await _Finish(visit, ending, printed).until_done()


def print_cause(code: str) -> Msg:
    """The sentence for a fault of the receipt printer."""
    return msg(PRINT_CAUSES.get(code, "print.broken"))


class _Finish:
    def __init__(
        self, visit: Visit, ending: Ending, printed: Callable[[], Awaitable[None]] | None
    ) -> None:
        self.visit = visit
        self.ending = ending
        self.printed = printed
        self.rating: str | None = None
        self.slips = 0
        self.doubts = 0
        self.job: asyncio.Task[Result[PrintReport]] | None = None

    async def until_done(self) -> None:
        if self.ending.slip and not self.visit.without_slip:
            self._print()
        try:
            while True:
                answer: Chosen | None
                if self.job is None:
                    answer = await self.visit.ask_now(self._view(), self._idle_s())
                else:
                    answer = await self.visit.race(self._view(), self._ended(self.job))
                if answer is None:
                    await self._after_printing()
                elif answer == Chosen("done"):
                    if self.job is None:
                        return
                    await self.visit.patiently(
                        self._ended(self.job), "print.printing", msg("print.printing.at")
                    )
                    await self._after_printing()
                elif answer == Chosen("again"):
                    self._print()
                else:
                    await self._rate(answer.id)
        finally:
            await self._let_print()

    def _idle_s(self) -> float:
        # the screen itself counts down and answers "done"; idle time must not come before it
        return self.visit.counter.timing.finished_s * 2

    def _print(self) -> None:
        slip = self.ending.slip
        if slip is None or self.job is not None:
            return
        if self.slips or self.doubts > 1:  # one that may have come out is asked for as another
            slip = replace(slip, job=f"{slip.job}-{self.slips + self.doubts + 1}")
        counter = self.visit.counter
        self.job = asyncio.ensure_future(counter.printer.print_slip(slip, counter.timing.print_s))

    async def _ended(self, job: asyncio.Task[Result[PrintReport]]) -> None:
        await asyncio.wait({job})

    async def _let_print(self) -> None:
        """A citizen who is already going still gets the slip; its own deadline bounds it."""
        if self.job is not None:
            await asyncio.wait({self.job})

    async def _after_printing(self) -> None:
        job, self.job = self.job, None
        if job is None:
            return
        item = self.visit.item_id
        match job.result():
            case Ok(value=report):
                log(
                    "slip.printed", slip=item, proven=bool(report.proven),
                    bytes=report.bytes_sent, seconds=round(report.duration_s, 2),
                )  # fmt: skip
                self.slips += 1
                if self.slips == 1 and self.printed:
                    await self.printed()
            case Failed(fault=fault):
                log("slip.failed", slip=item, code=fault.code)
                self.doubts += fault.code == FATE_UNKNOWN
                await self._without_paper(fault)
            case other:
                assert_never(other)

    async def _without_paper(self, fault: Fault) -> None:
        view = self._trouble(fault)
        printer = self.visit.counter.printer
        back = (
            until_works(printer) if self.doubts < 2 else asyncio.Event().wait()
        )  # a person decides
        answer = await self.visit.race(view, back, self.visit.counter.timing.trouble_s)
        if answer is None:
            self._print()
        elif answer == Chosen("take_away"):
            await take_away(self.visit, self.ending.link, "take_away", msg("take_away.subtitle"))
        elif answer == Chosen("wait"):
            await self.visit.patiently(
                until_works(printer), "print.waiting", msg("print.waiting.at")
            )
            self._print()

    async def _rate(self, answer: str) -> None:
        _, _, level = answer.partition(":")
        if self.rating is None:
            self.rating = level
            await rate(self.visit, level)

    def _view(self) -> Finished:
        ending = self.ending
        return Finished(
            key="finished",
            steps=self.visit.here,
            headline=ending.headline,
            detail=ending.detail,
            tone=ending.tone,
            rows=ending.rows,
            take=tuple(self._take()),
            code="" if self.slips or self.job else ending.link,
            rating=self.rating,
            again=msg("finished.again") if self.slips and self.job is None else None,
            seconds=int(self.visit.counter.timing.finished_s),
        )

    def _take(self) -> list[Take]:
        take = []
        if self.visit.card_shown:
            take.append(Take(Picture.CARD, msg("take.card")))
        if self.visit.pages_out:
            pages = msg("take.pages", count=self.visit.pages_out)
            take.append(Take(Picture.DOCUMENT, pages))
        if self.job is not None:
            take.append(Take(Picture.PRINTER, msg("take.printing")))
        elif self.slips:
            take.append(Take(Picture.PRINTER, msg("take.slip")))
        return take

    def _trouble(self, fault: Fault) -> Trouble:
        doubt = self.doubts > 1
        wait = Option(
            id="wait",
            title=msg("print.again" if doubt else "print.wait"),
            subtitle=msg("print.again.hint" if doubt else "print.wait.hint"),
            picture=Picture.PRINTER if doubt else Picture.BELL,
        )
        link = Option(
            id="take_away",
            title=msg("print.take_away"),
            subtitle=msg("print.take_away.hint"),
            picture=Picture.SCAN,
        )
        return Trouble(
            key="print.trouble",
            steps=self.visit.here,
            headline=msg("print.maybe_printed" if doubt else "print.not_printed"),
            cause=print_cause(fault.code),
            tone=Tone.WARNING,
            standing=self.ending.standing,
            options=(wait, link) if self.ending.link else (wait,),
            code=fault.code,
            primary=msg("print.without"),
        )
