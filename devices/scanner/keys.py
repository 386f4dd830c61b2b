"""What a scanner types as a keyboard, back into bytes: Linux input events to codes, no device.

An event has 24 bytes on a 64-bit Linux: seconds, microseconds, type, code, value (linux/input.h). A key
that no layout knows spoils its code: one with a character missing is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from struct import Struct
from types import MappingProxyType

from devices.scanner.codes import MAX_CODE_BYTES

EVENT = Struct("qqHHi")
"""struct input_event."""

MICROSECONDS = 1_000_000

LATEST_S = 1 << 33
"""Seconds since the epoch, in the year 2242: no event is later."""

EV_SYN, EV_KEY, EV_MSC, EV_LED = 0x00, 0x01, 0x04, 0x11
SYN_DROPPED = 3
"""The kernel threw events away: this program was too slow."""

KEY_MOST = 0x2FF
RELEASED, PRESSED, REPEATED = 0, 1, 2

ENTER, KEYPAD_ENTER, TAB, CAPS_LOCK = 28, 96, 15, 58
SHIFTS, CONTROLS, LEFT_ALT = (42, 54), (29, 97), 56
SILENT_KEYS = (69, 70, 100, 125, 126)
"""Num lock, scroll lock, right Alt and the two with a logo: they type nothing by themselves."""

KEYPAD: Mapping[int, str] = MappingProxyType(
    {
        71: "7", 72: "8", 73: "9", 75: "4", 76: "5", 77: "6", 79: "1", 80: "2", 81: "3", 82: "0",
        83: ".", 55: "*", 74: "-", 78: "+", 98: "/",
    }
)  # fmt: skip
"""KEY_KP7 and so on (linux/input-event-codes.h)."""

ROWS = (
    (2, "1234567890-="),
    (16, "qwertyuiop[]"),
    (30, "asdfghjkl;'`"),
    (43, "\\zxcvbnm,./"),
    (57, " "),
)
"""The key code at which a row begins, and its characters on a keyboard of the United States."""

SHIFTED_ROWS = (
    (2, "!@#$%^&*()_+"),
    (16, "QWERTYUIOP{}"),
    (30, 'ASDFGHJKL:"~'),
    (43, "|ZXCVBNM<>?"),
    (57, " "),
)


def _keys(rows: tuple[tuple[int, str], ...]) -> dict[int, str]:
    return {begin + place: typed for begin, row in rows for place, typed in enumerate(row)}


@dataclass(frozen=True, slots=True)
class KeyLayout:
    """What each key types, alone and with Shift."""

    plain: Mapping[int, str]
    shifted: Mapping[int, str]


US = KeyLayout(MappingProxyType(_keys(ROWS)), MappingProxyType(_keys(SHIFTED_ROWS)))

UK = KeyLayout(
    MappingProxyType({**US.plain, 43: "#", 86: "\\"}),
    MappingProxyType({**US.shifted, 3: '"', 4: "", 40: "@", 41: "", 43: "~", 86: "|"}),
)

DE = KeyLayout(
    MappingProxyType(
        {**US.plain, 21: "z", 44: "y", 53: "-", 27: "+", 43: "#", 86: "<"}
        | dict.fromkeys((12, 13, 26, 39, 40, 41), "")
    ),
    MappingProxyType(
        {
            **US.shifted, 21: "Z", 44: "Y", 7: "&", 8: "/", 9: "(", 10: ")", 11: "=", 12: "?",
            13: "`", 27: "*", 43: "'", 51: ";", 52: ":", 53: "_", 86: ">", 3: '"',
        }
        | dict.fromkeys((4, 26, 39, 40, 41), "")
    ),
)  # fmt: skip
"""German, without its letters beyond ASCII and its dead keys: "" spoils the code."""

LAYOUTS: Mapping[str, KeyLayout] = MappingProxyType({"us": US, "uk": UK, "de": DE})
"""The country that the scanner is set to type for; most come as `us`."""


def event(kind: int, code: int, value: int, at_us: int = MICROSECONDS) -> bytes:
    """One input event at a time in microseconds."""
    return EVENT.pack(at_us // MICROSECONDS, at_us % MICROSECONDS, kind, code, value)


def typed(code: bytes, layout: KeyLayout = US) -> bytes:
    """The events with which a scanner types `code` and Enter; a byte that no key types is typed as
    Alt and its decimal number on the keypad, as scanners do for what is beyond a layout."""
    events = bytearray()
    for byte in code:
        for key, value in _strokes(byte, layout):
            events += event(EV_KEY, key, value) + event(EV_SYN, 0, 0)
    for value in (PRESSED, RELEASED):
        events += event(EV_KEY, ENTER, value) + event(EV_SYN, 0, 0)
    return bytes(events)


def _strokes(byte: int, layout: KeyLayout) -> Iterator[tuple[int, int]]:
    for keys, shift in ((layout.plain, ()), (layout.shifted, SHIFTS[:1])):
        key = next((key for key, character in keys.items() if character == chr(byte)), None)
        if key is not None and byte < 0x80:
            yield from ((held, PRESSED) for held in shift)
            yield from ((key, PRESSED), (key, RELEASED))
            yield from ((held, RELEASED) for held in shift)
            return
    numbers = {digit: key for key, digit in KEYPAD.items()}
    yield LEFT_ALT, PRESSED
    for digit in f"{byte:04d}":
        yield from ((numbers[digit], PRESSED), (numbers[digit], RELEASED))
    yield LEFT_ALT, RELEASED


ALT_DIGITS_MOST = 5
"""Alt and a number on the keypad: 0255 at most for a byte, five digits for what is none."""


class Keys:
    """Puts codes together from input events, however the bytes arrive. Never raises."""

    def __init__(self, layout: KeyLayout = US) -> None:
        self.dropped = 0
        """Bytes of codes, and of noise, dropped so far."""
        self._layout = layout
        self._waiting = bytearray()
        self._code = bytearray()
        self._held: set[int] = set()
        self._alt_number = ""
        self._capitals = False
        self._spoilt = False

    @property
    def unfinished(self) -> bool:
        """Whether a code has begun and not ended."""
        return bool(self._waiting or self._code or self._spoilt)

    def feed(self, data: bytes) -> list[bytes]:
        """Take `data`; the codes that it completed, without their Enter, in order."""
        self._waiting += data
        codes = []
        for kind, code, value in self._events():
            if kind == EV_SYN and code == SYN_DROPPED:
                self._spoilt = True
                self._held.clear()
            elif kind == EV_KEY:
                done = self._key(code, value)
                if done is not None:
                    codes.append(done)
        return codes

    def abandon(self) -> None:
        """What is unfinished is not wanted: drop it, and its rest when that comes."""
        self._spoilt |= self.unfinished

    def pause(self) -> None:
        """Nothing came for a while: what is unfinished will not be finished."""
        self.dropped += len(self._code) + len(self._waiting)
        self._waiting.clear()
        self._code.clear()
        self._held.clear()
        self._alt_number = ""
        self._spoilt = False

    def _events(self) -> Iterator[tuple[int, int, int]]:
        while len(self._waiting) >= EVENT.size:
            seconds, microseconds, kind, code, value = EVENT.unpack_from(self._waiting)
            if not _plausible(seconds, microseconds, kind, code, value):
                del self._waiting[0]
                self.dropped += 1
                continue
            del self._waiting[: EVENT.size]
            yield kind, code, value

    def _key(self, key: int, value: int) -> bytes | None:
        """Take one key; the code that it ends."""
        modifier = key in (*SHIFTS, *CONTROLS, LEFT_ALT)
        if value == RELEASED:
            self._held.discard(key)
            if key == LEFT_ALT:
                self._end_alt_number()
        elif modifier:
            self._held.add(key)
        elif value == PRESSED:
            if key in (ENTER, KEYPAD_ENTER):
                return self._finished()
            self._press(key)
        return None

    def _press(self, key: int) -> None:
        if key == CAPS_LOCK:
            self._capitals = not self._capitals
        elif LEFT_ALT in self._held:
            digit = KEYPAD.get(key, "")
            if digit.isdigit() and len(self._alt_number) < ALT_DIGITS_MOST:
                self._alt_number += digit
            else:
                self._spoilt = True
        elif key not in SILENT_KEYS:
            character = self._character(key)
            self._spoilt |= not character
            self._code += character.encode("ascii")
            if len(self._code) > MAX_CODE_BYTES:
                self._spoilt = True

    def _character(self, key: int) -> str:
        if key == TAB:
            return "\t"
        shifted = not self._held.isdisjoint(SHIFTS)
        character = (self._layout.shifted if shifted else self._layout.plain).get(key, "")
        if self._capitals and character.isalpha():
            character = character.swapcase()
        if not self._held.isdisjoint(CONTROLS):
            return chr(ord(character.upper()) & 0x1F) if character.isalpha() else ""
        return character or KEYPAD.get(key, "")

    def _end_alt_number(self) -> None:
        number, self._alt_number = self._alt_number, ""
        if number:
            self._spoilt |= int(number) > 0xFF
            self._code.append(int(number) & 0xFF)

    def _finished(self) -> bytes | None:
        code, spoilt = bytes(self._code), self._spoilt
        self._code.clear()
        self._alt_number = ""
        self._spoilt = False
        if spoilt:
            self.dropped += len(code) + 1
            return None
        return code or None


def _plausible(seconds: int, microseconds: int, kind: int, code: int, value: int) -> bool:
    """Whether it can be an event: a stream that lost its beat is found again so."""
    if not (0 < seconds < LATEST_S and 0 <= microseconds < MICROSECONDS):
        return False
    if kind == EV_KEY:
        return code <= KEY_MOST and value in (RELEASED, PRESSED, REPEATED)
    if kind == EV_SYN:
        return code <= SYN_DROPPED and value in (0, 1)
    return kind in (EV_MSC, EV_LED)
