"""The chain: each entry's hash covers its content and the hash before it, so that none can be changed.

    hash(n) = SHA-256( hash(n-1) || seq LF at LF kind LF order_no LF body )

The first entry's predecessor is 32 zero bytes. Retention leaves gaps: the last `retention` entry names
them all, each with the hash of its last removed entry, from which the chain goes on behind it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kiosk.journal.records import Entry

GENESIS = bytes(32)


@dataclass(frozen=True, slots=True)
class Gap:
    """Entries `first` to `last` were removed; `hash` is that of the last."""

    first: int
    last: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Flaw:
    """Where the journal is not what it should be, and in which way."""

    seq: int
    what: str

    def __str__(self) -> str:
        return f"entry {self.seq}: {self.what}" if self.seq else self.what


def hash_of(
    previous: bytes, seq: int, at: str, kind: str, order_no: str | None, body: str
) -> bytes:
    """The hash of an entry behind the one of hash `previous`."""
    content = f"{seq}\n{at}\n{kind}\n{order_no or ''}\n{body}"
    return hashlib.sha256(previous + content.encode()).digest()


def gaps_of(retention: Entry | None) -> tuple[Gap, ...]:
    """The gaps that the last retention entry names."""
    if retention is None:
        return ()
    removed = retention.facts()["removed"]
    return tuple(Gap(first, last, bytes.fromhex(digest)) for first, last, digest in removed)


def flaws(entries: Iterable[Entry], gaps: Iterable[Gap] = ()) -> Iterator[Flaw]:
    """Every place at which the chain of all `entries`, in order, does not hold."""
    bridges = {gap.first: gap for gap in gaps}
    previous, expected = GENESIS, 1
    for entry in entries:
        if entry.seq != expected and (gap := bridges.get(expected)):
            previous, expected = gap.hash, gap.last + 1
        if entry.seq != expected:
            yield Flaw(expected, f"missing; the next one there is {entry.seq}")
        elif _computed(previous, entry) != entry.hash:
            yield Flaw(entry.seq, "its content is not what was written")
        previous, expected = entry.hash, entry.seq + 1


def tail_flaw(tail: Iterable[Entry]) -> Flaw | None:
    """The first place at which the journal's last entries do not hold.

    The first of them is believed, unless it is the journal's first, and so is one behind a gap.
    """
    before = Entry(0, "", "", None, "", GENESIS)
    for entry in tail:
        if entry.seq == before.seq + 1 and _computed(before.hash, entry) != entry.hash:
            return Flaw(entry.seq, "its content is not what was written")
        before = entry
    return None


def _computed(previous: bytes, entry: Entry) -> bytes:
    return hash_of(previous, entry.seq, entry.at, entry.kind, entry.order_no, entry.body)
