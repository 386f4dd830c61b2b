"""What a department may refuse as a matter of course: a number that nobody knows, a slot just taken."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from itertools import count
from typing import ParamSpec, TypeVar

from devices.scanner.codes import CodeKind, ScannedCode
from kiosk.backends.contract import Answer, BackendFailure, Reply
from kiosk.steps.scan import scan_or_type
from kiosk.steps.trouble import explain
from kiosk.texts import Text
from kiosk.views import Field, Steps
from kiosk.visit import Visit

T = TypeVar("T")
P = ParamSpec("P")

MALFORMED = "request.invalid"
"""A number that is not of the form of any: to whoever typed it, one that nobody knows."""


async def attempt(
    visit: Visit,
    expected: Collection[str],
    nth: int,
    function: Callable[P, Reply[T]],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T | BackendFailure:
    """`function`'s value, or its refusal by one of the `expected` codes, remembered for the `nth` time.
    Any other failure is explained to the citizen, who tries again or leaves (raises Leave)."""

    async def carried_out() -> T | BackendFailure:
        while True:
            reply = await visit.patiently(
                visit.counter.calls.run(function, *args, **kwargs), "progress.fetching"
            )
            if isinstance(reply, Answer):
                value: T = reply.value
                return value
            if reply.code in expected:
                return reply
            await explain(visit, reply)

    key = (function.__qualname__, args, tuple(sorted(kwargs.items())), nth)
    return await visit.recall(key, carried_out, answered=False)


async def look_up(
    visit: Visit,
    key: str,
    title: Text,
    subtitle: Text,
    missing: Text,
    field: Field,
    unknown: str,
    function: Callable[[str], Reply[T]],
    steps: Steps | None,
) -> T:
    """What stands under a number that is scanned or typed. One that is `unknown` (its code) is said to be
    so, by `missing`, and asked for again. Raises Leave and Rewind."""
    for nth in count():
        number = await scan_or_type(
            visit,
            f"{key}.{nth}" if nth else key,
            title,
            missing if nth else subtitle,
            field,
            case_number,
            steps,
        )
        found = await attempt(visit, (unknown, MALFORMED), nth, function, number)
        if not isinstance(found, BackendFailure):
            return found
    raise AssertionError("counting ends")


def key_for(visit: Visit, what: str, nth: int, *given: object) -> str:
    """An idempotency key of one request of this visit: another one where something else is `given`."""
    digest = hashlib.sha256(repr((nth, given)).encode()).hexdigest()
    return f"{what}-{visit.id}-{digest[:16]}"


def case_number(code: ScannedCode) -> str | None:
    """The number of a slip's code; None where it is another code."""
    return code.text if code.kind in (CodeKind.CASE, CodeKind.TEXT) else None
