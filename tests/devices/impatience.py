"""Adapters that wait less for an answer, for tests in which none comes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from devices import ups
from devices.board import modbus
from devices.idcard.reader import SEEK_SILENCE_S, IdCardReader
from devices.printer import ipp_queue
from devices.scanner import line

SOON_S = 0.1
NETWORK_SOON_S = 0.5
"""Also a name is looked up and a connection made in this."""


def be_impatient(patch: pytest.MonkeyPatch) -> None:
    """Wait a tenth as long. Only where silence is looked at: on a loaded machine a good answer is later."""
    patch.setattr(modbus, "ANSWER_WITHIN_S", SOON_S)
    patch.setattr(line, "ANSWER_WITHIN_S", SOON_S)
    patch.setattr(ups, "ANSWER_WITHIN_S", NETWORK_SOON_S)
    patch.setattr(ipp_queue, "ANSWER_WITHIN_S", NETWORK_SOON_S)
    patch.setattr(IdCardReader._found_at, "__defaults__", (SEEK_SILENCE_S,))
    patch.setattr(IdCardReader._exchange, "__defaults__", (b"", SOON_S))


@contextmanager
def impatient() -> Iterator[None]:
    """The same for as long as it lasts."""
    with pytest.MonkeyPatch.context() as patch:
        be_impatient(patch)
        yield
