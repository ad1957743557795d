"""The logistic classifier: sigma(w x + b) as a probability, cross-entropy as its cost, trained by descent.

Where a line parts the classes there is no minimum: every cost is undercut by a longer w. Descent then lets
|w| grow without end, like log t, and turns it to the largest margin (Soudry et al. 2018). So it is where a
line touches the classes, with no example on a wrong side. Else there is a minimum, found by Newton's method.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base.device import computing
from mlcore.depth.linear_data import Plane
from mlcore.depth.margins import Margin, margin, touching
from mlcore.descents.regression import Problem, linear
from mlcore.training.descent import Walker, slope, walk

FLOATS = NDArray[np.float64]
RECORDS = 80  # steps that are kept, at equal distances on a logarithmic axis
NEWTON = 50
STILL = 1e-12  # a gradient as short has arrived


@dataclass(frozen=True, eq=False)
class Training:
    """A descent on the cross-entropy, and where it leads. T recorded steps."""

    problem: Problem
    step: NDArray[np.int64]  # [T]
    theta: FLOATS  # [T, 3] w1, w2, b
    cost: FLOATS  # [T]
    accuracy: FLOATS  # [T]
    margin: Margin
    touching: FLOATS | None  # [3] a unit vector that has no example on a wrong side, where there is one
    best: FLOATS | None  # [3] the minimum: where there is no such vector
    lowest: float  # its cost; 0, which nothing reaches, where a line parts the classes; else NaN
    bound: float  # a learning rate below it never raises the cost

    @property
    def goal(self) -> FLOATS:
        """[3] where it leads: the minimum, the largest margin or else a vector that touches."""
        found = next(row for row in (self.best, self.margin.normal, self.touching) if row is not None)
        return found

    @property
    def size(self) -> FLOATS:
        """[T] |(w, b)|"""
        found: FLOATS = np.linalg.norm(self.theta, axis=1)
        return found

    @property
    def angle(self) -> FLOATS:
        """[T] degrees between (w, b) and the vector of the largest margin; NaN where there is none."""
        if self.margin.normal is None:
            return np.full(len(self.theta), np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            cosine = self.theta @ self.margin.normal / self.size
        return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


def problem(data: Plane) -> Problem:
    return linear(*data.tensors, (*data.names, ""), "binary_cross_entropy")


def accuracy(data: Plane, theta: FLOATS) -> FLOATS:
    """[T, 3] -> [T]; on the line itself is neither side."""
    found: FLOATS = (theta @ data.signed.T > 0).mean(1)
    return found


def recorded(steps: int) -> list[int]:
    """0, and up to RECORDS steps whose logarithms lie evenly."""
    return [0, *np.unique(np.rint(np.geomspace(1, steps, RECORDS)).astype(int)).tolist()]


@computing()
def train(data: Plane, start: tuple[float, float, float], lr: float, steps: int) -> Training:
    cost = problem(data)
    theta = torch.tensor([start], dtype=torch.float64)
    rate = torch.full((1, 1), lr, dtype=torch.float64)
    walker = Walker(theta, optimizer="sgd", knobs={}, lr=rate, steps=steps)
    kept = recorded(steps)
    path = np.stack([m.theta[0].clone().numpy() for m in walk(walker, lambda t: slope(cost, theta), kept)])
    found = margin(data.signed)
    touch = found.normal if found.separable else touching(data.signed)
    best = minimum(data) if touch is None else None
    lowest = entropy(data, best) if best is not None else 0.0 if found.separable else float("nan")
    values = cost(torch.from_numpy(path)).numpy()
    return Training(
        cost, np.array(kept), path, values, accuracy(data, path), found, touch, best, lowest, bound(cost)
    )


def bound(cost: Problem) -> float:
    """2 / lambda_max of a matrix that no Hessian of this cost exceeds: (1/4N) A^T A."""
    columns: Tensor = cost.columns
    return 2 / float(torch.linalg.eigvalsh(columns.T @ columns / (4 * len(columns)))[-1])


def minimum(data: Plane) -> FLOATS:
    """The weights of the least cross-entropy, by Newton's method; of many, those nearest to 0.

    A step is halved until the cost falls.
    """
    columns = np.column_stack([data.x, np.ones(len(data.x))])
    theta = np.zeros(3)
    for _ in range(NEWTON):
        p = 1 / (1 + np.exp(-columns @ theta))
        gradient = columns.T @ (p - data.label) / len(p)
        if np.linalg.norm(gradient) < STILL:
            break
        hessian = columns.T @ (columns * (p * (1 - p))[:, None]) / len(p)
        step = np.linalg.lstsq(hessian, gradient)[0]
        size = 1.0
        while entropy(data, theta - size * step) > entropy(data, theta) and size > 1e-6:
            size /= 2
        theta = theta - size * step
    return theta


def entropy(data: Plane, theta: FLOATS) -> float:
    """The mean cross-entropy of weights [3]."""
    return float(np.logaddexp(0, -data.signed @ theta).mean())
