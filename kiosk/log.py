"""Writes down what happens, as events of kiosk/events.py and nothing else.

`log` is light enough for the time before the first picture: records wait in memory until a sink is
attached (kiosk/logfile.py), which the terminal does once citizens see something.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime

from kiosk.events import EVENTS, Level

WAITING_RECORDS = 1000
"""Kept until the first sink is attached: far more than a start produces."""

Value = str | int | float | bool
Record = Mapping[str, Value]
Sink = Callable[[Record], None]


class UndeclaredError(TypeError):
    """An event or a field that kiosk/events.py does not declare: a bug in the caller."""


_lock = threading.RLock()
_sinks: list[Sink] = []
_waiting: deque[Record] = deque(maxlen=WAITING_RECORDS)


def log(event: str, **fields: Value) -> None:
    """Write one event, from any thread.

    A text that does not have its field's form is replaced by `[refused]`, so that data from outside
    can neither stop the terminal nor slip into the log. Raises UndeclaredError for an event, a
    field or a type of value that kiosk/events.py does not know.
    """
    record = _record(event, fields)
    with _lock:
        if not _sinks:
            _waiting.append(record)
        for sink in _sinks:
            sink(record)


def attach(sink: Sink) -> Callable[[], None]:
    """Give every record to `sink` from now on, first those that waited; returns what ends it.

    Sinks are called one record at a time and raise nothing.
    """
    with _lock:
        _sinks.append(sink)
        while _waiting:
            sink(_waiting.popleft())

    def detach() -> None:
        with _lock:
            if sink in _sinks:
                _sinks.remove(sink)

    return detach


def _record(event: str, fields: Mapping[str, Value]) -> Record:
    declared = EVENTS.get(event)
    if declared is None:
        raise UndeclaredError(f"kiosk/events.py declares no event {event!r}")
    record: dict[str, Value] = {
        "at": datetime.now().astimezone().isoformat(timespec="milliseconds"),
        "level": declared.level.value,
        "event": event,
    }
    for name, value in fields.items():
        field = declared.fields.get(name)
        if field is None:
            raise UndeclaredError(f"event {event!r} declares no field {name!r}")
        try:
            record[name] = field.written(value)
        except TypeError as error:
            raise UndeclaredError(f"field {name!r} of {event!r} takes {error}") from None
    return record


def level_of(record: Record) -> Level:
    """The level of a record."""
    return Level(str(record["level"]))
