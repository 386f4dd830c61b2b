"""`kiosk items`: the items of this terminal, and the operator's switch."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kiosk.cli.commands import EXIT_CODES, PLAIN
from kiosk.cli.options import (
    AsJson,
    ConfigDir,
    StateDir,
    config_at,
    end_with,
    fail,
    say_json,
    say_table,
    state_at,
)

if TYPE_CHECKING:
    from kiosk.catalogue import Closed, Item
    from kiosk.texts import Words

app = typer.Typer(no_args_is_help=True, epilog=EXIT_CODES, **PLAIN)

ItemId = Annotated[str, typer.Argument(help="The item's id, as own-property.")]


@app.callback()
def _items() -> None:
    """List, close and open the items."""


@app.command("list", epilog=EXIT_CODES)
def list_(config: ConfigDir = None, state: StateDir = None, as_json: AsJson = False) -> None:
    """Print each item: proof, devices, hours, channels, and whether it is closed."""
    closed = _closed(state)
    rows = [_row(item, closed.get(item.id)) for item in _every_item(config)]
    if as_json:
        say_json(rows)
        return
    say_table(
        ("id", "name", "proof", "needs", "can miss", "hours", "elsewhere", "switch"),
        [
            (
                row["id"],
                row["name"],
                str(row["proof"]),
                ", ".join(row["devices"]) or "-",
                ", ".join(row["wanted"]) or "-",
                row["hours"],
                ", ".join(row["channels"]) or "-",
                _said(row),
            )
            for row in rows
        ],
    )


@app.command(epilog=EXIT_CODES)
def close(
    item: ItemId,
    reason: Annotated[str, typer.Option(help="What citizens read on the tile, in Chinese.")],
    reason_en: Annotated[str, typer.Option(help="The same in English.")] = "",
    until: Annotated[
        str | None,
        typer.Option(metavar="HH:MM|TIME", help="Opens by itself then; else when opened."),
    ] = None,
    config: ConfigDir = None,
    state: StateDir = None,
) -> None:
    """Take an item from this terminal; a running one follows within two seconds."""
    from kiosk.catalogue import Closed
    from kiosk.switches import LONGEST_REASON
    from kiosk.texts import Plain

    _known(item, config)
    for text in (reason, reason_en):
        if len(text) > LONGEST_REASON or not text.isprintable():
            raise typer.BadParameter(f"one line of at most {LONGEST_REASON} characters")
    if not reason.strip():
        raise typer.BadParameter("say why: citizens read it")
    now = datetime.now().astimezone()
    moment = _moment(until, now) if until else None
    closed = Closed(Plain(reason.strip(), reason_en.strip()), moment)
    _change(state, lambda all_: all_ | {item: closed}, now)
    typer.echo(f"{item}: closed" + (f" until {moment:%Y-%m-%d %H:%M}" if moment else ""))


@app.command("open", epilog=EXIT_CODES)
def open_(item: ItemId, config: ConfigDir = None, state: StateDir = None) -> None:
    """Offer an item again."""
    _known(item, config)
    _change(
        state,
        lambda all_: {name: one for name, one in all_.items() if name != item},
        datetime.now().astimezone(),
    )
    typer.echo(f"{item}: open")


def _every_item(config: Path | None) -> tuple[Item, ...]:
    from kiosk.catalogue import SERVICES_DIR
    from kiosk.itemfile import read_every_item

    items = read_every_item(config_at(config) / SERVICES_DIR)
    if isinstance(items, list):
        end_with(items)
    return items


def _known(item: str, config: Path | None) -> None:
    known = [one.id for one in _every_item(config)]
    if item not in known:
        raise typer.BadParameter(f"no item {item!r}; there are {', '.join(known)}")


def _closed(state: Path | None) -> dict[str, Closed]:
    """What is closed now; a file that cannot be read closes nothing, which is told."""
    from kiosk.switches import FILE_NAME, Unreadable, in_force, read

    file = state_at(state) / FILE_NAME
    try:
        return in_force(read(file), datetime.now().astimezone())
    except Unreadable:
        typer.echo(f"{file}: cannot be read, so nothing is closed; close or open an item", err=True)
        return {}


def _change(state: Path | None, change: Any, now: datetime) -> None:
    from kiosk.switches import FILE_NAME, in_force, write

    file = state_at(state) / FILE_NAME
    try:
        write(file, in_force(change(_closed(state)), now))
    except OSError as error:
        fail(f"{file}: cannot be written ({error.strerror}); use the terminal's user, or --state")


def _moment(until: str, now: datetime) -> datetime:
    """A time of today, or of tomorrow where it is over; or a whole local time."""
    try:
        clock = time.fromisoformat(until)
        moment = datetime.combine(now.date(), clock, clock.tzinfo or now.tzinfo)
        if moment <= now:
            moment += timedelta(days=1)
    except ValueError:
        try:
            moment = datetime.fromisoformat(until)
        except ValueError:
            raise typer.BadParameter(
                "give 14:30 or 2026-11-25T14:30", param_hint="--until"
            ) from None
        moment = moment if moment.tzinfo else moment.astimezone()
    if moment <= now:
        raise typer.BadParameter("this time is over", param_hint="--until")
    return moment


def _row(item: Item, closed: Closed | None) -> dict[str, Any]:
    hours = item.needs.hours
    return {
        "id": item.id,
        "name": _name(item),
        "proof": item.proof,
        "devices": item.needs.devices,
        "wanted": item.needs.wanted,
        "fallback": _fallback(item),
        "departments": item.needs.departments,
        "hours": f"{hours.since:%H:%M}-{hours.until:%H:%M}" if hours else "always",
        "days": hours.days if hours else tuple(range(7)),
        "self_service": item.self_service,
        "channels": item.channels,
        "open": closed is None,
        "reason": closed.reason.text if closed else "",
        "until": closed.until.isoformat() if closed and closed.until else None,
    }


def _name(item: Item) -> str:
    return _words().say(item.name)


def _fallback(item: Item) -> str:
    """What citizens are told where all that the item can miss is missing."""
    from kiosk.catalogue import fallback

    wanted = item.needs.wanted
    return _words().say(fallback(item.needs, wanted)) if wanted else ""


@cache
def _words() -> Words:
    from kiosk.words import load_words

    return load_words()["zh_CN"]


def _said(row: dict[str, Any]) -> str:
    if not row["self_service"]:
        return "not for self-service"
    if row["open"]:
        return "open"
    until = f" until {row['until']}" if row["until"] else ""
    return f"closed{until}: {row['reason']}"
