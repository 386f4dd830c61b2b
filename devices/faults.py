"""Every fault a device can report: its stable code, who must act, what it means, what to do.

The codes are for logs, the technician's page and `kiosk health log`; citizens read sentences of the
catalogue instead. Acts are those of devices/status.py (XFS4IoT).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from devices.printer.faults import PRINTER_FAULTS
from devices.status import Act, Fault, FaultKind

__all__ = ["FAULTS", "FaultKind", "declare", "fault", "kind_of"]

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
        "port.unsuitable": FaultKind(
            Act.CONFIGURATION,
            "There can be no such device at this address.",
            "Give a device file, or socket://host:port, and a rate that it knows.",
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
        "device.flapping": FaultKind(
            Act.MAINTENANCE,
            "It comes and goes; it is held until it stays for 3 s.",
            "Fasten the plug; change the cable; look at its power.",
        ),
        "device.hung": FaultKind(
            Act.RESET,
            "Its driver hung; the device is opened anew.",
            "Wait; if it stays: unplug it.",
        ),
        "device.stuck": FaultKind(
            Act.MAINTENANCE,
            "Its driver hangs again and again.",
            "Unplug the device and plug it in; restart the terminal.",
        ),
        "device.bug": FaultKind(
            Act.SOFTWARE_ERROR,
            "Its adapter broke.",
            "Report it with the detail; it is opened anew.",
        ),
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
        "card.no_content": FaultKind(
            Act.CLEAR, "The card holds no data.", "Serve the citizen at a window."
        ),
        "card.rejects_module": FaultKind(
            Act.MAINTENANCE,
            "The card does not accept the security module.",
            "Lift it and lay it again; with every card: have the module authorised anew.",
        ),
        "card.not_authentic": FaultKind(
            Act.CLEAR,
            "The security module rejects the card: it may be no genuine one.",
            "Look at the card; serve the citizen at a window.",
        ),
        "card.unverified": FaultKind(
            Act.CLEAR,
            "The card's data do not pass their verification.",
            "Look at the card; serve the citizen at a window.",
        ),
        "sam.bad_command": FaultKind(
            Act.CONFIGURATION,
            "The security module does not know a command.",
            "Switch off the setting that needs it: fingerprint, new_address, max_rf.",
        ),
        "sam.error": FaultKind(
            Act.RESET, "The security module reports an error of no name.", "Wait for its reset."
        ),
        "sam.random": FaultKind(
            Act.RESET,
            "The security module's random numbers fail.",
            "Wait for its reset; replace the reader if it stays.",
        ),
        "sam.undefined": FaultKind(
            Act.MAINTENANCE,
            "The security module answers a status that no document names.",
            "Note the detail for the maker.",
        ),
        # chip-card reader (PC/SC)
        "pcsc.no_service": FaultKind(
            Act.CONFIGURATION,
            "No PC/SC service answers.",
            "Start it: systemctl start pcscd.socket.",
        ),
        "pcsc.ambiguous": FaultKind(
            Act.CONFIGURATION,
            "Several readers have that name.",
            "Name one of those in the detail whole; a serial number in the name is best.",
        ),
        "pcsc.in_use": FaultKind(
            Act.CONFIGURATION, "Another program holds the card.", "End it: one program a reader."
        ),
        "chip.mute": FaultKind(
            Act.SUSPEND, "The card does not answer.", "Turn it round and put it in again."
        ),
        "chip.broken_off": FaultKind(
            Act.SUSPEND, "The card broke off.", "Take it out and put it in again."
        ),
        "chip.protocol": FaultKind(
            Act.CLEAR, "The reader cannot speak to this card.", "Serve the citizen at a window."
        ),
        "chip.not_social": FaultKind(
            Act.SUSPEND, "It is no social-security card.", "Put in the social-security card."
        ),
        "chip.refused": FaultKind(
            Act.CLEAR,
            "The card refuses to be read.",
            "Serve the citizen at a window; note the detail.",
        ),
        "chip.unreadable": FaultKind(
            Act.CLEAR, "The card's data make no sense.", "Serve the citizen at a window."
        ),
        # scanner
        "scanner.refused": FaultKind(
            Act.CONFIGURATION, "It refuses its settings.", "Check the profile."
        ),
        "scanner.not_hidraw": FaultKind(
            Act.CONFIGURATION, "The port is no hidraw node.", "Name the scanner's /dev/hidraw node."
        ),
        "scanner.not_hid_pos": FaultKind(
            Act.CONFIGURATION,
            "What is there is no scanner of usage page 8C.",
            "Set the scanner to HID-POS; check which node is its own.",
        ),
        "scanner.not_grabbed": FaultKind(
            Act.CONFIGURATION,
            "The scanner's keys cannot be kept from the screen.",
            "Name its node under /dev/input/by-id.",
        ),
        "scanner.unreadable": FaultKind(
            Act.SUSPEND, "The code could not be read.", "Show it again."
        ),
        "scanner.nothing_shown": FaultKind(
            Act.CONFIGURATION,
            "It cannot be asked, and no code was shown to it within the test.",
            "Test it again and hold a code before it; then check its plug, rate and suffix.",
        ),
        # pictures and cameras
        "picture.missing": FaultKind(
            Act.CONFIGURATION, "The picture's file cannot be opened.", "Check its name and rights."
        ),
        "picture.unreadable": FaultKind(
            Act.CLEAR, "The file is no picture, or is cut short.", "Take the picture again."
        ),
        "picture.too_large": FaultKind(
            Act.CLEAR, "The picture is larger than any camera's.", "Take it smaller."
        ),
        "camera.no_picture": FaultKind(
            Act.MAINTENANCE, "It is there and sends no picture.", "Check its cable; replace it."
        ),
        "camera.black": FaultKind(
            Act.CLEAR, "Its picture is black.", "Uncover the lens; switch the light on."
        ),
        "camera.blurred": FaultKind(
            Act.CLEAR, "Its picture is blurred for long.", "Clean the lens; set its focus."
        ),
        "camera.frozen": FaultKind(
            Act.RESET, "It sends the same picture again and again.", "It is opened anew by itself."
        ),
        "camera.hanging": FaultKind(
            Act.MAINTENANCE, "It hung and was given up.", "Check its cable; switch it off and on."
        ),
        "camera.no_consent": FaultKind(
            Act.SOFTWARE_ERROR, "A picture was asked for without consent.", "Report it."
        ),
        **PRINTER_FAULTS,
        # uninterruptible power supply
        "ups.on_battery": FaultKind(
            Act.CLEAR, "The mains failed; the battery holds.", "Check socket and fuse."
        ),
        "ups.low_battery": FaultKind(
            Act.CLEAR,
            "The battery is nearly empty.",
            "Restore the mains now, or let the terminal shut down.",
        ),
        "ups.replace_battery": FaultKind(
            Act.MAINTENANCE, "The battery is worn out.", "Replace the battery."
        ),
        "ups.overload": FaultKind(
            Act.CONFIGURATION, "Too much hangs on the UPS.", "Take the printer off it."
        ),
        "ups.bypass": FaultKind(
            Act.MAINTENANCE, "The mains pass the UPS by.", "See the UPS's own display."
        ),
        "ups.off": FaultKind(Act.CLEAR, "The UPS is switched off.", "Switch it on."),
        "ups.stale": FaultKind(
            Act.MAINTENANCE, "NUT has lost the UPS.", "Check its USB cable; restart nut-driver."
        ),
        "ups.unknown": FaultKind(
            Act.CONFIGURATION, "NUT knows no UPS of that name.", "Check the name: upsc -l."
        ),
        "ups.forbidden": FaultKind(
            Act.CONFIGURATION, "NUT refuses this machine.", "Allow it in upsd.conf."
        ),
        # the journal, as a row of the technician's page
        "journal.damaged": FaultKind(
            Act.MAINTENANCE,
            "The journal is not what was written; no payment is taken, the file is kept as it is.",
            "kiosk journal verify; then kiosk journal renew, with the terminal stopped.",
        ),
        "journal.full": FaultKind(
            Act.MAINTENANCE,
            "The disk is full; no payment is taken.",
            "Make room on it; payments are taken again by themselves.",
        ),
        "journal.unusable": FaultKind(
            Act.MAINTENANCE,
            "The journal cannot be opened or written; no payment is taken.",
            "kiosk doctor; look at the disk and at whose the file is.",
        ),
        # relay boards: lights, service door, compartments
        "board.refused": FaultKind(
            Act.CONFIGURATION, "The board refuses a command.", "Check its profile and addresses."
        ),
        "board.relay_stuck": FaultKind(
            Act.MAINTENANCE, "A relay does not move.", "Replace the board."
        ),
        "board.door_open": FaultKind(Act.CLEAR, "A service door is open.", "Close and lock it."),
        "board.no_light": FaultKind(
            Act.SOFTWARE_ERROR, "There is no such light.", "Report it: a screen asks for it."
        ),
        "compartment.none": FaultKind(
            Act.CONFIGURATION, "There is no such compartment.", "Check locks in the configuration."
        ),
        "compartment.jammed": FaultKind(
            Act.CLEAR, "A compartment does not spring open.", "Open it with the key; free its door."
        ),
        "compartment.not_taken": FaultKind(
            Act.CLEAR, "Something still lies in an open compartment.", "Take it into custody."
        ),
        "compartment.left_open": FaultKind(
            Act.CLEAR, "A compartment was left open.", "Close its door."
        ),
        # loudspeaker
        "speaker.no_card": FaultKind(
            Act.CONFIGURATION, "There is no such sound card.", "Plug it in; see aplay -L."
        ),
        "speaker.no_player": FaultKind(
            Act.CONFIGURATION, "ALSA's player is missing.", "Install alsa-utils."
        ),
        "speaker.no_voice": FaultKind(
            Act.CONFIGURATION, "The voice is missing or does not speak.", "Install espeak-ng."
        ),
        "speaker.no_mixer": FaultKind(
            Act.CONFIGURATION, "There is no such volume control.", "See amixer scontrols."
        ),
        "speaker.busy": FaultKind(
            Act.SUSPEND, "Another program holds the sound card.", "Wait, or use device default."
        ),
        "speaker.failed": FaultKind(
            Act.MAINTENANCE, "The sound card does not play.", "See the detail; check its cable."
        ),
        "speaker.sound": FaultKind(
            Act.SOFTWARE_ERROR, "A sound that cannot be played.", "Report it: a screen asks for it."
        ),
        # departments, as a row of the technician's page
        "department.unreachable": FaultKind(
            Act.SUSPEND, "An interface does not answer.", "Check the network: kiosk doctor."
        ),
    }
)


_further: dict[str, FaultKind] = {}


def declare(faults: Mapping[str, FaultKind]) -> None:
    """Catalogue the faults of an adapter that another package brings; at its import.

    Raises ValueError for a code of ours: a package begins its codes with a word of its own.
    """
    if taken := FAULTS.keys() & faults.keys():
        raise ValueError(f"ours already: {', '.join(sorted(taken))}")
    _further.update(faults)


def kind_of(code: str) -> FaultKind:
    """What `code` means. Raises KeyError for a code not catalogued."""
    return _further[code] if code in _further else FAULTS[code]


def fault(code: str, detail: str = "") -> Fault:
    """The fault `code` with who must act on it. Raises KeyError for a code not catalogued."""
    return Fault(code, kind_of(code).act, detail)
