"""What a technician sees."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.texts import Text
from kiosk.views.parts import Chosen, Picture, Tone, Typed, View


@dataclass(frozen=True, kw_only=True, slots=True)
class EnterPin(View[Typed]):
    """The technician's PIN, on a keypad. `trouble` after a wrong one."""

    digits: int
    trouble: Text | None = None
    leave: bool = False


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One device (or the departments' interfaces) as the technician sees it.

    `identity` is model and port, `facts` one line of what is known, `act` who must act ("" if
    nobody), `last_test` when and how the last test ended.
    """

    name: str
    title: Text
    picture: Picture
    identity: Text
    facts: Text
    state: Text
    tone: Tone
    act: Text | None = None
    last_test: Text | None = None
    testing: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class DevicesPage(View[Chosen]):
    """The technician's page: `Chosen(device name)` tests it, `Chosen("all")` tests all,
    `Chosen("leave")` ends maintenance."""

    title: Text
    subtitle: Text
    rows: tuple[DeviceRow, ...]
    back: bool = False
    leave: bool = False
