"""The loudspeaker: a tone, a spoken prompt, a sound, each played to its end or given up.

ALSA's own programs do the work in processes of their own (aplay, amixer), espeak-ng speaks: a driver
that hangs takes no thread of ours with it. What is said goes in through a pipe, never on a command
line, which every user of the machine could read.
"""

from __future__ import annotations

import errno
import io
import math
import os
import re
import shutil
import subprocess
import time
import wave
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, ClassVar, Literal

from devices.device import CANCEL_SLICE_S, Cancel, Device, TestReport
from devices.faults import fault
from devices.registry import BadSetting
from devices.status import DeviceState, Failed, Fault, Ok, Outcome, Result

RATE_HZ = 22050
"""espeak-ng's own rate; speech needs no more."""

SAMPLE_BYTES = 2
PEAK = 0.6 * 32767
"""-4.4 dB: cheap amplifiers distort at full scale."""

FADE_S = 0.01
"""A tone that begins and ends at once clicks."""

TONE_HZ = 440
LOWEST_HZ, HIGHEST_HZ = 50, 10000
LONGEST_TONE_S = 10.0

POLL_EVERY_S = 10.0
MIXER_WITHIN_S = 3.0
SPEAK_WITHIN_S = 20.0
"""espeak-ng writes a minute of speech in under a second."""

PLAY_WITHIN_S = 60.0
TEST_WITHIN_S = 50.0
LATE_S = 15.0
"""How much longer than its length a sound may take: buffers, a Bluetooth sink that wakes up, a machine
so busy that the player hardly gets a turn (seen: more than 5 s)."""

PROMPTS: Mapping[str, str] = {"cmn": "扬声器测试", "en": "Loudspeaker test"}
SPEED_WORDS_PER_MINUTE = 150

CARDS = Path("/proc/asound/cards")
NO_CARDS = "no soundcards"

UNKNOWN = "unknown"

WRONG: Sequence[tuple[str, str]] = (
    ("busy", "speaker.busy"),
    ("Permission denied", "port.forbidden"),
    ("No such file", "speaker.no_card"),
    ("No such device", "speaker.no_card"),
    ("Unknown PCM", "speaker.no_card"),
    ("Invalid card", "speaker.no_card"),
    ("cannot find card", "speaker.no_card"),
)
"""Words in aplay's error output (alsa-utils, aplay.c and alsa-lib's messages)."""


@dataclass(frozen=True, slots=True)
class Played:
    """What was played: `seconds` of sound."""

    seconds: float


class Speaker(Device):
    """A loudspeaker at an ALSA device (`default`, `alsa:plughw:1,0`), or a file sink
    (`file:/path.wav`) that keeps the last sound instead."""

    kind: ClassVar[str] = "speaker"
    type_name: ClassVar[str] = "speaker"
    poll_interval_s: ClassVar[float] = POLL_EVERY_S
    port_form: ClassVar[str] = r"^\S+$"

    def __init__(
        self,
        name: str,
        port: str,
        *,
        volume: int = 70,
        mixer: str = "Master",
        language: Literal["cmn", "en"] = "cmn",
    ) -> None:
        """`volume` in percent of the mixer control `mixer`, set at every start; `language` is
        espeak-ng's voice. Raises BadSetting."""
        super().__init__(name, port)
        if not 0 <= volume <= 100:
            raise BadSetting("volume", "0 to 100 percent")
        if language not in PROMPTS:
            raise BadSetting("language", f"one of {', '.join(PROMPTS)}")
        self._volume = volume
        self._mixer = mixer
        self._language = language
        self._sink = Path(port.removeprefix("file:")) if port.startswith("file:") else None
        self._device = port.removeprefix("alsa:")

    # --- for callers -----------------------------------------------------------------------------

    async def tone(
        self, hz: int = TONE_HZ, seconds: float = 0.5, timeout_s: float = PLAY_WITHIN_S
    ) -> Result[Played]:
        """Play a sine tone. Fails with `speaker.sound` for one that cannot be heard or is too long,
        and as `play` does."""
        if not (LOWEST_HZ <= hz <= HIGHEST_HZ and 0 < seconds <= LONGEST_TONE_S):
            return Failed(Outcome.INVALID_DATA, fault("speaker.sound"))
        return await self.play(tone_wav(hz, seconds), timeout_s)

    async def play(self, wav: bytes, timeout_s: float = PLAY_WITHIN_S) -> Result[Played]:
        """Play a WAV file's bytes to the end. Fails with `speaker.sound`, `speaker.no_card`,
        `speaker.no_player`, `speaker.busy` or `speaker.failed`."""
        return await self.command(lambda cancel: self._play(wav, cancel), timeout_s)

    async def say(self, text: str, timeout_s: float = PLAY_WITHIN_S) -> Result[Played]:
        """Speak a text. Fails with `speaker.no_voice` where espeak-ng is missing, and as `play`."""
        return await self.command(lambda cancel: self._say(text, cancel), timeout_s)

    async def set_volume(self, percent: int, timeout_s: float = PLAY_WITHIN_S) -> Result[None]:
        """Set the volume. Fails with `speaker.no_mixer` where there is no such control."""
        if not 0 <= percent <= 100:
            return Failed(Outcome.INVALID_DATA, fault("speaker.sound"))
        return await self.command(lambda _: self._set_volume(percent), timeout_s)

    async def test(self) -> Result[TestReport]:
        """Play a tone and say a prompt: a person listens."""
        return await self.command(self._test, TEST_WITHIN_S)

    # --- hooks, on the worker thread -------------------------------------------------------------

    def _open(self) -> None:
        if self._sink is not None and not os.access(self._sink.parent, os.W_OK):
            raise FileNotFoundError(errno.ENOENT, "no directory to write sounds to")

    def _close(self) -> None:
        """Every sound's process is over with its command."""
        return

    def _probe(self) -> Failed | None:
        voice = "espeak-ng" if shutil.which("espeak-ng") else "missing"
        self._set(facts={"voice": voice, "volume": UNKNOWN})
        if self._sink is not None:
            return None
        if shutil.which("aplay") is None:
            return Failed(Outcome.DEVICE_NOT_READY, fault("speaker.no_player"))
        silent = self._play(tone_wav(TONE_HZ, FADE_S, peak=0), Cancel(LATE_S))
        if isinstance(silent, Failed) and silent.fault.code != "speaker.busy":
            return silent
        self._set_volume(self._volume)
        return None

    def _poll(self) -> None:
        if self._sink is None:
            self._set(facts={"volume": volume_of(self._amixer("sget", self._mixer))})
        missing = self._needs_card and not _cards()
        problem = fault("speaker.no_card") if missing else None
        state = DeviceState.NO_DEVICE if missing else DeviceState.ONLINE
        self._set(state=state, fault=problem)

    @property
    def _needs_card(self) -> bool:
        """Whether the sound comes out of a card of this machine for certain."""
        return self._sink is None and self._device.startswith(("hw:", "plughw:", "sysdefault"))

    # --- on the worker thread --------------------------------------------------------------------

    def _test(self, cancel: Cancel) -> Result[TestReport]:
        played = self._play(tone_wav(TONE_HZ, 0.5), cancel)
        if isinstance(played, Failed):
            return played
        said = self._say(PROMPTS[self._language], cancel)
        if isinstance(said, Failed):
            return said
        lines = (
            f"tone: {played.value.seconds:.1f} s at {TONE_HZ} Hz",
            f"speech: {said.value.seconds:.1f} s",
            f"volume: {self.health().facts['volume']}",
        )
        return Ok(TestReport(self.health().facts, lines))

    def _say(self, text: str, cancel: Cancel) -> Result[Played]:
        if shutil.which("espeak-ng") is None:
            return Failed(Outcome.UNSUPPORTED, fault("speaker.no_voice"))
        words = ["espeak-ng", "-v", self._language, "-s", str(SPEED_WORDS_PER_MINUTE)]
        spoken = _run([*words, "--stdin", "--stdout"], text.encode(), cancel, SPEAK_WITHIN_S)
        if isinstance(spoken, Failed):
            return spoken
        code, sound, _ = spoken.value
        if code or not sound:
            return Failed(Outcome.HARDWARE_ERROR, fault("speaker.no_voice", f"exit {code}"))
        return self._play(with_length(sound), cancel)

    def _play(self, wav: bytes, cancel: Cancel) -> Result[Played]:
        seconds = length_s(wav)
        if seconds is None:
            return Failed(Outcome.INVALID_DATA, fault("speaker.sound"))
        if self._sink is not None:
            self._sink.write_bytes(wav)
            self._count("played")
            return Ok(Played(seconds))
        ended = _run(["aplay", "-q", "-D", self._device, "-"], wav, cancel, seconds + LATE_S)
        if isinstance(ended, Failed):
            return ended
        code, _, said = ended.value
        if code:
            return Failed(Outcome.HARDWARE_ERROR, _wrong(said))
        self._count("played")
        return Ok(Played(seconds))

    def _set_volume(self, percent: int) -> Result[None]:
        told = volume_of(self._amixer("sset", self._mixer, f"{percent}%"))
        self._set(facts={"volume": told})
        if told == UNKNOWN:
            return Failed(Outcome.UNSUPPORTED, fault("speaker.no_mixer", self._mixer))
        return Ok(None)

    def _amixer(self, *words: str) -> str:
        """What amixer prints; nothing where there is no mixer."""
        if self._sink is not None or shutil.which("amixer") is None:
            return ""
        asked = ["amixer", "-D", _card_of(self._device), *words]
        ended = _run(asked, b"", Cancel(MIXER_WITHIN_S), MIXER_WITHIN_S)
        return ended.value[1].decode("utf-8", "replace") if isinstance(ended, Ok) else ""


def _run(
    words: Sequence[str], given: bytes, cancel: Cancel, within_s: float
) -> Result[tuple[int, bytes, str]]:
    """Run a program to its end; exit code, output, errors. It is ended with its command."""
    try:
        with _in_memory(given) as source:
            process = subprocess.Popen(
                words, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=os.environ | {"LC_ALL": "C.UTF-8"},
            )  # fmt: skip
    except OSError as error:
        return Failed(Outcome.HARDWARE_ERROR, fault("speaker.no_player", f"errno {error.errno}"))
    until = time.monotonic() + within_s
    while True:
        try:
            out, errors = process.communicate(timeout=CANCEL_SLICE_S)
            return Ok((process.returncode, out, errors.decode("utf-8", "replace")))
        except subprocess.TimeoutExpired:
            late = time.monotonic() > until
        if late or cancel.over:
            process.kill()
            process.communicate()
            hung = Failed(Outcome.TIMEOUT, fault("speaker.failed", "it does not end"))
            return hung if late and not cancel.over else cancel.failed()


@contextmanager
def _in_memory(data: bytes) -> Iterator[BinaryIO]:
    """A file of `data`, on no disk (memfd_create(2)): a program reads it at its own pace, and nobody has
    to hand it over in the slices in which a command looks whether it is still wanted."""
    with open(os.memfd_create("sound"), "r+b") as file:
        file.write(data)
        file.seek(0)
        yield file


def _wrong(said: str) -> Fault:
    code = next((code for words, code in WRONG if words in said), "speaker.failed")
    lines = said.strip().splitlines()
    return fault(code, lines[-1][:120] if lines else "")


def _cards() -> bool:
    """Whether the kernel has a sound card."""
    try:
        return NO_CARDS not in CARDS.read_text(encoding="utf-8")
    except OSError:
        return False


def _card_of(device: str) -> str:
    """The mixer's name of a PCM device: `plughw:1,0` is on card `hw:1`."""
    match = re.match(r"(?:plug)?hw:([^,]+)", device)
    return f"hw:{match[1]}" if match else device


def volume_of(printed: str) -> str:
    """The volume in amixer's output, such as `Front Left: Playback 46 [72%] [on]`."""
    match = re.search(r"\[(\d+)%\](?:.*\[(on|off)\])?", printed)
    if match is None:
        return UNKNOWN
    return "muted" if match[2] == "off" else f"{match[1]}%"


# --- sounds, pure --------------------------------------------------------------------------------


def tone_wav(hz: int, seconds: float, peak: float = PEAK) -> bytes:
    """A sine tone as WAV, 16 bits, one channel, faded in and out."""
    count = max(1, round(seconds * RATE_HZ))
    fade = max(1, round(FADE_S * RATE_HZ))
    samples = array(
        "h",
        (
            round(
                peak
                * min(1.0, at / fade, (count - at) / fade)
                * math.sin(2 * math.pi * hz * at / RATE_HZ)
            )
            for at in range(count)
        ),
    )
    return _wav(samples.tobytes(), RATE_HZ)


def with_length(streamed: bytes) -> bytes:
    """A WAV whose header tells its length: a program that writes to a pipe cannot know it before."""
    marker = streamed.find(b"data")
    if marker < 0 or len(streamed) < 28:
        return streamed
    rate = int.from_bytes(streamed[24:28], "little")
    return _wav(streamed[marker + 8 :], rate)


def length_s(wav: bytes) -> float | None:
    """How many seconds of sound; None for what is no WAV."""
    try:
        with wave.open(io.BytesIO(wav)) as sound:
            return float(sound.getnframes() / sound.getframerate())
    except (wave.Error, EOFError, ZeroDivisionError):
        return None


def _wav(samples: bytes, rate: int) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(SAMPLE_BYTES)
        sound.setframerate(rate)
        sound.writeframes(samples)
    return out.getvalue()
