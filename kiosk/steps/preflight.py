"""Before money moves: whether what is paid for can be delivered, asked now rather than remembered.

The home screen greys an item out by what was known last; between that and the payment a roll may have
ended or a line gone down. Nobody pays for what cannot be delivered (PAYMENTS.md).
"""

from __future__ import annotations

import asyncio

from devices.status import Failed
from kiosk import timing
from kiosk.backends.contract import BackendFailure
from kiosk.hardware import works
from kiosk.steps.finish import print_cause
from kiosk.steps.trouble import AGAIN, OTHER, backend_trouble, tell
from kiosk.texts import msg
from kiosk.views import Option, Picture, Section, Steps, Tone, Trouble
from kiosk.visit import Visit

GATEWAY = "payment"

WITHOUT = Option(
    id="without",
    title=msg("preflight.without"),
    subtitle=msg("preflight.without.hint"),
    picture=Picture.SCAN,
)


async def ready_to_pay(visit: Visit, department: str) -> None:
    """Return once printer, `department` and gateway answer, or the citizen does without a slip.

    Raises Leave where the citizen ends instead.
    """
    while True:
        view = await visit.patiently(
            _obstacle(visit, department), "preflight.checking", msg("preflight.checking.at")
        )
        if view is None:
            return
        if await tell(visit, view) == WITHOUT.id:
            visit.without_slip = True


async def _obstacle(visit: Visit, department: str) -> Trouble | None:
    """What stands in the way, as the citizen is told; None where nothing does."""
    pings = visit.counter.departments.pings()
    calls = visit.counter.calls
    if not visit.without_slip and (trouble := await _printer_blocked(visit)) is not None:
        return trouble
    for reply in await asyncio.gather(*(calls.run(pings[d]) for d in (department, GATEWAY))):
        if isinstance(reply, BackendFailure):
            return backend_trouble(visit, reply)
    return None


async def _printer_blocked(visit: Visit) -> Trouble | None:
    printer = visit.counter.printer
    answer = await printer.status(timing.PRINTER_ANSWER_S)
    if not isinstance(answer, Failed) and works(printer):
        return None
    fault = answer.fault if isinstance(answer, Failed) else printer.health().fault
    return printer_trouble(visit.here, fault.code if fault else "printer.blocked")


def printer_trouble(steps: Steps | None, code: str) -> Trouble:
    """No slip would come out: do without one, or try again once staff has helped."""
    return Trouble(
        key="preflight.printer",
        steps=steps,
        headline=msg("preflight.printer"),
        cause=print_cause(code),
        tone=Tone.WARNING,
        standing=Section(msg("trouble.nothing_charged"), ()),
        options=(WITHOUT, AGAIN, OTHER),
        code=code,
        primary=msg("option.end"),
    )
