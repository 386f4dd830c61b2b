"""`make fuzz`: a million frames through every codec; anything raised but the declared is a failure."""

from __future__ import annotations

import argparse
import sys
import time

from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz.codecs import CODECS, Codec
from tests.fuzz.frames import FRAMES_AN_EXAMPLE, PORTIONS, portions

EXAMPLES_AT_A_TIME = 500
"""hypothesis remembers the examples of a run: shorter runs keep it quick."""


def fuzz(codec: Codec, frames: int) -> tuple[int, int]:
    """Send `frames` at least; how many they were, and how many refusals as declared."""
    sent = refused = 0

    @settings(
        max_examples=EXAMPLES_AT_A_TIME, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink],
    )  # fmt: skip
    @given(PORTIONS)
    def run(drawn: tuple[list[bytes], int]) -> None:
        nonlocal sent, refused
        try:
            codec.run(portions(codec, *drawn))
        except codec.raises:
            refused += 1
        sent += len(drawn[0]) + FRAMES_AN_EXAMPLE

    while sent < frames:
        run()
    return sent, refused


def main() -> int:
    """Fuzz every codec with its share; raises what a codec raised, with the example."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--frames", type=int, default=1_000_000, help="over all codecs")
    total = 0
    wanted = parser.parse_args().frames
    begun = time.monotonic()
    for codec in CODECS:
        sent, refused = fuzz(codec, -(-wanted // len(CODECS)))
        total += sent
        sys.stdout.write(f"{codec.name:24} {sent:>9} frames, {refused} refused as declared\n")
        sys.stdout.flush()
    took = time.monotonic() - begun
    sys.stdout.write(f"{total} frames in {took:.0f} s: nothing raised but the declared\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
