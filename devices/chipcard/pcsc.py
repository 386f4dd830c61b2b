"""The PC/SC service as this adapter needs it: which readers there are, what lies on one, one card.

Failures come out as values: `Trouble` for what a person can mend, an OSError where the reader or the
service went away. The library is loaded when a context is opened, not before.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from typing import Any

NO_SERVICE = frozenset({0x8010001D, 0x8010001E})
"""SCARD_E_NO_SERVICE, SCARD_E_SERVICE_STOPPED (pcsclite.h)."""

GONE = frozenset({0x80100009, 0x80100017, 0x8010002E, 0x80100003, 0x80100002})
"""SCARD_E_UNKNOWN_READER, READER_UNAVAILABLE, NO_READERS_AVAILABLE, INVALID_HANDLE, CANCELLED."""

TIMEOUT = 0x8010000A
NO_READERS = 0x8010002E

EMPTY, PRESENT, MUTE = 0x0010, 0x0020, 0x0200
UNAVAILABLE = 0x0008 | 0x0004
"""Bits of a reader's state: SCARD_STATE_* (pcsclite.h); UNAVAILABLE is that or UNKNOWN."""

EVENTS_SHIFT = 16
"""Above it, a reader's state counts how often a card came or went."""

NEW_READERS = "\\\\?PnP?\\Notification"
"""The name under which the service tells that readers came or went."""


class Trouble(Enum):
    """What kept a card from being spoken to, with the code of its fault."""

    NO_SERVICE = "pcsc.no_service"
    IN_USE = "pcsc.in_use"
    MUTE = "chip.mute"
    REMOVED = "card.removed"
    PROTOCOL = "chip.protocol"
    BROKEN = "chip.broken_off"


CARD_TROUBLES = {
    0x8010000B: Trouble.IN_USE,  # SCARD_E_SHARING_VIOLATION
    0x8010000C: Trouble.REMOVED,  # SCARD_E_NO_SMARTCARD
    0x80100069: Trouble.REMOVED,  # SCARD_W_REMOVED_CARD
    0x80100066: Trouble.MUTE,  # SCARD_W_UNRESPONSIVE_CARD
    0x80100067: Trouble.MUTE,  # SCARD_W_UNPOWERED_CARD
    0x80100065: Trouble.PROTOCOL,  # SCARD_W_UNSUPPORTED_CARD
    0x8010000F: Trouble.PROTOCOL,  # SCARD_E_PROTO_MISMATCH
    0x80100068: Trouble.BROKEN,  # SCARD_W_RESET_CARD
    0x80100016: Trouble.BROKEN,  # SCARD_E_NOT_TRANSACTED
    0x80100013: Trouble.BROKEN,  # SCARD_F_COMM_ERROR
}


@dataclass(frozen=True, slots=True)
class Lying:
    """What lies on a reader: whether a card does, whether it is mute, its answer to reset, and a count
    that changes whenever a card comes or goes. `state` is what the next wait starts from."""

    state: int
    atr: bytes

    @property
    def present(self) -> bool:
        """Whether a card lies there."""
        return bool(self.state & PRESENT)

    @property
    def mute(self) -> bool:
        """Whether the card does not answer."""
        return bool(self.state & MUTE)

    @property
    def events(self) -> int:
        """How often cards came or went."""
        return self.state >> EVENTS_SHIFT


def matching(pattern: str, names: Sequence[str]) -> list[str]:
    """The readers that `pattern` names: a whole name, or one with * and ?, or a name without the two
    numbers that the service counts up at each plugging; capitals do not matter."""
    wanted = pattern.casefold()
    return [
        name
        for name in names
        if fnmatchcase(name.casefold(), _literal_brackets(wanted))
        or name.casefold().rsplit(" ", 2)[0] == wanted
    ]


def _literal_brackets(pattern: str) -> str:
    """Names hold a model in brackets, which would else stand for one of its characters."""
    return pattern.replace("[", "[[]")


class Context:
    """An open connection to the service. Raises OSError in its methods when that goes away."""

    def __init__(self, scard: Any, handle: Any) -> None:
        self._scard = scard
        self._handle = handle

    @classmethod
    def open(cls) -> Context | Trouble:
        """Connect to the service. Raises OSError where its library is missing."""
        try:
            from smartcard import scard
        except ImportError as error:
            raise OSError(errno.ENOSYS, "the PC/SC library is not installed") from error
        code, handle = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        if unsigned(code) in NO_SERVICE:
            return Trouble.NO_SERVICE
        _check(code)
        return cls(scard, handle)

    def close(self) -> None:
        """Disconnect; a service that is gone is left all the same."""
        self._scard.SCardReleaseContext(self._handle)

    def readers(self) -> list[str]:
        """The names of the readers there are."""
        code, names = self._scard.SCardListReaders(self._handle, [])
        if unsigned(code) == NO_READERS:
            return []
        _check(code)
        return list(names)

    def wait_for_readers(self, seconds: float) -> None:
        """Wait until readers come or go, at most `seconds`."""
        self._changed(NEW_READERS, len(self.readers()) << EVENTS_SHIFT, seconds)

    def lying(self, reader: str, before: int = 0, seconds: float = 0.0) -> Lying:
        """What lies on `reader`, as soon as it differs from the state `before`, or after `seconds`."""
        state, atr = self._changed(reader, before, seconds)
        if state & UNAVAILABLE:
            raise OSError(errno.ENODEV, "the reader is gone")
        return Lying(state & ~self._scard.SCARD_STATE_CHANGED, atr)

    def _changed(self, name: str, before: int, seconds: float) -> tuple[int, bytes]:
        asked = [(name, before)]
        code, states = self._scard.SCardGetStatusChange(self._handle, int(seconds * 1000), asked)
        if unsigned(code) == TIMEOUT:
            return (before, b"") if not states else (states[0][1], bytes(states[0][2]))
        _check(code)
        return states[0][1], bytes(states[0][2])

    def connect(self, reader: str) -> Card | Trouble:
        """Power the card on `reader` and keep others from it until it is closed."""
        scard = self._scard
        protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        code, card, protocol = scard.SCardConnect(
            self._handle, reader, scard.SCARD_SHARE_SHARED, protocols
        )
        trouble = _card_trouble(code)
        if trouble is not None:
            return trouble
        opened = Card(scard, card, protocol)
        trouble = _card_trouble(scard.SCardBeginTransaction(card))
        if trouble is not None:
            opened.close()
            return trouble
        return opened


class Card:
    """A powered card."""

    def __init__(self, scard: Any, handle: Any, protocol: int) -> None:
        self._scard = scard
        self._handle = handle
        self._protocol = protocol

    @property
    def protocol(self) -> str:
        """`T=0` or `T=1`."""
        return "T=0" if self._protocol == self._scard.SCARD_PROTOCOL_T0 else "T=1"

    def transmit(self, command: bytes) -> bytes | Trouble:
        """What the card answers. Raises OSError where the reader or the service is gone."""
        header = self._scard.SCARD_PCI_T0 if self.protocol == "T=0" else self._scard.SCARD_PCI_T1
        code, answer = self._scard.SCardTransmit(self._handle, header, list(command))
        trouble = _card_trouble(code)
        return bytes(answer) if trouble is None else trouble

    def close(self) -> None:
        """Switch the card off; one that was lifted is let go of all the same."""
        self._scard.SCardEndTransaction(self._handle, self._scard.SCARD_LEAVE_CARD)
        self._scard.SCardDisconnect(self._handle, self._scard.SCARD_UNPOWER_CARD)


def unsigned(code: int) -> int:
    """A result as pcsclite.h writes it."""
    return code & 0xFFFFFFFF


def _card_trouble(code: int) -> Trouble | None:
    trouble = CARD_TROUBLES.get(unsigned(code))
    if trouble is None:
        _check(code)
    return trouble


def _check(code: int) -> None:
    number = unsigned(code)
    if number in NO_SERVICE:
        raise OSError(errno.ECONNRESET, "the PC/SC service is gone")
    if number in GONE:
        raise OSError(errno.ENODEV, "the reader is gone")
    if number:
        raise OSError(errno.EIO, f"PC/SC result {number:08X}")
