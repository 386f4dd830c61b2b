"""Names of places around this hall that the pinyin dictionary lacks or ranks low: they come first."""

from __future__ import annotations

from collections.abc import Sequence

from screens.keyboard.pinyin import Answer, Candidate, Engine
from screens.keyboard.typing import BETWEEN

PLACES = {
    "rushan": "乳山",
    "rushanshi": "乳山市",
    "weihaishi": "威海市",
    "yintan": "银滩",
    "xiacun": "夏村",
    "rushankou": "乳山口",
    "rushanzhai": "乳山寨",
    "haiyangsuo": "海阳所",
    "baishatan": "白沙滩",
    "dagushan": "大孤山",
    "nanhuang": "南黄",
    "fengjia": "冯家",
    "xiachu": "下初",
    "wuji": "午极",
    "yuli": "育黎",
    "yazi": "崖子",
    "zhuwang": "诸往",
    "xujia": "徐家",
    "wendeng": "文登",
    "rongcheng": "荣成",
}
"""Pinyin and name: the city, its towns, its neighbours; written down from memory, for the hall to check."""

LONGEST = max(map(len, PLACES))


def with_places(engine: Engine) -> Engine:
    """`engine`, with the places that the letters begin with put in."""

    def ask(letters: str, answer: Answer) -> None:
        def put_in(found: Sequence[Candidate] | None) -> None:
            answer(None if found is None else places_put_in(letters, found))

        engine(letters, put_in)

    return ask


def places_put_in(letters: str, found: Sequence[Candidate]) -> list[Candidate]:
    """`found`, and the places that `letters` begin with: first where they take all letters, else after
    the likeliest candidate."""
    places = list(_beginning(letters))
    texts = {one.text for one in places}
    others = [one for one in found if one.text not in texts]
    at = 0 if places and places[0].letters == len(letters) else min(1, len(others))
    return [*others[:at], *places, *others[at:]]


def _beginning(letters: str) -> list[Candidate]:
    """Places that `letters` begin with, the longest first; apostrophes part syllables only."""
    found = []
    for end in range(min(len(letters), 2 * LONGEST), 0, -1):
        head = letters[:end]
        name = PLACES.get(head.replace(BETWEEN, ""))
        if name is not None and not head.endswith(BETWEEN):
            found.append(Candidate(name, end))
    return found
