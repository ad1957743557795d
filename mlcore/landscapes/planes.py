"""Planes through parameter space: theta = origin + a u + b v.

    path       the two directions in which the recorded steps spread most, through the last of them
    filter     random, every filter as long as that of the trained weights (Li et al. 2018, 4)
    layer      random, every layer as long as that of the trained weights
    raw        random as drawn, of length 1
    pair       through the ends of two trainings that differ in their seeds, and the start of the first
    solutions  through the ends of three trainings that differ in their seeds (Garipov et al. 2018, 3)
    hessian    along the two largest curvatures at the end

A filter is what one unit reads: its column of incoming weights. Normalized directions leave biases where they
are, as they have no scale of their own; so a ReLU network whose first layer is multiplied by k and the
second divided by k has the same slice. Raw directions move everything, and there the slice changes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator

from mlcore.families.networks import Network

PLANES = ("path", "filter", "layer", "raw", "pair", "solutions", "hessian")
RANDOM = ("filter", "layer", "raw")
LEAST = 0.01  # half a window is at least so long, also around weights that are all 0
MARGIN = 0.3  # of what must be seen, around it
NARROW = 0.4  # the shorter side of a home window is at least so much of the longer one
FLOATS = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane in the space of P parameters, and the window in which it is first seen."""

    origin: FLOATS  # [P] where a = b = 0: the trained weights
    u: FLOATS  # [P]
    v: FLOATS  # [P]
    home: tuple[float, float, float, float]  # a from, a to, b from, b to
    explained: FLOATS  # [T'] shares of the path's variance by direction, the largest first; [0] unless path
    curvature: FLOATS  # [2] the Hessian's eigenvalues; [0] unless hessian
    marks: FLOATS  # [M, 2] the solutions that the plane goes through

    @property
    def basis(self) -> FLOATS:
        """[2, P], not always at right angles."""
        return np.stack([self.u, self.v])

    @property
    def complete(self) -> bool:
        """Whether the model has two parameters, so that the plane is all there is."""
        return len(self.origin) == 2

    @property
    def flat(self) -> bool:
        """Whether it is no plane: a direction has no length, or both are the same."""
        (a, b), (_, d) = self.basis @ self.basis.T
        return not 1e-10 * a * d < a * d - b * b < math.inf

    def rows(self, ab: FLOATS) -> FLOATS:
        """Coordinates [G, 2] -> theta [G, P]."""
        theta: FLOATS = self.origin + ab @ self.basis
        return theta

    def project(self, theta: NDArray[np.floating]) -> tuple[FLOATS, FLOATS]:
        """theta [T, P] -> coordinates [T, 2] of the nearest points of the plane, and the distances [T]."""
        apart = theta.astype(np.float64) - self.origin
        basis = self.basis
        ab = np.linalg.solve(basis @ basis.T, basis @ apart.T).T.astype(np.float64)
        return ab, np.linalg.norm(apart - ab @ basis, axis=1)


# ---------------------------------------------------------------- random directions


def draw(network: Network, kind: str, theta: FLOATS, seed: int) -> tuple[FLOATS, FLOATS]:
    """Two random directions [P], normalized as `kind` says by the weights in theta [P]."""
    g = Generator().manual_seed(seed + 4_000_000)  # apart from what initializes and deals minibatches
    drawn = torch.randn(2, len(theta), generator=g, dtype=torch.float64)
    if kind == "raw":
        drawn /= drawn.norm(dim=1, keepdim=True)
    else:
        trained = torch.from_numpy(theta)[None]
        for direction, block in zip(network.blocks(drawn), network.blocks(trained), strict=True):
            axes = (1,) if kind == "filter" else (1, 2)  # a unit's weights are a column
            lengths = [w[:, :-1].norm(dim=axes, keepdim=True) for w in (block, direction)]
            direction[:, :-1] *= lengths[0] / lengths[1]
            direction[:, -1] = 0.0
    u, v = drawn.numpy()
    return u, v


def random(network: Network, kind: str, theta: FLOATS, seed: int) -> Plane:
    """Through theta [P]. Home: once the trained length in both directions."""
    u, v = draw(network, kind, theta, seed)
    far = max(LEAST, float(np.linalg.norm(theta))) if kind == "raw" else 1.0
    return _plane(theta, u, v, (-far, far, -far, far))


# ---------------------------------------------------------------- directions that a training gives


def principal(path: NDArray[np.floating]) -> Plane:
    """The plane in which path [T, P] spreads most, through its last point."""
    points = path.astype(np.float64)
    _, size, directions = np.linalg.svd(points - points.mean(0), full_matrices=False)
    variance = size**2
    shares = variance / variance.sum() if variance.sum() > 0 else variance
    ab = (points - points[-1]) @ directions[:2].T
    signs = np.where(ab[0] > 0, -1.0, 1.0)  # a principal direction has no sign: the path comes from below
    ab, directions = signs * ab, signs[:, None] * directions[:2]
    return _plane(points[-1], directions[0], directions[1], around(ab), explained=shares)


def of_random_walk(steps: Sequence[int]) -> FLOATS:
    """[T] the shares that principal directions explain of a random walk seen at these steps.

    In many dimensions; for evenly spaced steps they are 6 / (pi^2 k^2) (Antognini and Sohl-Dickstein 2018).
    """
    t = np.asarray(steps, np.float64)
    covariance = np.minimum(t[:, None], t[None, :])
    center = np.eye(len(t)) - 1 / len(t)
    variance = np.linalg.eigvalsh(center @ covariance @ center)[::-1].clip(0)
    shares: FLOATS = variance / variance.sum()
    return shares


def through(points: NDArray[np.floating], solutions: int = 3) -> Plane:
    """Through three points [3, P], so many of them solutions, which it marks: u goes to the second, v at a
    right angle to it towards the third."""
    first, second, third = points.astype(np.float64)
    u = _unit(second - first)
    v = _unit(third - first - ((third - first) @ u) * u, 1e-9 * float(np.linalg.norm(third - first)))
    ab = np.stack([(points - first) @ u, (points - first) @ v], axis=1)
    return _plane(first, u, v, around(ab), marks=ab[:solutions])


def _unit(vector: FLOATS, least: float = 0.0) -> FLOATS:
    """Of length 1; 0 where it has no length but rounding errors."""
    length = float(np.linalg.norm(vector))
    return vector / length if length > least else np.zeros_like(vector)


def curved(theta: FLOATS, values: FLOATS, vectors: FLOATS, rise: float) -> Plane:
    """Along two eigenvectors [P, 2] of the Hessian at theta [P].

    Home reaches as far as a parabola of these curvatures rises by `rise`, at most the length of theta.
    """
    longest = max(LEAST, float(np.linalg.norm(theta)))
    a, b = (min(longest, math.sqrt(2 * rise / max(abs(v), 1e-12))) for v in values)
    return _plane(theta, vectors[:, 0], vectors[:, 1], (-a, a, -b, b), curvature=values)


def around(ab: FLOATS) -> tuple[float, float, float, float]:
    """A window that shows all points [T, 2], with a margin, not too narrow."""
    middle, half = (ab.max(0) + ab.min(0)) / 2, (ab.max(0) - ab.min(0)) / 2
    half = (1 + MARGIN) * np.maximum(half, max(NARROW * half.max(), 1e-6))
    return middle[0] - half[0], middle[0] + half[0], middle[1] - half[1], middle[1] + half[1]


def _plane(
    origin: FLOATS, u: FLOATS, v: FLOATS, home: tuple[float, ...], *, explained: FLOATS | None = None,
    curvature: FLOATS | None = None, marks: FLOATS | None = None,
) -> Plane:  # fmt: skip
    left, right, low, high = (float(side) for side in home)
    return Plane(
        origin, u, v, (left, right, low, high),
        np.empty(0) if explained is None else explained,
        np.empty(0) if curvature is None else curvature,
        np.empty((0, 2)) if marks is None else marks,
    )  # fmt: skip
