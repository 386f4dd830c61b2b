"""A small share of `make fuzz`, and every frame cut at every byte, merged, and behind garbage."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz.codecs import CODECS, Codec
from tests.fuzz.frames import PORTIONS, portions

EVERY = pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
STREAMS = pytest.mark.parametrize(
    "codec", [codec for codec in CODECS if codec.stream], ids=lambda codec: codec.name
)


@EVERY
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(PORTIONS)
def test_a_bad_line_raises_nothing_but_the_declared(
    codec: Codec, drawn: tuple[list[bytes], int]
) -> None:
    with suppress(*codec.raises):
        codec.run(portions(codec, *drawn))


@EVERY
def test_every_sample_is_read(codec: Codec) -> None:
    """Each by itself, so that a fuzz that begins from it goes beyond the first byte."""
    read = []
    for sample in codec.samples:
        try:
            read.append(codec.run([sample]))
        except codec.raises:
            continue
    assert any(found not in (None, []) for found in read)


@STREAMS
def test_a_frame_is_read_the_same_however_it_is_cut(codec: Codec) -> None:
    for sample in codec.samples:
        expected = codec.run([sample])
        for at in range(len(sample) + 1):
            assert codec.run([sample[:at], sample[at:]]) == expected, at
        assert codec.run([bytes([byte]) for byte in sample]) == expected


@STREAMS
def test_frames_that_come_together_are_read_apart(codec: Codec) -> None:
    def units(found: object) -> Sequence[object]:
        assert isinstance(found, list)
        return found

    apart = [unit for sample in codec.samples for unit in units(codec.run([sample]))]
    assert codec.run(list(codec.samples)) == codec.run([b"".join(codec.samples)])
    assert len(units(codec.run([b"".join(codec.samples)]))) >= len(apart) // 2


@pytest.mark.parametrize(
    "garbage", [b"\x00", b"\xff\x55\x13", bytes(range(0x80, 0x90)), b"\xaa\xaa"]
)
@pytest.mark.parametrize("name", ["sam frames", "gm65", "newland"])
def test_a_framed_answer_is_found_behind_garbage(name: str, garbage: bytes) -> None:
    codec = next(codec for codec in CODECS if codec.name == name)
    for sample in codec.samples[:1]:
        expected, found = codec.run([sample]), codec.run([garbage + sample])
        assert isinstance(expected, list)
        assert isinstance(found, list)
        assert found[-len(expected) :] == expected
