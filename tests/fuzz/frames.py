"""Frames as a bad line brings them: cut, doubled, damaged, merged, with noise around."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from hypothesis import strategies as st

from tests.fuzz.codecs import Codec

FRAMES_AN_EXAMPLE = 40
"""So many of each hypothesis example's frames are made by its seed, the others by hypothesis itself."""

PORTIONS = st.tuples(
    st.lists(st.binary(max_size=64), max_size=4), st.integers(min_value=0, max_value=2**48)
)


def portions(codec: Codec, drawn: Sequence[bytes], seed: int) -> list[bytes]:
    """The example's frames, in the portions in which they come."""
    chance = random.Random(seed)
    frames = [*drawn, *(damaged(codec, chance) for _ in range(FRAMES_AN_EXAMPLE))]
    chance.shuffle(frames)
    return list(_cut(frames, chance)) if chance.random() < 0.5 else frames


def damaged(codec: Codec, chance: random.Random) -> bytes:
    """A sample, or what a bad line makes of it."""
    frame = bytearray(chance.choice(codec.samples))
    for _ in range(chance.choice((0, 1, 1, 2, 5))):
        at = chance.randrange(len(frame)) if frame else 0
        match chance.randrange(6):
            case 0 if frame:
                frame[at] ^= 1 << chance.randrange(8)
            case 1 if frame:
                frame[at] = chance.choice((0, 0xFF, chance.randrange(256)))
            case 2:
                del frame[at:]
            case 3:
                frame[at:at] = chance.randbytes(chance.randrange(1, 9))
            case 4:
                del frame[: at + 1]
            case _:
                frame += frame[: at + 1]
    return bytes(frame)


def _cut(frames: Sequence[bytes], chance: random.Random) -> Iterator[bytes]:
    data = b"".join(frames)
    at = 0
    while at < len(data):
        size = chance.choice((1, 2, 3, 7, 64, 500))
        yield data[at : at + size]
        at += size
