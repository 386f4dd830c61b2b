"""The chart of a plain item: a bar for each entry of a list, and which of them stand out."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.declaration import ChartPart
from kiosk.texts import Plain, Text
from kiosk.told import Entry, bar_text, filled
from kiosk.views import Bar, Chart, Tone


def chart(part: ChartPart, entries: tuple[Entry, ...]) -> Chart:
    """The chart that `part` declares, a bar for each of `entries`."""
    values: Mapping[int, int] = {n: _length(part, entry) for n, entry in enumerate(entries)}
    return Chart(
        heading=part.heading.plain if part.heading else None,
        bars=tuple(
            _bar(part, Plain(str(entry.value(part.label))), values[n], _full(part, entry))
            for n, entry in enumerate(entries)
        ),
        longest=part.longest or max(values.values(), default=1) or 1,
    )


def _length(part: ChartPart, entry: Entry) -> int:
    value = entry.value(part.value, part.form)
    if not isinstance(value, int):
        raise AssertionError(f"{part.value} was not read as a number")
    return value


def _full(part: ChartPart, entry: Entry) -> int | None:
    """What a bar must reach, so as not to be low."""
    value = entry.value(part.full, part.form) if part.full else part.low
    return value if isinstance(value, int) else None


def _bar(part: ChartPart, label: Text, value: int, full: int | None) -> Bar:
    low = full is not None and value < full
    text = bar_text(part, value)
    if low and part.low_word and isinstance(text, Plain):
        text = filled(part.low_word, value=text)
    return Bar(label, float(value), text, Tone.WARNING if low else Tone.PLAIN)
