"""What every department's client can do: be asked whether it answers, and be closed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from kiosk.backends.contract import Booking, Person, Reply, SealedDocument
from kiosk.backends.decode import Fields, Garbled
from kiosk.backends.http import Door

T = TypeVar("T")

SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
DOCUMENT_PATH = re.compile(r"(/[0-9A-Za-z_-]+)+", re.ASCII)


class Client:
    """One department behind its door."""

    def __init__(self, door: Door) -> None:
        self.door = door

    def ping(self) -> Reply[None]:
        """Whether the interface answers."""
        return self.door.get("/health", "health", _alive)

    def close(self) -> None:
        """Give the connections back."""
        self.door.close()

    def ask(
        self,
        path: str,
        body: Mapping[str, object],
        decode: Callable[[Fields], T],
        key: str | None = None,
    ) -> Reply[T]:
        """What a plain item declares (kiosk/declaration.py): POST `body` to `path`, read by `decode`.
        `key` is the idempotency key where it changes the world."""
        operation = path.strip("/").partition("/")[0]
        return self.door.post(path, operation, body, decode, key)

    def document(self, sealed: SealedDocument) -> Reply[bytes]:
        """The bytes of a sealed PDF, not checked yet."""
        return self.door.fetch(sealed.path, "document", "application/pdf")


class CashierClient(Client):
    """`kiosk.backends.contract.Cashier` over HTTP: a department that books payments."""

    def book(
        self, bill_id: str, option: str, amount_fen: int, out_trade_no: str, transaction_id: str
    ) -> Reply[Booking]:
        """Book what was paid; may be asked again and books once."""
        body = {
            "bill_id": bill_id,
            "option": option,
            "amount_fen": amount_fen,
            "out_trade_no": out_trade_no,
            "transaction_id": transaction_id,
        }

        def booked(answer: Fields) -> Booking:
            about(answer, out_trade_no=out_trade_no)
            of_amount(answer, amount_fen)
            return _booking(answer)

        return self.door.post("/bookings", "bookings", body, booked, f"book-{out_trade_no}")


def person_body(person: Person) -> dict[str, str]:
    """`person` as docs/API.md writes it."""
    body = {
        "name": person.name,
        "id_number": person.id_number,
        "proof": "typed" if person.typed else "card",
    }
    if person.second_proof:
        body["second_proof"] = person.second_proof
    return body


def about(answer: Fields, **numbers: str) -> None:
    """Refuse an answer that speaks of another order or refund than it was asked about."""
    for name, number in numbers.items():
        if answer.text(name, longest=64) != number:
            raise Garbled(f"{name}: another one's")


def only(decode: Callable[[Fields], T], **numbers: str) -> Callable[[Fields], T]:
    """`decode` for an answer about what was asked: another's is no answer, whoever mixed them up."""

    def decoded(answer: Fields) -> T:
        about(answer, **numbers)
        return decode(answer)

    return decoded


def of_amount(answer: Fields, amount_fen: int) -> None:
    """Refuse an answer about another amount than was asked."""
    if answer.integer("amount_fen") != amount_fen:
        raise Garbled("amount_fen: another amount")


def _booking(answer: Fields) -> Booking:
    return Booking(
        answer.text("acceptance_no", longest=64),
        answer.moment("booked_at"),
        answer.link("voucher_url"),
    )


def sealed_document(answer: Fields) -> SealedDocument:
    """A sealed document as an answer names it."""
    return SealedDocument(
        document_no=answer.text("document_no", longest=64),
        title=answer.text("title", longest=100),
        pages=answer.integer("pages", 1, 500),
        sha256=answer.shaped("sha256", SHA256),
        path=answer.shaped("path", DOCUMENT_PATH),
        check_code=answer.text("check_code", longest=64),
        fee_fen=answer.integer("fee_fen"),
        link=answer.link("link", empty=True) if answer.has("link") else "",
    )


def _alive(answer: Fields) -> None:
    answer.text("status")
