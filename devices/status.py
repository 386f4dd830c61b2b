"""The vocabulary in which every device speaks of itself.

Device states, error actions and command outcomes follow XFS4IoT (CEN CWA 17852), the ATM industry's
standard; only these named facts travel up from a device, never bit masks. Each set has an UNKNOWN or
an equivalent: what could not be read is never reported as empty or as fine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeVar

T = TypeVar("T", covariant=True)


class DeviceState(StrEnum):
    """What a device is, as a whole."""

    ONLINE = "online"
    OFFLINE = "offline"
    POWER_OFF = "power_off"
    NO_DEVICE = "no_device"
    HARDWARE_ERROR = "hardware_error"
    USER_ERROR = "user_error"
    BUSY = "busy"
    STARTING = "starting"


class Act(StrEnum):
    """Who must act on a fault."""

    CLEAR = "clear"  # hall staff: paper, a jam, a card left behind
    CONFIGURATION = "configuration"  # technician
    MAINTENANCE = "maintenance"  # field engineer
    RESET = "reset"  # the terminal resets the device by itself
    SUSPEND = "suspend"  # the device is recovering: wait
    SOFTWARE_ERROR = "software_error"  # us


class Outcome(StrEnum):
    """How one command ended."""

    SUCCESS = "success"
    CANCELED = "canceled"
    DEVICE_NOT_READY = "device_not_ready"
    HARDWARE_ERROR = "hardware_error"
    INTERNAL_ERROR = "internal_error"
    TIMEOUT = "timeout"
    UNSUPPORTED = "unsupported"
    INVALID_DATA = "invalid_data"
    USER_ERROR = "user_error"


class Paper(StrEnum):
    """The paper of a printer."""

    FULL = "full"
    LOW = "low"
    OUT = "out"
    JAMMED = "jammed"
    UNKNOWN = "unknown"


class Cover(StrEnum):
    """A cover or flap."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class Part(StrEnum):
    """A part that works, does not, or cannot be asked: cutter, print head, SAM."""

    OK = "ok"
    FAULT = "fault"
    HOT = "hot"
    UNKNOWN = "unknown"


class ScannerPower(StrEnum):
    """A scanner's light."""

    ON = "on"
    OFF = "off"
    INOPERATIVE = "inoperative"
    UNKNOWN = "unknown"


class CardPresence(StrEnum):
    """Whether a card lies on the reader."""

    PRESENT = "present"
    NOT_PRESENT = "not_present"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: a stable dotted `code`, who must `act`, and a technician's `detail`.

    Codes are catalogued in devices/faults.py with a sentence and a remedy each.
    """

    code: str
    act: Act
    detail: str = ""


@dataclass(frozen=True, slots=True)
class FaultKind:
    """What one code means, and its remedy, for a technician."""

    act: Act
    means: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Ok(Generic[T]):
    """A command that succeeded, with what it brought."""

    value: T

    @property
    def outcome(self) -> Outcome:
        return Outcome.SUCCESS


@dataclass(frozen=True, slots=True)
class Failed:
    """A command that did not succeed: an expected failure, as a value."""

    outcome: Outcome
    fault: Fault


Result = Ok[T] | Failed


def _no_facts() -> Mapping[str, str]:
    return MappingProxyType({})


def _no_counts() -> Mapping[str, int]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Health:
    """One device at one moment, safe to hand to another thread.

    `facts` are named values of the enums above or short identity strings ("paper": "low",
    "sam_id": "05.01-..."), never personal data. `counters` count since start (reads, failures, ...).
    `since` is wall time (seconds since the epoch) at which `state` began.
    """

    name: str
    kind: str
    type: str
    port: str
    state: DeviceState
    fault: Fault | None = None
    facts: Mapping[str, str] = field(default_factory=_no_facts)
    counters: Mapping[str, int] = field(default_factory=_no_counts)
    since: float = 0.0

    @property
    def usable(self) -> bool:
        """True where a command may be expected to work now."""
        return self.state in (DeviceState.ONLINE, DeviceState.BUSY)
