"""What the documents name is there: commands with their options, make's targets, files, modules."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from kiosk.catalogue import load_catalogue
from kiosk.cli import run
from kiosk.cli.commands import SUBCOMMANDS, app
from kiosk.paths import CONFIG_DIR

ROOT = Path(__file__).resolve().parents[2]

DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(one for one in (ROOT / "docs").glob("*.md") if one.name != "gallery.md")]
)

COMMAND = re.compile(
    r"(?:^ {4}|^|`)(?:\$ |sudo )?(?:\.venv/bin/)?kiosk ([a-z-][^`#|&>\n]*)", re.MULTILINE
)
"""A command in a block of its own or in `code`; not prose about the kiosk."""

TARGET = re.compile(r"(?:^ {4}|`)(?:sudo )?make ([a-z][a-z-]*)", re.MULTILINE)
FILE = re.compile(r"`((?:kiosk|screens|devices|tests|config|docs|systemd|scripts)/[\w./-]+)`")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")

ADDED = "config/services/own-unit.toml"
"""The item that docs/ADDING-AN-ITEM.md has its reader write."""

TOO_MANY_LINES = 60
"""Of a page that is read standing."""


def commands() -> Iterator[tuple[str, str]]:
    """Each document's name with each command that it gives."""
    for document in DOCUMENTS:
        for found in COMMAND.finditer(document.read_text(encoding="utf-8")):
            if found[1].split()[0].startswith("--") or found[1].split()[0] in SUBCOMMANDS:
                yield document.name, found[1].strip()


def known(words: list[str]) -> tuple[Any, list[str]]:
    """The command that `words` begin with, and the words after its name."""
    command: Any = typer.main.get_command(app)
    while words and hasattr(command, "get_command"):
        inner = command.get_command(None, words[0])
        if inner is None:
            break
        command, words = inner, words[1:]
    return command, words


def options(command: Any) -> set[str]:
    return {"--help"} | {option for one in command.params for option in one.opts}


@pytest.mark.parametrize(("document", "given"), sorted(set(commands())))
def test_a_command_that_a_document_gives_exists_with_its_options(document: str, given: str) -> None:
    try:
        words = shlex.split(given)
    except ValueError:
        words = given.split()
    first = next((one for one in words if not one.startswith("-")), "")
    command, rest = known(words)
    named = {word.partition("=")[0] for word in rest if word.startswith("--") and word != "--"}
    taken = (
        {option for one in run._parser()._actions for option in one.option_strings}
        if first == "run"
        else options(command)
    )
    assert named <= taken, f"{document}: kiosk {given}"
    if hasattr(command, "get_command"):
        names = set(command.list_commands(None))
        for word in rest[:1]:
            parts = set(re.split(r"[|,]\s*", word)) if not word.startswith("-") else set()
            assert parts <= names, f"{document}: kiosk {given}"


def test_the_documents_give_commands_of_every_subcommand() -> None:
    given = {command.split()[0] for _, command in commands()}
    assert set(SUBCOMMANDS) <= given


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one.name)
def test_what_a_document_points_at_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    assert set(TARGET.findall(text)) <= targets
    missing = [link for link in LINK.findall(text) if not (document.parent / link).exists()]
    missing += [file for file in FILE.findall(text) if not any(ROOT.glob(file.rstrip("/")))]
    assert set(missing) <= {ADDED}


def test_the_readme_is_one_page_and_leads_to_every_document() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(readme.splitlines()) <= TOO_MANY_LINES
    reached, waiting = set(), {ROOT / "README.md"}
    while waiting:
        page = waiting.pop()
        reached.add(page)
        links = LINK.findall(page.read_text(encoding="utf-8"))
        there = {(page.parent / link).resolve() for link in links if link.endswith(".md")}
        waiting |= {one for one in there if one.is_file()} - reached
    documents = {one.resolve() for one in DOCUMENTS}
    assert documents <= reached, sorted(str(one.name) for one in documents - reached)


def test_the_citizens_guide_names_every_item_and_what_it_asks_for() -> None:
    guide = (ROOT / "docs" / "GUIDE-CITIZEN.md").read_text(encoding="utf-8")
    items = load_catalogue(CONFIG_DIR)
    assert isinstance(items, tuple)
    for item in items:
        mark = {0: "¹", 1: "¹", 2: "", 3: "²"}[item.proof]
        name = item.short_name.text.replace("·", "、") + mark
        assert re.search(rf"(\| |· ){re.escape(name)}( ·| \|)", guide), name
