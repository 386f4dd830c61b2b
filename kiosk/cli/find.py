"""`kiosk devices find`: what is plugged in, as a configuration that is ready to be used."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kiosk.cli.options import AsJson, ConfigDir, config_at, end_with, fail, say_json

if TYPE_CHECKING:
    from devices.discovery import Found, Looked

Ports = Annotated[
    list[str] | None,
    typer.Option("--port", metavar="URL", help="Look at this port too; may be given repeatedly."),
]
Within = Annotated[
    float, typer.Option("--within", metavar="S", min=1, max=120, help="Seconds for all of it.")
]


def find(
    port: Ports = None, within: Within = 20.0, config: ConfigDir = None, as_json: AsJson = False
) -> None:
    """Ask every port who is there, and print terminal.toml with what was found.

    Nothing is written to a port that is in use. What was not found stays as it is configured. Ends
    with 1 where nothing was found.
    """
    from devices.discovery import find as search

    looked = search(port or (), within)
    found = [one for place in looked for one in place.found]
    if as_json:
        say_json([_row(place) for place in looked])
    else:
        typer.echo(_configuration(config_at(config), looked), nl=False)
    if not found:
        raise typer.Exit(1)


def _row(looked: Looked) -> dict[str, object]:
    found = [
        {
            "part": one.part,
            "type": one.type,
            "port": one.port,
            "settings": dict(one.settings),
            "detail": one.detail,
        }
        for one in looked.found
    ]
    return {"place": looked.place, "why": looked.why, "found": found}


def _configuration(directory: Any, looked: Iterable[Looked]) -> str:
    """The configuration of `directory` with each part that was found at its port; what else was found
    or could not be looked at stands in comments."""
    import tomlkit

    from devices.registry import types
    from kiosk.config import FILE_NAME, Config, accept
    from kiosk.tomlfile import parse_text, parse_toml

    source = parse_toml(directory / FILE_NAME)
    if isinstance(source, list):
        end_with(source)
    document: Any = tomlkit.parse(source.text)
    remarks: list[str] = []
    chosen: set[str] = set()
    installed = types()
    for place in looked:
        if place.why:
            remarks.append(f"{place.place}: {place.why}")
        for found in place.found:
            if found.part in chosen or found.type not in installed:
                remarks.append(f"{found.part} also: {found.type} at {found.port} ({found.detail})")
                continue
            chosen.add(found.part)
            document.setdefault("devices", tomlkit.table(is_super_table=True))
            configured = document["devices"].get(found.part, {})
            document["devices"][found.part] = _table(found, configured)
    text = tomlkit.dumps(document).rstrip("\n") + "\n"
    if remarks:
        text += "\n# Looked at:\n" + "".join(f"# {remark}\n" for remark in remarks)
    again = parse_text(source.file, text)
    accepted = again if isinstance(again, list) else accept(again)
    if not isinstance(accepted, Config):
        for problem in accepted:
            typer.echo(str(problem), err=True)
        fail("the configuration with what was found is not right yet")
    return text


def _table(found: Found, configured: Any) -> Any:
    """The table of what was found; where the adapter stays, so do the settings that nobody can see from
    outside."""
    import tomlkit

    kept = configured if configured.get("type", found.type) == found.type else {}
    table = tomlkit.table()
    table["type"] = found.type
    table["port"] = found.port
    if found.detail:
        table["port"].comment(found.detail)
    for name, value in {**kept, **found.settings}.items():
        if name not in ("type", "port"):
            table[name] = value
    table.add(tomlkit.nl())
    return table
