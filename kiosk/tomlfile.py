"""Reads one TOML file into a pydantic model; every error names file, line, key, fault and remedy."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from kiosk.texts import Msg, Words, msg

M = TypeVar("M", bound=BaseModel)
KeyPath = tuple[str | int, ...]

SYNTAX_LINE = re.compile(r"\(at line (\d+), column \d+\)")
"""How tomllib tells where it stopped."""

NUMBER_TYPES = ("int_type", "float_type", "int_from_float", "finite_number")
RANGE_TYPES = ("greater_than_equal", "less_than_equal", "greater_than", "less_than")
LENGTH_TYPES = ("string_too_short", "string_too_long", "too_short", "too_long")


@dataclass(frozen=True, slots=True)
class ConfigError:
    """One thing wrong in a configuration file. `line` counts from 1; 0 means the file as a whole."""

    file: Path
    line: int
    key: str
    what: Msg
    remedy: Msg

    def say(self, words: Words) -> str:
        """One line for a terminal or an editor: `file:line: key: what. remedy`."""
        where = f"{self.file}:{self.line}" if self.line else str(self.file)
        subject = f"{self.key}: " if self.key else ""
        return f"{where}: {subject}{words.say(self.what)} {words.say(self.remedy)}"


@dataclass(frozen=True, slots=True)
class ConfigErrors:
    """All that is wrong, in the order of the files' lines."""

    errors: tuple[ConfigError, ...]

    def lines(self, words: Words) -> list[str]:
        return [error.say(words) for error in self.errors]


@dataclass(frozen=True, slots=True)
class TomlText:
    """A TOML file's text with its values, and the line at which each key stands."""

    file: Path
    text: str
    values: Mapping[str, Any]

    def error(self, path: KeyPath, what: Msg, remedy: Msg) -> ConfigError:
        """An error at `path`, or at its nearest table where the key itself is absent."""
        lines = key_lines(self.text)
        known = next((path[:n] for n in range(len(path), 0, -1) if path[:n] in lines), None)
        return ConfigError(self.file, lines[known] if known else 1, dotted(path), what, remedy)


def parse_toml(file: Path) -> TomlText | ConfigErrors:
    """Read `file` as TOML, nothing more."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return _whole(file, msg("config.file_missing"), msg("config.file_missing.remedy"))
    except OSError as error:
        what = msg("config.file_unreadable", reason=str(error.strerror))
        return _whole(file, what, msg("config.file_unreadable.remedy"))
    except UnicodeDecodeError:
        return _whole(file, msg("config.not_utf8"), msg("config.not_utf8.remedy"))
    return parse_text(file, text)


def parse_text(file: Path, text: str) -> TomlText | ConfigErrors:
    """`text` as TOML, as if it stood in `file`."""
    try:
        return TomlText(file, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        found = SYNTAX_LINE.search(str(error))
        line = int(found[1]) if found else len(text.splitlines())
        reason = str(error).partition(" (at ")[0]
        what, remedy = msg("config.syntax", reason=reason), msg("config.syntax.remedy")
        return ConfigErrors((ConfigError(file, line, "", what, remedy),))


def validate(source: TomlText, model: type[M]) -> M | ConfigErrors:
    """The values of `source` as a `model`."""
    try:
        return model.model_validate(source.values)
    except ValidationError as invalid:
        found = invalid.errors(include_url=False, include_context=True)
        errors = (
            source.error(error["loc"], *_explained(model, error["type"], error["loc"]))
            for error in found
        )
        return ConfigErrors(tuple(sorted(errors, key=lambda error: error.line)))


def key_lines(text: str) -> dict[KeyPath, int]:
    """The line (from 1) on which each key's statement begins.

    A key belongs to the statement that makes it appear when the file is read line by line, so that
    the TOML parser itself decides what a key is.
    """
    lines: dict[KeyPath, int] = {}
    kept = ""
    begun = 1
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        kept += line
        try:
            values = tomllib.loads(kept)
        except tomllib.TOMLDecodeError:
            continue
        for path in _paths(values):
            lines.setdefault(path, begun)
        begun = number + 1
    return lines


def dotted(path: KeyPath) -> str:
    """`("devices", "id_card", "port")` as devices.id_card.port."""
    return ".".join(str(part) for part in path)


def field_at(model: type[BaseModel], path: KeyPath) -> FieldInfo | None:
    """The declaration of the key at `path`, or None where the model has none."""
    owner = model_at(model, path[:-1])
    return _fields(owner).get(str(path[-1])) if owner and path else None


def model_at(model: type[BaseModel], path: KeyPath) -> type[BaseModel] | None:
    """The model of the table at `path`; list positions are passed over."""
    for part in path:
        if isinstance(part, int):
            continue
        field = _fields(model).get(part)
        inner = _model_of(field.annotation) if field else None
        if inner is None:
            return None
        model = inner
    return model


def bounds(field: FieldInfo) -> tuple[str, str]:
    """The least and the greatest value that `field` takes, as written in TOML."""
    low = next((m.ge for m in field.metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in field.metadata if hasattr(m, "le")), None)
    return str(low), str(high)


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _model_of(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, UnionType, tuple, list, dict):
        return next((m for m in map(_model_of, get_args(annotation)) if m), None)
    return None


def _explained(model: type[BaseModel], kind: str, path: KeyPath) -> tuple[Msg, Msg]:
    if kind == "extra_forbidden":
        return msg("config.unknown_key"), _nearest(model, path)
    field = field_at(model, path)
    if kind == "model_type" or kind == "model_attributes_type" or field is None:
        return msg("config.not_a_table"), msg("config.not_a_table.remedy", key=dotted(path))
    if kind == "missing":
        return msg("config.missing"), _example("config.missing.remedy", path, field)
    if kind in RANGE_TYPES:
        low, high = bounds(field)
        return msg("config.out_of_range"), msg("config.out_of_range.remedy", low=low, high=high)
    if kind == "literal_error":
        choices = ", ".join(toml_value(choice) for choice in get_args(field.annotation))
        return msg("config.not_a_choice"), msg("config.not_a_choice.remedy", choices=choices)
    if kind in LENGTH_TYPES:
        return msg("config.wrong_length"), _example("config.example.remedy", path, field)
    if kind == "string_pattern_mismatch":
        return msg("config.wrong_form"), _example("config.example.remedy", path, field)
    if kind in NUMBER_TYPES:
        return msg("config.not_a_number"), _example("config.example.remedy", path, field)
    return msg("config.wrong_type"), _example("config.example.remedy", path, field)


def _nearest(model: type[BaseModel], path: KeyPath) -> Msg:
    owner = model_at(model, path[:-1])
    known = sorted(_fields(owner)) if owner else []
    close = difflib.get_close_matches(str(path[-1]), known, n=1)
    if close:
        return msg("config.unknown_key.nearest", nearest=close[0])
    return msg("config.unknown_key.remedy", known=", ".join(known))


def _example(key: str, path: KeyPath, field: FieldInfo) -> Msg:
    value = field.examples[0] if field.examples else field.get_default(call_default_factory=False)
    name = next((str(part) for part in reversed(path) if isinstance(part, str)), "")
    return msg(key, example=f"{name} = {toml_value(value)}")


def toml_value(value: object) -> str:
    """A value as it is written in TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(toml_value(part) for part in value) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{k} = {toml_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, int | float):
        return str(value)
    quoted = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'


def _paths(values: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    pairs: Iterator[tuple[str | int, Any]] | None = None
    if isinstance(values, dict):
        pairs = iter(values.items())
    elif isinstance(values, list):
        pairs = iter(enumerate(values))
    for key, value in pairs or ():
        yield (*path, key)
        yield from _paths(value, (*path, key))


def _whole(file: Path, what: Msg, remedy: Msg) -> ConfigErrors:
    return ConfigErrors((ConfigError(file, 0, "", what, remedy),))
