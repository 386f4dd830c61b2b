"""The `kiosk` command.

`kiosk run` goes straight to the terminal, so that its first picture stands soon; everything else goes
through kiosk/cli/commands.py.
"""

import sys


def main() -> None:
    """The console script."""
    if sys.argv[1:2] == ["run"]:
        from kiosk.cli.run import main as run

        sys.exit(run(sys.argv[2:]))
    from kiosk.cli.commands import app

    sys.exit(app(prog_name="kiosk"))
