"""`python -m kiosk.sandbox`: the departments' stand-in as a child process or alone.

Prints `ready <address>` when it answers; with --while-stdin it ends when standard input closes.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from kiosk.sandbox import documents
from kiosk.sandbox.app import create_app
from kiosk.sandbox.server import HOST, listen, serve
from kiosk.sandbox.signatures import Keys
from kiosk.sandbox.window import Sandbox

STDIN = 0

PREPARED_AFTER_S = 2.0
"""The first paper's libraries are read once the terminal beside has drawn its first pictures."""

MIN_SPEED = 1.0
MAX_SPEED = 3600.0
"""An hour a second: more, and the clock's whole seconds are too coarse for any order of things."""


def main(words: Sequence[str] | None = None) -> int:
    """Serve until told to end; the exit code."""
    given = _parser().parse_args(words)
    try:
        keys = Keys.in_directory(given.keys) if given.keys else None
    except OSError as error:
        return _refused(f"{error.filename or given.keys}: no keys ({error.strerror})")
    try:
        listener = listen(given.port, given.host)
    except OSError as error:
        return _refused(f"port {given.port}: {error.strerror}; give another with --port")
    try:
        app = create_app(given.data, speed=given.speed, public_url=given.public_url, keys=keys)
    except (OSError, ValueError, sqlite3.Error) as error:
        return _refused(f"{given.data}: the books cannot be kept there ({error})")
    ended = None
    if given.while_stdin:
        ended = threading.Event()
        threading.Thread(target=_until_stdin_closes, args=(ended,), daemon=True).start()
    sandbox = app.state.sandbox
    ready_for_papers = threading.Timer(PREPARED_AFTER_S, _prepare, (sandbox,))
    ready_for_papers.daemon = True
    ready_for_papers.start()
    host, port = listener.getsockname()[:2]
    sys.stdout.write(f"ready http://{host}:{port}\n")
    sys.stdout.flush()
    serve(app, listener, ended)
    return 0


def _refused(sentence: str) -> int:
    sys.stderr.write(f"sandbox: {sentence}\n")
    return 1


def _prepare(sandbox: Sandbox) -> None:
    documents.prepare(sandbox.authority, sandbox.clock())


def _until_stdin_closes(ended: threading.Event) -> None:
    while os.read(STDIN, 1):  # unbuffered: a buffer's lock would be held when the program ends
        continue
    ended.set()


def _speed(given: str) -> float:
    speed = float(given)
    if not MIN_SPEED <= speed <= MAX_SPEED:
        raise argparse.ArgumentTypeError(f"{MIN_SPEED:g} to {MAX_SPEED:g}")
    return speed


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m kiosk.sandbox", description="The departments' stand-in."
    )
    parser.add_argument("--port", type=int, default=8899, help="0 takes any")
    parser.add_argument("--host", default=HOST, help="the address to listen at")
    parser.add_argument("--data", type=Path, help="where the books are; in memory without it")
    parser.add_argument("--keys", type=Path, help="terminals' keys: signatures become compulsory")
    parser.add_argument(
        "--speed", type=_speed, default=1.0, help="how fast the sandbox's clock runs"
    )
    parser.add_argument("--public-url", default="", help="the address that stands in links")
    parser.add_argument("--while-stdin", action="store_true", help="end when stdin closes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
