"""What a check found: in order, worth a look, or broken; with the remedy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How bad a finding is. A terminal with a BAD one does not serve citizens as it should."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report; `remedy` is "" where nothing is wrong."""

    check: str
    verdict: Verdict
    what: str
    remedy: str = ""

    def as_json(self) -> dict[str, str]:
        """For `kiosk doctor --json`."""
        return {
            "check": self.check,
            "verdict": self.verdict.value,
            "what": self.what,
            "remedy": self.remedy,
        }


def ok(check: str, what: str) -> Finding:
    """Nothing is wrong."""
    return Finding(check, Verdict.OK, what)


def warn(check: str, what: str, remedy: str) -> Finding:
    """It works, but not as well as it should, or could not be looked at."""
    return Finding(check, Verdict.WARN, what, remedy)


def bad(check: str, what: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(check, Verdict.BAD, what, remedy)
