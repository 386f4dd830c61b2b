"""docs/gallery.md shows every sample, small; `make gallery` writes it."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image

from tests.gallery.samples import SAMPLES

DOCS = Path(__file__).resolve().parents[2] / "docs"
PICTURES = DOCS / "pictures" / "gallery"
EACH_BYTES = 25_000
ALL_BYTES = 3_000_000


def test_the_page_shows_every_sample_and_no_other() -> None:
    # GIVEN the page that the repository holds
    text = (DOCS / "gallery.md").read_text(encoding="utf-8")

    # THEN each sample is shown once by its picture; run `make gallery` where one is missing
    shown = re.findall(r"!\[([^]]+)\]\(pictures/gallery/([^)]+)\.png\)", text)
    assert all(name == file for name, file in shown)
    assert sorted(name for name, _ in shown) == sorted(SAMPLES)


def test_each_view_class_has_its_chapter() -> None:
    text = (DOCS / "gallery.md").read_text(encoding="utf-8")

    kinds = {type(view).__name__ for view in SAMPLES.values()}
    assert set(re.findall(r"^## (\w+)$", text, flags=re.MULTILINE)) == kinds


def test_the_pictures_are_small_and_those_of_the_samples() -> None:
    # GIVEN the small pictures
    files = {path.stem: path for path in PICTURES.glob("*.png")}

    # THEN there is one of each sample, none other, and they weigh little
    assert set(files) == set(SAMPLES)
    sizes = {name: path.stat().st_size for name, path in files.items()}
    assert [name for name, size in sizes.items() if size > EACH_BYTES] == []
    assert sum(sizes.values()) < ALL_BYTES
    assert {Image.open(path).mode for path in files.values()} == {"P"}
