"""`kiosk sandbox`: the departments' stand-in alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kiosk.cli.commands import EXIT_CODES, PLAIN
from kiosk.cli.options import fail, say_json

app = typer.Typer(no_args_is_help=True, epilog=EXIT_CODES, **PLAIN)

PORT = 8899


@app.callback()
def _sandbox() -> None:
    """The departments' stand-in: docs/API.md over SQLite, with a control API."""


@app.command("serve", epilog=EXIT_CODES)
def serve_(
    port: Annotated[
        int, typer.Option(metavar="N", min=0, max=65535, help="Listen here; 0 takes any.")
    ] = PORT,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the books are; in memory without it.")
    ] = None,
    keys: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Terminals' keys: signatures become compulsory."),
    ] = None,
    speed: Annotated[
        float,
        typer.Option(metavar="N", min=1, max=3600, help="How fast the departments' clock runs."),
    ] = 1.0,
) -> None:
    """Serve all departments; prints `ready <address>`, ends with Ctrl-C."""
    from kiosk.sandbox.__main__ import main

    words = ["--port", str(port), "--speed", str(speed)]
    for key, value in (("--data", data), ("--keys", keys)):
        if value is not None:
            words += [key, str(value)]
    raise typer.Exit(main(words))


@app.command(epilog=EXIT_CODES)
def openapi(
    split: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write it there instead, one file a department."),
    ] = None,
) -> None:
    """Print the contract as OpenAPI 3.1."""
    from kiosk.sandbox.app import create_app

    document = create_app().openapi()
    if split is None:
        say_json(document)
        return
    from kiosk.contract import split as by_department
    from kiosk.contract import written

    try:
        split.mkdir(parents=True, exist_ok=True)
        documents = by_department(document)
        for old in split.glob("*.json"):
            if old.stem not in documents:
                old.unlink()
        for department, one in documents.items():
            (split / f"{department}.json").write_text(written(one), encoding="utf-8")
    except OSError as error:
        fail(f"{split}: cannot be written ({error.strerror}); give another directory")
    typer.echo(f"{split}: {len(documents)} departments")
