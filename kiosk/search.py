"""Finds items by what people write: hanzi, pinyin whole or begun, initials, synonyms, English.

Pure: texts and their readings (kiosk/pinyin.py) in, ids out, best first. A query is compared as it is
typed, mixed as it may be: 养老, yanglao, ylbx, yangl, yang老. Every sign of it begins the next character
of a text or goes on with that character's reading; nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

Reading = tuple[tuple[str, ...], ...]
"""For each character of a text its readings in letters a-z, the likeliest first; () where it has none."""

Readings = Callable[[Sequence[str]], Sequence[Reading]]
"""The readings of texts; kiosk.pinyin has them."""

LONGEST_QUERY = 60
"""Signs of a query that count: the longest name has 40 characters, and nobody types on."""

LATIN = re.compile(r"[a-z]+")

PAIR = 2
"""So many letters are found without a look at the texts."""

BEGINS = ";"
"""Before each character of an encoded text; OR parts its readings."""
OR = ","
FIRST = "^"
"""Before what a text, its pinyin or its initials start with, in the index of texts."""


class Rank(IntEnum):
    """How well a text fits, best first."""

    EXACT = 0
    PREFIX = 1
    INITIALS = 2
    INSIDE = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """What can be found. `names` are its own and `synonyms` what people call it; `around` are texts that it
    shares with others (its department, its life events), which never come before a name."""

    id: str
    names: tuple[str, ...]
    synonyms: tuple[str, ...] = ()
    around: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Written:
    """A text as it is searched: its signs, whole pinyin, initials, and the code a query's pattern fits."""

    signs: str
    whole: str
    initials: str
    code: str
    owners: tuple[tuple[int, Rank], ...]
    """Each entry's place, and the best rank that this text can give it."""


class Index:
    """All entries, ready to be searched."""

    def __init__(self, entries: Iterable[Entry], readings: Readings) -> None:
        self._entries = tuple(entries)
        owners: dict[str, dict[int, Rank]] = {}
        for place, entry in enumerate(self._entries):
            for texts, best in (
                ((*entry.names, *entry.synonyms), Rank.EXACT),
                (entry.around, Rank.INSIDE),
            ):
                for text in filter(None, map(folded, texts)):
                    mine = owners.setdefault(text, {})
                    mine[place] = min(best, mine.get(place, best))
        texts = tuple(owners)
        self._texts = tuple(
            _written(text, reading, tuple(owners[text].items()))
            for text, reading in zip(texts, readings(texts), strict=True)
        )
        keys = [_keys(text) for text in self._texts]
        self._with = _whereabouts(((place,), mine) for place, mine in enumerate(keys))
        self._entries_with = _whereabouts(
            ([owner for owner, _ in text.owners], set(filter(_begun_by_letters, mine)))
            for text, mine in zip(self._texts, keys, strict=True)
        )

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, query: str, uses: Mapping[str, int] | None = None) -> tuple[str, ...]:
        """The ids of what fits `query`, best first: by rank, then by `uses`, then in the entries' order.

        An empty query finds everything.
        """
        used = uses or {}
        signs = folded(query)[:LONGEST_QUERY].replace(" ", "")
        ranks = self._ranks(signs) if signs else dict.fromkeys(range(len(self)), Rank.INSIDE)
        found = sorted(
            ranks, key=lambda place: (ranks[place], -used.get(self._entries[place].id, 0), place)
        )
        return tuple(self._entries[place].id for place in found)

    def _ranks(self, signs: str) -> dict[int, Rank]:
        """The best rank of each entry that fits, by its place."""
        latin = signs.isascii()
        short = LATIN.fullmatch(signs) is not None and len(signs) <= PAIR
        pattern = None if short else re.compile(_pattern(signs))
        ranks: dict[int, Rank] = {}
        candidates = self._candidates(signs)
        if short:  # so much fits that only what may fit better is looked at
            ranks = dict.fromkeys(_places(self._entries_with.get(BEGINS + signs, 0)), Rank.INSIDE)
            candidates &= self._with.get(FIRST + signs, 0)
        for place in _places(candidates):
            text = self._texts[place]
            rank = _rank(text, signs, pattern, latin)
            if rank is None:
                continue
            for owner, best in text.owners:
                given = max(rank, best)
                if given < ranks.get(owner, len(Rank)):
                    ranks[owner] = given
        return ranks

    def _candidates(self, signs: str) -> int:
        """The texts that may fit, one bit a text: those that hold every sign of the query, and every two
        letters of it one after the other. For one or two letters they do fit."""
        keys = {*signs, BEGINS + signs[0]}
        pairs = [one + two for one, two in pairwise(signs) if LATIN.fullmatch(one + two)]
        keys.update(pairs)
        if pairs and signs.startswith(pairs[0]):
            keys.add(BEGINS + pairs[0])
        found = -1
        for key in keys:
            found &= self._with.get(key, 0)
        return found


def folded(text: str) -> str:
    """`text` without what nobody types: case, full width, marks; words stay parted by a space."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = re.split(r"[^\w]|_", plain)
    return " ".join(filter(None, words))


def _written(text: str, reading: Reading, owners: tuple[tuple[int, Rank], ...]) -> _Written:
    parts = [(sign, read) for sign, read in _characters(text, reading)]
    return _Written(
        signs=text.replace(" ", ""),
        whole="".join(read[0] if read else sign for sign, read in parts),
        initials="".join(read[0][0] if read else sign[0] for sign, read in parts),
        code="".join(f"{BEGINS}{_coded(sign, read)}" for sign, read in parts),
        owners=owners,
    )


def _characters(text: str, reading: Reading) -> list[tuple[str, tuple[str, ...]]]:
    """Each hanzi or digit with its readings; a Latin word counts as one, read as it is written."""
    parts: list[tuple[str, tuple[str, ...]]] = []
    word = ""
    for sign, read in zip((*text, " "), (*reading, ()), strict=True):
        if LATIN.fullmatch(sign):
            word += sign
            continue
        if word:
            parts.append((word, ()))
            word = ""
        if sign != " ":
            parts.append((sign, read))
    return parts


def _coded(sign: str, read: tuple[str, ...]) -> str:
    if LATIN.match(sign):
        return sign
    return sign + OR.join(read)


def _pattern(signs: str) -> str:
    """What a query looks like in an encoded text: a sign begins the next character (by itself or by the
    first letter of a reading); a letter may also go on where the letter before it stands."""
    begun = f"{BEGINS}[^a-z{BEGINS}{OR}]?(?:[a-z]*{OR})*"
    parts: list[str] = []
    letter_before = False
    for sign in signs:
        letter = LATIN.fullmatch(sign) is not None
        begins = begun + sign if letter else BEGINS + re.escape(sign)
        if not parts:
            parts.append(begins)
        else:
            skip = f"[a-z{OR}]*"
            going_on = f"{sign}|" if letter and letter_before else ""
            parts.append(f"(?:{going_on}{skip}{begins})")
        letter_before = letter
    return "".join(parts)


def _rank(text: _Written, signs: str, pattern: re.Pattern[str] | None, latin: bool) -> Rank | None:
    """How `text` fits; `pattern` is None where it is known to."""
    if signs in (text.signs, text.whole):
        return Rank.EXACT
    if text.signs.startswith(signs) or text.whole.startswith(signs):
        return Rank.PREFIX
    if latin and text.initials.startswith(signs):
        return Rank.INITIALS
    if pattern is None:
        return Rank.INSIDE
    found = pattern.search(text.code)
    if found is None:
        return None
    if found.start() == 0:
        return Rank.INITIALS if latin else Rank.PREFIX
    return Rank.INSIDE


def _places(bits: int) -> Iterator[int]:
    """The places of the bits that are set, lowest first."""
    marks = bin(bits)[:1:-1]
    place = marks.find("1")
    while place >= 0:
        yield place
        place = marks.find("1", place + 1)


def _whereabouts(known: Iterable[tuple[Sequence[int], set[str]]]) -> Mapping[str, int]:
    """For each key the places of what has it, one bit a place."""
    found: dict[str, set[int]] = {}
    for places, keys in known:
        for key in keys:
            found.setdefault(key, set()).update(places)
    return {key: _bits(places) for key, places in found.items()}


def _bits(places: set[int]) -> int:
    marks = bytearray(max(places) // 8 + 1)
    for place in places:
        marks[place // 8] |= 1 << place % 8
    return int.from_bytes(marks, "little")


def _begun_by_letters(key: str) -> bool:
    return key[0] == BEGINS and LATIN.fullmatch(key[1:]) is not None


def _keys(text: _Written) -> set[str]:
    """Everything by which a text is looked up: its signs, and each two letters that may follow one another;
    after BEGINS those with which a character begins, after FIRST those with which the text does."""
    starts = (text.signs, text.whole, text.initials)
    keys = {FIRST + start[:n] for start in starts for n in (1, PAIR)}
    before: set[str] = set()
    before_begins: set[str] = set()
    for character in text.code.split(BEGINS)[1:]:
        latin = LATIN.fullmatch(character) is not None
        reads = [read for read in ([character] if latin else character[1:].split(OR)) if read]
        begins = {read[0] for read in reads}
        keys |= {letter for read in reads for letter in read}
        keys |= {BEGINS + letter for letter in begins}
        if not latin:
            keys |= {character[0], BEGINS + character[0]}
        keys |= {read[n : n + PAIR] for read in reads for n in range(len(read) - 1)}
        keys |= {BEGINS + read[:PAIR] for read in reads if len(read) >= PAIR}
        keys |= {one + two for one in before for two in begins}
        keys |= {BEGINS + one + two for one in before_begins for two in begins}
        before = {letter for read in reads for letter in read}
        before_begins = begins
    return keys
