"""What a citizen in no trouble does at each item: one script an item, one module a family."""

from __future__ import annotations

from tests.items import approval, credit, first_light, guide, property, social, tax
from tests.items.script import Script

FAMILIES = (first_light, approval, credit, guide, property, social, tax)

SCRIPTS: dict[str, Script] = {
    item: script for family in FAMILIES for item, script in family.SCRIPTS.items()
}
