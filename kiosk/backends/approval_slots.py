"""审批服务局: appointments at a window or at home."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from kiosk.backends.approval_words import CLOCK, ID, NUMBER, Address, words
from kiosk.backends.client import Client, only, person_body
from kiosk.backends.contract import Person, Reply
from kiosk.backends.decode import Fields
from kiosk.texts import Plain

SLOT = re.compile(r"[a-z0-9.-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Service:
    """Something an appointment can be made for; `home` where staff also comes to one's home."""

    id: str
    name: Plain
    window: Plain
    home: bool


@dataclass(frozen=True, slots=True)
class Slot:
    """A free slot, by its id; `since` and `until` are HH:MM."""

    id: str
    day: date
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class Appointment:
    """An appointment of the asking person."""

    number: str
    name: Plain
    where: Plain
    day: date
    since: str
    until: str
    take_away_url: str


class SlotRoom(Client):
    """The appointments, over HTTP."""

    def services(self) -> Reply[tuple[Service, ...]]:
        """What an appointment can be made for."""
        return self.door.get(
            "/appointable", "approval.services", lambda a: a.each("services", _service)
        )

    def slots(self, service: str, mode: str) -> Reply[tuple[Slot, ...]]:
        """The free slots by time; `mode` is window or home."""
        body = {"service": service, "mode": mode}
        return self.door.post(
            "/slots/queries", "approval.slots", body, lambda a: a.each("slots", _slot)
        )

    def own_appointments(self, person: Person) -> Reply[tuple[Appointment, ...]]:
        """The appointments of `person` still to come, soonest first."""
        body = {"person": person_body(person)}
        return self.door.post(
            "/appointments/queries",
            "approval.appointments",
            body,
            lambda a: a.each("appointments", _appointment),
        )

    def book(
        self, person: Person, slot: str, address: Address | None, phone: str, key: str
    ) -> Reply[Appointment]:
        """Take a slot; refused `slot.taken` where somebody was faster. `address` and `phone` only for a
        visit at home."""
        body: dict[str, object] = {"person": person_body(person), "slot": slot}
        if address is not None:
            body |= {"address": address.body(), "phone": phone}
        return self.door.post("/appointments", "approval.book", body, _appointment, key)

    def cancel(self, person: Person, number: str, key: str) -> Reply[str]:
        """Give the slot of one's own appointment back; its number."""
        path = f"/appointments/{quote(number, safe='')}/cancellations"
        body = {"person": person_body(person)}
        return self.door.post(
            path,
            "approval.cancel",
            body,
            only(lambda a: a.shaped("appointment_no", NUMBER), appointment_no=number),
            key,
        )


def _service(answer: Fields) -> Service:
    return Service(
        answer.shaped("service", ID),
        words(answer, "name"),
        words(answer, "window"),
        answer.flag("home"),
    )


def _slot(answer: Fields) -> Slot:
    return Slot(
        answer.shaped("slot", SLOT),
        answer.day("day"),
        answer.shaped("since", CLOCK),
        answer.shaped("until", CLOCK),
    )


def _appointment(answer: Fields) -> Appointment:
    return Appointment(
        number=answer.shaped("appointment_no", NUMBER),
        name=words(answer, "name"),
        where=words(answer, "where"),
        day=answer.day("day"),
        since=answer.shaped("since", CLOCK),
        until=answer.shaped("until", CLOCK),
        take_away_url=answer.link("take_away_url"),
    )
