"""Whatever the network does at whichever call, the money is booked or with the citizen."""

from __future__ import annotations

import pytest

from tests.crashtest.flows import FAILURES, FLOWS, Flow
from tests.crashtest.network import DOCUMENT, document, in_virtual_time, rows


@pytest.mark.timeout(900)
def test_the_table_of_outcomes_is_what_the_desk_does() -> None:
    # WHEN every call fails in every way (each row checks that money is conserved)
    found = list(rows())
    assert len(found) == len(FLOWS) * (1 + 2 * len(FAILURES))
    # THEN the document says so
    written = DOCUMENT.read_text(encoding="utf-8")
    assert written == document(found), "python -m tests.crashtest.network writes it anew"


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_each_flow_makes_the_call_it_is_named_for(flow: Flow) -> None:
    row = in_virtual_time(flow, None, lasting=False)
    assert [call for call in row.calls if flow.path in call]
