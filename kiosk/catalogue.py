"""The items (事项) that this terminal offers, and whether each can be offered right now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from devices.status import DeviceState, Health
from kiosk.hardware import healthy
from kiosk.texts import Msg, Plain, Text, msg

if TYPE_CHECKING:
    from kiosk.declaration import Declaration
    from kiosk.tomlfile import ConfigProblem

SLIPS = "receipt_printer"
PRINTERS = (SLIPS, "document_printer")

SERVICES_DIR = "services"
"""Within the configuration's directory: one file an item."""


class Reach(StrEnum):
    """Whether a department's interface can be reached."""

    UNKNOWN = "unknown"  # not asked yet
    REACHABLE = "reachable"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Hours:
    """Local times between which an item is offered, and the days of the week (Monday is 0)."""

    since: time
    until: time
    days: tuple[int, ...]

    def include(self, now: datetime) -> bool:
        """Whether `now` (local time) is within."""
        return now.weekday() in self.days and self.since <= now.time() < self.until


@dataclass(frozen=True, slots=True)
class Needs:
    """What an item cannot be performed without, and what it can do without when it must."""

    devices: tuple[str, ...]
    wanted: tuple[str, ...]
    departments: tuple[str, ...]
    hours: Hours | None = None


@dataclass(frozen=True, slots=True)
class Closed:
    """The operator's switch: an item taken from this terminal. `until` None leaves it so until it is opened.

    `reason` is what citizens are told."""

    reason: Plain
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One item. The fields from `code` to `result` are its ten elements (SERVICES.md)."""

    id: str
    journey: str
    proof: int
    picture: str
    category: str
    events: tuple[str, ...]
    order: int
    search: tuple[str, ...]
    needs: Needs
    name: Text
    short_name: Text
    department_name: Text
    code: Plain
    type: Text
    legal_basis: Text
    level: Text
    department: Text
    conditions: Text
    materials: Text
    time_limit: Text
    fee: Text
    result: Text
    lists: Mapping[str, tuple[tuple[str, Plain], ...]]
    declaration: Declaration | None = None
    self_service: bool = True
    channels: tuple[str, ...] = ()
    """Where else it can be done: window, online, wechat."""

    def choices(self, name: str) -> tuple[tuple[str, Plain], ...]:
        """The item's own list `name` as (key, text), in the order of its file."""
        return self.lists[name]


@dataclass(frozen=True, slots=True)
class Offered:
    """Everything works."""


@dataclass(frozen=True, slots=True)
class OfferedWithout:
    """Something that the item can do without is missing; `notice` says what to expect instead, `missing`
    are the devices' names."""

    notice: Msg
    missing: tuple[str, ...] = ("receipt_printer",)


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The item cannot be performed now; `reason` says why, to a citizen."""

    reason: Msg


Availability = Offered | OfferedWithout | Unavailable


def load_catalogue(directory: Path) -> tuple[Item, ...] | list[ConfigProblem]:
    """The items of `directory`/services/*.toml that self-service terminals may offer, in order."""
    from kiosk.itemfile import read_items

    return read_items(directory / SERVICES_DIR)


def availability(
    item: Item,
    healths: Mapping[str, Health],
    reaches: Mapping[str, Reach],
    now: datetime,
    closed: Closed | None = None,
) -> Availability:
    """Whether `item` can be performed now.

    `healths` are by device name, `reaches` by department id, `now` is local time. What is not named
    in them is not there. `closed` is the operator's switch, where it is set.
    """
    if closed is not None:
        return Unavailable(_closed(closed, now))
    needs = item.needs
    if needs.hours and not needs.hours.include(now):
        hours = needs.hours
        reason = msg(
            "unavailable.hours", since=f"{hours.since:%H:%M}", until=f"{hours.until:%H:%M}"
        )
        return Unavailable(reason)
    for name in needs.devices:
        if not healthy(healths.get(name)):
            return Unavailable(_missing_device(name, healths.get(name)))
    for department in needs.departments:
        reach = reaches.get(department, Reach.UNREACHABLE)
        if reach is Reach.UNKNOWN:
            return Unavailable(msg("unavailable.starting"))
        if reach is Reach.UNREACHABLE:
            return Unavailable(msg("unavailable.department"))
    missing = tuple(name for name in needs.wanted if not healthy(healths.get(name)))
    return OfferedWithout(fallback(needs, missing), missing) if missing else Offered()


def fallback(needs: Needs, missing: tuple[str, ...]) -> Msg:
    """What to expect instead: no A4 printer, a slip or a code; no printer at all, on screen and a code; no
    scanner, the number typed; no camera, a code by text message. One sentence for each."""
    printers = [name for name in needs.wanted if name in PRINTERS]
    lost = [name for name in missing if name in PRINTERS]
    if lost == printers and SLIPS in lost:
        keys = ["notice.without_slip"]
    else:
        keys = [f"notice.without.{name}" for name in lost]
    keys += [f"notice.without.{name}" for name in missing if name not in PRINTERS]
    return joined("notice.and", [msg(key) for key in keys])


def in_few_words(missing: tuple[str, ...]) -> Msg:
    """That something is missing, for a tile; `fallback` says it in full."""
    if len(missing) == 1:
        return msg(f"tile.without.{missing[0]}")
    return msg(f"tile.without.{'printers' if set(missing) <= set(PRINTERS) else 'several'}")


def joined(key: str, sentences: Sequence[Msg]) -> Msg:
    """Several sentences as one: `key` joins two, {one} and {other}."""
    whole = sentences[0]
    for sentence in sentences[1:]:
        whole = msg(key, one=whole, other=sentence)
    return whole


def _closed(closed: Closed, now: datetime) -> Msg:
    if closed.until is None:
        return msg("unavailable.closed", reason=closed.reason)
    until = closed.until.astimezone(now.tzinfo)
    key = "unavailable.closed_until" if until.date() == now.date() else "unavailable.closed_days"
    return msg(key, reason=closed.reason, time=f"{until:%H:%M}", day=f"{until:%Y-%m-%d}")


def _missing_device(name: str, health: Health | None) -> Msg:
    if health is not None and health.state is DeviceState.STARTING:
        return msg("unavailable.starting")
    return msg("unavailable.device", device=msg(f"device.{name}"))
