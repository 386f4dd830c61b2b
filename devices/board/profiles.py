"""Relay boards as data: how each is addressed, and whether it ends a pulse by itself.

`waveshare-8` after Waveshare's wiki page "Modbus RTU Relay", development protocol: relays are coils 0
to 7, inputs discrete inputs 0 to 7, 9600 8N1, unit 1; function 05 at 0x0200 + relay switches a relay on
for the value's number of 100 ms ("flash on"). Not confirmed on hardware. `generic` is any board with
coils and discrete inputs after the Modbus Application Protocol V1.1b3, sections 6.1, 6.2 and 6.5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from devices.registry import BadSetting


@dataclass(frozen=True, slots=True)
class BoardProfile:
    """A model of board. `pulse_at` is the address that, added to a coil's, pulses it in hardware, in
    units of `pulse_unit_ms`; None where a pulse is ours to end."""

    name: str
    outputs: int
    inputs: int
    baud: int = 9600
    pulse_at: int | None = None
    pulse_unit_ms: int = 100


PROFILES: Mapping[str, BoardProfile] = MappingProxyType(
    {
        each.name: each
        for each in (
            BoardProfile("generic", outputs=64, inputs=64),
            BoardProfile("waveshare-8", outputs=8, inputs=8, pulse_at=0x0200),
            BoardProfile("waveshare-16", outputs=16, inputs=16, pulse_at=0x0200),
        )
    }
)


@dataclass(frozen=True, slots=True)
class Point:
    """One named coil or input. `inverted` is True where its rest is 1."""

    name: str
    address: int
    inverted: bool = False

    def active(self, level: bool) -> bool:
        """Whether that level means on, or closed."""
        return level is not self.inverted


_POINT = re.compile(r"([a-z0-9_]+)=(!?)(\d+)")


def profile(name: str) -> BoardProfile:
    """The profile of that name. Raises BadSetting."""
    if name not in PROFILES:
        raise BadSetting("profile", f"{name!r} is none of {', '.join(PROFILES)}")
    return PROFILES[name]


def points(setting: str, given: tuple[str, ...], room: int) -> tuple[Point, ...]:
    """Points from words like `scanner=1` or `door=!0` (active low). Raises BadSetting for a word of
    another form, an address that the board does not have, and a name or an address given twice."""
    found: dict[str, Point] = {}
    for word in given:
        match = _POINT.fullmatch(word)
        if match is None:
            raise BadSetting(setting, f"{word!r} is not like name=3 or name=!3")
        point = Point(match[1], int(match[3]), bool(match[2]))
        if point.address >= room:
            raise BadSetting(setting, f"{word!r}: the board has {room}, from 0")
        if point.name in found or point.address in {each.address for each in found.values()}:
            raise BadSetting(setting, f"{word!r} is given twice")
        found[point.name] = point
    return tuple(found.values())
