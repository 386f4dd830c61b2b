"""The doctor's check of the trusted roots: whether sealed documents would be taken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from kiosk.config import Config
from kiosk.doctor.finding import Finding, bad, ok, warn
from kiosk.roots import remarks

CHECK = "seals"


def roots(config: Config, directory: Path, now: datetime | None = None) -> Iterator[Finding]:
    """One finding for each trusted root, or one for there being none. `directory` is the configuration's."""
    for remark in remarks(config, directory, now or datetime.now(UTC)):
        if remark.grave:
            yield bad(CHECK, remark.what, remark.remedy)
        elif remark.remedy:
            yield warn(CHECK, remark.what, remark.remedy)
        else:
            yield ok(CHECK, remark.what)
