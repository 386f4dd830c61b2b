"""A process of its own for hanzi: libgooglepinyin (Debian: libgooglepinyin0) behind stdin and stdout.

Run by its path in a bare interpreter, so it imports the standard library alone. It says `ready`, or
`missing` where the library or its dictionary is not there; then it answers each line `<n> <letters>`
with `<n>\\t<hanzi> <letters they stand for>\\t...`. It ends with its input: with the terminal, however
that ended.

The library's matrix has no room check but an assertion that ends the process: strings of many short
syllables ("ananananan", measured: from the eighth syllable on) run into it. So a search never goes
beyond `MOST_SYLLABLES`, longer pinyin is turned into hanzi part by part, from its beginning; and where
an assertion is met all the same, it ends this process and nothing else.

Nothing is kept: the library is given no user dictionary, and the process leaves no core.
"""

from __future__ import annotations

import ctypes
import resource
import signal
import sys
from collections.abc import Iterator

LIBRARY = "libgooglepinyin.so.0"
DICTIONARY = "googlepinyin/data/dict_pinyin.dat"
LIBRARY_DIRECTORIES = ("/usr/lib", "/usr/local/lib")

NO_USER_DICTIONARY = b""
"""The empty name opens nothing: the engine then has no memory of its own (MatrixSearch::init)."""

MOST_SYLLABLES = 5
"""Syllables a search may hold. The assertion was met from 7 on in 25,000 patterns, never below."""

MOST_LETTERS = 20
"""Letters a search may hold: three of the longest syllables."""

MOST_CANDIDATES = 1200
LONGEST_CANDIDATE = 64

NEUTRAL = b"zhuangzhuangzhuangzh"
"""As many letters as a search may hold: they take the place of what somebody typed."""

READY, MISSING = b"ready\n", b"missing\n"

LONGEST_SEARCH_S = 30
"""A search that takes longer never ends: the process then ends itself, be there a terminal or none."""


class Hanzi:
    """The library. `candidates` takes some 0.5 ms (measured)."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        self._buffer = ctypes.create_string_buffer(2 * (LONGEST_CANDIDATE + 1))

    def candidates(self, letters: str) -> list[tuple[str, int]]:
        """What `letters` (a to z, v for ü, an apostrophe between syllables) can be, the likeliest
        first: a sentence, words and single hanzi of its beginning, each with how many of the letters
        it stands for."""
        if not letters or letters.strip("abcdefghijklmnopqrstuvwxyz'"):
            self.forget()
            return []
        asked = letters.replace("ve", "ue")  # lüe and nüe are spelt lue and nue here
        found, ends = self._search(asked)
        return list(self._read(found, ends))

    def forget(self) -> None:
        """Leave nothing of what was typed in the library's memory."""
        self._library.im_reset_search()
        self._library.im_search(NEUTRAL, len(NEUTRAL))
        ctypes.memset(self._buffer, 0, len(self._buffer))

    def _search(self, letters: str) -> tuple[int, list[int]]:
        """Search as much of `letters` as is safe; how many were found, and where syllables end."""
        self._library.im_reset_search()
        found, ends = 0, [0]
        for length in range(min(len(letters), MOST_SYLLABLES), len(letters[:MOST_LETTERS]) + 1):
            more = self._library.im_search(letters[:length].encode(), length)
            until = self._syllables()
            if len(until) - 1 > MOST_SYLLABLES:
                whole = letters[: ends[-1]]
                self._library.im_reset_search()
                return self._library.im_search(whole.encode(), len(whole)), ends
            found, ends = more, until
        return found, ends

    def _syllables(self) -> list[int]:
        starts = ctypes.POINTER(ctypes.c_uint16)()
        count = self._library.im_get_spl_start_pos(ctypes.byref(starts))
        return [starts[index] for index in range(count + 1)]

    def _read(self, found: int, ends: list[int]) -> Iterator[tuple[str, int]]:
        told: set[str] = set()
        for index in range(min(found, MOST_CANDIDATES)):
            if not self._library.im_get_candidate(index, self._buffer, LONGEST_CANDIDATE):
                return
            text = self._buffer.raw.decode("utf-16-le", "replace").partition("\0")[0]
            if text and text not in told and len(text) < len(ends):
                told.add(text)
                yield text, ends[len(text)]


def open_library(name: str = LIBRARY) -> Hanzi | None:
    """The library with its dictionary (3 ms); None where either is missing."""
    try:
        library = ctypes.CDLL(name)
    except OSError:
        return None
    library.im_open_decoder.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
    library.im_open_decoder.restype = ctypes.c_bool
    library.im_search.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    library.im_search.restype = ctypes.c_size_t
    library.im_get_candidate.argtypes = [ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]
    library.im_get_candidate.restype = ctypes.c_void_p
    library.im_get_spl_start_pos.argtypes = [ctypes.POINTER(ctypes.POINTER(ctypes.c_uint16))]
    library.im_get_spl_start_pos.restype = ctypes.c_size_t
    for file in dictionaries():
        if library.im_open_decoder(file.encode(), NO_USER_DICTIONARY):
            return Hanzi(library)
    return None


def dictionaries() -> Iterator[str]:
    """Where the library's dictionary lies: Debian puts it below the library's own directory."""
    from glob import glob

    for directory in LIBRARY_DIRECTORIES:
        yield from sorted(glob(f"{directory}/*/{DICTIONARY}"))
        yield from sorted(glob(f"{directory}/{DICTIONARY}"))


def main() -> None:
    """Answer questions until the input ends."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    hanzi = open_library()
    out = sys.stdout.buffer
    out.write(MISSING if hanzi is None else READY)
    out.flush()
    if hanzi is None:
        return
    for line in sys.stdin.buffer:
        number, _, letters = line.decode("ascii", "replace").rstrip("\n").partition(" ")
        signal.alarm(LONGEST_SEARCH_S)
        found = hanzi.candidates(letters)
        signal.alarm(0)
        words = (f"\t{text} {count}" for text, count in found)
        out.write(f"{number}{''.join(words)}\n".encode())
        out.flush()


if __name__ == "__main__":
    main()
