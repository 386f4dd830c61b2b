"""A simulated NUT server with one UPS: the text protocol of upsd, as `upsc` and the adapter speak it.

RFC 9271: one line a message, values in quotation marks. Control requests of its own:
`{"do": "charge", "percent": n}` sets the battery's charge.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from devices.simulators.service import Link, Service

UPS = "hall"
DESCRIPTION = "Simulated hall UPS"
VERSION = "2.8.0"

LONGEST_LINE_BYTES = 1024

FULL_CHARGE = 100
RUNTIME_FULL_S = 1800
LOW_CHARGE = 20
SLOW_S = 1.5


class UpsSituation(StrEnum):
    """What can be wrong with the UPS, or with its server."""

    NORMAL = "normal"
    ON_BATTERY = "on_battery"
    LOW_BATTERY = "low_battery"
    CHARGING = "charging"  # mains are back
    REPLACE = "replace"  # the battery failed its own test
    OVERLOAD = "overload"
    BYPASS = "bypass"
    OFF = "off"
    STALE = "stale"  # the driver has lost the UPS
    NO_DRIVER = "no_driver"
    DENIED = "denied"
    SILENT = "silent"
    SLOW = "slow"
    GARBAGE = "garbage"
    HALF = "half"  # an answer breaks off in the middle


STATUS: Mapping[UpsSituation, str] = {
    UpsSituation.ON_BATTERY: "OB DISCHRG",
    UpsSituation.LOW_BATTERY: "OB DISCHRG LB",
    UpsSituation.CHARGING: "OL CHRG",
    UpsSituation.REPLACE: "OL RB",
    UpsSituation.OVERLOAD: "OL OVER",
    UpsSituation.BYPASS: "OL BYPASS",
    UpsSituation.OFF: "OL OFF",
}

ERRORS: Mapping[UpsSituation, str] = {
    UpsSituation.STALE: "DATA-STALE",
    UpsSituation.NO_DRIVER: "DRIVER-NOT-CONNECTED",
    UpsSituation.DENIED: "ACCESS-DENIED",
}


class NutSimulator(Service):
    """A NUT server with the UPS `hall`."""

    situations = UpsSituation

    def __init__(
        self,
        *,
        tcp: int | bool | None = None,
        link: Path | None = None,
        control: Path | None = None,
        situation: str = "normal",
    ) -> None:
        super().__init__(tcp=tcp, link=link, control=control, situation=situation)
        self._charge = FULL_CHARGE

    def address(self, host: str, port: int) -> str:
        return f"{UPS}@{host}:{port}"

    def opened(self, link: Link) -> _Client:
        return _Client(link, self)

    def request(self, do: str, given: Mapping[str, Any]) -> dict[str, Any]:
        if do != "charge":
            return super().request(do, given)
        percent = given.get("percent")
        if not isinstance(percent, int) or not 0 <= percent <= FULL_CHARGE:
            raise ValueError('charge wants "percent" from 0 to 100')
        self._charge = percent
        return {}

    def state(self) -> dict[str, Any]:
        return {"clients": self.connections, "charge": self._charge}

    @property
    def variables(self) -> dict[str, str]:
        """The UPS's variables at this moment."""
        situation = UpsSituation(self.situation)
        low = situation is UpsSituation.LOW_BATTERY
        charge = min(self._charge, LOW_CHARGE - 5) if low else self._charge
        return {
            "battery.charge": str(charge),
            "battery.charge.low": str(LOW_CHARGE),
            "battery.runtime": str(RUNTIME_FULL_S * charge // FULL_CHARGE),
            "device.type": "ups",
            "driver.name": "simulator",
            "ups.load": "110" if situation is UpsSituation.OVERLOAD else "23",
            "ups.mfr": "Simulated",
            "ups.model": 'Hall "650"',
            "ups.status": STATUS.get(situation, "OL"),
        }

    def answer(self, line: str) -> str:
        """What the server says to one line."""
        try:
            words = shlex.split(line)
        except ValueError:
            return "ERR INVALID-ARGUMENT\n"
        match words:
            case ["LIST", "VAR", name]:
                return self._listed(name)
            case ["GET", "VAR", name, variable]:
                return self._variable(name, variable)
            case ["LIST", "UPS"]:
                return f'BEGIN LIST UPS\nUPS {UPS} "{DESCRIPTION}"\nEND LIST UPS\n'
            case ["VER"]:
                return f"Network UPS Tools upsd {VERSION}\n"
            case ["NETVER"]:
                return "1.3\n"
            case ["LOGOUT"]:
                return "OK Goodbye\n"
            case _:
                return "ERR UNKNOWN-COMMAND\n"

    def _error(self, name: str) -> str:
        if name != UPS:
            return "ERR UNKNOWN-UPS\n"
        word = ERRORS.get(UpsSituation(self.situation))
        return f"ERR {word}\n" if word else ""

    def _listed(self, name: str) -> str:
        if error := self._error(name):
            return error
        lines = "".join(
            f'VAR {UPS} {key} "{_quoted(value)}"\n' for key, value in self.variables.items()
        )
        return f"BEGIN LIST VAR {UPS}\n{lines}END LIST VAR {UPS}\n"

    def _variable(self, name: str, variable: str) -> str:
        if error := self._error(name):
            return error
        value = self.variables.get(variable)
        if value is None:
            return "ERR VAR-NOT-SUPPORTED\n"
        return f'VAR {UPS} {variable} "{_quoted(value)}"\n'


class _Client:
    """One client of the server."""

    def __init__(self, link: Link, server: NutSimulator) -> None:
        self._link = link
        self._server = server
        self._waiting = b""

    def received(self, data: bytes) -> None:
        self._waiting += data
        while b"\n" in self._waiting:
            line, _, self._waiting = self._waiting.partition(b"\n")
            self._hear(line.decode("utf-8", "replace"))
        if len(self._waiting) > LONGEST_LINE_BYTES:
            self._link.close()

    def _hear(self, line: str) -> None:
        situation = self._server.situation
        if situation is UpsSituation.SILENT:
            return
        said = self._server.answer(line).encode()
        if situation is UpsSituation.GARBAGE:
            said = b"\x00\xff\x13 HTTP/1.1 400\n" + said[::-1]
        if situation is UpsSituation.HALF:
            self._link.send(said[: len(said) // 2], hang_up=True)
        elif situation is UpsSituation.SLOW:
            self._server.after(SLOW_S, lambda: self._link.send(said))
        else:
            self._link.send(said, hang_up=line.strip() == "LOGOUT")


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
