"""Fills the books with what each invented citizen owes, owns and was billed; the same every time.

Everything follows from a citizen's place in the list and from today's year, so that two sandboxes of
one day agree without speaking to each other. `wang-xiulan`, the default card, has some of everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from sqlite3 import Connection
from typing import Any

from devices.idcard.record import IdCard
from devices.simulators.cards import CARDS, CITIZENS

LADDERS: dict[str, tuple[tuple[str, int, int, int], ...]] = {
    "standard": (
        ("T300", 30000, 3000, 330),
        ("T500", 50000, 6000, 560),
        ("T1000", 100000, 8000, 1080),
        ("T3000", 300000, 9000, 3090),
        ("T5000", 500000, 9000, 5090),
    ),
    "supported": (("T100", 10000, 10000, 200), ("T300", 30000, 13000, 430)),
}
"""Tiers by ladder: id, amount, subsidy, monthly gain, in fen (Shandong's resident pension, rounded)."""

ADULT, RETIRED = 16, 60
"""Ages between which resident pension contributions are due."""

STREETS = ("胜利街", "商业街", "世纪大道", "长江路", "海景路", "青山路", "渔港路", "深圳路")
ESTATES = ("锦绣花园", "阳光家园", "银滩一号", "盛世名门", "东方海岸", "福安里")
USES = ("住宅", "住宅", "商业服务", "车库")

SELLERS = (
    ("乳山市供电公司", "电费"),
    ("威海水务集团有限公司", "水费"),
    ("中国移动通信集团山东有限公司", "通信服务费"),
    ("乳山家家悦超市有限公司", "日用杂品"),
    ("乳山市人民医院", "医疗服务"),
    ("山东高速股份有限公司", "通行费"),
)

TAX_PERCENT = 6

INVOICE_AGES_DAYS = (3, 19, 47, 75, 120, 230, 340, 420)
"""How long ago invoices were issued: some in each period that the terminal offers, one beyond all."""

UNIT_PREFIX = "371083"


@dataclass(frozen=True, slots=True)
class _Citizen:
    place: int
    slug: str
    card: IdCard

    @property
    def number(self) -> str:
        return self.card.id_number


def seed(db: Connection, today: date) -> None:
    """Enter every citizen, within the caller's transaction. The books must be empty."""
    for place, slug in enumerate((*CITIZENS, *_guests())):
        citizen = _Citizen(place, slug, CARDS[slug])
        _enter(db, citizen, today)
        _own(db, citizen, today)
        _bill(db, citizen, today)


def _guests() -> tuple[str, ...]:
    """Holders of other cards: known here, with less to their name."""
    return tuple(slug for slug in CARDS if slug not in CITIZENS)


def _age(card: IdCard, today: date) -> int:
    born = card.birth or date(1980, 1, 1)
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _enter(db: Connection, citizen: _Citizen, today: date) -> None:
    card = citizen.card
    ladder = "supported" if citizen.place % 9 == 4 else "standard"
    due = ADULT <= _age(card, today) < RETIRED or citizen.place == 0
    insured = citizen.slug in CITIZENS
    paid = not due or citizen.place % 11 == 7
    paid_until = today.year if paid else today.year - 1
    db.execute(
        "INSERT INTO citizens VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            card.id_number,
            citizen.slug,
            card.name,
            card.birth.isoformat() if card.birth else None,
            paid_until,
            int(insured),
            ladder,
        ),
    )
    if paid or not insured:
        return
    _issue(db, citizen.place, card.id_number, today.year, ladder)


def _issue(db: Connection, place: int, id_number: str, year: int, ladder: str) -> str:
    bill_id = f"SI{year}{place + 1:06d}"
    db.execute(
        "INSERT INTO bills VALUES (?, 'social-insurance', ?, ?, 0)", (bill_id, id_number, year)
    )
    for tier, amount, subsidy, gain in LADDERS[ladder]:
        db.execute(
            "INSERT INTO tiers VALUES (?, ?, ?, ?, ?)", (bill_id, tier, amount, subsidy, gain)
        )
    return bill_id


def further_bills(db: Connection, count: int) -> list[dict[str, Any]]:
    """So many more bills of the citizens, a year after the last for each in turn; each with its first
    tier (bill_id, tier_id, amount_fen)."""
    last = db.execute("SELECT max(year) FROM bills").fetchone()[0]
    ladder = "standard"
    tier, amount, *_ = LADDERS[ladder][0]
    numbers = [CARDS[slug].id_number for slug in CITIZENS]
    fresh = []
    for nth in range(count):
        year, place = divmod(nth, len(numbers))
        bill_id = _issue(db, place, numbers[place], last + 1 + year, ladder)
        fresh.append({"bill_id": bill_id, "tier_id": tier, "amount_fen": amount})
    return fresh


def _own(db: Connection, citizen: _Citizen, today: date) -> None:
    """0 to 3 units; every seventh citizen shares the next one's first."""
    if citizen.place % 6 == 5 or citizen.slug not in CITIZENS:
        return
    count = 2 if citizen.place == 0 else 1 + citizen.place % 3
    for nth in range(count):
        code = _unit_code(citizen.place, nth)
        estate = ESTATES[(citizen.place + nth) % len(ESTATES)]
        street = STREETS[(citizen.place * 3 + nth) % len(STREETS)]
        year = 2008 + (citizen.place * 5 + nth * 7) % 16
        unit: tuple[Any, ...] = (
            code,
            f"鲁({year})乳山市不动产权第{citizen.place * 37 + nth * 11 + 1201:07d}号",
            f"乳山市{street}{citizen.place + 8}号{estate}{nth + 1}号楼{citizen.place % 4 + 1}单元"
            f"{(citizen.place % 6 + 1) * 100 + nth + 1}室",
            USES[nth % len(USES)],
            f"{62.5 + (citizen.place * 17 + nth * 29) % 90:.2f}",
            date(
                year, (citizen.place + nth * 5) % 12 + 1, (citizen.place * 3) % 28 + 1
            ).isoformat(),
            int((citizen.place + nth) % 4 == 1),
            int((citizen.place + nth) % 13 == 8),
        )
        db.execute("INSERT INTO units VALUES (?, ?, ?, ?, ?, ?, ?, ?)", unit)
        share = "单独所有" if citizen.place % 5 else "按份共有 50%"
        db.execute("INSERT INTO owners VALUES (?, ?, ?)", (code, citizen.number, share))


def _unit_code(place: int, nth: int) -> str:
    """28 digits: division 6, cadastral zone 3, subzone 3, kind 2, parcel 5, fixture 1, unit 8."""
    return f"{UNIT_PREFIX}{place % 9 + 1:03d}{nth + 1:03d}10{place * 13 + 101:05d}2{place * 7 + nth + 1:08d}"


def _bill(db: Connection, citizen: _Citizen, today: date) -> None:
    """Invoices; every eighth citizen has none, so that "nothing found" can be met."""
    if citizen.place % 8 == 6:
        return
    for nth, age in enumerate(INVOICE_AGES_DAYS):
        issued = today - timedelta(days=age)
        seller, goods = SELLERS[(citizen.place + nth) % len(SELLERS)]
        amount = 1250 + (citizen.place * 977 + nth * 3331) % 88000
        tax = round(amount * TAX_PERCENT / 100)
        total = amount + tax
        number = f"26372000{citizen.place + 1:06d}{nth + 1:06d}"
        payload = f"01,32,,{number},{total / 100:.2f},{issued:%Y%m%d},,{(int(number) % 65521):04X}"
        db.execute(
            "INSERT INTO invoices VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                citizen.number,
                issued.isoformat(),
                seller,
                goods,
                amount,
                tax,
                total,
                payload,
            ),
        )
