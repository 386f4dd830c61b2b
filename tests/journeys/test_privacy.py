"""A planted identity, every item performed, and a search through everything that is left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.simulators.cards import CARDS
from kiosk.log import Record, attach
from tests.items import SCRIPTS
from tests.journeys.hall import Hall
from tests.journeys.programs import visit

ITEMS = ("resident-pension-pay", "own-property", "e-invoice-pickup")

PLANTED = "li-na"

TYPED = ("13800138000", "134567890123456789")
"""What a citizen types or holds at some item: a phone's number, a payment code."""

DEPARTMENTS_OWN = "sandbox"
"""The sandbox's books are the departments': they know their citizens."""


def planted(slug: str = PLANTED) -> dict[str, str]:
    """What must be found nowhere: the name, the number, parts of them, the address."""
    card = CARDS[slug]
    return {
        "name": card.name,
        "number": card.id_number,
        "number without its ends": card.id_number[3:16],
        "birth": card.id_number[6:14],
        "address": card.address,
        "street": card.address[-8:],
    }


def forms(text: str) -> Iterator[bytes]:
    """A text in every encoding in which it could be left."""
    for encoding in ("utf-8", "gbk", "utf-16-le"):
        yield text.encode(encoding)
    yield text.encode("unicode_escape")


@pytest.mark.parametrize("item", ITEMS)
def test_nothing_the_terminal_leaves_behind_tells_who_was_there(item: str, tmp_path: Path) -> None:
    # GIVEN a visit with a known card, that scans and shows codes, with its state and pictures kept
    state, shots = tmp_path / "state", tmp_path / "shots"
    words = ("--card", PLANTED, "--shots", str(shots), "--answer", "pay=scan:alipay")
    told = visit(item, *words, state=state)
    assert told["outcome"] == "done"
    # WHEN everything it wrote is searched
    left = {"stdout": told["said"].encode(), "log": told["log"].encode()}
    for file in (*state.rglob("*"), *shots.rglob("*")):
        if file.is_file() and DEPARTMENTS_OWN not in file.relative_to(tmp_path).parts:
            left[str(file.relative_to(tmp_path))] = file.read_bytes()
    # THEN the journal, the logs, the health history and the pictures are there, and none tells
    assert {"state/journal.sqlite", "state/health.sqlite"} <= set(left)
    assert any(name.startswith("state/logs/") for name in left)
    assert any(name.endswith(".png") for name in left)
    for what, text in planted().items():
        for form in forms(text):
            found = [name for name, data in left.items() if form in data]
            assert found == [], f"{what} in {found}"


def test_the_search_would_find_the_identity(tmp_path: Path) -> None:
    # GIVEN the sandbox's books, which are not the terminal's
    visit("own-property", "--card", PLANTED, state=tmp_path)
    books = b"".join(
        file.read_bytes() for file in (tmp_path / DEPARTMENTS_OWN).iterdir() if file.is_file()
    )
    # THEN the same search finds the person there
    assert CARDS[PLANTED].id_number.encode() in books
    assert CARDS[PLANTED].name.encode() in books


def files_in(directory: Path) -> dict[str, bytes]:
    """Every file below `directory`, by name."""
    return {file.name: file.read_bytes() for file in directory.rglob("*") if file.is_file()}


@pytest.fixture
def heard() -> Iterator[list[Record]]:
    """The records logged during the test, of every level."""
    records: list[Record] = []
    detach = attach(records.append)
    yield records
    detach()


@pytest.mark.looptime
@pytest.mark.parametrize("item", SCRIPTS)
async def test_no_item_leaves_a_trace_of_who_was_there(
    item: str, tmp_path: Path, heard: list[Record]
) -> None:
    # GIVEN a visit by script, with its state kept and every record heard
    hall = Hall(tmp_path, item)
    assert await hall.one_visit() == "done"
    await hall.desk.settled()
    await hall.close()
    # WHEN the files, the records and the slips are searched
    left = files_in(tmp_path)
    left |= {f"record {n}": repr(record).encode() for n, record in enumerate(heard)}
    slips = {f"slip {n}": repr(slip).encode() for n, slip in enumerate(hall.printer.slips)}
    # THEN files and records tell nothing, and a slip neither the whole number nor the whole name
    assert "journal.sqlite" in left
    assert heard
    who = planted(SCRIPTS[item].card)
    for what, text in (*who.items(), *enumerate(TYPED)):
        for form in forms(text):
            assert [name for name, data in left.items() if form in data] == [], what
    for what in ("name", "number"):
        assert [n for n, data in slips.items() if who[what].encode() in data] == [], what
