"""Pictures from files as grey levels; what is no picture, is cut short or too large is told by name."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from devices.faults import fault
from devices.status import Failed, Ok, Outcome, Result

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    Picture = NDArray[np.uint8]

FILE_BYTES_MOST = 64 * 1024 * 1024
"""More than any camera's JPEG; a file that never ends is not read to its end."""

PIXELS_MOST = 64_000_000
"""More than any camera of a terminal; a small file may claim to unpack into gigabytes."""

SIDE_LEAST = 11
"""The side of the smallest code there is, Micro QR M1 (ISO/IEC 18004)."""


def load(path: Path) -> Result[Picture]:
    """The picture in the file `path` as rows of grey levels, upright as its EXIF says.

    What is transparent counts as white paper. The failures are `picture.missing`,
    `picture.unreadable` and `picture.too_large`.
    """
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MOST + 1)
    except OSError as error:
        return _failed("picture.missing", error.strerror or "")
    if len(data) > FILE_BYTES_MOST:
        return _failed("picture.too_large", f"more than {FILE_BYTES_MOST} bytes")
    return unpack(data)


def unpack(data: bytes) -> Result[Picture]:
    """The picture in the bytes of a file, as `load` does."""
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data)) as image:
            width, height = image.size
            if width * height > PIXELS_MOST:
                return _failed("picture.too_large", f"{width}x{height}")
            if min(width, height) < SIDE_LEAST:
                return _failed("picture.unreadable", f"{width}x{height}")
            image.load()
            return Ok(_grey(image))
    except Image.DecompressionBombError:
        return _failed("picture.too_large", "")
    except UnidentifiedImageError:
        return _failed("picture.unreadable", "of no known form")
    except Exception as error:  # noqa: BLE001 - each form's reader raises classes of its own on damage
        return _failed("picture.unreadable", type(error).__name__)


def _grey(image: Image.Image) -> Picture:
    import numpy as np
    from PIL import Image, ImageOps

    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I") or upright.mode == "F":
        levels = np.asarray(upright, np.float32)
        low, high = float(levels.min()), float(levels.max())
        return ((levels - low) * (255.0 / max(high - low, 1.0))).astype(np.uint8)
    if upright.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in upright.info:
        paper = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(paper, upright.convert("RGBA"))
    return np.array(upright.convert("L"), np.uint8)


def _failed(code: str, detail: str) -> Failed:
    return Failed(Outcome.INVALID_DATA, fault(code, detail))
