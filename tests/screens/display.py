"""A display of the tests' own, where the machine has none."""

from __future__ import annotations

import os
import select
import subprocess

STARTS_WITHIN_S = 20.0
SCREEN = "1600x1920x24"


def ensure_display() -> subprocess.Popen[bytes] | None:
    """Start Xvfb where no DISPLAY is set; it is the caller's to end."""
    if os.environ.get("DISPLAY"):
        return None
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp"],
        pass_fds=(writing,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    ready, _, _ = select.select([reading], [], [], STARTS_WITHIN_S)
    number = os.read(reading, 16).split(b"\n")[0].decode() if ready else ""
    os.close(reading)
    if not number:
        server.kill()
        raise RuntimeError("Xvfb did not start")
    os.environ["DISPLAY"] = f":{number}"
    return server
