"""Modbus with one board: questions and answers, each with a deadline, over our own serial port.

pymodbus writes and reads the frames (RTU, or Modbus TCP's); devices/serial_port.py carries them, so that
the port is exclusive, DTR and RTS stay quiet, and a lost line shows as everywhere else.
"""

from __future__ import annotations

import logging
import struct
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from devices.faults import fault
from devices.serial_port import Port
from devices.status import Failed, Fault, Outcome

if TYPE_CHECKING:
    from pymodbus.pdu import ModbusPDU

Framing = Literal["rtu", "tcp"]

ANSWER_WITHIN_S = 0.8
"""A board answers in 20 ms; a USB converter and a busy machine add to it."""

TRIES = 3
"""A frame that a motor's spark garbled is asked for again; a pulse is not, for it may have come."""

LONGEST_ANSWER_BYTES = 264
"""Modbus Messaging on TCP/IP V1.0b, section 4.1: 260, and RTU's 256."""

EXCEPTIONS = {
    1: "illegal function", 2: "illegal data address", 3: "illegal data value",
    4: "device failure", 6: "device busy",
}  # fmt: skip
"""Modbus Application Protocol V1.1b3, section 7."""


class BoardError(Exception):
    """The board does not answer, answers nonsense, or refuses."""

    def __init__(self, problem: Fault) -> None:
        super().__init__(problem.code)
        self.fault = problem

    @property
    def failed(self) -> Failed:
        """The command that ends with it."""
        silent = self.fault.code == "device.silent"
        return Failed(Outcome.TIMEOUT if silent else Outcome.HARDWARE_ERROR, self.fault)


class ModbusLine:
    """One board on a line. Every method raises one of `LOST` when the port is gone, else BoardError."""

    def __init__(self, port: Port, unit: int, framing: Framing) -> None:
        self._port = port
        self._unit = unit
        self._tcp = framing == "tcp"
        self._framer = _framer(self._tcp)
        self._number = 0

    def coils(self, first: int, count: int) -> tuple[bool, ...]:
        """The relays from `first` on (function 01)."""
        from pymodbus.pdu.bit_message import ReadCoilsRequest

        return self._bits(ReadCoilsRequest(address=first, count=count, dev_id=self._unit), count)

    def inputs(self, first: int, count: int) -> tuple[bool, ...]:
        """The inputs from `first` on (function 02)."""
        from pymodbus.pdu.bit_message import ReadDiscreteInputsRequest

        request = ReadDiscreteInputsRequest(address=first, count=count, dev_id=self._unit)
        return self._bits(request, count)

    def switch(self, coil: int, on: bool) -> None:
        """Switch one relay (function 05)."""
        from pymodbus.pdu.bit_message import WriteSingleCoilRequest

        self._ask(WriteSingleCoilRequest(address=coil, bits=[on], dev_id=self._unit), TRIES)

    def pulse(self, address: int, units: int) -> None:
        """Have the board switch a relay on for `units` of its own time (function 05 with a value)."""
        self._ask(_pulse_request()(address=address, bits=[True], dev_id=self._unit, units=units), 1)

    def close(self) -> None:
        """Give the port back."""
        self._port.close()

    def _bits(self, request: ModbusPDU, count: int) -> tuple[bool, ...]:
        bits: Sequence[bool] = self._ask(request, TRIES).bits
        if len(bits) < count:
            raise BoardError(fault("device.garbled", f"{len(bits)} of {count} bits"))
        return tuple(bits[:count])

    def _ask(self, request: ModbusPDU, tries: int) -> Any:
        problem = fault("device.silent")
        for _ in range(tries):
            try:
                return self._exchange(request)
            except BoardError as error:
                problem = error.fault
                if problem.code == "board.refused":
                    raise
        raise BoardError(problem)

    def _exchange(self, request: ModbusPDU) -> Any:
        self._number = self._number % 0xFFFF + 1
        request.transaction_id = self._number
        self._port.drain()
        self._port.write(self._framer.buildFrame(request))
        heard = b""
        deadline = time.monotonic() + ANSWER_WITHIN_S
        while (left := deadline - time.monotonic()) > 0 and len(heard) < LONGEST_ANSWER_BYTES:
            heard += self._port.read(left)
            answer = self._decoded(heard)
            if answer is not None and _answers(answer, request):
                return _checked(answer)
        code = "device.garbled" if heard else "device.silent"
        raise BoardError(fault(code, f"{len(heard)} bytes" if heard else ""))

    def _decoded(self, heard: bytes) -> Any:
        """The answer that is whole; None for one that is not, or is garbled."""
        from pymodbus.exceptions import ModbusException

        number = self._number if self._tcp else 0
        try:
            return self._framer.handleFrame(heard, self._unit, number)[1]
        except (ModbusException, struct.error, IndexError, ValueError):
            return None


def _answers(answer: Any, request: ModbusPDU) -> bool:
    """Whether it is that question's answer; a late one of an earlier question may come first."""
    if answer.function_code & 0x7F != request.function_code:
        return False
    writes = answer.function_code == 5
    return not writes or answer.address == request.address


def _checked(answer: Any) -> Any:
    if answer.isError():
        number = answer.exception_code
        problem = fault("board.refused")
        raise BoardError(replace(problem, detail=EXCEPTIONS.get(number, f"exception {number}")))
    return answer


def _framer(tcp: bool) -> Any:
    from pymodbus.framer import FramerRTU, FramerSocket
    from pymodbus.pdu import DecodePDU

    logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)  # our counters tell it
    return (FramerSocket if tcp else FramerRTU)(DecodePDU(is_server=False))


@cache
def _pulse_request() -> Any:
    """A write of one coil whose value is a time: what Waveshare made of function 05."""
    from pymodbus.pdu.bit_message import WriteSingleCoilRequest

    class PulseRequest(WriteSingleCoilRequest):
        def __init__(self, *, units: int, **given: Any) -> None:
            super().__init__(**given)
            self.units = units

        def encode(self) -> bytes:
            return struct.pack(">HH", self.address, self.units)

    return PulseRequest
