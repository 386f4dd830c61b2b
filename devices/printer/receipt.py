"""The receipt printer: prints slips on an ESC/POS printer behind a serial or TCP port."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PrintReport:
    """What became of one slip.

    `proven` is True where the printer itself said that everything before its end was printed
    (GS ( H, PROTOCOLS.md A) and None where it cannot say. `lines` are paper lines of text,
    `duration_s` is from the first question to the last answer.
    """

    job: str
    proven: bool | None
    lines: int
    bytes_sent: int
    duration_s: float
