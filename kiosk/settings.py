"""The terminal's settings as frozen models: every key of terminal.toml, its bounds and its default."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from kiosk.pin import BENCH_PIN_HASH, PIN_HASH_FORM
from kiosk.texts import Plain
from kiosk.timing import Timing as Waits

Seconds = Annotated[float, Field(ge=0.5, le=600)]
Words = Annotated[str, Field(min_length=1, max_length=60)]

PORT_FORM = r"^(/[^\s]+|(socket|rfc2217)://[^\s:/]+:\d{1,5}\S*|spy:///?\S+)$"
"""A device file, or a pyserial URL (https://pyserial.readthedocs.io, "URL Handlers")."""

URL_FORM = r"^https?://[^\s/]+(/\S*)?$"

WAITS = Waits()


class Section(BaseModel):
    """A table of the file: unknown keys are refused, values keep the type TOML gave them."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Name(Section):
    """A name in both languages."""

    zh_CN: Words = Field(examples=["市政务服务大厅"])
    en: Words = Field(examples=["City Government Service Hall"])

    @property
    def plain(self) -> Plain:
        return Plain(self.zh_CN, self.en)


class Terminal(Section):
    """[terminal]: which terminal this is. `mode` production refuses whatever is pretended."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,31}$", examples=["rushan-07"])
    number: str = Field(pattern=r"^[0-9A-Za-z]{1,4}$", examples=["07"])
    hall: Name = Field(examples=[{"zh_CN": "市政务服务大厅", "en": "City Service Hall"}])
    city: Name = Field(examples=[{"zh_CN": "政务服务自助终端", "en": "Self-Service Terminal"}])
    mode: Literal["bench", "production"] = "production"
    enquiries: str = Field("12345", pattern=r"^[0-9][0-9 -]{2,19}$")
    language: Literal["zh_CN", "en"] = "zh_CN"


class Display(Section):
    """[display]: pixels of the picture when it does not fill a screen, and its pace."""

    width: int = Field(1080, ge=320, le=7680)
    height: int = Field(1920, ge=320, le=7680)
    max_fps: int = Field(30, ge=5, le=60)
    large_type: bool = False


class Timing(Section):
    """[timing]: waits for people and for work, in seconds (kiosk/timing.py says why each)."""

    idle_s: float = Field(WAITS.idle_s, ge=15, le=600)
    more_time_s: float = Field(WAITS.more_time_s, ge=20, le=120)  # WCAG 2.2, 2.2.1: at least 20 s
    identify_s: float = Field(WAITS.identify_s, ge=15, le=300)
    show_code_s: float = Field(WAITS.show_code_s, ge=30, le=600)
    scan_s: float = Field(WAITS.scan_s, ge=15, le=300)
    print_s: float = Field(WAITS.print_s, ge=10, le=180)
    finished_s: float = Field(WAITS.finished_s, ge=10, le=120)
    trouble_s: float = Field(WAITS.trouble_s, ge=30, le=600)
    unknown_s: float = Field(WAITS.unknown_s, ge=60, le=300)
    booking_s: float = Field(WAITS.booking_s, ge=20, le=300)

    def waits(self) -> Waits:
        """The same as the record that journeys use."""
        return Waits(**{field.name: getattr(self, field.name) for field in fields(Waits)})


class Device(Section):
    """What every device has: its adapter's `type` in the registry and its `port`."""

    type: str
    port: str = Field(pattern=PORT_FORM, examples=["/dev/kiosk-idcard"])

    def settings(self) -> dict[str, Any]:
        """What the adapter takes besides its name and port."""
        return self.model_dump(exclude={"type", "port"})


class IdCardReader(Device):
    """[devices.id_card]"""

    type: Literal["sam-serial"] = "sam-serial"
    port: str = Field("/dev/kiosk-idcard", pattern=PORT_FORM)
    baud: Literal[115200, 57600, 38400, 19200, 9600] = 115200  # PROTOCOLS.md B


class Scanner(Device):
    """[devices.scanner]"""

    type: Literal["serial-scanner"] = "serial-scanner"
    profile: Literal["gm65", "plain"] = "gm65"
    port: str = Field("/dev/kiosk-scan", pattern=PORT_FORM)
    baud: Literal[9600, 19200, 38400, 57600, 115200] = 9600  # PROTOCOLS.md C


class ReceiptPrinter(Device):
    """[devices.receipt_printer]"""

    type: Literal["escpos"] = "escpos"
    profile: Literal["epson-80", "epson-58"] = "epson-80"
    port: str = Field("/dev/kiosk-printer", pattern=PORT_FORM)
    baud: Literal[9600, 19200, 38400, 57600, 115200] = 115200


class Devices(Section):
    """[devices]: the hardware of this terminal."""

    id_card: IdCardReader = IdCardReader()
    scanner: Scanner = Scanner()
    receipt_printer: ReceiptPrinter = ReceiptPrinter()

    def named(self) -> Iterator[tuple[str, Device]]:
        """Each device with its name, in the order in which people list them."""
        yield "id_card", self.id_card
        yield "scanner", self.scanner
        yield "receipt_printer", self.receipt_printer


class Simulation(Section):
    """[simulation]: what the terminal brings up by itself, for a bench. Refused in production."""

    devices: bool = False
    sandbox: bool = False


class Department(Section):
    """[departments.<id>]: where a department's interface is, and how long it may take (seconds).

    Files are absolute or relative to the configuration's directory. Without `url` the department
    counts as unreachable, unless the sandbox stands in for it.
    """

    url: str | None = Field(None, pattern=URL_FORM, examples=["https://gateway.example/v1"])
    connect_timeout_s: Seconds = 5.0
    read_timeout_s: Seconds = 10.0
    deadline_s: Seconds = 20.0
    ca_file: str | None = Field(None, min_length=1, examples=["tls/ca.pem"])
    client_cert: str | None = Field(None, min_length=1, examples=["tls/terminal.pem"])
    signing_key: str | None = Field(None, min_length=1, examples=["keys/signing.pem"])
    signing_key_id: str | None = Field(None, min_length=1, examples=["rushan-07"])


class Departments(Section):
    """[departments]: the five interfaces of docs/API.md. Tax may take 20 s (SERVICES.md)."""

    model_config = ConfigDict(populate_by_name=True)

    social_insurance: Department = Field(Department(), alias="social-insurance")
    property: Department = Department()
    tax: Department = Department(read_timeout_s=20.0, deadline_s=25.0)
    payment: Department = Department()
    hall: Department = Department()

    def named(self) -> Iterator[tuple[str, Department]]:
        """Each department with its id."""
        yield "social-insurance", self.social_insurance
        yield "property", self.property
        yield "tax", self.tax
        yield "payment", self.payment
        yield "hall", self.hall


class Technician(Section):
    """[technician]: who may open the maintenance pages. `kiosk config pin` sets the hash."""

    pin_hash: str = Field(BENCH_PIN_HASH, pattern=PIN_HASH_FORM)
    attempts: int = Field(5, ge=1, le=10)
    lockout_s: float = Field(300.0, ge=30, le=86400)


class Logs(Section):
    """[logs]: kept for at least six months (Cybersecurity Law, article 21)."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    retention_days: int = Field(190, ge=184, le=3650)
    max_mib: int = Field(512, ge=16, le=65536)


class Journal(Section):
    """[journal]: where what happened is written down; a path relative to the state directory."""

    path: str = Field("journal.db", pattern=r"^[^/\s][^\s]*$")


class Configuration(Section):
    """The whole of terminal.toml."""

    terminal: Terminal
    display: Display = Display()
    timing: Timing = Timing()
    devices: Devices = Devices()
    simulation: Simulation = Simulation()
    departments: Departments = Departments()
    technician: Technician = Technician()
    logs: Logs = Logs()
    journal: Journal = Journal()

    def alone(self) -> Configuration:
        """The same terminal with nothing simulated (`kiosk run --no-simulation`)."""
        return self.model_copy(update={"simulation": Simulation()})


SECRETS = ("technician.pin_hash",)
"""Keys whose values are never shown."""
