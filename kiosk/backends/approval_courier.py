"""审批服务局: certificates sent home by courier, and where they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kiosk.backends.approval_words import NUMBER, Address, words
from kiosk.backends.client import Client, only, person_body
from kiosk.backends.contract import Person, Reply
from kiosk.backends.decode import Fields
from kiosk.texts import Plain


class DeliveryState(StrEnum):
    """Where a delivery is."""

    ORDERED = "ordered"
    COLLECTED = "collected"
    ON_THE_WAY = "on_the_way"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that waits at the bureau, by its case."""

    case_no: str
    name: Plain
    finished_on: date


@dataclass(frozen=True, slots=True)
class DeliveryEvent:
    """What happened to a delivery; `at` is None until it does."""

    name: Plain
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a delivery is: nothing personal."""

    number: str
    case_no: str
    name: Plain
    state: DeliveryState
    expected_on: date
    events: tuple[DeliveryEvent, ...]
    take_away_url: str


@dataclass(frozen=True, slots=True)
class Deliverable:
    """What can be sent to a person, and what is under way."""

    certificates: tuple[Certificate, ...]
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom and where it is sent. Its repr is masked."""

    name: str
    phone: str
    address: Address

    def __repr__(self) -> str:
        return "Recipient(***)"


class CourierRoom(Client):
    """The courier's counter, over HTTP."""

    def deliverable(self, person: Person) -> Reply[Deliverable]:
        """What can be sent to `person`, and what is under way."""
        body = {"person": person_body(person)}
        return self.door.post("/certificates/queries", "approval.certificates", body, _deliverable)

    def send(self, person: Person, case_no: str, to: Recipient, key: str) -> Reply[Delivery]:
        """Have one's own certificate sent, once."""
        body = {
            "person": person_body(person),
            "case_no": case_no,
            "recipient": to.name,
            "phone": to.phone,
            "address": to.address.body(),
        }
        return self.door.post(
            "/deliveries", "approval.send", body, only(_delivery, case_no=case_no), key
        )

    def track(self, number: str) -> Reply[Delivery]:
        """Where the delivery of `number` is."""
        return self.door.post(
            "/deliveries/queries",
            "approval.track",
            {"number": number},
            only(_delivery, delivery_no=number),
        )


def _deliverable(answer: Fields) -> Deliverable:
    return Deliverable(
        answer.each(
            "certificates",
            lambda c: Certificate(
                c.shaped("case_no", NUMBER), words(c, "name"), c.day("finished_on")
            ),
        ),
        answer.each("deliveries", _delivery),
    )


def _delivery(answer: Fields) -> Delivery:
    return Delivery(
        number=answer.shaped("delivery_no", NUMBER),
        case_no=answer.shaped("case_no", NUMBER),
        name=words(answer, "name"),
        state=answer.choice("state", DeliveryState),
        expected_on=answer.day("expected_on"),
        events=answer.each(
            "events",
            lambda e: DeliveryEvent(words(e, "name"), None if e.is_null("at") else e.moment("at")),
        ),
        take_away_url=answer.link("take_away_url"),
    )
