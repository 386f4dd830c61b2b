"""Finds the adapter of a device by its type: entry points of group `kiosk.devices`, then our own.

Anybody's package can bring an adapter; ours are also found where the project is not installed.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from devices.device import Device

GROUP = "kiosk.devices"

OWN: Mapping[str, str] = MappingProxyType(
    {
        "sam-serial": "devices.idcard.reader:IdCardReader",
        "pcsc": "devices.chipcard.reader:ChipCardReader",
        "serial-scanner": "devices.scanner.serial:SerialScanner",
        "hid-scanner": "devices.scanner.hid:HidScanner",
        "keyboard-scanner": "devices.scanner.keyboard:KeyboardScanner",
        "camera-scanner": "devices.scanner.camera:CameraScanner",
        "camera": "devices.camera.source:Camera",
        "escpos": "devices.printer.receipt:ReceiptPrinter",
        "cups": "devices.printer.document:DocumentPrinter",
        "nut-ups": "devices.ups:Ups",
        "speaker": "devices.speaker:Speaker",
        "modbus-board": "devices.board.io_board:IoBoard",
        "modbus-compartments": "devices.board.compartments:Compartments",
    }
)
"""Type and adapter, as pyproject.toml declares them."""


class UnknownType(LookupError):
    """No adapter of that type is installed."""


def open_device(type_name: str, *, name: str, port: str, **settings: Any) -> Device:
    """The device `name` of type `type_name` at `port` (a pyserial URL), not yet started.

    `settings` are the adapter's own. Raises UnknownType, and TypeError for a setting that the adapter
    does not take.
    """
    device: Device = adapter_of(type_name)(name, port, **settings)
    return device


def types() -> tuple[str, ...]:
    """Every type for which an adapter is installed, ours first."""
    others = (found.name for found in entry_points(group=GROUP))
    return tuple(dict.fromkeys((*OWN, *others)))


def adapter_of(type_name: str) -> Any:
    """The adapter's class. Imports its module, which touches no hardware. Raises UnknownType."""
    for found in entry_points(group=GROUP, name=type_name):
        return found.load()
    if type_name not in OWN:
        raise UnknownType(f"no adapter {type_name!r}; there are {', '.join(types())}")
    module, _, adapter = OWN[type_name].partition(":")
    return getattr(import_module(module), adapter)


class BadSetting(ValueError):
    """A setting of an adapter whose value is wrong: `setting` names it, `why` says what is wanted."""

    def __init__(self, setting: str, why: str) -> None:
        super().__init__(f"{setting}: {why}")
        self.setting = setting
        self.why = why
