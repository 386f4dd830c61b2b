"""Every codec, with what it may raise and frames to begin from. A new codec is a line here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from devices.chipcard import apdu, atr
from devices.chipcard.social import SOCIAL_SECURITY, record_of
from devices.chipcard.social import Undecodable as NoRecord
from devices.idcard import layout, sam
from devices.printer import ipp, status_bytes
from devices.scanner import gm65, hid_pos, keys, newland
from devices.scanner.codes import read_code
from devices.simulators.cards import CARDS
from devices.simulators.ipp_http import BadHttp, HttpReader
from devices.simulators.printer_commands import CommandReader, RealTimeReader
from devices.ups import NutError, facts_of, variables

CARD = next(iter(CARDS.values()))


@dataclass(frozen=True)
class Codec:
    """`run` takes what came, in its portions, and gives what was read of it; it may raise `raises` and
    nothing else. `samples` are whole frames. A `stream` reads the same however it is cut."""

    name: str
    run: Callable[[Sequence[bytes]], object]
    samples: tuple[bytes, ...]
    raises: tuple[type[Exception], ...] = ()
    stream: bool = False


def fed(make: Callable[[], object]) -> Callable[[Sequence[bytes]], object]:
    """A codec that takes bytes by `feed`."""

    def run(portions: Sequence[bytes]) -> object:
        reader = make()
        return [unit for portion in portions for unit in reader.feed(portion)]  # type: ignore[attr-defined]

    return run


def whole(decode: Callable[[bytes], object]) -> Callable[[Sequence[bytes]], object]:
    """A codec that takes one whole piece."""
    return lambda portions: decode(b"".join(portions))


def _commands(portions: Sequence[bytes]) -> object:
    reader = CommandReader()
    found = []
    for portion in portions:
        reader.feed(portion)
        while (command := reader.next()) is not None:
            found.append(command)
    return found


def _http(portions: Sequence[bytes]) -> object:
    reader = HttpReader(lambda data: None)
    return [request for portion in portions for request in reader.feed(portion)]


def _ups(data: bytes) -> object:
    told = variables(data.decode("utf-8", "replace"), "ups")
    return None if told is None else facts_of(told).named


SAM_FRAMES = (
    sam.reply(0x9F, bytes(4)),
    sam.reply(0x90, b"\x01\x00\x04\x00" + layout.encode(CARD) + bytes(1024)),
    sam.reply(0x41),
)

GM65_FRAMES = (
    gm65.ACK.encode(),
    bytes.fromhex("03 00 00 01 00 33 31"),
    b"HT-2026-000123\r",
    gm65.HEARTBEAT.encode(),
)

PRINTER_REPLIES = (
    b"\x12", b"\x16", b"\x32", b"\x72", b"\x14\x00\x00\x0f", b"\x37\x22ABCD\x00", b"\x37\x25\x00",
    b"\x5fTM-T20II\x00", b"\x13\x11",
)  # fmt: skip

IPP_MESSAGE = ipp.encode(
    ipp.Message(
        0x000B,
        1,
        (
            (
                ipp.GroupTag.OPERATION,
                ipp.group(
                    ipp.attribute("attributes-charset", ipp.Tag.CHARSET, "utf-8"),
                    ipp.attribute("printer-state", ipp.Tag.ENUM, 3, 4),
                ),
            ),
        ),
    )
)

CODECS: tuple[Codec, ...] = (
    Codec("sam frames", fed(sam.FrameReader), SAM_FRAMES, stream=True),
    Codec(
        "id card text",
        whole(layout.decode),
        tuple(layout.encode(card) for card in CARDS.values()),
        (layout.Undecodable,),
    ),
    Codec(
        "id card answer",
        whole(layout.text_of),
        (b"\x01\x00\x04\x00" + layout.encode(CARD) + bytes(1024),),
        (layout.Undecodable,),
    ),
    Codec("gm65", fed(gm65.Stream), GM65_FRAMES, stream=True),
    Codec(
        "plain scanner", fed(lambda: gm65.Stream(answers=False)), (b"6901234567892\r",), stream=True
    ),
    Codec(
        "newland",
        fed(newland.Stream),
        (newland.answer("SCNENA1", 0x06), b"6901234567892\r"),
        stream=True,
    ),
    Codec("hid reports", fed(hid_pos.Reports), tuple(hid_pos.reports(b"HT-2026-000123"))),
    Codec("keyboard events", fed(keys.Keys), (keys.typed(b"HT-2026\r"),)),
    Codec(
        "scanned code",
        whole(read_code),
        (
            b"134567890123456789",
            b"01,10,044031900111,12345678,12.50,20260101,12345678901234567890,A1B2,",
            b"https://example.invalid/x",
            "乳山市".encode(),
        ),
    ),
    Codec("printer replies", fed(status_bytes.ReplyReader), PRINTER_REPLIES, stream=True),
    Codec(
        "printer commands",
        _commands,
        (b"\x1b@\x1bE\x01abc\n\x1dV\x42\x00", b"\x1d(k\x03\x001C\x06"),
    ),
    Codec("printer real time", fed(RealTimeReader), (b"\x10\x04\x01", b"\x10\x05\x02")),
    Codec("ipp", whole(ipp.decode), (IPP_MESSAGE,), (ipp.IppError,)),
    Codec(
        "ipp over http",
        _http,
        (b"POST /ipp/print HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",),
        (BadHttp,),
    ),
    Codec(
        "nut",
        whole(_ups),
        (
            b'BEGIN LIST VAR ups\nVAR ups ups.status "OL CHRG"\nVAR ups battery.charge "98"\n'
            b"END LIST VAR ups\n",
            b"ERR DATA-STALE\n",
        ),
        (NutError, ValueError),
    ),
    Codec(
        "atr", whole(atr.parse), (bytes.fromhex("3B6500002063CB6800"), b"\x3b\x00"), (atr.BadAtr,)
    ),
    Codec("apdu answer", whole(apdu.answer), (b"\x90\x00", b"abc\x61\x10", b"\x6c\x08")),
    Codec(
        "social card record",
        whole(lambda data: record_of(data, SOCIAL_SECURITY)),
        (b"\x08\x12370000000000000000", b"\x01\x03abc"),
        (NoRecord,),
    ),
)
