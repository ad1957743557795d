"""Losses along one axis: over the prediction of one example, and over a constant that answers for all.

The grid points are the rows: one call of `cost` on [M, 1, K] draws a whole curve.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.families.losses import LOSSES, cost, cost_gradient, huber_center

FLOATS = NDArray[np.float64]
CENTERS = ("mse", "mae", "huber")
REACH = 6.0  # how far to either side predictions are drawn
POINTS = 481  # a step of 1/40: the corner of MAE and the ends of Huber's middle fall on the grid


@dataclass(frozen=True, eq=False)
class Shapes:
    """V losses of one example over M predictions of it."""

    names: tuple[str, ...]  # [V]
    x: FLOATS  # [M] the prediction: a value, or a raw output (logit)
    loss: FLOATS  # [V, M]
    gradient: FLOATS  # [V, M] by the prediction
    at: float  # one prediction to be read off
    at_loss: FLOATS  # [V]
    at_gradient: FLOATS  # [V]


def shapes(task: str, target: float, at: float, delta: float) -> Shapes:
    """Every loss that can train on `task`, for one example with this target (0 or 1 in classification)."""
    fits = ("regression",) if task == "regression" else ("classification", "binary")
    names = tuple(name for name in LOSSES if any(one in LOSSES[name].tasks for one in fits))
    x = np.linspace(-REACH, REACH, POINTS)
    pairs = [of_one(name, torch.from_numpy(np.append(x, at)), target, delta) for name in names]
    loss, gradient = (torch.stack(part).numpy() for part in zip(*pairs, strict=True))
    return Shapes(names, x, loss[:, :-1], gradient[:, :-1], at, loss[:, -1], gradient[:, -1])


def of_one(name: str, z: Tensor, target: float, delta: float) -> tuple[Tensor, Tensor]:
    """Loss [M] and its derivative [M] of one example by its prediction z [M].

    Softmax needs two logits: they are 0 and z. RMSE is the root of a mean over one example: |z - target|.
    """
    p, y = z[:, None, None], z.new_full((1, 1), target)
    if LOSSES[name].tasks == ("classification",):
        p, y = torch.cat([torch.zeros_like(p), p], -1), torch.cat([1 - y, y], -1)
    knobs = LOSSES[name].settings({"delta": delta})
    return cost(name, p, y, **knobs), cost_gradient(name, p, y, **knobs)[:, 0, -1]


@dataclass(frozen=True, eq=False)
class Centers:
    """The constant c that answers best for N values: mean, median and Huber, and their costs around it."""

    values: FLOATS  # [N]
    best: FLOATS  # [3] of MSE (the mean), MAE (the middle median), Huber
    middle: tuple[float, float]  # between these every c is a median
    least: FLOATS  # [3] the cost there
    c: FLOATS  # [M]
    cost: FLOATS  # [3, M]
    moved: FLOATS  # [Q] where the last value might stand instead
    answer: FLOATS  # [3, Q] the best constant then


def centers(values: tuple[float, ...], delta: float, low: float, high: float) -> Centers:
    """The best constants for `values`, their costs over c in [low, high], and what the last value does."""
    y = torch.tensor(values, dtype=torch.float64)
    knobs = {name: LOSSES[name].settings({"delta": delta}) for name in CENTERS}
    c = torch.linspace(low, high, 401, dtype=torch.float64)

    def costs(constant: Tensor) -> Tensor:  # [M] -> [3, M]
        p = constant[:, None, None].expand(-1, len(y), 1)
        return torch.stack([cost(name, p, y[:, None], **knobs[name]) for name in CENTERS])

    moved = torch.linspace(low, high, 121, dtype=torch.float64)
    table = y[:, None].repeat(1, len(moved))  # [N, Q]: a column for each place of the last value
    table[-1] = moved
    best, between = answers(y[:, None], delta)[:, 0], middle(y[:, None])[:, 0].tolist()
    return Centers(
        y.numpy(), best.numpy(), (between[0], between[1]), costs(best).diagonal().numpy(),
        c.numpy(), costs(c).numpy(), moved.numpy(), answers(table, delta).numpy(),
    )  # fmt: skip


def answers(y: Tensor, delta: float) -> Tensor:
    """The best constants [3, K] for the columns of y [N, K]: mean, the middle median, Huber."""
    return torch.stack([y.mean(0), middle(y).mean(0), huber_center(y, delta)])


def middle(y: Tensor) -> Tensor:
    """y [N, K] -> [2, K]: the two values in the middle (twice the same one, if N is odd)."""
    ordered = y.sort(0).values
    return torch.stack([ordered[(len(y) - 1) // 2], ordered[len(y) // 2]])
