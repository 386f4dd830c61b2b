"""What the first picture needs of terminal.toml, read before anything heavy is imported.

Nothing is judged here: what is missing or wrong takes its default, and the whole check
(kiosk/config.py) follows while the picture already stands.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from kiosk.texts import Language, Plain

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FirstFrame:
    """The look of the attract screen. `rotation` is degrees."""

    hall: Plain
    city: Plain
    number: str = ""
    language: Language = "zh_CN"
    enquiries: str = "12345"
    rotation: int = 0
    max_fps: int = 30
    large_type: bool = False
    simulated: bool = False


def read_first_frame(directory: Path) -> FirstFrame:
    """The first picture's part of `directory`/terminal.toml."""
    try:
        values = tomllib.loads((directory / "terminal.toml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        values = {}
    terminal, display = _table(values, "terminal"), _table(values, "display")
    default = FirstFrame(Plain(""), Plain(""))
    return FirstFrame(
        language=_value(terminal, "language", default.language),
        number=_value(terminal, "number", default.number),
        hall=_name(_table(terminal, "hall")),
        city=_name(_table(terminal, "city")),
        enquiries=_value(terminal, "enquiries", default.enquiries),
        rotation=_value(display, "rotation", default.rotation),
        max_fps=_value(display, "max_fps", default.max_fps),
        large_type=_value(display, "large_type", default.large_type),
        simulated=_simulated(values),
    )


def _simulated(values: Mapping[str, Any]) -> bool:
    """Whether the terminal will bring up a stand-in: the picture then leaves room for the bench."""
    devices = _table(values, "devices")
    ports = [_value(_table(devices, name), "port", "") for name in devices]
    return "simulated" in ports or _value(_table(values, "sandbox"), "own", False)


def _table(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    table = values.get(key)
    return table if isinstance(table, dict) else {}


def _value(table: Mapping[str, Any], key: str, default: T) -> T:
    value = table.get(key)
    return value if type(value) is type(default) else default


def _name(table: Mapping[str, Any]) -> Plain:
    return Plain(_value(table, "zh_CN", ""), _value(table, "en", ""))
