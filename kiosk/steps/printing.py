"""A document on its way to paper: page by page, and after a jam only the pages that are missing."""

from __future__ import annotations

import asyncio

from devices.printer.document import DocumentReport
from devices.printer.document_pdf import Document
from devices.printer.document_queue import PrintOptions
from devices.printer.document_watch import Progress
from devices.status import Failed, Fault, Result
from kiosk import timing
from kiosk.backends.contract import SealedDocument
from kiosk.hardware import DocumentQueue, until_works, works
from kiosk.log import log
from kiosk.steps.by_phone import take_away
from kiosk.texts import Msg, msg
from kiosk.views import (
    Choose,
    Chosen,
    Option,
    Picture,
    Printing,
    Section,
    Tone,
    Trouble,
)
from kiosk.visit import Visit

FATE_OPEN = ("document.fate_unknown", "document.forgotten", "document.not_cancelled")
"""Failures after which pages may be on paper that nobody counted: a person looks."""

CAUSES = {
    "document.paper_out": "document.cause.paper_out",
    "document.paper_jam": "document.cause.paper_jam",
    "document.cover_open": "document.cause.cover_open",
    "document.tray_missing": "document.cause.cover_open",
    "document.output_full": "document.cause.output_full",
    "document.toner_out": "document.cause.toner_out",
    "document.cancelled": "document.cause.cancelled",
    "document.too_many_pages": "document.cause.too_long",
    "document.too_large": "document.cause.too_long",
}
"""Faults of the document printer that somebody can do something about, and the sentence for each."""

TOLD_WITHIN_S = 6.0
"""The adapter looks at its printer every 2 s (devices/printer/document.py)."""

TAKEN_BACK = "document.cancelled"
"""How a job ends that a lost printer had: the terminal takes it back once the printer is there again."""

NEVER_HERE = ("document.too_many_pages", "document.too_large")
"""What this printer takes at no time ([devices.document_printer] pages_most): it can only be taken along."""

PRINTERS_OWN = frozenset(CAUSES) - {TAKEN_BACK, *NEVER_HERE}
"""What is wrong with the printer itself, and seen at it."""

GO_ON_WITHOUT = "document.without"


async def print_pages(
    visit: Visit,
    printer: DocumentQueue,
    sealed: SealedDocument,
    pdf: bytes,
    standing: Section | None = None,
) -> bool:
    """Print `pdf`; whether all of it came out. What came out is counted in `visit.pages_out`."""
    return await _Paper(visit, printer, sealed, pdf, standing).until_out()


async def take_document_away(visit: Visit, link: str) -> None:
    """Show the code by which a document leaves on the citizen's phone."""
    await take_away(visit, link, "document.take_away", msg("document.take_away.subtitle"))


def cause_of(fault: Fault) -> Msg:
    """The sentence for a fault of the document printer."""
    return msg(CAUSES.get(fault.code, "document.cause.broken"))


class _Paper:
    def __init__(
        self,
        visit: Visit,
        printer: DocumentQueue,
        sealed: SealedDocument,
        pdf: bytes,
        standing: Section | None,
    ) -> None:
        self.visit = visit
        self.printer = printer
        self.sealed = sealed
        self.standing = standing
        self.document = Document(sealed.document_no, pdf, sealed.sha256, pages=sealed.pages)
        self.out = 0
        """Pages that are on paper for certain."""
        self.looked = False
        """Whether a person looked at what came out: what may have come out is then printed again."""
        self.last: Progress | None = None
        self.unseen = False
        """Whether it went on once without having seen the printer in trouble."""
        self.lost = 0
        """Pages that were out when the printer was lost; of the others it tells when it is back."""

    async def until_out(self) -> bool:
        try:
            while self.out < self.sealed.pages:
                result = await self._printed()
                if not isinstance(result, Failed):
                    self.out = self.sealed.pages
                    break
                log("document.failed", code=result.fault.code)
                came_back = bool(self.lost) and result.fault.code == TAKEN_BACK
                await self._count(result.fault)
                if self.out == self.sealed.pages:
                    break
                if not came_back and not await self._goes_on(result.fault):
                    break
        finally:
            self.visit.pages_out += self.out
        return self.out == self.sealed.pages

    # --- one job -----------------------------------------------------------------------------------

    async def _printed(self) -> Result[DocumentReport]:
        """Print what is missing, as one job, with its progress shown."""
        self.last = None
        missing = self.sealed.pages - self.out
        options = PrintOptions(
            mono=False,  # where the printer has colour, a seal is red
            again=self.looked,
            pages=(self.out + 1, self.sealed.pages) if self.out else None,
        )
        wait_s = timing.PAPER_COMES_S + missing * timing.PAGE_TAKES_S
        job = asyncio.ensure_future(
            self.printer.print_document(self.document, options, wait_s, self._tell)
        )
        try:
            while not job.done():
                await self.visit.race(self._view(), _ended(job))
            return job.result()
        finally:
            if not job.done():
                job.cancel()
                await asyncio.wait({job})

    def _tell(self, progress: Progress) -> None:
        self.last = progress
        self.visit.counter.stage.update(self._view())

    def _view(self) -> Printing:
        fault = self.last.fault if self.last else None
        done = self.out + (self.last.pages or 0 if self.last else 0)
        return Printing(
            key="document.printing",
            steps=self.visit.here,
            title=msg("document.held" if fault else "document.printing"),
            subtitle=cause_of(fault) if fault else msg("document.printing.at"),
            pages=self.sealed.pages,
            done=min(done, self.sealed.pages),
            tone=Tone.WARNING if fault else Tone.PLAIN,
        )

    # --- when it stopped ---------------------------------------------------------------------------

    async def _count(self, fault: Fault) -> None:
        """How many pages are on paper now: by the printer's count, else by somebody who looks.

        A job that failed before it began, or whose printer was lost, is tried again as it was: the
        adapter knows what became of it and prints nothing twice.
        """
        last, self.lost = self.last, 0
        uncounted = last is not None and last.pages is None
        if fault.code in FATE_OPEN or uncounted:
            self.out = await self._seen_by_a_person()
            self.looked = True
        elif last is not None and last.fault is not None and last.fault.code == fault.code:
            self.out += last.pages or 0
            self.looked = False
        elif last is not None:
            self.lost = last.pages or 0

    async def _seen_by_a_person(self) -> int:
        numbers = range(self.out, self.sealed.pages + 1)
        answer = await self.visit.ask_now(
            Choose(
                key="document.came_out",
                steps=self.visit.here,
                back=False,
                title=msg("document.came_out"),
                subtitle=msg("document.came_out.hint"),
                options=tuple(
                    Option(id=str(number), title=self._came_out(number)) for number in numbers
                ),
                primary=msg("option.next"),
            ),
            self.visit.counter.timing.trouble_s,
        )
        return int(answer.id)

    def _came_out(self, number: int) -> Msg:
        if number == self.sealed.pages:
            return msg("document.came_out.all", count=number)
        return msg("document.came_out.to", page=number) if number else msg("document.came_out.none")

    async def _goes_on(self, fault: Fault) -> bool:
        """Whether what is missing is printed: as soon as the printer is well again, or when told to."""
        down = not works(self.printer) or (fault.code in PRINTERS_OWN and not self.unseen)
        answer = await self.visit.race(
            self._trouble(fault),
            self._until_right() if down else asyncio.Event().wait(),
            self.visit.counter.timing.trouble_s,
        )
        if answer == Chosen("take_away"):
            await take_document_away(self.visit, self.sealed.link)
            return False
        return answer is None or answer == Chosen("go_on")

    async def _until_right(self) -> None:
        """Return once the printer is well again. It may tell a moment later than the job that something is
        wrong; where it never does, that was cleared at once, which is believed one time."""
        try:
            async with asyncio.timeout(TOLD_WITHIN_S):
                while works(self.printer):  # noqa: ASYNC110 - it is asked, not told
                    await asyncio.sleep(timing.PRINTER_RECHECK_S)
        except TimeoutError:
            self.unseen = True
        await until_works(self.printer)

    def _trouble(self, fault: Fault) -> Trouble:
        done, pages = self.out + self.lost, self.sealed.pages
        missing = msg("document.missing", first=done + 1, last=pages)
        go_on = Option(
            id="go_on",
            title=missing if done else msg("document.print_again"),
            subtitle=msg("document.go_on.hint"),
            picture=Picture.PRINTER,
        )
        link = Option(
            id="take_away",
            title=msg("document.take_away"),
            subtitle=msg("print.take_away.hint"),
            picture=Picture.SCAN,
        )
        ways = (go_on, link) if self.sealed.link else (go_on,)
        part = msg("document.part_printed", done=done, pages=pages)
        return Trouble(
            key="document.trouble",
            steps=self.visit.here,
            headline=part if done else msg("document.not_printed"),
            cause=cause_of(fault),
            tone=Tone.WARNING,
            standing=self.standing or Section(msg("document.stands"), ()),
            options=tuple(way for way in ways if way is link or fault.code not in NEVER_HERE),
            code=fault.code,
            primary=msg(GO_ON_WITHOUT),
        )


async def _ended(job: asyncio.Future[Result[DocumentReport]]) -> None:
    await asyncio.wait({job})
