"""Both camera adapters against the kit that every adapter is held to."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from devices.camera import capture as capturing
from devices.camera.source import Camera, Consent
from devices.conformance import WITHIN_S, CameraConformance, ScannerConformance, result_of
from devices.scanner.camera import CameraScanner
from devices.status import Failed, Ok


class Apart:
    """The simulator as a process of its own, so that what it opens is not counted as the device's."""

    def __init__(self, port: str, control: Path) -> None:
        self.port = port
        self._control = control

    def control(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out a control request."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(WITHIN_S)
            line.connect(str(self._control))
            line.sendall(json.dumps(request).encode() + b"\n")
            answer: dict[str, Any] = json.loads(line.makefile().readline())
        assert answer["ok"], answer
        return answer

    def set_situation(self, name: str) -> None:
        self.control({"do": "situation", "name": name})

    def unplug(self) -> None:
        self.control({"do": "unplug"})

    def replug(self) -> None:
        self.control({"do": "replug"})


@pytest.fixture(scope="module")
def running() -> Iterator[Apart]:
    child = subprocess.Popen(
        [sys.executable, "-m", "devices.simulators", "camera", "--while-stdin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with child:
        assert child.stdin is not None
        assert child.stdout is not None
        word, port, control = child.stdout.readline().split()
        assert word == "ready"
        yield Apart(port, Path(control.removeprefix("control=")))
        child.stdin.close()


@pytest.fixture
def simulator(running: Apart) -> Apart:
    """The simulator as it was at its start."""
    running.replug()
    running.set_situation("normal")
    running.control({"do": "take"})
    return running


@pytest.fixture(autouse=True)
def soon_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """FFmpeg waits less for a camera that sends nothing."""
    monkeypatch.setattr(capturing, "NETWORK_TIMEOUT_MS", 1000)


class TestCameraScanner(ScannerConformance):
    """The camera that reads codes."""

    @pytest.fixture
    def device(self, simulator: Apart) -> CameraScanner:
        return CameraScanner("scanner", simulator.port)


class TestCamera(CameraConformance):
    """The camera that takes pictures."""

    @pytest.fixture
    def device(self, simulator: Apart) -> Camera:
        return Camera("camera", simulator.port)

    def test_a_picture_needs_a_consent_that_stands(self, device: Camera) -> None:
        with self.online(device):
            with Consent("face") as consent:
                taken = result_of(device.take(consent, WITHIN_S / 2))
            refused = result_of(device.take(consent, WITHIN_S / 2))
        assert isinstance(taken, Ok)
        assert taken.value.wiped
        assert isinstance(refused, Failed)
        assert refused.fault.code == "camera.no_consent"
