"""Where the terminal finds its configuration and keeps its state, unless told otherwise."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

CONFIG_DIR = Path(__file__).resolve().parent.parent / "config"
"""The configuration that comes with the program: simulated devices and an own sandbox."""


def config_dir() -> Path:
    """`$KIOSK_CONFIG`, else the configuration that comes with the program."""
    given = os.environ.get("KIOSK_CONFIG")
    return Path(given) if given else CONFIG_DIR


def state_dir() -> Path:
    """systemd's `$STATE_DIRECTORY` (systemd.exec(5)), else the user's own (XDG Base Directory)."""
    given = os.environ.get("STATE_DIRECTORY")
    if given:
        return Path(given.partition(":")[0])
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "kiosk"


@dataclass(frozen=True, slots=True)
class Directories:
    """Where the terminal reads and writes."""

    config: Path
    state: Path
