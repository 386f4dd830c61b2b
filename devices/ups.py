"""The battery behind the terminal: an uninterruptible power supply, asked through NUT.

Network UPS Tools' text protocol (RFC 9271, one line a message on TCP 3493): `LIST VAR` and the
variables `ups.status`, `battery.charge`, `battery.runtime` of its section on variables.
"""

from __future__ import annotations

import errno
import re
import shlex
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from devices.device import Cancel, Device, TestReport
from devices.faults import fault
from devices.status import DeviceState, Failed, Fault, Ok, Outcome, Result

NUT_PORT = 3493
"""IANA, service `nut`."""

POLL_EVERY_S = 2.0
"""NUT's drivers look at the UPS every two seconds themselves."""

ANSWER_WITHIN_S = 4.0
TEST_WITHIN_S = 10.0
GOODBYE_WITHIN_S = 0.5

LONGEST_ANSWER_BYTES = 65536
"""A large UPS lists some 200 variables of 60 bytes."""

UNKNOWN = "unknown"
LONGEST_FACT = 80

_NAME = re.compile(r"[A-Za-z0-9._-]+")


class Power(StrEnum):
    """Where the terminal's power comes from."""

    MAINS = "mains"
    BATTERY = "battery"
    BYPASS = "bypass"  # mains past the UPS: nothing holds the terminal up when it fails
    OFF = "off"
    UNKNOWN = "unknown"


class Battery(StrEnum):
    """The battery itself."""

    OK = "ok"
    LOW = "low"
    REPLACE = "replace"
    UNKNOWN = "unknown"


class NutError(Exception):
    """The server answered ERR; `word` is its error (RFC 9271 section 4.2)."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


@dataclass(frozen=True, slots=True)
class UpsFacts:
    """A UPS as named facts: charge and load in percent, runtime in seconds, None where not told."""

    power: Power
    battery: Battery
    charge: int | None
    runtime_s: int | None
    load: int | None
    charging: bool | None
    model: str
    problem: Fault | None

    @property
    def named(self) -> dict[str, str]:
        """The facts as they travel up."""
        return {
            "power": self.power.value,
            "battery": self.battery.value,
            "charge_percent": _told(self.charge),
            "runtime_s": _told(self.runtime_s),
            "load_percent": _told(self.load),
            "charging": UNKNOWN if self.charging is None else "yes" if self.charging else "no",
            "model": self.model[:LONGEST_FACT] or UNKNOWN,
        }


def _told(number: int | None) -> str:
    return UNKNOWN if number is None else str(number)


# --- the protocol, pure --------------------------------------------------------------------------


def variables(answer: str, ups: str) -> dict[str, str] | None:
    """The variables of a whole answer to `LIST VAR`; None while it is not whole.

    Raises NutError for ERR, ValueError for what is no answer to that question.
    """
    lines = answer.split("\n")
    if len(lines) < 2:
        return None
    if lines[0].startswith("ERR"):
        raise NutError(([*lines[0].split(), ""])[1])
    if lines[0].strip() != f"BEGIN LIST VAR {ups}":
        raise ValueError("no list of variables")
    found: dict[str, str] = {}
    for line in lines[1:-1]:
        words = shlex.split(line)
        if words[:3] == ["END", "LIST", "VAR"]:
            return found
        if len(words) != 4 or words[:2] != ["VAR", ups]:
            raise ValueError("a line that is no variable")
        found[words[2]] = words[3]
    return None


def facts_of(told: Mapping[str, str]) -> UpsFacts:
    """The variables as facts. A status word that is missing is unknown, never fine."""
    words = set(told.get("ups.status", "").split())
    model = " ".join(told.get(key, "") for key in ("ups.mfr", "ups.model")).strip()
    charging = True if "CHRG" in words else False if {"DISCHRG", "OB"} & words else None
    return UpsFacts(
        _power(words),
        _battery(words),
        _number(told.get("battery.charge")),
        _number(told.get("battery.runtime")),
        _number(told.get("ups.load")),
        charging if words else None,
        model,
        _problem(words),
    )


def _power(words: set[str]) -> Power:
    if "OFF" in words:
        return Power.OFF
    if "OB" in words:
        return Power.BATTERY
    if "BYPASS" in words:
        return Power.BYPASS
    return Power.MAINS if "OL" in words else Power.UNKNOWN


def _battery(words: set[str]) -> Battery:
    if "RB" in words:
        return Battery.REPLACE
    if {"LB", "FSD"} & words:
        return Battery.LOW
    return Battery.OK if {"OL", "OB"} & words else Battery.UNKNOWN


def _problem(words: set[str]) -> Fault | None:
    """The worst that the status says; none of it for no status at all."""
    codes = (
        ({"LB", "FSD"}, "ups.low_battery"),
        ({"OFF"}, "ups.off"),
        ({"OB"}, "ups.on_battery"),
        ({"OVER"}, "ups.overload"),
        ({"RB"}, "ups.replace_battery"),
        ({"BYPASS"}, "ups.bypass"),
    )
    if not words:
        return fault("ups.stale", "no status")
    return next((fault(code) for any_of, code in codes if any_of & words), None)


def _number(value: str | None) -> int | None:
    try:
        return int(float(value)) if value is not None else None
    except (ValueError, OverflowError):
        return None


REFUSALS: Mapping[str, str] = {
    "UNKNOWN-UPS": "ups.unknown",
    "ACCESS-DENIED": "ups.forbidden",
    "DATA-STALE": "ups.stale",
    "DRIVER-NOT-CONNECTED": "ups.stale",
}


# --- the adapter ---------------------------------------------------------------------------------


class Ups(Device):
    """The UPS at `name@host[:port]`, as `upsc` takes it; `name` alone is on this machine."""

    kind: ClassVar[str] = "ups"
    type_name: ClassVar[str] = "nut-ups"
    poll_interval_s: ClassVar[float] = POLL_EVERY_S
    port_form: ClassVar[str] = r"^[\w.-]+(@[\w.:\[\]-]+)?$"

    def __init__(self, name: str, port: str) -> None:
        super().__init__(name, port)
        self._line: socket.socket | None = None

    async def read(self, timeout_s: float) -> Result[UpsFacts]:
        """Ask the UPS now. Fails with `ups.stale`, `ups.unknown`, `ups.forbidden`."""
        return await self.command(lambda _: self._look(), timeout_s)

    async def test(self) -> Result[TestReport]:
        """Ask it how it is. A battery test is left to the field engineer: it can end the power."""

        def look(_: Cancel) -> Result[TestReport]:
            result = self._look()
            if isinstance(result, Failed):
                return result
            named = result.value.named
            return Ok(TestReport(named, tuple(f"{name}: {value}" for name, value in named.items())))

        return await self.command(look, TEST_WITHIN_S)

    # --- hooks, on the worker thread -------------------------------------------------------------

    def _open(self) -> None:
        ups, host, port = address(self.port)
        self._ups = ups
        self._line = socket.create_connection((host, port), timeout=ANSWER_WITHIN_S)

    def _close(self) -> None:
        line, self._line = self._line, None
        if line is None:
            return
        with line, suppress(OSError):
            line.settimeout(GOODBYE_WITHIN_S)
            line.sendall(b"LOGOUT\n")
            while line.recv(LONGEST_ANSWER_BYTES):
                continue

    def _probe(self) -> Failed | None:
        result = self._look()
        return result if isinstance(result, Failed) else None

    def _poll(self) -> None:
        self._look()

    # --- on the worker thread --------------------------------------------------------------------

    def _look(self) -> Result[UpsFacts]:
        """Read the UPS and tell its facts."""
        try:
            facts = facts_of(self._ask())
        except NutError as error:
            problem = fault(REFUSALS.get(error.word, "ups.stale"), error.word)
            self._set(state=DeviceState.HARDWARE_ERROR, fault=problem, facts=_NOTHING)
            return Failed(Outcome.HARDWARE_ERROR, problem)
        self._set(state=DeviceState.ONLINE, fault=facts.problem, facts=facts.named)
        return Ok(facts)

    def _ask(self) -> dict[str, str]:
        """`LIST VAR`. Raises OSError where no whole answer comes, NutError where it is an error."""
        if self._line is None:
            raise ConnectionError("the connection is closed")
        self._line.sendall(f"LIST VAR {self._ups}\n".encode())
        answer = b""
        while len(answer) < LONGEST_ANSWER_BYTES:
            part = self._line.recv(LONGEST_ANSWER_BYTES)
            if not part:
                raise ConnectionResetError(errno.ECONNRESET, "the server hung up")
            answer += part
            try:
                found = variables(answer.decode("utf-8", "replace"), self._ups)
            except ValueError as error:
                raise ConnectionError(errno.EPROTO, "no answer of a NUT server") from error
            if found is not None:
                return found
        raise ConnectionError(errno.EPROTO, "an answer without end")


_NOTHING = facts_of({}).named
"""What is known of a UPS that its driver has lost."""


def address(port: str) -> tuple[str, str, int]:
    """UPS, host and TCP port of `name@host[:port]`. Raises OSError (ENOENT) for what is none."""
    ups, _, host = port.partition("@")
    name, colon, number = (host or "localhost").rpartition(":")
    if not colon:
        name, number = number, str(NUT_PORT)
    if not _NAME.fullmatch(ups) or not number.isdigit():
        raise FileNotFoundError(errno.ENOENT, "ups@host[:port] is wanted")
    return ups, name.strip("[]"), int(number)
