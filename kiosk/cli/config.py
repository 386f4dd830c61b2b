"""`kiosk config`: check, show and change the configuration."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from kiosk.cli.commands import EXIT_CODES, PLAIN
from kiosk.cli.options import AsJson, ConfigDir, config_at, end_with, fail, loaded, say_json

app = typer.Typer(no_args_is_help=True, epilog=EXIT_CODES, **PLAIN)

HIDDEN = "(set)"
"""Shown in place of a secret."""


@app.callback()
def _config() -> None:
    """Check, show and change the configuration."""


@app.command(epilog=EXIT_CODES)
def check(config: ConfigDir = None) -> None:
    """Tell all that is wrong in terminal.toml and services/*.toml, and against docs/api.

    What lets the terminal start but documents be refused is told as a warning.
    """
    from datetime import UTC, datetime

    from kiosk.catalogue import SERVICES_DIR, load_catalogue
    from kiosk.config import FILE_NAME, Config, load
    from kiosk.contract_check import check as check_contract
    from kiosk.itemfile import read_files
    from kiosk.roots import remarks

    directory = config_at(config)
    terminal, items = load(directory), load_catalogue(directory)
    problems = [found for part in (terminal, items) if isinstance(part, list) for found in part]
    problems += check_contract(read_files(directory / SERVICES_DIR))
    if problems:
        end_with(problems)
    if isinstance(terminal, Config):
        for remark in remarks(terminal, directory, datetime.now(UTC)):
            if remark.remedy:
                typer.echo(f"warning: documents: {remark.what}. {remark.remedy}.", err=True)
    typer.echo(f"{directory / FILE_NAME}: right, with {len(items)} items")


@app.command(epilog=EXIT_CODES)
def show(
    key: Annotated[str, typer.Argument(help="Only this key or table.")] = "",
    config: ConfigDir = None,
    as_json: AsJson = False,
) -> None:
    """Print every key with the value that applies, defaults too."""
    import tomlkit

    from kiosk.config import SECRETS

    values: Any = loaded(config).model_dump(by_alias=True, mode="json", exclude_none=True)
    for secret in SECRETS:
        table, _, name = secret.partition(".")
        values[table][name] = HIDDEN
    for part in key.split(".") if key else ():
        if not isinstance(values, dict) or part not in values:
            fail(f"{key}: no such key; kiosk config show prints them all")
        values = values[part]
    if as_json:
        say_json(values)
    elif isinstance(values, dict):
        typer.echo(tomlkit.dumps(values), nl=False)
    else:
        typer.echo(values)


@app.command("set", epilog=EXIT_CODES)
def set_(
    key: Annotated[str, typer.Argument(help="Dotted key, such as devices.scanner.port.")],
    value: Annotated[
        str | None, typer.Argument(help="Its value; asked for, unseen, where it is left out.")
    ] = None,
    config: ConfigDir = None,
) -> None:
    """Change one key; comments stay, a wrong value is refused.

    `kiosk config set technician.pin` asks for a new PIN and writes its hash.
    """
    from kiosk.config_edit import set_key

    if value is None:
        value = str(typer.prompt(key, hide_input=True, confirmation_prompt=True))
    try:
        problems = set_key(config_at(config), key, value)
    except OSError as error:
        fail(f"{config_at(config)}: cannot be written ({error.strerror}); chown it, or use sudo")
    if problems:
        end_with(problems)
    typer.echo(f"{key}: set; it applies from the next start")
