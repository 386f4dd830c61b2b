"""Every key of every item's file, wrong once: told with its line, and with what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.catalogue import load_catalogue
from kiosk.paths import CONFIG_DIR
from kiosk.tomlfile import ConfigProblem

FILES = sorted((CONFIG_DIR / "services").glob("*.toml"))

KEY = re.compile(r"^(\s*)([A-Za-z_]\w*) = (.+)$")
"""A key with its value on the same line."""

KIND = re.compile(r"^kind = .+$")


def problems(directory: Path, file: Path, change: Callable[[str], str]) -> list[ConfigProblem]:
    """What is said of `file` alone, each of its lines changed."""
    services = directory / "services"
    services.mkdir()
    text = "\n".join(change(line) for line in file.read_text(encoding="utf-8").splitlines())
    (services / file.name).write_text(text, encoding="utf-8")
    loaded = load_catalogue(directory)
    return loaded if isinstance(loaded, list) else []


def changed(file: Path, change: Callable[[str], str]) -> set[int]:
    """The numbers of the lines that `change` changes."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return {number for number, line in enumerate(lines, 1) if change(line) != line}


def of_another_type(line: str) -> str:
    """The key with a value that it cannot have; what says which of several forms it is stays."""
    key = KEY.match(line)
    if key is None or KIND.match(line) or not whole(key[3]):
        return line
    return (
        f"{key[1]}{key[2]} = {'7' if key[3].startswith(chr(34)) else chr(34) + 'seven' + chr(34)}"
    )


def whole(value: str) -> bool:
    """Whether a value ends on its own line."""
    pairs = (("[", "]"), ("{", "}"))
    return not value.startswith('"""') and all(value.count(a) == value.count(b) for a, b in pairs)


def named_freely(file: Path) -> set[int]:
    """The lines of a list of an item's own, whose entries have what names they like."""
    heading, lines = "", set()
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        heading = line if line.startswith("[") else heading
        if heading.startswith("[lists."):
            lines.add(number)
    return lines


def no_kind(line: str) -> str:
    return 'kind = "nothing"' if KIND.match(line) else line


def misspelt(line: str) -> str:
    key = KEY.match(line)
    return f"{key[1]}{key[2]}x = {key[3]}" if key and not KIND.match(line) else line


@pytest.mark.parametrize("file", FILES, ids=lambda one: one.stem)
def test_a_value_of_another_type_is_told_at_its_line_with_a_remedy(
    file: Path, tmp_path: Path
) -> None:
    told = problems(tmp_path, file, of_another_type)
    assert changed(file, of_another_type) == {problem.line for problem in told}
    for problem in told:
        assert problem.file.name == file.name
        assert problem.key
        assert problem.remedy
        assert "..." not in problem.remedy, problem
        assert "of another type" not in problem.what, problem


@pytest.mark.parametrize("file", FILES, ids=lambda one: one.stem)
def test_a_form_that_there_is_not_is_told_with_those_that_there_are(
    file: Path, tmp_path: Path
) -> None:
    told = problems(tmp_path, file, no_kind)
    assert changed(file, no_kind) <= {problem.line for problem in told}
    assert all(problem.remedy.startswith(("Give one of '", "Give ")) for problem in told)
    assert all(problem.key.endswith(".kind") for problem in told)


@pytest.mark.parametrize("file", FILES, ids=lambda one: one.stem)
def test_a_misspelt_key_is_told_at_its_line_with_the_right_one(file: Path, tmp_path: Path) -> None:
    told = problems(tmp_path, file, misspelt)
    unknown = {problem.line for problem in told if problem.what == "unknown key"}
    assert unknown == changed(file, misspelt) - named_freely(file)
    for problem in told:
        if problem.what == "unknown key":
            right = problem.key.rpartition(".")[2].removesuffix("x")
            assert problem.remedy == f"Did you mean {right}"


def test_there_are_files_of_every_item() -> None:
    items = load_catalogue(CONFIG_DIR)
    assert isinstance(items, tuple)
    assert len(FILES) == len(items) == 36
