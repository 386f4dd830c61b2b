"""The ID card reader: a security module (SAM) behind a serial port, 115200 8N1 (PROTOCOLS.md B)."""

from __future__ import annotations

import time
from typing import ClassVar

from devices.device import Cancel, Device, TestReport
from devices.faults import fault
from devices.idcard.record import IdCard
from devices.idcard.sam import (
    Command,
    Frame,
    FrameReader,
    Sw3,
    Undecodable,
    decode,
    request,
    sam_id,
    text_of,
)
from devices.serial_port import Port
from devices.status import CardPresence, Failed, Fault, Ok, Outcome, Part, Result

BAUD = 115200

FIND_INTERVAL_S = 0.3
"""PROTOCOLS.md B: a card is sought no faster than every 300 ms."""

SILENCE_S = 0.8
"""No byte for so long: no answer comes any more. A module answers a status within some 10 ms; one
that works on a card's keys takes up to half a second before its first byte."""

PAUSE_S = 0.3
"""The longest pause within an answer: twenty times what a USB adapter holds bytes back."""

REPLY_WITHIN_S = 4.0
"""A whole answer: 1295 bytes take 1.4 s at 9600 baud, the slowest rate."""

PROBE_TRIES = 3
"""The first question after power-on may be lost."""

MISSED = 2
"""So many questions unanswered in a row, and the reader counts as lost."""

TEST_WITHIN_S = 10.0

REFUSALS = {
    Sw3.SELECT_FAILED: "card.lift_and_retry",
    Sw3.CARD_FAILED: "card.read_failed",
    Sw3.UNKNOWN_CARD: "card.unknown_type",
    Sw3.SELF_TEST_FAILED: "sam.failed",
    Sw3.SAM_UNAUTHORISED: "sam.unauthorised",
    Sw3.UNAUTHORISED: "sam.unauthorised",
    Sw3.NO_CARD: "card.removed",
    Sw3.NOTHING: "card.read_failed",
}
"""What a status that ends a command means; others are a card that was not read."""


class IdCardReader(Device):
    """Reads ID cards. The module cannot tell whether a card it has read still lies there, so the fact
    `card` is `present` only while one is read, and `unknown` afterwards until another is sought."""

    kind: ClassVar[str] = "id_card"
    type_name: ClassVar[str] = "sam-serial"

    def __init__(self, name: str, port: str, *, baud: int = BAUD) -> None:
        super().__init__(name, port)
        self._baud = baud
        self._serial: Port | None = None
        self._missed = 0
        self._late = False

    async def read_card(self, timeout_s: float) -> Result[IdCard]:
        """Wait until a card is laid, read it, and return what it says.

        Fails with `card.lift_and_retry`, `card.removed` or `card.read_failed` where lifting and
        laying the card again helps; `card.unreadable` or `card.unknown_type` where it does not;
        TIMEOUT where none was laid. Cancelling leaves the reader at rest.
        """
        return await self.command(self._read_card, timeout_s)

    async def test(self) -> Result[TestReport]:
        """Ask the module for its self-test and its number, and seek a card once."""
        return await self.command(self._test, TEST_WITHIN_S)

    # --- hooks -----------------------------------------------------------------------------------

    def _open(self) -> None:
        self._serial = Port.open(self.port, self._baud)
        self._missed = 0
        self._late = False

    def _close(self) -> None:
        serial, self._serial = self._serial, None
        if serial is not None:
            serial.close()

    def _probe(self) -> Failed | None:
        garbled = False
        for _ in range(PROBE_TRIES):
            answer = self._exchange(Command.STATUS)
            if isinstance(answer, Frame):
                return self._identified(answer)
            garbled = garbled or answer.code == "device.garbled"
        code = "device.garbled" if garbled else "device.silent"
        self._set(facts={"sam": Part.UNKNOWN.value})
        return Failed(Outcome.HARDWARE_ERROR, fault(code))

    def _poll(self) -> None:
        answer = self._exchange(Command.STATUS)
        if isinstance(answer, Frame):
            self._missed = 0
            return
        self._miss()

    # --- work on the worker thread -------------------------------------------------------------------

    def _identified(self, status: Frame) -> Failed | None:
        if status.sw3 != Sw3.OK:
            self._set(facts={"sam": Part.FAULT.value})
            return Failed(Outcome.HARDWARE_ERROR, _refusal(status, "sam.failed"))
        answer = self._exchange(Command.SAM_ID)
        facts = {"sam": Part.OK.value, "card": CardPresence.UNKNOWN.value}
        if isinstance(answer, Frame) and answer.sw3 == Sw3.OK and len(answer.data) == 16:
            facts["sam_id"] = sam_id(answer.data)
        self._set(facts=facts)
        return None

    def _read_card(self, cancel: Cancel) -> Result[IdCard]:
        while not cancel.over:
            begun = time.monotonic()
            found = self._exchange(Command.FIND)
            if isinstance(found, Frame) and found.sw3 == Sw3.FOUND:
                return self._read_found()
            if isinstance(found, Frame) and found.sw3 == Sw3.NO_CARD:
                self._missed = 0
                self._set(facts={"card": CardPresence.NOT_PRESENT.value})
            elif isinstance(found, Frame):
                return Failed(Outcome.HARDWARE_ERROR, _refusal(found, "card.read_failed"))
            else:
                self._miss()
            cancel.wait(begun + FIND_INTERVAL_S - time.monotonic())
        return cancel.failed()

    def _miss(self) -> None:
        """One question without a whole answer; the second in a row loses the reader."""
        self._missed += 1
        self._count("missed")
        if self._missed >= MISSED:
            raise OSError("the reader no longer answers")

    def _read_found(self) -> Result[IdCard]:
        self._set(facts={"card": CardPresence.PRESENT.value})
        try:
            result = self._selected_and_read()
        finally:
            self._set(facts={"card": CardPresence.UNKNOWN.value})
        self._count("reads" if isinstance(result, Ok) else "failed_reads")
        return result

    def _selected_and_read(self) -> Result[IdCard]:
        selected = self._exchange(Command.SELECT)
        if not isinstance(selected, Frame):
            return Failed(Outcome.HARDWARE_ERROR, fault("card.lift_and_retry", selected.code))
        if selected.sw3 != Sw3.OK:
            return Failed(Outcome.USER_ERROR, _refusal(selected, "card.lift_and_retry"))
        answer = self._exchange(Command.READ)
        if not isinstance(answer, Frame):
            return Failed(Outcome.HARDWARE_ERROR, fault("card.lift_and_retry", answer.code))
        if answer.sw3 != Sw3.OK:
            return Failed(Outcome.USER_ERROR, _refusal(answer, "card.read_failed"))
        try:
            return Ok(decode(text_of(answer.data)))
        except Undecodable as what:
            return Failed(Outcome.INVALID_DATA, fault("card.unreadable", str(what)))

    def _test(self, cancel: Cancel) -> Result[TestReport]:
        failed = self._probe()
        if failed is not None:
            return failed
        found = self._exchange(Command.FIND)
        if not isinstance(found, Frame):
            return Failed(Outcome.HARDWARE_ERROR, found)
        lies = found.sw3 == Sw3.FOUND
        facts = dict(self.health().facts) | {"card": "present" if lies else "not_present"}
        lines = (
            f"SAM {facts.get('sam_id', 'without a number')}",
            "a card was found" if lies else "no card was found",
        )
        return Ok(TestReport(facts, lines))

    def _exchange(self, command: Command) -> Frame | Fault:
        """Ask, and wait for the answer: a frame, or why there is none.

        It is short and always brought to its end, so that the module is at rest afterwards. Answers
        do not say what they answer: after one that did not come, the line must fall silent first.
        """
        serial = self._serial
        if serial is None:
            raise OSError("the port is closed")
        if self._late:
            serial.drain(quiet_s=SILENCE_S, at_most_s=REPLY_WITHIN_S)
        serial.drain()
        self._late = True
        frames = FrameReader()
        serial.write(request(command))
        until = time.monotonic() + REPLY_WITHIN_S
        came = False
        while time.monotonic() < until:
            chunk = serial.read(PAUSE_S if frames.within_frame else SILENCE_S)
            if not chunk:
                break
            came = True
            for frame in frames.feed(chunk):
                if isinstance(frame, Frame):
                    self._late = False
                    return frame
                self._count("damaged_frames")
        return fault("device.garbled" if came else "device.silent")


def _refusal(answer: Frame, otherwise: str) -> Fault:
    try:
        code = REFUSALS.get(Sw3(answer.sw3), otherwise)
    except ValueError:
        code = otherwise
    return fault(code, f"SW3 {answer.sw3:02X}")
