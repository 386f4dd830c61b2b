"""The loudspeaker holds what every device must: into a file, and through ALSA's player."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.conformance import SpeakerConformance
from devices.speaker import Speaker


class TestSink(SpeakerConformance):
    silent = garbage = ""
    exclusive = False

    @pytest.fixture
    def simulator(self) -> None:
        return None

    @pytest.fixture
    def device(self, tmp_path: Path) -> Iterator[Speaker]:
        speaker = Speaker("speaker", f"file:{tmp_path}/sound.wav")
        yield speaker
        speaker.close()


class TestAlsa(TestSink):
    @pytest.fixture
    def device(self, tmp_path: Path) -> Iterator[Speaker]:
        speaker = Speaker("speaker", f"alsa:file:{tmp_path}/sound.raw,raw")
        yield speaker
        speaker.close()
