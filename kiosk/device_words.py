"""What is known of a device, in a technician's words: its facts, its counts, and what to do for it."""

from __future__ import annotations

from functools import reduce

from devices.faults import FAULTS
from devices.status import Fault, Health
from kiosk.texts import Msg, Plain, Text, msg

FACTS = frozenset(
    [
        "battery",
        "baud",
        "card",
        "charge_percent",
        "charging",
        "colour",
        "columns",
        "cover",
        "cutter",
        "drum",
        "duplex",
        "head",
        "light",
        "load_percent",
        "max_rf",
        "model",
        "offline_cause",
        "output",
        "paper",
        "payments",
        "power",
        "presenter",
        "protocols",
        "queue",
        "reader",
        "reasons",
        "runtime_s",
        "sam",
        "sam_id",
        "toner",
        "voice",
        "volume",
        "waste",
    ]
)
"""Facts that have a name in words; others show their own."""

VALUES = frozenset(
    [
        "almost_full",
        "battery",
        "bypass",
        "closed",
        "empty",
        "fault",
        "free",
        "full",
        "hot",
        "holds_slip",
        "inoperative",
        "jammed",
        "low",
        "mains",
        "no",
        "none",
        "not_present",
        "off",
        "ok",
        "on",
        "open",
        "out",
        "present",
        "reachable",
        "refused",
        "replace",
        "taken",
        "unknown",
        "unreachable",
        "yes",
    ]
)
"""Values that have a name in words; others (numbers, names of models) show as they are."""

OWN_VALUES = frozenset({("paper", "full"), ("card", "present"), ("card", "not_present")})
"""Values that mean something of their own to one fact."""

COUNTS = frozenset(
    [
        "asked",
        "asked_again",
        "close_failed",
        "damaged_frames",
        "documents",
        "exposed",
        "failed_reads",
        "failures",
        "hung",
        "lost",
        "missed",
        "not_at_rest",
        "opened",
        "pictures",
        "played",
        "purge_failures",
        "reads",
        "refused",
        "reopened",
        "resets",
        "set_up_again",
        "slips",
        "stale",
        "taken_back",
        "unanswered",
        "unreadable_new_addresses",
    ]
)
"""What devices count; other counts show their own name."""

LIGHT, COMPARTMENT, CONTENT = "light_", "compartment_", "_content"


def known_of(health: Health) -> Text:
    """All facts, then all counts, in one line; an empty one where nothing is known."""
    parts: list[Msg] = [_fact(name, value) for name, value in health.facts.items()]
    parts += [_count(name, count) for name, count in health.counters.items()]
    if not parts:
        return Plain("")
    return reduce(lambda one, other: msg("fact.and", one=one, other=other), parts)


def act_of(fault: Fault) -> Msg:
    """What is wrong and what to do, then who does it; the second alone for a code of another package."""
    who = msg(f"act.{fault.act.value}", code=fault.code)
    if fault.code not in FAULTS:
        return who
    return msg("act.told", fault=msg(f"fault.{fault.code}"), who=who)


def _fact(name: str, value: str) -> Msg:
    told: Text = Plain(value)
    if (name, value) in OWN_VALUES:
        told = msg(f"fact.{name}.{value}")
    elif value in VALUES:
        told = msg(f"fact.value.{value}")
    return msg("fact", name=_name(name), value=told)


def _name(name: str) -> Text:
    if name in FACTS:
        return msg(f"fact.{name}")
    if name.startswith(LIGHT):
        return msg("fact.of_light", name=Plain(name.removeprefix(LIGHT)))
    if name.startswith(COMPARTMENT) and name.endswith(CONTENT):
        number = name.removeprefix(COMPARTMENT).removesuffix(CONTENT)
        return msg("fact.of_content", name=Plain(number))
    if name.startswith(COMPARTMENT):
        return msg("fact.of_compartment", name=Plain(name.removeprefix(COMPARTMENT)))
    return Plain(name)


def _count(name: str, count: int) -> Msg:
    called: Text = msg(f"count.{name}") if name in COUNTS else Plain(name)
    return msg("fact", name=called, value=count)
