"""The gateway's bill file of one day (docs/API.md) as data, or the line at which it is none.

A file cut short, garbled, edited or of another day is refused as a whole: differences found in half a
file would send somebody after money that is not missing.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

HEADER = (
    "time", "kind", "out_trade_no", "refund_no", "transaction_id", "channel", "amount_fen",
    "department", "bill_id", "terminal",
)  # fmt: skip

KINDS = ("payment", "reversal", "refund")
LAST_ROW = "total"
LAST_ROW_FIELDS = 4
OUT_TRADE_NO = re.compile(r"[0-9A-Za-z_-]{6,32}")
"""PAYMENTS.md: 6-32 of [0-9A-Za-z_-]."""

AMOUNT = re.compile(r"[1-9][0-9]{0,11}")
COUNT = re.compile(r"0|[1-9][0-9]{0,13}")

CHINA = timezone(timedelta(hours=8))
"""The days of a statement are China's (docs/API.md), which has one zone, without summer time."""

EARLIEST, LATEST = date(1970, 1, 1), date(2999, 12, 31)
"""No clock, however wrong, is outside."""


class StatementWrong(Exception):
    """The file is no statement of that day: `line` counts from 1."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"line {line}: {what}")
        self.line = line
        self.what = what


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement of money at the gateway. `kind` is payment, reversal or refund, `time` China's."""

    line: int
    time: datetime
    kind: str
    out_trade_no: str
    refund_no: str
    transaction_id: str
    channel: str
    amount_fen: int
    department: str
    bill_id: str
    terminal: str


@dataclass(frozen=True, slots=True)
class Statement:
    """All movements of one day, by the gateway's own calendar."""

    day: date
    movements: tuple[Movement, ...]
    payments_fen: int
    returns_fen: int


def read_statement(content: bytes, day: date | None = None) -> Statement:
    """The statement that `content` holds, of `day` where that is given. Raises StatementWrong."""
    rows = list(_rows(content))
    if not rows or tuple(rows[0][1]) != HEADER:
        raise StatementWrong(1, f"the header is not {','.join(HEADER)}")
    line, last = rows[-1]
    if len(rows) < 2 or last[:1] != [LAST_ROW]:
        raise StatementWrong(line, f"the last line is not the {LAST_ROW}: the file was cut short")
    movements = tuple(_movement(line, row) for line, row in rows[1:-1])
    found = _day_of(movements, day, line)
    payments = sum(m.amount_fen for m in movements if m.kind == "payment")
    returns = sum(m.amount_fen for m in movements if m.kind != "payment")
    _check_total(line, last, (len(movements), payments, returns))
    return Statement(found, movements, payments, returns)


def _rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise StatementWrong(line, "this is no UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise StatementWrong(reader.line_num, f"this is no CSV ({error})") from None


def _movement(line: int, row: list[str]) -> Movement:
    if row[:1] == [LAST_ROW]:
        raise StatementWrong(line, f"the {LAST_ROW} stands before the end")
    if len(row) != len(HEADER):
        raise StatementWrong(line, f"{len(row)} fields where {len(HEADER)} are wanted")
    given = dict(zip(HEADER, row, strict=True))
    try:
        time = datetime.fromisoformat(given["time"])
    except ValueError:
        raise StatementWrong(line, f"time: {_shown(given['time'])} is no time") from None
    if time.tzinfo is None:
        raise StatementWrong(line, f"time: {_shown(given['time'])} has no offset from UTC")
    if not EARLIEST.year <= time.year <= LATEST.year:
        raise StatementWrong(line, f"time: nothing was paid in {time.year}")
    if given["kind"] not in KINDS:
        raise StatementWrong(line, f"kind: {_shown(given['kind'])} is none of {', '.join(KINDS)}")
    if not OUT_TRADE_NO.fullmatch(given["out_trade_no"]):
        raise StatementWrong(line, f"out_trade_no: {_shown(given['out_trade_no'])} is none")
    if not AMOUNT.fullmatch(given["amount_fen"]):
        what = f"amount_fen: {_shown(given['amount_fen'])} is no amount in fen"
        raise StatementWrong(line, what)
    given.pop("time")
    amount = int(given.pop("amount_fen"))
    return Movement(line=line, time=time.astimezone(CHINA), amount_fen=amount, **given)


def _day_of(movements: tuple[Movement, ...], day: date | None, last_line: int) -> date:
    """The one day that every row is of."""
    if not movements and day is None:
        raise StatementWrong(last_line, "no row tells of which day the file is: give it with --day")
    wanted = day or movements[0].time.date()
    for movement in movements:
        if movement.time.date() != wanted:
            what = f"of {movement.time.date()}, in the statement of {wanted}"
            raise StatementWrong(movement.line, what)
    return wanted


def _check_total(line: int, row: list[str], counted: tuple[int, int, int]) -> None:
    numbers = row[1:]
    if len(row) != LAST_ROW_FIELDS or not all(COUNT.fullmatch(number) for number in numbers):
        raise StatementWrong(line, f"the {LAST_ROW} is garbled")
    names = ("rows", "payments_fen", "returns_fen")
    for name, said, found in zip(names, map(int, numbers), counted, strict=True):
        if said != found:
            raise StatementWrong(line, f"{name}: the file says {said} and holds {found}")


def _shown(value: str) -> str:
    return repr(value if len(value) <= 40 else f"{value[:40]}...")
