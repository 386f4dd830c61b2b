"""The slips of social insurance's own records: a proof of life, a card's progress, a card's loss."""

from __future__ import annotations

from collections.abc import Iterable

from devices.printer.layout import Slip
from kiosk.receipts.sheet import Sheet
from kiosk.texts import msg
from kiosk.views import Row
from kiosk.visit import Visit


def record(
    visit: Visit, number: str, title: str, rows: Iterable[Row], kind: str, link: str = ""
) -> Slip:
    """What `rows` say, under `title`; `kind` begins the keys of the subtitle and of the closing note.

    `number` is the department's, by which the printer knows the slip; `link` becomes a code."""
    sheet = Sheet(visit, number)
    sheet.head(msg(title), msg(f"{kind}.subtitle"))
    sheet.rows(rows)
    sheet.rule()
    sheet.origin()
    if link:
        sheet.code(link, msg("slip.scan_record"))
    return sheet.end(msg(f"{kind}.note"))
