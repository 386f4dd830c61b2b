"""The history of the devices: what each was, from when to when, and why, in SQLite.

A row is written when something about a device changes, never at a poll. What changes with every
citizen (a card laid, the scanner's light, a command under way) is no change of health and not kept:
the history says nothing about people.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from devices.status import DeviceState, Health
from kiosk.log import log

PASSING_FACTS = frozenset({"card", "power", "light"})
"""Facts that follow a citizen's doing, not the device's health."""

BUSY_TIMEOUT_S = 5.0
"""How long a write waits for `kiosk health log` reading the same file."""

DAY_S = 86400

SCHEMA = """
CREATE TABLE IF NOT EXISTS health (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,           -- seconds since the epoch
    device TEXT NOT NULL,
    kind TEXT NOT NULL,
    type TEXT NOT NULL,
    port TEXT NOT NULL,
    state TEXT NOT NULL,
    fault TEXT NOT NULL,        -- its code, or ''
    act TEXT NOT NULL,          -- who must act, or ''
    detail TEXT NOT NULL,
    facts TEXT NOT NULL         -- JSON object
) STRICT;
CREATE INDEX IF NOT EXISTS health_by_device ON health (device, at);
"""

COLUMNS = "at, device, kind, type, port, state, fault, act, detail, facts"


@dataclass(frozen=True, slots=True)
class HealthRow:
    """What a device was from `at` (seconds since the epoch) until its next row."""

    at: float
    device: str
    kind: str
    type: str
    port: str
    state: str
    fault: str
    act: str
    detail: str
    facts: Mapping[str, str]

    def same_as(self, other: HealthRow) -> bool:
        """Whether nothing but the time differs."""
        return self._what() == other._what()

    def _what(self) -> tuple[str, ...]:
        facts = json.dumps(dict(self.facts), sort_keys=True, ensure_ascii=False)
        return (self.type, self.port, self.state, self.fault, self.act, self.detail, facts)

    def as_json(self) -> dict[str, object]:
        """For `kiosk health log --json`: the time as RFC 3339 in UTC."""
        when = datetime.fromtimestamp(self.at, UTC).isoformat(timespec="milliseconds")
        return {
            "at": when.replace("+00:00", "Z"),
            "device": self.device,
            "kind": self.kind,
            "type": self.type,
            "port": self.port,
            "state": self.state,
            "fault": self.fault,
            "act": self.act,
            "detail": self.detail,
            "facts": dict(self.facts),
        }


class HealthHistory:
    """The history in one SQLite file; safe to use from the devices' threads.

    Raises sqlite3.Error where the file cannot be opened or is not a history.
    """

    def __init__(
        self, path: Path, retention_days: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._clock = clock
        self._keep_s = retention_days * DAY_S
        self._lock = threading.Lock()
        self._broken = False
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, BUSY_TIMEOUT_S, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(SCHEMA)
        self._last = self.latest()
        self._forget()

    def record(self, health: Health) -> HealthRow | None:
        """Write down what changed; None where nothing did.

        A disk that is full or gone costs rows, never the terminal: said once as `health.broken`.
        """
        row = _row(health, self._clock())
        with self._lock:
            last = self._last.get(row.device)
            if last is not None and row.same_as(last):
                return None
            self._last[row.device] = row
            try:
                self._write(row)
            except sqlite3.Error as error:
                if not self._broken:
                    log("health.broken", code=_code(error))
                self._broken = True
            else:
                self._broken = False
        return row

    def rows(
        self, device: str | None = None, since: float = 0.0, limit: int = 1000
    ) -> tuple[HealthRow, ...]:
        """The last `limit` rows from `since` (seconds since the epoch) on, oldest first."""
        where = "at >= ?" if device is None else "at >= ? AND device = ?"
        given = (since,) if device is None else (since, device)
        query = f"SELECT {COLUMNS} FROM health WHERE {where} ORDER BY id DESC LIMIT ?"
        with self._lock:
            found = self._db.execute(query, (*given, limit)).fetchall()
        return tuple(_from_db(values) for values in reversed(found))

    def latest(self) -> dict[str, HealthRow]:
        """What each device is, or was last, by its name."""
        newest = "SELECT max(id) FROM health GROUP BY device"
        with self._lock:
            found = self._db.execute(f"SELECT {COLUMNS} FROM health WHERE id IN ({newest})")
            return {row.device: row for row in map(_from_db, found)}

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _write(self, row: HealthRow) -> None:
        facts = json.dumps(dict(row.facts), ensure_ascii=False)
        values = (row.at, row.device, row.kind, row.type, row.port, row.state, row.fault)
        marks = ", ".join("?" * 10)
        with self._db:
            self._db.execute(
                f"INSERT INTO health ({COLUMNS}) VALUES ({marks})",
                (*values, row.act, row.detail, facts),
            )

    def _forget(self) -> None:
        """Drop rows past their time, but each device's last one: it still holds."""
        with self._db:
            self._db.execute(
                "DELETE FROM health WHERE at < ? AND id NOT IN"
                " (SELECT max(id) FROM health GROUP BY device)",
                (self._clock() - self._keep_s,),
            )


class Listenable(Protocol):
    """A device as its watch sees it."""

    def health(self) -> Health: ...

    def listen(self, listener: Callable[[Health], None]) -> Callable[[], None]: ...


class Watch:
    """Follows one device: changes go into the history, loss and return into the log, once each."""

    def __init__(self, device: Listenable, history: HealthHistory | None) -> None:
        self._history = history
        self._lost_at: float | None = None
        self._fault = ""
        self._lock = threading.Lock()
        self._unlisten = device.listen(self._heard)
        self._heard(device.health())

    def close(self) -> None:
        """Follow no more."""
        self._unlisten()

    def _heard(self, health: Health) -> None:
        if self._history is not None:
            self._history.record(health)
        if health.state is DeviceState.STARTING:
            return
        with self._lock:
            self._tell(health)

    def _tell(self, health: Health) -> None:
        if not health.usable:
            self._gone(health)
            return
        if self._lost_at is not None:
            log("device.back", device=health.name, seconds=round(time.time() - self._lost_at, 1))
            self._lost_at, self._fault = None, ""
        self._faulty(health)

    def _gone(self, health: Health) -> None:
        if self._lost_at is not None:
            return
        self._lost_at = time.time()
        code, act = (health.fault.code, health.fault.act.value) if health.fault else ("", "")
        log(
            "device.lost", device=health.name, code=code or health.state.value, act=act or "suspend"
        )

    def _faulty(self, health: Health) -> None:
        code = health.fault.code if health.fault else ""
        if code == self._fault:
            return
        if health.fault:
            act = health.fault.act.value
            log("device.fault", device=health.name, code=code, act=act)
        else:
            log("device.cleared", device=health.name, code=self._fault)
        self._fault = code


def _row(health: Health, at: float) -> HealthRow:
    state = DeviceState.ONLINE if health.state is DeviceState.BUSY else health.state
    fault = health.fault
    return HealthRow(
        at=at,
        device=health.name,
        kind=health.kind,
        type=health.type,
        port=health.port,
        state=state.value,
        fault=fault.code if fault else "",
        act=fault.act.value if fault else "",
        detail=fault.detail if fault else "",
        facts={
            name: str(value) for name, value in health.facts.items() if name not in PASSING_FACTS
        },
    )


def _from_db(values: tuple[float, str, str, str, str, str, str, str, str, str]) -> HealthRow:
    return HealthRow(*values[:-1], facts=json.loads(values[-1]))


def _code(error: sqlite3.Error) -> str:
    """SQLite's own name of what went wrong, as a code: sqlite.full, sqlite.ioerr_write."""
    name = getattr(error, "sqlite_errorname", "") or "SQLITE_ERROR"
    return "sqlite." + name.removeprefix("SQLITE_").lower()
