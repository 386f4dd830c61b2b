"""How long a search among 2,000 items takes, against what a person notices."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator

from kiosk.pinyin import readings
from kiosk.search import Entry, Index
from tests.bench.figure import Figure

ENTRIES = 2000
ROUNDS = 5
NOTICED_MS = 10.0
"""Below this a keystroke and its results are in one frame of 60 a second, with the drawing."""

SIGNS = (
    "乳山市人社医疗保障税务登记不动产居民养老保险缴费证明查询打印企业注销变更许可道路运输教师资格"
    "食品经营建设工程规划公积金提取贷款出生户口社保卡挂失补办"
)
QUERIES = (
    *(
        "y",
        "s",
        "yl",
        "ylbx",
        "yanglao",
        "yanglaobaoxian",
        "yang老",
        "养",
        "养老保险",
        "缴费chaxun",
    ),
    *("e", "so", "shebaoka", "zzzz"),
)


def search() -> Iterator[Figure]:
    """The slowest of many kinds of queries, each the median of some rounds, in time of the processor."""
    dice = random.Random(20261125)

    def name(signs: int) -> str:
        return "".join(dice.choice(SIGNS) for _ in range(signs))

    def english(letters: int) -> str:
        return "".join(dice.choice("aabcdeeefghiilmnooprrsstuv") for _ in range(letters))

    entries = [
        Entry(
            str(number),
            (name(12), name(7), f"{english(6)} {english(8)}"),
            (name(3), name(4), name(3)),
            (dice.choice(("人社局", "税务局", "市场监管局")), "退休"),
        )
        for number in range(ENTRIES)
    ]
    index = Index(entries, readings)
    slowest = max((_median_ms(index, query), query) for query in QUERIES)
    yield Figure(
        "search among 2,000 items, slowest query", slowest[0], "ms", NOTICED_MS,
        f"{slowest[1]!r} of {len(QUERIES)} queries",
    )  # fmt: skip


def _median_ms(index: Index, query: str) -> float:
    times = []
    for _ in range(ROUNDS):
        begun = time.thread_time()
        index.find(query)
        times.append((time.thread_time() - begun) * 1000)
    return statistics.median(times)
