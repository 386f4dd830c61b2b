"""`kiosk journal`: orders and payments, as the terminal wrote them down."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kiosk.cli.commands import EXIT_CODES, PLAIN
from kiosk.cli.journal_books import day_of, reconcile, report, say_csv
from kiosk.cli.journal_file import at, opened
from kiosk.cli.options import AsJson, ConfigDir, StateDir, fail, say_json, say_table

if TYPE_CHECKING:
    from kiosk.journal import Note, OrderRecord, Transition

app = typer.Typer(no_args_is_help=True, epilog=EXIT_CODES, **PLAIN)
for _books in (reconcile, report):
    app.command(epilog=EXIT_CODES)(_books)

HASH = re.compile(r"[0-9a-f]{64}")
NOT_KNOWN = "no entry has that hash: the log was cut off since, unless the entry was past its time"

Number = Annotated[str, typer.Argument(help="The order's number, as P261124-7KQ2M9XA.")]
Operator = Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so.")]


@app.callback()
def _journal() -> None:
    """Orders and payments, as the terminal wrote them down."""


# --- reading -----------------------------------------------------------------------------------------


@app.command(epilog=EXIT_CODES)
def show(
    order: Number, config: ConfigDir = None, state: StateDir = None, as_json: AsJson = False
) -> None:
    """Print the whole history of one order. Ends with 1 where there is none of that number."""
    with opened(config, state) as journal:
        record = journal.order(order)
        if record is None:
            fail(f"no order {order}")
        history, notes = journal.history(order), journal.notes(order)
    if as_json:
        steps = {"history": [asdict(step) for step in history]}
        say_json(_as_json(record) | steps | {"notes": [asdict(note) for note in notes]})
        return
    _tell(record, history, notes)


@app.command(epilog=EXIT_CODES)
def unfinished(config: ConfigDir = None, state: StateDir = None, as_json: AsJson = False) -> None:
    """Print the orders whose payment has not come to its end."""
    with opened(config, state) as journal:
        records = journal.unfinished()
    if as_json:
        say_json([_as_json(record) for record in records])
        return
    headings = ("order", "state", "attempt", "amount", "department", "item", "reason")
    say_table(headings, ([_for_people(r)[h] for h in headings] for r in records))


@app.command(epilog=EXIT_CODES)
def verify(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make the table of orders again from the log first.")
    ] = False,
    known: Annotated[
        str, typer.Option("--hash", metavar="HEX", help="A last entry's hash, as reports have it.")
    ] = "",
    config: ConfigDir = None,
    state: StateDir = None,
    as_json: AsJson = False,
) -> None:
    """Check the journal from the first entry to the last.

    Pages, chain and orders; ends with 1 where anything is wrong. With --hash also where no entry
    has it. The terminal may be running.
    """
    from kiosk.journal import JournalBroken, verification
    from kiosk.journal.chain import Flaw

    if known and not HASH.fullmatch(known):
        raise typer.BadParameter("give the 64 digits of a report", param_hint="--hash")
    path = at(config, state)
    try:
        flaws = verification.rebuild(path) if rebuild else ()
        if flaws:
            typer.echo("Not made again: the log itself does not hold", err=True)
        flaws = flaws or verification.flaws_of(path)
        if known and not flaws and not verification.knows(path, known):
            flaws = (Flaw(0, NOT_KNOWN),)
    except JournalBroken as error:
        fail(f"{path} cannot be looked at ({error})")
    if flaws:
        found = [{"entry": flaw.seq, "what": flaw.what} for flaw in flaws]
        if as_json:
            say_json({"whole": False, "flaws": found})
        for flaw in () if as_json else flaws:
            typer.echo(str(flaw))
        raise typer.Exit(1)
    with opened(config, state) as journal:
        entries, head = journal.count(), journal.head()
    if as_json:
        say_json({"whole": True, "entries": entries, "head": head, "flaws": []})
    else:
        typer.echo(f"{path} is whole: {entries} entries, the last of hash {head or '-'}")


@app.command(epilog=EXIT_CODES)
def export(
    since: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="The first day.")] = "",
    until: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="The last day.")] = "",
    config: ConfigDir = None,
    state: StateDir = None,
    as_json: AsJson = False,
) -> None:
    """Print the log as CSV; with --json one JSON object a line."""
    from kiosk.journal.statistics import Span

    begin, end = "", "~"  # before and behind all that the log writes as a time
    if since:
        first = day_of(since, "--since")
        begin = Span(first, first).bounds()[0]
    if until:
        last = day_of(until, "--until")
        end = Span(last, last).bounds()[1]
    with opened(config, state) as journal:
        entries = journal.entries("at >= ? AND at < ?", begin, end)
    rows = (
        (entry.seq, entry.at, entry.kind, entry.order_no or "", entry.body, entry.hash.hex())
        for entry in entries
    )
    headings = ("seq", "at", "kind", "order", "content", "hash")
    if not as_json:
        say_csv(headings, rows)
        return
    for row in rows:
        document = dict(zip(headings, row, strict=True)) | {"content": json.loads(str(row[4]))}
        typer.echo(json.dumps(document, ensure_ascii=False))


# --- an operator's acts ------------------------------------------------------------------------------


@app.command(epilog=EXIT_CODES)
def note(
    order: Number,
    text: Annotated[str, typer.Argument(help="What is to be known about it.")],
    by: Operator,
    config: ConfigDir = None,
    state: StateDir = None,
) -> None:
    """Write something down about an UNRESOLVED order."""
    _check_words(by, text, "TEXT")
    with opened(config, state, write=True) as journal:
        _check_unresolved(journal.order(order), order)
        journal.operator_note(order, by, text)
    typer.echo(f"{order}: noted")


@app.command(epilog=EXIT_CODES)
def resolve(
    order: Number,
    to: Annotated[str, typer.Option(metavar="STATE", help="reversed, refunded or paid.")],
    by: Operator,
    why: Annotated[str, typer.Option(metavar="TEXT", help="By what this is known.")],
    config: ConfigDir = None,
    state: StateDir = None,
) -> None:
    """Decide what became of an UNRESOLVED payment.

    The terminal goes on from there. `paid`: the gateway has the money, and the department is
    asked to book it. `reversed`, `refunded`:
    the citizen has it back, and the bill can be paid again.
    """
    from kiosk.payments.machine import TRANSITIONS, ForbiddenTransition, PayState

    targets = sorted(state.value for state in TRANSITIONS[PayState.UNRESOLVED])
    if to not in targets:
        raise typer.BadParameter(f"give one of {', '.join(targets)}", param_hint="--to")
    _check_words(by, why, "--why")
    with opened(config, state, write=True) as journal:
        _check_unresolved(journal.order(order), order)
        try:
            journal.resolve(order, PayState(to), by, why)
        except ForbiddenTransition as error:
            fail(f"not written down: {error}")
    typer.echo(f"{order}: unresolved -> {to}")


@app.command(epilog=EXIT_CODES)
def renew(
    by: Operator,
    why: Annotated[str, typer.Option(metavar="TEXT", help="What happened to the disk.")],
    config: ConfigDir = None,
    state: StateDir = None,
) -> None:
    """Put a damaged journal away and begin a new one.

    The old one is kept as evidence; its unfinished payments are carried over. Start the terminal
    again afterwards.
    """
    from kiosk.journal.renewal import NotRenewed, renewed

    _check_words(by, why, "--why")
    try:
        result = renewed(at(config, state), by, why)
    except NotRenewed as error:
        fail(str(error))
    typer.echo(f"kept as evidence: {result.evidence}")
    for number in result.carried:
        typer.echo(f"carried over, unfinished: {number}")
    for number in result.doubtful:
        typer.echo(f"NOT carried over, not what was written: {number}; ask the gateway about it")
    typer.echo("A new journal has begun: start the terminal again")


def _check_words(operator: str, text: str, hint: str) -> None:
    from kiosk.journal.words import wrong_operator, wrong_text

    if problem := wrong_operator(operator):
        raise typer.BadParameter(problem, param_hint="--by")
    if problem := wrong_text(text):
        raise typer.BadParameter(problem, param_hint=hint)


def _check_unresolved(record: OrderRecord | None, number: str) -> None:
    from kiosk.payments.machine import PayState

    if record is None:
        fail(f"no order {number}")
    if record.status.state is not PayState.UNRESOLVED:
        fail(f"{number} is {record.status.state.value}: operators act on what is unresolved alone")


# --- telling -----------------------------------------------------------------------------------------


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


def _for_people(record: OrderRecord) -> dict[str, str]:
    from kiosk.cli.journal_words import MONEY, yuan

    told: dict[str, str] = {}
    for key, value in _as_json(record).items():
        if key == "amount_fen":
            told["amount"] = yuan(record.order.amount_fen)
        else:
            told[key] = "" if value is None else str(value)
        if key == "state":
            told["money"] = MONEY[record.status.state]
    return told


def _tell(record: OrderRecord, history: tuple[Transition, ...], notes: tuple[Note, ...]) -> None:
    from kiosk.cli.journal_words import local

    for key, value in _for_people(record).items():
        typer.echo(f"{key}: {value}")
    typer.echo("")
    headings = ("seq", "at", "attempt", "before", "after", "cause", "by", "why")
    rows = (
        (
            str(step.seq),
            local(step.at),
            str(step.attempt),
            step.before.value if step.before else "",
            step.after.value,
            step.cause,
            step.operator,
            step.text,
        )
        for step in history
    )
    say_table(headings, rows)
    for entry in notes:
        typer.echo(f"\n{local(entry.at)}  {entry.operator}: {entry.text}")
