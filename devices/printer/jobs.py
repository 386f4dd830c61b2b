"""What became of the slips that this printer was given: so that a retry prints none twice.

Kept while the program runs; what outlives it (a payment's slip) is written down by who asks.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

from devices.printer.problems import FATE_UNKNOWN
from devices.status import Failed, Ok, Outcome, Result

REMEMBERED = 512
"""Some days of slips; the oldest is forgotten first."""


@dataclass(frozen=True, slots=True)
class PrintReport:
    """What became of one slip.

    `proven` is True where the printer itself said that everything before its end was printed
    (GS ( H, PROTOCOLS.md A) and None where it cannot say. `lines` are paper lines of text,
    `duration_s` is from the first question to the last answer. `repeated` is True where the same job
    was asked for again and nothing was sent, because it was proven before.
    """

    job: str
    proven: bool | None
    lines: int
    bytes_sent: int
    duration_s: float
    repeated: bool = False


class JobBook:
    """Jobs that came out, or may have. One that is not in it never came out whole."""

    def __init__(self) -> None:
        self._fates: OrderedDict[str, PrintReport | None] = OrderedDict()

    def answer(self, job: str) -> Result[PrintReport] | None:
        """The answer to a job that is asked for again; None where it is to be printed."""
        if job not in self._fates:
            return None
        report = self._fates[job]
        if report is None or not report.proven:
            return Failed(Outcome.DEVICE_NOT_READY, FATE_UNKNOWN)
        return Ok(replace(report, repeated=True))

    def came_out(self, report: PrintReport) -> None:
        """The slip was printed, proven or not."""
        self._remember(report.job, report)

    def may_have(self, job: str) -> None:
        """The printer was lost after it had been told to cut."""
        self._remember(job, None)

    def did_not(self, job: str) -> None:
        """It certainly did not come out whole."""
        self._fates.pop(job, None)

    def _remember(self, job: str, report: PrintReport | None) -> None:
        self._fates[job] = report
        self._fates.move_to_end(job)
        while len(self._fates) > REMEMBERED:
            self._fates.popitem(last=False)
