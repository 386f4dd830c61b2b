"""Writes docs/gallery.md from the pictures that tests/gallery took: `make gallery`.

    python scripts/gallery.py            small pictures of all samples, then the page
    python scripts/gallery.py --page     the page alone, from the small pictures kept

Every sample of tests/gallery is shown in Chinese and standard type; the pictures in full size, in both
languages and type sizes, are in out/gallery.
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from kiosk.views import View  # noqa: E402
from tests.gallery.samples import SAMPLES  # noqa: E402

TAKEN = ROOT / "out" / "gallery"
PAGE = ROOT / "docs" / "gallery.md"
PICTURES = ROOT / "docs" / "pictures" / "gallery"

PICTURE_BYTES = 25_000
PICTURE_WIDTHS = (300, 270, 240)
ACROSS = 4

HEAD = """# What citizens see

Every view that a journey may ask, as the terminal draws it at 1080×1920; names, numbers and amounts are
invented. `make gallery` takes each picture in Chinese and English, in standard and large type, into
out/gallery, fails where anything is cut, covered or too small, and writes this page. Do not edit it.
"""


def page(samples: Mapping[str, View[Any]]) -> str:
    """The whole page: a chapter a view class, in the order of the samples."""
    chapters: dict[type[View[Any]], list[str]] = {}
    for name, view in samples.items():
        chapters.setdefault(type(view), []).append(name)
    return HEAD + "".join(_chapter(kind, names) for kind, names in chapters.items())


def _chapter(kind: type[View[Any]], names: list[str]) -> str:
    lines = [f"\n## {kind.__name__}\n", f"\n{_what(kind)}\n\n"]
    for at in range(0, len(names), ACROSS):
        row = names[at : at + ACROSS]
        lines.append("| " + " | ".join(f"`{name}`" for name in row) + " |\n")
        lines.append("|" + ":-:|" * len(row) + "\n")
        cells = (f"![{name}](pictures/gallery/{name}.png)" for name in row)
        lines.append("| " + " | ".join(cells) + " |\n\n")
    return "".join(lines).rstrip() + "\n"


def _what(kind: type[View[Any]]) -> str:
    """The view's own words, up to the first empty line."""
    return " ".join((inspect.getdoc(kind) or "").partition("\n\n")[0].split())


def keep_pictures(names: list[str]) -> None:
    """Small copies of what was taken; those of samples that are no more go."""
    from pictures import small_copy

    missing = [name for name in names if not _taken(name).is_file()]
    if missing:
        raise SystemExit(f"no picture of {', '.join(missing)}; run make gallery without ARGS")
    PICTURES.mkdir(parents=True, exist_ok=True)
    for left in set(PICTURES.glob("*.png")) - {PICTURES / f"{name}.png" for name in names}:
        left.unlink()
    for name in names:
        small_copy(_taken(name), PICTURES / f"{name}.png", PICTURE_WIDTHS, PICTURE_BYTES)


def _taken(name: str) -> Path:
    return TAKEN / f"{name}-zh.png"


def main(words: list[str] | None = None) -> int:
    """Keep the pictures and write the page."""
    parser = argparse.ArgumentParser(description="Write docs/gallery.md.")
    parser.add_argument("--page", action="store_true", help="write the page alone")
    if not parser.parse_args(words).page:
        keep_pictures(list(SAMPLES))
    PAGE.write_text(page(SAMPLES), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
