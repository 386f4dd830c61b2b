"""The security module's third status byte: what each value means, and who must act on it.

Values are those of PROTOCOLS.md B. 90 and 9F are success, 91 is success where an addition was asked
for; every other one ends a command.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType

from devices.faults import fault
from devices.status import Failed, Outcome


class Sw3(IntEnum):
    """The third status byte."""

    OK = 0x90
    NOTHING = 0x91
    FOUND = 0x9F
    BAD_CHECKSUM = 0x10
    BAD_LENGTH = 0x11
    BAD_COMMAND = 0x21
    UNAUTHORISED = 0x23
    UNKNOWN_ERROR = 0x24
    CARD_REJECTS_SAM = 0x31
    SAM_REJECTS_CARD = 0x32
    UNVERIFIED = 0x33
    UNKNOWN_CARD = 0x40
    CARD_FAILED = 0x41
    RANDOM_FAILED = 0x47
    SELF_TEST_FAILED = 0x60
    SAM_UNAUTHORISED = 0x66
    NO_CARD = 0x80
    SELECT_FAILED = 0x81


SAY_AGAIN = frozenset({Sw3.BAD_CHECKSUM, Sw3.BAD_LENGTH})
"""The module did not understand the frame: noise on the line, so ask once more."""

RESET_HELPS = frozenset({Sw3.UNKNOWN_ERROR, Sw3.RANDOM_FAILED, Sw3.SELF_TEST_FAILED})
"""The module itself went wrong: a reset may bring it back before anybody is called."""

REFUSALS: Mapping[int, tuple[Outcome, str]] = MappingProxyType(
    {
        Sw3.NOTHING: (Outcome.INVALID_DATA, "card.no_content"),
        Sw3.BAD_CHECKSUM: (Outcome.HARDWARE_ERROR, "device.garbled"),
        Sw3.BAD_LENGTH: (Outcome.HARDWARE_ERROR, "device.garbled"),
        Sw3.BAD_COMMAND: (Outcome.UNSUPPORTED, "sam.bad_command"),
        Sw3.UNAUTHORISED: (Outcome.HARDWARE_ERROR, "sam.unauthorised"),
        Sw3.UNKNOWN_ERROR: (Outcome.HARDWARE_ERROR, "sam.error"),
        Sw3.CARD_REJECTS_SAM: (Outcome.USER_ERROR, "card.rejects_module"),
        Sw3.SAM_REJECTS_CARD: (Outcome.INVALID_DATA, "card.not_authentic"),
        Sw3.UNVERIFIED: (Outcome.INVALID_DATA, "card.unverified"),
        Sw3.UNKNOWN_CARD: (Outcome.INVALID_DATA, "card.unknown_type"),
        Sw3.CARD_FAILED: (Outcome.USER_ERROR, "card.read_failed"),
        Sw3.RANDOM_FAILED: (Outcome.HARDWARE_ERROR, "sam.random"),
        Sw3.SELF_TEST_FAILED: (Outcome.HARDWARE_ERROR, "sam.failed"),
        Sw3.SAM_UNAUTHORISED: (Outcome.HARDWARE_ERROR, "sam.unauthorised"),
        Sw3.NO_CARD: (Outcome.USER_ERROR, "card.removed"),
        Sw3.SELECT_FAILED: (Outcome.USER_ERROR, "card.lift_and_retry"),
    }
)
"""How a command ends and with which fault; devices/faults.py says who must act on it."""

UNDEFINED = (Outcome.HARDWARE_ERROR, "sam.undefined")


def refusal(sw3: int) -> Failed:
    """The typed failure of a status that ends a command, also of one that no document names."""
    outcome, code = REFUSALS.get(sw3, UNDEFINED)
    return Failed(outcome, fault(code, f"SW3 {sw3:02X}"))
