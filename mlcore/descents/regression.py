"""Linear regression of one feature: weight and bias span a plane, and that plane is the whole landscape.

The cost (1/N) |A theta - y|^2 with A = [x, 1] is a quadratic with the Hessian (2/N) A^T A: descent is stable
up to 2 / lambda_max and tends to the least-squares solution. Standardized features make its valley round.
`Problem` and `follow` know any number of features, and the 1/2 before the square.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.base.device import computing
from mlcore.base.registry import Knob
from mlcore.descents.quadratics import closed_form, worst_factor
from mlcore.families.datasets import DATASETS
from mlcore.families.losses import LOSSES
from mlcore.families.models import ModelSpec
from mlcore.families.networks import Network, with_ones
from mlcore.families.surfaces import Relief, sampled
from mlcore.training.data import DataSpec, load
from mlcore.training.descent import descend

FLOATS = NDArray[np.float64]
FAR = 1e6
ROUNDING = 1e-15  # of the largest eigenvalue: one as small may be 0
CURVATURE = {"mse": 2.0, "half_mse": 1.0}  # second derivative of a squared loss by its prediction


@dataclass(frozen=True)
class Pair:
    """Which feature of which data set predicts what: another feature of it, or its target."""

    data: str
    feature: int
    target: int | None = None


PAIRS = {
    "iris": Pair("iris", 2, 3),  # petals: length, width
    "bmi": Pair("diabetes", 2),
    "pressure": Pair("diabetes", 3),
    "cells": Pair("breast_cancer", 0, 2),  # nuclei: radius, perimeter
    "wine": Pair("wine", 5, 6),  # phenols, flavanoids
    "line": Pair("line", 0),
    "heavy_tail": Pair("heavy_tail", 0),
}


@dataclass(frozen=True)
class RegressionSpec:
    """A descent over weight and bias. The learning rate is a share of the bound, so that it means the same
    for every data set."""

    pair: str = specs.choice("iris", tuple(PAIRS), "pair")
    standardize: bool = specs.flag(False, "rstd")
    share: float = specs.number(Knob(0.9, 0.005, 1.2), "share")
    weight: float = specs.number(Knob(0.0, -FAR, FAR, symbol="w_0"), "w0")
    bias: float = specs.number(Knob(0.0, -FAR, FAR, symbol="b_0"), "b0")
    steps: int = specs.number(Knob(60, 1, 500, symbol="T", integer=True, log=True), "rsteps")

    def __post_init__(self) -> None:
        specs.check(self)


@dataclass(frozen=True, eq=False)
class Problem:
    """D features and what they shall predict, of N training examples, as the model sees them. P = D + 1."""

    x: Tensor  # [N, D]
    columns: Tensor  # [N, P] A: the features, and a column of ones for the bias
    y: Tensor  # [N, 1]
    names: tuple[str, ...]  # of the features, of the target ("" where the data set has no name for it)
    network: Network
    loss: str = "mse"  # of one output, in LOSSES

    @property
    def hessian(self) -> FLOATS:
        """Of a squared loss: (2/N) A^T A, or half of it, [P, P]."""
        return (CURVATURE[self.loss] / len(self.x) * self.columns.T @ self.columns).numpy()

    @property
    def solution(self) -> FLOATS:
        """Weights and bias of least squares, the shortest where there are many: [P]."""
        found: FLOATS = np.linalg.lstsq(self.columns.numpy(), self.y[:, 0].numpy())[0]
        return found

    def __call__(self, theta: Tensor) -> Tensor:
        """The cost of each row: theta [R, P] -> [R]."""
        loss: Tensor = LOSSES[self.loss](self.network.predict(theta, self.x), self.y)
        return loss.mean(1)

    def gradient(self, theta: Tensor) -> Tensor:
        """The chain rule: what each loss says of its prediction, times what that says of w and b."""
        delta: Tensor = LOSSES[self.loss].gradient(self.network.predict(theta, self.x), self.y)  # [R, N, 1]
        return (delta * self.columns).mean(1)


@lru_cache(maxsize=32)
@torch.inference_mode(False)  # whoever asks first: it is kept for those who differentiate, too
def problem(pair: str, standardize: bool) -> Problem:
    """The training examples of a pair and the linear model."""
    chosen = PAIRS[pair]
    examples = DATASETS[chosen.data].facts.get("examples", 150)
    data = load(DataSpec(chosen.data, examples=examples, standardize=standardize))
    x = data.x[:, chosen.feature : chosen.feature + 1]
    y = data.y if chosen.target is None else data.x[:, chosen.target]
    target = "" if chosen.target is None else data.feature_names[chosen.target]
    return linear(x, y, (data.feature_names[chosen.feature], target))


def linear(x: Tensor, y: Tensor, names: tuple[str, ...], loss: str = "mse") -> Problem:
    """The linear model of features x [N, D] that shall predict y [N]."""
    return Problem(x, with_ones(x), y[:, None], names, ModelSpec("linear").network(x.shape[1], 1), loss)


def units(start: tuple[float, float], pair: str, standardize: bool) -> tuple[float, float]:
    """The same line in the other units: w, b of standardized examples where they were raw, or the reverse."""
    raw = problem(pair, False)
    (mx, sx), (my, sy) = ((float(v.mean()), float(v.std(correction=0))) for v in (raw.x, raw.y))
    w, b = start
    if standardize:  # y = w x + b of (x - mx) / sx and (y - my) / sy
        w = w * sy / sx
        return w, b * sy + my - w * mx
    return w * sx / sy, (b + w * mx - my) / sy


# ---------------------------------------------------------------- what is run


@dataclass(frozen=True, eq=False)
class Fit:
    """A descent over the whole landscape of a linear model. T = steps + 1."""

    problem: Problem
    lr: float
    eigenvalues: FLOATS  # [P] of the Hessian, the smallest first
    solution: FLOATS  # [P] weights and bias of least squares
    lowest: float  # its cost
    theta: FLOATS  # [T, P]
    gap: FLOATS  # [T] cost above the lowest, measured
    closed: FLOATS  # [T] the same by theory

    @property
    def bound(self) -> float:
        """The largest stable learning rate, 2 / lambda_max."""
        return 2 / float(self.eigenvalues[-1])

    @property
    def condition(self) -> float:
        low, high = float(self.eigenvalues[0]), float(self.eigenvalues[-1])
        return high / low if low > ROUNDING * high else float("inf")

    @property
    def rate(self) -> float:
        """What a step leaves of the worst component."""
        return float(worst_factor(np.array([self.lr]), tuple(self.eigenvalues))[0])

    @property
    def distance(self) -> float:
        """How far weights and bias are from least squares in the end."""
        return float(np.linalg.norm(self.theta[-1] - self.solution))


def fit(spec: RegressionSpec) -> Fit:
    return follow(problem(spec.pair, spec.standardize), (spec.weight, spec.bias), spec.share, spec.steps)


def other_units(spec: RegressionSpec) -> Fit:
    """The same line descends in the other units, with the same share of the bound there."""
    start = units((spec.weight, spec.bias), spec.pair, spec.standardize)
    return follow(problem(spec.pair, not spec.standardize), start, spec.share, spec.steps)


@computing()
def follow(cost: Problem, start: tuple[float, ...], share: float, steps: int) -> Fit:
    """A descent from `start` [P] with this share of the largest stable learning rate."""
    eigenvalues, vectors = np.linalg.eigh(cost.hessian)
    lr, solution = share * 2 / float(eigenvalues[-1]), cost.solution
    found = descend(cost, torch.tensor([start], dtype=torch.float64), lr=lr, steps=steps)
    lowest = float(cost(torch.from_numpy(solution)[None])[0])
    parts = closed_form(lr, tuple(eigenvalues), (np.array(start) - solution) @ vectors, found.step)
    closed = (parts**2 * eigenvalues / 2).sum(1)
    return Fit(cost, lr, eigenvalues, solution, lowest, found.theta[:, 0], found.value[:, 0] - lowest, closed)


def window(found: Fit, start: tuple[float, float]) -> tuple[float, float, float, float]:
    """What a picture shows: w from, w to, b from, b to. Around the solution, 0 and the start within.

    As wide at least as half of where the cost reaches that of w = b = 0.
    """
    rise = float(found.problem(torch.zeros(1, 2, dtype=torch.float64))[0]) - found.lowest
    sides: list[float] = []
    for at, middle, curvature in zip(start, found.solution, np.diag(found.problem.hessian), strict=True):
        half = 1.5 * max(abs(middle), 0.5 * np.sqrt(2 * rise / curvature))
        pad = 0.1 * half
        sides += [min(middle - half, at - pad), max(middle + half, at + pad)]
    return sides[0], sides[1], sides[2], sides[3]


def ground(found: Fit, box: tuple[float, float, float, float], count: int) -> Relief:
    """The cost over count x count points of a box."""
    return sampled(found.problem, box, count, found.lowest)
