"""The loudspeaker: ALSA's real player into ALSA's own null and file devices, and a file sink."""

from __future__ import annotations

import asyncio
import io
import itertools
import os
import time
import wave
from array import array
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.registry import BadSetting
from devices.speaker import (
    RATE_HZ,
    Played,
    Speaker,
    length_s,
    tone_wav,
    volume_of,
    with_length,
)
from devices.status import Act, DeviceState, Failed, Health, Ok, Outcome

WITHIN_S = 40.0
LOOK_EVERY_S = 0.02


async def until(speaker: Speaker, holds: Callable[[Health], object]) -> Health:
    deadline = time.monotonic() + WITHIN_S
    while not holds(health := speaker.health()):
        assert time.monotonic() < deadline, f"it never came to that: {health}"
        await asyncio.sleep(LOOK_EVERY_S)
    return health


@asynccontextmanager
async def started(port: str, **settings: Any) -> AsyncIterator[Speaker]:
    speaker = Speaker("speaker", port, **settings)
    speaker.start()
    try:
        yield speaker
    finally:
        await asyncio.to_thread(speaker.close)


@asynccontextmanager
async def found(port: str, **settings: Any) -> AsyncIterator[Speaker]:
    async with started(port, **settings) as speaker:
        await until(speaker, lambda health: health.usable)
        yield speaker


def crossings(samples: array[int]) -> int:
    """How often a sound changes sides: twice its frequency in a second."""
    return sum((a < 0) != (b < 0) for a, b in itertools.pairwise(samples))


def samples_of(wav: bytes) -> array[int]:
    with wave.open(io.BytesIO(wav)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth()) == (1, 2)
        return array("h", sound.readframes(sound.getnframes()))


# --- into a file ---------------------------------------------------------------------------------


async def test_a_tone_has_its_pitch_and_its_length(tmp_path: Path) -> None:
    sink = tmp_path / "sound.wav"
    async with found(f"file:{sink}") as speaker:
        assert await speaker.tone(880, 0.5) == Ok(Played(0.5))
    samples = samples_of(sink.read_bytes())
    assert len(samples) == RATE_HZ // 2
    assert crossings(samples) == pytest.approx(880, abs=4)
    assert max(samples) > 15000


async def test_a_prompt_is_spoken(tmp_path: Path) -> None:
    sink = tmp_path / "sound.wav"
    async with found(f"file:{sink}") as speaker:
        assert speaker.health().facts["voice"] == "espeak-ng"
        result = await speaker.say("请取走您的文件")
        assert isinstance(result, Ok)
        assert 0.5 < result.value.seconds < 15
    assert max(samples_of(sink.read_bytes())) > 1000


async def test_its_test_plays_and_speaks(tmp_path: Path) -> None:
    async with found(f"file:{tmp_path}/sound.wav", language="en") as speaker:
        result = await speaker.test()
        assert isinstance(result, Ok)
        assert result.value.lines[0] == "tone: 0.5 s at 440 Hz"
        assert result.value.lines[2] == "volume: unknown"
        assert speaker.health().counters["played"] == 2


async def test_a_sink_without_a_directory_is_a_missing_port(tmp_path: Path) -> None:
    async with started(f"file:{tmp_path}/none/sound.wav") as speaker:
        health = await until(speaker, lambda health: health.state is DeviceState.NO_DEVICE)
        assert health.fault is not None
        assert health.fault.code == "port.missing"


# --- through ALSA --------------------------------------------------------------------------------


async def test_aplay_plays_to_the_end(tmp_path: Path) -> None:
    kept = tmp_path / "kept.raw"
    async with found(f"alsa:file:{kept},raw") as speaker:
        result = await speaker.tone(440, 0.3)
        assert result == Ok(Played(pytest.approx(0.3, abs=0.001)))
        assert len(kept.read_bytes()) == pytest.approx(0.3 * RATE_HZ * 2, abs=4096)


async def test_no_sound_card_is_said_as_such() -> None:
    async with started("plughw:31,0") as speaker:
        health = await until(speaker, lambda health: health.fault is not None)
        assert health.fault is not None
        assert (health.fault.code, health.fault.act) == ("speaker.no_card", Act.CONFIGURATION)
        result = await speaker.tone()
        assert isinstance(result, Failed)
        assert result.outcome is Outcome.DEVICE_NOT_READY


async def test_no_player_is_said_as_such(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    async with started("alsa:null") as speaker:
        health = await until(speaker, lambda health: health.fault is not None)
        assert health.fault is not None
        assert (health.fault.code, health.fault.act) == ("speaker.no_player", Act.CONFIGURATION)


async def test_no_voice_is_said_as_such_and_tones_still_sound(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    async with found(f"file:{tmp_path}/sound.wav") as speaker:
        assert speaker.health().facts["voice"] == "missing"
        result = await speaker.say("你好")
        assert isinstance(result, Failed)
        assert (result.outcome, result.fault.code) == (Outcome.UNSUPPORTED, "speaker.no_voice")
        assert isinstance(await speaker.tone(), Ok)


async def test_a_player_that_hangs_is_ended_when_the_command_is_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # GIVEN a sound card whose player hangs from the second sound on
    player = tmp_path / "aplay"
    player.write_text(
        f"#!/bin/sh\n[ -e {tmp_path}/once ] && echo $$ > {tmp_path}/pid && exec tail -f /dev/null\n"
        f": > {tmp_path}/once\nexec cat > /dev/null\n",
        encoding="utf-8",
    )
    player.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    async with found("alsa:null") as speaker:
        # WHEN
        under_way = asyncio.create_task(speaker.tone())
        pid = tmp_path / "pid"
        await until(speaker, lambda _: pid.exists() and pid.read_text(encoding="utf-8"))
        under_way.cancel()
        with pytest.raises(asyncio.CancelledError):
            await under_way
        # THEN
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid.read_text(encoding="utf-8")), 0)


async def test_nothing_that_is_said_shows_on_a_command_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    voice = tmp_path / "espeak-ng"
    voice.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/seen\nexec cat > /dev/null\n', "utf-8")
    voice.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    async with found(f"file:{tmp_path}/sound.wav") as speaker:
        assert isinstance(await speaker.say("王小兰"), Failed)
    seen = (tmp_path / "seen").read_text(encoding="utf-8")
    assert "--stdin" in seen
    assert "王" not in seen


async def test_a_volume_without_a_mixer_is_unsupported_and_unknown(tmp_path: Path) -> None:
    async with found(f"file:{tmp_path}/sound.wav") as speaker:
        result = await speaker.set_volume(50)
        assert isinstance(result, Failed)
        assert (result.outcome, result.fault.code) == (Outcome.UNSUPPORTED, "speaker.no_mixer")
        assert speaker.health().facts["volume"] == "unknown"


@pytest.mark.parametrize("sound", [(10, 0.5), (99999, 0.5), (440, 0.0), (440, 3600.0)])
async def test_a_tone_that_nobody_could_hear_is_refused(
    tmp_path: Path, sound: tuple[int, float]
) -> None:
    async with found(f"file:{tmp_path}/sound.wav") as speaker:
        for result in (await speaker.tone(*sound), await speaker.play(b"no sound")):
            assert isinstance(result, Failed)
            assert result.fault.code == "speaker.sound"


# --- pure ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("  Front Left: Playback 46 [72%] [-18.00dB] [on]\n", "72%"),
        ("  Mono: Playback 0 [0%] [off]\n", "muted"),
        ("  Front Left: 65536 [100%]\n", "100%"),
        ("Simple mixer control 'Master',0\n", "unknown"),
        ("", "unknown"),
    ],
)
def test_amixers_words_are_a_volume(printed: str, expected: str) -> None:
    assert volume_of(printed) == expected


def test_a_streamed_sound_gets_its_length() -> None:
    whole = tone_wav(440, 0.25)
    streamed = whole[:4] + b"\xff\xff\xff\x7f" + whole[8:40] + b"\xff\xff\xff\x7f" + whole[44:]
    assert length_s(with_length(streamed)) == pytest.approx(0.25, abs=0.001)


@given(st.binary(max_size=120))
def test_noise_is_no_sound(noise: bytes) -> None:
    length = length_s(with_length(noise))
    assert length is None or length >= 0


@pytest.mark.parametrize(
    ("settings", "named"),
    [({"volume": 101}, "volume"), ({"volume": -1}, "volume"), ({"language": "tlh"}, "language")],
)
def test_a_setting_without_sense_is_named(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(BadSetting) as raised:
        Speaker("speaker", "default", **settings)
    assert raised.value.setting == named
