"""The guides of all of the city's items: found by initials, read, taken along."""

from __future__ import annotations

from kiosk.views import Chosen, Continue, Sought
from tests.items.script import Script

SCRIPTS = {
    "item-guide": Script(
        answers={
            "city.search": [Sought("spjyxk"), lambda view: Chosen(view.results[0].item)],
            "city.guide": Continue(),
        },
        calls=(("approval", "/items"),),
    ),
}
