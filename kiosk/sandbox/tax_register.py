"""The tax bureau's register of every invoice of both generations: what a check is held against."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import date, timedelta
from sqlite3 import Connection, Row

SCHEMA = """
CREATE TABLE register (
    kind TEXT NOT NULL, code TEXT NOT NULL, number TEXT NOT NULL, issued_on TEXT NOT NULL,
    seller TEXT NOT NULL, buyer TEXT NOT NULL, goods TEXT NOT NULL, net_fen INTEGER NOT NULL,
    tax_fen INTEGER NOT NULL, check_code TEXT NOT NULL, state TEXT NOT NULL,
    PRIMARY KEY (code, number));
"""

SPECIAL, ORDINARY, ELECTRONIC, DIGITAL = "01", "04", "10", "32"
"""Kinds as an invoice's code has them in its second field (SERVICES.md): a special and an ordinary one
on paper, an electronic ordinary one, and a fully digital ordinary one."""

NORMAL, REVERSED, VOIDED = "normal", "reversed", "voided"
"""States: valid; cancelled by a red invoice (红冲); voided within its month (作废, the old generation)."""

CRC_MODULUS = 65521
"""How the last field is made is not public; the terminal keeps it as it came."""


@dataclass(frozen=True, slots=True)
class Registered:
    """One invoice. `code` is "" and `check_code` is "" for a digital one; amounts in fen."""

    kind: str
    code: str
    number: str
    issued_on: str
    seller: str
    buyer: str
    goods: str
    net_fen: int
    tax_fen: int
    check_code: str = ""
    state: str = NORMAL

    @property
    def total_fen(self) -> int:
        """With the tax."""
        return self.net_fen + self.tax_fen

    @property
    def printed_fen(self) -> int:
        """The amount in its code: without tax in the old generation, with tax in the new one."""
        return self.net_fen if self.code else self.total_fen

    @property
    def payload(self) -> str:
        """Its code's text (SERVICES.md)."""
        amount = f"{self.printed_fen / 100:.2f}"
        day = self.issued_on.replace("-", "")
        crc = f"{int(self.code + self.number) % CRC_MODULUS:04X}"
        return f"01,{self.kind},{self.code},{self.number},{amount},{day},{self.check_code},{crc}"

    def lines(self) -> tuple[tuple[str, str], ...]:
        """What stands on it: label and value."""
        return (
            ("发票号码", self.number),
            ("开票日期", self.issued_on),
            ("销售方", self.seller),
            ("购买方", self.buyer),
            ("项目", self.goods),
            ("金额", yuan(self.net_fen)),
            ("税额", yuan(self.tax_fen)),
            ("价税合计", yuan(self.total_fen)),
        )


def yuan(fen: int) -> str:
    """An amount as papers have it."""
    return f"¥{fen / 100:,.2f}"


def enter(db: Connection, invoice: Registered) -> None:
    """Enter an invoice, once."""
    db.execute("INSERT INTO register VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", astuple(invoice))


def find(db: Connection, code: str, number: str) -> Registered | None:
    """The invoice of that code and number."""
    row: Row | None = db.execute(
        "SELECT * FROM register WHERE code = ? AND number = ?", (code, number)
    ).fetchone()
    return Registered(**dict(row)) if row is not None else None


def reverse(db: Connection, number: str) -> None:
    """A digital invoice was cancelled by a red one."""
    db.execute("UPDATE register SET state = ? WHERE code = '' AND number = ?", (REVERSED, number))


def samples(today: date) -> tuple[Registered, ...]:
    """Invoices that nobody here received: one for each answer that a check can have, and each kind."""
    day = (today - timedelta(days=20)).isoformat()
    hotel, shop = "乳山银滩假日酒店有限公司", "乳山市城区百货商店"
    buyer = "乳山海润食品有限公司"
    return (
        Registered(ELECTRONIC, "037002100611", "20260801", day, shop, buyer, "办公用品",
                   128000, 1280, "67482913550274618093"),
        Registered(ORDINARY, "037002000104", "20260802", day, hotel, buyer, "住宿服务",
                   56604, 3396, "10837465920193847562"),
        Registered(SPECIAL, "3700204130", "20260803", day, hotel, buyer, "会议服务", 280000, 16800),
        Registered(ELECTRONIC, "037002100611", "20260804", day, shop, buyer, "劳保用品",
                   43000, 430, "55920183746501928374", VOIDED),
        Registered(DIGITAL, "", "26372000990000000001", day, hotel, buyer, "餐饮服务", 94340, 5660),
        Registered(DIGITAL, "", "26372000990000000002", day, shop, buyer, "办公用品",
                   20000, 200, "", REVERSED),
        Registered(DIGITAL, "", "26372000990000000003", day, shop, buyer, "办公用品（红字）",
                   -20000, -200),
    )  # fmt: skip


def payloads(db: Connection) -> list[str]:
    """The code's text of each sample, as it was entered."""
    entered = (find(db, sample.code, sample.number) for sample in samples(date.today()))
    return [invoice.payload for invoice in entered if invoice is not None]


def seed(db: Connection, today: date) -> None:
    """Enter the samples."""
    for invoice in samples(today):
        enter(db, invoice)
