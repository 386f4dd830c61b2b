"""Loads the gettext catalogues and so turns texts into sentences of a language.

Compiled catalogues (.mo) are read with the standard library. Where one is missing or older than its
source, the source (.po) itself is read: always right, some 50 ms slower; `kiosk doctor` tells.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterator, Mapping
from pathlib import Path

from kiosk.texts import Language, Words

LANGUAGES: tuple[Language, ...] = ("zh_CN", "en")
LOCALE_DIR = Path(__file__).resolve().parent.parent / "config" / "locale"


def load_words(directory: Path = LOCALE_DIR) -> Mapping[Language, Words]:
    """Every language's words. Raises FileNotFoundError for a language without a catalogue."""
    return {language: Words(language, sentences(directory, language)) for language in LANGUAGES}


def sentences(directory: Path, language: Language) -> dict[str, str]:
    """All keys of `language` with their sentences. Raises FileNotFoundError where it has none."""
    found: dict[str, str] = {}
    for source in _sources(directory, language):
        compiled = source.with_suffix(".mo")
        found |= _compiled(compiled) if _is_fresh(compiled, source) else _uncompiled(source)
    if not found:
        raise FileNotFoundError(f"no sentences of {language}")
    return found


def stale(directory: Path = LOCALE_DIR) -> tuple[Path, ...]:
    """The sources whose compiled catalogue is missing or older."""
    return tuple(
        source
        for language in LANGUAGES
        for source in _sources(directory, language)
        if not _is_fresh(source.with_suffix(".mo"), source)
    )


def compile_stale(directory: Path = LOCALE_DIR) -> tuple[Path, ...]:
    """Compile what is stale and return it. Raises OSError where the directory is read-only."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    sources = stale(directory)
    for source in sources:
        with source.open("rb") as text:
            catalogue = read_po(text)
        fresh = source.with_suffix(".mo.new")
        with fresh.open("wb") as binary:
            write_mo(binary, catalogue)
        fresh.replace(source.with_suffix(".mo"))
    return sources


def _sources(directory: Path, language: Language) -> Iterator[Path]:
    yield from sorted((directory / language / "LC_MESSAGES").glob("*.po"))


def _is_fresh(compiled: Path, source: Path) -> bool:
    return compiled.exists() and compiled.stat().st_mtime_ns >= source.stat().st_mtime_ns


def _compiled(file: Path) -> dict[str, str]:
    with file.open("rb") as binary:
        catalogue = gettext.GNUTranslations(binary)
    everything: dict[str, str] = vars(catalogue)["_catalog"]
    return {key: sentence for key, sentence in everything.items() if key}


def _uncompiled(file: Path) -> dict[str, str]:
    from babel.messages.pofile import read_po

    with file.open("rb") as text:
        catalogue = read_po(text)
    return {
        str(message.id): str(message.string)
        for message in catalogue
        if message.id and message.string and not message.fuzzy
    }


if __name__ == "__main__":
    compile_stale()
