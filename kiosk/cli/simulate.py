"""`kiosk simulate`: a device's simulator alone, on a pty or a TCP port."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kiosk.cli import EXIT_CODES, PLAIN

app = typer.Typer(no_args_is_help=True, epilog=EXIT_CODES, **PLAIN)

Tcp = Annotated[
    int | None, typer.Option(metavar="PORT", min=0, max=65535, help="Listen here; 0 takes any.")
]
Link = Annotated[Path | None, typer.Option(metavar="PATH", help="A lasting name for the pty.")]
Control = Annotated[Path | None, typer.Option(metavar="PATH", help="The control socket's name.")]
Situation = Annotated[str | None, typer.Option(metavar="NAME", help="Begin in this situation.")]
Out = Annotated[Path | None, typer.Option(metavar="DIR", help="Where printed slips go as PNG.")]
WhileStdin = Annotated[bool, typer.Option("--while-stdin", help="End when standard input closes.")]


@app.callback()
def _simulate() -> None:
    """Run a device's simulator alone, on a pty unless told otherwise.

    Prints one line when ready: `ready <port> control=<path>`; ends with Ctrl-C.
    """


@app.command("card-reader", epilog=EXIT_CODES)
def card_reader(
    tcp: Tcp = None,
    link: Link = None,
    control: Control = None,
    situation: Situation = None,
    while_stdin: WhileStdin = False,
) -> None:
    """The ID card reader."""
    _run("card-reader", tcp, link, control, situation, None, while_stdin)


@app.command(epilog=EXIT_CODES)
def scanner(
    tcp: Tcp = None,
    link: Link = None,
    control: Control = None,
    situation: Situation = None,
    while_stdin: WhileStdin = False,
) -> None:
    """The QR scanner."""
    _run("scanner", tcp, link, control, situation, None, while_stdin)


@app.command(epilog=EXIT_CODES)
def printer(
    tcp: Tcp = None,
    link: Link = None,
    control: Control = None,
    situation: Situation = None,
    out: Out = None,
    while_stdin: WhileStdin = False,
) -> None:
    """The receipt printer."""
    _run("printer", tcp, link, control, situation, out, while_stdin)


def _run(
    kind: str,
    tcp: int | None,
    link: Path | None,
    control: Path | None,
    situation: str | None,
    out: Path | None,
    while_stdin: bool,
) -> None:
    from devices.simulators.__main__ import main

    given = {
        "--tcp": tcp,
        "--link": link,
        "--control": control,
        "--situation": situation,
        "--out": out,
    }
    words = [
        part for key, value in given.items() if value is not None for part in (key, str(value))
    ]
    raise typer.Exit(main([kind, *words, *(["--while-stdin"] if while_stdin else [])]))
