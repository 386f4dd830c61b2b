"""Departments that lie: whatever they answer is data or a typed failure, for every call of every one.

A valid answer is invented by the decoder itself, which says what it reads; then each place of it is
spoilt in every way there is. What each client asks is found by reflection: a new call is lied to too.
"""

from __future__ import annotations

import inspect
import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kiosk.backends.approval_items import ITEMS_MAX
from kiosk.backends.client import Client
from kiosk.backends.contract import Answer, BackendFailure, Cause, Reply
from kiosk.backends.decode import Fields, Garbled
from kiosk.backends.departments import Departments
from kiosk.backends.http import Again, HttpDoor
from kiosk.backends.settings import Department
from kiosk.catalogue import load_catalogue
from kiosk.paths import CONFIG_DIR
from kiosk.told import Reading
from tests.backends.test_door import Server, door, failure, name, says, serving

T = TypeVar("T")

NUMBER = "BJ20261125000001"
ANOTHER = "BJ20261125000002"
"""What every invented text says, and what another's answer says instead."""

SECRET = "371083196304120427"

SAMPLES = (
    NUMBER, NUMBER[:5], "2026-11", "09:30", "a-b", "a_b", "0" * 64, "/documents/x", "12345678", "01", "1",
    "ZQ000001", "0" * 20, "A1", "2026-11-25",
)  # fmt: skip

LIES: tuple[object, ...] = (
    None, True, False, -1, 0, 0.5, 1.0, 1e308, float("inf"), float("nan"), 10**30, "", " ", "100",
    SECRET * 5000, "\x00", "\u202e", "\ud800", "<html></html>", [], {}, [None], [[]], [{}] * 2000,
    {"zh": None}, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-02-30", "24:61",
    "javascript:alert(1)", "/../../etc/passwd",
)  # fmt: skip

NO_MONEY: tuple[object, ...] = (None, True, 0.5, 1.0, float("nan"), 10**30, "100", [], {})


class Inventing(Fields):
    """An answer that is whatever its reader asks for; `bare` says as little as the reader allows."""

    def __init__(
        self,
        made: dict[str, Any],
        bare: bool,
        said: Mapping[str, str] | None = None,
        at: str = "",
    ) -> None:
        super().__init__(made)
        self.made, self.bare, self.said = made, bare, said or {}
        self.at = at

    def has(self, name: str) -> bool:
        return True

    def is_null(self, name: str) -> bool:
        self.made.setdefault(name, None if self.bare else {})
        return self.made[name] is None

    def inside(self, name: str) -> Fields:
        self.made[name] = {}
        return Inventing(self.made[name], self.bare, self.said, self.at + name + ".")

    def text(self, name: str, *, empty: bool = False, longest: int = 500) -> str:
        said = self.said.get(self.at + name, NUMBER[:longest])
        self.made[name] = "" if empty and self.bare else said
        return super().text(name, empty=empty, longest=longest)

    def shaped(self, name: str, pattern: re.Pattern[str]) -> str:
        fitting = next((sample for sample in SAMPLES if pattern.fullmatch(sample)), None)
        assert fitting is not None, f"no sample fits {pattern.pattern}"
        self.made[name] = fitting
        return fitting

    def link(self, name: str, *, empty: bool = False) -> str:
        self.made[name] = "" if empty and self.bare else "https://example.cn/x"
        return str(self.made[name])

    def integer(self, name: str, lowest: int = 0, highest: int = 10**13) -> int:
        self.made[name] = max(lowest, 0 if self.bare else 1)
        return super().integer(name, lowest, highest)

    def flag(self, name: str) -> bool:
        self.made[name] = True
        return True

    def day(self, name: str) -> date:
        self.made[name] = "2026-11-25"
        return date(2026, 11, 25)

    def moment(self, name: str) -> datetime:
        self.made[name] = "2026-11-25T09:30:00+08:00"
        return datetime.fromisoformat(self.made[name])

    def choice(self, name: str, among: Any) -> Any:
        first = next(iter(among))
        self.made[name] = first.value
        return first

    def each(self, name: str, decode: Callable[[Fields], T]) -> tuple[T, ...]:
        self.made[name] = [{}]
        return (decode(Inventing(self.made[name][0], self.bare, self.said, self.at + name + ".")),)


class Telling:
    """A door behind which the department says `answer`, read as HttpDoor reads it."""

    def __init__(self, answer: Fields) -> None:
        self.answer = answer

    def get(self, path: str, operation: str, decode: Callable[[Fields], T]) -> Reply[T]:
        try:
            return Answer(decode(self.answer))
        except Garbled as where:
            return BackendFailure("x", Cause.GARBLED, "garbled", str(where))

    def post(
        self,
        path: str,
        operation: str,
        body: Mapping[str, object],
        decode: Callable[[Fields], T],
        key: str | None = None,
        again: Again = Again.SAFE,
    ) -> Reply[T]:
        json.dumps(body)
        return self.get(path, operation, decode)

    def fetch(self, path: str, operation: str, media_type: str) -> Reply[bytes]:
        return Answer(b"")

    def close(self) -> None:
        return


@dataclass(frozen=True)
class Call:
    """One call of one client, with arguments made up."""

    client: type[Client]
    method: str

    def ask(self, answer: Fields) -> Reply[Any]:
        asked = getattr(self.client(Telling(answer)), self.method)
        hints = get_type_hints(asked)
        given = {
            one: ("2026-11",) if one == "months" else made_up(hints[one])
            for one in inspect.signature(asked).parameters
        }
        reply: Reply[Any] = asked(**given)
        return reply

    def __str__(self) -> str:
        return f"{self.client.__name__}.{self.method}"


def made_up(wanted: Any) -> Any:
    """Something of the type `wanted`."""
    simple = {
        str: NUMBER, int: 1, float: 1.0, bool: True, bytes: b"x", date: date(2026, 11, 25),
        datetime: datetime(2026, 11, 25, tzinfo=UTC), bytearray: bytearray(b"x"),
    }  # fmt: skip
    if wanted in simple:
        return simple[wanted]
    origin, inner = get_origin(wanted), get_args(wanted)
    if origin in (Union, UnionType):
        return made_up(inner[0])
    if origin in (tuple, Sequence):
        return tuple(made_up(one) for one in inner if one is not ...)
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return next(iter(wanted))
    assert is_dataclass(wanted), wanted
    hints = get_type_hints(wanted)
    return wanted(**{field.name: made_up(hints[field.name]) for field in fields(wanted)})


OTHERS = ("ask", "close", "document")
"""What reads nothing itself: a declared item's call is lied to by its declaration, below."""

CALLS = [
    Call(type(client), method)
    for client in Departments.open({}).named().values()
    for method, _ in inspect.getmembers(type(client), inspect.isfunction)
    if not method.startswith("_") and method not in OTHERS
]


def invented(ask: Callable[[Fields], Reply[Any]]) -> list[dict[str, Any]]:
    """Valid answers to a call, whole and bare."""
    answers = []
    for bare in (False, True):
        made: dict[str, Any] = {}
        ask(Inventing(made, bare))
        if made not in answers and isinstance(ask(Fields(made)), Answer):
            answers.append(made)
    return answers


def places(document: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Every member of every object of an answer, however deep."""
    for one in document if isinstance(document, list) else [document]:
        if isinstance(one, dict):
            for member in list(one):
                yield one, member
                yield from places(one[member])


def spoil(ask: Callable[[Fields], Reply[Any]], document: dict[str, Any]) -> None:
    """Lie about every member, one at a time."""
    for holder, member in list(places(document)):
        true = holder.pop(member)
        lost = ask(Fields(document))
        assert isinstance(lost, BackendFailure) or member == "link", f"{member} is not missed"
        for lie in LIES:
            holder[member] = lie
            reply = ask(Fields(document))
            if member.endswith("_fen") and any(lie is one or lie == one for one in NO_MONEY[2:]):
                assert isinstance(reply, BackendFailure), (member, lie)
            if isinstance(reply, BackendFailure):
                assert (reply.cause, reply.code) == (Cause.GARBLED, "garbled")
                assert SECRET not in reply.detail
        holder[member] = true
        holder["another"] = SECRET
        assert isinstance(ask(Fields(document)), Answer), "an unknown member may be added"
        del holder["another"]


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_every_lie_about_every_member_is_data_or_a_typed_failure(call: Call) -> None:
    answers = invented(call.ask)
    assert answers, "no valid answer was found"
    for answer in answers:
        spoil(call.ask, answer)


def test_every_lie_to_a_declared_item_is_data_or_a_typed_failure() -> None:
    items = load_catalogue(CONFIG_DIR)
    assert isinstance(items, tuple)
    declared = [item.declaration for item in items if item.declaration is not None]
    assert len(declared) >= 5
    for declaration in declared:
        reading = Reading(declaration)

        def ask(answer: Fields, reading: Reading = reading) -> Reply[Any]:
            return Telling(answer).get("/x", "x", reading)

        said: dict[str, str] = {}
        for of, row in declaration.rows():
            if row.words:
                said[f"{of}.{row.field}".strip(".")] = next(iter(row.words))
        made: dict[str, Any] = {}
        assert isinstance(ask(Inventing(made, False, said)), Answer), declaration.request.path
        for holder, member in places(made):
            true = holder[member]
            for lie in LIES:
                holder[member] = lie
                reply = ask(Fields(made))
                assert isinstance(reply, Answer) or reply.code == "garbled"
            holder[member] = true


ABOUT = {
    "CaseRoom.case_progress": "number",
    "CaseRoom.case_details": "number",
    "SlotRoom.cancel": "appointment_no",
    "CourierRoom.send": "case_no",
    "CourierRoom.track": "delivery_no",
    "HallClient.staff_call": "call_id",
    "HallClient.task": "task_no",
    "HallClient.answer": "task_no",
    "CreditPublicityClient.record": "credit_code",
    "PropertyClient.fee_notice": "notice_no",
    "CreditCentreClient.report_taken": "report_no",
    "MedicalInsuranceClient.own_bill": "bill_id",
    "TaxClient.application": "application_no",
    "TaxClient.issue": "application_no",
    "GatewayClient.query_refund": "refund_no",
    "CreditCentreClient.book": "out_trade_no",
    "TaxClient.book": "out_trade_no",
}
"""Calls about one thing, and the member by which their answers name it."""


def _defined_in(call: Call) -> str:
    function = getattr(call.client, call.method)
    return str(function.__qualname__)


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_an_answer_about_another_one_is_no_answer(call: Call) -> None:
    member = ABOUT.get(_defined_in(call)) or ABOUT.get(str(call))
    for answer in invented(call.ask) if member else []:
        assert member is not None
        answer[member] = ANOTHER[: len(answer[member])]
        answer[member] = answer[member].replace("1", "3")
        assert failure(call.ask(Fields(answer))).cause is Cause.GARBLED


def test_every_call_about_one_thing_is_among_the_calls() -> None:
    known = {str(call) for call in CALLS} | {_defined_in(call) for call in CALLS}
    assert set(ABOUT) <= known


@pytest.mark.parametrize(
    ("method", "path", "wrong"),
    [
        ("medical.family_bill", ("amount_fen",), 2),
        ("credit.quota", ("fee_fen",), 1),
        ("tax.apply", ("due_fen",), 2),
        ("social_insurance.flexible_bill", ("months",), 2),
        ("property.fee_notice", ("amount_fen",), 2),
    ],
)
def test_an_answer_that_contradicts_itself_is_none(
    method: str, path: tuple[str, ...], wrong: int
) -> None:
    department, _, name_ = method.partition(".")
    call = Call(type(getattr(Departments.open({}), department)), name_)
    answer = invented(call.ask)[-1]
    answer[path[0]] = wrong
    assert failure(call.ask(Fields(answer))).cause is Cause.GARBLED


def test_a_list_of_items_without_end_is_given_up() -> None:
    call = next(call for call in CALLS if call.method == "city_items")
    (page, *_) = invented(call.ask)
    page["pages"] = 200
    page["items"] = page["items"] * 100
    reply = failure(call.ask(Fields(page)))
    assert reply.cause is Cause.GARBLED
    assert ITEMS_MAX < 200 * 100


def test_a_time_is_told_in_chinas_whatever_offset_it_came_with() -> None:
    told = Fields({"at": "2026-11-25T16:30:00Z"}).moment("at")
    assert f"{told:%Y-%m-%d %H:%M}" == "2026-11-26 00:30"


# --- on the wire -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        ("200 OK", "application/json", b'{"code": 500, "msg": "system error"}'),
        ("200 OK", "application/problem+json", b'{"code": "bill.paid", "status": 409}'),
        ("200 OK", "text/html", b"<html><body>Login</body></html>"),
        ("200 OK", "application/json", b""),
        ("204 No Content", "application/json", b""),
        ("200 OK", "application/json", b"null"),
        ("200 OK", "application/json", b'{"name": "x"}{"name": "y"}'),
        ("200 OK", "application/json", b'{"name": "x", "name": "y"}'),
        ("200 OK", "application/json", b'{"name": NaN}'),
        ("200 OK", "application/json", "{'name': '王'}".encode("gbk")),
        ("200 OK", "application/json", b'{"name":' * 100_000),
        ("200 OK", "application/json", b'{"n": ' + b"9" * 10_000 + b"}"),
        ("301 Moved", "text/html", b"elsewhere"),
        ("308 Moved", "application/json", b'{"name": "x"}'),
        ("400 Bad", "application/json", b'{"code": {"a": 1}}'),
        ("418 Teapot", "application/problem+json", b'{"code": "' + b"a" * 70 + b'"}'),
        ("403 No", "application/problem+json", '{"code": "王秀兰"}'.encode()),
    ],
)
def test_what_says_yes_and_means_no_is_no_answer(status: str, kind: str, body: bytes) -> None:
    with serving(says(status, body, kind)) as server:
        reply = failure(door(server).get("/a", "test.get", name))
    assert (reply.cause, reply.code) == (Cause.GARBLED, "garbled")


def test_a_body_that_would_unfold_is_not_unfolded() -> None:
    def bomb(connection: socket.socket, _: bytes) -> None:
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
            b"Content-Length: 4\r\n\r\n\x1f\x8b\x08\x00"
        )

    with serving(bomb) as server:
        reply = failure(door(server).get("/a", "test.get", name))
    assert (reply.cause, reply.detail) == (Cause.GARBLED, "encoded")


def test_a_department_cannot_make_the_terminal_remember_a_citizen() -> None:
    def greet(connection: socket.socket, _: bytes) -> None:
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nSet-Cookie: session=wang-xiulan; Path=/\r\n"
            b"Content-Length: 13\r\nConnection: close\r\n\r\n" + b'{"name": "x"}'
        )

    with serving(greet) as server:
        asked = door(server)
        assert isinstance(asked.get("/a", "test.get", name), Answer)
        assert isinstance(asked.get("/b", "test.get", name), Answer)
    assert len(server.requests) == 2
    assert not any(b"cookie" in request.lower() for request in server.requests)


def test_one_hundred_continues_a_moment_are_given_up_at_the_deadline() -> None:
    def for_ever(connection: socket.socket, _: bytes) -> None:
        while True:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)

    with serving(for_ever) as server:
        reply = failure(door(server, total_s=1.0).get("/a", "test.get", name))
    assert reply.cause in (Cause.NO_ANSWER, Cause.GARBLED)


def certificate(directory: Path, host: str, ends: timedelta) -> Path:
    """A certificate that vouches for itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    file = directory / f"{host}.pem"
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + signed.public_bytes(pem)
    )
    return file


@contextmanager
def serving_tls(file: Path) -> Iterator[Server]:
    """The same server behind TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)

    class Tls(Server):
        def _one(self, connection: socket.socket) -> None:
            try:
                secured = context.wrap_socket(connection, server_side=True)
            except OSError:
                connection.close()
                return
            super()._one(secured)

    server = Tls(says("200 OK", b'{"name": "x"}'))
    try:
        yield server
    finally:
        server.close()


def tls_door(port: int, ca_file: Path | None = None, total_s: float = 120.0) -> HttpDoor:
    at = f"https://localhost:{port}/tax/v1"
    return HttpDoor(
        Department(
            id="tax", base_url=at, ca_file=ca_file, connect_timeout_s=30.0, read_timeout_s=30.0,
            total_s=total_s,
        )
    )  # fmt: skip


def test_tls_is_spoken_only_with_whom_it_is_proven(tmp_path: Path) -> None:
    good = certificate(tmp_path, "localhost", timedelta(days=30))
    with serving_tls(good) as server:
        trusted = tls_door(server.port, good).get("/a", "test.get", name)
        unknown = failure(tls_door(server.port).get("/a", "test.get", name))
    assert isinstance(trusted, Answer)
    assert len(server.requests) == 1, "nothing left to whom nobody vouches for"
    assert (unknown.cause, unknown.maybe_done) == (Cause.UNREACHABLE, False)


@pytest.mark.parametrize(
    ("host", "ends"), [("elsewhere", timedelta(days=30)), ("localhost", timedelta(days=-1))]
)
def test_another_ones_certificate_and_one_that_is_over_prove_nothing(
    host: str, ends: timedelta, tmp_path: Path
) -> None:
    file = certificate(tmp_path, host, ends)
    with serving_tls(file) as server:
        reply = failure(tls_door(server.port, file).get("/a", "test.get", name))
    assert (reply.cause, reply.maybe_done) == (Cause.UNREACHABLE, False)
    assert server.requests == []


@pytest.mark.parametrize(
    "greeting", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x16\x03\x01" * 9]
)
def test_no_tls_at_the_other_end_is_unreachable(greeting: bytes) -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def greet() -> None:
        for _ in range(2):
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(greeting)

    thread = threading.Thread(target=greet, daemon=True)
    thread.start()
    reply = failure(tls_door(listener.getsockname()[1]).get("/a", "test.get", name))
    thread.join(10)
    listener.close()
    assert (reply.cause, reply.maybe_done) == (Cause.UNREACHABLE, False)
