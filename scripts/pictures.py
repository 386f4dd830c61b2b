"""Small copies of the terminal's pictures for the documents: few colours, few bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

COLOURS = 48


def small_copy(shot: Path, to: Path, widths: Sequence[int], most_bytes: int) -> None:
    """Write a copy of `shot` of at most `most_bytes`, at the first of `widths` (pixels) that fits.

    Raises SystemExit where none does.
    """
    to.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(shot) as whole:
        for width in widths:
            size = (width, whole.height * width // whole.width)
            small = whole.convert("RGB").resize(size, Image.Resampling.LANCZOS)
            small.quantize(COLOURS, dither=Image.Dither.NONE).save(to, optimize=True)
            if to.stat().st_size <= most_bytes:
                return
    raise SystemExit(f"{to.name}: no picture of {most_bytes} bytes at any width")
