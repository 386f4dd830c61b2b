"""`python -m devices.simulators KIND`: one simulated device alone.

Prints `ready <port> control=<path>` when it answers, and ends with Ctrl-C, SIGTERM or, with
--while-stdin, when standard input closes: a child ends with its parent even after kill -9.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from devices.simulators.kinds import all_kinds
from devices.simulators.line import Simulator


def _card_reader(**options: Any) -> Simulator:
    from devices.simulators.card_reader import CardReaderSimulator

    return CardReaderSimulator(**options)


def _chip_card(**options: Any) -> Simulator:
    from devices.simulators.chip_card import ChipCardSimulator

    return ChipCardSimulator(**options)


def _scanner(**options: Any) -> Simulator:
    from devices.simulators.scanner import ScannerSimulator

    return ScannerSimulator(**options)


def _hid_scanner(**options: Any) -> Simulator:
    from devices.simulators.hid_scanner import HidScannerSimulator

    return HidScannerSimulator(**options)


def _keyboard_scanner(**options: Any) -> Simulator:
    from devices.simulators.keyboard_scanner import KeyboardScannerSimulator

    return KeyboardScannerSimulator(**options)


def _printer(**options: Any) -> Simulator:
    from devices.simulators.printer import PrinterSimulator

    return PrinterSimulator(**options)


def _document_printer(**options: Any) -> Simulator:
    from devices.simulators.ipp_printer import IppPrinterSimulator

    return IppPrinterSimulator(**options)


def _ups(**options: Any) -> Simulator:
    from devices.simulators.nut import NutSimulator

    return NutSimulator(**options)


def _board(**options: Any) -> Simulator:
    from devices.simulators.modbus_board import ModbusBoardSimulator

    return ModbusBoardSimulator(**options)


def _camera(**options: Any) -> Simulator:
    from devices.simulators.camera import CameraSimulator

    return CameraSimulator(**options)


KINDS: dict[str, Callable[..., Simulator]] = {
    "card-reader": _card_reader,
    "chip-card": _chip_card,
    "scanner": _scanner,
    "hid-scanner": _hid_scanner,
    "keyboard-scanner": _keyboard_scanner,
    "printer": _printer,
    "document-printer": _document_printer,
    "ups": _ups,
    "board": _board,
    "camera": _camera,
}


STDIN = 0

WRONG_COMMAND_LINE = 2


def main(words: Sequence[str] | None = None) -> int:
    """Run one simulator until it is told to end; the exit code."""
    given = _parser().parse_args(words)
    options: dict[str, Any] = {
        "tcp": given.tcp,
        "link": given.link,
        "control": given.control,
        "situation": given.situation,
    }
    for key in ("baud", "out", "width", "speed", "presenter", "profile", "layout"):
        if getattr(given, key) is not None:
            options[key] = getattr(given, key)
    try:
        simulator = all_kinds()[given.kind](**options)
        simulator.start()
    except OSError as error:
        sys.stderr.write(f"{given.kind}: {error}\n")
        return 1
    except (TypeError, ValueError) as error:
        why = _not_taken(error) if isinstance(error, TypeError) else error
        sys.stderr.write(f"{given.kind}: {why}\n")
        return WRONG_COMMAND_LINE
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    if given.while_stdin:
        threading.Thread(target=_until_stdin_closes, args=(ended,), daemon=True).start()
    sys.stdout.write(f"ready {simulator.port} control={simulator.control_path}\n")
    sys.stdout.flush()
    ended.wait()
    simulator.close()
    return 0


def _not_taken(error: TypeError) -> str:
    """Which option it is that this simulator has not."""
    named = re.search(r"unexpected keyword argument '(\w+)'", str(error))
    return f"takes no --{named[1]}" if named else str(error)


def _until_stdin_closes(ended: threading.Event) -> None:
    while os.read(STDIN, 1):  # unbuffered: a buffer's lock would be held when the program ends
        continue
    ended.set()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m devices.simulators", description="One simulated device alone, on a pty."
    )
    parser.add_argument("kind", choices=all_kinds())
    parser.add_argument("--tcp", type=int, metavar="PORT", help="listen here; 0 takes any")
    parser.add_argument("--link", type=Path, metavar="PATH", help="a lasting name for the pty")
    parser.add_argument("--control", type=Path, metavar="PATH", help="the control socket's name")
    parser.add_argument("--situation", default="normal", metavar="NAME", help="begin in this one")
    parser.add_argument("--baud", type=int, metavar="N", help="bits a second on the wire")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where printed slips go as PNG")
    parser.add_argument("--width", type=int, choices=(80, 58), help="millimetres of the paper")
    parser.add_argument("--speed", type=float, metavar="N", help="a printer's, times the usual")
    parser.add_argument(
        "--presenter", type=int, choices=(4, 5), help="n of DLE EOT n that tells it"
    )
    parser.add_argument("--profile", metavar="NAME", help="a scanner's make")
    parser.add_argument("--layout", metavar="NAME", help="for whose keyboard a scanner types")
    parser.add_argument("--while-stdin", action="store_true", help="end when stdin closes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
