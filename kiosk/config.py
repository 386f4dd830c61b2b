"""The terminal's configuration: every key of terminal.toml, its bounds, its default, its rules.

`load` reads it; a problem names file, line, key and remedy (kiosk/tomlfile.py). The file's comments
explain the keys to whoever edits them; `kiosk config show` prints what applies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from kiosk.backends.settings import Department as DepartmentSettings
from kiosk.config_devices import Devices, refused
from kiosk.pin import BENCH_PIN_HASH, PIN_HASH_FORM
from kiosk.seal import holds_certificate
from kiosk.section import Section
from kiosk.texts import Plain
from kiosk.timing import Timing as Waits
from kiosk.tomlfile import ConfigProblem, TomlText, parse_toml, validate

FILE_NAME = "terminal.toml"

URL_FORM = r"^https?://[^\s/]+(/\S*)?$"

SECRETS = ("technician.pin_hash",)
"""Keys whose values are never shown."""

FILES = ("ca_file", "client_cert", "client_key", "signing_key_file")
"""Keys of a department that name files, absolute or relative to the configuration's directory."""

CALLING_RULES = "Give an https address, and a signing key with its id or neither"

WAITS = Waits()

FileName = Annotated[str, Field(min_length=1, max_length=200)]
StatePath = Annotated[str, Field(pattern=r"^\w[\w.-]*(/\w[\w.-]*)*$")]
Seconds = Annotated[float, Field(ge=0.5, le=60)]


class Name(Section):
    """A name in both languages."""

    zh_CN: Annotated[str, Field(min_length=1, max_length=60, examples=["市政务服务大厅"])]
    en: Annotated[str, Field(min_length=1, max_length=60, examples=["City Service Hall"])]

    @property
    def plain(self) -> Plain:
        return Plain(self.zh_CN, self.en)


class Terminal(Section):
    """[terminal]: which terminal this is. `production` refuses whatever is pretended."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,31}$", examples=["rushan-07"])]
    number: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,4}$", examples=["07"])]
    hall: Name = Field(examples=[{"zh_CN": "市政务服务大厅", "en": "City Service Hall"}])
    city: Name = Field(examples=[{"zh_CN": "政务服务自助终端", "en": "Self-Service Terminal"}])
    production: bool = False
    enquiries: Annotated[str, Field(pattern=r"^[0-9][0-9 -]{2,19}$")] = "12345"
    division: Annotated[str, Field(pattern=r"^([0-9]{6})?$", examples=["371083"])] = ""
    language: Literal["zh_CN", "en"] = "zh_CN"


class Display(Section):
    """[display]: the picture's turn (degrees), its pace, its first type size."""

    rotation: Literal[0, 90, 180, 270] = 0
    max_fps: Annotated[int, Field(ge=5, le=60)] = 30
    large_type: bool = False


class Timing(Section):
    """[timing]: waits for people and for work, in seconds (kiosk/timing.py says why each)."""

    idle_s: Annotated[float, Field(ge=15, le=600)] = WAITS.idle_s
    more_time_s: Annotated[float, Field(ge=20, le=120)] = WAITS.more_time_s  # WCAG 2.2, 2.2.1
    identify_s: Annotated[float, Field(ge=15, le=300)] = WAITS.identify_s
    show_code_s: Annotated[float, Field(ge=30, le=600)] = WAITS.show_code_s
    scan_s: Annotated[float, Field(ge=15, le=300)] = WAITS.scan_s
    print_s: Annotated[float, Field(ge=10, le=180)] = WAITS.print_s
    finished_s: Annotated[float, Field(ge=10, le=120)] = WAITS.finished_s
    trouble_s: Annotated[float, Field(ge=30, le=600)] = WAITS.trouble_s
    unknown_s: Annotated[float, Field(ge=60, le=300)] = WAITS.unknown_s
    booking_s: Annotated[float, Field(ge=20, le=300)] = WAITS.booking_s

    def waits(self) -> Waits:
        """The same as the record that journeys use."""
        return Waits(**{field.name: getattr(self, field.name) for field in fields(Waits)})


class Sandbox(Section):
    """[sandbox]: `own` has the terminal bring up the departments' stand-in and use it alone."""

    own: bool = False


class Department(Section):
    """[departments.<id>]: where an interface is, and how long it may take (seconds).

    Without `url` the department counts as unreachable, unless the sandbox stands in for it.
    """

    url: Annotated[str, Field(pattern=URL_FORM)] | None = Field(
        default=None, examples=["https://gateway.example/tax/v1"]
    )
    connect_timeout_s: Seconds = 3.0
    read_timeout_s: Seconds = 10.0
    total_s: Seconds = 20.0
    ca_file: FileName | None = Field(default=None, examples=["tls/ca.pem"])
    client_cert: FileName | None = Field(default=None, examples=["tls/terminal.pem"])
    client_key: FileName | None = Field(default=None, examples=["tls/terminal.key"])
    signing_key_file: FileName | None = Field(default=None, examples=["keys/signing.pem"])
    signing_key_id: FileName | None = Field(default=None, examples=["rushan-07"])

    @model_validator(mode="after")
    def _as_the_clients_take_it(self) -> Self:
        if self.url is not None:
            try:
                self.at("interface", Path())
            except ValueError as error:
                what = str(error).removeprefix("interface: ")
                raise ValueError(f"{what}; {CALLING_RULES}") from None
        return self

    def at(self, department: str, directory: Path) -> DepartmentSettings:
        """The same as the clients take it, with `directory` as the configuration's.

        Raises ValueError for plain http to another machine, or half a signing key.
        """
        files = {key: directory / name for key in FILES if (name := getattr(self, key))}
        return DepartmentSettings(
            id=department,
            base_url=self.url or "",
            connect_timeout_s=self.connect_timeout_s,
            read_timeout_s=self.read_timeout_s,
            total_s=self.total_s,
            signing_key_id=self.signing_key_id or "",
            **files,
        )


class TaxDepartment(Department):
    """[departments.tax]: may take 20 s (SERVICES.md)."""

    read_timeout_s: Seconds = 20.0


class PaymentGateway(Department):
    """[departments.payment]: after 10 s a payment is UNKNOWN (PAYMENTS.md)."""

    total_s: Seconds = 10.0


class Departments(Section):
    """[departments]: the interfaces of docs/API.md."""

    social_insurance: Department = Field(default=Department(), alias="social-insurance")
    medical: Department = Department()
    property: Department = Department()
    tax: TaxDepartment = TaxDepartment()
    credit: Department = Department()
    approval: Department = Department()
    market: Department = Department()
    fund: Department = Department()
    publicity: Department = Department()
    data: Department = Department()
    payment: PaymentGateway = PaymentGateway()
    hall: Department = Department()

    def named(self) -> Iterator[tuple[str, Department]]:
        """Each department with its id."""
        for name, field in type(self).model_fields.items():
            yield field.alias or name, getattr(self, name)

    def at(self, directory: Path) -> dict[str, DepartmentSettings]:
        """Those that have an address, as the clients take them."""
        return {name: given.at(name, directory) for name, given in self.named() if given.url}


class Documents(Section):
    """[documents]: whose electronic seals are genuine. `trusted_roots` are PEM files of certificates,
    absolute or relative to the configuration's directory; the own sandbox's root is trusted besides."""

    trusted_roots: list[FileName] = Field(default=[], max_length=50, examples=[["tls/roots.pem"]])

    def files(self, directory: Path) -> tuple[Path, ...]:
        """The same as the check of seals takes them, with `directory` as the configuration's."""
        return tuple(directory / name for name in self.trusted_roots)


class Technician(Section):
    """[technician]: who may open the device page. `kiosk config set technician.pin` sets the hash.

    After `attempts` wrong PINs none is taken for `lockout_s` seconds.
    """

    pin_hash: Annotated[str, Field(pattern=PIN_HASH_FORM)] = BENCH_PIN_HASH
    attempts: Annotated[int, Field(ge=1, le=10)] = 5
    lockout_s: Annotated[float, Field(ge=30, le=86400)] = 300.0


class Logs(Section):
    """[logs]: kept for at least six months (Cybersecurity Law, article 21)."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    directory: StatePath = "logs"
    retention_days: Annotated[int, Field(ge=184, le=3650)] = 190
    max_mib: Annotated[int, Field(ge=16, le=65536)] = 512


class History(Section):
    """[health]: the devices' history."""

    path: StatePath = "health.sqlite"
    retention_days: Annotated[int, Field(ge=1, le=3650)] = 400


class Journal(Section):
    """[journal]: where what happened is written down; a path relative to the state directory.

    Copies are best on another disk. The log is kept for so many days on which the terminal ran; what
    is unfinished stays, however old.
    """

    path: StatePath = "journal.sqlite"
    copies_directory: Annotated[str, Field(pattern=r"^/?\w[\w.-]*(/\w[\w.-]*)*$")] = "copies"
    copies_kept: Annotated[int, Field(ge=1, le=366)] = 14
    copy_hour: Annotated[int, Field(ge=0, le=23)] = 2  # local time; else at the next start
    retention_days: Annotated[int, Field(ge=184, le=36500)] = 400  # the same month of last year


class Config(Section):
    """The whole of terminal.toml."""

    terminal: Terminal
    display: Display = Display()
    timing: Timing = Timing()
    devices: Devices = Devices()
    sandbox: Sandbox = Sandbox()
    departments: Departments = Departments()
    documents: Documents = Documents()
    technician: Technician = Technician()
    logs: Logs = Logs()
    health: History = History()
    journal: Journal = Journal()

    @property
    def mode(self) -> str:
        """`production` or `bench`."""
        return "production" if self.terminal.production else "bench"

    def simulated(self) -> Config:
        """The same terminal with every device simulated and the own sandbox (`kiosk visit`)."""
        update = {
            "sandbox": Sandbox(own=True),
            "devices": self.devices.simulated(),
            "terminal": self.terminal.model_copy(update={"production": False}),
        }
        return self.model_copy(update=update)

    def alone(self) -> Config:
        """The same terminal with nothing simulated (`kiosk run --no-simulation`)."""
        return self.model_copy(update={"sandbox": Sandbox(), "devices": self.devices.real()})


def load(directory: Path) -> Config | list[ConfigProblem]:
    """The configuration of `directory`, or everything that is wrong in its terminal.toml."""
    source = parse_toml(directory / FILE_NAME)
    return source if isinstance(source, list) else accept(source)


def accept(source: TomlText) -> Config | list[ConfigProblem]:
    """The configuration that `source` holds, or everything that is wrong in it."""
    config = validate(source, Config)
    if isinstance(config, list):
        return config
    problems = [
        *_devices(source, config),
        *_pretended(source, config),
        *_absent_files(source, config),
        *_unusable_roots(source, config),
    ]
    if problems:
        return sorted(problems, key=lambda problem: problem.line)
    return config.model_copy(update={"devices": config.devices.complete()})


def _devices(source: TomlText, config: Config) -> Iterator[ConfigProblem]:
    for name, device in config.devices.named():
        for wrong in refused(name, device):
            yield source.problem(("devices", name, wrong.setting), wrong.what, wrong.remedy)


def _pretended(source: TomlText, config: Config) -> Iterator[ConfigProblem]:
    """What a terminal in production refuses."""
    if not config.terminal.production:
        return
    what = "a production terminal takes nothing pretended"
    for name, device in config.devices.named():
        if device.pretended:
            remedy = f'Give the port of the device: port = "{device.real_port(name)}"'
            yield source.problem(("devices", name, "port"), what, remedy)
    if config.sandbox.own:
        remedy = "Write own = false, and the url of each department"
        yield source.problem(("sandbox", "own"), what, remedy)
    if config.technician.pin_hash == BENCH_PIN_HASH:
        remedy = "Set a PIN of your own: kiosk config set technician.pin"
        yield source.problem(("technician", "pin_hash"), "the bench's PIN is known to all", remedy)


def _absent_files(source: TomlText, config: Config) -> Iterator[ConfigProblem]:
    directory = source.file.parent
    for name, department in config.departments.named():
        for key in FILES:
            given = getattr(department, key)
            if given and not (directory / given).is_file():
                remedy = f"Put it into {directory}, or give its full path"
                path = ("departments", name, key)
                yield source.problem(path, "there is no such file", remedy)


def _unusable_roots(source: TomlText, config: Config) -> Iterator[ConfigProblem]:
    """Trusted roots that hold no certificate."""
    for place, file in enumerate(config.documents.files(source.file.parent)):
        if not holds_certificate(file):
            remedy = f"Put the authority's certificate there as PEM: {file}"
            path = ("documents", "trusted_roots", str(place))
            yield source.problem(path, "there is no certificate in this file", remedy)
