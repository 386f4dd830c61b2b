"""[devices] of terminal.toml: what hardware the terminal has, at which ports, with which settings.

A table names a device by the part it plays; its `type` is any adapter that is installed, another
package's too, and its further keys are that adapter's settings, as its signature declares them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, model_validator

from devices.registry import UnknownType, adapter_of, types
from devices.settings import PORT, Wrong, settings_of, wrong_in
from devices.simulators.kinds import kind_for
from kiosk.section import Section

SIMULATED = "simulated"
"""A device's port where the terminal brings up its simulator."""

STREAM = "stream:"
"""How the port of a simulated HID device begins (devices/scanner/node.py)."""

NAME_FORM = r"^[a-z][a-z0-9_]{1,31}$"


@dataclass(frozen=True, slots=True)
class Part:
    """A part that a device can play: the kind of adapter it takes, our own type for it, and the port
    that config/udev gives it, or an example where udev names none."""

    kind: str
    type: str
    port: str


PARTS: Mapping[str, Part] = MappingProxyType(
    {
        "id_card": Part("id_card", "sam-serial", "/dev/kiosk-idcard"),
        "scanner": Part("scanner", "serial-scanner", "/dev/kiosk-scan"),
        "receipt_printer": Part("receipt_printer", "escpos", "/dev/kiosk-printer"),
        "document_printer": Part("document_printer", "cups", "cups:documents"),
        "social_card": Part("chip_card", "pcsc", "*"),
        "camera": Part("camera", "camera", "/dev/video0"),
        "board": Part("io_board", "modbus-board", "/dev/kiosk-board"),
        "compartments": Part("compartments", "modbus-compartments", "/dev/kiosk-locks"),
        "speaker": Part("speaker", "speaker", "default"),
        "ups": Part("ups", "nut-ups", "ups@localhost"),
    }
)
"""What a terminal knows what to do with; the first three it cannot do without."""

Type = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Port = Annotated[str, Field(pattern=r"^[\w/*][^\x00-\x1f]{0,199}$")]


class Device(Section):
    """[devices.<name>]: its adapter's `type`, its `port`, and the adapter's own settings."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)

    type: Type
    port: Port

    @property
    def simulated(self) -> bool:
        """Whether the terminal brings up a simulator for it."""
        return self.port == SIMULATED

    @property
    def pretended(self) -> bool:
        """Whether its port says that no real device is there: production takes none such."""
        return self.simulated or self.port.startswith(STREAM)

    def real_port(self, name: str) -> str:
        """The port of the part `name` where nothing is simulated."""
        return PARTS[name].port if name in PARTS else "/dev/..."

    def settings(self) -> dict[str, Any]:
        """What the adapter takes besides its name and port: what is given, else its defaults.

        Raises UnknownType.
        """
        given = self.model_extra or {}
        known = settings_of(adapter_of(self.type))
        return {
            name: setting.taken(given[name]) if name in given else setting.default
            for name, setting in known.items()
        }


class IdCardReader(Device):
    """[devices.id_card]. Without `port` its name of config/udev."""

    type: Type = PARTS["id_card"].type
    port: Port = PARTS["id_card"].port


class Scanner(Device):
    """[devices.scanner]"""

    type: Type = PARTS["scanner"].type
    port: Port = PARTS["scanner"].port


class ReceiptPrinter(Device):
    """[devices.receipt_printer]"""

    type: Type = PARTS["receipt_printer"].type
    port: Port = PARTS["receipt_printer"].port


class DocumentPrinter(Device):
    """[devices.document_printer]: where documents are printed on A4."""

    type: Type = PARTS["document_printer"].type
    port: Port = PARTS["document_printer"].port


class SocialCardReader(Device):
    """[devices.social_card]"""

    type: Type = PARTS["social_card"].type
    port: Port = PARTS["social_card"].port


class Camera(Device):
    """[devices.camera]"""

    type: Type = PARTS["camera"].type
    port: Port = PARTS["camera"].port


class Board(Device):
    """[devices.board]: lights and the door."""

    type: Type = PARTS["board"].type
    port: Port = PARTS["board"].port


class Compartments(Device):
    """[devices.compartments]: the locks of the invoice compartment."""

    type: Type = PARTS["compartments"].type
    port: Port = PARTS["compartments"].port


class Speaker(Device):
    """[devices.speaker]"""

    type: Type = PARTS["speaker"].type
    port: Port = PARTS["speaker"].port


class Ups(Device):
    """[devices.ups]"""

    type: Type = PARTS["ups"].type
    port: Port = PARTS["ups"].port


class Devices(Section):
    """[devices]: the hardware of this terminal; devices beyond the parts it knows are looked after."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)
    __pydantic_extra__: dict[Annotated[str, Field(pattern=NAME_FORM)], Device] = Field(init=False)

    id_card: IdCardReader = IdCardReader()
    scanner: Scanner = Scanner()
    receipt_printer: ReceiptPrinter = ReceiptPrinter()
    document_printer: DocumentPrinter | None = None
    social_card: SocialCardReader | None = None
    camera: Camera | None = None
    board: Board | None = None
    compartments: Compartments | None = None
    speaker: Speaker | None = None
    ups: Ups | None = None

    @model_validator(mode="after")
    def _no_misspelt_part(self) -> Self:
        for name in self.model_extra or {}:
            near = difflib.get_close_matches(name, PARTS, n=1, cutoff=0.8)
            if near:
                raise ValueError(f"unknown device {name}; Did you mean {near[0]}")
        return self

    def named(self) -> Iterator[tuple[str, Device]]:
        """Each device with its name, in the order in which people list them."""
        for name in PARTS:
            device: Device | None = getattr(self, name)
            if device is not None:
                yield name, device
        yield from sorted((self.model_extra or {}).items())

    def complete(self) -> Devices:
        """The same with every setting of every adapter, its defaults too."""
        return self.model_copy(
            update={name: d.model_copy(update=d.settings()) for name, d in self.named()}
        )

    def real(self) -> Devices:
        """The same with nothing simulated: those that were are sought at their usual ports."""
        return self._at(
            {name: d.real_port(name) if d.simulated else d.port for name, d in self.named()}
        )

    def simulated(self) -> Devices:
        """The same with everything simulated that can be, and with whatever items may ask for."""
        whole = self.model_copy(
            update={name: d for name, d in BENCH if getattr(self, name) is None}
        )
        return whole._at(
            {name: SIMULATED if kind_for(d.type) else d.port for name, d in whole.named()}
        )

    def _at(self, ports: Mapping[str, str]) -> Devices:
        moved = {
            name: device.model_copy(update={"port": ports[name]}) for name, device in self.named()
        }
        return self.model_copy(update=moved)


BENCH: tuple[tuple[str, Device], ...] = (
    ("document_printer", DocumentPrinter(port=SIMULATED)),
    ("camera", Camera(port=SIMULATED)),
    (
        "compartments",
        Compartments.model_validate(
            {
                "port": SIMULATED,
                "profile": "waveshare-8",
                "locks": ["1=4", "2=5", "3=6"],
                "closed": ["1=4", "2=5", "3=6"],
                "content": ["1=1", "2=2", "3=3"],
            }
        ),
    ),
)
"""What a bench has besides the parts that every terminal has: the compartments are wired as the simulated
board is (devices/simulators/modbus_board.py)."""


def refused(name: str, device: Device) -> Iterator[Wrong]:
    """What its adapter does not take, and whether the part `name` takes its adapter."""
    try:
        adapter = adapter_of(device.type)
    except UnknownType:
        known = ", ".join(_types_for(name))
        yield Wrong("type", "no such adapter is installed", f"Give one of {known}")
        return
    if name in PARTS and adapter.kind != PARTS[name].kind:
        known = ", ".join(_types_for(name))
        yield Wrong(
            "type", f"is the adapter of another device ({adapter.kind})", f"Give one of {known}"
        )
        return
    if device.simulated and kind_for(device.type) is None:
        remedy = f'Give its port: port = "{device.real_port(name)}"'
        yield Wrong(PORT, f"there is no simulator for {device.type}", remedy)
    yield from wrong_in(
        device.type, None if device.simulated else device.port, device.model_extra or {}
    )


def _types_for(name: str) -> tuple[str, ...]:
    """The types that the part `name` may have; all where it is a part of the hall's own."""
    if name not in PARTS:
        return types()
    return tuple(kind for kind in types() if adapter_of(kind).kind == PARTS[name].kind)
