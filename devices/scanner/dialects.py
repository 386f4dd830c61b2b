"""How kinds of serial scanners are spoken to: one dialect each, over a line that is open.

Facts are those of PROTOCOLS.md C; what it marks as not confirmed is marked so here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType

from devices.faults import fault
from devices.scanner import gm65, newland
from devices.scanner.line import Line, Stream
from devices.status import Failed, Outcome

LIGHT_TIME = 255
"""25.5 s, the most that a GM65 takes: its light goes out by itself even if we die."""


class Dialect(ABC):
    """A way to speak to a scanner. `triggered` ones are dark until they are told to read; `answering`
    ones can be asked whether they are there; those that `sets_end` are told to end each code with a
    carriage return."""

    triggered: bool = True
    answering: bool = True
    sets_end: bool = False

    @abstractmethod
    def stream(self, end: bytes) -> Stream:
        """What cuts its bytes into answers and codes, each followed by `end`."""

    @abstractmethod
    def set_up(self, line: Line) -> Failed | None:
        """Have it wait for our trigger and end each code; what is wrong otherwise. Not kept in it."""

    @abstractmethod
    def light(self, line: Line, *, on: bool) -> Failed | None:
        """Begin or end a reading."""

    @abstractmethod
    def renew(self, line: Line) -> None:
        """Begin a reading anew, without waiting for an answer."""

    @abstractmethod
    def alive(self, line: Line) -> bool:
        """Whether it answers; True for one that cannot be asked."""

    def forgot(self, line: Line) -> bool:
        """Whether it lost its settings, as after a power failure."""
        return False


class Gm65(Dialect):
    """GM65, GM66, GM8xx."""

    sets_end = True

    def stream(self, end: bytes) -> Stream:
        return gm65.Stream(end=end)

    def set_up(self, line: Line) -> Failed | None:
        dropped = line.dropped
        mode = line.ask(gm65.read(gm65.Zone.MODE).encode())
        if not isinstance(mode, gm65.Answer):
            code = "device.garbled" if line.dropped > dropped else "device.silent"
            return Failed(Outcome.DEVICE_NOT_READY, fault(code))
        if not mode.ok or len(mode.data) != 1:
            return Failed(Outcome.HARDWARE_ERROR, fault("device.garbled"))
        wanted = {
            gm65.Zone.MODE: mode.data[0] & ~gm65.MODE_MASK | gm65.COMMAND_MODE,
            gm65.Zone.LIGHT_TIME: LIGHT_TIME,
            gm65.Zone.FORMAT: gm65.CR_ENDED,
        }
        for zone, value in wanted.items():
            if (problem := self._told(line, gm65.write(zone, value))) is not None:
                return problem
        return None

    def light(self, line: Line, *, on: bool) -> Failed | None:
        return self._told(line, gm65.TRIGGER_ON if on else gm65.TRIGGER_OFF)

    def renew(self, line: Line) -> None:
        line.send(gm65.TRIGGER_ON.encode())

    def alive(self, line: Line) -> bool:
        beat = line.ask(gm65.HEARTBEAT.encode())
        return isinstance(beat, gm65.Answer) and beat.alive and beat.ok

    def forgot(self, line: Line) -> bool:
        mode = line.ask(gm65.read(gm65.Zone.MODE).encode())
        if not isinstance(mode, gm65.Answer) or mode.alive:
            return False
        commanded = mode.ok and mode.data and mode.data[0] & gm65.MODE_MASK == gm65.COMMAND_MODE
        return not commanded

    def _told(self, line: Line, command: gm65.Command) -> Failed | None:
        answer = line.ask(command.encode())
        if not isinstance(answer, gm65.Answer):
            return Failed(Outcome.HARDWARE_ERROR, fault("device.silent"))
        if not answer.ok:
            detail = f"zone {command.address:04X}, status {answer.status:02X}"
            return Failed(Outcome.HARDWARE_ERROR, fault("scanner.refused", detail))
        return None


class Newland(Dialect):
    """Newland scanners with the `7E 01` commands. An older one answers nothing and is reported so."""

    def stream(self, end: bytes) -> Stream:
        return newland.Stream(end=end)

    def set_up(self, line: Line) -> Failed | None:
        return self._told(line, newland.BY_COMMAND)

    def light(self, line: Line, *, on: bool) -> Failed | None:
        return self._told(line, newland.TRIGGER_ON if on else newland.TRIGGER_OFF)

    def renew(self, line: Line) -> None:
        line.send(newland.command(newland.TRIGGER_ON))

    def alive(self, line: Line) -> bool:
        return line.ask(newland.command(newland.TRIGGER_OFF)) is not None

    def _told(self, line: Line, tag: str) -> Failed | None:
        dropped = line.dropped
        answer = line.ask(newland.command(tag))
        if not isinstance(answer, newland.Answer):
            code = "device.garbled" if line.dropped > dropped else "device.silent"
            return Failed(Outcome.DEVICE_NOT_READY, fault(code))
        if not answer.ok:
            verdicts = " ".join(f"{verdict:02X}" for _, verdict in answer.verdicts)
            detail = f"{tag}, verdict {verdicts or 'missing'}"
            return Failed(Outcome.HARDWARE_ERROR, fault("scanner.refused", detail))
        return None


class Honeywell(Dialect):
    """Honeywell and Datalogic scanners with serial triggers. They answer no trigger, so that one that
    fell silent is not told from one that has nothing to read."""

    answering = False

    ON, OFF = b"\x16T\r", b"\x16U\r"
    MENU = b"\x16M\r"
    SETTINGS = b"TRGMOD0;VSUFCR!"
    """Manual trigger, a carriage return behind each code, until switched off. The trigger's mode is
    documented; the menu's head, the suffix's name and the `!` are not confirmed."""

    def stream(self, end: bytes) -> Stream:
        return gm65.Stream(answers=False, end=end)

    def set_up(self, line: Line) -> Failed | None:
        line.send(self.MENU + self.SETTINGS)
        line.settle()
        return None

    def light(self, line: Line, *, on: bool) -> Failed | None:
        line.send(self.ON if on else self.OFF)
        return None

    def renew(self, line: Line) -> None:
        line.send(self.ON)

    def alive(self, line: Line) -> bool:
        return True


class Plain(Dialect):
    """Any scanner that is always lit; never spoken to."""

    triggered = False
    answering = False

    def stream(self, end: bytes) -> Stream:
        return gm65.Stream(answers=False, end=end)

    def set_up(self, line: Line) -> Failed | None:
        return None

    def light(self, line: Line, *, on: bool) -> Failed | None:
        return None

    def renew(self, line: Line) -> None:
        return

    def alive(self, line: Line) -> bool:
        return True


PROFILES: Mapping[str, type[Dialect]] = MappingProxyType(
    {"gm65": Gm65, "newland": Newland, "honeywell": Honeywell, "plain": Plain}
)

ENDS: Mapping[str, bytes] = MappingProxyType({"cr": b"\r", "lf": b"\n", "tab": b"\t", "none": b""})
"""What a scanner may send behind each code. A line feed behind a carriage return is part of `cr`."""
