"""Every key of terminal.toml, wrong once: the problem names file, line, key and remedy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from devices.registry import adapter_of, types
from devices.settings import settings_of
from kiosk.config import FILES, Config, load
from kiosk.config_devices import PARTS
from kiosk.paths import CONFIG_DIR
from kiosk.pin import BENCH_PIN, hash_pin, pin_matches
from kiosk.timing import Timing
from kiosk.tomlfile import ConfigProblem, fields_of, table_of, toml_value


@dataclass(frozen=True)
class Leaf:
    """A key that holds a value: its table, its name, its declaration."""

    table: tuple[str, ...]
    name: str
    field: FieldInfo

    @property
    def key(self) -> str:
        return ".".join((*self.table, self.name))


def leaves(model: type[BaseModel], table: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """The keys of a table, then those of the tables in it, as TOML wants them written."""
    keys = {name: (field, table_of(field.annotation)) for name, field in fields_of(model).items()}
    for name, (field, inner) in keys.items():
        if inner is None:
            yield Leaf(table, name, field)
    for name, (_, inner) in keys.items():
        if inner is not None:
            yield from leaves(inner, (*table, name))


def settings() -> Iterator[Leaf]:
    """The settings of the adapter that each part has by default, as its signature declares them."""
    for name, part in INSTALLED.items():
        for setting in settings_of(adapter_of(part.type)).values():
            field = FieldInfo(annotation=setting.annotation, default=setting.default)
            yield Leaf(("devices", name), setting.name, field)


INSTALLED = {name: part for name, part in PARTS.items() if part.type in types()}

LEAVES = tuple(
    sorted(
        [
            *(
                leaf
                for leaf in leaves(Config)
                if leaf.table[:1] != ("devices",) or leaf.table[1] in INSTALLED
            ),
            *settings(),
        ],
        key=lambda leaf: leaf.table,
    )
)

GIVEN: dict[str, Any] = {
    "terminal.id": "rushan-07",
    "terminal.number": "07",
    "terminal.hall.zh_CN": "大厅",
    "terminal.hall.en": "Hall",
    "terminal.city.zh_CN": "终端",
    "terminal.city.en": "Terminal",
}
"""What has no default."""


def right(leaf: Leaf) -> str:
    value = GIVEN.get(leaf.key, leaf.field.default)
    if value is None:
        value = leaf.field.examples[0] if leaf.field.examples else None
    return toml_value(value)


def wrong(leaf: Leaf) -> Iterator[str]:
    """Values that the key must refuse, as TOML."""
    sample = right(leaf)
    yield "7" if sample.startswith('"') else '"seven"'
    yield "[1, 2]" if not sample.startswith("[") else "7"
    for rule in leaf.field.metadata:
        if getattr(rule, "ge", None) is not None:
            yield str(rule.ge - 1)
        if getattr(rule, "le", None) is not None:
            yield str(rule.le + 1)
        if getattr(rule, "pattern", None):
            yield '"?!"'
        if getattr(rule, "min_length", None):
            yield '""'
        if getattr(rule, "max_length", None):
            yield toml_value("x" * (rule.max_length + 1))


CASES = [(leaf, value) for leaf in LEAVES for value in wrong(leaf)]


def write(directory: Path, replaced: str = "", value: str = "") -> int:
    """Write every key into terminal.toml, one with another value; its line number."""
    directory.mkdir(exist_ok=True)
    lines: list[str] = []
    found, table = 0, ()
    for leaf in LEAVES:
        if leaf.table != table:
            table = leaf.table
            lines.append(f"[{'.'.join(table)}]")
        lines.append(f"{leaf.name} = {value if leaf.key == replaced else right(leaf)}")
        found = len(lines) if leaf.key == replaced else found
        if leaf.name in FILES:
            file = directory / str(leaf.field.examples[0])  # type: ignore[index]
            file.parent.mkdir(exist_ok=True)
            file.touch()
    (directory / "terminal.toml").write_text("\n".join(lines))
    return found


def problems(directory: Path) -> list[ConfigProblem]:
    loaded = load(directory)
    return loaded if isinstance(loaded, list) else []


def test_a_file_with_every_key_right_is_right(tmp_path: Path) -> None:
    write(tmp_path)

    assert [str(problem) for problem in problems(tmp_path)] == []
    assert len(LEAVES) > 70


@pytest.mark.parametrize(("leaf", "value"), CASES, ids=lambda part: getattr(part, "key", part))
def test_a_wrong_value_is_told_with_file_line_key_and_remedy(
    leaf: Leaf, value: str, tmp_path: Path
) -> None:
    line = write(tmp_path, leaf.key, value)

    (problem,) = problems(tmp_path)

    assert (problem.file, problem.line, problem.key) == (tmp_path / "terminal.toml", line, leaf.key)
    assert str(problem).startswith(f"{tmp_path}/terminal.toml:{line}: {leaf.key}: {problem.what}. ")
    assert problem.remedy
    assert "..." not in problem.remedy


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.key)
def test_a_misspelt_key_is_refused_and_the_nearest_is_named(leaf: Leaf, tmp_path: Path) -> None:
    write(tmp_path)
    file = tmp_path / "terminal.toml"
    heading = f"[{'.'.join(leaf.table)}]\n"
    misspelt = f"{leaf.name}x"
    file.write_text(file.read_text().replace(heading, f"{heading}{misspelt} = 1\n"))

    (problem,) = problems(tmp_path)

    assert problem.key == ".".join((*leaf.table, misspelt))
    assert problem.line == file.read_text().splitlines().index(f"{misspelt} = 1") + 1
    assert problem.what == "unknown key"
    assert problem.remedy == f"Did you mean {leaf.name}"


@pytest.mark.parametrize("key", GIVEN)
def test_a_missing_key_is_told_with_what_to_add(key: str, tmp_path: Path) -> None:
    write(tmp_path)
    file = tmp_path / "terminal.toml"
    leaf = next(leaf for leaf in LEAVES if leaf.key == key)
    text = file.read_text()
    heading = f"[{'.'.join(leaf.table)}]\n"
    before, _, table = text.partition(heading)
    line = f"{leaf.name} = {right(leaf)}\n"
    file.write_text(before + heading + table.replace(line, "", 1))

    (problem,) = problems(tmp_path)

    assert (problem.key, problem.what) == (key, "missing")
    assert problem.remedy.startswith(f"Add it: {leaf.name} = ")
    assert problem.line == before.count("\n") + 1


def test_all_problems_are_told_at_once_in_the_order_of_the_lines(config_dir: Path) -> None:
    replace(config_dir, "idle_s = 60", "idle_s = 1")
    replace(config_dir, "own = true", "own = maybe".replace("maybe", '"maybe"'))
    replace(config_dir, "max_fps = 30", "max_fsp = 30")

    found = problems(config_dir)

    assert [problem.key for problem in found] == ["display.max_fsp", "timing.idle_s", "sandbox.own"]
    assert [problem.line for problem in found] == sorted(problem.line for problem in found)


def replace(directory: Path, old: str, new: str) -> None:
    file = directory / "terminal.toml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def test_a_syntax_error_names_its_line(config_dir: Path) -> None:
    replace(config_dir, 'number = "07"', "number = 07seven")

    (problem,) = problems(config_dir)

    assert problem.line == 6
    assert "not TOML" in problem.what


@pytest.mark.parametrize(
    ("content", "what"), [(None, "there is no such file"), (b"\xff\xfe", "is not UTF-8")]
)
def test_a_file_that_is_no_text_is_a_problem(
    content: bytes | None, what: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "terminal.toml").write_bytes(content)

    (problem,) = problems(tmp_path)

    assert str(problem).startswith(f"{tmp_path}/terminal.toml: {what}")


def test_the_default_asks_for_simulated_devices_and_an_own_sandbox() -> None:
    config = load(CONFIG_DIR)

    assert isinstance(config, Config)
    assert all(device.simulated for _, device in config.devices.named())
    assert config.sandbox.own
    assert config.mode == "bench"
    assert pin_matches(BENCH_PIN, config.technician.pin_hash)


def test_production_refuses_everything_pretended(config_dir: Path) -> None:
    replace(config_dir, "production = false", "production = true")

    assert [problem.key for problem in problems(config_dir)] == [
        "devices.id_card.port",
        "devices.scanner.port",
        "devices.receipt_printer.port",
        "devices.document_printer.port",
        "devices.camera.port",
        "devices.compartments.port",
        "sandbox.own",
        "technician.pin_hash",
    ]


def test_production_takes_real_devices_departments_and_an_own_pin(config_dir: Path) -> None:
    for port in (
        *("/dev/kiosk-idcard", "/dev/kiosk-scan", "/dev/kiosk-printer"),
        *("cups:documents", "/dev/video0", "/dev/kiosk-locks"),
    ):
        replace_first(config_dir, 'port = "simulated"', f'port = "{port}"')
    replace(config_dir, "production = false", "production = true")
    replace(config_dir, "own = true", "own = false")
    replace(config_dir, "attempts = 5", f'attempts = 5\npin_hash = "{hash_pin("908172")}"')

    assert [str(problem) for problem in problems(config_dir)] == []


def replace_first(directory: Path, old: str, new: str) -> None:
    file = directory / "terminal.toml"
    file.write_text(file.read_text().replace(old, new, 1))


@pytest.mark.parametrize(
    ("url", "accepted"),
    [
        ("https://gateway.example/property/v1", True),
        ("http://127.0.0.1:8080/property/v1", True),
        ("http://gateway.example/property/v1", False),
        ("https://user@gateway.example/property/v1", False),
    ],
)
def test_plain_http_goes_to_this_machine_only(url: str, accepted: bool, config_dir: Path) -> None:
    file = config_dir / "terminal.toml"
    file.write_text(f'{file.read_text()}\n[departments.property]\nurl = "{url}"\n')

    found = problems(config_dir)

    assert (found == []) is accepted
    assert all(problem.key == "departments.property" for problem in found)


def test_half_a_signing_key_is_refused(config_dir: Path) -> None:
    file = config_dir / "terminal.toml"
    table = '[departments.property]\nurl = "https://a.example"\nsigning_key_id = "one"\n'
    file.write_text(f"{file.read_text()}\n{table}")

    (problem,) = problems(config_dir)

    assert "go together" in problem.what


def test_a_named_file_must_be_there(config_dir: Path) -> None:
    file = config_dir / "terminal.toml"
    file.write_text(f'{file.read_text()}\n[departments.hall]\nca_file = "tls/ca.pem"\n')

    (problem,) = problems(config_dir)

    assert problem.key == "departments.hall.ca_file"
    assert problem.line == file.read_text().splitlines().index('ca_file = "tls/ca.pem"') + 1


def test_departments_come_as_the_clients_take_them(config_dir: Path) -> None:
    file = config_dir / "terminal.toml"
    (config_dir / "ca.pem").touch()
    table = '[departments.payment]\nurl = "https://pay.example/v1"\nca_file = "ca.pem"\n'
    file.write_text(f"{file.read_text()}\n{table}")
    config = load(config_dir)
    assert isinstance(config, Config)

    departments = config.departments.at(config_dir)

    assert list(departments) == ["payment"]
    payment = departments["payment"]
    assert payment.base_url == "https://pay.example/v1"
    assert payment.ca_file == config_dir / "ca.pem"
    assert payment.total_s == 10.0
    assert config.departments.tax.read_timeout_s == 20.0


def test_alone_nothing_is_simulated_and_devices_are_sought_by_their_udev_names() -> None:
    config = load(CONFIG_DIR)
    assert isinstance(config, Config)

    alone = config.alone()

    assert [device.port for _, device in alone.devices.named()] == [
        "/dev/kiosk-idcard",
        "/dev/kiosk-scan",
        "/dev/kiosk-printer",
        "cups:documents",
        "/dev/video0",
        "/dev/kiosk-locks",
    ]
    assert not alone.sandbox.own


def test_every_wait_can_be_configured_and_defaults_to_the_record() -> None:
    config = load(CONFIG_DIR)
    assert isinstance(config, Config)

    assert {field.name for field in fields(Timing)} == set(type(config.timing).model_fields)
    assert config.timing.waits() == Timing()


def test_each_adapter_gets_its_own_settings() -> None:
    config = load(CONFIG_DIR)
    assert isinstance(config, Config)

    given = {name: device.settings() for name, device in config.devices.named()}
    assert given["id_card"]["baud"] == 115200
    assert given["scanner"]["profile"] == "gm65"
    assert given["receipt_printer"]["profile"] == "epson-80"
    # and what is not in the file is as the adapter has it
    assert given["id_card"]["fingerprint"] is False
