"""What a gradient is good for: it predicts what a small change does, and says where the output falls."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlcore.backpropagation.graph import Graph, build

FLOATS = NDArray[np.float64]


@dataclass(frozen=True)
class Nudge:
    """One input moved by `by`: how the output changed, and what the gradient says of it."""

    before: float
    after: float
    by: float
    slope: float

    @property
    def change(self) -> float:
        return self.after - self.before

    @property
    def predicted(self) -> float:
        return self.slope * self.by

    @property
    def error(self) -> float:
        """About by^2 / 2 times the second derivative (Taylor)."""
        return self.change - self.predicted


def nudge(text: str, point: Sequence[float], which: int, by: float) -> Nudge:
    """Raises `formula.FormulaError` and `ExpressionError`."""
    here = build(text, point)
    there = build(text, [value + by * (i == which) for i, value in enumerate(point)])
    return Nudge(here.values[-1], there.values[-1], by, input_gradient(here)[which])


def input_gradient(graph: Graph) -> list[float]:
    """d output / d input, in the order of the inputs."""
    return [graph.gradient[graph.at(name)] for name in graph.inputs]


@dataclass(frozen=True, eq=False)
class Way:
    """T = steps + 1 points of a descent, the start first."""

    points: FLOATS  # [T, inputs]
    outputs: FLOATS  # [T]


def descend(text: str, point: Sequence[float], learns: Collection[int], lr: float, steps: int) -> Way:
    """input <- input - lr * gradient, for the inputs whose places `learns` names; the others stay.

    It ends early where there is no value. Raises `formula.FormulaError` and `ExpressionError`.
    """
    now, points, outputs = list(map(float, point)), [], []
    for _ in range(steps + 1):
        graph = build(text, now)
        points.append(list(now))
        outputs.append(graph.values[-1])
        slopes = input_gradient(graph)
        if not np.isfinite([*slopes, outputs[-1]]).all():
            break
        now = [v - lr * g * (i in learns) for i, (v, g) in enumerate(zip(now, slopes, strict=True))]
    return Way(np.array(points), np.array(outputs))
