"""`kiosk run`: the terminal itself. The first picture stands before anything heavy is imported.

That is why its options are read with the standard library, and not by what the other subcommands are
built with, which takes a fifth of the time to the first picture.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from kiosk.paths import Directories, config_dir, state_dir

WINDOW_FORM = re.compile(r"([1-9]\d{2,3})x([1-9]\d{2,3})")

EXIT_CODES = (
    "Exit codes: 0 the window was closed, 1 the configuration is wrong, 2 wrong command line."
)


def main(words: Sequence[str]) -> int:
    """Run the terminal with the options in `words`; the exit code."""
    from kiosk.first_frame import read_first_frame
    from kiosk.front import show

    given = _parser().parse_args(words)
    where = Directories(given.config or config_dir(), given.state or state_dir())
    look = read_first_frame(where.config)
    simulated = None if given.simulation else False
    problems = show(look, where, window=given.window, simulated=simulated)
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return int(bool(problems))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kiosk run",
        description="Run the terminal, full screen. Simulated devices and the own sandbox, where the"
        " configuration asks for them, are started as children after the first picture and end with"
        " the terminal.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    parser.add_argument("--config", type=Path, metavar="DIR", help="where terminal.toml is")
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help="where the terminal keeps its state"
    )
    parser.add_argument(
        "--window", type=_size, metavar="WxH", help="a window of this size, not the whole screen"
    )
    parser.add_argument(
        "--no-simulation",
        dest="simulation",
        action="store_false",
        help="only real devices and departments",
    )
    return parser


def _size(text: str) -> tuple[int, int]:
    found = WINDOW_FORM.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError("give width x height in pixels, as 1080x1920")
    return int(found[1]), int(found[2])
