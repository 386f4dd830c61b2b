"""The operator's switch: written whole, read tolerantly, followed by a running terminal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.catalogue import Closed
from kiosk.log import Record
from kiosk.switches import LOOK_AGAIN_S, Switches, Unreadable, in_force, read, write
from kiosk.texts import Plain

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
MAINTENANCE = Closed(Plain("系统维护", "Maintenance"))
UNTIL_NOON = Closed(Plain("午前停办"), NOW + timedelta(hours=2))


class Watch:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "switches.json"


def test_what_is_written_is_read(file: Path) -> None:
    write(file, {"a": MAINTENANCE, "b": UNTIL_NOON})

    assert read(file) == {"a": MAINTENANCE, "b": UNTIL_NOON}
    assert [path.name for path in file.parent.iterdir()] == ["switches.json"]


def test_without_a_file_nothing_is_closed(file: Path) -> None:
    assert read(file) == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"closed": []}',
        '{"closed": {"a": {}}}',
        '{"closed": {"a": {"reason": ""}}}',
        '{"closed": {"a": {"reason": 5}}}',
        '{"closed": {"a": {"reason": "x", "until": "tomorrow"}}}',
        '{"closed": {"a": {"reason": "x", "until": "2026-11-25T10:00:00"}}}',
        '{"closed": {"a": {"reason": "' + "x" * 61 + '"}}}',
        '{"closed": {"a": {"reason": "two\\nlines"}}}',
    ],
)
def test_a_broken_file_closes_nothing_and_is_told_once(
    file: Path, text: str, heard: list[Record]
) -> None:
    file.write_text(text)
    watch = Watch()
    switches = Switches(file, watch)

    for _ in range(3):
        assert switches.closed("a", NOW) is None
        watch.seconds += LOOK_AGAIN_S
    with pytest.raises(Unreadable):
        read(file)
    assert [record["event"] for record in heard] == ["switches.unreadable"]


def test_a_running_terminal_follows_the_file_and_logs_it(file: Path, heard: list[Record]) -> None:
    watch = Watch()
    switches = Switches(file, watch)
    assert switches.closed("a", NOW) is None

    write(file, {"a": MAINTENANCE})
    assert switches.closed("a", NOW) is None  # not looked at again yet
    watch.seconds += LOOK_AGAIN_S
    assert switches.closed("a", NOW) == MAINTENANCE
    assert switches.closed("b", NOW) is None

    write(file, {})
    watch.seconds += LOOK_AGAIN_S
    assert switches.closed("a", NOW) is None
    assert [(r["event"], r["item"], r["state"]) for r in heard] == [
        ("item.switched", "a", "closed"),
        ("item.switched", "a", "open"),
    ]


def test_a_switch_opens_by_itself_when_its_time_comes(file: Path) -> None:
    write(file, {"b": UNTIL_NOON})
    switches = Switches(file, Watch())

    assert switches.closed("b", NOW) == UNTIL_NOON
    assert switches.closed("b", NOW + timedelta(hours=2)) is None
    assert in_force({"a": MAINTENANCE, "b": UNTIL_NOON}, NOW + timedelta(hours=2)) == {
        "a": MAINTENANCE
    }


def test_a_file_that_comes_back_whole_counts_again(file: Path) -> None:
    watch = Watch()
    switches = Switches(file, watch)
    file.write_text("{")
    assert switches.closed("a", NOW) is None

    write(file, {"a": MAINTENANCE})
    watch.seconds += LOOK_AGAIN_S

    assert switches.closed("a", NOW) == MAINTENANCE
