"""Plain gradient descent on quadratics, where theory says every number beforehand.

On f(x) = lambda / 2 x^2 a step multiplies x by 1 - lr lambda. On any quadratic the same happens along every
eigenvector of the Hessian on its own, so that the worst of the factors decides how fast the whole is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.base.device import computing
from mlcore.base.registry import Knob
from mlcore.training.descent import descend

FLOATS = NDArray[np.float64]
GOAL = 0.01  # of the start's distance: steps are counted until no more is left
SLOW = 0.05  # of 1 / lambda: below, a learning rate crawls: 90 steps and more to the goal
EXACT = 1e-9  # how near lr lambda has to be to 1 or 2 for what happens there: rounding of typed numbers
REACH = 2.5  # how far the curve over learning rates goes, in units of 1 / lambda_max
RATES, TRIED, LAPS = 51, 100, 20  # rates on that curve, steps of each, steps over which a rate is measured
LR = Knob(0.4, 1e-4, 100.0, symbol=r"\eta", log=True)
CURVATURE = Knob(1.0, 0.05, 50.0, symbol=r"\lambda", log=True)
STEPS = Knob(20, 1, 300, symbol="T", integer=True, log=True)
BOX = 12.0  # starts lie within, along every axis


@dataclass(frozen=True, eq=False)
class Quadratic:
    """1/2 (theta - c)^T H (theta - c), as something to descend: theta [..., P] -> value [...]."""

    hessian: Tensor  # [P, P]
    center: Tensor  # [P]

    def __call__(self, theta: Tensor) -> Tensor:
        return 0.5 * (self.gradient(theta) * (theta - self.center)).sum(-1)

    def gradient(self, theta: Tensor) -> Tensor:
        """[..., P] -> [..., P], each row on its own: no matrix product, which rounds by its neighbors."""
        return ((theta - self.center).unsqueeze(-2) * self.hessian).sum(-1)


def bowl(eigenvalues: tuple[float, ...], degrees: float = 0.0) -> tuple[Quadratic, FLOATS]:
    """A quadratic around 0 and its eigenvectors [P, P], one a column; two of them turned by `degrees`."""
    turn = math.radians(degrees)
    vectors = np.eye(len(eigenvalues))
    if degrees:
        vectors = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    hessian = vectors @ np.diag(eigenvalues) @ vectors.T
    return Quadratic(torch.from_numpy(hessian), torch.zeros(len(eigenvalues), dtype=torch.float64)), vectors


# ---------------------------------------------------------------- theory


class Regime(StrEnum):
    """What one learning rate does to one curvature, decided by lr lambda alone."""

    CRAWLS = "crawls"  # lr lambda < SLOW
    MONOTONE = "monotone"  # < 1
    ONE_STEP = "one_step"  # = 1
    ZIGZAGS = "zigzags"  # < 2
    NEITHER = "neither"  # = 2
    DIVERGES = "diverges"  # > 2


def regime(lr: float, curvature: float) -> Regime:
    z = lr * curvature
    if abs(z - 1) <= EXACT:
        return Regime.ONE_STEP
    if abs(z - 2) <= EXACT:
        return Regime.NEITHER
    if z < 1:
        return Regime.CRAWLS if z < SLOW else Regime.MONOTONE
    return Regime.ZIGZAGS if z < 2 else Regime.DIVERGES


def steps_to(rate: float, share: float = GOAL) -> float:
    """How many steps, each of which leaves `rate` of the distance, until at most `share` of it is left."""
    if rate <= share:
        return 1.0
    return math.ceil(math.log(share) / math.log(rate) - EXACT) if rate < 1 else math.inf


def best_rate(low: float, high: float) -> tuple[float, float]:
    """The learning rate that suits curvatures from low to high best, and what a step then leaves."""
    return 2 / (low + high), (high - low) / (high + low)


def worst_factor(lr: FLOATS, eigenvalues: tuple[float, ...]) -> FLOATS:
    """[G] -> [G]: what a step leaves of the component that shrinks least."""
    found: FLOATS = np.abs(1 - np.multiply.outer(np.asarray(eigenvalues), lr)).max(0)
    return found


def closed_form(lr: float, eigenvalues: tuple[float, ...], first: FLOATS, steps: NDArray[np.int64]) -> FLOATS:
    """|q_i| at `steps` [T] from q_i [P] at the start, by (1 - lr lambda_i)^t: [T, P]."""
    with np.errstate(over="ignore", invalid="ignore"):  # 0 times what overflows
        left: FLOATS = np.abs(1 - lr * np.asarray(eigenvalues)) ** steps[:, None].astype(np.float64)
        return left * np.abs(first)


# ---------------------------------------------------------------- what is run


@dataclass(frozen=True)
class OneSpec:
    """A descent on f(x) = lambda / 2 x^2."""

    lr: float = specs.number(LR, "lr")
    curvature: float = specs.number(CURVATURE, "lam")
    start: float = specs.number(Knob(10.0, -BOX, BOX, symbol="x_0"), "x0")
    steps: int = specs.number(STEPS, "steps")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def eigenvalues(self) -> tuple[float, ...]:
        return (self.curvature,)


@dataclass(frozen=True)
class TwoSpec:
    """A descent on 1/2 (l1 q1^2 + l2 q2^2), where q are coordinates turned by an angle. Usual: d2l 12.6."""

    lr: float = specs.number(LR, "plr")
    first: float = specs.number(Knob(0.2, 0.05, 50.0, symbol=r"\lambda_1", log=True), "e1")
    second: float = specs.number(Knob(4.0, 0.05, 50.0, symbol=r"\lambda_2", log=True), "e2")
    degrees: float = specs.number(Knob(0.0, -90.0, 90.0, symbol=r"\theta", integer=True), "turn")
    x: float = specs.number(Knob(-5.0, -BOX, BOX, symbol="x_1"), "px")
    y: float = specs.number(Knob(-2.0, -BOX, BOX, symbol="x_2"), "py")
    steps: int = specs.number(STEPS, "psteps")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def eigenvalues(self) -> tuple[float, ...]:
        return (self.first, self.second)

    @property
    def best(self) -> tuple[float, float]:
        """The best learning rate and what a step then leaves."""
        return best_rate(min(self.eigenvalues), max(self.eigenvalues))


@dataclass(frozen=True, eq=False)
class Way:
    """One descent: T = steps + 1 points, the start first, and its components along the eigenvectors."""

    lr: float
    theta: FLOATS  # [T, P]
    value: FLOATS  # [T]
    component: FLOATS  # [T, P]

    @property
    def steps(self) -> NDArray[np.int64]:
        """[T] 0, 1, ..., steps."""
        return np.arange(len(self.theta))


@computing()
def way(spec: OneSpec | TwoSpec, lr: float = 0.0) -> Way:
    """The descent of `spec`, or the same with another learning rate."""
    if isinstance(spec, OneSpec):
        (objective, vectors), start = bowl(spec.eigenvalues), [spec.start]
    else:
        (objective, vectors), start = bowl(spec.eigenvalues, spec.degrees), [spec.x, spec.y]
    found = descend(objective, torch.tensor([start], dtype=torch.float64), lr=lr or spec.lr, steps=spec.steps)
    theta = found.theta[:, 0]
    return Way(lr or spec.lr, theta, found.value[:, 0], theta @ vectors)


@dataclass(frozen=True, eq=False)
class Rates:
    """What a step leaves, over learning rates: measured by descents that were run, and by theory."""

    lr: FLOATS  # [G]
    measured: FLOATS  # [G]
    fine: FLOATS  # [F] learning rates for the curve
    theory: FLOATS  # [F]
    gap: float  # the largest difference of the two


@computing()
def rates(eigenvalues: tuple[float, ...]) -> Rates:
    """Descents with RATES learning rates as rows of one batch, all components as large in the beginning."""
    top = REACH / max(eigenvalues)
    lr = np.linspace(0, top, RATES + 1)[1:]
    objective, _ = bowl(eigenvalues)
    start = torch.ones(RATES, len(eigenvalues), dtype=torch.float64)
    found = descend(objective, start, lr=torch.from_numpy(lr)[:, None], steps=TRIED)
    size = np.abs(found.theta).max(2)  # [T, G]
    measured = slope(size[-1 - LAPS], size[-1], LAPS)
    corners = [1 / max(eigenvalues), best_rate(min(eigenvalues), max(eigenvalues))[0]]
    fine = np.unique(np.concatenate([np.linspace(0, top, 401), corners]))
    gap = float(np.abs(measured - worst_factor(lr, eigenvalues)).max())
    return Rates(lr, measured, fine, worst_factor(fine, eigenvalues), gap)


def slope(before: FLOATS, after: FLOATS, steps: int | FLOATS) -> FLOATS:
    """What one of `steps` steps left on the average; 0 where nothing was left before."""
    ratio = np.divide(after, before, out=np.zeros_like(after), where=before > 0)
    found: FLOATS = ratio ** (1 / np.asarray(steps, np.float64))
    return found
