"""A stage, devices and a citizen made of script: journeys run to their end in virtual time.

The stage fails on any view that its script does not expect, and puts every text into words in both
languages. The departments are the sandbox itself, in process; the payment desk and the journal are
the real ones.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

import numpy as np

from devices.board.compartments import Opened, Taken
from devices.camera.capture import Frame
from devices.camera.source import Consent, Photo
from devices.idcard.record import IdCard
from devices.printer.document import DocumentReport
from devices.printer.document_pdf import Document
from devices.printer.document_queue import PrintOptions
from devices.printer.document_watch import Progress
from devices.printer.layout import Slip
from devices.printer.receipt import PrintReport
from devices.scanner.codes import classify
from devices.status import (
    Act,
    DeviceState,
    Failed,
    Fault,
    Health,
    Ok,
    Outcome,
    Result,
)
from kiosk.texts import Msg, Plain, Words
from kiosk.views import Back, Exit, MoreTime, View

THINKING_S = 2.0
"""How long the scripted citizen looks at a view before touching it."""

NOTHING_LEFT: Result[int] = Ok(0)

NEVER = object()
"""An answer that never comes: the view is taken back, or idle time runs out."""


class Unexpected(AssertionError):
    """A view that the script does not know."""


class ScriptedStage:
    """Answers views by their key; `interrupts` replace the answer to the n-th view asked."""

    def __init__(
        self,
        answers: Mapping[str, Any],
        words: Mapping[str, Words],
        interrupts: Mapping[int, Any] | None = None,
    ) -> None:
        self.language = "zh_CN"
        self.last_touch = 0.0
        self.asked: list[View[Any]] = []
        self.shown: list[View[Any]] = []
        self.resets = 0
        self._answers = _own(answers)
        self._words = words
        self._interrupts = dict(interrupts or {})

    async def ask(self, view: View[Any]) -> Any:
        self._look(view)
        if isinstance(view, MoreTime):
            return await self._give(view, self._answers.get("more_time", NEVER))
        index = len(self.asked)
        self.asked.append(view)
        if index in self._interrupts:
            return await self._give(view, self._interrupts[index])
        for name in (view.key, type(view).__name__, "anything"):
            if name in self._answers:
                return await self._give(view, self._answers[name])
        raise Unexpected(f"nobody expected {view.key} ({type(view).__name__})")

    def expect(self, answers: Mapping[str, Any]) -> None:
        """Answer so from now on."""
        self._answers |= _own(answers)

    def update(self, view: View[Any]) -> None:
        self._look(view)

    def reset(self) -> None:
        self.resets += 1

    def _look(self, view: View[Any]) -> None:
        self.shown.append(view)
        for text in texts_of(view):
            for words in self._words.values():
                words.say(text)

    async def _give(self, view: View[Any], answer: Any) -> Any:
        if isinstance(answer, list):  # one after the other; the last one stays
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if callable(answer):
            answer = answer(view)
            if isinstance(answer, Awaitable):
                answer = await answer
        if answer is NEVER:
            await asyncio.Event().wait()
        if isinstance(answer, Back) and not view.back:
            raise Unexpected(f"{view.key} offers no Back")
        if isinstance(answer, Exit) and not view.leave:
            raise Unexpected(f"{view.key} offers no Exit")
        await asyncio.sleep(THINKING_S)
        self.last_touch = asyncio.get_running_loop().time()
        return answer

    @property
    def keys(self) -> list[str]:
        """The keys of the views asked, in their order."""
        return [view.key for view in self.asked]


def _own(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers with lists of their own: each visit uses them up from the first."""
    return {
        key: list(given) if isinstance(given, list) else given for key, given in answers.items()
    }


def texts_of(value: object) -> Iterator[Msg | Plain]:
    """Every text inside a view, however deep."""
    if isinstance(value, Msg | Plain):
        yield value
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from texts_of(getattr(value, field.name))
    elif isinstance(value, tuple | list):
        for part in value:
            yield from texts_of(part)


def failed(code: str, outcome: Outcome = Outcome.HARDWARE_ERROR, act: Act = Act.CLEAR) -> Failed:
    """A device's typed failure."""
    return Failed(outcome, Fault(code, act))


@dataclasses.dataclass(frozen=True)
class Stopped:
    """A job that failed after so many of its pages; None where nobody counted."""

    pages: int | None
    failed: Failed


class ScriptedDevice:
    """A device whose commands bring what `results` say, one after the other; the last one stays."""

    kind = ""
    seconds = 0.8

    def __init__(self, *results: Result[Any] | Callable[[], Result[Any]]) -> None:
        self.results = list(results)
        self.at_rest = True
        self.commands = 0
        self.facts: dict[str, str] = {}
        self.state = DeviceState.ONLINE

    def health(self) -> Health:
        return Health(self.kind, self.kind, "scripted", "", self.state, facts=dict(self.facts))

    async def _next(self, timeout_s: float) -> Result[Any]:
        self.commands += 1
        self.at_rest = False
        try:
            await asyncio.sleep(min(self.seconds, timeout_s))
            result = self.results.pop(0) if len(self.results) > 1 else self.results[0]
            if callable(result):
                result = result()
            if isinstance(result, Failed) and result.outcome is Outcome.TIMEOUT:
                await asyncio.sleep(timeout_s - self.seconds)
            return result
        finally:
            self.at_rest = True


class ScriptedReader(ScriptedDevice):
    """A card reader: `ScriptedReader(Ok(card))`."""

    kind = "id_card"

    async def read_card(self, timeout_s: float) -> Result[IdCard]:
        return await self._next(timeout_s)


class ScriptedScanner(ScriptedDevice):
    """A scanner in front of which codes are held: `ScriptedScanner("130000000000000001")`."""

    kind = "scanner"

    def __init__(self, *codes: str | Failed) -> None:
        shown = [c if isinstance(c, Failed) else Ok(classify(c.encode())) for c in codes]
        super().__init__(*(shown or [failed("device.timeout", Outcome.TIMEOUT)]))

    async def scan(self, timeout_s: float) -> Result[Any]:
        return await self._next(timeout_s)


class ScriptedLockers(ScriptedDevice):
    """A cabinet: `opens` are the results of opening, `results` those of waiting until it was taken, one
    after the other; the last one stays. It keeps the names of what was opened."""

    kind = "compartments"
    compartments = ("1", "2")

    def __init__(self, *results: Result[Any], opens: tuple[Result[Any], ...] = (Ok(None),)) -> None:
        super().__init__(*(results or (Ok(True),)))
        self.opens = list(opens)
        self.opened: list[str] = []

    async def open(self, name: str, timeout_s: float = 10.0) -> Result[Opened]:
        await asyncio.sleep(0.3)
        result = self.opens.pop(0) if len(self.opens) > 1 else self.opens[0]
        if isinstance(result, Failed):
            return result
        self.opened.append(name)
        return Ok(Opened(name, already=False))

    async def taken(self, name: str, timeout_s: float = 120.0) -> Result[Taken]:
        result = await self._next(timeout_s)
        if isinstance(result, Failed):
            return result
        return Ok(Taken(name, result.value, closed=True))


class ScriptedCamera(ScriptedDevice):
    """A camera in front of which somebody stands: `levels` are the grey levels of the left and of the
    right half of one picture after the other; the last one stays. It keeps the pictures it took."""

    kind = "camera"
    seconds = 0.05

    def __init__(self, *levels: tuple[int, int] | Failed) -> None:
        given = [
            level if isinstance(level, Failed) else Ok(level) for level in levels or ((90, 120),)
        ]
        super().__init__(*given)
        self.photos: list[Photo] = []

    async def take(self, consent: Consent, timeout_s: float) -> Result[Photo]:
        assert consent.given
        result = await self._next(timeout_s)
        if isinstance(result, Failed):
            return result
        colours = np.empty((72, 128, 3), np.uint8)
        colours[:, :64], colours[:, 64:] = result.value
        photo = Photo(Frame(colours, len(self.photos), 0.0))
        assert consent.covers(photo)
        self.photos.append(photo)
        return Ok(photo)


class ScriptedPrinter(ScriptedDevice):
    """A printer that keeps the slips it printed."""

    kind = "receipt_printer"

    def __init__(self, *results: Result[Any]) -> None:
        super().__init__(*(results or (Ok(None),)))
        self.slips: list[Slip] = []
        self.facts = {"paper": "full", "cover": "closed"}

    async def print_slip(self, slip: Slip, timeout_s: float) -> Result[PrintReport]:
        result = await self._next(timeout_s)
        if isinstance(result, Failed):
            if result.fault.code == "printer.paper_out":
                self.facts["paper"] = "out"
            return result
        self.slips.append(slip)
        return Ok(PrintReport(slip.job, True, len(slip.blocks), 0, self.seconds))

    async def status(self, timeout_s: float) -> Result[Health]:
        return Ok(self.health())


class ScriptedQueue(ScriptedDevice):
    """A document printer that keeps what it printed: whole documents in `documents`, and in `orders` which
    pages each job was told to print. A `Stopped` result is a job that stops on its way. `purged` is what a
    purge brings, after `purge_s`; `begun` and `ended` count the purges."""

    kind = "document_printer"

    def __init__(
        self, *results: Result[Any], purged: Result[int] = NOTHING_LEFT, purge_s: float = 0.1
    ) -> None:
        super().__init__(*(results or (Ok(None),)))
        self.facts = {"paper": "full", "cover": "closed"}
        self.documents: list[Document] = []
        self.orders: list[PrintOptions] = []
        self.purged = purged
        self.purge_s = purge_s
        self.begun = self.ended = 0

    async def print_document(
        self,
        document: Document,
        options: PrintOptions | None = None,
        timeout_s: float = 180.0,
        progress: Callable[[Progress], None] | None = None,
    ) -> Result[DocumentReport]:
        given = options or PrintOptions()
        self.orders.append(given)
        first, last = given.pages or (1, document.pages or 1)
        result = await self._next(timeout_s)
        if isinstance(result, Stopped):
            if progress is not None:
                progress(Progress(result.pages, last - first + 1, result.failed.fault))
            return result.failed
        if isinstance(result, Failed):
            return result
        self.documents.append(document)
        pages = last - first + 1
        return Ok(DocumentReport(document.id, 1, pages, pages, False, True, False, self.seconds))

    async def purge(self) -> Result[int]:
        self.begun += 1
        await asyncio.sleep(self.purge_s)
        self.ended += 1
        return self.purged
