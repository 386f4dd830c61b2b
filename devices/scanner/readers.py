"""The two libraries that read codes from grey levels, zxing-cpp and zbar, behind one form of answer."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from devices.scanner.picture import Picture

Corner = tuple[float, float]
"""A point of a picture: pixels from the left and from the top."""

Corners = tuple[Corner, Corner, Corner, Corner]
"""A code's corners, clockwise from its own top left."""


class Kinds(Enum):
    """Sets of symbologies by what it costs to look for them and how well they guard against errors."""

    QR = ("QRCodeModel2",)
    MATRIX = ("QRCodeModel2", "DataMatrix", "Aztec", "PDF417")
    """Those with Reed-Solomon codes, which repair damage and notice what they cannot repair."""
    CHECKED = ("Code128", "Code93", "EAN13", "EAN8", "UPCA", "UPCE")
    """Lines with a check character."""
    UNCHECKED = ("Code39", "ITF", "Codabar", "MicroQRCode", "RMQRCode")
    """Lines without one, and small squares with little to check: they are believed only in a picture as
    it is, and from a length on."""


UNCHECKED_LEAST = 6
"""Characters of a code with little to check that are not taken for a pattern on the wall."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a library made of a part of a picture.

    `payload` is UTF-8. `spare` is the share of the code's error correction that was not needed
    (ISO/IEC 15415, unused error correction), None where it is not known.
    """

    payload: bytes
    symbology: str
    corners: Corners
    spare: float | None

    def moved(self, move: Callable[[Corner], Corner]) -> Reading:
        """The same reading with its corners moved."""
        return replace(self, corners=_four(*(move(corner) for corner in self.corners)))


def zxing(picture: Picture, *kinds: Kinds, one_level: bool = False) -> list[Reading]:
    """What zxing-cpp reads; with `one_level` it tells ink from paper by one level for the whole."""
    import zxingcpp

    formats = [getattr(zxingcpp.BarcodeFormat, name) for kind in kinds for name in kind.value]
    binarizer = zxingcpp.Binarizer
    found = zxingcpp.read_barcodes(
        picture,
        formats=zxingcpp.BarcodeFormats(formats),
        text_mode=zxingcpp.TextMode.Plain,
        binarizer=binarizer.GlobalHistogram if one_level else binarizer.LocalAverage,
    )
    return [reading for barcode in found if (reading := _of_zxing(barcode)) is not None]


def _of_zxing(barcode: Any) -> Reading | None:
    name = barcode.format.name
    payload = _payload(barcode)
    if name in Kinds.UNCHECKED.value and len(payload) < UNCHECKED_LEAST:
        return None
    at = barcode.position
    around = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
    corners = _four(*((float(point.x), float(point.y)) for point in around))
    spare = (barcode.extra or {}).get("UEC")
    return Reading(payload, name, corners, None if spare is None else float(spare))


def _payload(barcode: Any) -> bytes:
    """The text in UTF-8: bytes that are UTF-8 or GB 2312 are that, whatever the library guessed."""
    raw = bytes(barcode.bytes)
    for encoding in ("utf-8", "gb2312"):
        try:
            return raw.decode(encoding).encode()
        except UnicodeDecodeError:
            continue
    return str(barcode.text).encode("utf-8", "replace")


def zbar(picture: Picture) -> list[Reading]:
    """What zbar reads of QR codes, Code 128 and EAN 13.

    It guesses how a text is encoded and is often wrong on Chinese: what holds anything but ASCII and
    hanzi is left out.
    """
    from pyzbar import pyzbar

    symbols = [pyzbar.ZBarSymbol.QRCODE, pyzbar.ZBarSymbol.CODE128, pyzbar.ZBarSymbol.EAN13]
    readings = []
    for found in pyzbar.decode(picture, symbols=symbols):
        payload = bytes(found.data)
        if _plain(payload):
            readings.append(Reading(payload, _OF_ZBAR[found.type], _around(found), None))
    return readings


_OF_ZBAR = {"QRCODE": "QRCode", "CODE128": "Code128", "EAN13": "EAN13"}


def _plain(payload: bytes) -> bool:
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return False
    return all(
        character.isascii()
        or "CJK" in (name := unicodedata.name(character, ""))
        or name.startswith("FULLWIDTH")
        for character in text
    )


def _around(found: Any) -> Corners:
    points = [(float(point.x), float(point.y)) for point in found.polygon]
    if len(points) == 4:
        return points[0], points[1], points[2], points[3]
    left, top, width, height = found.rect
    right, bottom = float(left + width), float(top + height)
    return (float(left), float(top)), (right, float(top)), (right, bottom), (float(left), bottom)


def _four(*corners: Corner) -> Corners:
    first, second, third, fourth = corners
    return first, second, third, fourth
