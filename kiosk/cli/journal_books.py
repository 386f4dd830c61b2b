"""`kiosk journal reconcile` and `report`: a day against the gateway's statement, and days in figures."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kiosk.cli.journal_file import opened
from kiosk.cli.options import AsJson, ConfigDir, StateDir, fail, loaded, say_json, say_table
from kiosk.texts import Yuan

if TYPE_CHECKING:
    from kiosk.journal.statistics import Money, Report, Span
    from kiosk.payments.reconciliation import Outcome

STDIN = "-"
SLIP_COLUMNS = 32
"""A line of a 58 mm slip (12 dots a column of 384); an 80 mm one has more."""

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOST_MINUTES = 24 * 60

PROMISED_MIN = 15
"""What "at once" (即时办结) is taken to mean where nothing else is said, in minutes."""


def day_of(text: str, option: str) -> date:
    """A day given on the command line; ends the command with 2 where it is none."""
    from kiosk.payments.statement import EARLIEST, LATEST

    wrong = typer.BadParameter("give a day as 2026-11-24", param_hint=option)
    if not DAY.fullmatch(text):  # date.fromisoformat also takes weeks, which nobody means here
        raise wrong
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise wrong from None
    if not EARLIEST <= day <= LATEST:
        raise wrong
    return day


def say_csv(headings: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Print a table for spreadsheets."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows(rows)
    sys.stdout.flush()  # what cannot be written is told, and not found out at the exit


# --- reconcile ---------------------------------------------------------------------------------------


def reconcile(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="The gateway's bill file; - reads it in.")
    ],
    day: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="Refuse the file unless it is of this day.")
    ] = "",
    config: ConfigDir = None,
    state: StateDir = None,
    as_json: AsJson = False,
) -> None:
    """Print every difference from the gateway's file of a day.

    Ends with 1 where there is any, or where the file is no whole statement of one day: then with its
    line.
    """
    from kiosk.journal.statistics import attempts_around
    from kiosk.payments.reconciliation import compare
    from kiosk.payments.statement import StatementWrong, read_statement

    wanted = day_of(day, "--day") if day else None
    try:
        content = sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()
        statement = read_statement(content, wanted)
    except OSError as error:
        fail(f"{file}: {error.strerror}")
    except StatementWrong as error:
        fail(f"{file}:{error.line}: {error.what}. Nothing was compared: fetch the file again")
    settings = loaded(config)
    own = {settings.terminal.id, settings.departments.payment.signing_key_id or ""}
    with opened(config, state) as journal:
        numbers = (movement.out_trade_no for movement in statement.movements)
        attempts = tuple(attempts_around(journal, statement.day, numbers))
    outcome = compare(attempts, statement, frozenset(own - {""}))
    if as_json:
        say_json({**asdict(outcome), "day": outcome.day.isoformat()})
    else:
        _tell_outcome(outcome)
    if outcome.differences:
        raise typer.Exit(1)


def _tell_outcome(outcome: Outcome) -> None:
    found = len(outcome.differences)
    typer.echo(
        f"{outcome.day}: {found} difference{'' if found == 1 else 's'}, {outcome.matched} orders agree,"
        f" {outcome.elsewhere} rows of other terminals"
    )
    if found:
        headings = ("what", "line", "order", "out_trade_no", "ours", "theirs")
        rows = (
            (d.what.value, str(d.line or ""), d.order_no, d.out_trade_no, d.ours, d.theirs)
            for d in outcome.differences
        )
        say_table(headings, rows)


# --- report ------------------------------------------------------------------------------------------


def report(
    month: Annotated[str, typer.Option(metavar="YYYY-MM", help="A month, for supervision.")] = "",
    day: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="A day, for the cash desk; or `today`.")
    ] = "",
    promised: Annotated[
        int,
        typer.Option(
            metavar="MINUTES", min=1, max=MOST_MINUTES, help="An item that took longer is late."
        ),
    ] = PROMISED_MIN,
    slip: Annotated[bool, typer.Option("--slip", help="As text that fits a slip.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV, for spreadsheets.")] = False,
    config: ConfigDir = None,
    state: StateDir = None,
    as_json: AsJson = False,
) -> None:
    """Print the figures of a month or a day.

    Items, durations, outcomes, ratings, money; no name in it. --csv lists what --month or --day
    counts: of a month each item performed, of a day its money.
    """
    from kiosk.journal.statistics import report as reckon

    span = _span(month, day)
    if slip + as_csv + as_json > 1:
        raise typer.BadParameter("give one of them", param_hint="--slip, --csv, --json")
    with opened(config, state) as journal:
        figures = reckon(journal, span, promised * 60.0)
    if as_json:
        say_json(_report_as_json(figures))
    elif as_csv:
        say_csv(*(_performances(figures) if month else _money(figures)))
    elif slip:
        number = loaded(config).terminal.number
        typer.echo("\n".join(_slip(figures, number)))
    else:
        _tell_report(figures)


def _span(month: str, day: str) -> Span:
    from kiosk.journal.statistics import Span
    from kiosk.payments.statement import CHINA

    if bool(month) == bool(day):
        raise typer.BadParameter("give one of them", param_hint="--month, --day")
    if day:
        given = datetime.now(CHINA).date() if day == "today" else day_of(day, "--day")
        return Span(given, given)
    try:
        first = day_of(f"{month}-01", "--month")
    except typer.BadParameter:
        raise typer.BadParameter("give a month as 2026-11", param_hint="--month") from None
    return Span.month(first.year, first.month)


def _report_as_json(figures: Report) -> dict[str, Any]:
    return {
        "first_day": figures.span.first.isoformat(),
        "last_day": figures.span.last.isoformat(),
        "items": [asdict(item) for item in figures.items],
        "performances": [asdict(performance) for performance in figures.performances],
        "money": [{**asdict(row), "net_fen": row.net_fen} for row in figures.money],
        "payments": figures.total.payments,
        "payments_fen": figures.total.payments_fen,
        "returns": figures.total.returns,
        "returns_fen": figures.total.returns_fen,
        "net_fen": figures.total.net_fen,
        "open": [asdict(order) for order in figures.open],
        "head": figures.head,
    }


Table = tuple[tuple[str, ...], list[tuple[object, ...]]]


def _performances(figures: Report) -> Table:
    headings = ("item", "started", "ended", "seconds", "outcome", "rating")
    rows: list[tuple[object, ...]] = [
        (p.item, p.started, p.ended, "" if p.seconds is None else p.seconds, p.outcome, p.rating)
        for p in figures.performances
    ]
    return headings, rows


def _money(figures: Report) -> Table:
    headings = (
        "item", "department", "channel", "payments", "payments_fen", "returns", "returns_fen", "net_fen",
    )  # fmt: skip
    rows: list[tuple[object, ...]] = [
        (
            row.item or "total", row.department, row.channel, row.payments, row.payments_fen,
            row.returns, row.returns_fen, row.net_fen,
        )
        for row in (*figures.money, figures.total)
    ]  # fmt: skip
    return headings, rows


def _tell_report(figures: Report) -> None:
    span = figures.span
    typer.echo(f"{span.first}" if span.first == span.last else f"{span.first} to {span.last}")
    typer.echo("")
    headings = ("item", "started", "done", "median_s", "longest_s", "late", "outcomes", "ratings")
    say_table(headings, (tuple(map(str, row)) for row in _item_rows(figures)))
    typer.echo("")
    headings = ("item", "department", "channel", "payments", "taken", "returns", "returned", "net")
    say_table(headings, map(_money_row, (*figures.money, figures.total)))
    if figures.open:
        typer.echo("")
        say_table(
            ("unfinished", "state", "amount"),
            ((o.order, o.state, str(Yuan(o.amount_fen))) for o in figures.open),
        )
    typer.echo(f"\nlast entry: {figures.head or '-'}")


def _money_row(row: Money) -> tuple[str, ...]:
    return (
        row.item or "total", row.department, row.channel, str(row.payments), str(Yuan(row.payments_fen)),
        str(row.returns), str(Yuan(row.returns_fen)), str(Yuan(row.net_fen)),
    )  # fmt: skip


def _item_rows(figures: Report) -> Iterator[tuple[object, ...]]:
    for item in figures.items:
        yield (
            item.item,
            item.started,
            item.outcomes.get("done", 0),
            "" if item.median_s is None else f"{item.median_s:.1f}",
            "" if item.longest_s is None else f"{item.longest_s:.1f}",
            item.late,
            " ".join(f"{name}={count}" for name, count in sorted(item.outcomes.items())),
            " ".join(f"{name}={count}" for name, count in sorted(item.ratings.items())),
        )


def _slip(figures: Report, terminal: str) -> Iterator[str]:
    """The cash desk's sheet for whoever closes the day, in Chinese as everything on paper here."""
    from kiosk.cli.journal_words import CHANNELS, ON_PAPER
    from kiosk.payments.machine import PayState

    span = figures.span
    yield _pair("收款汇总", f"终端 {terminal}")
    yield f"{span.first}" if span.first == span.last else f"{span.first} — {span.last}"
    yield "-" * SLIP_COLUMNS
    for number, row in enumerate(figures.money):
        if not number or row.item != figures.money[number - 1].item:
            yield row.item[:SLIP_COLUMNS]
        channel = CHANNELS.get(row.channel, row.channel)
        yield _pair(f" {channel} 收 {row.payments}", str(Yuan(row.payments_fen)))
        if row.returns:
            yield _pair(f" {channel} 退 {row.returns}", str(Yuan(-row.returns_fen)))
    yield "-" * SLIP_COLUMNS
    yield _pair(f"收款 {figures.total.payments} 笔", str(Yuan(figures.total.payments_fen)))
    yield _pair(f"退款 {figures.total.returns} 笔", str(Yuan(-figures.total.returns_fen)))
    yield _pair("合计", str(Yuan(figures.total.net_fen)))
    for order in figures.open:
        yield _pair(order.order, str(Yuan(order.amount_fen)))
        yield f" 未办结：{ON_PAPER[PayState(order.state)]}"
    yield "-" * SLIP_COLUMNS
    yield f"校验 {figures.head[:16] or '-'}"


def _pair(left: str, right: str) -> str:
    from wcwidth import wcswidth

    return left + " " * max(1, SLIP_COLUMNS - wcswidth(left) - wcswidth(right)) + right
