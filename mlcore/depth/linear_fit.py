"""Least squares in the lecture's units: the cost is the mean of 1/2 (y_hat - y)^2, half of the MSE.

The gradient A^T (A theta - y) / N is zero where A^T A theta = A^T y, the normal equation: there the residual
stands at right angles to every column of A, the features and the ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from mlcore.descents.regression import Problem

FLOATS = NDArray[np.float64]
HALF_WINDOW = 1.6  # of how far the cost of 0 reaches: what a picture shows on either side of the solution
BEYOND = 0.1  # of a picture's width: how far it goes on behind a mark that would lie outside


@dataclass(frozen=True, eq=False)
class Normal:
    """The solution of the normal equation."""

    theta: FLOATS  # [P]
    cost: float
    angle: float  # largest |cosine| between the residual and a column: 0 is a right angle
    unique: bool  # the columns are independent
    condition: float  # of A^T A


def normal(problem: Problem) -> Normal:
    """Solved as it stands, where that is possible; else the shortest of the solutions."""
    columns, y = problem.columns.numpy(), problem.y[:, 0].numpy()
    square = columns.T @ columns
    unique = int(np.linalg.matrix_rank(columns)) == columns.shape[1]
    theta = np.linalg.solve(square, columns.T @ y) if unique else problem.solution
    residual = columns @ theta - y
    sizes = np.linalg.norm(columns, axis=0) * np.linalg.norm(residual)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosines = np.where(sizes > 0, np.abs(columns.T @ residual) / sizes, 0.0)
    return Normal(theta, cost(problem, theta), float(cosines.max()), unique, float(np.linalg.cond(square)))


def cost(problem: Problem, theta: FLOATS) -> float:
    """Of one row [P]."""
    return float(problem(torch.from_numpy(np.asarray(theta, np.float64))[None])[0])


def gradient(problem: Problem, theta: FLOATS) -> FLOATS:
    """Of one row [P] -> [P]."""
    found: FLOATS = problem.gradient(torch.from_numpy(np.asarray(theta, np.float64))[None])[0].numpy()
    return found


def residuals(problem: Problem, theta: FLOATS) -> FLOATS:
    """y_hat - y, [N], or [T, N] of rows theta [T, P]."""
    found: FLOATS = theta @ problem.columns.numpy().T - problem.y[:, 0].numpy()
    return found


def stretched(low: float, high: float, at: float) -> tuple[float, float]:
    """[low, high] widened to hold `at`, and not at all where it does: a dragged mark moves no axis."""
    if low <= at <= high:
        return low, high
    pad = BEYOND * max(high - low, abs(at - (low + high) / 2))
    return min(low, at - pad), max(high, at + pad)


def window(problem: Problem, theta: FLOATS, solution: FLOATS) -> tuple[float, float, float, float]:
    """What a picture of the landscape of w and b shows: the solution in its middle, 0 and theta within."""
    rise = cost(problem, np.zeros(2)) - cost(problem, solution)
    sides: list[float] = []
    for at, middle, curvature in zip(theta, solution, np.diag(problem.hessian), strict=True):
        reach = np.sqrt(2 * max(rise, 0.0) / curvature) if curvature > 0 else 0.0
        half = HALF_WINDOW * max(abs(middle), 0.5 * reach) or 1.0
        sides += stretched(middle - half, middle + half, float(at))
    return sides[0], sides[1], sides[2], sides[3]
