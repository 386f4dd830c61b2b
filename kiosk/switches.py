"""The operator's switch: items taken from this terminal, with the reason that citizens are told.

A small file in the state directory, written by `kiosk items close` and followed by the running terminal.
A file that cannot be read closes nothing, which is said once in the log.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kiosk.catalogue import Closed
from kiosk.log import log
from kiosk.texts import Plain

FILE_NAME = "switches.json"

LOOK_AGAIN_S = 0.5
"""How often the file is looked at: a closed item is grey within two seconds."""

LONGEST_REASON = 60
"""Characters of a reason: it stands on a tile."""

Stamp = tuple[int, int, int] | None


class Unreadable(Exception):
    """The file is not one of switches."""


def read(file: Path) -> dict[str, Closed]:
    """The items that are closed; none where there is no file. Raises Unreadable."""
    try:
        written = json.loads(file.read_text(encoding="utf-8"))
        return {item: _closed(entry) for item, entry in written["closed"].items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as why:
        raise Unreadable(type(why).__name__) from None


def write(file: Path, closed: Mapping[str, Closed]) -> None:
    """Put `closed` in place of what the file held, whole or not at all. Raises OSError."""
    entries = {
        item: {
            "reason": one.reason.text,
            "reason_en": one.reason.en,
            "until": one.until.isoformat() if one.until else None,
        }
        for item, one in sorted(closed.items())
    }
    text = json.dumps({"closed": entries}, ensure_ascii=False, indent=2) + "\n"
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{FILE_NAME}.", dir=file.parent)
    fresh = Path(name)
    try:
        with open(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(file)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def in_force(closed: Mapping[str, Closed], now: datetime) -> dict[str, Closed]:
    """Those whose time has not come to its end."""
    return {item: one for item, one in closed.items() if one.until is None or now < one.until}


def _closed(entry: Mapping[str, object]) -> Closed:
    reason, english, until = entry["reason"], entry.get("reason_en", ""), entry.get("until")
    if not (isinstance(reason, str) and reason.isprintable() and isinstance(english, str)):
        raise ValueError("a reason is one line of text")
    if not reason or max(len(reason), len(english)) > LONGEST_REASON or not english.isprintable():
        raise ValueError("a reason is one line of text")
    if until is None:
        return Closed(Plain(reason, english))
    moment = datetime.fromisoformat(str(until))
    if moment.tzinfo is None:
        raise ValueError("a time has its zone")
    return Closed(Plain(reason, english), moment)


@dataclass(slots=True)
class Switches:
    """The switches as a running terminal follows them. `clock` gives seconds that never go back."""

    file: Path
    clock: Callable[[], float] = time.monotonic
    _looked: float = float("-inf")
    _stamp: Stamp = None
    _closed: Mapping[str, Closed] | None = None

    def closed(self, item: str, now: datetime) -> Closed | None:
        """The switch of `item` where it is set at `now` (aware)."""
        if self._closed is None or self.clock() - self._looked >= LOOK_AGAIN_S:
            self._looked = self.clock()
            self._look()
        one = (self._closed or {}).get(item)
        return one if one and (one.until is None or now < one.until) else None

    def _look(self) -> None:
        stamp = _stamp(self.file)
        if self._closed is not None and stamp == self._stamp:
            return
        before = self._closed or {}
        self._stamp = stamp
        try:
            self._closed = read(self.file)
        except Unreadable:
            self._closed = {}
            log("switches.unreadable", code="switches.unreadable")
        for item in sorted({*before, *self._closed}):
            if (item in before) != (item in self._closed):
                log("item.switched", item=item, state="closed" if item in self._closed else "open")


def _stamp(file: Path) -> Stamp:
    """What changes when the file is written anew; None where it is not there."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
