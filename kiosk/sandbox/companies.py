"""The invented companies that market regulation registered and others speak of; the same every time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from devices.scanner.payloads import CREDIT_ALPHABET, credit_check
from kiosk.sandbox.citizens import Citizen, everybody

ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
"""GB 11714: the weights of the eight places of an organisation's code."""

REGISTERED_HERE = "91371083"
"""Market regulation (9), a company (1), Rushan (371083): GB 32100."""

TRADES = (
    ("海产食品", "水产品加工、销售；食品生产；货物进出口", "有限责任公司（自然人独资）"),
    ("渔具", "渔具制造、销售；体育用品零售", "有限责任公司（自然人投资或控股）"),
    ("建材", "建筑材料销售；室内外装修工程施工", "有限责任公司（自然人投资或控股）"),
    ("果品专业合作社", "组织成员种植、销售苹果、樱桃；农业技术服务", "农民专业合作社"),
    ("机械制造", "机械零部件加工、销售；机械设备修理", "有限责任公司（自然人独资）"),
    ("物业服务", "物业管理；家政服务；停车场服务", "有限责任公司（自然人投资或控股）"),
    ("旅游开发", "旅游项目开发；酒店管理；会议服务", "有限责任公司（自然人独资）"),
    ("电子商务", "网上销售农副产品；信息技术服务", "有限责任公司（自然人独资）"),
)
NAMES = ("银滩", "大乳山", "海阳所", "南黄", "青山湖", "岠嵎", "正洋", "福山湾")

CANCELLED_EVERY, ABNORMAL_EVERY = 8, 5


@dataclass(frozen=True, slots=True)
class Company:
    """One company. `state` is open, abnormal (经营异常名录) or cancelled; `head` is its legal
    representative."""

    place: int
    credit_code: str
    name: str
    kind: str
    scope: str
    capital: str
    established: date
    address: str
    state: str
    head: Citizen


def companies() -> tuple[Company, ...]:
    """All of them: one for each third resident, the default card's first."""
    heads = [citizen for citizen in everybody() if citizen.at_home and citizen.place % 3 == 0]
    return tuple(_company(place, head) for place, head in enumerate(heads))


def _company(place: int, head: Citizen) -> Company:
    trade, scope, kind = TRADES[place % len(TRADES)]
    ending = "" if kind == "农民专业合作社" else "有限公司"
    established = date(2009 + place * 5 % 15, place * 7 % 12 + 1, place * 11 % 28 + 1)
    state = "open"
    if place % CANCELLED_EVERY == CANCELLED_EVERY - 1:
        state = "cancelled"
    elif place % ABNORMAL_EVERY == ABNORMAL_EVERY - 1:
        state = "abnormal"
    return Company(
        place=place,
        credit_code=_credit_code(place),
        name=f"乳山市{NAMES[place * 3 % len(NAMES)]}{trade}{ending}",
        kind=kind,
        scope=scope,
        capital=f"{(place * 37 % 19 + 1) * 50} 万元人民币",
        established=established,
        address=f"山东省威海市乳山市开发区深圳路{place * 4 + 6}号",
        state=state,
        head=head,
    )


def _credit_code(place: int) -> str:
    body = f"MA3C{place * 271 + 1024:04d}"
    total = sum(
        int(character, 36) * weight
        for character, weight in zip(body, ORGANISATION_WEIGHTS, strict=True)
    )
    check = "0123456789X0"[11 - total % 11]
    first17 = f"{REGISTERED_HERE}{body}{check}"
    assert set(first17) <= set(CREDIT_ALPHABET)
    return first17 + credit_check(first17)
