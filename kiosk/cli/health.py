"""`kiosk health`: what the devices were, over time."""

from __future__ import annotations

import re
import time
from datetime import datetime
from typing import Annotated

import typer

from kiosk.cli.commands import EXIT_CODES, PLAIN
from kiosk.cli.options import (
    AsJson,
    ConfigDir,
    StateDir,
    fail,
    loaded,
    say_json,
    say_table,
    state_at,
)

app = typer.Typer(no_args_is_help=True, epilog=EXIT_CODES, **PLAIN)

AGO = re.compile(r"(\d+)([smhd])")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@app.callback()
def _health() -> None:
    """What the devices were, over time."""


@app.command(epilog=EXIT_CODES)
def log(
    device: Annotated[str | None, typer.Option(help="Only this device.")] = None,
    since: Annotated[
        str, typer.Option(help="How long ago (90m, 24h, 7d) or a local time (2026-11-24T08:00).")
    ] = "7d",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The last rows only.")] = 1000,
    state: StateDir = None,
    config: ConfigDir = None,
    as_json: AsJson = False,
) -> None:
    """Print each change of a device's state: when, what, why, and who must act."""
    import sqlite3

    from kiosk.health import HealthHistory

    began = _moment(since)
    if began is None:
        raise typer.BadParameter("give 90m, 24h, 7d or 2026-11-24T08:00", param_hint="--since")
    settings = loaded(config).health
    path = state_at(state) / settings.path
    if not path.exists():
        fail(f"{path}: no history yet; it begins when the terminal runs (or name --state DIR)")
    try:
        history = HealthHistory(path, settings.retention_days)
        rows = history.rows(device, began, limit)
        history.close()
    except sqlite3.Error as error:
        fail(f"{path}: not readable as a history ({error})")
    if as_json:
        say_json([row.as_json() for row in rows])
        return
    say_table(
        ("time", "device", "state", "fault", "act", "facts"),
        (
            (
                f"{datetime.fromtimestamp(row.at):%Y-%m-%d %H:%M:%S}",
                row.device,
                row.state,
                row.fault,
                row.act,
                " ".join(f"{name}={value}" for name, value in row.facts.items()),
            )
            for row in rows
        ),
    )


def _moment(since: str) -> float | None:
    """Seconds since the epoch; None where `since` is neither an age nor a time."""
    try:
        if ago := AGO.fullmatch(since):
            return time.time() - int(ago[1]) * SECONDS[ago[2]]
        return datetime.fromisoformat(since).timestamp()
    except (ValueError, OverflowError):
        return None
