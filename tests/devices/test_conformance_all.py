"""Every adapter that is registered is held to the conformance kit somewhere in these tests.

Read from the tests' text, so that it does not matter which of them run: a class whose name pytest collects,
which stands on a suite of devices/conformance.py, and whose fixture `device` makes the adapter.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from devices.registry import OWN

HERE = Path(__file__).resolve().parent
KIT = "devices.conformance:"
PROJECT = HERE.parent.parent / "pyproject.toml"


def held_in(text: str) -> Iterator[str]:
    """The adapters, as `module:Name`, that the test classes in this source make their device of."""
    module = ast.parse(text)
    imported = {
        alias.asname or alias.name: f"{node.module}:{alias.name}"
        for node in module.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    classes = {node.name: node for node in module.body if isinstance(node, ast.ClassDef)}
    for name, node in classes.items():
        if name.startswith("Test") and _stands_on_the_kit(node, classes, imported):
            made = _device_of(node, classes)
            yield from (imported[one] for one in made if one in imported)


def _bases(node: ast.ClassDef, classes: Mapping[str, ast.ClassDef]) -> Iterator[ast.ClassDef | str]:
    """The class, the classes of this file that it stands on, and the names of those of others."""
    yield node
    for base in node.bases:
        if isinstance(base, ast.Name):
            if base.id in classes:
                yield from _bases(classes[base.id], classes)
            else:
                yield base.id


def _stands_on_the_kit(
    node: ast.ClassDef, classes: Mapping[str, ast.ClassDef], imported: Mapping[str, str]
) -> bool:
    return any(
        isinstance(base, str) and imported.get(base, "").startswith(KIT)
        for base in _bases(node, classes)
    )


def _device_of(node: ast.ClassDef, classes: Mapping[str, ast.ClassDef]) -> set[str]:
    """The names of what the nearest fixture `device` calls."""
    for base in _bases(node, classes):
        if isinstance(base, str):
            continue
        for part in base.body:
            if isinstance(part, ast.FunctionDef) and part.name == "device":
                return {
                    call.func.id
                    for call in ast.walk(part)
                    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
                }
    return set()


HELD = frozenset(
    adapter
    for file in HERE.rglob("test_*.py")
    for adapter in held_in(file.read_text(encoding="utf-8"))
)


@pytest.mark.parametrize("type_name", OWN)
def test_an_adapter_is_held_to_the_kit(type_name: str) -> None:
    assert OWN[type_name] in HELD, f"no test class runs devices/conformance.py on {type_name}"


def test_the_types_that_are_looked_at_are_those_that_the_package_registers() -> None:
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))

    assert project["project"]["entry-points"]["kiosk.devices"] == dict(OWN)


RUN = """
from devices.conformance import ScannerConformance
from devices.scanner.serial import SerialScanner

class {name}({base}):
    @pytest.fixture
    def device(self, simulator):
        return SerialScanner("scanner", simulator.port)
"""


@pytest.mark.parametrize(
    ("name", "base", "held"),
    [
        ("TestScanner", "ScannerConformance", ["devices.scanner.serial:SerialScanner"]),
        ("Scanner", "ScannerConformance", []),
        ("TestScanner", "object", []),
    ],
    ids=["run", "not-collected", "not-the-kit"],
)
def test_only_what_pytest_runs_and_the_kit_checks_counts(
    name: str, base: str, held: list[str]
) -> None:
    assert list(held_in(RUN.format(name=name, base=base))) == held
