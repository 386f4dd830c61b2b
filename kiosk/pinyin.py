"""How texts are read in pinyin, phrases as phrases (重庆 chong qing), a lone heteronym every way.

The dictionaries take some 55 MiB (measured) for a moment's work, so the terminal asks a child of its own:
`python -m kiosk.pinyin` reads texts and writes their readings, both as JSON.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence

from kiosk.log import log
from kiosk.search import Reading

ANSWERS_WITHIN_S = 60.0
"""The child's own start takes half a second here, some seconds on a busy board; after this, no pinyin."""

_IDEOGRAPHS = r"[\u3400-\u9fff\U00020000-\U0003ffff]+"
HANZI = re.compile(_IDEOGRAPHS)
RUNS = re.compile(f"{_IDEOGRAPHS}|(?:(?!{_IDEOGRAPHS}).)+", re.DOTALL)
"""The blocks of unified ideographs (Unicode, chapter 18), and what stands between them."""


def readings(texts: Sequence[str]) -> list[Reading]:
    """The readings of each text, in this process."""
    return [_reading(text) for text in texts]


def readings_of_child(texts: Sequence[str]) -> list[Reading]:
    """The same from a child process; without readings where it fails: hanzi and English are found then."""
    try:
        answer = subprocess.run(
            [sys.executable, "-m", "kiosk.pinyin"],
            input=json.dumps(list(texts)),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=ANSWERS_WITHIN_S,
            check=True,
        )
        return [tuple(tuple(read) for read in text) for text in json.loads(answer.stdout)]
    except (OSError, subprocess.SubprocessError, ValueError):
        log("search.unread", texts=len(texts))
        return [((),) * len(text) for text in texts]


def _reading(text: str) -> Reading:
    from pypinyin import Style, pinyin

    signs: list[tuple[str, ...]] = []
    for run in RUNS.findall(text):
        read = pinyin(run, heteronym=True, style=Style.NORMAL) if HANZI.match(run) else ()
        signs += [_letters(one) for one in read] if len(read) == len(run) else [()] * len(run)
    return tuple(signs)


def _letters(read: list[str]) -> tuple[str, ...]:
    """The readings in letters; lü is typed lv or lu."""
    known = [one for one in read if one.isascii() and one.isalpha()]
    both = [*known, *(one.replace("v", "u") for one in known if "v" in one)]
    return tuple(dict.fromkeys(both))


if __name__ == "__main__":
    json.dump(readings(json.load(sys.stdin)), sys.stdout)
