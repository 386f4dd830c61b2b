"""The settings of an adapter, read from the keyword-only part of its signature.

Configuration files, `kiosk devices` and third parties learn here what an adapter takes; nothing about it
is written down twice.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from devices.device import PORT_FORM
from devices.registry import BadSetting, adapter_of

KINDS: Mapping[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text in quotes",
}

PORT = "port"
"""Not a setting, but named like one where it is wrong."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name, its type as annotated, and the value that applies where none is given."""

    name: str
    annotation: Any
    default: Any

    @property
    def wanted(self) -> str:
        """What a value must be, in words."""
        return _wanted(self.annotation)

    def taken(self, value: object) -> Any:
        """`value` as the adapter takes it: lists become tuples. Raises BadSetting for a wrong type."""
        try:
            return _taken(self.annotation, value)
        except TypeError:
            raise BadSetting(self.name, f"must be {self.wanted}") from None


@dataclass(frozen=True, slots=True)
class Wrong:
    """A setting that an adapter refuses, `what` is wrong with it, and the `remedy`."""

    setting: str
    what: str
    remedy: str


def settings_of(adapter: Any) -> dict[str, Setting]:
    """What `adapter` (a class) takes besides its name and port."""
    hints = get_type_hints(adapter.__init__)
    return {
        name: Setting(name, hints.get(name, str), parameter.default)
        for name, parameter in inspect.signature(adapter.__init__).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }


def wrong_in(type_name: str, port: str | None, given: Mapping[str, object]) -> Iterator[Wrong]:
    """All that an adapter refuses of `port` (None: not looked at) and of the settings `given`.

    The adapter itself has the last word: it is made, and not started. Raises UnknownType.
    """
    adapter = adapter_of(type_name)
    known = settings_of(adapter)
    form = getattr(adapter, "port_form", PORT_FORM)
    if port is not None and not re.fullmatch(form, port):
        yield Wrong(
            PORT, "not in the right form", "Give a device file, a URL, or as its adapter says"
        )
        return
    values: dict[str, Any] = {}
    found = False
    for name, value in given.items():
        try:
            if name not in known:
                raise BadSetting(name, "unknown key")
            values[name] = known[name].taken(value)
        except BadSetting as bad:
            found = True
            yield Wrong(name, bad.why, _remedy(name, known))
    if found:
        return
    try:
        adapter("trial", port or "/dev/null", **values)
    except BadSetting as bad:
        yield Wrong(bad.setting, bad.why, _remedy(bad.setting, known))
    except (KeyError, ValueError) as error:
        blamed = next((name for name, value in values.items() if value in error.args), PORT)
        yield Wrong(blamed, "not one of the choices", _remedy(blamed, known))


def _remedy(name: str, known: Mapping[str, Setting]) -> str:
    if name in known:
        return f"Give {known[name].wanted}; the default is {known[name].default!r}"
    if name == PORT:
        return "Give the port as the adapter wants it"
    from difflib import get_close_matches

    close = get_close_matches(name, [*known, PORT, "type"], n=1)
    if close:
        return f"Did you mean {close[0]}"
    return f"Remove it, or use one of {', '.join(sorted(known))}" if known else "Remove it"


def _wanted(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return f"one of {', '.join(repr(choice) for choice in get_args(kind))}"
    if get_origin(kind) is tuple:
        return "a list in square brackets"
    if get_origin(kind) in (Union, UnionType):
        return " or ".join(_wanted(part) for part in get_args(kind) if part is not NoneType)
    return KINDS.get(kind, f"of type {getattr(kind, '__name__', kind)}")


def _taken(kind: Any, value: object) -> Any:
    parts = get_args(kind)
    if get_origin(kind) is Literal:
        if any(value == choice and type(value) is type(choice) for choice in parts):
            return value
        raise TypeError
    if get_origin(kind) in (Union, UnionType):
        return _first_taken(parts, value)
    if get_origin(kind) is tuple:
        if not isinstance(value, list | tuple):
            raise TypeError
        if len(parts) == 2 and parts[1] is Ellipsis:
            return tuple(_taken(parts[0], part) for part in value)
        if len(parts) != len(value):
            raise TypeError
        return tuple(_taken(part, one) for part, one in zip(parts, value, strict=True))
    if kind is float and type(value) is int:
        return float(value)
    if kind in KINDS and type(value) is not kind:
        raise TypeError
    return value


def _first_taken(kinds: tuple[Any, ...], value: object) -> Any:
    for kind in kinds:
        if kind is NoneType:
            continue
        try:
            return _taken(kind, value)
        except TypeError:
            continue
    raise TypeError
