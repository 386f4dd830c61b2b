"""The simulated ID card reader: a security module on a line, with cards laid and lifted on command.

It keeps the module's rules: a card is found once, must be selected before it is read, and is not
found again until it was lifted, also after an error. On a pty it hears only what comes at its own
rate. Control: `{"do": "lay", "card": "wang-xiulan"}` (with `"new_address"`: an address added later),
`{"do": "take"}`, `{"do": "pull_after", "bytes": 100}`.
"""

from __future__ import annotations

import termios
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from devices.idcard.layout import TEXT_BYTES, encode
from devices.idcard.record import IdCard
from devices.idcard.sam import RATE_SETTLES_S, RATES, Command, Frame, FrameReader, reply
from devices.idcard.sw3 import Sw3
from devices.simulators.cards import CARDS
from devices.simulators.line import BITS_PER_BYTE, Simulator

BAUD = 115200

PHOTO_BYTES = 1024
PRINTS_BYTES = 1024

NEW_ADDRESS_BYTES = 70
"""PROTOCOLS.md B; not confirmed on hardware."""

SLOW_BYTES_BAUD = 9600
"""The pace of the module whose bytes come slowly, whatever its rate."""

SAM_NUMBER = bytes.fromhex("0500 0100 F1123401 A5010000 2A000000")
"""Standard 05.01, day 20190961 (a module's number, not a date), serial 421, check 42."""

SLOW_S = 0.5
"""How long the slow module thinks before each answer about a card: still within the adapter's
patience for the first byte, several times what a citizen expects."""

FIND_ANSWER = bytes(4)
SELECT_ANSWER = bytes(8)


class CardReaderSituation(StrEnum):
    """How the reader behaves."""

    NORMAL = "normal"
    SLOW = "slow"  # thinks for seconds before each answer about a card
    SLOW_BYTES = "slow_bytes"  # its bytes come one by one, as over a bad bridge
    SILENT = "silent"  # takes every byte and answers none
    GARBAGE = "garbage"  # noise before, between and after its frames
    NOISE_ONLY = "noise_only"  # nothing but noise, as at a wrong baud rate
    BAD_CHECKSUM = "bad_checksum"  # the answers of a card that was found arrive damaged
    HALF = "half"  # its answers about a card break off in the middle
    CUT = "cut"  # the cable is pulled in the middle of a card's data
    DEAF = "deaf"  # it understands each question only when it is asked again
    REMOVED = "removed"  # the card is lifted while it is read
    SELECT_FAILS = "select_fails"  # the card is found and does not answer
    UNREADABLE = "unreadable"  # data arrive whole and make no sense
    LYING = "lying"  # declares other lengths than it sends
    NO_PRINTS = "no_prints"  # the card has no fingerprints
    NO_CONTENT = "no_content"  # the card is empty
    REJECTS_MODULE = "rejects_module"  # the card does not accept the module
    NOT_AUTHENTIC = "not_authentic"  # the module does not accept the card
    UNVERIFIED = "unverified"  # the card's data fail their verification
    UNKNOWN_CARD = "unknown_card"  # the card is of another kind
    RANDOM_FAILS = "random_fails"  # the module's random numbers fail
    SAM_ERROR = "sam_error"  # the module fails once in a card, and works after a reset
    UNDEFINED = "undefined"  # it answers a status that no document names
    OLD_MODULE = "old_module"  # it knows neither fingerprints nor new addresses nor long frames
    STUBBORN = "stubborn"  # it says that it changed its rate, and did not
    HUNG = "hung"  # it fails its self-test until it is reset
    NO_SAM = "no_sam"  # the module fails its self-test
    UNAUTHORISED = "unauthorised"  # the module may not read cards


OF_CARD: Mapping[StrEnum, int] = MappingProxyType(
    {
        CardReaderSituation.NO_CONTENT: Sw3.NOTHING,
        CardReaderSituation.REJECTS_MODULE: Sw3.CARD_REJECTS_SAM,
        CardReaderSituation.NOT_AUTHENTIC: Sw3.SAM_REJECTS_CARD,
        CardReaderSituation.UNVERIFIED: Sw3.UNVERIFIED,
        CardReaderSituation.UNKNOWN_CARD: Sw3.UNKNOWN_CARD,
        CardReaderSituation.RANDOM_FAILS: Sw3.RANDOM_FAILED,
        CardReaderSituation.SAM_ERROR: Sw3.UNKNOWN_ERROR,
        CardReaderSituation.UNDEFINED: 0x5A,
    }
)
"""The situations in which a card that was selected is answered by a status alone."""

YOUNGER_COMMANDS = (Command.READ_WITH_PRINTS, Command.NEW_ADDRESS, Command.MAX_RF)


NOISE = b"\x00\xaa\xaa\x96\xff\xaa\xaa\xaa\x96\x69\xff\xff\x13"
"""Holds a false start of a frame, and one whose length is absurd."""


class CardReaderSimulator(Simulator):
    """A card reader. `lay` and `take` do what a hand does; the control socket does the same."""

    situations = CardReaderSituation

    def __init__(
        self,
        *,
        baud: int = BAUD,
        tcp: int | bool | None = None,
        link: Path | None = None,
        control: Path | None = None,
        situation: str = "normal",
    ) -> None:
        super().__init__(baud=baud, tcp=tcp, link=link, control=control, situation=situation)
        self._requests = FrameReader(shortest=3)
        self._rate = baud
        self._card: IdCard | None = None
        self._new_address = ""
        self._found = self._selected = self._read = False
        self._heard_before = False
        self._was_reset = False
        self._pull_after: int | None = None

    @property
    def byte_s(self) -> float:
        slow = self.situation is CardReaderSituation.SLOW_BYTES
        return BITS_PER_BYTE / (SLOW_BYTES_BAUD if slow else self.baud)

    def lay(self, card: IdCard) -> None:
        """Lay a card. From any thread."""
        self.call(lambda: self._lay(card))

    def take(self) -> None:
        """Lift the card. From any thread."""
        self.call(lambda: self._lay(None))

    # --- on the simulator's thread -------------------------------------------------------------------

    def connected(self) -> None:
        self._requests = FrameReader(shortest=3)
        self._found = self._selected = False

    def situation_changed(self) -> None:
        self._was_reset = self._heard_before = False

    def received(self, data: bytes) -> None:
        if not self._at_our_rate():
            return
        if self.situation is CardReaderSituation.SILENT:
            return
        if self.situation is CardReaderSituation.NOISE_ONLY:
            self.send(NOISE[:5])
            return
        for frame in self._requests.feed(data):
            if isinstance(frame, Frame) and self._understood():
                self._obey(int.from_bytes(frame.payload[:2], "big"))
            else:
                self._reply(Sw3.BAD_CHECKSUM)

    def _understood(self) -> bool:
        if self.situation is not CardReaderSituation.DEAF:
            return True
        self._heard_before = not self._heard_before
        return not self._heard_before

    def _at_our_rate(self) -> bool:
        """Whether the adapter's side of a pty is set to our rate; a network has none."""
        if self._slave is None:
            return True
        speed = termios.tcgetattr(self._slave)[5]
        return bool(speed == getattr(termios, f"B{self._rate}", speed))

    def request(self, do: str, given: Mapping[str, Any]) -> dict[str, Any]:
        if do == "lay":
            slug = str(given.get("card", ""))
            if slug not in CARDS:
                raise ValueError(f"no card {slug!r}; there are {', '.join(CARDS)}")
            self._lay(CARDS[slug], str(given.get("new_address", "")))
            return {}
        if do == "pull_after":
            self._pull_after = int(given["bytes"])
            return {}
        if do == "take":
            self._lay(None)
            return {}
        return super().request(do, given)

    def state(self) -> dict[str, Any]:
        return {"card": self._card is not None, "read": self._read, "rate": self._rate}

    def send(self, data: bytes) -> None:
        if self._pull_after is not None:
            data, left = data[: self._pull_after], self._pull_after - len(data)
            self._pull_after = max(left, 0)
            if left <= 0:
                self._pull_after = None
                super().send(data)
                self.after((len(data) + 1) * self.byte_s, self.pull)
                return
        super().send(data)

    def _lay(self, card: IdCard | None, new_address: str = "") -> None:
        self._card = card
        self._new_address = new_address
        self._found = self._selected = self._read = False

    def _obey(self, command: int) -> None:
        old = self.situation is CardReaderSituation.OLD_MODULE
        match command:
            case _ if old and command in YOUNGER_COMMANDS:
                self._reply(Sw3.BAD_COMMAND)
            case Command.RESET:
                self._found = self._selected = False
                self._was_reset = True
                self._reply(Sw3.OK)
            case Command.STATUS:
                self._reply(self._self_test())
            case Command.SAM_ID:
                self._reply(Sw3.OK, SAM_NUMBER)
            case Command.FIND:
                self._find()
            case Command.SELECT:
                self._select()
            case Command.READ | Command.READ_WITH_PRINTS:
                self._send_card(prints=command == Command.READ_WITH_PRINTS)
            case Command.NEW_ADDRESS:
                self._send_new_address()
            case Command.MAX_RF:
                self._reply(Sw3.OK)
            case _ if Command.RATE <= command < Command.RATE + len(RATES):
                self._change_rate(RATES[command - Command.RATE])
            case _:
                self._reply(Sw3.BAD_COMMAND)

    def _change_rate(self, rate: int) -> None:
        """Answer at the old rate, then work at the new one."""
        answer = reply(Sw3.OK)
        self.send(answer)
        if self.situation is not CardReaderSituation.STUBBORN:
            self.after(len(answer) * self.byte_s + RATE_SETTLES_S / 2, lambda: self._work_at(rate))

    def _work_at(self, rate: int) -> None:
        self._rate = self.baud = rate

    def _self_test(self) -> int:
        if self.situation is CardReaderSituation.HUNG and not self._was_reset:
            return Sw3.SELF_TEST_FAILED
        return {
            CardReaderSituation.NO_SAM: Sw3.SELF_TEST_FAILED,
            CardReaderSituation.UNAUTHORISED: Sw3.SAM_UNAUTHORISED,
        }.get(CardReaderSituation(self.situation), Sw3.OK)

    def _find(self) -> None:
        if self._card is None or self._read:
            self._reply(Sw3.NO_CARD)
            return
        self._found = True
        self._about_card(Sw3.FOUND, FIND_ANSWER)

    def _select(self) -> None:
        fails = self.situation is CardReaderSituation.SELECT_FAILS
        if self._card is None or not self._found or fails:
            self._found = False
            self._read = True
            self._about_card(Sw3.SELECT_FAILED)
            return
        self._selected = True
        self._about_card(Sw3.OK, SELECT_ANSWER)

    def _send_card(self, *, prints: bool) -> None:
        card = self._card
        if card is None or not self._selected:
            self._about_card(Sw3.CARD_FAILED)
            return
        self._found = self._selected = False
        self._read = True
        if self.situation is CardReaderSituation.REMOVED:
            self._lay(None)
            self._about_card(Sw3.CARD_FAILED)
        elif self.situation in OF_CARD:
            self._about_card(OF_CARD[self.situation])
        else:
            self._about_card(Sw3.OK, self._read_answer(card, prints=prints))

    def _read_answer(self, card: IdCard, *, prints: bool) -> bytes:
        unreadable = self.situation is CardReaderSituation.UNREADABLE
        text = b"\x00\xd8" * (TEXT_BYTES // 2) if unreadable else encode(card)
        none = self.situation is CardReaderSituation.NO_PRINTS
        sizes = [TEXT_BYTES, PHOTO_BYTES] + [0 if none else PRINTS_BYTES] * prints
        rest = bytes(sum(sizes) - TEXT_BYTES)
        if self.situation is CardReaderSituation.LYING:
            sizes[0] = TEXT_BYTES * 2
        return b"".join(size.to_bytes(2, "big") for size in sizes) + text + rest

    def _send_new_address(self) -> None:
        if self._card is None or not self._read:
            self._about_card(Sw3.CARD_FAILED)
        elif not self._new_address:
            self._about_card(Sw3.NOTHING)
        else:
            blank = " ".encode("utf-16-le") * (NEW_ADDRESS_BYTES // 2)
            written = self._new_address.encode("utf-16-le")
            self._about_card(Sw3.OK, (written + blank)[:NEW_ADDRESS_BYTES])

    def _about_card(self, sw3: int, data: bytes = b"") -> None:
        if self.situation is CardReaderSituation.SLOW:
            self.after(SLOW_S, lambda: self._reply(sw3, data))
            return
        frame = reply(sw3, data)
        if self.situation is CardReaderSituation.BAD_CHECKSUM and sw3 != Sw3.FOUND:
            self.send(frame[:-1] + bytes([frame[-1] ^ 0x55]))
        elif self.situation is CardReaderSituation.HALF and sw3 != Sw3.FOUND:
            self.send(frame[: len(frame) // 2])
        elif self.situation is CardReaderSituation.CUT and len(data) > TEXT_BYTES:
            self.send(frame[: len(frame) // 2])
            self.after(len(frame) // 2 * self.byte_s + 0.05, self.pull)
        else:
            self._reply(sw3, data)

    def _reply(self, sw3: int, data: bytes = b"") -> None:
        if self.situation is CardReaderSituation.GARBAGE:
            self.send(NOISE + reply(sw3, data) + NOISE)
            return
        self.send(reply(sw3, data))
