"""Devices tell a technician what they know in words of either language."""

from __future__ import annotations

import re
from enum import StrEnum

import pytest

from devices import status
from devices.faults import FAULTS
from devices.status import Act, DeviceState, Fault, Health
from kiosk.device_words import COUNTS, FACTS, OWN_VALUES, VALUES, act_of, known_of
from kiosk.words import load_words

SPOKEN_OF = (
    status.Paper,
    status.Cover,
    status.Part,
    status.ScannerPower,
    status.CardPresence,
)


def line(language: str, counters: dict[str, int] | None = None, **facts: str) -> str:
    known = Health("one", "one", "type", "port", DeviceState.ONLINE, None, facts, counters or {})
    return load_words()[language].say(known_of(known))


def test_a_printers_facts_and_counts_read_as_a_line() -> None:
    told = {"paper": "full", "cover": "closed", "cutter": "ok"}

    assert (
        line("zh_CN", {"slips": 208}, **told) == "纸 充足 · 盖子 合上 · 切刀 正常 · 已打印凭条 208"
    )
    assert (
        line("en", {"slips": 208}, **told)
        == "paper full · cover closed · cutter fine · slips printed 208"
    )


def test_a_cabinet_tells_of_doors_and_what_lies_behind_them() -> None:
    assert line("zh_CN", compartment_3="open", compartment_3_content="empty") == (
        "3 号柜门 打开 · 3 号柜内 空"
    )


def test_what_has_no_name_is_shown_as_it_is() -> None:
    assert line("zh_CN", {"sneezes": 2}, firmware="1.4") == "firmware 1.4 · sneezes 2"


def test_nothing_known_is_an_empty_line() -> None:
    assert line("zh_CN") == ""


@pytest.mark.parametrize("name", sorted(FACTS))
def test_every_fact_has_a_name_in_chinese(name: str) -> None:
    assert re.search("[\\u4e00-\\u9fff]", line("zh_CN", **{name: "7"}))


@pytest.mark.parametrize("value", sorted(VALUES))
def test_every_value_has_a_name_in_both_languages(value: str) -> None:
    assert re.search("[\\u4e00-\\u9fff]", line("zh_CN", x=value))
    assert line("en", x=value).startswith("x ")


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_every_count_has_a_name_in_chinese(name: str) -> None:
    assert re.search("[\\u4e00-\\u9fff]", line("zh_CN", {name: 3}))


@pytest.mark.parametrize(("name", "value"), sorted(OWN_VALUES))
def test_a_value_of_a_facts_own_is_told_in_its_own_words(name: str, value: str) -> None:
    assert line("zh_CN", **{name: value}) != line("zh_CN", **{name: value + " "})


@pytest.mark.parametrize("kind", SPOKEN_OF, ids=lambda kind: kind.__name__)
def test_every_value_of_the_status_vocabulary_is_put_into_words(kind: type[StrEnum]) -> None:
    owned = {value for _, value in OWN_VALUES}
    assert {member.value for member in kind} <= VALUES | owned


def test_a_fault_says_what_is_wrong_what_to_do_and_who_does_it() -> None:
    spoken = load_words()["zh_CN"].say(act_of(Fault("printer.paper_out", Act.CLEAR)))

    assert spoken == "纸用完了，请换一卷新纸\n请大厅人员处理 · printer.paper_out"


def test_a_fault_of_another_package_says_who_acts_and_its_code() -> None:
    spoken = load_words()["zh_CN"].say(act_of(Fault("acme.door", Act.MAINTENANCE)))

    assert spoken == "请维修人员处理 · acme.door"


@pytest.mark.parametrize("code", sorted(FAULTS))
def test_every_fault_is_told_in_chinese_and_in_the_catalogues_english(code: str) -> None:
    words, kind = load_words(), FAULTS[code]
    fault = act_of(Fault(code, kind.act))

    assert re.search("[\u4e00-\u9fff]", words["zh_CN"].say(fault).split("\n")[0])
    assert words["en"].say(fault).startswith(f"{kind.means} {kind.remedy}\n")
