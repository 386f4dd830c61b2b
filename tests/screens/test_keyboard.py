"""Keys: only what can stand in a field is live, pinyin becomes hanzi, nothing is ever lost or kept."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.fields import hindrance, longest
from kiosk.texts import Plain, msg
from kiosk.views import Field, FieldKind
from screens.keyboard.layouts import layout
from screens.keyboard.pinyin import MOST_SYLLABLES, NEUTRAL, Candidate, Pinyin, pinyin
from screens.keyboard.places import PLACES, with_places
from screens.keyboard.typing import LETTERS, WRITTEN, Mode, Typing

TYPED = [
    kind for kind in FieldKind if kind not in (FieldKind.DATE, FieldKind.CHOICE, FieldKind.DIVISION)
]
CHARACTERS = "0123456789" + LETTERS + LETTERS.upper() + "-.·'，。X@"
NAMED = ["delete", "clear", "space", "shift", "pinyin", "latin", "symbols"]
PRESSES = st.lists(st.sampled_from([*CHARACTERS, *NAMED]), max_size=60)


def field(kind: FieldKind, **more: object) -> Field:
    return Field(name="it", label=Plain("it"), kind=kind, **more)  # type: ignore[arg-type]


def spoken(letters: str) -> Sequence[Candidate]:
    """An engine that knows one hanzi for two letters, and one for one."""
    one, two = Candidate("一", 1), Candidate("二", 2)
    return [two, one] if len(letters) > 1 else [one] * len(letters)


def typed(kind: FieldKind, keys: Sequence[str], **more: object) -> Typing:
    typing = Typing(field(kind, **more), spoken)
    for key in keys:
        typing.press(key)
    return typing


@given(st.sampled_from(TYPED), PRESSES)
def test_whatever_is_pressed_the_text_could_still_become_right(
    kind: FieldKind, keys: list[str]
) -> None:
    typing = typed(kind, keys)
    assert len(typing.text) <= longest(typing.field)
    said = hindrance(typing.field, typing.text)
    assert said is None or not said.key.startswith("field.characters")


@given(st.sampled_from(TYPED), PRESSES)
def test_a_dead_key_changes_nothing(kind: FieldKind, keys: list[str]) -> None:
    typing = typed(kind, keys)
    before = (typing.text, typing.letters, typing.mode, typing.capital)
    for key in (*CHARACTERS, *NAMED):
        if not typing.live(key):
            typing.press(key)
    assert (typing.text, typing.letters, typing.mode, typing.capital) == before


@given(st.sampled_from(TYPED), PRESSES)
def test_deleting_long_enough_empties_the_field(kind: FieldKind, keys: list[str]) -> None:
    typing = typed(kind, keys)
    for _ in range(len(typing.text) + len(typing.letters)):
        typing.press("delete")
    assert (typing.text, typing.letters) == ("", "")
    assert not typing.live("delete")


@given(st.text(LETTERS + "'", max_size=60))
def test_confirming_leaves_no_pinyin_behind(letters: str) -> None:
    typing = typed(FieldKind.TEXT, letters)
    waiting = typing.letters
    assert typing.confirm() is bool(waiting)
    assert typing.letters == ""
    assert len(typing.text) >= len(waiting.replace("'", "")) // 2


@given(st.text(LETTERS, min_size=1, max_size=20), st.lists(st.integers(1, 9), max_size=8))
def test_paging_candidates_back_and_forth_comes_home(letters: str, steps: list[int]) -> None:
    typing = Typing(field(FieldKind.TEXT), lambda _: [Candidate(c, 1) for c in "一二三四五六七八"])
    for letter in letters:
        typing.press(letter)
    for step in steps:
        typing.more(step)
    assert typing.candidates
    for _ in steps:
        typing.fewer()
    assert typing.first == 0


def test_a_credit_code_takes_no_letter_that_its_standard_leaves_out() -> None:
    typing = typed(FieldKind.CREDIT_CODE, "91")
    assert [key for key in LETTERS.upper() if not typing.live(key)] == list("IOSVZ")


def test_a_phone_number_begins_with_1_and_a_digit_from_3_on() -> None:
    typing = typed(FieldKind.PHONE, "")
    assert [key for key in "0123456789" if typing.live(key)] == ["1"]
    typing.press("1")
    assert [key for key in "0123456789" if typing.live(key)] == list("3456789")


def test_x_is_live_in_the_last_place_of_an_id_number_only() -> None:
    typing = typed(FieldKind.ID_NUMBER, "3710831990010100")
    assert not typing.live("X")
    typing.press("1")
    assert typing.live("X")


def test_a_wrong_check_digit_is_known_with_the_last_key() -> None:
    typing = typed(FieldKind.ID_NUMBER, "11010519491231002")
    assert typing.trouble is None
    typing.press("1")
    assert typing.trouble == msg("field.id_number")
    typing.press("delete")
    typing.press("X")
    assert typing.trouble is None
    assert typing.right


def test_an_unfinished_number_is_wrong_only_once_it_was_left() -> None:
    typing = typed(FieldKind.PHONE, "138001")
    assert typing.trouble is None
    typing.left = True
    assert typing.trouble == msg("field.too_short", count=11)


def test_an_amount_takes_one_point_and_two_decimals() -> None:
    typing = typed(FieldKind.AMOUNT, "12.345.6")
    assert typing.text == "12.34"


def test_of_a_secret_only_the_last_character_is_seen() -> None:
    typing = typed(FieldKind.DIGITS, "4711", secret=True)
    assert typing.shown == "●●●1"
    assert typing.value == "4711"
    assert "4711" not in repr(typing)


def test_shift_makes_one_capital() -> None:
    typing = typed(FieldKind.NAME, ["latin", "shift", "l", "i"])
    assert typing.text == "Li"


def test_without_the_engine_letters_are_typed_as_they_are() -> None:
    typing = Typing(field(FieldKind.TEXT))
    assert typing.mode is Mode.LATIN
    for key in ["pinyin", "n", "i"]:
        typing.press(key)
    assert typing.text == "ni"


@pytest.mark.parametrize("kind", TYPED)
@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("known", [True, False])
def test_keys_lie_inside_the_grid_and_beside_one_another(
    kind: FieldKind, mode: Mode, known: bool
) -> None:
    plan = layout(field(kind), mode, pinyin=known)
    cells = [
        {
            (column, row)
            for column in range(key.column, key.column + key.columns)
            for row in range(key.row, key.row + key.rows)
        }
        for key in plan.keys
    ]
    assert not any(a & b for a, b in combinations(cells, 2))
    for column, row in set().union(*cells):
        assert 0 <= column < plan.columns
        assert bool(plan.bar) <= row < plan.rows
    names = [key.key for key in plan.keys]
    assert len(names) == len(set(names))
    assert {"delete", "confirm"} <= set(names)


@pytest.mark.parametrize("kind", [kind for kind in TYPED if kind not in WRITTEN])
def test_every_character_a_kind_takes_has_its_key(kind: FieldKind) -> None:
    # GIVEN the keys of a kind, and characters that may stand first or somewhere in it
    keys = {key.key for key in layout(field(kind), Mode.LATIN, pinyin=False).keys}
    starts = {
        FieldKind.ID_NUMBER: "37108319900101001",
        FieldKind.PHONE: "13",
        FieldKind.AMOUNT: "1",
    }
    typing = typed(kind, starts.get(kind, ""))

    # THEN what is live can be touched
    live = {c for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.-" if typing.live(c)}
    assert live <= keys


# --- the engine --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def engine() -> Pinyin:
    found = pinyin()
    assert found is not None, "Debian's libgooglepinyin0 is missing (requirements/apt.txt)"
    return found


@pytest.mark.parametrize(
    ("letters", "hanzi"),
    [
        ("rushan", "乳山"),
        ("zhangsan", "张三"),
        ("xi'an", "西安"),
        ("chongqing", "重庆"),
        ("yinhang", "银行"),
        ("shengli", "胜利"),
        ("nv", "女"),
        ("lve", "略"),
        ("zhgr", "中国人"),
    ],
)
def test_pinyin_becomes_hanzi(engine: Pinyin, letters: str, hanzi: str) -> None:
    found = {one.text: one.letters for one in with_places(engine.candidates)(letters)}
    assert found[hanzi] == len(letters)


def test_the_rest_of_the_pinyin_waits_for_the_next_candidate(engine: Pinyin) -> None:
    typing = Typing(field(FieldKind.TEXT), engine.candidates)
    for letter in "shandongshengweihaishi":
        typing.press(letter)
    texts = [one.text for one in typing.candidates]
    typing.choose(texts.index("山东省"))
    assert (typing.text, typing.letters) == ("山东省", "weihaishi")
    texts = [one.text for one in typing.candidates]
    typing.choose(texts.index("威海市"))
    assert (typing.text, typing.letters) == ("山东省威海市", "")


@pytest.mark.parametrize(("letters", "hanzi"), PLACES.items())
def test_places_around_here_come_first(engine: Pinyin, letters: str, hanzi: str) -> None:
    suggest = with_places(engine.candidates)
    assert suggest(letters)[0] == Candidate(hanzi, len(letters))
    longer = {one.text: one.letters for one in suggest(f"{letters}'lu")}
    assert longer[hanzi] == len(letters)


def test_a_place_is_suggested_once(engine: Pinyin) -> None:
    texts = [one.text for one in with_places(engine.candidates)("weihaishi")]
    assert len(texts) == len(set(texts))


PIECES = [
    "a",
    "an",
    "ang",
    "e",
    "n",
    "g",
    "ng",
    "o",
    "z",
    "zh",
    "u",
    "v",
    "xian",
    "guan",
    "'",
    "ian",
]


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6), st.integers(1, 40))
def test_no_pinyin_ends_the_process_or_goes_beyond_its_letters(
    unit: list[str], length: int
) -> None:
    # GIVEN repeated short syllables, on which the library ends the process where it is let
    letters = ("".join(unit) * 40)[:length]

    # THEN the engine answers, with hanzi for a beginning of them
    found = pinyin()
    assert found is not None
    for one in found.candidates(letters):
        assert 0 < one.letters <= len(letters)
        assert 0 < len(one.text) <= MOST_SYLLABLES


@given(st.text(max_size=30))
def test_the_engine_takes_any_text(letters: str) -> None:
    found = pinyin()
    assert found is not None
    assert all(one.text for one in found.candidates(letters))


def test_what_was_typed_is_overwritten_once_nothing_waits(engine: Pinyin) -> None:
    # GIVEN pinyin in the engine's memory
    typing = Typing(field(FieldKind.NAME), engine.candidates)
    for letter in "zhangsanfengxiansheng":
        typing.press(letter)
    assert b"zhangsan" in decoded(engine)

    # WHEN it became hanzi
    typing.confirm()

    # THEN it is there no more
    assert decoded(engine) == NEUTRAL


def decoded(engine: Pinyin) -> bytes:
    """The letters in the library's memory."""
    import ctypes

    spelling = engine._library.im_get_sps_str
    spelling.restype = ctypes.c_char_p
    text: bytes = spelling(ctypes.byref(ctypes.c_size_t()))
    return text


def test_nothing_is_learnt(engine: Pinyin) -> None:
    # GIVEN candidates of which the last is chosen, many times
    before = [one.text for one in engine.candidates("shi")]
    for _ in range(20):
        typing = Typing(field(FieldKind.TEXT), engine.candidates)
        for letter in "shi":
            typing.press(letter)
        typing.choose(len(before) - 1)
        assert typing.text == before[-1]

    # THEN their order is the same
    assert [one.text for one in engine.candidates("shi")] == before


def test_importing_the_keyboard_opens_no_library() -> None:
    # GIVEN a process in which ctypes refuses to open anything
    program = (
        "import ctypes\n"
        "def refuse(*_, **__): raise AssertionError('opened')\n"
        "ctypes.CDLL = refuse\n"
        "import screens.keyboard.typing, screens.keyboard.pinyin, screens.keyboard.layouts\n"
    )

    # THEN the modules can be imported
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_a_terminal_without_the_library_has_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a machine where the library cannot be opened
    import ctypes

    def missing(name: str) -> ctypes.CDLL:
        raise OSError(name)

    monkeypatch.setattr("screens.keyboard.pinyin.ctypes.CDLL", missing)

    # THEN there is none, told without an exception
    assert pinyin.__wrapped__() is None
