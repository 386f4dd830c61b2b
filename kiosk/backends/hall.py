"""大厅: staff called to a terminal, ratings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from kiosk.backends.client import Client
from kiosk.backends.contract import Reply
from kiosk.backends.decode import Fields

CALL_STATES = ("called", "on_the_way", "arrived")


@dataclass(frozen=True, slots=True)
class StaffCall:
    """A call for staff: `state` is called, on_the_way or arrived."""

    call_id: str
    state: str


class Hall(Protocol):
    """大厅: staff and ratings."""

    def call_staff(self, terminal: str, item: str, key: str) -> Reply[StaffCall]: ...

    def staff_call(self, call_id: str) -> Reply[StaffCall]: ...

    def rate(self, terminal: str, item: str, level: str, key: str) -> Reply[None]: ...


class HallClient(Client):
    """`Hall` over HTTP."""

    def call_staff(self, terminal: str, item: str, key: str) -> Reply[StaffCall]:
        """Call somebody to `terminal`."""
        body = {"terminal": terminal, "item": item}
        return self.door.post("/staff-calls", "hall.call", body, _staff_call, key)

    def staff_call(self, call_id: str) -> Reply[StaffCall]:
        """Where a call stands."""
        return self.door.get(
            f"/staff-calls/{quote(call_id, safe='')}", "hall.call_state", _staff_call
        )

    def rate(self, terminal: str, item: str, level: str, key: str) -> Reply[None]:
        """Hand in a citizen's rating."""
        body = {"terminal": terminal, "item": item, "level": level}
        return self.door.post("/ratings", "hall.rate", body, lambda _: None, key)


def _staff_call(answer: Fields) -> StaffCall:
    state = answer.text("state", longest=16)
    return StaffCall(
        answer.text("call_id", longest=64), state if state in CALL_STATES else CALL_STATES[0]
    )
