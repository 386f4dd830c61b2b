"""What is decided at once (秒批): each kind's form and the published rules that alone decide it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from sqlite3 import Connection, Row
from typing import Literal

from kiosk.sandbox.approval_words import Both, both
from kiosk.sandbox.wire import Wire

ELDERLY_AGE, ALLOWANCE_AGE, ADULT_AGE = 60, 80, 18
"""Law on the Protection of the Rights of the Elderly, article 2: from 60; Civil Code, article 17: 18."""

RESERVED_WORDS = ("中国", "中华", "全国", "国家", "国际")
"""Not for a sole trader's name without an approval of its own."""

FieldKind = Literal["text", "name", "phone", "choice", "division"]


@dataclass(frozen=True, slots=True)
class Applicant:
    """What the rules look at."""

    db: Connection
    citizen: Row
    kind: str
    age: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One published rule, what to do where it is not met, and the test of it."""

    text: Both
    remedy: Both
    met: Callable[[Applicant], bool]


def _old(least: int) -> Rule:
    return Rule(
        both(f"年满 {least} 周岁", f"At least {least} years old"),
        both(f"请在年满 {least} 周岁后申请", f"Please apply once you are {least}"),
        lambda applicant: applicant.age >= least,
    )


def _has_none(applicant: Applicant) -> bool:
    return not applicant.db.execute(
        "SELECT 1 FROM decisions WHERE id_number = ? AND kind = ? AND granted = 1",
        (applicant.citizen["id_number"], applicant.kind),
    ).fetchone()


def _name_is_free(applicant: Applicant) -> bool:
    return not applicant.db.execute(
        "SELECT 1 FROM decisions WHERE kind = ? AND granted = 1 AND name = ?",
        (applicant.kind, applicant.values["business_name"]),
    ).fetchone()


LOCAL = Rule(
    both("户籍在本市", "Registered in this city"),
    both("请向户籍所在地申请", "Please apply where you are registered"),
    lambda applicant: bool(applicant.citizen["insured"]),
)
FIRST = Rule(
    both("此前未领取过", "Not granted before"),
    both("您已领取过；遗失补办请到窗口", "You have one already; for a replacement ask at a window"),
    _has_none,
)


class FieldOption(Wire):
    """One value of a choice."""

    value: str
    name: Both


class FieldLine(Wire):
    """A field of the form; `options` only with choice."""

    name: str
    label: Both
    kind: FieldKind
    longest: int
    options: list[FieldOption]


PHONE = FieldLine(
    name="phone", label=both("手机号码", "Mobile phone"), kind="phone", longest=11, options=[]
)


@dataclass(frozen=True, slots=True)
class ApprovalKind:
    """Something that is decided at once: its form, its rules, and what the certificate is called."""

    name: Both
    hint: Both
    certificate: str
    fields: tuple[FieldLine, ...]
    rules: tuple[Rule, ...]


KINDS: dict[str, ApprovalKind] = {
    "elder-card": ApprovalKind(
        both("老年优待证", "Senior citizen's card"),
        both("年满 60 周岁，当场出证", "From 60 on, issued on the spot"),
        "老年优待证",
        (
            FieldLine(
                name="use",
                label=both("主要用途", "Mainly for"),
                kind="choice",
                longest=20,
                options=[
                    FieldOption(value="transport", name=both("乘坐公交", "Public transport")),
                    FieldOption(value="parks", name=both("游览公园景区", "Parks and sights")),
                ],
            ),
            PHONE,
        ),
        (_old(ELDERLY_AGE), LOCAL, FIRST),
    ),
    "elder-allowance": ApprovalKind(
        both("高龄津贴", "Allowance for the very old"),
        both("年满 80 周岁，按月发放", "From 80 on, paid monthly"),
        "高龄津贴准予决定书",
        (
            FieldLine(
                name="bank",
                label=both("发放银行", "Paid through"),
                kind="choice",
                longest=20,
                options=[
                    FieldOption(value="rural", name=both("农村商业银行", "Rural Commercial Bank")),
                    FieldOption(value="abc", name=both("农业银行", "Agricultural Bank")),
                ],
            ),
            PHONE,
        ),
        (_old(ALLOWANCE_AGE), LOCAL, FIRST),
    ),
    "sole-trader": ApprovalKind(
        both("个体工商户设立登记", "Registration as a sole trader"),
        both("名称合规即准，当场出证", "Granted at once where the name is in order"),
        "个体工商户登记决定书",
        (
            FieldLine(
                name="business_name",
                label=both("字号名称", "Name of the business"),
                kind="text",
                longest=30,
                options=[],
            ),
            FieldLine(
                name="trade",
                label=both("行业", "Trade"),
                kind="choice",
                longest=20,
                options=[
                    FieldOption(value="retail", name=both("零售", "Retail")),
                    FieldOption(value="catering", name=both("餐饮", "Catering")),
                    FieldOption(value="services", name=both("居民服务", "Services")),
                ],
            ),
            FieldLine(
                name="division",
                label=both("经营场所所在区划", "Where it will be"),
                kind="division",
                longest=6,
                options=[],
            ),
            PHONE,
        ),
        (
            _old(ADULT_AGE),
            Rule(
                both(
                    f"名称不含{'、'.join(RESERVED_WORDS)}等字样",
                    "No word in the name that is reserved for the nation",
                ),
                both("请换一个名称再申请", "Please apply with another name"),
                lambda a: not any(word in a.values["business_name"] for word in RESERVED_WORDS),
            ),
            Rule(
                both("名称未被他人登记", "The name is not taken"),
                both("请换一个名称再申请", "Please apply with another name"),
                _name_is_free,
            ),
        ),
    ),
}
