"""`kiosk simulate`: a device's simulator alone, on a pty or a TCP port."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from devices.simulators.__main__ import main
from devices.simulators.kinds import all_kinds
from kiosk.cli.commands import EXIT_CODES, PLAIN

app = typer.Typer(no_args_is_help=True, epilog=EXIT_CODES, **PLAIN)

Tcp = Annotated[
    int | None, typer.Option(metavar="PORT", min=0, max=65535, help="Listen here; 0 takes any.")
]
Link = Annotated[Path | None, typer.Option(metavar="PATH", help="A lasting name for the pty.")]
Control = Annotated[Path | None, typer.Option(metavar="PATH", help="The control socket's name.")]
Situation = Annotated[str | None, typer.Option(metavar="NAME", help="Begin in this situation.")]
Out = Annotated[Path | None, typer.Option(metavar="DIR", help="Where a printer's paper goes.")]
Baud = Annotated[int | None, typer.Option(metavar="N", help="Bits a second on the wire.")]
Width = Annotated[int | None, typer.Option(metavar="MM", help="A receipt's width, 80 or 58.")]
Profile = Annotated[str | None, typer.Option(metavar="NAME", help="A serial scanner's make.")]
Layout = Annotated[
    str | None, typer.Option(metavar="NAME", help="For whose keyboard a scanner types.")
]
WhileStdin = Annotated[bool, typer.Option("--while-stdin", help="End when standard input closes.")]


@app.callback()
def _simulate() -> None:
    """Run a device's simulator alone, on a pty unless told otherwise.

    Prints one line when ready: `ready <port> control=<path>`; ends with Ctrl-C. The control socket
    takes one JSON object a line, such as {"do": "state"} or {"do": "situation", "name": "slow"}.
    """


def _command(kind: str) -> Callable[..., None]:
    def command(
        tcp: Tcp = None,
        link: Link = None,
        control: Control = None,
        situation: Situation = None,
        baud: Baud = None,
        out: Out = None,
        width: Width = None,
        profile: Profile = None,
        layout: Layout = None,
        while_stdin: WhileStdin = False,
    ) -> None:
        given = {"tcp": tcp, "link": link, "control": control, "situation": situation}
        given |= {"baud": baud, "out": out, "width": width}
        given |= {"profile": profile, "layout": layout}
        words = [kind]
        for name, value in given.items():
            if value is not None:
                words += [f"--{name}", str(value)]
        raise typer.Exit(main([*words, "--while-stdin"] if while_stdin else words))

    return command


for _kind in all_kinds():
    app.command(_kind, help=f"The simulated {_kind}.", epilog=EXIT_CODES)(_command(_kind))
