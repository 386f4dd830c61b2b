"""docs/ITEMS.md is the catalogue, with a visit and a picture of each item."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
MEND = "run: make items (or scripts/items.py --table where only a file changed)"


def loaded(name: str) -> ModuleType:
    """A module of scripts/."""
    found = importlib.util.spec_from_file_location(f"{name}_script", SCRIPTS / f"{name}.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module  # dataclasses look their module up
    found.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def items() -> ModuleType:
    """scripts/items.py."""
    return loaded("items")


def test_the_table_fits_the_catalogue(items: ModuleType) -> None:
    assert items.TABLE.read_text(encoding="utf-8") == items.table(items.items(), items.kept()), MEND


def test_every_item_was_performed_to_its_end(items: ModuleType) -> None:
    visits = items.kept()

    assert {item.id for item in items.items()} == set(visits), MEND
    assert {item: visit["outcome"] for item, visit in visits.items()} == dict.fromkeys(
        visits, "done"
    ), MEND


def test_every_item_has_its_small_picture(items: ModuleType) -> None:
    for item in items.items():
        picture = items.PICTURES / f"{item.id}.png"
        assert picture.stat().st_size <= items.PICTURE_BYTES, picture.name
        with Image.open(picture) as read:
            assert read.height > read.width > 0


def test_a_large_screen_becomes_a_small_picture(items: ModuleType, tmp_path: Path) -> None:
    pictures = loaded("pictures")
    noise = Image.effect_noise((1080, 1920), 30.0)
    noise.save(tmp_path / "shot.png")
    Image.new("RGB", (1080, 1920), "white").save(tmp_path / "plain.png")

    def keep(shot: str, name: str) -> None:
        to = tmp_path / "out" / name
        pictures.small_copy(tmp_path / shot, to, items.PICTURE_WIDTHS, items.PICTURE_BYTES)

    keep("plain.png", "small.png")

    assert (tmp_path / "out" / "small.png").stat().st_size <= items.PICTURE_BYTES
    with pytest.raises(SystemExit, match="no picture"):
        keep("shot.png", "noise.png")
