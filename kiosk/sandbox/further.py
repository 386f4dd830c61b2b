"""Further bills of every department that takes money, and further invoices to fetch: as many as a test wants.

Each is owed by one of the invented citizens, and of the kind that the department's own requests make; only
its number or its year is one that no citizen comes to by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from sqlite3 import Connection
from typing import Any, get_args

from kiosk.sandbox import credit, medical, property_cases, social_insurance, tax_issue
from kiosk.sandbox.bookings import Bill, Charge, issue
from kiosk.sandbox.books import serial
from kiosk.sandbox.citizens import everybody
from kiosk.sandbox.tax_rules import GoodsId, assess
from kiosk.sandbox.window import Window

BUYER = ("乳山市海岸物业有限公司", "91371083MA3C4D5E67")
SALE_FEN = 2_020_000
"""A sale on which tax is due (tax_rules.py)."""

NOTICE_FEN = property_cases.DWELLING_FEN
INVOICES = 1

FAMILY_SERIES, FIRST_CODE = "YBF", 90_000_000


def further_bills(
    db: Connection, here: Window, department: str, count: int
) -> list[dict[str, Any]]:
    """So many more bills of a department: bill_id, tier_id, amount_fen of the first way to pay each."""
    if department == social_insurance.DEPARTMENT:
        return social_insurance.further_bills(db, count)
    residents = [citizen.number for citizen in everybody() if citizen.at_home]
    make = MAKERS[department]
    bills = []
    for nth in range(count):
        bill, charge = make(db, here, residents[nth % len(residents)])
        issue(db, bill, [charge])
        bills.append(
            {"bill_id": bill.bill_id, "tier_id": charge.option, "amount_fen": charge.amount_fen}
        )
        if department == medical.DEPARTMENT:
            covered = (bill.bill_id, 1, bill.id_number, charge.amount_fen)
            db.execute("INSERT INTO covered VALUES (?, ?, ?, ?)", covered)
    return bills


def _year_of_insurance(db: Connection, here: Window, _owner: str) -> tuple[Bill, Charge]:
    """A year to come of a resident, after the last that anybody was billed for."""
    insured = _column(db, "SELECT id_number FROM insured WHERE kind = ? ORDER BY rowid", "resident")
    bill_id = serial(db, FAMILY_SERIES, here.now())
    made = "SELECT count(*) FROM bills WHERE bill_id LIKE ?"
    last = db.execute(made, (f"{FAMILY_SERIES}%",)).fetchone()[0]
    year, place = divmod(last, len(insured))
    period = str(here.now().year + 2 + year)
    subject = f"城乡居民基本医疗保险 {period} · 1 人"
    bill = Bill(bill_id, medical.DEPARTMENT, medical.RESIDENT, insured[place], period, subject)
    return bill, Charge(medical.OPTION, medical.YEARLY_FEN)


def _registration_fee(db: Connection, here: Window, owner: str) -> tuple[Bill, Charge]:
    """The fee of a registration that waits for it."""
    number = serial(db, "BDCF", here.now())
    accepted = here.now().date()
    state = "to_pay"
    db.execute(
        "INSERT INTO registrations VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number, owner, property_cases.KINDS[0], "乳山市胜利街**号", accepted.isoformat(),
            property_cases.REACHED[state], state, property_cases.REMARKS[state],
        ),
    )  # fmt: skip
    bill = Bill(
        f"F{number}", property_cases.DEPARTMENT, property_cases.FEE, None, number, "不动产登记费"
    )
    return bill, Charge(property_cases.FEE, NOTICE_FEN)


def _tax_of_an_invoice(db: Connection, here: Window, owner: str) -> tuple[Bill, Charge]:
    """The tax on an invoice that was applied for."""
    number, today = serial(db, "DKF", here.now()), here.now().date()
    goods: GoodsId = get_args(GoodsId)[0]
    db.execute(
        "INSERT INTO applications (application_no, id_number, buyer_name, buyer_code, goods,"
        " total_fen, applied_on, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (number, owner, *BUYER, goods, SALE_FEN, today.isoformat(), tax_issue.OPEN),
    )
    bill = Bill(number, tax_issue.DEPARTMENT, tax_issue.KIND, owner, number, "代开发票税费")
    return bill, Charge(tax_issue.OPTION, assess(goods, SALE_FEN, today).due_fen)


def _copy_of_a_report(db: Connection, here: Window, owner: str) -> tuple[Bill, Charge]:
    """A further copy of a credit report."""
    year = str(here.now().year)
    number = serial(db, "ZXFF", here.now())
    bill = Bill(number, credit.DEPARTMENT, credit.REPORT, owner, year, "个人信用报告服务费")
    return bill, Charge(credit.OPTION, credit.FEE_FEN)


MAKERS: Mapping[str, Callable[[Connection, Window, str], tuple[Bill, Charge]]] = {
    medical.DEPARTMENT: _year_of_insurance,
    property_cases.DEPARTMENT: _registration_fee,
    tax_issue.DEPARTMENT: _tax_of_an_invoice,
    credit.DEPARTMENT: _copy_of_a_report,
}
"""By department; social insurance makes its own."""


def further_pickups(
    db: Connection, here: Window, terminal: str, count: int
) -> Iterator[dict[str, str]]:
    """So many more invoices on paper in the compartments of `terminal`: pickup_id and code of each."""
    kept_until = (here.now().date() + timedelta(days=3650)).isoformat()
    for _ in range(count):
        number = serial(db, "ZQF", here.now())
        code = str(FIRST_CODE + db.execute("SELECT count(*) FROM pickups").fetchone()[0])
        db.execute(
            "INSERT INTO pickups (pickup_id, code, terminal, compartment, invoices, kind, state,"
            " kept_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (number, code, terminal, "1", INVOICES, "ordinary", "waiting", kept_until),
        )
        yield {"pickup_id": number, "code": code}


def _column(db: Connection, query: str, *given: str) -> Sequence[str]:
    return [row[0] for row in db.execute(query, given)]
