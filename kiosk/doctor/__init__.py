"""Looks at a terminal and tells what is wrong and how to fix it (`kiosk doctor`).

Nothing is changed: devices are opened and identified, departments asked for their health.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kiosk.config import Config, load
from kiosk.doctor import books, departments, hardware, machine, seals
from kiosk.doctor.finding import Finding, bad, ok
from kiosk.itemfile import read_items
from kiosk.tomlfile import ConfigProblem


def examine(config_directory: Path, state_directory: Path) -> Iterator[Finding]:
    """Every finding, as soon as it is made."""
    config = load(config_directory)
    yield from _right("config", config_directory / "terminal.toml", config)
    items = read_items(config_directory / "services")
    yield from _right("catalogue", config_directory / "services", items)
    yield machine.display()
    yield machine.fonts()
    yield machine.locale()
    yield machine.disk(state_directory)
    yield from machine.clock()
    if isinstance(config, Config):
        yield from books.journal(config.journal, state_directory)
        yield from hardware.ports(config.devices)
        yield from hardware.devices(config.devices)
        yield from departments.interfaces(config, config_directory)
        yield from seals.roots(config, config_directory)


def _right(check: str, place: Path, read: object) -> Iterator[Finding]:
    if not isinstance(read, list):
        yield ok(check, f"{place} is right")
        return
    for problem in read:
        if isinstance(problem, ConfigProblem):
            where = f"{problem.file}:{problem.line}" if problem.line else str(problem.file)
            yield bad(check, f"{where}: {problem.key}: {problem.what}", problem.remedy)
