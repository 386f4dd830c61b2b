"""The whole program as its users start it: processes, windows, stand-ins, files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
KIOSK = str(Path(sys.executable).with_name("kiosk"))
WITHIN_S = 180.0


def visit(item: str, *words: str, state: Path | None = None) -> dict[str, Any]:
    """What `kiosk visit ITEM --json` prints, with its exit code as "code" and its log as "log"."""
    where = ["--state", str(state)] if state else []
    ended = subprocess.run(
        [KIOSK, "visit", item, "--json", *where, *words],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        env=environment(),
        cwd=ROOT,
    )
    assert ended.stdout.startswith("{"), ended.stderr[-3000:]
    said: dict[str, Any] = json.loads(ended.stdout)
    return said | {"code": ended.returncode, "log": ended.stderr, "said": ended.stdout}


def environment() -> dict[str, str]:
    """This process', without a display: the program brings its own."""
    return {name: value for name, value in os.environ.items() if name != "DISPLAY"}


class Running:
    """A program under way; its log can be waited for."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._more = threading.Condition()
        self._ended = False
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._more:
                self.lines.append(line)
                self._more.notify_all()
        with self._more:
            self._ended = True
            self._more.notify_all()

    def heard(self, word: str, times: int, within_s: float) -> bool:
        """Wait until so many lines hold `word`; whether they came before the program or the time ended."""

        def came() -> bool:
            return sum(word in line for line in self.lines) >= times

        with self._more:
            self._more.wait_for(lambda: came() or self._ended, within_s)
            return came()

    def until(self, *words: str) -> None:
        """Wait for a line that holds all of `words`."""

        def came() -> bool:
            return any(all(word in line for word in words) for line in self.lines)

        with self._more:
            self._more.wait_for(lambda: came() or self._ended, WITHIN_S)
            assert came(), f"no {words} in:\n{''.join(self.lines[-30:])}"


@contextmanager
def running(*words: str, display: str | None = None) -> Iterator[Running]:
    """`kiosk` with `words`; ended at the end of the block if it has not ended itself."""
    shown = {"DISPLAY": display} if display else {}
    process = subprocess.Popen(
        [KIOSK, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment() | shown,
        cwd=ROOT,
    )
    try:
        yield Running(process)
    finally:
        process.terminate()
        process.wait(WITHIN_S)
