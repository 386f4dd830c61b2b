"""Divisions: all of today can be reached from a province, each with a name."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.divisions import children, is_whole, name, own_name, parent, provinces


def everything() -> Iterator[str]:
    waiting = [one.code for one in provinces()]
    while waiting:
        code = waiting.pop()
        yield code
        waiting += [one.code for one in children(code)]


def test_there_are_34_provinces_with_names() -> None:
    assert len(provinces()) == 34
    assert {one.name for one in provinces()} >= {"山东省", "北京市", "台湾省", "香港特别行政区"}


def test_every_division_is_reached_once_and_has_a_name() -> None:
    codes = list(everything())
    assert len(codes) == len(set(codes)) > 3000
    assert all(
        len(code) == 6 and code.isdigit() and own_name(code) and name(code) for code in codes
    )


def test_every_division_knows_what_it_lies_in() -> None:
    for code in everything():
        above = parent(code)
        assert code in {one.code for one in (children(above) if above else provinces())}
        assert name(code).startswith(name(above))


def test_no_name_carries_years() -> None:
    assert not any(mark in own_name(code) for code in everything() for mark in "[]-0123456789")


def test_the_whole_name_goes_from_the_province_down() -> None:
    assert name("371083") == "山东省威海市乳山市"
    assert name("110101") == "北京市东城区"
    assert name("469002") == "海南省琼海市"


def test_only_divisions_of_today_are_there() -> None:
    # GIVEN a district that became part of another in 2010, and one whose code got a new name
    # THEN the first is gone, the second has its present name
    assert name("110103") == ""
    assert own_name("371324") == "兰陵县"
    assert not is_whole("110103")


def test_what_has_nothing_below_can_be_chosen() -> None:
    # GIVEN a county, a prefecture without counties, a region without prefectures
    assert all(is_whole(code) for code in ("371083", "441900", "710000", "810000"))

    # THEN a prefecture with counties cannot
    assert not is_whole("371000")
    assert not any(is_whole(code) for code in ("", "999999", "370000"))
