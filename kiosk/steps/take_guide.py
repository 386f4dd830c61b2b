"""An item's guide (办事指南) taken along: by phone where the approval bureau gives a link, on a slip where
a printer is there."""

from __future__ import annotations

import asyncio

from devices.printer.layout import Slip
from devices.printer.receipt import PrintReport
from devices.status import Failed, Result
from kiosk.backends.contract import Answer
from kiosk.hardware import works
from kiosk.log import log
from kiosk.receipts.guide import guide_slip
from kiosk.steps.finish import print_cause
from kiosk.steps.trouble import tell
from kiosk.texts import Text, msg
from kiosk.views import Choose, Option, Picture, Row, Section, TakeAway, Tone, Trouble
from kiosk.visit import Visit

PHONE, SLIP = "phone", "slip"

GUIDE_ROWS = (
    "conditions",
    "materials",
    "fee",
    "time_limit",
    "result",
    "department",
    "legal_basis",
    "type",
    "level",
    "code",
)
"""The ten elements of an item below its name (SERVICES.md): first what one asks at a counter."""


async def take_guide(
    visit: Visit, code: str, name: Text, department: Text, rows: tuple[Row, ...]
) -> None:
    """Let the citizen take the guide of item `code` along, and return to it. Raises Leave and Rewind."""
    link = await _link(visit, code)
    slip = guide_slip(visit, code, name, department, rows, link)
    printable = works(visit.counter.printer)
    way = PHONE if link else SLIP
    if link and printable:
        way = await _way(visit, name)
    if way == PHONE:
        await _show(visit, name, link)
    elif not printable:
        await tell(visit, _no_way(visit, "printer.blocked"))
    else:
        await _print(visit, slip)


async def _link(visit: Visit, code: str) -> str:
    """The link to the guide; "" where the bureau does not give one now."""
    approval = visit.counter.departments.approval
    work = visit.counter.calls.run(approval.guide_link, code, f"guide-{visit.id}-{code}"[:64])
    reply = await visit.patiently(work, "guide.fetching")
    return reply.value.url if isinstance(reply, Answer) else ""


async def _way(visit: Visit, name: Text) -> str:
    chosen = await visit.ask_now(
        Choose(
            key="guide.take",
            back=False,
            title=msg("guide.take.title"),
            subtitle=name,
            options=(
                Option(
                    id=PHONE,
                    title=msg("guide.take.phone"),
                    subtitle=msg("guide.take.phone.hint"),
                    picture=Picture.PHONE,
                ),
                Option(
                    id=SLIP,
                    title=msg("guide.take.slip"),
                    subtitle=msg("guide.take.slip.hint"),
                    picture=Picture.PRINTER,
                ),
            ),
            chosen=PHONE,
            primary=msg("option.next"),
        )
    )
    return chosen.id


async def _show(visit: Visit, name: Text, link: str) -> None:
    await visit.ask_now(
        TakeAway(
            key="guide.link",
            back=False,
            title=msg("guide.link.title"),
            subtitle=name,
            code=link,
            primary=msg("guide.read_on"),
        )
    )


async def _print(visit: Visit, slip: Slip) -> None:
    counter = visit.counter
    job = asyncio.ensure_future(counter.printer.print_slip(slip, counter.timing.print_s))
    try:
        await visit.patiently(_ended(job), "print.printing", msg("print.printing.at"))
    finally:
        await asyncio.wait({job})  # a slip that has begun comes out; its own deadline bounds it
    result = job.result()
    if isinstance(result, Failed):
        log("slip.failed", slip="guide", code=result.fault.code)
        await tell(visit, _no_way(visit, result.fault.code))


async def _ended(job: asyncio.Task[Result[PrintReport]]) -> None:
    await asyncio.wait({job})


def _no_way(visit: Visit, code: str) -> Trouble:
    return Trouble(
        key="guide.untaken",
        steps=visit.here,
        headline=msg("guide.untaken"),
        cause=print_cause(code),
        tone=Tone.WARNING,
        standing=Section(msg("guide.untaken.read"), ()),
        options=(Option(id="again", title=msg("guide.read_on"), picture=Picture.DOCUMENT),),
        code=code,
        primary=msg("option.end"),
    )
