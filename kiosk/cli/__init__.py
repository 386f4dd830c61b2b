"""The `kiosk` command.

`kiosk run` goes straight to the terminal, so that its first picture stands soon; everything else goes
through kiosk/cli/commands.py.
"""

import errno
import io
import os
import sys

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""The answer goes to a file whose disk is full or fails."""


def main() -> None:
    """The console script."""
    if sys.argv[1:2] == ["run"]:
        from kiosk.cli.run import main as run

        sys.exit(run(sys.argv[2:]))
    from kiosk.cli.commands import app

    if isinstance(sys.stdout, io.TextIOWrapper):  # Chinese where a terminal's encoding has none
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        sys.exit(app(prog_name="kiosk"))
    except OSError as error:
        if error.filename is not None:
            sys.stderr.write(f"kiosk: {error.filename}: {error.strerror}\n")
            sys.exit(1)
        if error.errno not in NO_ROOM:
            raise
        sys.stderr.write(f"kiosk: the answer could not be written: {error.strerror}\n")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at the exit
        sys.exit(1)
