"""The log carries declared events with fields of declared forms, and nothing else."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import events
from kiosk.events import EVENTS, REFUSED, Level, Number, Word
from kiosk.log import Record, UndeclaredError, attach, log
from kiosk.logfile import DailyFile, Stream, as_line

PROGRAM = Path(events.__file__).parent

ID_NUMBER = "37108319600101123X"
PERSONAL = (ID_NUMBER, "371083196001011233", "王秀兰", "13800001234", "134567890123456789")


def test_declared_event_reaches_the_sink_with_its_level_and_fields(heard: list[Record]) -> None:
    log("device.lost", device="id_card", code="port.gone", act="suspend")

    assert {key: value for key, value in heard[0].items() if key != "at"} == {
        "level": "warning",
        "event": "device.lost",
        "device": "id_card",
        "code": "port.gone",
        "act": "suspend",
    }


def test_undeclared_event_is_refused() -> None:
    with pytest.raises(UndeclaredError, match=r"device\.exploded"):
        log("device.exploded")


def test_undeclared_field_is_refused_without_its_value(heard: list[Record]) -> None:
    with pytest.raises(UndeclaredError) as refusal:
        log("item.started", item="own-property", visit="0" * 16, name=ID_NUMBER)

    assert ID_NUMBER not in str(refusal.value)
    assert heard == []


@pytest.mark.parametrize("value", [3, True, None])
def test_field_of_another_type_is_refused(value: object) -> None:
    with pytest.raises(UndeclaredError):
        log("item.started", item=value, visit="0" * 16)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", PERSONAL)
def test_no_text_field_of_any_event_takes_personal_data(value: str, heard: list[Record]) -> None:
    words = [
        (event, name)
        for event, declared in EVENTS.items()
        for name, field in declared.fields.items()
        if isinstance(field, Word)
    ]
    for event, name in words:
        log(event, **{name: value})

    assert len(heard) == len(words) > 20
    assert value not in json.dumps(heard, ensure_ascii=False)
    assert all(REFUSED in record.values() for record in heard)


@given(st.from_regex(r"[0-9]{17}[0-9X]|[0-9]{15}|1[0-9]{10}", fullmatch=True))
def test_no_form_fits_an_id_number_or_a_telephone_number(number: str) -> None:
    forms = [value for value in vars(events).values() if isinstance(value, Word)]

    assert [form.form for form in forms if form.written(number) != REFUSED] == []


def test_every_event_says_what_it_means_in_the_printed_catalogue() -> None:
    page = events.as_markdown()

    for name, event in EVENTS.items():
        assert re.fullmatch(r"[a-z]+(\.[a-z_]+)+", name)
        assert f"| `{name}` | {event.level} | {event.means} |" in page


def logged_in(source: Path) -> Iterator[tuple[str, set[str]]]:
    """Every event that a module logs, with the fields it gives."""
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "log" and node.args:
            event = node.args[0]
            if isinstance(event, ast.Constant):
                yield str(event.value), {word.arg for word in node.keywords if word.arg}


@pytest.mark.parametrize(
    "source",
    sorted(file for file in PROGRAM.rglob("*.py") if file.name != "log.py"),
    ids=lambda file: str(file.relative_to(PROGRAM)),
)
def test_a_module_logs_declared_events_with_declared_fields(source: Path) -> None:
    for event, fields in logged_in(source):
        assert event in EVENTS
        assert fields <= set(EVENTS[event].fields), event


def test_the_reading_of_modules_finds_their_events() -> None:
    found = dict(logged_in(PROGRAM / "health.py"))

    assert found["device.lost"] == {"device", "code", "act"}


def test_numbers_are_no_booleans() -> None:
    with pytest.raises(TypeError):
        Number().written(True)


def test_records_wait_until_somebody_listens() -> None:
    # GIVEN nobody listens yet
    log("maintenance.left")

    # WHEN a sink is attached
    records: list[Record] = []
    attach(records.append)()

    # THEN it hears what was said before, and after it left nothing more
    assert records[-1]["event"] == "maintenance.left"
    log("maintenance.left")
    count = len(records)
    attach(lambda record: None)()
    assert len(records) == count


def _record(day: date, level: str = "info") -> Record:
    return {"at": f"{day}T12:00:00.000+08:00", "level": level, "event": "maintenance.left"}


def test_a_day_gets_its_own_file_that_only_the_terminal_can_read(tmp_path: Path) -> None:
    sink = DailyFile(tmp_path / "logs", Level.INFO, 190, 16)
    sink(_record(date(2026, 11, 24)))
    sink(_record(date(2026, 11, 25)))
    sink(_record(date(2026, 11, 25), "debug"))
    sink.close()

    files = sorted((tmp_path / "logs").iterdir())
    assert [file.name for file in files] == ["kiosk-2026-11-24.jsonl", "kiosk-2026-11-25.jsonl"]
    assert [file.read_text().count("\n") for file in files] == [1, 1]
    assert files[0].stat().st_mode & 0o777 == 0o600


def test_files_past_their_time_are_removed_and_the_others_stay(tmp_path: Path) -> None:
    today = date(2026, 11, 24)
    for age in (191, 190, 1):
        (tmp_path / f"kiosk-{today - timedelta(days=age)}.jsonl").write_text("{}\n")

    sink = DailyFile(tmp_path, Level.INFO, 190, 16)
    sink(_record(today))
    sink.close()

    kept = sorted(file.name[6:16] for file in tmp_path.iterdir())
    assert kept == [str(today - timedelta(days=age)) for age in (190, 1, 0)]


def test_the_oldest_files_give_way_where_all_take_too_much_room(tmp_path: Path) -> None:
    today = date(2026, 11, 24)
    for age in (3, 2, 1):
        (tmp_path / f"kiosk-{today - timedelta(days=age)}.jsonl").write_bytes(b"x" * 600 * 1024)

    sink = DailyFile(tmp_path, Level.INFO, 190, 1)
    sink(_record(today))
    sink.close()

    assert len(list(tmp_path.iterdir())) == 2


def test_a_lost_disk_costs_events_and_says_how_many_once_it_is_back(tmp_path: Path) -> None:
    # GIVEN a directory that cannot be made
    place = tmp_path / "logs"
    place.write_text("in the way")
    sink = DailyFile(place, Level.INFO, 190, 16)

    # WHEN events come meanwhile, and after it is back
    sink(_record(date(2026, 11, 24)))
    sink(_record(date(2026, 11, 24)))
    place.unlink()
    sink(_record(date(2026, 11, 24)))
    sink.close()

    # THEN the file begins with how many are missing
    lines = (place / "kiosk-2026-11-24.jsonl").read_text().splitlines()
    assert json.loads(lines[0])["event"] == "log.lost"
    assert json.loads(lines[0])["events"] == 2
    assert len(lines) == 2


def test_a_closed_stream_is_no_trouble(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as stream:
        sink = Stream(stream)
        sink(_record(date(2026, 11, 24)))
    sink(_record(date(2026, 11, 24)))

    assert (tmp_path / "out").read_text() == as_line(_record(date(2026, 11, 24)))
