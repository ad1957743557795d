"""A photo of a handwritten digit as the digits data set has it: 8 x 8 numbers from 0 to 16.

    gray picture -> even light -> ink or paper -> the digit alone -> 32 x 32 bits -> counts in blocks of 4 x 4

The last two steps are those of the data set (Alpaydin and Kaynak, "Optical Recognition of Handwritten
Digits", UCI 1998, after the forms of NIST): a digit fills the height and lies in the middle across, and the
16 bits of each block are counted. Its pens were about WIDTH bits wide; thinner strokes are widened to that.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor

from mlcore.base.refusal import Refusal
from mlcore.files.picture import Picture

FLOATS = NDArray[np.float64]
BITS = NDArray[np.bool_]
SIDE, BLOCK, GRID = 8, 4, 32  # numbers along a side, bits along a block, bits along a side
FINE = 4  # places asked along a side of each bit
WIDTH = 5.5  # bits, of the strokes of the data set
LEAST = 12  # pixels along the longer side of a picture
CONTRAST = 0.08  # between ink and paper, of 1 from black to white
HALF = 0.5
MOST = 0.5  # share of a picture that ink may cover
SPECK = 0.1  # parts with less than this share of the largest part's ink are dust


class DigitError(Refusal):
    """A picture in which no digit is found."""

    SENTENCES: ClassVar[dict[str, str]] = {
        "small": "The picture has {width} × {height} pixels, too few for a digit: at least one side "
        "needs {least}. Choose a larger one.",
        "no_ink": "No digit stands out in the picture. Write it with a thick pen on plain paper and take the "
        "photo from near.",
    }


def digit(picture: Picture) -> Tensor:
    """[64] row by row, float64, 0 paper to 16 ink. Raises DigitError."""
    if max(picture.gray.shape) < LEAST:
        raise DigitError("small", width=picture.width, height=picture.height, least=LEAST)
    return counted(bits(alone(ink(picture.gray))))


def ink(gray: FLOATS) -> BITS:
    """Where a picture [H, W] has ink: what departs from the paper, darker or lighter, at least half as far as
    full ink does. Otsu's threshold tells which pixels are ink at all. Raises DigitError."""
    found = ndimage.gaussian_filter(gray, max(gray.shape) / 250, mode="nearest")
    found = found - paper(found)
    found = found * (-1 if (found**3).sum() < 0 else 1)  # ink is what little of the picture is far from paper
    level, apart = otsu(found)
    full = np.quantile(found[found > level], 0.9)
    dark: BITS = found > HALF * full
    if apart < CONTRAST or dark.mean() > MOST:
        raise DigitError("no_ink")
    return dark


def paper(gray: FLOATS) -> FLOATS:
    """[H, W] how bright the paper is where the light falls unevenly: a parabola of the place, fitted to all
    pixels and then again without those that are farthest off, which are ink."""
    y, x = (np.linspace(-1, 1, size) for size in gray.shape)
    across, down = np.meshgrid(x, y)
    terms = np.stack([across**i * down**j for i in range(3) for j in range(3 - i)], axis=-1)
    some = (slice(None, None, 4),) * 2  # are enough
    rows, values = terms[some].reshape(-1, 6), gray[some].ravel()
    kept = np.ones(len(values), bool)
    weights: NDArray[Any] = np.zeros(6)
    for _ in range(8):
        weights = np.linalg.lstsq(rows[kept], values[kept], rcond=None)[0]
        off = np.abs(values - rows @ weights)
        kept = off <= np.quantile(off, 0.7)
    found: FLOATS = terms @ weights
    return found


def otsu(values: FLOATS) -> tuple[float, float]:
    """The threshold that parts values into two groups with the least variance within them (Otsu 1979), and
    how far the means of the groups are apart."""
    ordered = np.sort(values, axis=None)
    count = np.arange(1, len(ordered))
    below = ordered.cumsum()[:-1]
    apart = (below[-1] + ordered[-1] - below) / (len(ordered) - count) - below / count
    best = int(np.argmax(count * (len(ordered) - count) * apart**2))
    return float(ordered[best : best + 2].mean()), float(apart[best])


def alone(dark: BITS) -> BITS:
    """The parts of the ink that are the digit: no dust, and nothing that runs off the picture, such as the
    edge of the paper, where something else is left. Raises DigitError."""
    parts, count = ndimage.label(dark, np.ones((3, 3)))
    if count == 0:
        raise DigitError("no_ink")
    sizes = ndimage.sum_labels(dark, parts, np.arange(1, count + 1))
    edge = np.unique(np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]]))
    inner = np.isin(np.arange(1, count + 1), edge, invert=True)
    if sizes[inner].max(initial=0) > SPECK * sizes.max():
        sizes = np.where(inner, sizes, 0)
    found: BITS = np.isin(parts, 1 + np.flatnonzero(sizes > SPECK * sizes.max()))
    return found


def bits(mark: BITS) -> BITS:
    """[GRID, GRID] the mark [H, W] as high as the grid, in its middle across; never wider than the grid."""
    mark = cropped(np.pad(mark, max(mark.shape) // 4))
    scale = GRID / max(mark.shape)  # bits a pixel
    missing = (WIDTH - 4 * scale * ndimage.distance_transform_edt(mark)[mark].mean()) / 2
    if missing > 0:
        room = int(np.ceil(missing / scale)) + 1
        mark = np.pad(mark, room)
        mark = cropped(ndimage.distance_transform_edt(~mark) <= missing / scale)
    height, width = mark.shape
    step = max(height, width) / (GRID * FINE)
    at = (np.arange(GRID * FINE) + 0.5) * step
    rows = np.floor(at - (max(height, width) - height) / 2).astype(int)
    columns = np.floor(at - (max(height, width) - width) / 2).astype(int)
    inside = ((rows >= 0) & (rows < height))[:, None] & ((columns >= 0) & (columns < width))
    fine = mark[np.clip(rows, 0, height - 1)][:, np.clip(columns, 0, width - 1)] & inside
    return blocks(fine, FINE) >= FINE**2 / 2


def cropped(mark: BITS) -> BITS:
    """Without the empty rows and columns around it."""
    rows, columns = (np.flatnonzero(mark.any(axis)) for axis in (1, 0))
    return mark[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def counted(grid: BITS) -> Tensor:
    """Bits [GRID, GRID] -> counts [64]."""
    return torch.from_numpy(blocks(grid, BLOCK).astype(np.float64).ravel())


def blocks(grid: BITS, side: int) -> NDArray[Any]:
    """How many are set in each block of side x side."""
    high, wide = (size // side for size in grid.shape)
    found: NDArray[Any] = grid.reshape(high, side, wide, side).sum((1, 3))
    return found
