"""Momentum on a quadratic: the plane of (learning rate, momentum), measured and by theory.

Heavy ball along an eigenvector with curvature lambda is a recurrence of order two,

    x_{t+1} = (1 + beta - lr lambda) x_t - beta x_{t-1},

whose companion matrix has the eigenvalues that say everything: the rate is the larger modulus, of the worst
curvature. It is below 1 exactly for 0 < lr lambda < 2 + 2 beta (and beta < 1); where the roots are complex
both have the modulus sqrt(beta).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.base.device import computing
from mlcore.base.registry import Knob
from mlcore.descents.quadratics import best_rate, bowl
from mlcore.descents.quadratics import slope as left_by
from mlcore.training.descent import Descent, Walker, descend, slope, walk

FLOATS = NDArray[np.float64]
RATES, MOMENTA = 64, 46  # of the plane
REACH = 4.2  # lr lambda_max of its right side: with momentum 1 the boundary is at 4
MOST = 0.99  # the largest momentum on it
TRIED = 400  # steps of every row
TINY = 1e-250  # what is left before numbers run out of float64; a row is measured up to there


@dataclass(frozen=True)
class MomentumSpec:
    """Heavy ball with one learning rate and one momentum along two curvatures, the smaller first."""

    low: float = specs.number(Knob(1.0, 0.01, 1000.0, symbol=r"\lambda_1", log=True), "h1")
    high: float = specs.number(Knob(100.0, 0.01, 1000.0, symbol=r"\lambda_2", log=True), "h2")
    lr: float = specs.number(Knob(0.01, 1e-6, 1000.0, symbol=r"\eta", log=True), "mlr")
    momentum: float = specs.number(Knob(0.8, 0.0, 0.999, symbol=r"\beta"), "beta")
    steps: int = specs.number(Knob(100, 1, 500, symbol="T", integer=True, log=True), "msteps")

    def __post_init__(self) -> None:
        specs.check(self)
        if self.low > self.high:  # equal experiments are equal specs
            low, high = self.high, self.low
            object.__setattr__(self, "low", low)
            object.__setattr__(self, "high", high)

    @property
    def eigenvalues(self) -> tuple[float, float]:
        return (self.low, self.high)


# ---------------------------------------------------------------- theory


def companion(lr: float, momentum: float, curvature: float) -> FLOATS:
    """What one step does to (x_t, x_{t-1}): [2, 2]."""
    return np.array([[1 + momentum - lr * curvature, -momentum], [1.0, 0.0]])


def radius(lr: ArrayLike, momentum: ArrayLike, curvature: ArrayLike) -> FLOATS:
    """The spectral radius of the companion matrix, for arrays that go together.

    z^2 - a z + beta = 0: complex roots have the modulus sqrt(beta), of real ones the larger is taken.
    """
    lr, beta, curvature = (np.asarray(v, np.float64) for v in (lr, momentum, curvature))
    a = 1 + beta - lr * curvature
    inner = a * a - 4 * beta
    real: FLOATS = (np.abs(a) + np.sqrt(np.maximum(inner, 0))) / 2
    return np.where(inner < 0, np.sqrt(beta), real)


def recurrence(lr: float, momentum: float, eigenvalues: tuple[float, ...], steps: int) -> FLOATS:
    """The components [T, P] that companion matrices give to a ball at rest at 1, T = steps + 1."""
    matrices = np.stack([companion(lr, momentum, curvature) for curvature in eigenvalues])  # [P, 2, 2]
    state, found = np.ones((len(eigenvalues), 2, 1)), []
    with np.errstate(over="ignore", invalid="ignore"):  # of a descent that is lost
        for _ in range(steps + 1):
            found.append(state[:, 0, 0])
            state = matrices @ state
    return np.stack(found)


def rate(lr: ArrayLike, momentum: ArrayLike, eigenvalues: tuple[float, ...]) -> FLOATS:
    """What a step leaves in the long run: the largest radius of all curvatures."""
    found: FLOATS = np.max([radius(lr, momentum, curvature) for curvature in eigenvalues], axis=0)
    return found


def boundary(momentum: ArrayLike, high: float) -> FLOATS:
    """The largest stable learning rate, 2 (1 + beta) / lambda_max."""
    found: FLOATS = 2 * (1 + np.asarray(momentum, np.float64)) / high
    return found


def optimum(low: float, high: float) -> tuple[float, float, float]:
    """Learning rate, momentum and rate that are best for all curvatures from low to high: Polyak 1964."""
    a, b = math.sqrt(low), math.sqrt(high)
    best = (b - a) / (b + a)
    return 4 / (a + b) ** 2, best**2, best


def plain(low: float, high: float) -> tuple[float, float, float]:
    """The same without momentum."""
    lr, left = best_rate(low, high)
    return lr, 0.0, left


# ---------------------------------------------------------------- what is run


@computing()
def ball(eigenvalues: tuple[float, ...], lr: float, momentum: float, steps: int) -> Descent:
    """One descent along all eigenvectors, all components 1 in the beginning."""
    start = torch.ones(1, len(eigenvalues), dtype=torch.float64)
    knobs = {"momentum": momentum}
    objective, _ = bowl(eigenvalues)
    return descend(objective, start, optimizer="momentum", knobs=knobs, lr=lr, steps=steps)


@dataclass(frozen=True, eq=False)
class Plane:
    """Measured and theoretical rates over learning rates and momenta."""

    eigenvalues: tuple[float, float]
    lr: FLOATS  # [A]
    momentum: FLOATS  # [B]
    measured: FLOATS  # [B, A]
    theory: FLOATS  # [B, A]

    @property
    def gap(self) -> float:
        """The largest difference of the two."""
        return float(np.abs(self.measured - self.theory).max())

    @property
    def worst(self) -> tuple[float, float]:
        """Learning rate and momentum where it is."""
        row, column = np.unravel_index(np.abs(self.measured - self.theory).argmax(), self.theory.shape)
        return float(self.lr[column]), float(self.momentum[row])

    @property
    def usual_gap(self) -> float:
        """Their median difference."""
        return float(np.median(np.abs(self.measured - self.theory)))

    @property
    def wrong_side(self) -> int:
        """How many points are measured to converge and theory says otherwise, or the reverse.

        Points whose theoretical rate is within the largest difference of 1 are not counted.
        """
        clear = np.abs(self.theory - 1) > self.gap
        return int((((self.measured < 1) != (self.theory < 1)) & clear).sum())


@dataclass(frozen=True, eq=False)
class Curvatures:
    """lambda / 2 x^2 with a curvature for every row."""

    curvature: Tensor  # [R, 1]

    def __call__(self, theta: Tensor) -> Tensor:
        return (0.5 * self.curvature * theta * theta)[:, 0]

    def gradient(self, theta: Tensor) -> Tensor:
        return self.curvature * theta


@computing()
def plane(low: float, high: float) -> Plane:
    """Heavy ball from 1 along both eigenvectors, with every learning rate and momentum of a grid: one batch.

    The two components never meet, so that each is a row of its own.
    """
    lr = np.linspace(0, REACH / high, RATES + 1)[1:]
    momentum = np.linspace(0, MOST, MOMENTA)
    across, along = (v.ravel() for v in np.meshgrid(lr, momentum))  # [R] each
    columns = (np.tile(across, 2), np.tile(along, 2), np.repeat([low, high], len(across)))
    rates, momenta, curvature = (torch.from_numpy(v)[:, None] for v in columns)  # [2R, 1]
    objective, theta = Curvatures(curvature), torch.ones_like(rates)
    walker = Walker(theta, optimizer="momentum", knobs={"momentum": momenta}, lr=rates, steps=TRIED)
    moments = walk(walker, lambda t: slope(objective, theta), range(TRIED + 1))
    sizes = torch.stack([moment.theta[:, 0].abs() for moment in moments]).numpy()  # [T, 2R]
    size = np.maximum(sizes[:, : len(across)], sizes[:, len(across) :])
    shape = (MOMENTA, RATES)
    theory = rate(across, along, (low, high))
    return Plane((low, high), lr, momentum, envelope_rate(size).reshape(shape), theory.reshape(shape))


def envelope_rate(size: FLOATS) -> FLOATS:
    """What a step leaves in the long run, seen from sizes [T + 1, R] of descents from t = 0: [R].

    Sizes oscillate, so tops are compared: the largest of the second quarter with the largest of the last,
    half of the time apart. The t rho^t of a double root grows threefold between the two: it is measured
    too large by 3^(2 / T). Where numbers come to their end earlier (below TINY), so does the time.
    """
    found = tops(size, len(size) - 1)
    for row in np.flatnonzero((size <= TINY).any(0)):
        last = int((size[:, row] <= TINY).argmax()) - 1
        alone = size[: last + 1, row : row + 1]
        found[row] = (tops(alone, last) if last >= 8 else left_by(alone[0], alone[-1], max(last, 1)))[0]
        if last == 0:  # nothing was left after the first step
            found[row] = 0.0
    return found


def tops(size: FLOATS, steps: int) -> FLOATS:
    """The rate between the largest of the second quarter and the largest of the last."""
    quarter = max(steps // 4, 1)
    first, last = (size[end - quarter + 1 : end + 1].max(0) for end in (steps - 2 * quarter, steps))
    return left_by(first, last, 2 * quarter)
