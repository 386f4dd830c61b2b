"""Which simulator stands in for an adapter, by the adapter's type.

A package that brings an adapter may bring its simulator: entry point group `kiosk.simulators`, the same
name, a class on devices.simulators.line.Simulator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Any

from devices.simulators.line import Simulator

GROUP = "kiosk.simulators"

FOR_TYPE: Mapping[str, str] = MappingProxyType(
    {
        "sam-serial": "card-reader",
        "pcsc": "chip-card",
        "serial-scanner": "scanner",
        "hid-scanner": "hid-scanner",
        "keyboard-scanner": "keyboard-scanner",
        "camera-scanner": "camera",
        "camera": "camera",
        "escpos": "printer",
        "cups": "document-printer",
        "modbus-board": "board",
        "modbus-compartments": "board",
        "nut-ups": "ups",
    }
)
"""The adapter's type, and what `python -m devices.simulators` calls its simulator."""


def others() -> dict[str, Callable[..., Simulator]]:
    """The simulators that other packages bring, by the type that they stand in for."""

    def maker(found: Any) -> Callable[..., Simulator]:
        def make(**options: Any) -> Simulator:
            simulator: Simulator = found.load()(**options)
            return simulator

        return make

    return {found.name: maker(found) for found in entry_points(group=GROUP)}


def all_kinds() -> dict[str, Callable[..., Simulator]]:
    """Every simulator there is, by what it is called on the command line."""
    from devices.simulators.__main__ import KINDS

    return {**others(), **KINDS}


def kind_for(type_name: str) -> str | None:
    """What the simulator for adapters of that type is called; None where there is none."""
    kind = FOR_TYPE.get(type_name, type_name)
    return kind if kind in all_kinds() else None
