"""`kiosk journal`: orders and payments, as the terminal wrote them down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kiosk.cli.commands import EXIT_CODES, PLAIN
from kiosk.cli.options import (
    AsJson,
    ConfigDir,
    StateDir,
    fail,
    loaded,
    say_json,
    say_table,
    state_at,
)

if TYPE_CHECKING:
    from kiosk.journal import Journal, OrderRecord, Transition

app = typer.Typer(no_args_is_help=True, epilog=EXIT_CODES, **PLAIN)


@app.callback()
def _journal() -> None:
    """Orders and payments, as the terminal wrote them down."""


@app.command(epilog=EXIT_CODES)
def show(
    order: Annotated[str, typer.Argument(help="The order's number, as P261124-7KQ2M9XA.")],
    config: ConfigDir = None,
    state: StateDir = None,
    as_json: AsJson = False,
) -> None:
    """Print the whole history of one order; ends with 1 where there is none of that number."""
    with _opened(config, state) as journal:
        record = journal.order(order)
        if record is None:
            fail(f"no order {order}")
        history = journal.history(order)
    if as_json:
        say_json(_as_json(record) | {"history": [asdict(step) for step in history]})
        return
    _tell(record, history)


@app.command(epilog=EXIT_CODES)
def unfinished(config: ConfigDir = None, state: StateDir = None, as_json: AsJson = False) -> None:
    """Print the orders whose payment has not come to its end."""
    with _opened(config, state) as journal:
        records = journal.unfinished()
    if as_json:
        say_json([_as_json(record) for record in records])
        return
    headings = ("order", "state", "attempt", "amount_fen", "department", "item", "reason")
    say_table(headings, ([str(_as_json(r)[h]) for h in headings] for r in records))


@contextmanager
def _opened(config: ConfigDir, state: StateDir) -> Iterator[Journal]:
    from kiosk.journal import Journal, JournalBroken

    path = state_at(state) / loaded(config).journal.path
    if not path.exists():
        fail(f"no journal at {path}: no terminal ran with this state directory")
    try:
        journal = Journal(path, read_only=True)
        yield journal
        journal.close()
    except JournalBroken as error:
        fail(f"{path} cannot be read ({error})")


def _as_json(record: OrderRecord) -> dict[str, Any]:
    order, status = record.order, record.status
    booking = status.booking
    return {
        "order": status.order_no,
        "out_trade_no": status.out_trade_no,
        "attempt": status.attempt,
        "state": status.state.value,
        "item": order.item,
        "department": order.department,
        "bill_id": order.bill_id,
        "option": order.option,
        "amount_fen": order.amount_fen,
        "channel": status.channel.value if status.channel else None,
        "transaction_id": status.transaction_id,
        "reason": status.reason,
        "acceptance_no": booking.acceptance_no if booking else None,
    }


def _tell(record: OrderRecord, history: tuple[Transition, ...]) -> None:
    for key, value in _as_json(record).items():
        typer.echo(f"{key}: {'' if value is None else value}")
    typer.echo("")
    headings = ("seq", "at", "attempt", "before", "after", "cause")
    rows = (
        (
            str(step.seq),
            step.at,
            str(step.attempt),
            step.before.value if step.before else "",
            step.after.value,
            step.cause,
        )
        for step in history
    )
    say_table(headings, rows)
