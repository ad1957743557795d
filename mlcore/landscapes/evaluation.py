"""Costs, scores, gradients and curvatures at rows of theta that need not have been trained.

A point of a landscape is a row. Rows go a few at a time, 4 to 64, which bounds memory whatever the grid,
and is quicker than all at once; on a CPU two threads take turns with them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, eigsh
from torch import Tensor

from mlcore.base.device import computing, constant, off_device, on_device
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.losses import cost, cost_gradient
from mlcore.families.networks import Chain, Network, with_ones
from mlcore.training.tasks import Task, TrainSpec, score

CACHE = 1_000_000  # float32 numbers that the rows together touch
THREADS = min(2, os.cpu_count() or 1)  # torch lets go of Python while it multiplies; each has its own buffers
SHIFT = 1e-10  # of the length of theta: how far apart the two gradients of a curvature are
QUANTITIES = ("cost", "score", "gradient")
FLOATS = NDArray[np.float32]


def tanh_(z: Tensor) -> Tensor:
    """2 / (1 + e^-2z) - 1 in place, within 2e-7 of `torch.tanh_` and a quarter of its time."""
    two = constant(2.0, z.dtype, z.device)
    return z.mul_(two).sigmoid_().mul_(two).sub_(constant(1.0, z.dtype, z.device))


# Nobody compares the bits of two points, so these may be torch's own, in place: three times as fast
IN_PLACE: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": tanh_,
    "sigmoid": torch.sigmoid_,
    "relu": torch.relu_,
}


class Evaluator:
    """What rows of theta are worth on the training or the test examples, penalties left out.

    `what` is the cost, the score (accuracy, or R^2), or the length of the cost's gradient. Buffers are made
    once for each thread and number of rows.
    """

    def __init__(self, task: Task, spec: TrainSpec, part: str = "train", what: str = "cost") -> None:
        self.task, self.spec, self.what = task, spec, what
        x, y = (task.x, task.y) if part == "train" else (task.x_test, task.y_test)
        self.x, self.y, self.knobs = on_device(x), on_device(y), task.knobs_on_device()
        layers = 4 if what == "gradient" else 1
        numbers = layers * len(x) * sum(task.network.sizes) + 2 * task.network.size
        self.rows = int(min(64, max(4, CACHE // numbers)))
        self.bound: dict[tuple[int, int], tuple[Tensor, Forward | Chain, Tensor, Tensor]] = {}
        self.threads = ThreadPoolExecutor(THREADS)

    def _bind(self, rows: int) -> tuple[Tensor, Forward | Chain, Tensor, Tensor]:
        key = threading.get_ident(), rows
        if key not in self.bound:
            theta = self.x.new_empty(rows, self.task.network.size)
            x1 = with_ones(self.x)
            if self.what == "gradient" or not self.task.network.plain:
                back = self.what == "gradient"
                chain: Forward | Chain = self.task.network.chain(theta, len(x1), back)
                x1, y = (v.expand(rows, -1, -1).contiguous() for v in (x1, self.y))
            else:
                chain = Forward(self.task.network, theta, len(x1))
                y = self.y.T.contiguous().T.expand(rows, -1, -1)  # in memory as predictions are
            self.bound[key] = theta, chain, x1, y
        return self.bound[key]

    def __call__(self, theta: NDArray[np.floating]) -> FLOATS:
        """theta [G, P], G at most `rows` for bounded memory -> [G]."""
        held, chain, x, y = self._bind(len(theta))
        held.copy_(on_device(torch.from_numpy(theta), held.dtype))
        prediction, knobs = chain.forward(x), self.knobs
        if not isinstance(chain, Forward) and self.what == "gradient":
            found = chain.backward(cost_gradient(self.spec.loss, prediction, y, **knobs)).norm(dim=1)
        elif self.what == "score":
            found = score(prediction, y, self.task.data.task)
        else:
            found = cost(self.spec.loss, prediction, y, **knobs)
        values: FLOATS = off_device(found.float()).numpy()
        return values

    def pieces(
        self, points: NDArray[np.floating], rows_at: Callable[[Any], NDArray[np.floating]] = np.asarray
    ) -> Iterator[FLOATS]:
        """The values at points [G, ...], `rows` at a time, in their order; `rows_at` some points is theta."""

        # One array for all: small ones that are kept between large buffers would pin these in memory
        values = np.empty(len(points), np.float32)

        def find(first: int) -> FLOATS:
            part = values[first : first + self.rows]
            part[:] = self(rows_at(points[first : first + self.rows]))
            return part

        firsts = range(0, len(points), self.rows)
        if self.x.device.type != "cpu" or len(firsts) == 1:
            yield from map(find, firsts)
            return
        coming = [self.threads.submit(computing()(find), first) for first in firsts]
        try:
            for piece in coming:
                yield piece.result()
        finally:  # whoever asked may have stopped
            for piece in coming:
                piece.cancel()

    def all(
        self, points: NDArray[np.floating], rows_at: Callable[[Any], NDArray[np.floating]] = np.asarray
    ) -> FLOATS:
        return np.concatenate([*self.pieces(points, rows_at)])


class Forward:
    """The way from x to the prediction in buffers made once, for one theta [R, P] whose values may change.

    Transposed: an example is a column. The narrow last layer takes a third of the time, biases take none, and
    losses compare outputs that lie in memory one after the other.
    """

    def __init__(self, network: Network, theta: Tensor, examples: int) -> None:
        activate = IN_PLACE.get(network.activation)
        plain = ACTIVATIONS[network.activation]
        self.activate = activate or (lambda z: z.copy_(plain(z)))
        self.W_T = [block.mT for block in network.blocks(theta)]  # each [R, fan_out, fan_in + 1]
        self.h1 = [theta.new_ones(len(theta), b + 1, examples) for _, b in network.shapes]  # the 1s stay

    def forward(self, x1: Tensor) -> Tensor:
        """x1 [N, D + 1] with a column of ones -> prediction [R, N, K]; the next call overwrites it."""
        below = x1.T.expand(len(self.W_T[0]), -1, -1)
        for layer, (W_T, h1) in enumerate(zip(self.W_T, self.h1, strict=True), 1):
            z = torch.bmm(W_T, below, out=h1[:, :-1])
            if layer < len(self.W_T):
                self.activate(z)
            below = h1
        return z.mT


class Curvature:
    """The Hessian of the training cost at theta [P], by its products with vectors; with `penalty` that of the
    objective.

    A product is the difference of two gradients a little apart, in float64: exact to about six digits, and
    so near that no kink of a ReLU lies between them, though descent at the edge of stability seeks them.
    """

    def __init__(
        self, task: Task, spec: TrainSpec, theta: NDArray[np.floating], penalty: bool = False
    ) -> None:
        self.l2 = spec.l2 * task.network.is_weight().double().numpy() if penalty else 0.0
        self.knobs, self.loss = task.loss_knobs, spec.loss
        self.theta = torch.from_numpy(theta.astype(np.float64))
        pair = torch.stack([self.theta, self.theta])
        self.step = SHIFT * max(1.0, float(self.theta.norm()))
        self.pair, self.chain = pair, task.network.chain(pair, len(task.x))
        self.x1, self.y = (v.double().expand(2, -1, -1).contiguous() for v in (with_ones(task.x), task.y))

    def product(self, vector: NDArray[np.float64]) -> NDArray[np.float64]:
        """Hessian times vector [P]."""
        v = torch.from_numpy(np.ascontiguousarray(vector, np.float64).reshape(-1))
        shift = self.step * v / v.norm().clamp_min(1e-300)
        self.pair[0], self.pair[1] = self.theta + shift, self.theta - shift
        slope = cost_gradient(self.loss, self.chain.forward(self.x1), self.y, **self.knobs)
        g = self.chain.backward(slope)
        found: NDArray[np.float64] = ((g[0] - g[1]) * (v.norm() / (2 * self.step))).numpy()
        return found + self.l2 * v.numpy()

    def top(
        self, count: int = 2, start: NDArray[np.float64] | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The largest eigenvalues [count], descending, and their vectors [P, count] (Lanczos).

        A start [P] must have a share of every vector that is looked for; a little of a random one is added.
        """
        size = len(self.theta)
        if size <= count + 1:  # too small for Lanczos
            dense = np.stack([self.product(row) for row in np.eye(size)])
            values, vectors = np.linalg.eigh((dense + dense.T) / 2)
        else:
            noise = np.random.default_rng(0).normal(size=size) / size**0.5
            begin = noise if start is None else start / np.linalg.norm(start) + 0.1 * noise
            if not self.product(begin).any():  # flat, as where all ReLUs are idle: ARPACK would refuse
                return np.zeros(count), np.eye(size, count)
            operator = LinearOperator((size, size), matvec=self.product, dtype=np.float64)
            values, vectors = eigsh(operator, k=count, which="LA", v0=begin, tol=1e-5)
        order = np.argsort(values)[::-1][:count]
        return values[order], vectors[:, order]
