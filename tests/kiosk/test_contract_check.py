"""Declared items are held against the departments' contract; the contract's files follow the sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from kiosk.cli.commands import app
from kiosk.contract import split, written
from kiosk.contract_check import API_DIR, check
from kiosk.itemfile import read_files
from kiosk.paths import CONFIG_DIR
from kiosk.sandbox.app import create_app

MEND = "run: kiosk sandbox openapi --split docs/api"


def test_the_contracts_files_are_those_of_the_sandbox() -> None:
    documents = split(create_app().openapi())

    assert {file.stem for file in API_DIR.glob("*.json")} == set(documents), MEND
    for department, document in documents.items():
        file = API_DIR / f"{department}.json"
        assert file.read_text(encoding="utf-8") == written(document), f"{file.name} drifted; {MEND}"


def test_each_contract_is_whole_in_itself() -> None:
    for department, document in split(create_app().openapi()).items():
        assert document["openapi"].startswith("3.1")
        assert all(path.startswith(f"/{department}/v1/") for path in document["paths"])
        text = written(document)
        for name in document["components"]["schemas"]:
            assert f'"#/components/schemas/{name}"' in text


def test_the_command_writes_the_files_and_takes_old_ones_away(tmp_path: Path) -> None:
    (tmp_path / "gone.json").write_text("{}")

    told = CliRunner().invoke(app, ["sandbox", "openapi", "--split", str(tmp_path)])

    assert told.exit_code == 0
    for file in API_DIR.glob("*.json"):
        assert (tmp_path / file.name).read_bytes() == file.read_bytes(), MEND
    assert not (tmp_path / "gone.json").exists()


def test_every_item_that_comes_with_the_program_keeps_the_contract() -> None:
    assert [str(problem) for problem in check(read_files(CONFIG_DIR / "services"))] == []


def told(config_dir: Path, item: str, *changes: tuple[str, str]) -> list[str]:
    """What is told of a changed item."""
    file = config_dir / "services" / f"{item}.toml"
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    files = [one for one in read_files(config_dir / "services") if one[0].file == file]
    assert files, "the change is wrong TOML"
    return [str(problem) for problem in check(files)]


PICKED = """[pick]
of = "units"
by = "use"
title = { zh_CN = "哪一处？", en = "Which one?" }
name = { field = "location", label = { zh_CN = "坐落", en = "Location" } }

[nothing]"""

CHART = """[[view.parts]]
kind = "chart"
of = "units"
label = "location"
value = "area"

[result]"""


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        (
            'path = "/own/queries"',
            'path = "/all/queries"',
            ["request.path: is not of the contract", "/own/queries"],
        ),
        (
            'path = "/own/queries"',
            'path = "/units/{unit}/queries"',
            ["request.path: {unit} is not asked"],
        ),
        (
            "body = { purpose",
            "body = { reason",
            ["request.body.reason: reason is not of the contract", "purpose is required"],
        ),
        (
            'purpose = "purpose"',
            'purpose = "why"',
            ["request.body.purpose: why is not asked", "Name one of "],
        ),
        ("proof = 2", "proof = 1", ["person is required", "there is no person"]),
        (
            'path = "/own/queries"',
            'path = "/own/queries"\ngiven = { place = "x" }',
            ["request.given.place: place is not of the contract"],
        ),
        (
            'path = "/own/queries"',
            'path = "/own/queries"\nchanges = true',
            ["request.changes: the operation changes nothing", "Write changes = false"],
        ),
        (
            'loan = { zh_CN = "办理贷款", en = "For a loan" }',
            'rent = { zh_CN = "租房", en = "To rent" }',
            ["lists.purposes: rent is not of the contract; loan is missing", "Give exactly"],
        ),
        (
            'field = "location", label',
            'field = "place", label',
            ["view.parts.0.rows.0.field: place is not of the contract", "location"],
        ),
        (
            'field = "mortgaged", as = "flag"',
            'field = "mortgaged"',
            ["is not string in the contract", "The contract has boolean"],
        ),
        (
            'field = "area", as = "decimal"',
            'field = "area", as = "fen"',
            ["is not integer in the contract"],
        ),
        ('of = "units"', 'of = "houses"', ["nothing.of: houses is not of the contract"]),
        ('of = "units"', 'of = "query_no"', ["query_no is no list of entries"]),
        ("{units} 处", "{houses} 处", ["view.title: houses is not of the contract"]),
        (
            'link = "take_away_url"',
            'link = "address"',
            ["result.link: address is not of the contract"],
        ),
        ('number = "query_no"', 'number = "job"', ["slip.number: job is not of the contract"]),
        (
            'field = "asked.purpose"',
            'field = "asked.reason"',
            ["reason is not asked"],
        ),
        ("[nothing]", PICKED.replace('"use"', '"seized"'), ["pick.by: cannot tell entries apart"]),
        ("[nothing]", PICKED.replace('"use"', '"key"'), ["pick.by: key is not of the contract"]),
        ("[result]", CHART, ["view.parts.1.value: is not integer in the contract"]),
        (
            'field = "document"',
            'field = "query_no"',
            ["document.field: is no sealed document"],
        ),
        (
            'department = "property"\npath',
            'department = "parks"\npath',
            ["request.department: has no contract parks.json"],
        ),
    ],
)  # fmt: skip
def test_what_is_not_of_the_contract_is_told_with_its_remedy(
    config_dir: Path, old: str, new: str, wanted: list[str]
) -> None:
    said = told(config_dir, "own-property", (old, new))

    for part in wanted:
        assert any(part in line for line in said), (part, said)
    assert all("own-property.toml:" in line for line in said)


def test_a_file_that_keeps_the_contract_is_told_nothing(config_dir: Path) -> None:
    assert told(config_dir, "own-property") == []
