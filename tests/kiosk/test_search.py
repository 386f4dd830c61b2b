"""Items are found as people look for them, best first, and nothing typed is too strange."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.catalogue import load_catalogue
from kiosk.finding import entry_of
from kiosk.paths import CONFIG_DIR
from kiosk.pinyin import readings, readings_of_child
from kiosk.search import Entry, Index, folded
from kiosk.words import load_words

ENTRIES = (
    Entry(
        "pension",
        ("城乡居民养老保险缴费", "Resident pension contribution"),
        ("养老钱", "社保"),
        ("人社局", "Social Insurance", "退休"),
    ),
    Entry("house", ("本人不动产登记信息查询", "My property"), ("房本",), ("自然资源局",)),
    Entry("proof", ("社会保险费缴费证明",), (), ("税务局",)),
    Entry("bank", ("重庆银行音乐会", "绿色通道"), (), ("文旅局",)),
    Entry("street", ("行·乳山",), (), ("城管局",)),
)
INDEX = Index(ENTRIES, readings)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("养老", ["pension"]),
        ("养老钱", ["pension"]),
        ("yanglao", ["pension"]),
        ("ylbx", ["pension"]),
        ("yang老", ["pension"]),
        ("养lao", ["pension"]),
        ("YangLao", ["pension"]),
        ("ＹＬＢＸ", ["pension"]),
        ("yang lao bao xian", ["pension"]),
        ("yanglaobaoxian", ["pension"]),
        ("ylaobx", ["pension"]),
        ("shebao", ["pension"]),
        ("房本", ["house"]),
        ("fangben", ["house"]),
        ("bdc", ["house"]),
        ("自然资源", ["house"]),
        ("退休", ["pension"]),
        ("pension", ["pension"]),
        ("contrib", ["pension"]),
        ("res pen", ["pension"]),
        ("social ins", ["pension"]),
        ("shehuibaoxian", ["proof"]),
        ("缴费", ["pension", "proof"]),
        ("养老证", []),
        ("nglao", []),
        ("5", []),
    ],
)
def test_a_query_finds_what_is_meant(query: str, found: list[str]) -> None:
    assert list(INDEX.find(query)) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("chongqing", ["bank"]),  # 重 as in the city, not zhong
        ("zhongqing", []),
        ("yinhang", ["bank"]),  # 行 as in a bank, not xing
        ("yinxing", []),
        ("yinyue", ["bank"]),  # 乐 as in music, not le
        ("yinle", []),
        ("hangrushan", ["street"]),  # alone, 行 is read each way
        ("xingrs", ["street"]),
        ("lvse", ["bank"]),  # ü is typed v or u
        ("luse", ["bank"]),
    ],
)
def test_heteronyms_are_read_as_in_their_phrase(query: str, found: list[str]) -> None:
    assert list(INDEX.find(query)) == found


def test_exact_comes_before_prefix_before_initials_before_inside() -> None:
    index = Index(
        (
            Entry("inside", ("查社保",)),
            Entry("department", ("发票",), around=("社保",)),
            Entry("initials", ("身边事",)),
            Entry("prefix", ("社保卡",)),
            Entry("exact", ("社保",)),
        ),
        readings,
    )

    assert index.find("社保") == ("exact", "prefix", "inside", "department")
    assert index.find("sb") == ("initials", "prefix", "exact", "inside", "department")


def test_use_at_this_terminal_decides_between_equals() -> None:
    index = Index(
        (Entry("a", ("社保卡",)), Entry("b", ("社保证",)), Entry("c", ("社保",))), readings
    )

    assert index.find("社保", {"b": 3}) == ("c", "b", "a")
    assert index.find("", {"b": 3}) == ("b", "a", "c")


def test_the_child_reads_as_this_process_does() -> None:
    texts = ["重庆银行", "行", "abc 12", ""]

    assert readings_of_child(texts) == readings(texts)


def test_without_a_child_hanzi_and_english_are_found_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    index = Index(ENTRIES, readings_of_child)

    assert index.find("房本") == ("house",)
    assert index.find("property") == ("house",)
    assert index.find("fangben") == ()


def items_index() -> tuple[Index, tuple[Entry, ...]]:
    loaded = load_catalogue(CONFIG_DIR)
    assert isinstance(loaded, tuple)
    words = load_words()
    entries = tuple(entry_of(item, words.__getitem__) for item in loaded)
    return Index(entries, readings), entries


def pinyin_of(text: str) -> tuple[str, str]:
    """Whole pinyin and initials, as one who reads the text types them."""
    parts = [
        read[0] if read else sign
        for sign, read in zip(folded(text), readings([folded(text)])[0], strict=True)
    ]
    return "".join(parts), "".join(part[0] for part in parts)


def test_every_item_is_found_by_its_name_its_pinyin_and_its_initials() -> None:
    index, entries = items_index()
    for entry in entries:
        for name in entry.names:
            whole, initials = pinyin_of(name)
            queries = [name, whole] if name.isascii() else [name, whole, initials]
            for query in queries:
                assert entry.id in index.find(query), (entry.id, query)


HANZI = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(HANZI, min_size=1, max_size=6))
def test_any_name_is_found_by_itself_its_pinyin_and_its_initials(names: list[str]) -> None:
    index = Index([Entry(str(n), (name,)) for n, name in enumerate(names)], readings)
    for n, name in enumerate(names):
        for query in (name, *pinyin_of(name), name[:1], name[-1:]):
            assert str(n) in index.find(query)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_nothing_that_can_be_typed_raises(query: str) -> None:
    assert set(INDEX.find(query)) <= {entry.id for entry in ENTRIES}


@settings(max_examples=80, deadline=None)
@given(st.text(st.sampled_from("养老保险yanglobxi房本"), max_size=8))
def test_typing_on_only_narrows(query: str) -> None:
    for end in range(1, len(query)):
        assert set(INDEX.find(query)) <= set(INDEX.find(query[:end]))


def test_nothing_loads_the_dictionaries_of_pinyin_before_somebody_searches() -> None:
    program = (
        "import sys\n"
        "import kiosk.front, kiosk.terminal, kiosk.reception, kiosk.finding, kiosk.journeys\n"
        "sys.exit('loaded' if 'pypinyin' in sys.modules else 0)"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=90
    )

    assert (ended.returncode, ended.stderr) == (0, "")
