"""The slips of the approval bureau and the hall: what was done, its number, what to bring or to expect."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from devices.printer.layout import Slip
from kiosk.receipts.sheet import Sheet
from kiosk.texts import Text, msg
from kiosk.views import Row, Section
from kiosk.visit import Visit


def slip(
    visit: Visit,
    kind: str,
    subtitle: Text,
    parts: Iterable[Sequence[Row] | Section],
    code: str,
) -> Slip:
    """A slip with `parts` between rules. Its title is the sentence `<kind>.slip`, its note
    `<kind>.slip.note`; `code` is an address or a number, under it `<kind>.slip.scan`."""
    sheet = Sheet(visit, f"{kind}-{visit.id}")
    sheet.head(msg(f"{kind}.slip"), subtitle)
    for part in parts:
        if isinstance(part, Section):
            if part.heading is not None:
                sheet.line(part.heading)
            sheet.rows(part.rows)
        else:
            sheet.rows(part)
        sheet.rule()
    sheet.origin()
    sheet.code(code, msg(f"{kind}.slip.scan"))
    return sheet.end(msg(f"{kind}.slip.note"))
