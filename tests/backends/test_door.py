"""The HTTP door on real sockets: what a server can do to it, and what comes of it."""

from __future__ import annotations

import inspect
import json
import re
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.backends.contract import Answer, BackendFailure, Cause, Person
from kiosk.backends.decode import Fields, Garbled, read_json
from kiosk.backends.departments import Departments
from kiosk.backends.http import Again, HttpDoor
from kiosk.backends.settings import Department, departments_at
from tests.sandbox.in_process import Sandbox

WITHIN_S = 60.0
"""Longer than any deadline of a test: who waits so long was not given up."""

PATIENT: dict[str, Any] = {"connect_timeout_s": 30.0, "read_timeout_s": 30.0, "total_s": 60.0}
"""Deadlines that a server on this machine keeps, however much else the machine has to do."""

Behaviour = Callable[[socket.socket, bytes], None]


class Server:
    """Answers each connection as `behave` says; keeps what it was sent."""

    def __init__(self, behave: Behaviour) -> None:
        self.requests: list[bytes] = []
        self._behave = behave
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._closing = threading.Event()
        self._more = threading.Condition()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(WITHIN_S)
            try:
                head = b""
                while b"\r\n\r\n" not in head:
                    if not (chunk := connection.recv(65536)):
                        return
                    head += chunk
                length = re.search(rb"(?i)content-length: (\d+)", head)
                body = head.partition(b"\r\n\r\n")[2]
                while length and len(body) < int(length[1]):
                    body += (chunk := connection.recv(65536))
                    head += chunk
                with self._more:
                    self.requests.append(head)
                    self._more.notify_all()
                self._behave(connection, head)
            except OSError:
                return

    def heard(self, count: int) -> int:
        """How many requests came, once there are `count`."""
        with self._more:
            self._more.wait_for(lambda: len(self.requests) >= count, WITHIN_S)
            return len(self.requests)

    def hold(self, seconds: float) -> None:
        """Do nothing for so long, or until the test is over."""
        self._closing.wait(seconds)

    def close(self) -> None:
        self._closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextmanager
def serving(behave: Behaviour) -> Iterator[Server]:
    server = Server(behave)
    try:
        yield server
    finally:
        server.close()


def door(server: Server, **changed: Any) -> HttpDoor:
    base = f"http://127.0.0.1:{server.port}/tax/v1"
    return HttpDoor(Department(id="tax", base_url=base, **(PATIENT | changed)))


def says(status: str, body: bytes, kind: str = "application/json") -> Behaviour:
    """One answer, whole."""

    def behave(connection: socket.socket, _: bytes) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)

    return behave


def name(fields: Fields) -> str:
    return fields.text("name")


def failure(reply: object) -> BackendFailure:
    assert isinstance(reply, BackendFailure), reply
    return reply


def problem(code: str, status: int) -> bytes:
    body = {"type": "urn:x", "title": "t", "status": status, "detail": "王秀兰", "code": code}
    return json.dumps(body).encode()


def test_an_answer_comes_with_the_digest_of_its_body() -> None:
    with serving(says("200 OK", b'{"name": "x"}')) as server:
        reply = door(server).get("/a", "test.get", name)
    assert isinstance(reply, Answer)
    assert reply.value == "x"
    assert re.fullmatch("[0-9a-f]{64}", reply.digest)


@pytest.mark.parametrize(
    ("status", "body", "cause", "code"),
    [
        ("404 Not Found", problem("bill.unknown", 404), Cause.REFUSED, "bill.unknown"),
        ("404 Not Found", b"<html>nginx</html>", Cause.GARBLED, "garbled"),
        ("401 Unauthorized", b"{}", Cause.GARBLED, "garbled"),
        ("429 Too Many", problem("service.busy", 429), Cause.BUSY, "service.busy"),
        ("500 Oops", b"<html>", Cause.SERVER, "server"),
        ("503 Down", problem("service.unavailable", 503), Cause.SERVER, "service.unavailable"),
        ("302 Found", b"", Cause.GARBLED, "garbled"),
        ("200 OK", b"\x00\xff<html>", Cause.GARBLED, "garbled"),
        ("200 OK", b'{"name": 1}', Cause.GARBLED, "garbled"),
        ("200 OK", b'{"name": "a", "name": "b"}', Cause.GARBLED, "garbled"),
        ("200 OK", b"[" * 5000, Cause.GARBLED, "garbled"),
    ],
)
def test_each_answer_means_what_the_contract_says(
    status: str, body: bytes, cause: Cause, code: str
) -> None:
    with serving(says(status, body)) as server:
        failed = failure(door(server).get("/a", "test.get", name))
    assert (failed.cause, failed.code) == (cause, code)
    assert "王秀兰" not in repr(failed)


def test_a_redirect_is_not_followed() -> None:
    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 307 X\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n")

    with serving(behave) as server:
        assert failure(door(server).get("/a", "t.x", name)).cause is Cause.GARBLED
        assert all(request.startswith(b"GET /tax/v1/a ") for request in server.requests)


def test_nobody_listening_is_unreachable_and_provably_not_done() -> None:
    # GIVEN a port that is taken, so that no other program comes to listen there
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{taken.getsockname()[1]}/tax/v1"
        gone = HttpDoor(Department(id="tax", base_url=base, **PATIENT))
        reply = failure(gone.post("/a", "t.x", {}, name, "key-00001", Again.UNSENT))
    assert reply.cause is Cause.UNREACHABLE
    assert not reply.maybe_done


def test_a_connection_cut_after_the_request_may_have_been_done() -> None:
    with serving(lambda connection, _: connection.close()) as server:
        reply = failure(door(server).post("/a", "t.x", {}, name, "key-00001", Again.UNSENT))
        assert reply.cause is Cause.NO_ANSWER
        assert reply.maybe_done
        assert len(server.requests) == 1


def test_a_lost_read_is_sent_once_more_with_the_same_key() -> None:
    with serving(lambda connection, _: connection.close()) as server:
        failure(door(server).post("/a", "t.x", {}, name, "key-00001"))
        keys = [re.search(rb"(?i)idempotency-key: (\S+)", r) for r in server.requests]
    assert [key[1] for key in keys if key] == [b"key-00001"] * 2


def test_a_server_that_says_nothing_is_given_up_after_the_read_deadline() -> None:
    with serving(lambda *_: server.hold(WITHIN_S)) as server:
        begun = time.monotonic()
        waiting = door(server, read_timeout_s=1.0)
        reply = failure(waiting.post("/a", "t.x", {}, name, "key-00001", Again.UNSENT))
        assert reply.cause is Cause.NO_ANSWER
        assert 0.9 < time.monotonic() - begun < WITHIN_S


def test_a_server_that_drips_is_given_up_at_the_total_deadline() -> None:
    def drip(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(int(10 * WITHIN_S)):
            connection.sendall(b" ")
            server.hold(0.1)

    with serving(drip) as server:
        begun = time.monotonic()
        reply = failure(door(server, total_s=2.0).get("/a", "t.x", name))
        assert reply.cause is Cause.NO_ANSWER
        assert 1.8 < time.monotonic() - begun < WITHIN_S


def test_a_body_without_end_is_refused() -> None:
    def pour(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900000000\r\n\r\n")
        for _ in range(200):
            connection.sendall(b"x" * 65536)

    with serving(pour) as server:
        reply = failure(door(server).get("/a", "t.x", name))
    assert (reply.cause, reply.detail) == (Cause.GARBLED, "too long")


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [
        ("Retry-After: 17", 17.0),
        ("Retry-After: 86400", 3600.0),
        (
            "Date: Wed, 25 Nov 2026 08:00:00 GMT\r\nRetry-After: Wed, 25 Nov 2026 08:02:00 GMT",
            120.0,
        ),
        ("Retry-After: Wed, 25 Nov 2026 08:02:00 GMT", None),
        ("Retry-After: soon", None),
        ("Retry-After: -1", None),
        ("X: y", None),
    ],
)
@pytest.mark.parametrize("status", ["429 Busy", "503 Down"])
def test_the_servers_wish_to_be_left_alone_is_told_and_kept(
    status: str, wish: str, seconds: float | None
) -> None:
    def behave(connection: socket.socket, _: bytes) -> None:
        head = f"HTTP/1.1 {status}\r\n{wish}\r\nContent-Length: 2\r\n\r\n{{}}"
        connection.sendall(head.encode())

    with serving(behave) as server:
        reply = failure(door(server).post("/a", "t.x", {}, name, "key-00001"))
    assert reply.retry_after_s == seconds
    # AND who asks for a while is not asked again at once
    again = 2 if status.startswith("503") and seconds is None else 1
    assert len(server.requests) == again


def test_a_reset_in_the_middle_of_an_answer_may_have_been_done() -> None:
    def reset(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"name": "')
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with serving(reset) as server:
        reply = failure(door(server).post("/a", "t.x", {}, name, "key-00001", Again.UNSENT))
    assert reply.cause is Cause.NO_ANSWER
    assert reply.maybe_done
    assert len(server.requests) == 1


def test_an_answer_that_ends_early_is_none() -> None:
    def half(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"name": "x"}')

    with serving(half) as server:
        assert failure(door(server).get("/a", "t.x", name)).cause is Cause.NO_ANSWER


def test_a_hang_of_a_minute_is_given_up_in_time_and_a_payment_is_not_sent_twice() -> None:
    with serving(lambda *_: server.hold(WITHIN_S)) as server:
        hanging = door(server, read_timeout_s=0.5)
        once = failure(hanging.post("/a", "t.x", {}, name, "key-00001", Again.UNSENT))
        assert server.heard(1) == 1
        twice = failure(hanging.post("/a", "t.x", {}, name, "key-00002"))
        assert server.heard(3) == 3
    assert {once.cause, twice.cause} == {Cause.NO_ANSWER}


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 99999 X\r\n\r\n",
        b"HTTP/1.1 abc X\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\n\r\n",
        b"HTTP/1.1 204 No\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=nonsense\r\n\r\n<html>",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n\xff\xfe: \x00\r\n\r\n{}",
        b"HTTP/1.1 301 X\r\nLocation: http://[::1\r\n\r\n",
        b"HTTP/1.1 401 X\r\nWWW-Authenticate: Digest\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nSet-Cookie: \xe7\x8e\x8b=\x01; expires=never\r\n\r\n[]",
    ],
    ids=range(24),
)
def test_whatever_comes_back_is_a_typed_failure(answer: bytes) -> None:
    with serving(lambda connection, _: connection.sendall(answer)) as server:
        reply = failure(door(server).post("/a", "t.x", {}, name, "key-00001", Again.UNSENT))
    assert reply.cause in (Cause.NO_ANSWER, Cause.GARBLED)
    assert reply.maybe_done


@given(st.binary(max_size=300), st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 "]))
@settings(max_examples=60, deadline=None)
def test_no_bytes_on_the_wire_raise_anything(noise: bytes, before: bytes) -> None:
    with serving(lambda connection, _: connection.sendall(before + noise)) as server:
        reply = door(server).get("/a", "t.x", name)
    assert isinstance(reply, BackendFailure)


def test_a_file_is_handed_over_as_it_came_and_nothing_else_is_taken_for_it() -> None:
    with serving(says("200 OK", b"time,kind\n", "text/csv; charset=utf-8")) as server:
        reply = door(server).fetch("/a", "t.x", "text/csv")
        assert isinstance(reply, Answer)
        assert reply.value == b"time,kind\n"
    with serving(says("200 OK", b"<html>", "text/html")) as server:
        assert failure(door(server).fetch("/a", "t.x", "text/csv")).cause is Cause.GARBLED


def test_every_call_carries_a_trace_and_no_identity_in_its_address() -> None:
    with serving(says("200 OK", b'{"invoices": []}')) as server:
        base = f"http://127.0.0.1:{server.port}/tax/v1"
        departments = Departments.open({"tax": Department(id="tax", base_url=base)})
        from datetime import date

        person = Person("王秀兰", "371083196304120427")
        departments.tax.invoices(person, date(2026, 1, 1), date(2026, 2, 1))
        departments.close()
    (request,) = server.requests
    head = request.partition(b"\r\n\r\n")[0]
    trace = re.search(rb"(?i)traceparent: (\S+)", head)
    assert trace
    assert re.fullmatch(rb"00-[0-9a-f]{32}-[0-9a-f]{16}-01", trace[1])
    assert b"371083" not in head


def test_plain_http_is_for_this_machine_only() -> None:
    with pytest.raises(ValueError, match="plain http"):
        Department(id="tax", base_url="http://gateway.example/tax/v1")


def test_a_department_without_an_address_is_unreachable() -> None:
    departments = Departments.open({})
    for ping in departments.pings().values():
        assert failure(ping()).cause is Cause.UNREACHABLE


@pytest.mark.parametrize("kind", ["hmac", "ed25519"])
def test_signed_calls_are_taken_and_tampered_ones_refused(kind: str, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from kiosk.sandbox.app import create_app
    from kiosk.sandbox.signatures import Keys
    from tests.sandbox.in_process import InProcess

    key_file = tmp_path / "key.pem"
    public = b"s" * 40
    if kind == "hmac":
        key_file.write_bytes(public)
    else:
        key = Ed25519PrivateKey.generate()
        pem = serialization.Encoding.PEM
        key_file.write_bytes(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    # GIVEN departments that want every call signed, and a terminal that they know
    adapter = InProcess(create_app(keys=Keys({"rushan-07": public})))
    department = Department(
        id="hall",
        base_url="http://127.0.0.1:1/hall/v1",
        signing_key_id="rushan-07",
        signing_key_file=key_file,
    )
    signed = Departments.open({"hall": department}, adapter)
    assert isinstance(signed.hall.call_staff("rushan-07", "", "call-0001"), Answer)
    # WHEN a call is not signed, or changed on its way
    unsigned = Departments.open(departments_at("http://127.0.0.1:1"), adapter)
    refused = failure(unsigned.hall.call_staff("rushan-07", "", "call-0002"))
    assert refused.code == "signature.invalid"

    class Tampering(InProcess):
        def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            request.body = request.body.replace(b"rushan-07", b"rushan-08")
            return super().send(request, *args, **kwargs)

    tampered = Departments.open({"hall": department}, Tampering(adapter.app))
    # THEN it is refused
    assert failure(tampered.hall.call_staff("rushan-07", "", "call-0003")).code == "digest.mismatch"


# --- decoding ----------------------------------------------------------------------------------------


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


def decoders() -> list[Callable[[Fields], object]]:
    """Everything private in the clients' modules that reads an answer, and the sealed document's."""
    from kiosk.backends import client, departments

    modules = {
        sys.modules[type(c).__module__] for c in departments.Departments.open({}).named().values()
    }
    private = [
        thing
        for module in (*modules, client)
        for name, thing in vars(module).items()
        if name.startswith("_")
        and inspect.isfunction(thing)
        and list(inspect.signature(thing).parameters) == ["answer"]
    ]
    return [client.sealed_document, *sorted(private, key=lambda one: one.__qualname__)]


@given(JSON, st.sampled_from(decoders()))
def test_no_answer_makes_a_decoder_raise_anything_but_garbled(
    value: object, decode: Callable[[Fields], object]
) -> None:
    try:
        decode(Fields(value))
    except Garbled:
        return


@given(st.binary(max_size=200))
def test_no_bytes_make_reading_raise_anything_but_garbled(body: bytes) -> None:
    try:
        read_json(body)
    except Garbled:
        return


def test_the_clients_fit_the_departments() -> None:
    sandbox = Sandbox()
    departments = Departments.open(departments_at(sandbox.url), sandbox.adapter)
    assert all(isinstance(ping(), Answer) for ping in departments.pings().values())
    unknown = failure(departments.payment.query("P-nothing-01"))
    assert (unknown.cause, unknown.code) == (Cause.REFUSED, "order.not_found")
