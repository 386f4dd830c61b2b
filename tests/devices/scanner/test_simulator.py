"""The simulated scan engine answers as the real one is documented to (PROTOCOLS.md C)."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from devices.scanner import gm65
from devices.simulators.scanner import ScannerSimulator

WITHIN_S = 60.0
ACK = "02 00 00 01 00 33 31"
CODE = b"130000000000000001"


class Wire:
    """The other end of a scanner's line."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        connection.settimeout(WITHIN_S)

    def say(self, frame: str | bytes) -> None:
        self._connection.sendall(bytes.fromhex(frame) if isinstance(frame, str) else frame)

    def hear(self, count: int) -> bytes:
        heard = b""
        while len(heard) < count:
            part = self._connection.recv(count - len(heard))
            assert part, "the line ended"
            heard += part
        return heard

    def ask(self, frame: str | bytes, count: int = 7) -> bytes:
        self.say(frame)
        return self.hear(count)


@contextmanager
def wired(simulator: ScannerSimulator) -> Iterator[Wire]:
    with simulator:
        at = urlsplit(simulator.port)
        with socket.create_connection((at.hostname, at.port)) as connection:
            yield Wire(connection)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("7E 00 0A 01 00 00 00 30 1A", "03 00 00 01 00 33 31"),
        ("7E 00 08 01 00 02 01 AB CD", ACK),
        ("7E 00 08 01 00 02 01 02 DA", ACK),
        ("7E 00 09 01 00 00 00 DE C8", ACK),
        ("7E 00 09 01 00 00 00 DE C9", "02 00 01 01 00 04 01"),
        ("7E 00 0C 01 00 00 00 AB CD", "02 00 03 01 00 6A 61"),
    ],
)
def test_known_commands_get_the_known_answers(command, answer):
    with wired(ScannerSimulator(tcp=True)) as wire:
        assert wire.ask(command) == bytes.fromhex(answer)


def test_a_command_in_pieces_and_behind_noise_is_understood():
    with wired(ScannerSimulator(tcp=True)) as wire:
        for byte in b"\x00\xff\x7e" + gm65.HEARTBEAT.encode():
            wire.say(bytes([byte]))
        assert wire.hear(7) == bytes.fromhex("03 00 00 01 00 33 31")


def test_settings_are_kept_until_the_power_fails_unless_saved():
    simulator = ScannerSimulator(tcp=True)
    with wired(simulator) as wire:
        # GIVEN one setting that was saved, and one that was not
        wire.ask(gm65.write(gm65.Zone.LIGHT_TIME, 0x77).encode())
        wire.ask(gm65.Command(gm65.CommandType.SAVE, 0, b"\x00").encode())
        wire.ask(gm65.write(gm65.Zone.LIGHT_TIME, 0x78).encode())
        assert wire.ask(gm65.read(gm65.Zone.LIGHT_TIME).encode())[4] == 0x78

        # WHEN the power fails for a moment
        simulator.set_situation("forgetful")

        # THEN the saved one is back
        assert wire.ask(gm65.read(gm65.Zone.LIGHT_TIME).encode())[4] == 0x77


def test_in_command_mode_a_code_is_read_only_after_the_trigger_and_behind_its_answer():
    simulator = ScannerSimulator(tcp=True)
    with wired(simulator) as wire:
        # GIVEN command mode, and a code held before the dark scanner
        wire.ask(gm65.write(gm65.Zone.MODE, 0xD5).encode())
        simulator.control({"do": "show", "text": CODE.decode()})

        # WHEN it is triggered
        heard = wire.ask(gm65.TRIGGER_ON.encode(), 7 + len(CODE) + 1)

        # THEN the answer comes first, then the code with its end, and the light is out
        assert heard == bytes.fromhex(ACK) + CODE + b"\r"
        assert simulator.control({"do": "state"})["lit"] is False


def test_bytes_take_their_time_on_the_wire():
    # GIVEN a slow line
    with wired(ScannerSimulator(tcp=True, baud=1200)) as wire:
        begun = time.monotonic()
        wire.ask(gm65.HEARTBEAT.encode())

        # THEN seven bytes of ten bits take what they would
        assert time.monotonic() - begun >= 0.95 * 7 * 10 / 1200


def test_a_code_taken_away_is_not_read():
    simulator = ScannerSimulator(tcp=True)
    with wired(simulator) as wire:
        wire.ask(gm65.write(gm65.Zone.MODE, 0xD5).encode())
        simulator.control({"do": "show", "text": CODE.decode()})
        simulator.control({"do": "take"})
        simulator.control({"do": "show", "text": "another"})
        heard = wire.ask(gm65.TRIGGER_ON.encode(), 7 + len("another") + 1)
        assert heard.endswith(b"another\r")


@pytest.mark.parametrize("request_", [{"do": "show"}, {"do": "show", "hex": "xy"}, {"do": "dance"}])
def test_a_request_that_makes_no_sense_is_answered_with_an_error(request_):
    with ScannerSimulator(tcp=True) as simulator:
        answer = simulator.control(request_)
        assert answer["ok"] is False
        assert answer["error"]
