"""The subcommands: each one's module is imported only when it is used.

`kiosk --help` answers at once, because nothing that the subcommands need is loaded for it.

Exit codes: 0 done, 1 something is wrong or did not succeed, 2 the command line is wrong.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core
import typer.main

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter

EXIT_CODES = "Exit codes: 0 done, 1 something is wrong or did not succeed, 2 wrong command line."


@dataclass(frozen=True, slots=True)
class Subcommand:
    """Where a subcommand lives and what it is for.

    Its module has `command`, a function with typed parameters, or `app`, a Typer of several.
    """

    module: str
    summary: str


SUBCOMMANDS: Mapping[str, Subcommand] = {
    "run": Subcommand("kiosk.cli.run", "Run the terminal."),
    "visit": Subcommand("kiosk.cli.visit", "Perform one item through the real screens."),
    "devices": Subcommand("kiosk.cli.devices", "List, look at and test the devices."),
    "simulate": Subcommand("kiosk.cli.simulate", "Run a device's simulator alone."),
    "sandbox": Subcommand("kiosk.cli.sandbox", "Run the departments' stand-in alone."),
    "config": Subcommand("kiosk.cli.config", "Check, show and change the configuration."),
    "doctor": Subcommand("kiosk.cli.doctor", "Tell what is wrong here, and how to fix it."),
    "health": Subcommand("kiosk.cli.health", "What the devices were, over time."),
    "items": Subcommand("kiosk.cli.items", "List, close and open the items."),
    "complaints": Subcommand("kiosk.cli.complaints", "What citizens wait to be answered."),
    "journal": Subcommand("kiosk.cli.journal", "Orders and payments as written down."),
}


class LazyGroup(typer.core.TyperGroup):
    """A group that knows its subcommands' names and summaries without importing them."""

    def list_commands(self, ctx: Context) -> list[str]:
        return list(SUBCOMMANDS)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        subcommand = SUBCOMMANDS.get(cmd_name)
        return _built(cmd_name, subcommand) if subcommand else None

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, known.summary) for name, known in SUBCOMMANDS.items()])


def _built(name: str, subcommand: Subcommand) -> Command:
    module = importlib.import_module(subcommand.module)
    if name == "run":
        return _handed_on(module.main)
    single = getattr(module, "command", None)
    if single is None:
        app: typer.Typer = module.app
    else:
        app = typer.Typer(**PLAIN)
        app.command(name, epilog=EXIT_CODES)(single)
    built = typer.main.get_command(app)
    built.name = name
    return built


def _handed_on(run: Callable[[Sequence[str]], int]) -> Command:
    """A command that reads its options itself."""
    app = typer.Typer(**PLAIN)
    anything = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}

    @app.command("run", context_settings=anything)
    def command(ctx: typer.Context) -> None:
        raise typer.Exit(run(ctx.args))

    return typer.main.get_command(app)


def _show_version(wanted: bool) -> None:
    if wanted:
        from kiosk.version import version

        typer.echo(f"kiosk {version()}")
        raise typer.Exit


PLAIN: dict[str, Any] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,  # its traceback shows the values of variables
    "rich_markup_mode": None,
}
"""How every Typer of this command is made."""

app = typer.Typer(cls=LazyGroup, no_args_is_help=True, epilog=EXIT_CODES, **PLAIN)


@app.callback()
def _kiosk(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """The self-service terminal: run it, look after it, try it out."""
