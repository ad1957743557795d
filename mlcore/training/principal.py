"""Principal components: the directions along which points vary most (Pearson 1901)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FLOATS = NDArray[np.float64]


def principal(x: FLOATS) -> tuple[FLOATS, FLOATS]:
    """Directions of x [N, D] as columns [D, K], K the smaller of N and D, and the variances [K] along them,
    from the largest.

    Variances divide by N, as the inertia of one cluster over N does. The largest part of a direction is
    positive, so that equal data have equal pictures.
    """
    _, sizes, rows = np.linalg.svd(x - x.mean(0), full_matrices=False)
    directions = rows.T
    largest = np.abs(directions).argmax(0)
    return directions * np.sign(directions[largest, np.arange(len(largest))]), sizes**2 / len(x)
