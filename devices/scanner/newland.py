"""The serial commands of newer Newland scanners (NLS-HR and others): bytes to data and back, no port.

Source: PROTOCOLS.md C. A command is `7E 01 30 30 30 30`, `@` (kept) or `#` (until switched off), a tag
with its value, `;`, `03`. Its answer begins `02 01 30 30 30 30` and echoes that, with a verdict before
each `,` and `;`. Scanned codes come between the answers as text ended by a carriage return.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from devices.scanner.codes import MAX_CODE_BYTES
from devices.scanner.stream import CodeStream

COMMAND_HEAD = b"\x7e\x010000"
ANSWER_HEAD = b"\x02\x010000"
KEPT, UNTIL_OFF = b"@", b"#"
END = b";\x03"

LONGEST_ANSWER = 512
"""An answer echoes one command of ours, some twenty bytes; what is longer is noise."""

TRIGGER_ON, TRIGGER_OFF = "SCNTRG1", "SCNTRG0"
"""Begin and end a reading. Common knowledge, not confirmed; so is that an ending without a beginning
is answered like any other command, which makes it the question whether the scanner is there."""

BY_COMMAND = "SCNMOD0"
"""Reading begins when it is told to. Common knowledge, not confirmed."""


class Verdict(IntEnum):
    """How the scanner answers one tag."""

    OK = 0x06
    BAD_VALUE = 0x15
    UNKNOWN = 0x05


def command(tag: str, *, kept: bool = False) -> bytes:
    """The frame that sets `tag`, kept when the scanner is switched off or not."""
    return COMMAND_HEAD + (KEPT if kept else UNTIL_OFF) + tag.encode("ascii") + END


def answer(tag: str, verdict: int, *, kept: bool = False) -> bytes:
    """The frame that a scanner answers with."""
    mark = KEPT if kept else UNTIL_OFF
    return ANSWER_HEAD + mark + tag.encode("ascii") + bytes([verdict]) + END


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdicts on the tags of one command, in their order; each tag with its value."""

    verdicts: tuple[tuple[str, int], ...]

    @property
    def ok(self) -> bool:
        """Whether every tag was accepted."""
        return bool(self.verdicts) and all(v == Verdict.OK for _, v in self.verdicts)

    @property
    def say_again(self) -> bool:
        """Whether the command arrived damaged; this scanner does not tell."""
        return False


class Stream(CodeStream[Answer]):
    """Cuts what the scanner sends into answers and codes, however the bytes arrive. `end` is what it
    sends behind each code; with b"" a code ends where the line falls silent."""

    def _is_answer(self, unfinished: bytes) -> bool:
        return ANSWER_HEAD in unfinished

    def _take(self) -> Answer | bytes | None:
        self._skip_line_feed()
        data = bytes(self._waiting)
        begin = data.find(ANSWER_HEAD)
        end = data.find(self._end, 0, begin if begin >= 0 else len(data)) if self._end else -1
        if end >= 0:
            del self._waiting[: end + len(self._end)]
            return data[:end]
        if begin >= 0:
            return self._take_answer(data, begin)
        if len(data) > MAX_CODE_BYTES:
            self.abandon()
        return None

    def _take_answer(self, data: bytes, begin: int) -> Answer | bytes | None:
        self._drop(begin)
        stop = data.find(END, begin)
        if stop < 0:
            if len(data) - begin <= LONGEST_ANSWER:
                return None
            self._drop(len(ANSWER_HEAD))
            return self._take()
        del self._waiting[: stop + len(END) - begin]
        return _parsed(data[begin + len(ANSWER_HEAD) : stop])


def _parsed(body: bytes) -> Answer:
    """The verdicts in an answer's body; one that is no answer at all has none, and is not `ok`."""
    parts = body.lstrip(KEPT + UNTIL_OFF).replace(b",", b";").split(b";")
    return Answer(tuple((part[:-1].decode("ascii", "replace"), part[-1]) for part in parts if part))
