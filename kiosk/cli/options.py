"""What the subcommands share: their common options, and the ways they answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from kiosk.paths import config_dir, state_dir

if TYPE_CHECKING:
    from kiosk.config import Config
    from kiosk.tomlfile import ConfigProblem

ConfigDir = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="DIR",
        help="Where terminal.toml is; else $KIOSK_CONFIG, else the program's own.",
    ),
]
StateDir = Annotated[
    Path | None,
    typer.Option(
        "--state",
        metavar="DIR",
        help="Where the terminal keeps its state; else systemd's, else ~/.local/state/kiosk.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]


def config_at(directory: Path | None) -> Path:
    """The configuration's directory: the one given, else the default."""
    return directory or config_dir()


def state_at(directory: Path | None) -> Path:
    """The state directory: the one given, else the default."""
    return directory or state_dir()


def loaded(directory: Path | None) -> Config:
    """The configuration; prints what is wrong with it and ends the command with 1."""
    from kiosk.config import load

    config = load(config_at(directory))
    if isinstance(config, list):
        end_with(config)
    return config


def end_with(problems: Iterable[ConfigProblem]) -> NoReturn:
    """Print the problems to standard error, one a line, and end the command with 1."""
    for problem in problems:
        typer.echo(str(problem), err=True)
    raise typer.Exit(1)


def fail(sentence: str) -> NoReturn:
    """Say to standard error why the command did not succeed, and end it with 1."""
    typer.echo(sentence, err=True)
    raise typer.Exit(1)


def say_json(value: object) -> None:
    """Print `value` as one JSON document."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def say_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print aligned columns; Chinese characters count as two."""
    from wcwidth import wcswidth

    lines = [list(headings), *(list(row) for row in rows)]
    widths = [max(wcswidth(line[n]) for line in lines) for n in range(len(headings))]
    for line in lines:
        cells = (cell + " " * (widths[n] - wcswidth(cell)) for n, cell in enumerate(line))
        typer.echo("  ".join(cells).rstrip())
