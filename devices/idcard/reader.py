"""The ID card reader: a security module (SAM) behind a serial port, 115200 8N1 (PROTOCOLS.md B)."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import ClassVar

from devices.device import Cancel, Device, TestReport
from devices.faults import fault
from devices.idcard.layout import Undecodable, decode, new_address_of, text_of
from devices.idcard.record import IdCard
from devices.idcard.sam import (
    MAX_RF_BYTES,
    RATE_SETTLES_S,
    RATES,
    Command,
    Frame,
    FrameReader,
    request,
    sam_id,
)
from devices.idcard.sw3 import RESET_HELPS, SAY_AGAIN, Sw3, refusal
from devices.losses import state_for
from devices.registry import BadSetting
from devices.serial_port import Port
from devices.status import CardPresence, DeviceState, Failed, Fault, Ok, Outcome, Part, Result

BAUD = RATES[0]

FIND_INTERVAL_S = 0.3
"""PROTOCOLS.md B: a card is sought no faster than every 300 ms."""

SILENCE_S = 0.8
"""No byte for so long: no answer comes any more. A module answers a status within some 10 ms; one
that works on a card's keys takes up to half a second before its first byte."""

SEEK_SILENCE_S = 0.2
"""The same where a module is sought at another rate: it is asked for its status alone."""

PAUSE_S = 0.3
"""The longest pause within an answer: twenty times what a USB adapter holds bytes back."""

REPLY_WITHIN_S = 4.0
"""A whole answer: 1295 bytes take 1.4 s at 9600 baud, the slowest rate."""

PROBE_TRIES = 3
"""The first question after power-on may be lost."""

MISSED = 2
"""So many questions unanswered in a row, and the reader counts as lost."""

TEST_WITHIN_S = 10.0

RESET_WITHIN_S = 5.0


class IdCardReader(Device):
    """Reads ID cards. The module cannot tell whether a card it has read still lies there, so the fact
    `card` is `present` only while one is read, and `unknown` afterwards until another is sought."""

    kind: ClassVar[str] = "id_card"
    type_name: ClassVar[str] = "sam-serial"

    def __init__(
        self,
        name: str,
        port: str,
        *,
        baud: int = BAUD,
        rates: tuple[int, ...] = RATES,
        fingerprint: bool = False,
        new_address: bool = False,
        max_rf: bool = False,
    ) -> None:
        """`baud` is the rate to work at; a module that is found at another of `rates` is told to
        change, and left where it is if it does not. `rates` are in the module's own order.

        `fingerprint` reads a card together with its fingerprints, as some halls' modules demand; they
        are dropped here. `new_address` also asks for the address added since the card was made.
        `max_rf` asks for the longest radio frames. Raises BadSetting for a rate that is none.
        """
        super().__init__(name, port)
        if not rates or min(rates) <= 0:
            raise BadSetting("rates", "bits a second, in the module's order")
        if baud not in rates:
            raise BadSetting("baud", f"one of {', '.join(map(str, rates))}")
        self._baud = baud
        self._rates = rates
        self._read_command = Command.READ_WITH_PRINTS if fingerprint else Command.READ
        self._new_address = new_address
        self._max_rf = max_rf
        self._serial: Port | None = None
        self._missed = 0
        self._late = False
        self._ill = False

    async def read_card(self, timeout_s: float) -> Result[IdCard]:
        """Wait until a card is laid, read it, and return what it says.

        Fails with `card.lift_and_retry`, `card.removed` or `card.read_failed` where lifting and
        laying the card again helps; `card.unreadable`, `card.unknown_type`, `card.not_authentic` or
        another of devices/idcard/sw3.py where it does not; TIMEOUT where none was laid. After a failure
        the card must be lifted before it is found again. Cancelling leaves the reader at rest.
        """
        return await self.command(self._read_card, timeout_s)

    async def test(self) -> Result[TestReport]:
        """Ask the module for its self-test and its number, and seek a card once."""
        return await self.command(self._test, TEST_WITHIN_S)

    async def reset(self) -> Result[None]:
        """Have the module begin anew, as after power-on; fails with what it then says it is."""
        return await self.command(self._reset_asked, RESET_WITHIN_S)

    # --- hooks -----------------------------------------------------------------------------------

    def _open(self) -> None:
        self._serial = Port.open(self.port, self._baud)
        self._missed = 0
        self._late = False
        self._ill = False

    def _close(self) -> None:
        serial, self._serial = self._serial, None
        if serial is not None:
            serial.close()

    def _probe(self) -> Failed | None:
        answer = self._found_at(self._baud, PROBE_TRIES)
        if isinstance(answer, Fault):
            answer = self._found_elsewhere(answer)
        if isinstance(answer, Fault):
            self._set(facts={"sam": Part.UNKNOWN.value})
            return Failed(Outcome.HARDWARE_ERROR, answer)
        return self._identified(answer)

    def _poll(self) -> None:
        answer = self._exchange(Command.STATUS)
        if not isinstance(answer, Frame) or answer.sw3 in SAY_AGAIN:
            self._miss()
            return
        self._missed = 0
        well = answer.sw3 == Sw3.OK
        if well is self._ill:
            self._changed(answer)

    def _changed(self, status: Frame) -> None:
        """Say what became of a module that fell ill or got well; it is reset once where that may help."""
        failed = self._identified(status)
        self._ill = failed is not None
        if failed is None:
            self._set(state=DeviceState.ONLINE)
        else:
            self._set(state=state_for(failed.fault), fault=failed.fault)

    # --- work on the worker thread -------------------------------------------------------------------

    def _found_at(self, baud: int, tries: int, silence_s: float = SILENCE_S) -> Frame | Fault:
        """The module's status at this rate, or why there is none."""
        self._port_at(baud)
        garbled: Fault | None = None
        answer: Frame | Fault = fault("device.silent")
        for _ in range(tries):
            answer = self._exchange(Command.STATUS, silence_s=silence_s)
            if isinstance(answer, Frame):
                return answer
            garbled = answer if answer.code == "device.garbled" else garbled
        return garbled or answer

    def _found_elsewhere(self, at_first: Fault) -> Frame | Fault:
        """Seek the module at its other rates, and bring it to ours; else what was wrong at first."""
        for baud in self._rates:
            if self._stopping.is_set():
                break
            if baud == self._baud:
                continue
            if isinstance(self._found_at(baud, 1, SEEK_SILENCE_S), Frame):
                return self._brought_over(baud)
        self._port_at(self._baud)
        return at_first

    def _brought_over(self, baud: int) -> Frame | Fault:
        """Ask a module that was found at `baud` for our rate; back to `baud` if it stays there."""
        answer = self._exchange(Command.RATE | self._rates.index(self._baud))
        if isinstance(answer, Frame) and answer.sw3 == Sw3.OK:
            time.sleep(RATE_SETTLES_S)
            changed = self._found_at(self._baud, PROBE_TRIES)
            if isinstance(changed, Frame):
                return changed
        return self._found_at(baud, PROBE_TRIES)

    def _port_at(self, baud: int) -> None:
        if self._serial is not None:
            self._serial.set_baud(baud)
        self._set(facts={"baud": str(baud)})

    def _identified(self, status: Frame) -> Failed | None:
        if status.sw3 in RESET_HELPS:
            again = self._reset()
            status = again if isinstance(again, Frame) else status
        if status.sw3 != Sw3.OK:
            self._set(facts={"sam": Part.FAULT.value})
            return replace(refusal(status.sw3), outcome=Outcome.HARDWARE_ERROR)
        facts = {"sam": Part.OK.value, "card": CardPresence.UNKNOWN.value}
        answer = self._exchange(Command.SAM_ID)
        if isinstance(answer, Frame) and answer.sw3 == Sw3.OK and len(answer.data) == 16:
            facts["sam_id"] = sam_id(answer.data)
        if self._max_rf:
            told = self._exchange(Command.MAX_RF, bytes([MAX_RF_BYTES]))
            taken = isinstance(told, Frame) and told.sw3 == Sw3.OK
            facts["max_rf"] = "taken" if taken else "refused"
        self._set(facts=facts)
        return None

    def _reset(self) -> Frame | Fault:
        """Have the module begin anew, and ask how it is."""
        self._count("resets")
        begun = self._exchange(Command.RESET)
        return self._exchange(Command.STATUS) if isinstance(begun, Frame) else begun

    def _reset_asked(self, cancel: Cancel) -> Result[None]:
        answer = self._reset()
        if isinstance(answer, Fault):
            return Failed(Outcome.HARDWARE_ERROR, answer)
        failed = self._identified(answer)
        return failed if failed is not None else Ok(None)

    def _read_card(self, cancel: Cancel) -> Result[IdCard]:
        recovered = False
        while not cancel.over:
            begun = time.monotonic()
            found = self._exchange(Command.FIND)
            if isinstance(found, Frame) and found.sw3 == Sw3.FOUND:
                return self._read_found()
            if isinstance(found, Frame) and found.sw3 == Sw3.NO_CARD:
                self._missed = 0
                self._set(facts={"card": CardPresence.NOT_PRESENT.value})
            elif isinstance(found, Frame):
                if recovered or found.sw3 not in RESET_HELPS:
                    return refusal(found.sw3)
                self._reset()
                recovered = True
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
        selected = self._of_card(Command.SELECT)
        if isinstance(selected, Failed):
            return selected
        answer = self._of_card(self._read_command)
        if isinstance(answer, Failed):
            return answer
        try:
            card = decode(text_of(answer.data))
        except Undecodable as what:
            return Failed(Outcome.INVALID_DATA, fault("card.unreadable", str(what)))
        return Ok(replace(card, new_address=self._added_address()) if self._new_address else card)

    def _of_card(self, command: Command) -> Frame | Failed:
        answer = self._exchange(command)
        if not isinstance(answer, Frame):
            return Failed(Outcome.HARDWARE_ERROR, fault("card.lift_and_retry", answer.code))
        if answer.sw3 == Sw3.OK:
            return answer
        if answer.sw3 in RESET_HELPS:
            self._reset()
        return refusal(answer.sw3)

    def _added_address(self) -> str | None:
        """The address of the card that was just read: "" where it has none, None where unknown."""
        answer = self._exchange(Command.NEW_ADDRESS)
        if isinstance(answer, Frame) and answer.sw3 == Sw3.NOTHING:
            return ""
        try:
            if isinstance(answer, Frame) and answer.sw3 == Sw3.OK:
                return new_address_of(answer.data)
        except Undecodable:
            self._count("unreadable_new_addresses")
        return None

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

    def _exchange(
        self, command: int, data: bytes = b"", silence_s: float = SILENCE_S
    ) -> Frame | Fault:
        """Ask, and wait for the answer: a frame, or why there is none. A question that the module
        says it did not understand is asked once more."""
        question = request(command, data)
        answer = self._asked(question, silence_s)
        if isinstance(answer, Frame) and answer.sw3 in SAY_AGAIN:
            self._count("asked_again")
            answer = self._asked(question, silence_s)
        return answer

    def _asked(self, question: bytes, silence_s: float) -> Frame | Fault:
        """It is short and always brought to its end, so that the module is at rest afterwards. Answers
        do not say what they answer: after one that did not come, the line must fall silent first.
        """
        serial = self._serial
        if serial is None:
            raise OSError("the port is closed")
        if self._late:
            serial.drain(quiet_s=silence_s, at_most_s=REPLY_WITHIN_S)
        serial.drain()
        self._late = True
        frames = FrameReader()
        serial.write(question)
        until = time.monotonic() + REPLY_WITHIN_S
        came = False
        while time.monotonic() < until:
            chunk = serial.read(PAUSE_S if frames.within_frame else silence_s)
            if not chunk:
                break
            came = True
            for frame in frames.feed(chunk):
                if isinstance(frame, Frame):
                    self._late = False
                    return frame
                self._count("damaged_frames")
        return fault("device.garbled" if came else "device.silent")
