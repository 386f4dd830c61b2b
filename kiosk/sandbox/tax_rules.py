"""What tax is due on an invoice that the bureau issues for somebody (代开发票): the rules as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

WHOLE_BP = 10_000
"""Rates are hundredths of a percent."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What an invoice can be issued for. `levy` names its row of LEVIES."""

    name: str
    name_en: str
    levy: str


GoodsId = Literal["labour", "consulting", "transport", "goods", "waived", "own_produce"]

GOODS: dict[GoodsId, Kind] = {
    "labour": Kind("劳务服务（装卸、维修、清洁等）", "Labour: loading, repair, cleaning", "small"),
    "consulting": Kind("咨询、设计、技术服务", "Consulting, design, technical services", "small"),
    "transport": Kind("货物运输服务", "Carriage of goods", "small"),
    "goods": Kind("销售货物", "Sale of goods", "small"),
    "waived": Kind("销售货物（放弃减税，按 3%）", "Sale of goods, reduction waived, 3%", "full"),
    "own_produce": Kind("销售自产农产品", "Sale of one's own farm produce", "free"),
}
"""By the id on the wire, in the order of the list."""

LEVIES: dict[str, tuple[tuple[date, int], ...]] = {
    "small": ((date(2027, 12, 31), 100), (date.max, 300)),
    "full": ((date.max, 300),),
    "free": ((date.max, 0),),
}
"""VAT levy rates, each with its last day: 3 %, reduced to 1 % until the end of 2027 (财政部 税务总局公告
2023 年第 19 号); one's own farm produce is exempt (增值税法)."""

THRESHOLD_FEN = 50_000
"""A single sale below it, without tax, is free of VAT (按次起征点): the sandbox's figure."""

SURCHARGES: tuple[tuple[str, str, int], ...] = (
    ("城市维护建设税", "City maintenance and construction tax", 700),
    ("教育费附加", "Education surcharge", 300),
    ("地方教育附加", "Local education surcharge", 200),
)
"""Of the VAT due; small-scale taxpayers pay half (财政部 税务总局公告 2023 年第 12 号)."""

HALF = 2

MOST_A_YEAR_FEN = 500_000_000
"""Five million yuan of sales within a year make a person register as a taxpayer; issued for no more."""


@dataclass(frozen=True, slots=True)
class Due:
    """One tax: its names and what is due, in fen."""

    name: str
    name_en: str
    due_fen: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """An amount with tax, taken apart; `lines` is what is to be paid before the invoice is issued."""

    net_fen: int
    tax_fen: int
    lines: tuple[Due, ...]

    @property
    def due_fen(self) -> int:
        """All of it."""
        return sum(line.due_fen for line in self.lines)


def rate_bp(goods: GoodsId, day: date) -> int:
    """The levy rate of an entry of GOODS on `day`."""
    return next(rate for last, rate in LEVIES[GOODS[goods].levy] if day <= last)


def assess(goods: GoodsId, total_fen: int, day: date) -> Assessment:
    """What is due on `total_fen`, which includes the VAT."""
    rate = rate_bp(goods, day)
    net = round(total_fen * WHOLE_BP / (WHOLE_BP + rate))
    if rate == 0 or net < THRESHOLD_FEN:
        return Assessment(total_fen, 0, ())
    vat = total_fen - net
    lines = [Due("增值税", "Value added tax", vat)]
    lines += [
        Due(name, name_en, round(vat * share / WHOLE_BP / HALF))
        for name, name_en, share in SURCHARGES
    ]
    return Assessment(net, vat, tuple(line for line in lines if line.due_fen))
