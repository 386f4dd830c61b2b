"""Internet Printing Protocol messages: bytes in, attributes out, and back. Pure.

Encoding after RFC 8010 section 3, operations and states after RFC 8011. Nothing here opens a socket;
devices/printer/ipp_queue.py carries the messages to a printer, the simulator answers them.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

VERSION: Final = (2, 0)

DEEPEST_COLLECTION = 8
"""media-col-database nests three deep; a message that goes deeper is not a printer's."""


class Operation(IntEnum):
    """RFC 8011 section 5.4.15, operations-supported."""

    PRINT_JOB = 0x0002
    VALIDATE_JOB = 0x0004
    CREATE_JOB = 0x0005
    SEND_DOCUMENT = 0x0006
    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    GET_JOBS = 0x000A
    GET_PRINTER_ATTRIBUTES = 0x000B


class Status(IntEnum):
    """RFC 8011 appendix B; below 0x0100 a request succeeded."""

    OK = 0x0000
    OK_IGNORED = 0x0001
    BAD_REQUEST = 0x0400
    NOT_POSSIBLE = 0x0404
    NOT_FOUND = 0x0406
    FORMAT_NOT_SUPPORTED = 0x040A
    ATTRIBUTES_NOT_SUPPORTED = 0x040B
    OPERATION_NOT_SUPPORTED = 0x0501
    SERVICE_UNAVAILABLE = 0x0502
    VERSION_NOT_SUPPORTED = 0x0503
    NOT_ACCEPTING_JOBS = 0x0506
    BUSY = 0x0507


class GroupTag(IntEnum):
    """RFC 8010 section 3.5.1: what a group of attributes is about."""

    OPERATION = 0x01
    JOB = 0x02
    END = 0x03
    PRINTER = 0x04
    UNSUPPORTED = 0x05


class Tag(IntEnum):
    """RFC 8010 section 3.5.2: what a value is."""

    UNSUPPORTED = 0x10
    UNKNOWN = 0x12
    NO_VALUE = 0x13
    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    OCTETS = 0x30
    DATE_TIME = 0x31
    RESOLUTION = 0x32
    RANGE = 0x33
    COLLECTION = 0x34
    TEXT_WITH_LANGUAGE = 0x35
    NAME_WITH_LANGUAGE = 0x36
    END_COLLECTION = 0x37
    TEXT = 0x41
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    URI_SCHEME = 0x46
    CHARSET = 0x47
    LANGUAGE = 0x48
    MIME = 0x49
    MEMBER_NAME = 0x4A


_FIRST_VALUE_TAG = 0x10
_LAST_OUT_OF_BAND = 0x1F
_FIRST_STRING, _LAST_STRING = 0x40, 0x5F
_NUMBERS = (Tag.INTEGER, Tag.ENUM)
_LAYOUTS: Mapping[int, str] = {Tag.RANGE: ">ii", Tag.RESOLUTION: ">iib"}
_WITHOUT_LANGUAGE: Mapping[int, int] = {
    Tag.TEXT_WITH_LANGUAGE: Tag.TEXT,
    Tag.NAME_WITH_LANGUAGE: Tag.NAME,
}


class PrinterState(IntEnum):
    """RFC 8011 section 5.4.11."""

    IDLE = 3
    PROCESSING = 4
    STOPPED = 5


class JobState(IntEnum):
    """RFC 8011 section 5.3.7."""

    PENDING = 3
    HELD = 4
    PROCESSING = 5
    STOPPED = 6
    CANCELED = 7
    ABORTED = 8
    COMPLETED = 9


class IppError(ValueError):
    """Bytes that are no IPP message."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: values are int, bool, str, bytes, tuples of int (range, resolution), mappings of
    name to Attribute (collection), or None (out of band). `tag` is that of the first value."""

    name: str
    tag: int
    values: tuple[Any, ...]


Attributes = Mapping[str, Attribute]


@dataclass(frozen=True, slots=True)
class Message:
    """A request (`code` is an Operation) or an answer (`code` is a Status)."""

    code: int
    request_id: int
    groups: tuple[tuple[int, Attributes], ...]
    version: tuple[int, int] = VERSION

    def group(self, tag: GroupTag) -> Attributes:
        """The first group of that kind; an empty one where there is none."""
        return next((found for kind, found in self.groups if kind == tag), {})

    def all_of(self, tag: GroupTag) -> list[Attributes]:
        """Every group of that kind, in order: one a job in the answer to Get-Jobs."""
        return [found for kind, found in self.groups if kind == tag]


def attribute(name: str, tag: Tag, *values: Any) -> Attribute:
    """An attribute with these values."""
    return Attribute(name, tag, values)


def group(*attributes: Attribute) -> Attributes:
    """Attributes by their name, in order."""
    return {each.name: each for each in attributes}


def first(attributes: Attributes, name: str) -> Any:
    """The first value of an attribute; None where it is missing or has none."""
    found = attributes.get(name)
    return found.values[0] if found is not None and found.values else None


def every(attributes: Attributes, name: str) -> tuple[Any, ...]:
    """All values of an attribute; none where it is missing."""
    found = attributes.get(name)
    return found.values if found is not None else ()


# --- encoding ------------------------------------------------------------------------------------


def encode(message: Message) -> bytes:
    """The message as bytes; a document's data follow it on the wire."""
    out = bytearray(struct.pack(">BBHI", *message.version, message.code, message.request_id))
    for tag, attributes in message.groups:
        out.append(tag)
        for each in attributes.values():
            _put(out, each)
    out.append(GroupTag.END)
    return bytes(out)


def _put(out: bytearray, given: Attribute) -> None:
    name = given.name
    for value in given.values:
        _put_one(out, given.tag, name, value)
        name = ""


def _put_one(out: bytearray, tag: int, name: str, value: Any) -> None:
    if tag == Tag.COLLECTION:
        _put_raw(out, tag, name, b"")
        for member in value.values():
            _put_raw(out, Tag.MEMBER_NAME, "", member.name.encode())
            _put(out, Attribute("", member.tag, member.values))
        _put_raw(out, Tag.END_COLLECTION, "", b"")
    else:
        _put_raw(out, tag, name, _bytes_of(tag, value))


def _put_raw(out: bytearray, tag: int, name: str, value: bytes) -> None:
    named = name.encode()
    out += struct.pack(">BH", tag, len(named)) + named + struct.pack(">H", len(value)) + value


def _bytes_of(tag: int, value: Any) -> bytes:
    if tag <= _LAST_OUT_OF_BAND:
        return b""
    if tag in _NUMBERS:
        return struct.pack(">i", value)
    if tag == Tag.BOOLEAN:
        return bytes([bool(value)])
    if tag == Tag.RANGE:
        return struct.pack(">ii", *value)
    if tag == Tag.RESOLUTION:
        return struct.pack(">iib", *value)
    return value if isinstance(value, bytes) else str(value).encode()


# --- decoding ------------------------------------------------------------------------------------


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        part = self.data[self.at : self.at + count]
        if len(part) < count:
            raise IppError("the message breaks off")
        self.at += count
        return part

    def number(self, layout: str) -> int:
        return int(struct.unpack(layout, self.take(struct.calcsize(layout)))[0])

    def entry(self, tag: int) -> tuple[int, str, bytes]:
        """One value after its tag: its tag, its name, its bytes."""
        name = self.take(self.number(">H"))
        return tag, name.decode("utf-8", "replace"), self.take(self.number(">H"))


def decode(data: bytes) -> tuple[Message, bytes]:
    """The message at the beginning of `data`, and what follows it. Raises IppError."""
    reader = _Reader(data)
    major, minor = reader.take(2)
    code, request_id = reader.number(">H"), reader.number(">I")
    groups: list[tuple[int, dict[str, Attribute]]] = []
    last: Attribute | None = None
    while (tag := reader.take(1)[0]) != GroupTag.END:
        if tag < _FIRST_VALUE_TAG:
            groups.append((tag, {}))
            last = None
            continue
        if not groups:
            raise IppError("a value before any group")
        kind, name, raw = reader.entry(tag)
        last = _extended(last, name, kind, _value(reader, kind, raw, 0))
        groups[-1][1][last.name] = last
    return Message(code, request_id, tuple(groups), (major, minor)), data[reader.at :]


def _extended(last: Attribute | None, name: str, tag: int, value: Any) -> Attribute:
    """A new attribute, or the last one with another value."""
    if name:
        return Attribute(name, _plain(tag), (value,))
    if last is None:
        raise IppError("a value of no attribute")
    return Attribute(last.name, last.tag, (*last.values, value))


def _plain(tag: int) -> int:
    """Text and names that carry their language are read without it."""
    return _WITHOUT_LANGUAGE.get(tag, tag)


def _value(reader: _Reader, tag: int, raw: bytes, depth: int) -> Any:
    if tag <= _LAST_OUT_OF_BAND:
        return None
    if tag == Tag.COLLECTION:
        return _collection(reader, depth + 1)
    if tag in _WITHOUT_LANGUAGE:
        inner = _Reader(raw)
        inner.take(inner.number(">H"))
        return inner.take(inner.number(">H")).decode("utf-8", "replace")
    if _FIRST_STRING <= tag <= _LAST_STRING:
        return raw.decode("utf-8", "replace")
    layout = _LAYOUTS.get(tag)
    if tag in _NUMBERS or layout is not None:
        try:
            numbers = struct.unpack(layout or ">i", raw)
        except struct.error as error:
            raise IppError(f"{len(raw)} bytes for a number of tag {tag:#x}") from error
        return numbers if layout else numbers[0]
    if tag == Tag.BOOLEAN:
        return raw != b"\x00"
    return raw


def _collection(reader: _Reader, depth: int) -> dict[str, Attribute]:
    if depth > DEEPEST_COLLECTION:
        raise IppError("collections within collections")
    members: dict[str, Attribute] = {}
    last: Attribute | None = None
    pending = ""
    while True:
        tag, _, raw = reader.entry(reader.take(1)[0])
        if tag == Tag.END_COLLECTION:
            return members
        if tag == Tag.MEMBER_NAME:
            pending, last = raw.decode("utf-8", "replace"), None
            continue
        last = _extended(last, pending, tag, _value(reader, tag, raw, depth))
        pending = ""
        members[last.name] = last
