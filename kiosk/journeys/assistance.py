"""帮办呼叫: staff is called to this terminal, and the call is followed on screen until somebody is here."""

from __future__ import annotations

import asyncio

from kiosk.assistance import FOLLOWED_S, follow
from kiosk.backends.contract import Answer, BackendFailure
from kiosk.backends.hall import StaffCall
from kiosk.catalogue import Item
from kiosk.log import log
from kiosk.receipts.approval import slip
from kiosk.steps.finish import Ending, finish
from kiosk.steps.trouble import AGAIN, OTHER, tell
from kiosk.texts import Plain, msg
from kiosk.views import Assistance, Option, Record, Row, Section, Tone, Trouble
from kiosk.visit import Visit

STEPS = ("assist.step.call", "assist.step.wait", "step.take")

WAITING_IDLE_S = 300.0
"""Who waits for staff does not touch the screen: only after five minutes are they asked for."""


async def call_assistance(visit: Visit, item: Item) -> None:
    """Call, follow the call; it ends when staff is here or the citizen closes it."""
    visit.steps = tuple(msg(step) for step in STEPS)
    visit.commit()
    call = await visit.recall("assist.call", lambda: _called(visit, item), answered=False)
    state = await _waited(visit, call)
    visit.at(2)
    await finish(visit, _ending(visit, call, state))


async def _called(visit: Visit, item: Item) -> StaffCall:
    """The call, acknowledged by the hall. Raises Leave where the citizen goes to the desk instead."""
    counter = visit.counter
    visit.at(0)
    while True:
        reply = await visit.patiently(
            counter.calls.run(
                counter.departments.hall.call_staff,
                counter.place.terminal_id,
                item.id,
                f"call-{visit.id}",
            ),
            "assist.calling",
            msg("assist.calling.at"),
        )
        if isinstance(reply, Answer):
            return reply.value
        log("assistance.unreached", code=reply.code)
        await tell(visit, _unreached(visit, reply))


async def _waited(visit: Visit, call: StaffCall) -> Assistance:
    """How far the call has come when staff is here, the citizen closes it, or nobody comes."""
    state = Assistance.CALLED
    steps = visit.at(1)

    def told(now: Assistance) -> None:
        nonlocal state
        state = now
        visit.counter.stage.update(view())

    def view() -> Record:
        return Record(
            key="assist.waiting",
            steps=steps,
            back=False,
            leave=False,
            title=msg(f"assist.{state.value}"),
            subtitle=msg(f"assist.{state.value}.hint"),
            sections=(
                Section(
                    None,
                    (
                        Row(msg("row.state"), msg(f"assist.{state.value}"), strong=True),
                        Row(msg("assist.number"), Plain(call.call_id)),
                        Row(msg("row.terminal"), _here(visit)),
                    ),
                ),
            ),
            notice=msg("assist.notice"),
            actions=(Option(id="close", title=msg("assist.close")),),
        )

    async def until_here() -> None:
        async with asyncio.timeout(FOLLOWED_S):
            await follow(visit.counter, call, told)

    try:
        await visit.race(view(), until_here(), WAITING_IDLE_S)
    except TimeoutError:
        return state
    return state


def _here(visit: Visit) -> Plain:
    return Plain(visit.counter.place.number)


def _ending(visit: Visit, call: StaffCall, state: Assistance) -> Ending:
    here = state is Assistance.ARRIVED
    rows = (
        Row(msg("assist.number"), Plain(call.call_id)),
        Row(msg("row.terminal"), _here(visit)),
        Row(msg("row.state"), msg(f"assist.{state.value}")),
    )
    return Ending(
        headline=msg("assist.done" if here else "assist.closed"),
        detail=msg("assist.done.detail" if here else "assist.closed.detail"),
        rows=rows,
        standing=Section(msg("assist.stands"), rows[:2]),
        slip=None
        if here
        else slip(visit, "assist", msg("assist.slip.subtitle"), (rows[:1],), call.call_id),
        tone=Tone.GOOD,
    )


def _unreached(visit: Visit, failure: BackendFailure) -> Trouble:
    enquiries = visit.counter.place.enquiries
    return Trouble(
        key=f"trouble.{failure.code}",
        steps=visit.here,
        headline=msg("assist.unreached"),
        cause=msg("assist.unreached.hint", number=enquiries),
        tone=Tone.WARNING,
        standing=None,
        options=(AGAIN, OTHER),
        code=failure.code,
        primary=msg("option.end"),
    )
