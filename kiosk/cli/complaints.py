"""`kiosk complaints`: what citizens were not content with, each open until it is answered."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from kiosk.cli.commands import EXIT_CODES, PLAIN
from kiosk.cli.options import (
    AsJson,
    ConfigDir,
    config_at,
    fail,
    loaded,
    say_json,
    say_table,
)

if TYPE_CHECKING:
    from kiosk.backends.contract import BackendFailure
    from kiosk.backends.hall import HallClient, Task, TaskStatus

app = typer.Typer(no_args_is_help=True, epilog=EXIT_CODES, **PLAIN)

SandboxUrl = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Ask the sandbox there (kiosk sandbox serve), not the hall."),
]


@app.callback()
def _complaints() -> None:
    """Bad ratings, complaints and suggestions: open tasks of the hall until they are answered."""


@app.command("list", epilog=EXIT_CODES)
def list_(
    answered: Annotated[bool, typer.Option("--all", help="Those that are answered, too.")] = False,
    sandbox: SandboxUrl = None,
    config: ConfigDir = None,
    as_json: AsJson = False,
) -> None:
    """Print the open tasks, oldest first."""
    from kiosk.backends.contract import Answer

    reply = _hall(config, sandbox).tasks("" if answered else "open")
    if not isinstance(reply, Answer):
        _refused(reply)
    if as_json:
        say_json([_as_json(task) for task in reply.value])
        return
    say_table(
        ("number", "kind", "state", "opened", "terminal", "item", "level", "reason", "text"),
        (
            (
                task.number,
                task.kind.value,
                task.state.value,
                f"{task.opened_at:%Y-%m-%d %H:%M}",
                task.terminal,
                task.item,
                task.level,
                task.reason,
                task.text,
            )
            for task in reply.value
        ),
    )


@app.command(epilog=EXIT_CODES)
def answer(
    number: Annotated[str, typer.Argument(help="The task's number.")],
    text: Annotated[str, typer.Argument(help="What the citizen reads. Write no names in it.")],
    operator: Annotated[
        str, typer.Option(help="Who answers: letters, digits, - and _.")
    ] = "operator",
    sandbox: SandboxUrl = None,
    config: ConfigDir = None,
    as_json: AsJson = False,
) -> None:
    """Answer a task; the citizen reads it at any terminal under the receipt's number."""
    from kiosk.backends.contract import Answer

    digest = hashlib.sha256(f"{operator}\n{text}".encode()).hexdigest()
    key = f"answer-{digest[:32]}"
    reply = _hall(config, sandbox).answer(number, operator, text, key)
    if not isinstance(reply, Answer):
        _refused(reply)
    if as_json:
        say_json(_status_json(reply.value))
        return
    typer.echo(f"{reply.value.number} is answered")


def _hall(config: Path | None, sandbox: str | None) -> HallClient:
    from kiosk.backends.departments import Departments
    from kiosk.backends.settings import departments_at

    if sandbox is not None:
        try:
            return Departments.open(departments_at(sandbox)).hall
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--sandbox") from None
    settings = loaded(config)
    at = settings.departments.at(config_at(config))
    if "hall" not in at:
        fail("the hall has no address; kiosk config set departments.hall.url https://... "
             "(on a bench: --sandbox URL)")  # fmt: skip
    try:
        return Departments.open(at).hall
    except (OSError, ValueError) as error:
        fail(f"the hall cannot be asked: {error}")


def _refused(failure: BackendFailure) -> NoReturn:
    fail(f"the hall did not do it: {failure.code}")


def _status_json(status: TaskStatus) -> dict[str, str]:
    return {
        "number": status.number,
        "kind": status.kind.value,
        "state": status.state.value,
        "opened_at": status.opened_at.isoformat(),
        "answer": status.answer,
        "answered_at": _moment(status.answered_at),
    }


def _as_json(task: Task) -> dict[str, str]:
    return _status_json(task) | {
        "terminal": task.terminal,
        "item": task.item,
        "level": task.level,
        "reason": task.reason,
        "text": task.text,
        "phone": task.phone,
    }


def _moment(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
