"""The sandbox on a real socket: what is no request, what never ends, and two who come at once."""

from __future__ import annotations

import base64
import io
import json
import re
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
import requests
from PIL import Image

from kiosk.sandbox import server
from kiosk.sandbox.app import create_app
from kiosk.sandbox.envelope import LONGER_BODIES_BYTES, LONGEST_BODY_BYTES
from kiosk.sandbox.problems import MEDIA_TYPE

WITHIN_S = 60.0
ACCOUNTS = "/fund/v1/accounts/queries"
AT_ONCE = 24

Server = tuple[str, int]


@pytest.fixture(scope="module")
def served() -> Iterator[Server]:
    listener = server.listen(0)
    ended = threading.Event()
    thread = threading.Thread(target=server.serve, args=(create_app(), listener, ended))
    thread.start()
    yield listener.getsockname()[:2]
    ended.set()
    thread.join(WITHIN_S)


def address(served: Server) -> str:
    return f"http://{served[0]}:{served[1]}"


def exchange(served: Server, sent: bytes, *, end: bool = False) -> tuple[int, str, Any]:
    """Send bytes; status, media type and document of what came. `end` closes our half."""
    with socket.create_connection(served, timeout=WITHIN_S) as wire:
        wire.sendall(sent)
        if end:
            wire.shutdown(socket.SHUT_WR)
        came = b""
        while part := wire.recv(65536):
            came += part
    head, _, body = came.partition(b"\r\n\r\n")
    if not head:
        return 0, "", None
    kind = re.search(rb"(?im)^content-type: ([^;\r]+)", head)
    assert kind is not None
    return int(head.split()[1]), kind[1].decode(), json.loads(body)


def request(body: bytes, *headers: str, path: str = ACCOUNTS) -> bytes:
    """A POST of JSON that ends its connection."""
    lines = (
        f"POST {path} HTTP/1.1", "Host: hall", "Content-Type: application/json",
        f"Content-Length: {len(body)}", "Connection: close", *headers,
    )  # fmt: skip
    return "\r\n".join((*lines, "", "")).encode() + body


def at_once(work: Callable[[int], requests.Response]) -> Counter[str]:
    """How many who came in the same moment got what: a refusal's code, or "ok"."""
    gate = threading.Barrier(AT_ONCE)

    def one(place: int) -> str:
        gate.wait(WITHIN_S)
        answer = work(place)
        return "ok" if answer.ok else str(answer.json()["code"])

    with ThreadPoolExecutor(AT_ONCE) as hands:
        return Counter(hands.map(one, range(AT_ONCE)))


def post(served: Server, path: str, body: object, key: str = "") -> requests.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return requests.post(address(served) + path, json=body, headers=headers, timeout=WITHIN_S)


def people(served: Server) -> list[dict[str, str]]:
    """The invented citizens, with their cards."""
    citizens = requests.get(f"{address(served)}/_control/citizens", timeout=WITHIN_S).json()
    return [
        {"name": one["name"], "id_number": one["id_number"], "proof": "card"} for one in citizens
    ]


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /fund/v1/health\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64) + b"\r\n\r\n",
        b"POST /fund/v1/accounts/queries HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        b"POST /fund/v1/accounts/queries HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"GET /fund/v1/\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ],
)
def test_what_is_no_http_is_a_problem_like_any_other(served: Server, sent: bytes) -> None:
    status, kind, problem = exchange(served, sent)
    assert (status, kind, problem["code"]) == (400, MEDIA_TYPE, "request.malformed")


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 20_000 + b"]" * 20_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"person": ' + b"9" * 5000 + b"}",
        '{"person": {}}'.encode("utf-16"),
        '{"person": {}}'.encode("utf-16-le"),
        '{"person": {}}'.encode("utf-32"),
        b'{"person": "\xed\xa0\x80"}',
        b" " * 100,
        b"\x00",
    ],
)
def test_what_is_no_json_in_utf_8_is_malformed(served: Server, body: bytes) -> None:
    status, kind, problem = exchange(served, request(body))
    assert (status, kind, problem["code"]) == (400, MEDIA_TYPE, "request.malformed")


def test_who_sends_far_too_much_still_reads_why(served: Server) -> None:
    status, _, problem = exchange(served, request(b"x" * 8 * 2**20))
    assert (status, problem["code"]) == (413, "request.too_large")


def test_a_request_that_ends_early_is_not_carried_out(served: Server) -> None:
    # GIVEN a call for staff that is whole but for one byte that was announced
    calls = len(
        requests.get(f"{address(served)}/_control/ledger", timeout=WITHIN_S).json()["staff_calls"]
    )
    body = b'{"terminal": "rushan-07", "item": ""}'
    whole = request(body, "Idempotency-Key: early-0001", path="/hall/v1/staff-calls")
    early = whole.replace(b"Content-Length: 37", b"Content-Length: 38")
    assert early != whole
    # WHEN its sender goes
    assert exchange(served, early, end=True)[0] == 0
    # THEN nobody was called by it, and the key is still free
    assert exchange(served, whole)[0] == 201
    ledger = requests.get(f"{address(served)}/_control/ledger", timeout=WITHIN_S).json()
    assert len(ledger["staff_calls"]) == calls + 1


def test_a_request_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "REQUEST_WITHIN_S", 0.05)
    listener = server.listen(0)
    ended = threading.Event()
    thread = threading.Thread(target=server.serve, args=(create_app(), listener, ended))
    thread.start()
    there = listener.getsockname()[:2]
    for begun in (b"", b"POST / HT", request(b"")[:-2], request(b"{}")[:-1]):
        reset = suppress(ConnectionError)  # where it was given up before it was read
        with socket.create_connection(there, timeout=WITHIN_S) as wire, reset:
            wire.sendall(begun)
            assert wire.recv(1) == b""
    ended.set()
    thread.join(WITHIN_S)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (ACCOUNTS, "POST"),
        ("/fund/v1/health", "GET"),
        ("/payment/v1/orders/P-000001", "GET"),
        ("/_control/faults", "DELETE, GET, POST"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(served: Server, path: str, allowed: str) -> None:
    answer = requests.patch(address(served) + path, timeout=WITHIN_S)
    assert (answer.status_code, answer.json()["code"]) == (405, "method.unsupported")
    assert answer.headers["Allow"] == allowed


@pytest.mark.parametrize("digest", ["é", "sha-256=é", "", "sha-256=", ",,,"])
def test_a_digest_that_is_none_does_not_match(served: Server, digest: str) -> None:
    status, _, problem = exchange(served, request(b"{}", f"Content-Digest: {digest}"))
    assert (status, problem["code"]) == (400, "digest.mismatch")


def test_a_picture_that_would_unfold_without_end_is_none(served: Server) -> None:
    # GIVEN a small JPEG whose head promises 65,500 by 65,500 points
    small = io.BytesIO()
    Image.new("L", (16, 16)).save(small, "JPEG")
    frame = small.getvalue()
    at = frame.index(b"\xff\xc0") + 5
    bomb = frame[:at] + b"\xff\xdc\xff\xdc" + frame[at + 4 :]
    # WHEN it is handed in as a face
    clock = requests.get(f"{address(served)}/_control/clock", timeout=WITHIN_S).json()
    body = {
        "person": people(served)[0],
        "pictures": [base64.b64encode(bomb).decode()] * 2,
        "consent_at": clock["now"],
    }
    answer = post(served, "/data/v1/face-matches", body, "face-bomb-01")
    # THEN it is refused unopened
    assert (answer.status_code, answer.json()["code"]) == (409, "proof.picture")


def test_of_many_who_want_one_slot_one_has_it(served: Server) -> None:
    offered = requests.get(f"{address(served)}/approval/v1/appointable", timeout=WITHIN_S).json()
    wanted = {"service": offered["services"][0]["service"], "mode": "window"}
    slot = post(served, "/approval/v1/slots/queries", wanted).json()["slots"][0]["slot"]
    citizens = people(served)
    got = at_once(
        lambda n: post(
            served,
            "/approval/v1/appointments",
            {"person": citizens[n], "slot": slot},
            f"slot-{n:08}",
        )
    )
    assert got == {"ok": 1, "slot.taken": AT_ONCE - 1}


def test_many_requests_with_one_key_are_one_request(served: Server) -> None:
    body = {"terminal": "rushan-07", "item": ""}
    numbers = set()

    def call(_: int) -> requests.Response:
        answer = post(served, "/hall/v1/staff-calls", body, "call-at-once")
        numbers.add(answer.json()["call_id"])
        return answer

    assert at_once(call) == {"ok": AT_ONCE}
    assert len(numbers) == 1


def test_wrong_pickup_codes_are_counted_however_fast_they_come(served: Server) -> None:
    got = at_once(
        lambda n: post(
            served, "/tax/v1/pickups", {"terminal": "rushan-05", "code": f"{n:08}"}, f"wrong-{n:08}"
        )
    )
    assert got == {"pickup.unknown": 5, "pickup.too_many": AT_ONCE - 5}


def test_a_one_time_code_is_sent_once_a_minute_and_tried_three_times(served: Server) -> None:
    person = people(served)[0]
    challenges = []

    def send(n: int) -> requests.Response:
        order = {"person": person, "purpose": "own-property"}
        answer = post(served, "/data/v1/one-time-codes", order, f"send-{n:08}")
        if answer.ok:
            challenges.append(answer.json()["challenge_id"])
        return answer

    assert at_once(send) == {"ok": 1, "proof.too_soon": AT_ONCE - 1}
    (challenge,) = challenges
    messages = requests.get(f"{address(served)}/_control/messages", timeout=WITHIN_S).json()
    right = int(next(one["code"] for one in reversed(messages) if one["code"]))

    def guess(n: int) -> requests.Response:
        typed = {"code": f"{(right + 1 + n) % 10**6:06}"}
        return post(served, f"/data/v1/one-time-codes/{challenge}/checks", typed, f"try-{n:08}")

    assert at_once(guess) == {"ok": 3, "proof.spent": AT_ONCE - 3}


def test_no_request_of_the_contract_is_too_large() -> None:
    document = create_app().openapi()
    for path, methods in document["paths"].items():
        for operation in methods.values():
            if "requestBody" not in operation:
                continue
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            most = LONGER_BODIES_BYTES.get(path, LONGEST_BODY_BYTES)
            assert longest(schema, document["components"]["schemas"]) <= most, path


ESCAPED = 6
r"""Bytes of one character written \uXXXX, the longest way that JSON has for it."""

SHORT = 100
"""Bytes that a number, a name or a text of a pattern without an end takes here, and more."""


def longest(schema: dict[str, Any], known: dict[str, Any]) -> float:
    """So many bytes a document of `schema` takes at most."""
    if "$ref" in schema:
        return longest(known[schema["$ref"].rpartition("/")[2]], known)
    if several := schema.get("anyOf") or schema.get("oneOf"):
        return max(longest(each, known) for each in several)
    match schema.get("type"):
        case "object":
            named = schema.get("properties", {})
            free = schema.get("additionalProperties") or {}
            others = schema.get("maxProperties", 0) * (SHORT + longest(free, known)) if free else 0
            return others + sum(SHORT + longest(each, known) for each in named.values())
        case "array":
            return 2 + schema.get("maxItems", float("inf")) * (2 + longest(schema["items"], known))
        case "string":
            ascii_only = "contentEncoding" in schema or schema.get("pattern", "").startswith(
                ("^[0-9", "^[01", "^[A-Za-z")
            )
            ended = schema.keys() & {"pattern", "format", "enum", "const"}
            most = schema.get("maxLength", 0 if ended else float("inf"))
            return SHORT + most * (1 if ascii_only else ESCAPED)
    return SHORT
