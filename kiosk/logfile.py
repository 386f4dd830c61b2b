"""Keeps the log: one JSON object a line, one file a day, for at least six months.

The Cybersecurity Law (article 21) wants network logs kept for six months; `retention_days` says for
how long, `max_mib` how much disk they may take at most. OPERATIONS.md B: the centre keeps them too.
"""

from __future__ import annotations

import json
import os
from datetime import date, timedelta
from pathlib import Path
from typing import TextIO

from kiosk.events import Level
from kiosk.log import Record, level_of

FILE_FORM = "kiosk-{day}.jsonl"
FILE_MODE = 0o600
MIB = 2**20


class Stream:
    """A sink that writes to an open text stream, such as the standard error that systemd keeps."""

    def __init__(self, stream: TextIO, least: Level = Level.INFO) -> None:
        self._stream = stream
        self._least = least

    def __call__(self, record: Record) -> None:
        if not level_of(record).reaches(self._least):
            return
        try:
            self._stream.write(as_line(record))
            self._stream.flush()
        except (OSError, ValueError):  # closed: whoever read it is gone
            return


class DailyFile:
    """A sink that writes to `directory`/kiosk-YYYY-MM-DD.jsonl and forgets what is too old.

    A disk that is full or gone costs events, never the terminal: the number lost is written as
    `log.lost` once writing works again.
    """

    def __init__(self, directory: Path, least: Level, retention_days: int, max_mib: int) -> None:
        self._directory = directory
        self._least = least
        self._keep = timedelta(days=retention_days)
        self._max_bytes = max_mib * MIB
        self._day: date | None = None
        self._file: TextIO | None = None
        self._lost = 0

    def __call__(self, record: Record) -> None:
        if not level_of(record).reaches(self._least):
            return
        day = date.fromisoformat(str(record["at"])[:10])
        try:
            file = self._open(day)
            if self._lost:
                file.write(as_line(_lost_before(record, self._lost)))
            file.write(as_line(record))
            file.flush()
        except OSError:
            self._lost += 1
            self._file = None
        else:
            self._lost = 0

    def close(self) -> None:
        """Close the day's file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self, day: date) -> TextIO:
        if self._file is not None and self._day == day:
            return self._file
        self.close()
        self._directory.mkdir(parents=True, exist_ok=True)
        self._day = day
        self._forget(day)
        path = self._directory / FILE_FORM.format(day=day.isoformat())
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, FILE_MODE)
        self._file = open(descriptor, "a", encoding="utf-8")  # noqa: SIM115 - open for the day
        return self._file

    def _forget(self, today: date) -> None:
        """Remove files past their time, and the oldest ones until the rest fits."""
        oldest = FILE_FORM.format(day=(today - self._keep).isoformat())
        files = sorted(self._directory.glob(FILE_FORM.format(day="*")))
        total = sum(file.stat().st_size for file in files)
        for file in files:
            if file.name >= oldest and total <= self._max_bytes:
                break
            total -= file.stat().st_size
            file.unlink()


def as_line(record: Record) -> str:
    """One record as one line of JSON."""
    return json.dumps(dict(record), ensure_ascii=False, separators=(",", ":")) + "\n"


def _lost_before(record: Record, events: int) -> Record:
    return {"at": record["at"], "level": "error", "event": "log.lost", "events": events}
