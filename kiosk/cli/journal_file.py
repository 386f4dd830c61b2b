"""Where `kiosk journal` finds its file, and how it opens it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.cli.options import ConfigDir, StateDir, fail, loaded, state_at

if TYPE_CHECKING:
    from kiosk.journal import Journal


def at(config: ConfigDir, state: StateDir) -> Path:
    """The journal's file; ends the command with 1 where there is none."""
    path = state_at(state) / loaded(config).journal.path
    if not path.exists():
        fail(f"no journal at {path}: no terminal ran with this state directory")
    return path


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
