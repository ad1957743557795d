"""The four points of XOR and what a line can say of them.

A line w1 x1 + w2 x2 + b = 1/2 calls 1 what lies on its upper side. Of the 16 ways to label four points a line
makes 14: all but XOR and its opposite (slide "XOR"; Minsky and Papert 1969).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

POINTS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])  # [4, 2] (x1, x2)
XOR = (0, 1, 1, 0)
LEVEL = 0.5  # between the labels 0 and 1


@dataclass(frozen=True)
class Fit:
    """What a linear model says of the four points."""

    values: tuple[float, ...]  # [4]
    squared_error: float  # mean over the points, as scikit-learn's: without 1/2
    correct: int  # of 4; on the line itself is neither


def fit(weights: Sequence[float], bias: float) -> Fit:
    values = POINTS @ np.asarray(weights, float) + bias
    error = float(np.square(values - XOR).mean())
    called = np.where(values > LEVEL, 1, np.where(values < LEVEL, 0, -1))
    return Fit(tuple(map(float, values)), error, int((called == XOR).sum()))


def least_squares() -> tuple[tuple[float, float], float]:
    """(w1, w2), b of the smallest mean squared error: the normal equation."""
    design = np.column_stack([POINTS, np.ones(4)])
    w1, w2, b = np.linalg.lstsq(design, np.array(XOR, float), rcond=None)[0]
    return (float(w1), float(w2)), float(b)


def separable(labels: Sequence[int], points: NDArray[np.float64] = POINTS) -> NDArray[np.float64] | None:
    """(w1, w2, b) of a line that parts the points with these labels, or None where there is none.

    A linear program: signs * (points w + b) >= 1 has a solution or it has not.
    """
    signs = 2 * np.asarray(labels, float) - 1
    design = np.column_stack([points, np.ones(len(points))])
    found = linprog(
        np.zeros(3), A_ub=-signs[:, None] * design, b_ub=-np.ones(len(points)), bounds=(None, None)
    )
    return np.asarray(found.x, np.float64) if found.status == 0 else None


def labelings() -> dict[tuple[int, ...], NDArray[np.float64] | None]:
    """Every labeling of the four points, with a line that makes it where there is one."""
    return {labels: separable(labels) for labels in itertools.product((0, 1), repeat=4)}


def best() -> tuple[int, tuple[int, ...]]:
    """By exhaustion: how many points of XOR a line can have right, and a labeling that does."""
    made = [labels for labels, line in labelings().items() if line is not None]
    return max((sum(a == b for a, b in zip(labels, XOR, strict=True)), labels) for labels in made)


def clipped(corners: NDArray[np.float64], value: NDArray[np.float64]) -> NDArray[np.float64]:
    """The part of a polygon [m, 2] where an affine function, `value` [m] at its corners, is positive, and its
    edge; [0, 2] where there is none (Sutherland and Hodgman 1974)."""
    if not (value > 0).any():
        return np.empty((0, 2))
    found = []
    for i in range(len(corners)):
        here, there = value[i], value[(i + 1) % len(corners)]
        if here >= 0:
            found.append(corners[i])
        if here * there < 0:
            found.append(corners[i] + (corners[(i + 1) % len(corners)] - corners[i]) * here / (here - there))
    return np.array(found)
