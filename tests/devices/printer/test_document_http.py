"""The simulated printer's HTTP: requests are whole however they are cut, and noise is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.simulators.ipp_http import CONTINUE, BadHttp, HttpReader, HttpRequest, answer

HEAD = b"POST /ipp/print HTTP/1.1\r\nHost: x\r\nContent-Type: application/ipp\r\n"
SIZED = HEAD + b"Content-Length: 5\r\n\r\nhello"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n"


def unsaid(_: bytes) -> None:
    raise AssertionError("nothing was to be said")


@pytest.mark.parametrize("request_bytes", [SIZED, CHUNKED])
def test_a_request_cut_at_every_byte_is_read_whole(request_bytes: bytes) -> None:
    for cut in range(len(request_bytes) + 1):
        reader = HttpReader(unsaid)
        found = reader.feed(request_bytes[:cut])
        found += reader.feed(request_bytes[cut:] + request_bytes)
        assert [request.body for request in found] == [b"hello", b"hello"]
        assert {request.path for request in found} == {"/ipp/print"}


def test_who_expects_to_be_told_to_go_on_is_told() -> None:
    said: list[bytes] = []
    reader = HttpReader(said.append)
    assert reader.feed(HEAD + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n") == []
    assert said == [CONTINUE]
    (request,) = reader.feed(b"ok")
    assert request.body == b"ok"


@pytest.mark.parametrize(
    "noise",
    [
        b"GET\r\n\r\n",
        b"\x16\x03\x01 TLS\r\n\r\n",
        HEAD + b"Content-Length: many\r\n\r\n",
        HEAD + b"Content-Length: 99999999999\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n",
        b"x" * 20000,
    ],
)
def test_what_is_no_request_is_refused(noise: bytes) -> None:
    with pytest.raises(BadHttp):
        HttpReader(unsaid).feed(noise)


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_no_noise_breaks_it(parts: list[bytes]) -> None:
    reader = HttpReader(lambda _: None)
    try:
        found = [request for part in parts for request in reader.feed(part)]
    except BadHttp:
        return
    assert all(isinstance(request, HttpRequest) for request in found)


def test_an_answer_says_its_length() -> None:
    head, _, body = answer(200, b"abc").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Content-Length: 3" in head
    assert body == b"abc"
