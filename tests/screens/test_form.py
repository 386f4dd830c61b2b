"""Forms, numbers and codes filled in by real touches on the keys."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from functools import partial
from itertools import combinations
from typing import Any

import pytest

from kiosk.rehearsal import Person, Script
from kiosk.texts import Plain
from kiosk.views import Chosen, EnterCode, Field, FieldKind, Filled, Form, ScanOrType, Typed
from screens.keyboard.pinyin import Pinyin
from tests.gallery.entries import (
    ADDRESS,
    AMOUNT,
    CODE,
    COURIER,
    CREDIT_CODE,
    DAY,
    DIVISION,
    ENTRIES,
    ID_NUMBER,
    NAME,
    PHONE,
    RELATION,
    SCAN,
    SECRET,
)
from tests.screens.terminal import WORDS, Terminal
from tests.screens.test_stage import texts

pytestmark = pytest.mark.asyncio(loop_scope="session")


def form(*fields: Field) -> Form:
    return Form(key="the.form", title=Plain("表"), fields=fields, primary=Plain("下一步"))


async def press(terminal: Terminal, keys: str) -> None:
    """Touch keys: characters, or names in braces."""
    for name, character in re.findall(r"\{(.+?)\}|(.)", keys):
        await terminal.hands.touch(name or f"key:{character}")


def enabled(terminal: Terminal, role: str) -> bool:
    return bool(terminal.hands.find(role).enabled)


async def test_hanzi_are_typed_by_pinyin(terminal: Terminal) -> None:
    # GIVEN a form that asks for an address and a phone number
    asked = await terminal.asking(form(ADDRESS, PHONE))

    # WHEN pinyin is typed, candidates are touched, and the digits of the other keyboard
    await press(terminal, "rushan{hanzi:乳山}shenglijie{hanzi:胜利}{hanzi:街}")
    await press(
        terminal, "{key:symbols}88{key:pinyin}hao{hanzi:号}{key:confirm}13800138000{primary}"
    )

    # THEN that is the answer
    answer = await terminal.answer(asked)
    assert dict(answer) == {"address": "乳山胜利街88号", "phone": "13800138000"}


async def test_without_an_engine_letters_are_typed_and_that_is_said(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a machine without the library
    missing = (sys.executable, "-I", "-S", "-c", "print('missing')")
    monkeypatch.setattr("screens.keyboard.pinyin.Pinyin", partial(Pinyin, missing))

    # WHEN a name is asked for
    asked = await terminal.asking(form(NAME))

    # THEN the keys are letters, which stand in the field as they are touched
    assert "拼音输入暂不可用，请用字母和数字" in texts(terminal)
    await press(terminal, "wang{primary}")
    assert await terminal.answer(asked) == Filled.of({"name": "wang"})


async def test_letters_and_capitals_are_typed_in_latin_mode(terminal: Terminal) -> None:
    asked = await terminal.asking(form(NAME))
    await press(terminal, "{key:latin}{key:shift}li{key:space}{key:shift}na{primary}")
    assert await terminal.answer(asked) == Filled.of({"name": "Li Na"})


async def test_the_first_candidate_comes_with_space_and_all_with_confirm(
    terminal: Terminal,
) -> None:
    asked = await terminal.asking(form(NAME))
    await press(terminal, "zhang{key:space}san{key:confirm}")
    assert not asked.done()
    name = terminal.stage.screen._typings[0].text
    assert len(name) == 2
    await press(terminal, "{primary}")
    assert await terminal.answer(asked) == Filled.of({"name": name})


async def test_further_candidates_are_paged(terminal: Terminal) -> None:
    # GIVEN pinyin with more candidates than fit
    asked = await terminal.asking(form(NAME))
    await press(terminal, "shi")
    first = terminal.hands.find("candidate:0").role

    # WHEN one pages on and back
    await press(terminal, "{key:more}")
    assert terminal.hands.find("candidate:0").role != first
    await press(terminal, "{key:fewer}")

    # THEN the first ones are there again
    assert terminal.hands.find("candidate:0").role == first
    asked.cancel()


async def test_a_wrong_check_digit_is_said_in_words_at_once(terminal: Terminal) -> None:
    # GIVEN an ID number but for its last place
    asked = await terminal.asking(form(ID_NUMBER))
    sentence = WORDS["zh_CN"].say(terminal_trouble())
    await press(terminal, "11010519491231002")
    assert sentence not in texts(terminal)

    # WHEN the wrong check digit is typed
    await press(terminal, "1")

    # THEN it is said at the field, and the form cannot be given; with the right one it can
    assert sentence in texts(terminal)
    assert not enabled(terminal, "primary")
    await press(terminal, "{key:delete}X{primary}")
    assert await terminal.answer(asked) == Filled.of({"id_number": "11010519491231002X"})


def terminal_trouble() -> Any:
    from kiosk.texts import msg

    return msg("field.id_number")


async def test_an_unfinished_field_is_said_to_be_so_once_it_is_left(terminal: Terminal) -> None:
    asked = await terminal.asking(form(PHONE, NAME))
    await press(terminal, "138{field:name}")
    assert "需要 11 位" in texts(terminal)
    asked.cancel()


async def test_dead_keys_are_not_typed(terminal: Terminal) -> None:
    # GIVEN a credit code, whose standard knows no I and no O
    asked = await terminal.asking(form(CREDIT_CODE))
    assert not enabled(terminal, "key:I")

    # WHEN these are touched among others
    await press(terminal, "9IO1")

    # THEN they left nothing
    assert terminal.stage.screen._typings[0].text == "91"
    asked.cancel()


async def test_an_amount_beyond_its_bounds_is_said(terminal: Terminal) -> None:
    asked = await terminal.asking(form(AMOUNT))
    await press(terminal, "99.5{key:confirm}")
    assert "不少于 ¥100.00" in texts(terminal)
    await press(terminal, "{key:clear}250.5{primary}")
    assert await terminal.answer(asked) == Filled.of({"amount": "250.5"})


async def test_a_day_is_set_by_steps(terminal: Terminal) -> None:
    # GIVEN a day in the field
    asked = await terminal.asking(form(replace(DAY, value="2024-03-31")))

    # WHEN it is stepped to a short month of ten years before
    await press(terminal, "{key:year-10}{key:month-1}{key:day+1}{key:confirm}{primary}")

    # THEN it went round at the month's end
    assert await terminal.answer(asked) == Filled.of({"day": "2014-02-01"})


async def test_a_county_is_found_from_the_top(terminal: Terminal) -> None:
    # GIVEN a division that is one already, whose list begins around it
    asked = await terminal.asking(form(replace(DIVISION, value="371083")))
    terminal.hands.find("division:371083")

    # WHEN another is looked for from the provinces down
    await press(terminal, "{level:top}")
    while "division:530000" not in terminal.hands.roles():
        await press(terminal, "{pad:next}")
    await press(terminal, "{division:530000}{division:530100}{division:530102}{primary}")

    # THEN its code is the answer
    assert await terminal.answer(asked) == Filled.of({"division": "530102"})


async def test_a_choice_opens_the_next_field(terminal: Terminal) -> None:
    asked = await terminal.asking(form(RELATION, PHONE))
    await press(terminal, "{option:spouse}13800138000{primary}")
    assert await terminal.answer(asked) == Filled.of({"relation": "spouse", "phone": "13800138000"})


async def test_a_long_form_pages(terminal: Terminal) -> None:
    # GIVEN more fields than fit above the keyboard
    asked = await terminal.asking(form(*COURIER))
    assert "field:id_number" not in terminal.hands.roles()

    # WHEN the page is turned, again and again
    while "page:next" in terminal.hands.roles():
        await press(terminal, "{page:next}")

    # THEN the last field can be opened
    open_field = terminal.stage.screen._typings[terminal.stage.screen._active].field
    assert "field:id_number" in terminal.hands.roles() or open_field is ID_NUMBER
    asked.cancel()


async def test_of_a_secret_only_the_last_character_is_on_the_picture(terminal: Terminal) -> None:
    asked = await terminal.asking(form(replace(SECRET, value="")))
    await press(terminal, "4711")
    assert "●●●1" in texts(terminal)
    assert not any("4711" in text for text in texts(terminal))
    await press(terminal, "{primary}")
    assert await terminal.answer(asked) == Filled.of({"password": "4711"})


async def test_what_was_typed_stays_when_the_language_changes_and_after_a_refusal(
    terminal: Terminal,
) -> None:
    # GIVEN a number typed half
    view = form(PHONE)
    asked = await terminal.asking(view)
    await press(terminal, "1380013")

    # WHEN the language is switched, and the department's refusal is shown
    await terminal.hands.touch("language")
    terminal.stage.update(replace(view, trouble=Plain("again")))
    await terminal.hands.frame()

    # THEN the number goes on where it stood
    await press(terminal, "8000{primary}")
    assert await terminal.answer(asked) == Filled.of({"phone": "13800138000"})


async def test_only_what_a_key_changed_is_drawn_again(terminal: Terminal) -> None:
    # GIVEN a key on the picture
    asked = await terminal.asking(form(PHONE, NAME))
    await press(terminal, "13")
    key = terminal.hands.find("key:5")

    # WHEN it is pressed
    await press(terminal, "5")

    # THEN the same key is still there: the keyboard was not built again
    assert terminal.hands.find("key:5") is key
    asked.cancel()


LEAST_TARGET, LEAST_GAP, SLACK = 96, 24, 2
"""SCREENS.md, touch; rounding to whole pixels may take a little."""


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("name", ENTRIES)
async def test_targets_are_large_and_apart(terminal: Terminal, name: str, large: bool) -> None:
    # GIVEN any kind of entry
    asked = await terminal.show(ENTRIES[name], "zh_CN", large)
    header = {"logo", "language", "size", "help"}
    frames = [
        (one.role, one.x, one.y, one.right, one.top)
        for one in terminal.hands.targets()
        if not header & set(one.role.split())
    ]
    asked.cancel()

    # THEN each target is at least 96 px, and 24 px from every other
    for role, left, low, right, top in frames:
        assert min(right - left, top - low) >= LEAST_TARGET - SLACK, role
    for a, b in combinations(frames, 2):
        across = max(a[1], b[1]) - min(a[3], b[3])
        along = max(a[2], b[2]) - min(a[4], b[4])
        assert max(across, along) >= LEAST_GAP - SLACK, (a[0], b[0])


async def test_keys_lie_in_the_lower_half(terminal: Terminal) -> None:
    from kivy.core.window import Window

    for name in ("form-hanzi", "form-phone", "form-credit-code", "form-day", "form-division"):
        asked = await terminal.asking(ENTRIES[name])
        keys = [one for one in terminal.hands.targets() if one.is_called("key:confirm")]
        keys += [one for one in terminal.hands.targets() if one.role.startswith("key:")]
        assert all(key.top <= Window.height / 2 for key in keys)
        asked.cancel()


# --- a number that may be held, a one-time code -------------------------------------------------


async def test_a_number_is_typed_instead_of_scanned(terminal: Terminal) -> None:
    asked = await terminal.asking(SCAN)
    await press(terminal, "{type}RS2026-7{primary}")
    assert await terminal.answer(asked) == Typed("RS2026-7")


async def test_without_a_scanner_the_keys_are_there_at_once(terminal: Terminal) -> None:
    asked = await terminal.asking(replace(SCAN, scanner=False))
    await press(terminal, "A1{key:confirm}")
    assert await terminal.answer(asked) == Typed("A1")


async def test_another_code_leaves_what_was_typed(terminal: Terminal) -> None:
    # GIVEN a number typed half
    asked = await terminal.asking(SCAN)
    await press(terminal, "{type}RS")

    # WHEN the scanner saw another code meanwhile
    asked.cancel()
    again = await terminal.asking(replace(SCAN, trouble=Plain("不是这个码")))

    # THEN that is said, and one types on
    assert "不是这个码" in texts(terminal)
    await press(terminal, "7{primary}")
    assert await terminal.answer(again) == Typed("RS7")


async def test_a_code_has_a_box_for_each_digit_and_is_given_when_full(terminal: Terminal) -> None:
    asked = await terminal.asking(CODE)
    await press(terminal, "12345{key:confirm}")
    assert not asked.done()
    await press(terminal, "{key:delete}56{primary}")
    assert await terminal.answer(asked) == Typed("123456")


async def test_another_code_is_offered_after_its_time(terminal: Terminal) -> None:
    # GIVEN a code that was just sent
    asked = await terminal.asking(replace(CODE, again_after=600))
    assert not enabled(terminal, "again")
    assert any("秒后可重新发送" in text for text in texts(terminal))

    # WHEN that time has passed
    terminal.stage.screen.shown_at -= 601.0
    terminal.stage.tick()
    await terminal.hands.frame()

    # THEN another one can be had
    assert enabled(terminal, "again")
    await press(terminal, "{again}")
    assert await terminal.answer(asked) == Chosen("again")


async def test_another_way_than_the_code_can_be_chosen(terminal: Terminal) -> None:
    asked = await terminal.asking(CODE)
    await press(terminal, "{other}")
    assert await terminal.answer(asked) == Chosen("other")


# --- the scripted person -------------------------------------------------------------------------


class Surroundings:
    """What a person does beside the screen, written down."""

    def __init__(self) -> None:
        self.held: list[str] = []

    async def hold_code(self, text: str) -> None:
        self.held.append(text)

    async def last_code(self) -> str:
        return "246810"

    async def sample(self, kind: str) -> str:
        return f"{kind.upper()}-1"


def person(terminal: Terminal, **answers: str) -> tuple[Person, Surroundings]:
    world = Surroundings()
    named = {key.replace("__", "."): value for key, value in answers.items()}
    script = Script("item", "wang-xiulan", named)
    return Person(terminal.hands, world, script), world  # type: ignore[arg-type]


@pytest.mark.timeout(600)  # some hundred touches, each seen on the picture
async def test_the_scripted_person_fills_in_every_kind_of_field(terminal: Terminal) -> None:
    # GIVEN a form with fields of every kind, some with an answer
    view = form(NAME, PHONE, DIVISION, ADDRESS, RELATION, replace(DAY, value=""), AMOUNT, ID_NUMBER)
    asked = await terminal.asking(view)
    who, _ = person(
        terminal,
        the__form__day="2025-02-28",
        the__form__address="胜利街 8-1号B",
        the__form__relation="child",
    )

    # WHEN the person acts
    assert await who._act[Form](view)

    # THEN all is filled in: the answers, the person's own name and number, right values
    assert dict(await terminal.answer(asked)) == {
        "name": "王秀兰",
        "phone": "13800138000",
        "division": "371083",
        "address": "胜利街 8-1号B",
        "relation": "child",
        "day": "2025-02-28",
        "amount": "100.00",
        "id_number": "371083196304120427",
    }


async def test_the_scripted_person_holds_a_code_then_types_it(terminal: Terminal) -> None:
    # GIVEN a scanner
    asked = await terminal.asking(SCAN)
    who, world = person(terminal, case__scan="RS-1")

    # WHEN the person acts, and the code was not taken
    assert await who._act[ScanOrType](SCAN)
    assert world.held == ["RS-1"]
    asked.cancel()
    refused = replace(SCAN, trouble=Plain("不是"))
    again = await terminal.asking(refused)
    assert await who._act[ScanOrType](refused)

    # THEN the number is typed
    assert await terminal.answer(again) == Typed("RS-1")


async def test_the_scripted_person_takes_a_code_of_the_sandbox(terminal: Terminal) -> None:
    # GIVEN no scanner, and an answer that names a kind of code
    view = replace(SCAN, scanner=False)
    asked = await terminal.asking(view)
    who, world = person(terminal, case__scan="sample:case")

    # WHEN the person acts
    assert await who._act[ScanOrType](view)

    # THEN that code is typed, and nothing held
    assert await terminal.answer(asked) == Typed("CASE-1")
    assert world.held == []


async def test_the_scripted_person_types_the_code_from_the_phone(terminal: Terminal) -> None:
    asked = await terminal.asking(CODE)
    who, _ = person(terminal)
    assert await who._act[EnterCode](CODE)
    assert await terminal.answer(asked) == Typed("246810")


@pytest.mark.parametrize(
    "kind", [kind for kind in FieldKind if kind not in (FieldKind.CHOICE, FieldKind.DIVISION)]
)
async def test_what_the_scripted_person_writes_by_itself_is_right(kind: FieldKind) -> None:
    from kiosk.fields import wrong
    from kiosk.typist import right_value

    field = Field("it", Plain("it"), kind)
    assert wrong(field, right_value(field, "wang-xiulan")) is None
