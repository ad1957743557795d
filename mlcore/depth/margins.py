"""The largest margin of two classes, exactly: both sides of the bound of Novikoff (1962) are computed.

With z_i = sign_i (x_i, 1), a vector w through the origin of augmented space parts the classes where every
w . z_i > 0. The margin of the best unit vector is the distance gamma of the origin from the convex hull of
the z_i; both are found at once by non-negative least squares, which ends after finitely many exchanges
(least distance programming, Lawson and Hanson 1974, chapter 23).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

FLOATS = NDArray[np.float64]
CLOSED = 1e-9  # of R: a hull as near to the origin holds it, up to rounding


@dataclass(frozen=True, eq=False)
class Margin:
    """What the best unit vector reaches, and what none exceeds: the true gamma lies between the two."""

    normal: FLOATS | None  # [P] of length 1; None where no vector parts the classes
    gamma: float  # its margin, computed from it: the least w . z_i
    most: float  # the length of a point of the hull: no margin is larger
    radius: float  # R, the length of the longest z_i

    @property
    def separable(self) -> bool:
        return self.normal is not None

    @property
    def gap(self) -> float:
        """How much of gamma is not known, as a share of it."""
        return (self.most - self.gamma) / self.most if self.most else 0.0

    @property
    def bound(self) -> float:
        """R^2 / gamma^2: the perceptron makes no more mistakes."""
        return (self.radius / self.gamma) ** 2 if self.separable else float("inf")


def margin(z: FLOATS) -> Margin:
    """Of signed augmented examples z [N, P]."""
    radius = float(np.sqrt(np.square(z).sum(1).max()))
    scaled = np.unique(z / radius, axis=0)  # [M, P] the longest has length 1
    # min |w|^2 with scaled w >= 1 is dual to: which u >= 0 brings scaled^T u near 0 and sum u near 1
    target = np.append(np.zeros(z.shape[1]), 1.0)
    u, _ = nnls(np.vstack([scaled.T, np.ones(len(scaled))]), target, maxiter=30 * len(scaled))
    hull = scaled.T @ (u / u.sum())
    most = float(np.linalg.norm(hull))
    if most > CLOSED:
        normal = hull / most
        gamma = float((scaled @ normal).min())
        if gamma > 0:
            return Margin(normal, radius * gamma, radius * most, radius)
    return Margin(None, 0.0, radius * most, radius)


def touching(z: FLOATS) -> FLOATS | None:
    """A unit vector with w . z_i >= 0 for all, and not 0 for all: a line that leaves nothing on a wrong side,
    though some may lie on it. None where there is none, and only there does the cross-entropy have a minimum
    (Albert and Anderson 1984).

    Either there is one or positive weights of the z_i, at least 1, add up to 0 (Stiemke 1915); the nearest to
    0 that such a sum can come is one.
    """
    scaled = z / np.sqrt(np.square(z).sum(1).max())
    u, _ = nnls(scaled.T, -scaled.sum(0), maxiter=30 * len(scaled))
    nearest = scaled.T @ (1 + u)
    length = float(np.linalg.norm(nearest))
    return nearest / length if length > CLOSED * (1 + u).sum() else None
