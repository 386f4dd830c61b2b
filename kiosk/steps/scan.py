"""The citizen holds a code in front of the scanner, or types the same number."""

from __future__ import annotations

from collections.abc import Callable

from devices.scanner.codes import CodeKind, ScannedCode
from devices.status import Failed, Ok, Outcome
from kiosk.fields import wrong
from kiosk.hardware import works
from kiosk.texts import Text, msg
from kiosk.views import Field, ScanOrType, Steps, Typed
from kiosk.visit import Visit

Accept = Callable[[ScannedCode], str | None]
"""The number that a scanned code stands for, or None where it is not what is asked for."""


async def scan_or_type(
    visit: Visit,
    key: str,
    title: Text,
    subtitle: Text,
    field: Field,
    accept: Accept,
    steps: Steps | None = None,
    *,
    whole: bool = True,
) -> str:
    """The number, asked once a visit. A code of another kind is said to be one, and asked for again; a
    payment code is never taken. Where `whole` is False, a code says more than the number that is typed:
    then `field` does not check it. Raises Leave and Rewind."""
    asking = _Asking(visit, key, title, subtitle, field, accept, steps, whole=whole)
    return await visit.recall(key, asking.until_given, answered=True)


class _Asking:
    def __init__(
        self,
        visit: Visit,
        key: str,
        title: Text,
        subtitle: Text,
        field: Field,
        accept: Accept,
        steps: Steps | None,
        *,
        whole: bool,
    ) -> None:
        self._visit = visit
        self._key = key
        self._title = title
        self._subtitle = subtitle
        self._field = field
        self._accept = accept
        self._steps = steps
        self._whole = whole
        self._trouble: Text | None = None

    async def until_given(self) -> str:
        timing = self._visit.counter.timing
        while True:
            scanner = self._visit.counter.scanner
            if not works(scanner):
                typed = await self._visit.ask_now(self._view(scanner=False))
                return typed.value
            result = await self._visit.race(
                self._view(scanner=True), scanner.scan(timing.scan_s), timing.scan_s * 2
            )
            if isinstance(result, Typed):
                return result.value
            number = await self._scanned(result)
            if number is not None:
                return number

    async def _scanned(self, result: Ok[ScannedCode] | Failed) -> str | None:
        match result:
            case Ok(value=code):
                number = None if code.kind is CodeKind.PAYMENT else self._accept(code)
                if number is not None and not (self._whole and wrong(self._field, number)):
                    return number
                self._trouble = msg("scan.other_code")
            case Failed(outcome=Outcome.TIMEOUT):
                await self._visit.more_time()
                self._trouble = None
            case Failed(outcome=Outcome.INVALID_DATA):
                self._trouble = msg("scan.unreadable")
            case _:
                self._trouble = msg("scan.broken")
        return None

    def _view(self, *, scanner: bool) -> ScanOrType:
        return ScanOrType(
            key=self._key,
            steps=self._steps,
            title=self._title,
            subtitle=self._subtitle,
            field=self._field,
            seconds=int(self._visit.counter.timing.scan_s),
            scanner=scanner,
            trouble=self._trouble,
            primary=msg("option.next"),
        )
