"""[devices]: any adapter that is installed, with its own settings; every mistake is told with its line."""

from __future__ import annotations

import re
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest

from devices.device import Device, TestReport
from devices.printer.profiles import PROFILES
from devices.registry import BadSetting, types
from devices.simulators.printer import DOTS
from devices.status import Failed, Ok, Result
from kiosk.config import Config, load
from kiosk.config_devices import PARTS
from kiosk.config_devices import Device as Configured
from kiosk.simulation import simulator_words
from kiosk.tomlfile import ConfigProblem


class Foreign(Device):
    """Another maker's card reader, from another package."""

    kind: ClassVar[str] = "id_card"
    type_name: ClassVar[str] = "foreign-reader"

    def __init__(
        self,
        name: str,
        port: str,
        *,
        beep: bool = False,
        level: int = 3,
        mode: Literal["near", "far"] = "near",
        ratio: float = 1.5,
        rates: tuple[int, ...] = (9600,),
    ) -> None:
        super().__init__(name, port)
        if not 1 <= level <= 9:
            raise BadSetting("level", "from 1 to 9")
        self.given = (beep, level, mode, ratio, rates)

    async def test(self) -> Result[TestReport]:
        return Ok(TestReport({}, ()))

    def _open(self) -> None:
        raise OSError(2, "not here")

    def _close(self) -> None:
        return

    def _probe(self) -> Failed | None:
        return None


@pytest.fixture
def foreign(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package is installed: its entry point is found."""
    import devices.registry as registry

    found = EntryPoint("foreign-reader", f"{__name__}:Foreign", registry.GROUP)

    def entry_points(**wanted: Any) -> list[EntryPoint]:
        fits = (
            wanted.get("group") == registry.GROUP and wanted.get("name", found.name) == found.name
        )
        return [found] if fits else []

    monkeypatch.setattr(registry, "entry_points", entry_points)


def configured(
    directory: Path, table: str, *, part: str = "id_card"
) -> list[ConfigProblem] | Config:
    """The configuration with one part's table replaced, or added."""
    file = directory / "terminal.toml"
    text = file.read_text(encoding="utf-8")
    heading = f"[devices.{part}]\n"
    if heading in text:
        before, _, rest = text.partition(heading)
        text = before + heading + table + "\n[" + rest.partition("\n[")[2]
    else:
        text += f"\n{heading}{table}\n"
    file.write_text(text, encoding="utf-8")
    return load(directory)


def only(found: list[ConfigProblem] | Config) -> ConfigProblem:
    assert isinstance(found, list)
    (problem,) = found
    return problem


@pytest.mark.usefixtures("foreign")
def test_an_adapter_of_another_package_is_taken_with_its_settings(config_dir: Path) -> None:
    table = 'type = "foreign-reader"\nport = "/dev/x"\nlevel = 5\nratio = 2\nrates = [300, 600]\n'

    config = configured(config_dir, table)

    assert isinstance(config, Config)
    assert config.devices.id_card.settings() == {
        "beep": False, "level": 5, "mode": "near", "ratio": 2.0, "rates": (300, 600),
    }  # fmt: skip


@pytest.mark.usefixtures("foreign")
@pytest.mark.parametrize(
    ("line", "setting", "what", "remedy"),
    [
        ("beep = 1", "beep", "must be true or false", "Give true or false"),
        ('level = "3"', "level", "must be a whole number", "Give a whole number"),
        ("level = 30", "level", "from 1 to 9", "the default is 3"),
        ('mode = "wide"', "mode", "must be one of 'near', 'far'", "Give one of 'near', 'far'"),
        ('ratio = "2"', "ratio", "must be a number", "Give a number"),
        ("rates = 300", "rates", "must be a list in square brackets", "(9600,)"),
        ("levle = 3", "levle", "unknown key", "Did you mean level"),
        ('colour = "red"', "colour", "unknown key", "beep, level, mode, rates, ratio"),
    ],
)
def test_a_setting_that_the_adapter_does_not_take_is_told_with_its_line(
    line: str, setting: str, what: str, remedy: str, config_dir: Path
) -> None:
    table = f'type = "foreign-reader"\nport = "/dev/x"\n{line}\n'

    problem = only(configured(config_dir, table))

    text = (config_dir / "terminal.toml").read_text(encoding="utf-8")
    assert problem.key == f"devices.id_card.{setting}"
    assert text.splitlines()[problem.line - 1] == line
    assert problem.what == what
    assert remedy in problem.remedy


def test_an_unknown_type_is_told_with_those_that_the_part_takes(config_dir: Path) -> None:
    problem = only(configured(config_dir, 'type = "sam-usb"\nport = "/dev/x"\n'))

    assert problem.key == "devices.id_card.type"
    assert "sam-serial" in problem.remedy
    assert "escpos" not in problem.remedy


def test_a_part_does_not_take_the_adapter_of_another(config_dir: Path) -> None:
    problem = only(configured(config_dir, 'type = "escpos"\nport = "/dev/x"\n'))

    assert problem.key == "devices.id_card.type"
    assert "receipt_printer" in problem.what


@pytest.mark.parametrize("port", ["COM1", "dev/ttyUSB0"])
def test_a_port_in_the_wrong_form_is_refused(port: str, config_dir: Path) -> None:
    problem = only(configured(config_dir, f'type = "sam-serial"\nport = "{port}"\n'))

    assert (problem.key, problem.what) == ("devices.id_card.port", "not in the right form")


def test_a_misspelt_part_is_refused_and_the_nearest_named(config_dir: Path) -> None:
    table = 'type = "serial-scanner"\nport = "/dev/x"\n'

    problem = only(configured(config_dir, table, part="scaner"))

    assert problem.what == "unknown device scaner"
    assert problem.remedy == "Did you mean scanner"


@pytest.mark.usefixtures("foreign")
def test_a_device_of_the_halls_own_has_a_name_of_its_own(config_dir: Path) -> None:
    table = 'type = "foreign-reader"\nport = "/dev/x"\n'

    config = configured(config_dir, table, part="visitor_badges")

    assert isinstance(config, Config)
    assert [name for name, _ in config.devices.named()][-1] == "visitor_badges"


@pytest.mark.usefixtures("foreign")
def test_what_has_no_simulator_cannot_be_simulated(config_dir: Path) -> None:
    problem = only(configured(config_dir, 'type = "foreign-reader"\nport = "simulated"\n'))

    assert problem.key == "devices.id_card.port"
    assert problem.what == "there is no simulator for foreign-reader"


@pytest.mark.parametrize(
    ("part", "table"),
    [
        ("ups", 'port = "simulated"'),
        ("scanner", 'type = "hid-scanner"\nport = "stream:/tmp/simulator/port"'),
    ],
)
def test_production_refuses_a_simulated_device_of_any_part(
    part: str, table: str, config_dir: Path
) -> None:
    file = config_dir / "terminal.toml"
    text = file.read_text(encoding="utf-8").replace("production = false", "production = true")
    file.write_text(text, encoding="utf-8")

    found = configured(config_dir, table, part=part)

    assert isinstance(found, list)
    assert f"devices.{part}.port" in [problem.key for problem in found]


@pytest.mark.parametrize("name", [name for name, part in PARTS.items() if part.type in types()])
def test_each_part_has_a_default_that_the_configuration_takes(name: str, config_dir: Path) -> None:
    part = PARTS[name]
    table = f'type = "{part.type}"\nport = "{part.port}"\n'

    config = configured(config_dir, table, part=name)

    assert isinstance(config, Config), [str(problem) for problem in config]
    assert dict(config.devices.named())[name].type == part.type


OPTIONAL = [name for name in PARTS if name not in ("id_card", "scanner", "receipt_printer")]
SIMULATED = ("document_printer", "camera", "compartments")
PARTS_OFFERED = [name for name in OPTIONAL if name not in SIMULATED]
"""The parts that stand in comments in the configuration that comes with the program; its bench simulates
the others."""


def uncommented(text: str, *parts: str) -> str:
    """The configuration with the comment signs of these parts' tables taken away."""
    lines, inside = [], False
    for line in text.splitlines():
        if line.startswith("# [devices."):
            inside = line.split("]")[0].removeprefix("# [devices.") in parts
        inside = inside and line.startswith("# ")
        lines.append(line.removeprefix("# ") if inside else line)
    return "\n".join(lines) + "\n"


def test_every_optional_part_is_right_as_it_stands_in_the_comments(config_dir: Path) -> None:
    # GIVEN the configuration that comes with the program, its optional parts uncommented
    file = config_dir / "terminal.toml"
    file.write_text(uncommented(file.read_text(encoding="utf-8"), *PARTS_OFFERED), encoding="utf-8")
    # THEN `kiosk config check` takes all of them, as the types that the parts are made for
    config = load(config_dir)
    assert isinstance(config, Config)
    given = {name: (device.type, device.port) for name, device in config.devices.named()}
    assert set(given) == set(PARTS)
    for name in PARTS_OFFERED:
        assert given[name] == (PARTS[name].type, PARTS[name].port)


@pytest.mark.parametrize("part", OPTIONAL)
def test_an_optional_part_takes_every_value_that_its_comments_offer(
    part: str, config_dir: Path
) -> None:
    # GIVEN one optional part, uncommented where it stands in comments
    file = config_dir / "terminal.toml"
    text = uncommented(file.read_text(encoding="utf-8"), part)
    table = text.partition(f"[devices.{part}]")[2].partition("\n\n")[0]
    variants = [text]
    for line in table.splitlines()[1:]:
        value, _, comment = line.partition("#")
        key = value.partition("=")[0]
        beside = 'framing = "tcp"' if 'framing = "tcp"' in comment else ""
        for offered in re.findall(r'"[^"]+"', comment.replace(beside, "")):
            other = f"[{offered}]" if "[" in value else offered
            variants.append(text.replace(line, f"{key}= {other}\n{beside}"))
        if key.strip() == "port" and part != "speaker":
            variants.append(text.replace(line, 'port = "simulated"'))
    # THEN it is right, and with each value that stands in a comment as well
    for variant in variants:
        file.write_text(variant, encoding="utf-8")
        config = load(config_dir)
        assert isinstance(config, Config), (variant, config)
        assert part in dict(config.devices.named())


@pytest.mark.parametrize("profile", PROFILES)
def test_a_simulated_printer_has_the_paper_of_its_profile(profile: str, tmp_path: Path) -> None:
    device = Configured.model_validate({"type": "escpos", "port": "simulated", "profile": profile})

    words = simulator_words(device, tmp_path)

    paper = int(words[words.index("--width") + 1])
    other = {58: 80, 80: 58}[paper]
    dots = PROFILES[profile].dots
    assert abs(DOTS[paper] - dots) < abs(DOTS[other] - dots)
