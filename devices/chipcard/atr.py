"""What a chip says when it is powered: the answer to reset (ISO/IEC 7816-3, clause 8), as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import xor
from types import MappingProxyType

CONVENTIONS = MappingProxyType({0x3B: "direct", 0x3F: "inverse"})
"""TS, the first character: how bits are sent (8.1)."""

LONGEST = 33
"""TS and at most 32 characters (8.2.1)."""

FI = (372, 372, 558, 744, 1116, 1488, 1860, None, None, 512, 768, 1024, 1536, 2048, None, None)
DI = (None, 1, 2, 4, 8, 16, 32, 64, 12, 20, None, None, None, None, None, None)
"""Clock rate conversion and baud rate adjustment of TA1 (8.3, tables 7 and 8); None is reserved."""

GROUPS = (("A", 0x10), ("B", 0x20), ("C", 0x40), ("D", 0x80))
"""Which interface bytes follow, by the bits of T0 and each TD."""


class BadAtr(ValueError):
    """It is no answer to reset; the message names the part, never the bytes."""


@dataclass(frozen=True, slots=True)
class Atr:
    """An answer to reset. `historical` may name one card among all, so that the repr leaves it out.

    `interface` are the bytes TA1, TB1, ... by name; `protocols` the numbers T in their order.
    """

    convention: str
    protocols: tuple[int, ...]
    interface: MappingProxyType[str, int]
    historical: bytes = field(repr=False)

    @property
    def rate(self) -> tuple[int, int] | None:
        """F and D: the fastest rate that the card offers; None where TA1 is missing or reserved."""
        offered = self.interface.get("TA1")
        if offered is None:
            return None
        clock, adjustment = FI[offered >> 4], DI[offered & 0x0F]
        return None if clock is None or adjustment is None else (clock, adjustment)


def parse(data: bytes) -> Atr:
    """The answer to reset in `data`. Raises BadAtr."""
    if not 2 <= len(data) <= LONGEST:
        raise BadAtr("length")
    convention = CONVENTIONS.get(data[0])
    if convention is None:
        raise BadAtr("TS")
    interface: dict[str, int] = {}
    protocols: list[int] = []
    bits, at, level = data[1], 2, 1
    while bits & 0xF0:
        following = 0
        for letter, bit in GROUPS:
            if bits & bit:
                if at >= len(data):
                    raise BadAtr("interface bytes")
                interface[f"T{letter}{level}"] = data[at]
                following = data[at] if letter == "D" else following
                at += 1
        if bits & 0x80 and following & 0x0F not in protocols:
            protocols.append(following & 0x0F)
        bits, level = following, level + 1
    historical = data[at : at + (data[1] & 0x0F)]
    rest = data[at + len(historical) :]
    if len(historical) != data[1] & 0x0F:
        raise BadAtr("historical bytes")
    _check(data, rest, protocols)
    spoken = tuple(protocol for protocol in protocols if protocol != 15) or (0,)
    return Atr(convention, spoken, MappingProxyType(interface), historical)


def _check(data: bytes, rest: bytes, protocols: list[int]) -> None:
    """TCK, the XOR of all but TS, stands behind an answer that names a protocol besides T=0 (8.2.5)."""
    wanted = any(protocol != 0 for protocol in protocols)
    if len(rest) != wanted:
        raise BadAtr("end")
    if wanted and reduce(xor, data[1:], 0):
        raise BadAtr("TCK")
