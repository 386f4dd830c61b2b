"""The simulated ID card reader: a security module on a line, with cards laid and lifted on command.

It keeps the module's rules: a card is found once, must be selected before it is read, and is not
found again until it was lifted. Control: `{"do": "lay", "card": "wang-xiulan"}`, `{"do": "take"}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from devices.idcard.record import IdCard
from devices.idcard.sam import TEXT_BYTES, Command, Frame, FrameReader, Sw3, encode, reply
from devices.simulators.cards import CARDS
from devices.simulators.line import Simulator

BAUD = 115200

PHOTO_BYTES = 1024

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
    SILENT = "silent"  # takes every byte and answers none
    GARBAGE = "garbage"  # noise before, between and after its frames
    NOISE_ONLY = "noise_only"  # nothing but noise, as at a wrong baud rate
    BAD_CHECKSUM = "bad_checksum"  # the answers of a card that was found arrive damaged
    CUT = "cut"  # the cable is pulled in the middle of a card's data
    REMOVED = "removed"  # the card is lifted while it is read
    SELECT_FAILS = "select_fails"  # the card is found and does not answer
    UNREADABLE = "unreadable"  # data arrive whole and make no sense
    LYING = "lying"  # declares other lengths than it sends
    NO_SAM = "no_sam"  # the module fails its self-test
    UNAUTHORISED = "unauthorised"  # the module may not read cards


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
        self._card: IdCard | None = None
        self._found = self._selected = self._read = False

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

    def received(self, data: bytes) -> None:
        if self.situation is CardReaderSituation.SILENT:
            return
        if self.situation is CardReaderSituation.NOISE_ONLY:
            self.send(NOISE[:5])
            return
        for frame in self._requests.feed(data):
            if isinstance(frame, Frame):
                self._obey(int.from_bytes(frame.payload[:2], "big"))
            else:
                self._reply(Sw3.BAD_CHECKSUM)

    def request(self, do: str, given: Mapping[str, Any]) -> dict[str, Any]:
        if do == "lay":
            slug = str(given.get("card", ""))
            if slug not in CARDS:
                raise ValueError(f"no card {slug!r}; there are {', '.join(CARDS)}")
            self._lay(CARDS[slug])
            return {}
        if do == "take":
            self._lay(None)
            return {}
        return super().request(do, given)

    def state(self) -> dict[str, Any]:
        return {"card": self._card is not None, "read": self._read}

    def _lay(self, card: IdCard | None) -> None:
        self._card = card
        self._found = self._selected = self._read = False

    def _obey(self, command: int) -> None:
        match command:
            case Command.RESET | Command.STATUS:
                self._reply(self._self_test())
            case Command.SAM_ID:
                self._reply(Sw3.OK, SAM_NUMBER)
            case Command.FIND:
                self._find()
            case Command.SELECT:
                self._select()
            case Command.READ:
                self._send_card()
            case _:
                self._reply(Sw3.BAD_COMMAND)

    def _self_test(self) -> int:
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
            self._about_card(Sw3.SELECT_FAILED)
            return
        self._selected = True
        self._about_card(Sw3.OK, SELECT_ANSWER)

    def _send_card(self) -> None:
        card = self._card
        if card is None or not self._selected:
            self._about_card(Sw3.CARD_FAILED)
            return
        self._found = self._selected = False
        self._read = True
        if self.situation is CardReaderSituation.REMOVED:
            self._lay(None)
            self._about_card(Sw3.CARD_FAILED)
            return
        unreadable = self.situation is CardReaderSituation.UNREADABLE
        text = b"\x00\xd8" * (TEXT_BYTES // 2) if unreadable else encode(card)
        lengths = (TEXT_BYTES, PHOTO_BYTES)
        if self.situation is CardReaderSituation.LYING:
            lengths = (TEXT_BYTES * 2, PHOTO_BYTES)
        head = b"".join(length.to_bytes(2, "big") for length in lengths)
        self._about_card(Sw3.OK, head + text + bytes(PHOTO_BYTES))

    def _about_card(self, sw3: int, data: bytes = b"") -> None:
        if self.situation is CardReaderSituation.SLOW:
            self.after(SLOW_S, lambda: self._reply(sw3, data))
            return
        frame = reply(sw3, data)
        if self.situation is CardReaderSituation.BAD_CHECKSUM and sw3 != Sw3.FOUND:
            self.send(frame[:-1] + bytes([frame[-1] ^ 0x55]))
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
