"""What the printers' fault codes mean, for receipts and for A4; devices/faults.py has the others."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from devices.status import Act, FaultKind

PRINTER_FAULTS: Mapping[str, FaultKind] = MappingProxyType(
    {
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
        "printer.not_taken": FaultKind(
            Act.CLEAR, "The last slip is still in its mouth.", "Take it out."
        ),
        "printer.fate_unknown": FaultKind(
            Act.CLEAR,
            "An earlier try of this slip may have come out.",
            "Look whether it did before it is printed again.",
        ),
        "printer.queue": FaultKind(
            Act.CONFIGURATION, "CUPS does not take the slip.", "See the detail; check the queue."
        ),
        "printer.unprintable": FaultKind(
            Act.SOFTWARE_ERROR, "A slip fits no paper.", "Report it: a template is wrong."
        ),
        # document printer (A4)
        "document.paper_out": FaultKind(Act.CLEAR, "The paper is used up.", "Fill the tray."),
        "document.paper_jam": FaultKind(
            Act.CLEAR, "A sheet is jammed.", "Open the printer and take it out."
        ),
        "document.cover_open": FaultKind(Act.CLEAR, "A cover or door is open.", "Close it."),
        "document.tray_missing": FaultKind(
            Act.CLEAR, "A tray is not in its place.", "Push it in until it clicks."
        ),
        "document.output_full": FaultKind(
            Act.CLEAR, "The output tray is full.", "Take the sheets away."
        ),
        "document.toner_out": FaultKind(
            Act.CLEAR, "The toner or ink is used up.", "Put in a new cartridge."
        ),
        "document.waste_full": FaultKind(
            Act.MAINTENANCE, "The waste container is full.", "Change it."
        ),
        "document.drum_over": FaultKind(Act.MAINTENANCE, "The drum is at its end.", "Change it."),
        "document.overheated": FaultKind(
            Act.SUSPEND, "The fuser is hot.", "Wait: it cools down by itself."
        ),
        "document.unreachable": FaultKind(
            Act.CLEAR, "The printer does not answer.", "Switch it on; check its cable."
        ),
        "document.paused": FaultKind(
            Act.CONFIGURATION, "The queue is paused.", "Resume it: cupsenable."
        ),
        "document.rejecting": FaultKind(
            Act.CONFIGURATION, "The queue takes no jobs.", "Let it: cupsaccept."
        ),
        "document.stopped": FaultKind(
            Act.CLEAR,
            "The printer stopped and says no cause it is known by.",
            "Look at its own display.",
        ),
        "document.filter": FaultKind(
            Act.CONFIGURATION, "A driver's filter is missing.", "Install the queue's driver."
        ),
        "document.spool_full": FaultKind(
            Act.MAINTENANCE, "There is no room for jobs.", "Make room where the queue spools."
        ),
        "document.busy": FaultKind(
            Act.SUSPEND, "The printer is busy with something else.", "Wait."
        ),
        "document.server_absent": FaultKind(
            Act.CONFIGURATION, "No CUPS server answers.", "Start it: systemctl start cups."
        ),
        "document.queue_missing": FaultKind(
            Act.CONFIGURATION, "There is no such queue.", "Check its name: lpstat -e."
        ),
        "document.forbidden": FaultKind(
            Act.CONFIGURATION, "The queue refuses this user.", "Allow the terminal's user to print."
        ),
        "document.certificate": FaultKind(
            Act.CONFIGURATION,
            "The printer's certificate is not trusted.",
            "Check that it is the printer; set certificate to its SHA-256.",
        ),
        "document.refused": FaultKind(
            Act.CONFIGURATION, "The queue refuses the job.", "See the detail; print a test page."
        ),
        "document.not_possible": FaultKind(Act.SUSPEND, "The job is over already.", "Nothing."),
        "document.takes_no_pdf": FaultKind(
            Act.CONFIGURATION,
            "The printer takes no PDF itself.",
            "Reach it through a CUPS queue: lpadmin -m everywhere.",
        ),
        "document.held": FaultKind(
            Act.CONFIGURATION, "The job is held in the queue.", "Release it; look why it was held."
        ),
        "document.aborted": FaultKind(
            Act.MAINTENANCE, "The printer gave the job up.", "See the detail; print a test page."
        ),
        "document.cancelled": FaultKind(
            Act.CLEAR,
            "The job was cancelled at the printer or the queue.",
            "Look whether pages came out; print again.",
        ),
        "document.unfinished": FaultKind(
            Act.CLEAR, "The document was not finished in time.", "Look whether pages came out."
        ),
        "document.forgotten": FaultKind(
            Act.CLEAR,
            "The queue forgot the job.",
            "Look whether it came out; set PreserveJobHistory Yes.",
        ),
        "document.not_cancelled": FaultKind(
            Act.CLEAR,
            "The job could not be taken back.",
            "Cancel it at the printer; take the pages away.",
        ),
        "document.fate_unknown": FaultKind(
            Act.CLEAR,
            "An earlier try may have come out.",
            "Look into the tray before it is printed again.",
        ),
        "document.digest": FaultKind(
            Act.SOFTWARE_ERROR,
            "The document is not the one that was sent.",
            "Fetch it again; report it if it stays.",
        ),
        "document.digest_unsupported": FaultKind(
            Act.CONFIGURATION,
            "The digest's algorithm is not there.",
            "SM3 wants an OpenSSL that has it.",
        ),
        "document.not_pdf": FaultKind(
            Act.SOFTWARE_ERROR,
            "The document is no PDF that can be read.",
            "Report it to the department.",
        ),
        "document.encrypted": FaultKind(
            Act.SOFTWARE_ERROR, "The document is encrypted.", "Report it to the department."
        ),
        "document.too_large": FaultKind(
            Act.SOFTWARE_ERROR, "The document is too large.", "Report it to the department."
        ),
        "document.too_many_pages": FaultKind(
            Act.SOFTWARE_ERROR, "The document has too many pages.", "Print it at a window."
        ),
        "document.page_count": FaultKind(
            Act.SOFTWARE_ERROR,
            "The document has not the pages it should have.",
            "Fetch it again; report it if it stays.",
        ),
        "document.no_page": FaultKind(
            Act.SOFTWARE_ERROR, "The document has no such page.", "Report it: a screen asks for it."
        ),
        "document.unreadable": FaultKind(
            Act.SOFTWARE_ERROR, "The document's file cannot be read.", "Report it."
        ),
        "document.copies": FaultKind(
            Act.SOFTWARE_ERROR,
            "So many copies are not printed.",
            "Report it: an item asks for them.",
        ),
    }
)
