"""The card as data: one record for all four layouts, and the rules that hold for any of them.

Its `repr` is masked: a record that falls into a log line or a traceback tells nobody's name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
"""ISO 7064 MOD 11-2 as GB 11643 writes it: weight of each of the first 17 digits."""

CHECK_CHARACTERS = "10X98765432"
"""GB 11643: the check character for each remainder 0..10."""

SEXES = MappingProxyType({"0": "未知", "1": "男", "2": "女", "9": "未说明"})
"""GB/T 2261.1."""

NATIONS = (
    "汉", "蒙古", "回", "藏", "维吾尔", "苗", "彝", "壮",
    "布依", "朝鲜", "满", "侗", "瑶", "白", "土家", "哈尼",
    "哈萨克", "傣", "黎", "傈僳", "佤", "畲", "高山", "拉祜",
    "水", "东乡", "纳西", "景颇", "柯尔克孜", "土", "达斡尔", "仫佬",
    "羌", "布朗", "撒拉", "毛南", "仡佬", "锡伯", "阿昌", "普米",
    "塔吉克", "怒", "乌孜别克", "俄罗斯", "鄂温克", "德昂", "保安", "裕固",
    "京", "塔塔尔", "独龙", "鄂伦春", "赫哲", "门巴", "珞巴", "基诺",
)  # fmt: skip
"""GB/T 3304: codes 01..56 in order."""

OTHER_NATIONS = MappingProxyType({"97": "其他", "98": "外国血统中国籍"})


class CardForm(StrEnum):
    """The four layouts that a reader hands out."""

    RESIDENT = "resident"  # 居民身份证
    HMT = "J"  # 港澳台居民居住证
    FOREIGNER_2017 = "I"  # 外国人永久居留身份证, 2017
    FOREIGNER_2023 = "Y"  # 外国人永久居留身份证, from 2023-12-01


@dataclass(frozen=True, slots=True, repr=False)
class IdCard:
    """What a card says. Dates are None where the card leaves them blank or, for `valid_to`, where it
    is valid for good (`long_term`). `sex` and `nation` are the standard's codes, `country` is GB/T 2659.
    `new_address` is what was added since the card was made: "" for nothing, None where nobody asked.
    """

    form: CardForm
    name: str
    id_number: str
    sex: str = ""
    nation: str = ""
    birth: date | None = None
    address: str = ""
    issuer: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    long_term: bool = False
    english_name: str = ""
    country: str = ""
    pass_number: str = ""
    issue_count: str = ""
    new_address: str | None = None

    def __repr__(self) -> str:
        return f"IdCard({self.form.value}, ***)"

    @property
    def nation_name(self) -> str:
        """The nation in words, or ""."""
        if self.nation in OTHER_NATIONS:
            return OTHER_NATIONS[self.nation]
        known = self.nation.isascii() and self.nation.isdigit()
        number = int(self.nation) if known else 0
        return NATIONS[number - 1] if 1 <= number <= len(NATIONS) else ""


def check_character(first17: str) -> str:
    """The eighteenth character for the first 17 digits. Raises ValueError for anything else."""
    if len(first17) != len(WEIGHTS) or not (first17.isascii() and first17.isdigit()):
        raise ValueError("17 digits are wanted")
    total = sum(int(digit) * weight for digit, weight in zip(first17, WEIGHTS, strict=True))
    return CHECK_CHARACTERS[total % 11]


def is_id_number(text: str) -> bool:
    """Whether `text` is an 18-character number whose check character is right."""
    body = text[:17]
    if len(text) != 18 or not (body.isascii() and body.isdigit()):
        return False
    return check_character(body) == text[17]
