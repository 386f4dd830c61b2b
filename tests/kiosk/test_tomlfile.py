"""Each key of a TOML file is found on the line where its statement begins, whatever its form."""

from __future__ import annotations

import tomllib

import pytest
import tomlkit
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk.tomlfile import KeyPath, key_lines, toml_value

DOCUMENT = """\
# a comment with title = 1
title = "x"

[owner]
name = "y"   # name = 2
notes = \"\"\"
title = 3
[nothing]
\"\"\"
ports = [
    1,
    # port = 4
    2,
]
address = { street = "a", town = { name = "b" } }
a.b.c = 5

[[items]]
id = 1
[[items]]
id = 2
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("owner",), 4),
        (("owner", "name"), 5),
        (("owner", "notes"), 6),
        (("owner", "ports"), 10),
        (("owner", "ports", 1), 10),
        (("owner", "address", "town", "name"), 15),
        (("owner", "a", "b", "c"), 16),
        (("items",), 18),
        (("items", 0, "id"), 19),
        (("items", 1), 20),
        (("items", 1, "id"), 21),
    ],
)
def test_a_key_is_found_where_its_statement_begins(path: KeyPath, line: int) -> None:
    assert key_lines(DOCUMENT)[path] == line


def test_what_only_looks_like_a_key_is_none() -> None:
    assert ("nothing",) not in key_lines(DOCUMENT)
    assert ("owner", "port") not in key_lines(DOCUMENT)


NAMES = st.text("abcdefgh", min_size=1, max_size=4)
SCALARS = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20),
)


@example({"a": {"b": "one line\u2028to an editor", "c": 1}})
@given(st.dictionaries(NAMES, st.dictionaries(NAMES, SCALARS, min_size=1), min_size=1))
def test_every_key_of_any_file_is_found_on_its_line(values: dict[str, dict[str, object]]) -> None:
    text = tomlkit.dumps(values)
    lines = text.split("\n")

    found = key_lines(text)

    for table, keys in values.items():
        assert lines[found[(table,)] - 1] == f"[{table}]"
        for key in keys:
            assert lines[found[(table, key)] - 1].startswith(f"{key} = ")


@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner)))
def test_a_value_written_as_toml_is_read_as_the_same(value: object) -> None:
    assert tomllib.loads(f"value = {toml_value(value)}")["value"] == value
