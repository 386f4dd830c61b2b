"""The simulated chip card: it answers a real PC/SC service through its virtual reader, vpcd.

vpcd (vsmartcard) listens on a TCP port a slot; a card that is laid connects there, one that is taken
hangs up. A card that gives no answer to reset cannot be played: to vpcd there is none then.

Messages have two bytes of length before them: one byte is an order of the reader (0 off, 1 on, 2
reset, 4 answer to reset), more are a command for the chip. Control: `{"do": "lay", "card":
"wang-xiulan"}`, `{"do": "take"}`.
"""

from __future__ import annotations

import selectors
import socket
from collections.abc import Mapping, Sequence
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Any

from devices.chipcard.social import SOCIAL_SECURITY, SocialCard, card_records, holder_records
from devices.simulators.cards import SOCIAL_CARDS
from devices.simulators.line import Simulator

VPCD_PORT = 0x8C7B
"""Where vpcd listens as Debian configures it (/etc/reader.conf.d/vpcd)."""

READER = "Virtual PCD 00 00"
"""Its first slot's name there."""

BAUD = 115200
"""The pace of its bytes: one that contact cards reach."""

ATR = bytes.fromhex("3B6D00000081544A4E8660371083010203")
"""Direct convention, T=0, thirteen historical bytes: a form that such cards have, the bytes invented."""

GET_ATR = 4
"""The one order that is answered, and how the reader sees that a card is there; 0, 1 and 2 switch the
chip off, on and reset it."""

CONNECT_WITHIN_S = 2.0


class Instruction(IntEnum):
    """The second byte of a command (ISO/IEC 7816-4, table 4)."""

    SELECT = 0xA4
    READ_RECORD = 0xB2
    GET_RESPONSE = 0xC0


OK = bytes.fromhex("9000")
NO_FILE, NO_RECORD = bytes.fromhex("6A82"), bytes.fromhex("6A83")
PROTECTED = bytes.fromhex("6982")
UNKNOWN = bytes.fromhex("6D00")
BROKEN = bytes.fromhex("6F00")


class ChipCardSituation(StrEnum):
    """What kind of card is laid, and how it behaves."""

    NORMAL = "normal"
    NONSENSE = "nonsense"  # its answer to reset is none: it lies badly, or is no chip card
    REMOVED = "removed"  # it is taken out while it is read
    WRONG_STATUS = "wrong_status"  # it answers a read with an error of no meaning
    NOT_SOCIAL = "not_social"  # it is a bank's card
    PROTECTED = "protected"  # its holder's file is read with a key only
    SHORT = "short"  # its records are shorter than they say
    UNREADABLE = "unreadable"  # its dates are none
    FETCHED = "fetched"  # it has each answer fetched, and insists on lengths
    ENDLESS = "endless"  # it asks to be asked again, for ever
    CUT = "cut"  # it answers with less than a status


class ChipCardSimulator(Simulator):
    """A chip card at a virtual reader; `tcp` is where that listens, `reader` is its name."""

    situations = ChipCardSituation

    def __init__(
        self,
        *,
        baud: int = BAUD,
        tcp: int | bool | None = None,
        link: Path | None = None,
        control: Path | None = None,
        situation: str = "normal",
        reader: str = READER,
    ) -> None:
        super().__init__(baud=baud, link=link, control=control, situation=situation)
        self._vpcd = VPCD_PORT if tcp is None or isinstance(tcp, bool) else tcp
        self._name = reader
        self._waiting = bytearray()
        self._card: SocialCard | None = None
        self._selected = False
        self._to_fetch = b""
        self.commands = 0
        """Commands to the chip so far."""

    def start(self) -> None:
        super().start()
        self.port = self._name

    # --- the hand --------------------------------------------------------------------------------

    def request(self, do: str, given: Mapping[str, Any]) -> dict[str, Any]:
        if do == "lay":
            slug = str(given.get("card", ""))
            if slug not in SOCIAL_CARDS:
                raise ValueError(f"no card {slug!r}; there are {', '.join(SOCIAL_CARDS)}")
            self._lay(SOCIAL_CARDS[slug])
        elif do == "take":
            self._take()
        else:
            return super().request(do, given)
        return {}

    def state(self) -> dict[str, Any]:
        return {"card": self._card is not None, "commands": self.commands}

    def _lay(self, card: SocialCard) -> None:
        """Put the card in. Raises OSError where no virtual reader listens."""
        self._take()
        address = ("127.0.0.1", self._vpcd)
        connection = socket.create_connection(address, timeout=CONNECT_WITHIN_S)
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._line, self._card = connection, card
        self._selector.register(connection, selectors.EVENT_READ, self._readable)
        self.connected()

    def _take(self) -> None:
        self._card = None
        self._outgoing.clear()
        self._drop_line()

    def _plug_pty(self) -> None:
        """The cable is the reader's own: a card has none."""
        self._plugged = True

    # --- the reader's orders -----------------------------------------------------------------------

    def connected(self) -> None:
        self._waiting.clear()
        self._selected = False

    def received(self, data: bytes) -> None:
        self._waiting += data
        while len(self._waiting) >= 2:
            end = 2 + int.from_bytes(self._waiting[:2], "big")
            if len(self._waiting) < end:
                return
            message = bytes(self._waiting[2:end])
            del self._waiting[:end]
            if len(message) == 1:
                self._ordered(message[0])
            elif message:
                self.commands += 1
                self._say(self._obey(message))

    def _ordered(self, order: int) -> None:
        if order != GET_ATR:
            self._selected = False
            return
        if self.situation is ChipCardSituation.NONSENSE:
            self._say(b"\x00\x11\x22")
        else:
            self._say(ATR)

    def _say(self, answer: bytes | None) -> None:
        if answer is not None:
            self.send(len(answer).to_bytes(2, "big") + answer)

    # --- the chip ----------------------------------------------------------------------------------

    def _obey(self, command: bytes) -> bytes | None:
        if len(command) < 4 or self._card is None:
            return UNKNOWN
        if self.situation is ChipCardSituation.CUT:
            return b"\x90"
        if self.situation is ChipCardSituation.ENDLESS:
            return bytes.fromhex("6110")
        match command[1]:
            case Instruction.SELECT:
                return self._select(command)
            case Instruction.READ_RECORD:
                return self._read_record(self._card, command)
            case Instruction.GET_RESPONSE:
                fetched, self._to_fetch = self._to_fetch, b""
                return fetched + OK
            case _:
                return UNKNOWN

    def _select(self, command: bytes) -> bytes:
        name = command[5 : 5 + command[4]] if len(command) > 5 else b""
        bank = self.situation is ChipCardSituation.NOT_SOCIAL
        self._selected = name == SOCIAL_SECURITY.application and not bank
        if not self._selected:
            return NO_FILE
        information = bytes([0x6F, len(name) + 2, 0x84, len(name)]) + name
        if self.situation is ChipCardSituation.FETCHED:
            self._to_fetch = information
            return bytes([0x61, len(information)])
        return information + OK

    def _read_record(self, card: SocialCard, command: bytes) -> bytes | None:
        if self.situation is ChipCardSituation.REMOVED:
            self._take()
            return None
        if self.situation is ChipCardSituation.WRONG_STATUS:
            return BROKEN
        number, file, length = command[2], command[3] >> 3, command[4] if len(command) > 4 else 0
        if not self._selected:
            return NO_FILE
        protected = self.situation is ChipCardSituation.PROTECTED
        if file == SOCIAL_SECURITY.holder_file and (protected or card.holder is None):
            return PROTECTED
        records = self._records(card, file)
        if not 1 <= number <= len(records):
            return NO_RECORD
        record = records[number - 1]
        if self.situation is ChipCardSituation.FETCHED and length != len(record):
            return bytes([0x6C, len(record)])
        return record + OK

    def _records(self, card: SocialCard, file: int) -> Sequence[bytes]:
        if file == SOCIAL_SECURITY.card_file:
            records = card_records(card, SOCIAL_SECURITY)
        elif file == SOCIAL_SECURITY.holder_file and card.holder is not None:
            records = holder_records(card.holder, SOCIAL_SECURITY)
        else:
            return ()
        if self.situation is ChipCardSituation.SHORT:
            return [record[:-1] for record in records]
        if self.situation is ChipCardSituation.UNREADABLE:
            return [
                bytes([tag, 4]) + b"\x20\x26\x13\x32" if (tag := r[0]) == 5 else r for r in records
            ]
        return records
