"""`kiosk visit`: one whole visit through the real screens, by touch, with simulated devices."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.options import AsJson, ConfigDir, config_at, fail, say_json

if TYPE_CHECKING:
    from kiosk.performance import Performance

VIRTUAL_SCREEN = "1080x1920x24"
"""The reference hardware (SCREENS.md)."""

ENDED_WITH_US = ("setpriv", "--pdeathsig", "TERM")
"""util-linux, on every Debian: the display ends however this program does, by kill -9 too (prctl(2))."""


def command(
    item: Annotated[str, typer.Argument(help="The item's id, as own-property.")],
    card: Annotated[str, typer.Option(metavar="NAME", help="Whose card is laid.")] = "wang-xiulan",
    answer: Annotated[
        list[str] | None,
        typer.Option(metavar="STEP=VALUE", help="An answer, as pay=scan:alipay or rating=good."),
    ] = None,
    situation: Annotated[
        list[str] | None,
        typer.Option(metavar="DEVICE=NAME", help="A misbehaviour, as receipt_printer=paper-out."),
    ] = None,
    shots: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A picture of every screen goes here.")
    ] = None,
    config: ConfigDir = None,
    state: Annotated[
        Path | None,
        typer.Option("--state", metavar="DIR", help="Keep the terminal's state here afterwards."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Perform one item from the attract screen to its end, and tell how it went.

    Devices and departments are always the simulated ones; without a display a virtual one is
    brought up. Ends with 0 only for outcome "done".
    """
    from kiosk.performance import Request, Unperformable, perform

    answers = dict(_pair(given, "--answer") for given in answer or ())
    situations = tuple(_pair(given, "--situation") for given in situation or ())
    kept = shots if shots is not None else Path(tempfile.mkdtemp(prefix="kiosk-visit-"))
    request = Request(
        item, card, answers, situations, config_at(config), state, kept, shots is not None
    )
    try:
        with display():
            performed = perform(request)
    except Unperformable as why:
        raise typer.BadParameter(str(why)) from None
    _tell(performed, as_json)
    if performed.outcome != "done":
        raise typer.Exit(1)


def _pair(given: str, option: str) -> tuple[str, str]:
    key, equals, value = given.partition("=")
    if not (key and equals and value):
        raise typer.BadParameter(f"{given!r} is not of the form KEY=VALUE", param_hint=option)
    return key, value


def _tell(performed: Performance, as_json: bool) -> None:
    if as_json:
        say_json(performed.as_json())
        return
    typer.echo(f"{performed.item}: {performed.outcome} after {performed.duration_s} s")
    typer.echo(f"  screens: {' > '.join(performed.screens)}")
    if performed.order:
        typer.echo(f"  order: {performed.order}")
    for receipt in performed.receipts:
        typer.echo(f"  receipt: {receipt}")
    for document in performed.documents:
        typer.echo(f"  document: {document.path}, {document.pages} pages")
    for line in performed.remarks:
        typer.echo(f"  {line}")


@contextmanager
def display() -> Iterator[None]:
    """A virtual display where there is none, for as long as the block lasts."""
    if os.environ.get("DISPLAY"):
        yield
        return
    read, write = os.pipe()
    options = ("-screen", "0", VIRTUAL_SCREEN, "-nolisten", "tcp", "-noreset")
    try:
        server = subprocess.Popen(
            [*ENDED_WITH_US, "Xvfb", "-displayfd", str(write), *options],
            pass_fds=[write],
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        os.close(read)
        fail(f"no display, and Xvfb could not be started ({error.strerror}): install xvfb")
    finally:
        os.close(write)
    try:
        with os.fdopen(read) as numbers:
            number = numbers.readline().strip()
        if not number:
            fail("no display, and Xvfb did not start one: try Xvfb -displayfd 1")
        os.environ["DISPLAY"] = f":{number}"
        yield
    finally:
        os.environ.pop("DISPLAY", None)
        server.terminate()
        server.wait()
