"""Takes blur out of a picture by Wiener's filter, where its shape is guessed: a disc, a bell or a smear.

The filter divides the picture's spectrum by the blur's, held back where the blur let nothing through
but noise (Gonzalez and Woods, Digital Image Processing, 5.8).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from devices.scanner.picture import Picture

    Kernel = NDArray[np.float32]

EDGE_PIXELS = 32
"""The picture is mirrored so far beyond its edges, lest they ring into it."""

FINE = 16
"""A smear's kernel is drawn in so many parts of a pixel."""


class Blurred:
    """A picture whose spectrum is known, to be sharpened under one guess after another."""

    def __init__(self, picture: Picture) -> None:
        import cv2
        import numpy as np

        self.height, self.width = picture.shape
        rows = cv2.getOptimalDFTSize(self.height + 2 * EDGE_PIXELS) - self.height - EDGE_PIXELS
        columns = cv2.getOptimalDFTSize(self.width + 2 * EDGE_PIXELS) - self.width - EDGE_PIXELS
        mirrored = cv2.copyMakeBorder(
            picture, EDGE_PIXELS, rows, EDGE_PIXELS, columns, cv2.BORDER_REFLECT
        )
        self._shape = mirrored.shape
        self._spectrum: Any = np.fft.rfft2(mirrored.astype(np.float32))

    def sharpened(self, kernel: Kernel, noise: float) -> Picture:
        """The picture without the blur `kernel`; `noise` is the ratio of noise to signal power."""
        import numpy as np

        padded = np.zeros(self._shape, np.float32)
        rows, columns = kernel.shape
        padded[:rows, :columns] = kernel
        blur = np.fft.rfft2(np.roll(padded, (-(rows // 2), -(columns // 2)), (0, 1)))
        inverse = np.conj(blur) / (np.abs(blur) ** 2 + noise)
        whole = np.fft.irfft2(self._spectrum * inverse, s=self._shape)
        part = whole[
            EDGE_PIXELS : EDGE_PIXELS + self.height, EDGE_PIXELS : EDGE_PIXELS + self.width
        ]
        dark, light = np.percentile(part[::4, ::4], (2, 98))
        spread = 255 / max(float(light - dark), 1.0)
        return np.asarray(np.clip((part - dark) * spread, 0, 255), np.uint8)


def disc(radius: float) -> Kernel:
    """The blur of a lens out of focus, `radius` in pixels."""
    import numpy as np

    reach = math.ceil(radius)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    kernel = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)
    return np.asarray(kernel / kernel.sum(), np.float32)


def bell(sigma: float) -> Kernel:
    """The blur of glass and of a lens a little out of focus, its standard deviation in pixels."""
    import cv2
    import numpy as np

    line = cv2.getGaussianKernel(2 * math.ceil(3 * sigma) + 1, sigma)
    return np.asarray(line @ line.T, np.float32)


def smear(length: float, angle: float) -> Kernel:
    """The blur of a straight movement over `length` pixels at `angle` radians."""
    import cv2
    import numpy as np

    reach = math.ceil(length / 2) + 1
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    x, y = math.cos(angle) * length / 2 * FINE, math.sin(angle) * length / 2 * FINE
    middle = reach * FINE
    ends = ((int(middle - x), int(middle - y)), (int(middle + x), int(middle + y)))
    cv2.line(kernel, *ends, 1.0, 1, cv2.LINE_AA, int(math.log2(FINE)))
    return np.asarray(kernel / kernel.sum(), np.float32)


def movement(picture: Picture) -> tuple[float, float]:
    """How a picture may have been smeared: the angle in radians, and 0 (not at all) to 1 (wholly).

    Along a smear the slopes are weaker than across it: the axes of the structure tensor.
    """
    import cv2
    import numpy as np

    calm = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 1.5)
    across, down = cv2.Sobel(calm, cv2.CV_32F, 1, 0), cv2.Sobel(calm, cv2.CV_32F, 0, 1)
    tensor = np.array(
        [[(across * across).mean(), (across * down).mean()], [0.0, (down * down).mean()]]
    )
    tensor[1, 0] = tensor[0, 1]
    strengths, axes = np.linalg.eigh(tensor)
    angle = math.atan2(float(axes[1, 0]), float(axes[0, 0]))
    return angle, 1.0 - float(strengths[0] / max(strengths[1], 1e-9))
