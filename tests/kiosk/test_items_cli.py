"""`kiosk items`: what there is, and the operator's switch."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from kiosk.cli.commands import app
from kiosk.switches import FILE_NAME, read


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def items(state: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["items", *words, "--state", str(state)], prog_name="kiosk")


def listed(state: Path) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in json.loads(items(state, "list", "--json").stdout)}


def test_the_list_tells_everything_of_each_item(state: Path) -> None:
    row = listed(state)["own-property"]

    assert row["proof"] == 2
    assert row["devices"] == ["id_card"]
    assert row["departments"] == ["property"]
    assert row["hours"] == "always"
    assert row["self_service"] is True
    assert row["channels"][0] == "window"
    assert row["open"] is True
    assert row["fallback"]


def test_a_closed_item_stays_closed_until_it_is_opened(state: Path) -> None:
    assert items(state, "close", "own-property", "--reason", "系统维护").exit_code == 0
    row = listed(state)["own-property"]
    assert (row["open"], row["reason"], row["until"]) == (False, "系统维护", None)
    assert "closed: 系统维护" in items(state, "list").stdout

    assert items(state, "open", "own-property").exit_code == 0
    assert listed(state)["own-property"]["open"] is True


@pytest.mark.parametrize("form", ["%H:%M", "%Y-%m-%dT%H:%M:%S"])
def test_until_is_a_time_of_the_day_or_a_whole_time(state: Path, form: str) -> None:
    wanted = (datetime.now().astimezone() + timedelta(hours=1)).replace(second=0, microsecond=0)

    told = items(state, "close", "own-property", "--reason", "x", "--until", wanted.strftime(form))

    assert told.exit_code == 0
    assert read(state / FILE_NAME)["own-property"].until == wanted


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("close", "nothing", "--reason", "x"), "no item 'nothing'"),
        (("open", "nothing"), "no item 'nothing'"),
        (("close", "own-property"), "--reason"),
        (("close", "own-property", "--reason", " "), "say why"),
        (("close", "own-property", "--reason", "x" * 61), "one line of at most 60"),
        (("close", "own-property", "--reason", "x", "--until", "noon"), "give 14:30"),
        (("close", "own-property", "--reason", "x", "--until", "2020-01-01T10:00"), "is over"),
    ],
)
def test_a_wrong_command_line_ends_with_two(state: Path, words: tuple[str, ...], told: str) -> None:
    ended = items(state, *words)

    assert ended.exit_code == 2
    assert told in " ".join(ended.output.split())
    assert not (state / FILE_NAME).exists()


def test_a_broken_file_is_told_and_replaced(state: Path) -> None:
    state.mkdir()
    (state / FILE_NAME).write_text("{")

    assert "cannot be read" in items(state, "list").stderr
    assert items(state, "close", "own-property", "--reason", "x").exit_code == 0
    assert list(read(state / FILE_NAME)) == ["own-property"]


def test_a_state_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")

    ended = items(in_the_way, "open", "own-property")

    assert ended.exit_code == 1
    assert "cannot be written" in ended.stderr
