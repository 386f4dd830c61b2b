"""Receipt printers whose paper moves at once, for tests that look at what they say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from devices.printer import receipt, watch
from devices.printer.profiles import PROFILES
from devices.simulators import printer_sensors

QUICK_MM_S = 2000
LATE_S = 0.7
"""Still longer than an answer is waited for at first."""


@pytest.fixture
def quick_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    """A printer that proves nothing is given the time that its slip takes; these take none."""
    quick = {name: replace(profile, mm_s=QUICK_MM_S) for name, profile in PROFILES.items()}
    monkeypatch.setattr(receipt, "PROFILES", quick)
    monkeypatch.setattr(watch, "CUT_S", 0.1)
    monkeypatch.setattr(printer_sensors, "LATE_S", LATE_S)
