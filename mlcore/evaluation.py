"""Costs, scores, gradients and curvatures at rows of theta that need not have been trained.

A point of a landscape is a row. Rows go a few at a time: as many as stay in a core's cache, 4 to 64, which
bounds memory whatever the grid, and is quicker than all at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, eigsh
from torch import Tensor

from mlcore.device import device
from mlcore.losses import cost, cost_gradient
from mlcore.models import Backpropagation, with_ones
from mlcore.tasks import Task, TrainSpec, score

CACHE = 2_000_000  # float32 numbers that the rows together touch
SHIFT = 1e-4  # of the length of theta: how far apart the two gradients of a curvature are
FLOATS = NDArray[np.float32]


class Values(NamedTuple):
    """What rows of theta are worth, each [G]."""

    cost: FLOATS  # mean loss; penalties are left out
    score: FLOATS  # accuracy, or R^2
    gradient: FLOATS  # |d cost / d theta|; empty unless asked for


class Evaluator:
    """Binds a task and the training or the test examples; buffers are made once for each number of rows."""

    def __init__(self, task: Task, spec: TrainSpec, part: str = "train", gradient: bool = False) -> None:
        self.task, self.spec, self.gradient = task, spec, gradient
        self.where = device().torch
        x, y = (task.x, task.y) if part == "train" else (task.x_test, task.y_test)
        self.x1, self.y = with_ones(x).to(self.where), y.to(self.where)
        numbers = 2 * len(x) * sum(task.network.sizes) * (2 if gradient else 1) + 2 * task.network.size
        self.rows = int(min(64, max(4, CACHE // numbers)))
        self.bound: dict[int, tuple[Tensor, Backpropagation, Tensor, Tensor]] = {}

    def _bind(self, rows: int) -> tuple[Tensor, Backpropagation, Tensor, Tensor]:
        if rows not in self.bound:
            theta = torch.empty(rows, self.task.network.size, dtype=self.x1.dtype, device=self.where)
            chain = Backpropagation(self.task.network, theta, len(self.x1))
            every = [v.expand(rows, -1, -1).contiguous() for v in (self.x1, self.y)]
            self.bound[rows] = theta, chain, every[0], every[1]
        return self.bound[rows]

    def __call__(self, theta: NDArray[np.floating]) -> Values:
        """theta [G, P], G at most `rows` for bounded memory -> their values."""
        held, chain, x1, y = self._bind(len(theta))
        held.copy_(torch.from_numpy(theta))
        prediction, knobs = chain.forward(x1), dict(self.spec.loss_knobs)
        found = [cost(self.spec.loss, prediction, y, **knobs), score(prediction, y, self.task.data.task)]
        if self.gradient:
            found.append(chain.backward(cost_gradient(self.spec.loss, prediction, y, **knobs)).norm(dim=1))
        values = [v.float().cpu().numpy() for v in found]
        return Values(values[0], values[1], values[2] if self.gradient else np.empty(0, np.float32))

    def pieces(self, theta: NDArray[np.floating]) -> Iterator[Values]:
        """The values of theta [G, P], `rows` at a time."""
        for first in range(0, len(theta), self.rows):
            yield self(theta[first : first + self.rows])

    def all(self, theta: NDArray[np.floating]) -> Values:
        return Values(*(np.concatenate(column) for column in zip(*self.pieces(theta), strict=True)))


class Curvature:
    """The Hessian of the training cost at theta [P], by its products with vectors.

    A product is the difference of two gradients a little apart, in float64: exact but for SHIFT^2.
    """

    def __init__(self, task: Task, spec: TrainSpec, theta: NDArray[np.floating]) -> None:
        self.knobs, self.loss = dict(spec.loss_knobs), spec.loss
        self.theta = torch.from_numpy(theta.astype(np.float64))
        pair = torch.stack([self.theta, self.theta])
        self.step = SHIFT * max(1.0, float(self.theta.norm()))
        self.pair, self.chain = pair, Backpropagation(task.network, pair, len(task.x))
        self.x1, self.y = (v.double().expand(2, -1, -1).contiguous() for v in (with_ones(task.x), task.y))

    def product(self, vector: NDArray[np.float64]) -> NDArray[np.float64]:
        """Hessian times vector [P]."""
        v = torch.from_numpy(np.ascontiguousarray(vector, np.float64).reshape(-1))
        shift = self.step * v / v.norm().clamp_min(1e-300)
        self.pair[0], self.pair[1] = self.theta + shift, self.theta - shift
        slope = cost_gradient(self.loss, self.chain.forward(self.x1), self.y, **self.knobs)
        g = self.chain.backward(slope)
        found: NDArray[np.float64] = ((g[0] - g[1]) * (v.norm() / (2 * self.step))).numpy()
        return found

    def top(self, count: int = 2) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The largest eigenvalues [count], descending, and their vectors [P, count] (Lanczos)."""
        size = len(self.theta)
        if size <= count + 1:  # too small for Lanczos
            dense = np.stack([self.product(row) for row in np.eye(size)])
            values, vectors = np.linalg.eigh((dense + dense.T) / 2)
        else:
            start = np.random.default_rng(0).normal(size=size)
            operator = LinearOperator((size, size), matvec=self.product, dtype=np.float64)
            values, vectors = eigsh(operator, k=count, which="LA", v0=start, tol=1e-5)
        order = np.argsort(values)[::-1][:count]
        return values[order], vectors[:, order]
