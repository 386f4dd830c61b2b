"""`kiosk devices watch`: every change of every device, one line each, until Ctrl-C."""

from __future__ import annotations

import json
import queue
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.options import AsJson, ConfigDir, StateDir, loaded, state_at

if TYPE_CHECKING:
    from pathlib import Path

    from devices.status import Health
    from kiosk.config import Config
    from kiosk.health import HealthRow

LOOK_EVERY_S = 0.5
"""How often the history of a running terminal is read for changes."""

For = Annotated[
    float | None, typer.Option("--for", metavar="S", min=0, help="End after so many seconds.")
]


def watch(
    for_s: For = None, config: ConfigDir = None, state: StateDir = None, as_json: AsJson = False
) -> None:
    """Print what each device is, then a line for each change, until Ctrl-C.

    With --json each line is a JSON object. Devices that no other program holds are opened; those of a
    running terminal are followed through what it writes down; simulated ones get their simulators.
    """
    settings = loaded(config)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    until = None if for_s is None else time.monotonic() + for_s
    changes: queue.Queue[Health | HealthRow] = queue.Queue()
    with _followed(settings, state_at(state), changes, ended):
        while not ended.is_set() and (until is None or time.monotonic() < until):
            try:
                change = changes.get(timeout=LOOK_EVERY_S)
            except queue.Empty:
                continue
            if ended.is_set():  # Ctrl-C ends the simulators too: that is no device lost
                break
            typer.echo(
                json.dumps(_as_row(change), ensure_ascii=False) if as_json else _line(change)
            )


@contextmanager
def _followed(
    config: Config, state: Path, changes: queue.Queue[Health | HealthRow], ended: threading.Event
) -> Iterator[None]:
    """Have every change of every device put into `changes`."""
    from devices.hotplug import listening
    from kiosk.trial import PORT_HELD, opened, simulator_of

    with ExitStack() as stack:
        held: set[str] = set()
        open_ones = []
        for name, device in config.devices.named():
            if device.simulated:
                port = stack.enter_context(simulator_of(device))
                device = device.model_copy(update={"port": port})
            adapter = stack.enter_context(opened(name, device))
            health = adapter.health()
            if health.fault is not None and health.fault.code in PORT_HELD:
                held.add(name)
                adapter.close()
                continue
            changes.put(health)
            stack.callback(adapter.listen(changes.put))
            open_ones.append(adapter)
        hotplug = listening(lambda: tuple(open_ones))
        if hotplug is not None:
            stack.callback(hotplug.close)
        if held:
            path = state / config.health.path
            words = (path, config.health.retention_days, held, changes, ended)
            reader = threading.Thread(target=_follow_history, args=words, daemon=True)
            reader.start()
        yield


def _follow_history(
    path: Path,
    retention_days: int,
    held: set[str],
    changes: queue.Queue[Health | HealthRow],
    ended: threading.Event,
) -> None:
    """Put each new row of the devices that a running terminal holds into `changes`."""
    import sqlite3

    from kiosk.health import HealthHistory

    while not path.exists():
        if ended.wait(LOOK_EVERY_S):
            return
    try:
        history = HealthHistory(path, retention_days)
    except sqlite3.Error as error:
        typer.echo(f"{path}: not readable as a history ({error})", err=True)
        return
    try:
        told: dict[str, float] = {}
        for name, row in history.latest().items():
            if name in held:
                told[name] = row.at
                changes.put(row)
        while not ended.wait(LOOK_EVERY_S):
            for name in held:
                for row in history.rows(name, since=told.get(name, 0.0)):
                    if row.at != told.get(name):
                        told[name] = row.at
                        changes.put(row)
    finally:
        history.close()


def _as_row(change: Health | HealthRow) -> dict[str, object]:
    from kiosk.health import HealthRow

    if isinstance(change, HealthRow):
        return change.as_json()
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    fault = change.fault
    return {
        "at": now,
        "device": change.name,
        "kind": change.kind,
        "type": change.type,
        "port": change.port,
        "state": change.state.value,
        "fault": fault.code if fault else "",
        "act": fault.act.value if fault else "",
        "detail": fault.detail if fault else "",
        "facts": dict(change.facts),
    }


def _line(change: Health | HealthRow) -> str:
    row = _as_row(change)
    facts = row["facts"]
    shown = " ".join(f"{k}={v}" for k, v in facts.items()) if isinstance(facts, dict) else ""
    what = f"{row['fault']} ({row['act']}) " if row["fault"] else ""
    return f"{row['at']} {row['device']}: {row['state']} {what}{shown}".rstrip()
