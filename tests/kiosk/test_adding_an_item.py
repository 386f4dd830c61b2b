"""docs/ADDING-AN-ITEM.md adds one more item to the catalogue, without code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kiosk.catalogue import load_catalogue
from kiosk.cli.commands import app
from kiosk.views import Chosen, Finished, Record, Typed
from tests.journeys import hall as halls
from tests.journeys.hall import Hall

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "ADDING-AN-ITEM.md"
ITEM = "own-unit"


def example() -> str:
    """The item's file as the document has it."""
    found = re.findall(r"^```toml\n(.*?)^```", DOCUMENT.read_text("utf-8"), re.S | re.M)
    assert len(found) == 1
    return str(found[0])


@pytest.fixture
def added(config_dir: Path) -> Path:
    """A copy of the configuration with the document's item in it."""
    (config_dir / "services" / f"{ITEM}.toml").write_text(example(), encoding="utf-8")
    return config_dir


def test_the_documents_item_is_right(added: Path) -> None:
    before = load_catalogue(halls.CONFIG)
    told = CliRunner().invoke(app, ["config", "check", "--config", str(added)], prog_name="kiosk")

    assert told.exit_code == 0, told.output
    assert isinstance(before, tuple)
    assert f"with {len(before) + 1} items" in told.output


@pytest.mark.looptime
async def test_the_documents_item_is_performed_without_code(
    added: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN the item among the terminal's
    loaded = load_catalogue(added)
    assert isinstance(loaded, tuple)
    item = next(one for one in loaded if one.id == ITEM)
    monkeypatch.setitem(halls.ITEMS, ITEM, item)
    hall = Hall(tmp_path, ITEM)
    citizens = hall.sandbox.control("/citizens")
    unit = next(one["units"][0] for one in citizens if one["slug"] == "wang-xiulan")
    hall.stage.expect(
        {
            f"{ITEM}.unit": Typed(unit),
            f"{ITEM}.purpose": Chosen("loan"),
            f"{ITEM}.read": Chosen("take"),
        }
    )

    # WHEN a citizen performs it
    outcome = await hall.one_visit()

    # THEN it is done: read, and taken along on a slip
    assert outcome == "done"
    read = next(view for view in hall.stage.asked if isinstance(view, Record))
    assert len(read.sections[0].rows) == 4  # type: ignore[union-attr]
    assert any(isinstance(view, Finished) for view in hall.stage.asked)
    assert [slip.job for slip in hall.printer.slips] == [unit]
    await hall.close()
