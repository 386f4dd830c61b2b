"""A day against the gateway's statement: every difference is told, and a bad file is refused by its line."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.payments.reconciliation import Attempt, What, compare
from kiosk.payments.statement import HEADER, StatementWrong, read_statement

DAY = date(2026, 11, 24)
NUMBER = "P261124-AAAAAAAA-01"
NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # 12:00 in China
AFTER_MIDNIGHT = datetime(2026, 11, 24, 16, 0, 20, tzinfo=UTC)


def row(
    kind: str = "payment",
    number: str = NUMBER,
    fen: int | str = 30000,
    at: str = "2026-11-24T12:00:03+08:00",
    terminal: str = "rushan-07",
) -> str:
    refund = f"{number}-R" if kind == "refund" else ""
    return f"{at},{kind},{number},{refund},4200001,wechat,{fen},social-insurance,SI1,{terminal}"


def statement(*rows: str, total: str = "") -> bytes:
    if not total:
        fields = [r.split(",") for r in rows]
        paid = sum(int(f[6]) for f in fields if f[1] == "payment")
        back = sum(int(f[6]) for f in fields if f[1] != "payment")
        total = f"total,{len(rows)},{paid},{back}"
    return "\n".join([",".join(HEADER), *rows, total, ""]).encode()


def attempt(
    state: str = "printed",
    took: datetime | None = NOON,
    returned: datetime | None = None,
    fen: int = 30000,
    number: str = NUMBER,
    began: datetime = NOON,
) -> Attempt:
    return Attempt(number.rpartition("-")[0], number, fen, state, began, took, returned)


def differences(ours: list[Attempt], *rows: str) -> list[tuple[What, str, str, int]]:
    outcome = compare(ours, read_statement(statement(*rows), DAY), frozenset({"rushan-07"}))
    return [(d.what, d.ours, d.theirs, d.line) for d in outcome.differences]


# --- what agrees -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "rows"),
    [
        ([attempt()], [row()]),
        ([attempt("fulfilled")], [row()]),
        ([attempt("refunded", returned=NOON)], [row(), row("refund")]),
        # reversed: charged and given back, or never charged at all
        ([attempt("reversed", took=None, returned=NOON)], [row(), row("reversal")]),
        ([attempt("reversed", took=None, returned=NOON)], []),
        ([attempt("closed", took=None)], []),
        ([attempt("failed", took=None)], []),
        # paid yesterday, refunded today; paid today, refunded tomorrow
        ([attempt("refunded", took=NOON.replace(day=23), returned=NOON)], [row("refund")]),
        ([attempt("refunded", returned=NOON.replace(day=25))], [row()]),
        # paid in the last second there, written down in the first minute of tomorrow here
        ([attempt(took=AFTER_MIDNIGHT)], [row(at="2026-11-24T23:59:59+08:00")]),
        # somebody else's
        ([], [row(number="P261124-ZZZZZZZZ-01", terminal="rushan-08")]),
        ([], []),
    ],
)  # fmt: skip
def test_what_agrees_is_no_difference(ours: list[Attempt], rows: list[str]) -> None:
    assert differences(ours, *rows) == []


# --- what differs ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "rows", "what", "theirs", "line"),
    [
        ([attempt()], [], What.OURS_NOT_THEIRS, "no row for a payment", 0),
        ([], [row()], What.THEIRS_NOT_OURS, "payment of ¥300.00 at 12:00:03", 2),
        ([], [row(terminal="")], What.THEIRS_NOT_OURS, "payment of ¥300.00 at 12:00:03", 2),
        ([attempt(fen=30001)], [row()], What.AMOUNT, "payment of ¥300.00 at 12:00:03", 2),
        ([attempt()], [row(), row()], What.STATE, "payment of ¥300.00 at 12:00:03", 3),
        ([attempt("closed", took=None)], [row()], What.STATE, "payment of ¥300.00 at 12:00:03", 2),
        ([attempt("failed", took=None)], [row()], What.STATE, "payment of ¥300.00 at 12:00:03", 2),
        ([attempt()], [row(), row("refund")], What.STATE, "refund of ¥300.00 at 12:00:03", 3),
        ([attempt("reversed", None, NOON)], [row()], What.STATE, "payment of ¥300.00 at 12:00:03", 2),
        ([attempt("refunded", NOON, NOON)], [row()], What.OURS_NOT_THEIRS, "no row for a return", 0),
        ([attempt("unresolved", None)], [row()], What.STATE, "payment of ¥300.00 at 12:00:03", 2),
        ([attempt("unresolved", None)], [], What.STATE, "no money moved", 0),
        ([attempt("unresolved", NOON)], [row()], What.STATE, "no return", 0),
        (
            [attempt("unresolved", NOON)], [row(), row("refund")],
            What.STATE, "refund of ¥300.00 at 12:00:03", 3,
        ),
        (
            [attempt(took=datetime(2026, 11, 24, 15, 59, tzinfo=UTC))], [],
            What.OURS_NOT_THEIRS, "no row for a payment (perhaps in the statement of 2026-11-25)", 0,
        ),
        # paid long ago by the journal, today by the file
        ([attempt(took=NOON.replace(day=20))], [row()], What.STATE, "payment of ¥300.00 at 12:00:03", 2),
    ],
)  # fmt: skip
def test_every_difference_is_told_with_its_line(
    ours: list[Attempt], rows: list[str], what: What, theirs: str, line: int
) -> None:
    (found,) = differences(ours, *rows)
    assert (found[0], found[2], found[3]) == (what, theirs, line)


OTHERS = [attempt(number=f"P261124-{n:08d}-01") for n in range(5)]


@given(st.permutations(range(5)), st.sampled_from(range(5)), st.sampled_from(["row", "attempt"]))
def test_one_lost_of_many_is_found_whatever_the_order(
    order: list[int], lost: int, where: str
) -> None:
    rows = [row(number=OTHERS[n].out_trade_no) for n in order if where == "attempt" or n != lost]
    ours = [a for n, a in enumerate(OTHERS) if where == "row" or n != lost]
    (found,) = differences(ours, *rows)
    assert found[0] is (What.OURS_NOT_THEIRS if where == "row" else What.THEIRS_NOT_OURS)


# --- files that are none -----------------------------------------------------------------------------

GOOD = statement(row(), row("refund"))


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        (b"", 1, "header"),
        (b"<html>Bad gateway</html>", 1, "header"),
        (GOOD.replace(b"amount_fen", b"amount"), 1, "header"),
        (b"\n".join(GOOD.split(b"\n")[:3]) + b"\n", 3, "cut short"),
        (GOOD[:-30], 3, "cut short"),
        (GOOD.replace(b"payment,P", b"payment,\xff"), 2, "no UTF-8"),
        (GOOD.replace(b",SI1", b"", 1), 2, "9 fields where 10 are wanted"),
        (GOOD.replace(b"T12:00:03+08:00,refund", b"T12:00:03,refund"), 3, "no offset"),
        (GOOD.replace(b"2026-11-24T12:00:03+08:00,payment", b"yesterday,payment"), 2, "no time"),
        (GOOD.replace(b"2026-11-24T12:00:03+08", b"0001-01-01T00:00:00+08", 1), 2, "nothing was paid in 1"),
        (GOOD.replace(b"2026-11-24T12:00:03+08", b"9999-12-31T23:00:00-08", 1), 2, "in 9999"),
        (GOOD.replace(b",30000,", ",3\u0660000,".encode(), 1), 2, "amount_fen: "),
        (GOOD.replace(b",refund,", b",chargeback,"), 3, "kind: 'chargeback'"),
        (GOOD.replace(b",30000,", b",300.00,", 1), 2, "amount_fen: '300.00'"),
        (GOOD.replace(b",30000,", b",-30000,", 1), 2, "amount_fen: '-30000'"),
        (GOOD.replace(b",30000,", b",0,", 1), 2, "amount_fen: '0'"),
        (GOOD.replace(b"payment,P261124-AAAAAAAA-01", b"payment,P1"), 2, "out_trade_no: 'P1'"),
        (GOOD.replace(b",30000,", b",30001,", 1), 4, "payments_fen: the file says 30000 and holds 30001"),
        (statement(row(), total="total,2,30000,0"), 3, "rows: the file says 2 and holds 1"),
        (statement(row(), total="total,1,30000,1"), 3, "returns_fen"),
        (statement(row(), total="total,1,x,0"), 3, "total is garbled"),
        (statement(row(), total="total,1,30000,0\ntotal,1,30000,0"), 3, "stands before the end"),
        (statement(row(), row(at="2026-11-25T00:00:00+08:00")), 3, "of 2026-11-25"),
        (statement(row(at="2026-11-23T12:00:00+08:00")), 2, "of 2026-11-23, in the statement of 2026-11-24"),
        (GOOD.replace(b"wechat", b'"we"chat', 1), 2, "no CSV"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_its_line(content: bytes, line: int, told: str) -> None:
    with pytest.raises(StatementWrong) as refused:
        read_statement(content, DAY)
    assert refused.value.line == line
    assert told in refused.value.what


def test_a_file_cut_at_any_byte_is_refused() -> None:
    for cut in range(len(GOOD) - 1):
        with pytest.raises(StatementWrong):
            read_statement(GOOD[:cut], DAY)
    assert len(read_statement(GOOD, DAY).movements) == 2


def test_a_statement_s_day_is_china_s_whatever_its_offset() -> None:
    late = statement(row(at="2026-11-24T15:59:59Z"), row(at="2026-11-23T11:00:00-05:00"))
    assert [f"{m.time:%d %H:%M:%S}" for m in read_statement(late, DAY).movements] == [
        "24 23:59:59", "24 00:00:00",
    ]  # fmt: skip
    with pytest.raises(StatementWrong, match="of 2026-11-25, in the statement of 2026-11-24"):
        read_statement(statement(row(at="2026-11-24T16:00:00Z")), DAY)


def test_an_empty_day_needs_its_day() -> None:
    assert read_statement(statement(), DAY).movements == ()
    with pytest.raises(StatementWrong, match="line 2: no row tells"):
        read_statement(statement())


@given(st.binary(max_size=300))
def test_nothing_else_than_a_refusal_comes_of_garbage(content: bytes) -> None:
    with pytest.raises(StatementWrong):
        read_statement(content, DAY)
