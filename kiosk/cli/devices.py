"""`kiosk devices`: find, list, look at and test the devices."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.commands import EXIT_CODES, PLAIN
from kiosk.cli.decode import decode
from kiosk.cli.find import find
from kiosk.cli.options import (
    AsJson,
    ConfigDir,
    StateDir,
    loaded,
    say_json,
    say_table,
    state_at,
)
from kiosk.cli.watch import watch

if TYPE_CHECKING:
    from kiosk.config import Config
    from kiosk.config_devices import Device
    from kiosk.health import HealthRow
    from kiosk.trial import Trial

app = typer.Typer(no_args_is_help=True, epilog=EXIT_CODES, **PLAIN)


app.command(epilog=EXIT_CODES)(find)
app.command(epilog=EXIT_CODES)(watch)

FINE = ("online", "busy", "simulated")
"""States in which a device can be used, or will be once the terminal runs."""


@app.callback()
def _devices() -> None:
    """Find, list, look at and test the devices."""


app.command("decode", epilog=EXIT_CODES)(decode)


@app.command("list", epilog=EXIT_CODES)
def list_(config: ConfigDir = None, as_json: AsJson = False) -> None:
    """Print the configured devices: name, adapter, port, settings."""
    configured = loaded(config).devices.named()
    rows = [
        {"name": name, "type": device.type, "port": device.port, **device.settings()}
        for name, device in configured
    ]
    if as_json:
        say_json(rows)
        return
    say_table(
        ("device", "type", "port", "settings"),
        (
            (
                row["name"],
                row["type"],
                row["port"],
                " ".join(f"{key}={row[key]}" for key in row if key not in ("name", "type", "port")),
            )
            for row in rows
        ),
    )


@app.command(epilog=EXIT_CODES)
def status(config: ConfigDir = None, state: StateDir = None, as_json: AsJson = False) -> None:
    """Print what each device is now; ends with 1 where one cannot be used.

    Each port is opened and its device asked. What a running terminal holds, and what is simulated,
    is shown as the terminal last wrote it down.
    """
    settings = loaded(config)
    recorded = _recorded(settings, state_at(state))
    with ThreadPoolExecutor(thread_name_prefix="status") as pool:
        asked = [
            pool.submit(_status, name, device, recorded.get(name))
            for name, device in settings.devices.named()
        ]
    rows = [answer.result() for answer in asked]
    if as_json:
        say_json(rows)
    else:
        say_table(list(rows[0]), ([_cell(value) for value in row.values()] for row in rows))
    if any(row["state"] not in FINE for row in rows):
        raise typer.Exit(1)


@app.command("test", epilog=EXIT_CODES)
def try_out(
    name: Annotated[
        str, typer.Argument(help="As kiosk devices list names it: id_card, scanner, ...")
    ],
    port: Annotated[
        str | None, typer.Option(metavar="URL", help="This port instead of the configured one.")
    ] = None,
    config: ConfigDir = None,
    as_json: AsJson = False,
) -> None:
    """Perform a real command on one device; the printer prints a page.

    A simulated device gets its simulator for the time of the test.
    """
    from kiosk.trial import perform, simulator_of

    device = _named(loaded(config), name, port)
    at_hand: AbstractContextManager[str] = (
        simulator_of(device) if device.simulated else nullcontext(device.port)
    )
    with at_hand as real_port:
        run = perform(name, device.model_copy(update={"port": real_port}))
    if as_json:
        say_json(run.as_json())
    else:
        _tell(run)
    if not run.passed:
        raise typer.Exit(1)


def _named(config: Config, name: str, port: str | None) -> Device:
    from kiosk.config_devices import refused

    devices = dict(config.devices.named())
    if name not in devices:
        raise typer.BadParameter(f"give one of {', '.join(devices)}", param_hint="NAME")
    if port is None:
        return devices[name]
    device = devices[name].model_copy(update={"port": port})
    if any(refused(name, device)):
        hint = "give /dev/..., socket://host:port, rfc2217://host:port or simulated"
        raise typer.BadParameter(hint, param_hint="--port")
    return device


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key}={fact}" for key, fact in value.items())
    return str(value)


def _tell(run: Trial) -> None:
    from devices.faults import kind_of

    typer.echo(f"{run.device} at {run.port}: {run.outcome}, {run.seconds:.1f} s")
    for key, value in run.facts.items():
        typer.echo(f"  {key}: {value}")
    for line in run.lines:
        typer.echo(f"  {line}")
    if run.code:
        kind = kind_of(run.code)
        typer.echo(f"  {run.code}: {kind.means} {run.detail}".rstrip())
        typer.echo(f"  -> {kind.remedy} Act: {run.act}.")


def _recorded(config: Config, state: Path) -> dict[str, HealthRow]:
    """What a terminal that ran here wrote down last of each device; nothing where that is not readable."""
    import sqlite3

    from kiosk.health import HealthHistory

    path = state / config.health.path
    if not path.exists():
        return {}
    try:
        history = HealthHistory(path, config.health.retention_days)
        latest = history.latest()
        history.close()
    except sqlite3.Error as error:
        typer.echo(f"{path}: not readable as a history ({error})", err=True)
        return {}
    return latest


def _status(name: str, device: Device, recorded: HealthRow | None) -> dict[str, object]:
    from kiosk.trial import PORT_HELD, probe

    if not device.simulated:
        health = probe(name, device)
        fault = health.fault
        if recorded is None or fault is None or fault.code not in PORT_HELD:
            return {
                "device": name,
                "port": device.port,
                "state": health.state.value,
                "fault": fault.code if fault else "",
                "act": fault.act.value if fault else "",
                "facts": dict(health.facts),
                "known": "asked now",
            }
    if recorded is None:
        nothing = {"state": "simulated", "fault": "", "act": "", "facts": {}}
        return {"device": name, "port": device.port, **nothing, "known": "comes with the terminal"}
    return {
        "device": name,
        "port": recorded.port,
        "state": recorded.state,
        "fault": recorded.fault,
        "act": recorded.act,
        "facts": dict(recorded.facts),
        "known": f"written down {datetime.fromtimestamp(recorded.at):%Y-%m-%d %H:%M:%S}",
    }
