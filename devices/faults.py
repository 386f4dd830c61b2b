"""Every fault a device can report: its stable code, who must act, what it means, what to do.

The codes are for logs, the technician's page and `kiosk health log`; citizens read sentences of the
catalogue instead. Acts are those of devices/status.py (XFS4IoT).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from devices.status import Act, Fault


@dataclass(frozen=True, slots=True)
class FaultKind:
    """What one code means, and its remedy, for a technician."""

    act: Act
    means: str
    remedy: str


FAULTS: Mapping[str, FaultKind] = MappingProxyType(
    {
        # any port
        "port.missing": FaultKind(
            Act.CONFIGURATION, "No such port.", "Plug the cable in; check the port's name."
        ),
        "port.forbidden": FaultKind(
            Act.CONFIGURATION, "The port may not be opened.", "Add the user to group dialout."
        ),
        "port.busy": FaultKind(
            Act.CONFIGURATION,
            "Another program holds the port.",
            "End it; mask ModemManager, brltty.",
        ),
        "port.lost": FaultKind(
            Act.SUSPEND, "The connection broke.", "Wait for it to come back; check cable and power."
        ),
        # any device
        "device.starting": FaultKind(Act.SUSPEND, "It is still starting.", "Wait."),
        "device.silent": FaultKind(
            Act.MAINTENANCE, "It does not answer.", "Check power, baud rate and cable."
        ),
        "device.garbled": FaultKind(
            Act.CONFIGURATION, "It answers nonsense.", "Check the baud rate and the profile."
        ),
        "device.cancelled": FaultKind(Act.SUSPEND, "The command was taken back.", "Nothing."),
        "device.timeout": FaultKind(Act.SUSPEND, "Nothing came in time.", "Try again."),
        # ID card reader
        "card.none": FaultKind(Act.SUSPEND, "No card lies on the reader.", "Lay a card."),
        "card.lift_and_retry": FaultKind(
            Act.SUSPEND, "The card did not answer as it should.", "Lift it and lay it again."
        ),
        "card.removed": FaultKind(
            Act.SUSPEND, "The card was lifted while it was read.", "Lay it again, keep it there."
        ),
        "card.read_failed": FaultKind(
            Act.SUSPEND, "The card could not be read.", "Lift it and lay it again."
        ),
        "card.unreadable": FaultKind(
            Act.CLEAR, "The card's data make no sense.", "Serve the citizen at a window."
        ),
        "card.unknown_type": FaultKind(
            Act.CLEAR,
            "A card of a kind this reader does not know.",
            "Serve the citizen at a window.",
        ),
        "sam.missing": FaultKind(
            Act.MAINTENANCE, "The security module does not answer.", "Replace the reader."
        ),
        "sam.failed": FaultKind(
            Act.MAINTENANCE, "The security module failed its self-test.", "Replace the reader."
        ),
        "sam.unauthorised": FaultKind(
            Act.MAINTENANCE, "The security module is not authorised.", "Have it authorised anew."
        ),
        # scanner
        "scanner.refused": FaultKind(
            Act.CONFIGURATION, "It refuses its settings.", "Check the profile."
        ),
        "scanner.unreadable": FaultKind(
            Act.SUSPEND, "The code could not be read.", "Show it again."
        ),
        # receipt printer
        "printer.paper_out": FaultKind(Act.CLEAR, "The paper is used up.", "Put in a new roll."),
        "printer.paper_jam": FaultKind(Act.CLEAR, "The paper is jammed.", "Open and free it."),
        "printer.cover_open": FaultKind(Act.CLEAR, "The cover is open.", "Close it."),
        "printer.cutter": FaultKind(
            Act.CLEAR, "The cutter is stuck.", "Free it; open and close the cover."
        ),
        "printer.overheated": FaultKind(
            Act.SUSPEND, "The print head is hot.", "Wait: it cools down by itself."
        ),
        "printer.failed": FaultKind(
            Act.MAINTENANCE, "An error that does not end by itself.", "Switch it off and on."
        ),
        "printer.offline": FaultKind(
            Act.CLEAR, "It is offline and says no cause.", "Check its buttons and its paper."
        ),
        "printer.unfinished": FaultKind(
            Act.CLEAR, "The slip's end was not confirmed.", "Look whether it came out."
        ),
        "printer.unprintable": FaultKind(
            Act.SOFTWARE_ERROR, "A slip fits no paper.", "Report it: a template is wrong."
        ),
        # departments, as a row of the technician's page
        "department.unreachable": FaultKind(
            Act.SUSPEND, "An interface does not answer.", "Check the network: kiosk doctor."
        ),
    }
)


def fault(code: str, detail: str = "") -> Fault:
    """The fault `code` with who must act on it. Raises KeyError for a code not catalogued."""
    return Fault(code, FAULTS[code].act, detail)
