"""Takes the mainland Chinese faces out of Debian's fonts-noto-cjk: Kivy reads files of one face only.

Usage: fonts.py DIRECTORY
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont

COLLECTIONS = Path("/usr/share/fonts/opentype/noto")
"""Where the Debian package fonts-noto-cjk puts its collections of all East Asian shapes."""

FAMILY = "Noto Sans CJK SC"
WEIGHTS = ("Regular", "Bold")

FAMILY_NAME_ID = 1
TYPOGRAPHIC_FAMILY_NAME_ID = 16
"""OpenType `name` table; the second is there where the first names a weight, too."""


def main(directory: Path) -> None:
    """Write one file a weight into `directory`; what was written before is kept if it is newer."""
    directory.mkdir(parents=True, exist_ok=True)
    for weight in WEIGHTS:
        collection = COLLECTIONS / f"NotoSansCJK-{weight}.ttc"
        face = directory / f"NotoSansCJKsc-{weight}.otf"
        if not _is_current(face, collection):
            extract(collection, face)


def extract(collection: Path, face: Path) -> None:
    """Write the face of FAMILY in `collection` to `face`, whole or not at all."""
    with TTCollection(str(collection), lazy=True) as faces:
        font = next(font for font in faces if _family(font) == FAMILY)
        unfinished = face.with_suffix(".new")
        font.save(str(unfinished))
    unfinished.replace(face)


def _family(font: TTFont) -> str:
    names = font["name"]
    return str(names.getDebugName(TYPOGRAPHIC_FAMILY_NAME_ID) or names.getDebugName(FAMILY_NAME_ID))


def _is_current(face: Path, collection: Path) -> bool:
    return face.exists() and face.stat().st_mtime >= collection.stat().st_mtime


if __name__ == "__main__":
    main(Path(sys.argv[1]))
