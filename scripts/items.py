"""Performs every item through the real screens and writes docs/ITEMS.md: `make items`.

    python scripts/items.py              all items, then the table
    python scripts/items.py --only ID    these alone; the others' visits stay as they were
    python scripts/items.py --table      the table alone, from the visits kept

The visits are kept in docs/pictures/items/visits.json: outcome, seconds, screens, what came out. Of each a
small picture of its last screen is kept beside it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.catalogue import SERVICES_DIR, Item, fallback
from kiosk.itemfile import read_every_item
from kiosk.paths import CONFIG_DIR
from kiosk.texts import Text
from kiosk.words import load_words

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "ITEMS.md"
PICTURES = ROOT / "docs" / "pictures" / "items"
VISITS = PICTURES / "visits.json"

STARTS = 3
"""On a busy machine a stand-in may not come up in time."""

PICTURE_BYTES = 20_000
PICTURE_WIDTHS = (300, 270, 240, 210, 180)

VISIT_WITHIN_S = 480.0
"""A visit ends by itself after some minutes; the terminal's start and end come besides."""

Visit = dict[str, Any]


@dataclass(frozen=True)
class Way:
    """How an item is performed where the usual answers do not do: whose card, which answers."""

    card: str = "wang-xiulan"
    answers: Mapping[str, str] = field(default_factory=dict)


WAYS: Mapping[str, Way] = {
    "item-guide": Way(answers={"search": "spjyxk"}),
}
"""By item; the others are performed with what stands preselected or first."""

HEAD = """# The items

Every item of the catalogue (config/services), performed by a scripted person through the real screens with
simulated devices and sandbox departments. Made by `make items`; do not edit.

*Proof*: 0 none · 1 a number typed or a code scanned · 2 the ID card · 3 the card and a second proof.
*Needs*: greyed without it. *Fallback*: what citizens are told where what the item can miss is missing.
*Seconds*: from the first touch to the end, at the speed of a script on the machine that made this page.

| # | item | department | proof | needs | fallback | journey | seconds | screens | result |
|--:|---|---|:-:|---|---|---|--:|--:|---|
"""

NOT_YET = "–"


def items() -> tuple[Item, ...]:
    """Every item that comes with the program."""
    read = read_every_item(CONFIG_DIR / SERVICES_DIR)
    if isinstance(read, list):
        raise SystemExit("\n".join(map(str, read)))
    return read


def kept() -> dict[str, Visit]:
    """The visits as they were performed last."""
    return json.loads(VISITS.read_text(encoding="utf-8")) if VISITS.exists() else {}


def table(catalogue: tuple[Item, ...], visits: Mapping[str, Visit]) -> str:
    """The whole page."""
    return HEAD + "".join(_row(item, visits.get(item.id, {})) for item in catalogue)


def _row(item: Item, visit: Visit) -> str:
    picture = PICTURES / f"{item.id}.png"
    result = f"[{visit['outcome']}](pictures/items/{picture.name})" if visit else NOT_YET
    wanted = item.needs.wanted
    cells = (
        str(item.order // 10),
        f"`{item.id}`<br>{_both(item.name)}",
        _both(item.department_name),
        str(item.proof),
        ", ".join(item.needs.devices) or NOT_YET,
        _both(fallback(item.needs, wanted)) if wanted else NOT_YET,
        "declared" if item.declaration else item.journey,
        f"{visit['seconds']:.0f}" if visit else NOT_YET,
        str(len(visit["screens"])) if visit else NOT_YET,
        result,
    )
    return "| " + " | ".join(cells) + " |\n"


def _both(text: Text) -> str:
    words = load_words()
    said = dict.fromkeys(words[language].say(text) for language in ("zh_CN", "en"))
    return "<br>".join(said).replace("\n", " ")


def perform(item: Item) -> Visit:
    """One visit; its picture is kept."""
    from pictures import small_copy

    way = WAYS.get(item.id, Way())
    with tempfile.TemporaryDirectory(prefix="items-") as shots:
        command = [sys.executable, "-c", "from kiosk.cli import main; main()", "visit", item.id]
        command += ["--json", "--shots", shots, "--card", way.card]
        for key, value in way.answers.items():
            command += ["--answer", f"{key}={value}"]
        told = _told(command)
        pictures = sorted(Path(shots).glob("[0-9][0-9]-*.png"))
        if pictures:
            small_copy(pictures[-1], PICTURES / f"{item.id}.png", PICTURE_WIDTHS, PICTURE_BYTES)
    return {
        "outcome": told["outcome"],
        "seconds": told["duration_s"],
        "screens": told["screens"],
        "receipts": len(told["receipts"]),
        "documents": len(told.get("documents", ())),
        "troubles": told["troubles"],
        "remarks": told["remarks"],
    }


def _told(command: list[str]) -> Visit:
    """What the visit came to; a terminal that does not come up is started again."""
    for _ in range(STARTS):
        ended = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=VISIT_WITHIN_S, check=False
        )
        if ended.stdout.lstrip().startswith("{"):
            told: Visit = json.loads(ended.stdout)
            return told
    said = ended.stderr.strip().splitlines()[-1:]
    return {
        "outcome": "unperformed", "duration_s": 0.0, "screens": [], "receipts": [],
        "troubles": [], "remarks": said,
    }  # fmt: skip


def main(words: list[str] | None = None) -> int:
    """Perform and write; 1 where an item did not end done."""
    parser = argparse.ArgumentParser(description="Perform every item, and write docs/ITEMS.md.")
    parser.add_argument("--only", nargs="+", metavar="ID", help="these items alone")
    parser.add_argument("--table", action="store_true", help="write the table, perform nothing")
    given = parser.parse_args(words)
    catalogue = items()
    visits = {i.id: v for i in catalogue if (v := kept().get(i.id))}
    undone = []
    for item in () if given.table else catalogue:
        if given.only and item.id not in given.only:
            continue
        visits[item.id] = visit = perform(item)
        sys.stdout.write(f"{item.id}: {visit['outcome']} after {visit['seconds']} s\n")
        sys.stdout.flush()
        if visit["outcome"] != "done":
            undone.append(item.id)
            sys.stdout.write("".join(f"  {remark}\n" for remark in visit["remarks"]))
        _write(catalogue, visits)
    _write(catalogue, visits)
    if undone:
        sys.stderr.write(f"Not done: {', '.join(undone)}\n")
    return int(bool(undone))


def _write(catalogue: tuple[Item, ...], visits: Mapping[str, Visit]) -> None:
    """Put the page and the visits in place of those before."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    ordered = {item.id: visits[item.id] for item in catalogue if item.id in visits}
    VISITS.write_text(json.dumps(ordered, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    TABLE.write_text(table(catalogue, ordered), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
