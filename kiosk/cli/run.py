"""`kiosk run`: the terminal itself. The first picture stands before anything heavy is imported."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from kiosk.cli.options import ConfigDir, StateDir, config_at, state_at

WINDOW_FORM = re.compile(r"([1-9]\d{2,3})x([1-9]\d{2,3})")


def command(
    config: ConfigDir = None,
    state: StateDir = None,
    window: Annotated[
        str | None, typer.Option(metavar="WxH", help="A window of this size, not the whole screen.")
    ] = None,
    no_simulation: Annotated[
        bool, typer.Option("--no-simulation", help="Only real devices and departments.")
    ] = False,
) -> None:
    """Run the terminal, full screen.

    Simulated devices and the own sandbox, where the configuration asks for them, are started as
    children after the first picture and end with the terminal.
    """
    from kiosk.first_frame import read_first_frame
    from kiosk.front import show
    from kiosk.terminal import Directories, Misconfigured

    where = Directories(config_at(config), state_at(state))
    try:
        simulated = False if no_simulation else None
        look = read_first_frame(where.config)
        show(look, where, window=_size(window), simulated=simulated)
    except Misconfigured as wrong:
        for problem in wrong.problems:
            typer.echo(str(problem), err=True)
        raise typer.Exit(1) from None


def _size(window: str | None) -> tuple[int, int] | None:
    if window is None:
        return None
    found = WINDOW_FORM.fullmatch(window)
    if found is None:
        raise typer.BadParameter(
            "give width x height in pixels, as 1080x1920", param_hint="--window"
        )
    return int(found[1]), int(found[2])
