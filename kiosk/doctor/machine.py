"""The doctor's checks of the machine: display, fonts, sentences, disk, clock."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from kiosk.doctor.finding import Finding, bad, ok, warn
from kiosk.paths import CONFIG_DIR
from kiosk.words import LANGUAGES, LOCALE_DIR, sentences, stale

X_SOCKETS = Path("/tmp/.X11-unix")
X_TCP_PORT = 6000
"""Display :n of another machine listens at 6000 + n (X(7), "DISPLAY NAMES")."""

FONTS_DIR = CONFIG_DIR / "fonts"
FONT_FILES = ("NotoSansCJKsc-Regular.otf", "NotoSansCJKsc-Bold.otf")
"""The faces that screens/theme.py draws with."""

SYSTEM_FONTS = Path("/usr/share/fonts/opentype/noto")
SYSTEM_FONT_FILES = ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc")

ASK_S = 3.0
"""How long a display or a program is waited for."""

MIB = 2**20
DISK_LEAST_MIB = 200
"""Below this the journal may soon fail to be written, and with it every payment."""

DISK_WANTED_MIB = 1024
"""Logs may take 512 MiB, the journal of a year some 200."""

RELEASED = 1_790_000_000
"""September 2026, seconds since the epoch: no clock of a terminal stands before its program."""

CHINA_OFFSET_S = 8 * 3600
"""China has one zone, UTC+8 without summer time."""


def display(environ: Mapping[str, str] = os.environ, sockets: Path = X_SOCKETS) -> Finding:
    """Whether there is a display to draw on."""
    name = environ.get("DISPLAY", "")
    if not name:
        if shutil.which("Xvfb"):
            remedy = "Start X (systemd/), or set DISPLAY; kiosk visit brings a virtual display"
            return warn("display", "DISPLAY is not set", remedy)
        return bad("display", "DISPLAY is not set, and no Xvfb", "apt install xserver-xorg xinit")
    host, _, number = name.partition(":")
    number = number.partition(".")[0]
    if not number.isdigit():
        return bad("display", f"DISPLAY={name} names none", "Set DISPLAY=:0")
    try:
        if host:
            socket.create_connection((host, X_TCP_PORT + int(number)), ASK_S).close()
        else:
            _connect_unix(sockets / f"X{number}")
    except OSError as error:
        what = f"display {name} does not answer ({error.strerror or 'no answer'})"
        return bad("display", what, "Start X, or set DISPLAY to the one that runs")
    return ok("display", f"display {name} answers")


def _connect_unix(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(ASK_S)
        link.connect(str(path))


def fonts(own: Path = FONTS_DIR, system: Path = SYSTEM_FONTS) -> Finding:
    """Whether Chinese can be drawn, in its mainland shapes."""
    if all((own / name).is_file() for name in FONT_FILES):
        return ok("fonts", "Noto Sans CJK SC is there")
    if all((system / name).is_file() for name in SYSTEM_FONT_FILES):
        what = "only the system's Noto Sans CJK: some characters get their Japanese shape"
        return warn("fonts", what, "make setup takes the Chinese faces out of it")
    return bad("fonts", "no Chinese font", "apt install fonts-noto-cjk, then make setup")


def locale(directory: Path = LOCALE_DIR) -> Finding:
    """Whether both languages have their sentences, compiled."""
    for language in LANGUAGES:
        try:
            sentences(directory, language)
        except (OSError, ValueError) as error:
            what = f"the sentences of {language} cannot be read ({type(error).__name__})"
            return bad("locale", what, "Restore config/locale from the release")
    waiting = stale(directory)
    if waiting:
        what = f"{len(waiting)} catalogues are not compiled: a slower start"
        return warn("locale", what, "make setup, or python -m kiosk.words")
    return ok("locale", f"{' and '.join(LANGUAGES)} are compiled")


def disk(state_directory: Path) -> Finding:
    """Whether the state directory can be written and has room."""
    existing = next(p for p in (state_directory, *state_directory.parents) if p.exists())
    try:
        with tempfile.TemporaryFile(dir=existing) as trial:
            trial.write(b"\0" * 4096)
            trial.flush()
            os.fsync(trial.fileno())
    except OSError as error:
        what = f"{existing} cannot be written ({error.strerror})"
        return bad("disk", what, "Give it to the terminal's user: chown; or --state DIR")
    free = shutil.disk_usage(existing).free // MIB
    what = f"{free} MiB free at {existing}"
    remedy = "Free space there; kiosk config set logs.max_mib holds the logs down"
    if free < DISK_LEAST_MIB:
        return bad("disk", what, remedy)
    return warn("disk", what, remedy) if free < DISK_WANTED_MIB else ok("disk", what)


def clock(now: float | None = None, offset_s: int | None = None) -> Iterator[Finding]:
    """Whether date, zone and synchronisation can be right. `now` is seconds since the epoch."""
    now = time.time() if now is None else now
    shown = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
    if now < RELEASED:
        yield bad(
            "clock", f"it says {shown}, which is past", "timedatectl set-ntp true; RTC battery"
        )
    else:
        yield _synchronised(shown)
    offset_s = time.localtime(now).tm_gmtoff if offset_s is None else offset_s
    if offset_s != CHINA_OFFSET_S:
        what = f"local time is UTC{offset_s / 3600:+g}: slips print local time"
        yield warn("clock", what, "timedatectl set-timezone Asia/Shanghai")


def _synchronised(shown: str) -> Finding:
    try:
        answer = subprocess.run(
            ["timedatectl", "show", "--property=NTPSynchronized", "--value"],
            capture_output=True,
            text=True,
            timeout=ASK_S,
            check=False,
        ).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        answer = ""
    if answer == "yes":
        return ok("clock", f"{shown}, synchronised")
    if answer == "no":
        remedy = "timedatectl set-ntp true; let UDP 123 out"
        return warn("clock", f"{shown}, not synchronised", remedy)
    what = f"{shown}; whether it is synchronised could not be read"
    return warn("clock", what, "See chronyc tracking, or install systemd-timesyncd")
