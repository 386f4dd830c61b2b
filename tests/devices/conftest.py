"""What the tests of devices share: a device that was lost is sought again soon."""

from __future__ import annotations

import pytest

from devices import device
from devices.printer import conversation
from tests.devices.impatience import be_impatient

FIRST_S, MOST_S, LOOK_S = 0.1, 1.0, 0.05


@pytest.fixture(autouse=True)
def sought_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses between two tries, a fifth to a tenth of those in a hall."""
    monkeypatch.setattr(device, "RECONNECT_FIRST_S", FIRST_S)
    monkeypatch.setattr(device, "RECONNECT_MOST_S", MOST_S)
    monkeypatch.setattr(device, "NODE_LOOK_S", LOOK_S)


@pytest.fixture(autouse=True)
def silence_is_known_soon(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """In that test of the conformance kit nothing ever answers."""
    if request.node.name.startswith("test_silence_is_never_taken_for_health"):
        be_impatient(monkeypatch)


@pytest.fixture
def waits_for_proofs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A printer that can prove its slips is given the time to say so, however busy its machine is."""
    monkeypatch.setattr(conversation, "INFO_WITHIN_S", 10.0)
