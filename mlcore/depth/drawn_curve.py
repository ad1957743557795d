"""A curve drawn by hand as a function on [0, 1].

From its leftmost to its rightmost point the drawing is stretched over the interval. Between two points runs a
cubic of Fritsch and Carlson (1980), as scipy's PchipInterpolator makes it: the slope is continuous, and no
wave appears that nobody drew. Of points with the same x the mean counts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from scipy.interpolate import PchipInterpolator
from torch import Tensor

from mlcore.base.points import Point

LEAST = 2  # points of different x


class DrawnCurve:
    """f of x [..., 1] -> [...]. Raises ValueError where there are too few points."""

    def __init__(self, drawn: Sequence[Point]) -> None:
        x, place = np.unique([x for x, _, _ in drawn], return_inverse=True)
        if len(x) < LEAST:
            raise ValueError(f"A curve needs {LEAST} points of different x.")
        y = np.bincount(place, [y for _, y, _ in drawn]) / np.bincount(place)
        cubic = PchipInterpolator((x - x[0]) / (x[-1] - x[0]), y)
        self.knots = torch.from_numpy(cubic.x)  # [n]
        self.cubics = torch.from_numpy(np.ascontiguousarray(cubic.c[::-1]))  # [4, n - 1] by rising power

    def __call__(self, x: Tensor) -> Tensor:
        piece, along = self._piece(x)
        a, b, c, d = self.cubics[:, piece].to(x.dtype)
        value: Tensor = a + along * (b + along * (c + along * d))
        return value

    def gradient(self, x: Tensor) -> Tensor:
        """df/dx, in the shape of x."""
        piece, along = self._piece(x)
        _, b, c, d = self.cubics[:, piece].to(x.dtype)
        slope: Tensor = b + along * (2 * c + along * 3 * d)
        return slope[..., None]

    def _piece(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Between which knots x lies, and how far behind the left one; outside the last cubics go on."""
        at = x[..., 0]
        piece = (torch.searchsorted(self.knots, at.detach().double().contiguous(), right=True) - 1).clamp(
            0, len(self.knots) - 2
        )
        return piece, at - self.knots[piece].to(at.dtype)
