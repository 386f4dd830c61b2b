"""Sentences come from the compiled catalogues, and from their sources where those are newer."""

from __future__ import annotations

import os
import re
from pathlib import Path
from string import Formatter

import pytest

from kiosk.texts import Plain, Words, Yuan, msg
from kiosk.words import LANGUAGES, LOCALE_DIR, compile_stale, load_words, sentences, stale

HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


@pytest.fixture
def locale(tmp_path: Path) -> Path:
    for language, greeting in (("zh_CN", "您好，{name}"), ("en", "Hello {name}")):
        folder = tmp_path / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "kiosk.po").write_text(f'{HEAD}msgid "greeting"\nmsgstr "{greeting}"\n')
        (folder / "screens.po").write_text(f'{HEAD}msgid "back"\nmsgstr "<- {language}"\n')
    return tmp_path


def test_both_domains_speak_in_both_languages_without_being_compiled(locale: Path) -> None:
    words = load_words(locale)

    assert words["zh_CN"].say(msg("greeting", name=Plain("王", "Wang"))) == "您好，王"
    assert words["en"].say(msg("greeting", name=Plain("王", "Wang"))) == "Hello Wang"
    assert words["en"].say(msg("back")) == "<- en"


def test_compiled_catalogues_say_the_same(locale: Path) -> None:
    before = {language: sentences(locale, language) for language in LANGUAGES}

    assert len(compile_stale(locale)) == 4

    assert {language: sentences(locale, language) for language in LANGUAGES} == before
    assert stale(locale) == ()
    assert compile_stale(locale) == ()


def test_a_source_that_changed_after_compiling_is_heard_at_once(locale: Path) -> None:
    # GIVEN compiled catalogues
    compile_stale(locale)

    # WHEN a sentence changes, a second later
    source = locale / "en" / "LC_MESSAGES" / "kiosk.po"
    source.write_text(source.read_text().replace("Hello", "Good day"))
    later = source.with_suffix(".mo").stat().st_mtime_ns + 10**9
    os.utime(source, ns=(later, later))

    # THEN the new one is said, and the catalogue counts as stale
    assert sentences(locale, "en")["greeting"] == "Good day {name}"
    assert stale(locale) == (source,)


def test_a_key_without_a_sentence_is_no_sentence(locale: Path) -> None:
    with pytest.raises(KeyError):
        load_words(locale)["en"].say(msg("absent"))


def test_a_language_without_any_catalogue_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="zh_CN"):
        load_words(tmp_path)


def test_amounts_are_written_as_money() -> None:
    assert Words("en", {"due": "{amount}"}).say(msg("due", amount=Yuan(123456))) == "¥1,234.56"


def test_the_terminals_languages_have_the_same_keys_and_ask_for_the_same() -> None:
    zh, en = (sentences(LOCALE_DIR, language) for language in LANGUAGES)

    assert set(zh) == set(en)
    for key in zh:
        assert placeholders(en[key]) <= placeholders(zh[key]), key


def test_no_key_stands_in_two_catalogues_of_a_language() -> None:
    for language in LANGUAGES:
        seen: dict[str, str] = {}
        for source in (LOCALE_DIR / language / "LC_MESSAGES").glob("*.po"):
            for key in re.findall(r'^msgid "(.+)"$', source.read_text("utf-8"), re.MULTILINE):
                assert seen.setdefault(key, source.name) == source.name, key


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}
