"""Keys: only what can stand in a field is live, pinyin becomes hanzi, nothing is ever lost or kept."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.fields import hindrance, longest
from kiosk.texts import Plain, msg
from kiosk.views import Field, FieldKind
from screens.keyboard.layouts import layout
from screens.keyboard.pinyin import Answer, Candidate
from screens.keyboard.typing import LETTERS, WRITTEN, Mode, Typing

TYPED = [
    kind for kind in FieldKind if kind not in (FieldKind.DATE, FieldKind.CHOICE, FieldKind.DIVISION)
]
CHARACTERS = "0123456789" + LETTERS + LETTERS.upper() + "-.·'，。X@"
NAMED = ["delete", "clear", "space", "shift", "pinyin", "latin", "symbols"]
PRESSES = st.lists(st.sampled_from([*CHARACTERS, *NAMED]), max_size=60)


def field(kind: FieldKind, **more: object) -> Field:
    return Field(name="it", label=Plain("it"), kind=kind, **more)  # type: ignore[arg-type]


def spoken(letters: str, answer: Answer) -> None:
    """An engine that knows one hanzi for two letters, and one for one, and answers at once."""
    one, two = Candidate("一", 1), Candidate("二", 2)
    answer([two, one] if len(letters) > 1 else [one] * len(letters))


class Slow:
    """An engine whose answers come when `answer` is called, one question after the other."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Answer]] = []

    def __call__(self, letters: str, answer: Answer) -> None:
        self.asked.append((letters, answer))

    def answer(self) -> None:
        """Answer what was asked first."""
        letters, answer = self.asked.pop(0)
        spoken(letters, answer)

    def answer_all(self) -> None:
        """Answer until nothing is asked."""
        while self.asked:
            self.answer()

    def be_lost(self) -> None:
        """End: every question is answered with that."""
        while self.asked:
            _, answer = self.asked.pop(0)
            answer(None)


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
    found = [Candidate(hanzi, 1) for hanzi in "一二三四五六七八"]
    typing = Typing(field(FieldKind.TEXT), lambda _, answer: answer(found))
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


# --- an engine that takes its time ---------------------------------------------------------------


def slowly(keys: Sequence[str]) -> tuple[Typing, Slow]:
    engine = Slow()
    typing = Typing(field(FieldKind.TEXT), engine)
    engine.answer_all()
    for key in keys:
        typing.press(key)
    return typing, engine


def test_letters_are_seen_at_once_and_candidates_when_they_come() -> None:
    # GIVEN letters, typed faster than the engine answers
    typing, engine = slowly("ni")
    assert (typing.letters, typing.candidates) == ("ni", ())

    # WHEN the answer to the first letter alone comes
    told: list[int] = []
    typing.changed = lambda: told.append(len(typing.candidates))
    engine.answer()

    # THEN candidates are those of all letters, once these are known
    assert typing.candidates == ()
    engine.answer()
    assert [one.text for one in typing.candidates] == ["二", "一"]
    assert told == [2]


def test_what_is_known_at_once_is_not_told_again() -> None:
    typing = Typing(field(FieldKind.TEXT), spoken)
    told: list[str] = []
    typing.changed = lambda: told.append(typing.letters)
    for key in ["n", "i", "space", "h", "delete", "symbols"]:
        typing.press(key)
    assert typing.text == "二"
    assert told == []


def test_a_blank_takes_the_first_candidate_once_it_is_known() -> None:
    typing, engine = slowly(["n", "i", "space"])
    assert (typing.text, typing.letters) == ("", "ni")
    engine.answer_all()
    assert (typing.text, typing.letters) == ("二", "")


def test_confirming_takes_all_one_answer_after_the_other() -> None:
    typing, engine = slowly("nihao")
    assert typing.confirm()
    assert (typing.text, typing.right) == ("", False)
    engine.answer_all()
    assert (typing.text, typing.letters) == ("二二一", "")
    assert typing.right


def test_a_letter_typed_after_confirming_is_not_taken_with_the_rest() -> None:
    typing, engine = slowly("ni")
    typing.confirm()
    typing.press("h")
    engine.answer_all()
    assert (typing.text, typing.letters) == ("", "nih")


def test_a_candidate_of_older_letters_cannot_be_touched() -> None:
    typing, engine = slowly("ni")
    engine.answer_all()
    typing.press("h")
    typing.press("candidate:0")
    assert (typing.text, typing.letters) == ("", "nih")
    engine.answer_all()
    typing.press("candidate:0")
    assert (typing.text, typing.letters) == ("二", "h")


def test_without_the_engine_on_the_way_letters_stay_and_are_typed_on() -> None:
    # GIVEN pinyin that waits
    typing, engine = slowly("ni")

    # WHEN the engine is lost
    engine.be_lost()

    # THEN the letters stand in the field, and further ones are typed as they are
    assert (typing.text, typing.letters, typing.pinyin) == ("ni", "", False)
    assert typing.mode is Mode.LATIN
    typing.press("a")
    assert typing.text == "nia"


def test_an_engine_that_is_not_there_is_known_before_anything_is_typed() -> None:
    engine = Slow()
    typing = Typing(field(FieldKind.NAME), engine)
    engine.be_lost()
    assert (typing.pinyin, typing.mode) == (False, Mode.LATIN)
