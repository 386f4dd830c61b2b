"""Hard frames decoded: ours against pyzbar and zxing-cpp, each alone, on the same frames in turn.

`python -m tests.bench.decoding` prints what each decodes by hardship and strength; `--seed N` takes
other frames, `--looks` tells what each look found, for the order in devices/scanner/looks.py.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from devices.simulators.frames import STRENGTHS, HardFrame, Hardship, hard_frames
from tests.bench.figure import Figure

if TYPE_CHECKING:
    from devices.scanner.decoder import Decoder

FRAMES = 200

SEED = 2026
HELD_OUT_SEED = 31337
"""The looks were ordered by other frames than either; this one is never looked at to change them."""

MEDIAN_MS = 8.0
"""Two frames of a camera at 60 a second: the code is read before the hand has moved on."""

FAILED_OF_PEER = 0.5
"""Clearly better: at most half as many frames fail as with the better peer."""


@dataclass(slots=True)
class Score:
    """What one decoder made of the frames."""

    name: str
    right: Counter[tuple[Hardship, int]] = field(default_factory=Counter)
    wrong: int = 0
    looks: Counter[str] = field(default_factory=Counter)
    ms: list[float] = field(default_factory=list)

    @property
    def decoded(self) -> int:
        return sum(self.right.values())

    @property
    def median_ms(self) -> float:
        return statistics.median(self.ms)

    def __str__(self) -> str:
        return f"{self.name} {self.decoded} at {self.median_ms:.1f} ms, {self.wrong} wrong"


def compare(seed: int, count: int = FRAMES) -> list[Score]:
    """Ours, zxing-cpp and pyzbar over the same frames, who is first changing from frame to frame."""
    from devices.scanner.decoder import FILE_BUDGET_MS, Decoder

    ours = Decoder(budget_ms=FILE_BUDGET_MS)
    rivals: list[tuple[Score, Callable[[Any, Score], list[str]]]] = [
        (Score("ours"), lambda picture, score: _ours(ours, picture, score)),
        (Score("zxing-cpp"), _zxing),
        (Score("pyzbar"), _pyzbar),
    ]
    for number, frame in enumerate(hard_frames(seed, count)):
        first = number % len(rivals)
        for score, decode in rivals[first:] + rivals[:first]:
            _try(frame, score, decode)
    return [score for score, _ in rivals]


def decoding() -> Iterator[Figure]:
    """The figures of `make bench`."""
    for label, seed in (("", SEED), (", held out", HELD_OUT_SEED)):
        ours, *peers = compare(seed)
        failed = FRAMES - ours.decoded
        best = min(FRAMES - peer.decoded for peer in peers)
        detail = "; ".join(str(score) for score in (ours, *peers))
        yield Figure(
            f"hard frames that fail{label}, against the best peer's", failed / max(best, 1), "x",
            FAILED_OF_PEER, detail,
        )  # fmt: skip
        yield Figure(f"hard frames read wrongly{label}", ours.wrong, "", 0, f"of {FRAMES}")
        yield Figure(
            f"hard frame decoded{label}, p50", ours.median_ms, "ms", MEDIAN_MS,
            f"worst {max(ours.ms):.0f} ms",
        )  # fmt: skip


def _try(frame: HardFrame, score: Score, decode: Callable[[Any, Score], list[str]]) -> None:
    begun = time.perf_counter()
    texts = decode(frame.picture, score)
    score.ms.append((time.perf_counter() - begun) * 1000)
    score.right[frame.hardship, frame.strength] += frame.text in texts
    score.wrong += any(text != frame.text for text in texts)


def _ours(decoder: Decoder, picture: Any, score: Score) -> list[str]:
    decoded = decoder.decode(picture)
    score.looks[decoded.look or "none"] += 1
    return [code.text for code in decoded.codes]


def _zxing(picture: Any, score: Score) -> list[str]:
    import zxingcpp

    return [barcode.text for barcode in zxingcpp.read_barcodes(picture)]


def _pyzbar(picture: Any, score: Score) -> list[str]:
    from pyzbar import pyzbar

    symbols = [
        pyzbar.ZBarSymbol.QRCODE
    ]  # more than this makes it slower, and noisy on standard error
    return [
        found.data.decode(errors="replace") for found in pyzbar.decode(picture, symbols=symbols)
    ]


def main() -> None:
    """Print what each decodes, by hardship and strength."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.decoding")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--frames", type=int, default=FRAMES)
    parser.add_argument("--looks", action="store_true", help="what each look found")
    given = parser.parse_args()
    scores = compare(given.seed, given.frames)
    for score in scores:
        sys.stdout.write(f"{score} of {given.frames}\n")
        for hardship in Hardship:
            cells = [score.right[hardship, strength] for strength in range(1, STRENGTHS + 1)]
            sys.stdout.write(f"    {hardship.value:<12} {cells}\n")
    if given.looks:
        for look, found in scores[0].looks.most_common():
            sys.stdout.write(f"{found:>5} {look}\n")


if __name__ == "__main__":
    main()
