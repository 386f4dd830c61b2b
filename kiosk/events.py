"""Every event that the terminal may log, with the fields it may carry: nothing else can be written.

A field is a number or a short word of a fixed form. None of the forms fits a name, an ID number, a
telephone number or a payment code, so that not even a mistake writes one down. `python -m
kiosk.events` prints this catalogue as a page.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

REFUSED = "[refused]"
"""Stands in the log where a value did not have its field's form."""


class Level(StrEnum):
    """How much an event matters to whoever reads the log."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    def reaches(self, least: Level) -> bool:
        """Whether an event of this level is written where `least` is the least one written."""
        order = tuple(Level)
        return order.index(self) >= order.index(least)


@dataclass(frozen=True, slots=True)
class Number:
    """An integer or a float, of `unit`; booleans are numbers to Python, not here."""

    unit: str = ""

    @property
    def form(self) -> str:
        return f"number, {self.unit}" if self.unit else "number"

    def written(self, value: object) -> int | float | str:
        """`value` as it is written; TypeError where it is no number."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError("a number")
        return value


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    form: str = "true or false"

    def written(self, value: object) -> bool:
        """`value` as it is written; TypeError where it is no bool."""
        if not isinstance(value, bool):
            raise TypeError("a bool")
        return value


@dataclass(frozen=True, slots=True)
class Word:
    """A short word that matches `pattern` as a whole."""

    form: str
    pattern: re.Pattern[str]

    def written(self, value: object) -> str:
        """`value`, or REFUSED where it does not fit; TypeError where it is no text."""
        if not isinstance(value, str):
            raise TypeError("a text")
        return str(value) if self.pattern.fullmatch(value) else REFUSED


Field = Number | Flag | Word

CODE = Word("stable code", re.compile(r"(?=.{1,64}$)[a-z][a-z0-9]*([._-][a-z0-9]+)*"))
VISIT = Word("visit, 16 hex digits", re.compile(r"[0-9a-f]{16}"))
TRACE = Word("W3C trace id, 32 hex digits", re.compile(r"[0-9a-f]{32}"))
ORDER = Word("order number", re.compile(r"(?=.*[A-WYZa-wyz-])[A-Za-z0-9][A-Za-z0-9-]{5,63}"))
ERROR = Word("exception's class", re.compile(r"[A-Z][A-Za-z0-9]{2,63}"))
PLACE = Word("module:line", re.compile(r"[a-z_][a-z0-9_./]{0,99}:\d{1,5}"))
VERSION = Word("version", re.compile(r"\d{1,4}(\.\d{1,4}){1,3}[a-z0-9.+-]{0,20}"))
NAME = Word("name in the configuration", CODE.pattern)
SECONDS = Number("seconds")
COUNT = Number()
BYTES = Number("bytes")


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of event: how much it matters, what it means, which fields it may carry."""

    level: Level
    means: str
    fields: Mapping[str, Field]


def _event(level: Level, means: str, /, **fields: Field) -> Event:
    return Event(level, means, MappingProxyType(fields))


DEBUG, INFO, WARNING, ERROR_LEVEL = Level.DEBUG, Level.INFO, Level.WARNING, Level.ERROR

EVENTS: Mapping[str, Event] = MappingProxyType(
    {
        # the terminal
        "terminal.started": _event(INFO, "The program began.", version=VERSION, mode=CODE),
        "terminal.first_frame": _event(INFO, "The first picture stands.", seconds=SECONDS),
        "terminal.ready": _event(INFO, "Citizens can be served.", seconds=SECONDS, items=COUNT),
        "terminal.refused": _event(ERROR_LEVEL, "The terminal did not start.", code=CODE),
        "terminal.stopped": _event(INFO, "The program ended in order.", reason=CODE),
        "terminal.bug": _event(
            ERROR_LEVEL, "Something that cannot happen did.", error=ERROR, where=PLACE, during=CODE
        ),
        "config.wrong": _event(ERROR_LEVEL, "The configuration has problems.", problems=COUNT),
        "simulation.started": _event(INFO, "A stand-in runs.", name=NAME, seconds=SECONDS),
        "simulation.failed": _event(ERROR_LEVEL, "A stand-in did not start.", name=NAME, code=CODE),
        "simulation.ended": _event(WARNING, "A stand-in ended.", name=NAME, status=COUNT),
        "item.switched": _event(INFO, "The operator's switch was set.", item=NAME, state=CODE),
        "switches.unreadable": _event(
            WARNING, "The file of switches cannot be read; nothing is closed.", code=CODE
        ),
        "search.unread": _event(
            WARNING, "Items are found without pinyin: it could not be read.", texts=COUNT
        ),
        "pinyin.failed": _event(WARNING, "The process that makes hanzi was ended.", failures=COUNT),
        "pinyin.gone": _event(WARNING, "A visit goes on with letters: no hanzi.", failures=COUNT),
        # visits
        "item.started": _event(INFO, "A citizen began an item.", item=NAME, visit=VISIT),
        "item.ended": _event(
            INFO, "An item ended.", item=NAME, visit=VISIT, outcome=CODE, seconds=SECONDS
        ),
        "proof.granted": _event(INFO, "A second proof of identity was given.", way=CODE),
        "proof.refused": _event(INFO, "A second proof was not accepted.", way=CODE, code=CODE),
        "assistance.state": _event(INFO, "Where a call for staff stands.", state=CODE),
        "assistance.unreached": _event(WARNING, "Staff could not be called.", code=CODE),
        "rating.lost": _event(WARNING, "The hall refused a rating.", item=NAME, code=CODE),
        "rating.waits": _event(WARNING, "Ratings wait until the hall can be reached.", code=CODE),
        "rating.task": _event(
            WARNING, "A bad rating is the operator's open task.", item=NAME, task=ORDER, level=CODE
        ),
        "complaint.taken": _event(
            WARNING,
            "A complaint or suggestion is the operator's open task.",
            task=ORDER,
            about=CODE,
        ),
        # devices
        "device.lost": _event(WARNING, "A device went away.", device=NAME, code=CODE, act=CODE),
        "device.back": _event(INFO, "A device is back.", device=NAME, seconds=SECONDS),
        "device.fault": _event(WARNING, "A device has a fault.", device=NAME, code=CODE, act=CODE),
        "device.cleared": _event(INFO, "A device's fault is gone.", device=NAME, code=CODE),
        "device.tested": _event(INFO, "A technician tested a device.", device=NAME, outcome=CODE),
        "slip.printed": _event(
            INFO, "A slip was printed.", slip=CODE, proven=Flag(), bytes=BYTES, seconds=SECONDS
        ),
        "slip.failed": _event(WARNING, "A slip was not printed.", slip=CODE, code=CODE),
        "pickup.left": _event(WARNING, "Invoices on paper were not taken.", code=CODE),
        "document.refused": _event(WARNING, "A document is not what was announced.", code=CODE),
        "document.unreadable": _event(
            WARNING, "What a document holds broke its reader.", error=ERROR
        ),
        "seal.unreadable": _event(WARNING, "A document's seal broke its reader.", error=ERROR),
        "seal.root_unusable": _event(ERROR_LEVEL, "A trusted root cannot be used.", code=CODE),
        "document.failed": _event(WARNING, "A document was not printed.", code=CODE),
        "documents.taken_back": _event(INFO, "A visit left documents in the queue.", jobs=COUNT),
        "documents.left": _event(WARNING, "A visit's documents may be in the queue.", code=CODE),
        # departments
        "backend.called": _event(
            DEBUG,
            "A department answered.",
            department=NAME,
            operation=CODE,
            status=COUNT,
            tries=COUNT,
            seconds=SECONDS,
            trace=TRACE,
        ),
        "backend.failed": _event(
            WARNING,
            "A call to a department failed.",
            department=NAME,
            operation=CODE,
            cause=CODE,
            code=CODE,
            status=COUNT,
            tries=COUNT,
            seconds=SECONDS,
            trace=TRACE,
        ),
        "backend.unreachable": _event(
            WARNING, "A department went away.", department=NAME, code=CODE
        ),
        "backend.back": _event(INFO, "A department is back.", department=NAME, seconds=SECONDS),
        # payments and the journal
        "payment.state": _event(
            INFO,
            "A payment changed.",
            order=ORDER,
            attempt=COUNT,
            state=CODE,
            reason=CODE,
            channel=CODE,
        ),
        "payment.resumed": _event(WARNING, "A payment goes on.", order=ORDER, state=CODE),
        "payment.refused": _event(WARNING, "The desk took no payment.", code=CODE, item=NAME),
        "journal.broken": _event(ERROR_LEVEL, "The journal cannot be written.", code=CODE),
        "journal.refused": _event(ERROR_LEVEL, "No payment can be taken: the journal.", code=CODE),
        "journal.accepted": _event(INFO, "Payments can be taken again.", code=CODE),
        "journal.unreadable": _event(ERROR_LEVEL, "Not all orders can be read.", read=COUNT),
        "journal.kept": _event(INFO, "The nightly copy was made and verified.", entries=COUNT),
        "journal.not_kept": _event(ERROR_LEVEL, "There is no nightly copy.", code=CODE),
        "journal.removed": _event(
            INFO, "Old entries were removed.", entries=COUNT, orders=COUNT, days=COUNT
        ),
        "health.broken": _event(ERROR_LEVEL, "The health history cannot be written.", code=CODE),
        # the technician
        "maintenance.entered": _event(INFO, "A technician opened the device page."),
        "maintenance.left": _event(INFO, "The technician left."),
        "maintenance.pin_wrong": _event(WARNING, "A wrong PIN was typed."),
        # the log itself
        "log.lost": _event(ERROR_LEVEL, "Events before this one were lost.", events=COUNT),
    }
)


def as_markdown() -> str:
    """The catalogue as a page for operators."""
    lines = ["# Events", "", "| event | level | meaning | fields |", "|---|---|---|---|"]
    for name, event in sorted(EVENTS.items()):
        fields = ", ".join(f"`{key}` ({field.form})" for key, field in event.fields.items())
        lines.append(f"| `{name}` | {event.level} | {event.means} | {fields} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
