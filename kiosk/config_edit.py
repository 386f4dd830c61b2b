"""Changes one key of terminal.toml: comments stay, and a wrong file is never written."""

from __future__ import annotations

import os
import tempfile
import tomllib
from pathlib import Path
from typing import Any, get_args

import tomlkit
from pydantic import BaseModel
from tomlkit.items import Item, Table

from kiosk.config import FILE_NAME, Config, accept
from kiosk.pin import hash_pin, pin_fault
from kiosk.tomlfile import ConfigProblem, fields_of, parse_text, parse_toml, table_of

PIN_KEY = "technician.pin"
"""Not a key of the file: setting it writes `technician.pin_hash`."""


def set_key(directory: Path, key: str, value: str) -> list[ConfigProblem]:
    """Set dotted `key` to `value` in `directory`/terminal.toml; what is wrong, or [] when done.

    `value` is written as TOML would have it; a text needs no quotes. Raises OSError where the
    file cannot be written.
    """
    file = directory / FILE_NAME
    if key == PIN_KEY:
        if fault := pin_fault(value):
            return [ConfigProblem(file, 0, key, fault, "Give 6 digits that are hard to guess")]
        key, value = "technician.pin_hash", hash_pin(value)
    source = parse_toml(file)
    if isinstance(source, list):
        return source
    path = key.split(".")
    document = tomlkit.parse(source.text)
    if not _put(document, path, _typed(path, value)):
        remedy = "Name a key inside of it"
        return [source.problem(tuple(path), "is a table, or lies in a value", remedy)]
    changed = parse_text(file, tomlkit.dumps(document))
    if isinstance(changed, list):
        return changed
    accepted = accept(changed)
    if isinstance(accepted, list):
        return accepted
    _replace(file, changed.text)
    return []


def _put(document: Any, path: list[str], value: Any) -> bool:
    """Put `value` at `path`, making absent tables; False where something else is in the way."""
    table = document
    for part in path[:-1]:
        if part not in table:
            table[part] = tomlkit.table()
        table = table[part]
        if not hasattr(table, "keys"):
            return False
    held = table.get(path[-1])
    if isinstance(held, Table) or hasattr(held, "keys"):
        return False
    table[path[-1]] = _like(held, value)
    return True


def _like(held: Any, value: Any) -> Any:
    """`value` with the comment and the spaces of the one it replaces."""
    fresh = tomlkit.item(value)
    if isinstance(held, Item):
        fresh.trivia.indent = held.trivia.indent
        fresh.trivia.comment_ws = held.trivia.comment_ws
        fresh.trivia.comment = held.trivia.comment
        fresh.trivia.trail = held.trivia.trail
    return fresh


def _typed(path: list[str], value: str) -> Any:
    """`value` as its key takes it: a text as it is, everything else as TOML writes it."""
    if _takes_text(path):
        return value.removeprefix('"').removesuffix('"')
    try:
        return tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return value


def _takes_text(path: list[str]) -> bool:
    model: type[BaseModel] | None = Config
    for part in path[:-1]:
        field = fields_of(model).get(part) if model else None
        model = table_of(field.annotation) if field else None
    field = fields_of(model).get(path[-1]) if model else None
    if field is None:
        return False
    kinds = (field.annotation, *get_args(field.annotation))
    return any(kind is str or isinstance(kind, str) for kind in kinds)


def _replace(file: Path, text: str) -> None:
    """Put `text` in the file's place in one step, with its mode, on disk before it shows."""
    mode = file.stat().st_mode & 0o777
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with open(descriptor, "w", encoding="utf-8") as fresh:
            fresh.write(text)
            fresh.flush()
            os.fchmod(fresh.fileno(), mode)
            os.fsync(fresh.fileno())
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
