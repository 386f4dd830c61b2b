"""The slip of an item's guide: its ten elements to take home."""

from __future__ import annotations

from collections.abc import Iterable

from devices.printer.layout import Slip
from kiosk.receipts.sheet import Sheet
from kiosk.texts import Text, msg
from kiosk.views import Row
from kiosk.visit import Visit


def guide_slip(
    visit: Visit, code: str, name: Text, department: Text, rows: Iterable[Row], link: str
) -> Slip:
    """The guide of item `code`, with the code of its `link` where there is one."""
    sheet = Sheet(visit, f"guide-{code}-{visit.id}")
    sheet.head(msg("slip.guide"), name)
    sheet.line(department)
    sheet.rule()
    sheet.rows(rows)
    sheet.rule()
    sheet.origin()
    if link:
        sheet.code(link, msg("slip.scan_guide"))
    return sheet.end(msg("slip.guide.note"))
