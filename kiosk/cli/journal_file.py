"""Where `kiosk journal` finds its file, and how it opens it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.cli.options import ConfigDir, StateDir, config_at, fail, loaded, state_at

if TYPE_CHECKING:
    from kiosk.journal import Journal

FILE = "journal.sqlite"
"""Where terminal.toml says nothing else (kiosk/config.py, `Journal`)."""

PLAIN_NAME = re.compile(r"\w[\w.-]*")


def at(config: ConfigDir, state: StateDir) -> Path:
    """The journal's file; ends the command with 1 where there is none."""
    name = _name_in(config_at(config) / "terminal.toml") or loaded(config).journal.path
    path = state_at(state) / name
    if not path.exists():
        fail(f"no journal at {path}: no terminal ran with this state directory")
    return path


def _name_in(terminal_toml: Path) -> str:
    """The name that `terminal_toml` gives the journal; "" where it needs the whole check.

    Read alone, that takes a tenth of the check's time, and whoever asks about money is answered although a
    device in there is wrong.
    """
    try:
        section = tomllib.loads(terminal_toml.read_text(encoding="utf-8")).get("journal", {})
        name = section.get("path", FILE)
    except (OSError, ValueError, AttributeError):
        return ""
    return name if isinstance(name, str) and PLAIN_NAME.fullmatch(name) else ""


@contextmanager
def opened(config: ConfigDir, state: StateDir, *, write: bool = False) -> Iterator[Journal]:
    """The journal; ends the command with 1 where it cannot be used."""
    from kiosk.journal import Journal, JournalBroken

    path = at(config, state)
    try:
        journal = Journal(path, read_only=not write)
        try:
            yield journal
        finally:
            journal.close()
    except JournalBroken as error:
        fail(f"{path} cannot be {'written' if write else 'read'} ({error})")
