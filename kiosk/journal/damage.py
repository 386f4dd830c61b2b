"""Remembers beside the journal that it was found damaged: a start looks at its end alone, and would take
payments again until somebody looks at the whole."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from kiosk.journal.trouble import DAMAGED, JournalBroken
from kiosk.journal.verification import flaws_of


def _mark(path: Path) -> Path:
    return path.with_name(f"{path.name}.damaged")


def remember(path: Path, where: str) -> None:
    """Leave word for the next start; where the disk takes none, that start finds out by itself later."""
    with suppress(OSError):
        _mark(path).write_text(f"{where}\n", encoding="utf-8")


def remembered(path: Path) -> str:
    """Where the journal was found damaged; "" where it was not."""
    try:
        return _mark(path).read_text(encoding="utf-8", errors="replace").strip() or DAMAGED
    except OSError:
        return ""


def look_again(path: Path) -> None:
    """Check the whole of a journal that was found damaged; it may have been put right since.

    Raises JournalBroken.
    """
    if not remembered(path) or not path.exists():
        return
    if flaws := flaws_of(path):
        raise JournalBroken(DAMAGED, str(flaws[0]))
    forget(path)


def forget(path: Path) -> None:
    """There is another journal now, or it is whole."""
    with suppress(OSError):
        _mark(path).unlink()
