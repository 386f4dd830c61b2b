"""Misbehaviour on command: which fault meets which request (docs/API.md, `/_control/faults`)."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Literal

FaultKind = Literal[
    "delay",
    "late",
    "cut",
    "status",
    "refuse",
    "garbage",
    "lose_answer",
    "reset",
    "half",
    "hang",
    "wrong_amount",
    "wrong_order",
    "replay",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave. `times` is what is left of it; None: until removed."""

    fault_id: str
    department: str
    path: str
    kind: FaultKind
    delay_s: float = 0.0
    status: int = 500
    code: str = ""
    retry_after_s: int = 1
    carried_out: bool = False
    times: int | None = 1


class Faults:
    """The faults that are set, oldest first. May be used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._last = 0

    def add(self, fault: Fault) -> Fault:
        """Set a fault; the answer carries its id."""
        with self._lock:
            self._last += 1
            known = replace(fault, fault_id=f"F{self._last}")
            self._faults.append(known)
        return known

    def all(self) -> tuple[Fault, ...]:
        """Those still set."""
        with self._lock:
            return tuple(self._faults)

    def remove(self, fault_id: str) -> bool:
        """Whether there was such a fault."""
        with self._lock:
            kept = [fault for fault in self._faults if fault.fault_id != fault_id]
            found = len(kept) < len(self._faults)
            self._faults = kept
        return found

    def clear(self) -> None:
        """Behave."""
        with self._lock:
            self._faults = []

    def take(self, department: str, operation: str) -> Fault | None:
        """The oldest fault that concerns this request ("POST /path"), one time of it used up."""
        with self._lock:
            for place, fault in enumerate(self._faults):
                if fault.department == department and fault.path in operation:
                    self._use(place, fault)
                    return fault
        return None

    def _use(self, place: int, fault: Fault) -> None:
        if fault.times is None:
            return
        if fault.times > 1:
            self._faults[place] = replace(fault, times=fault.times - 1)
        else:
            del self._faults[place]
