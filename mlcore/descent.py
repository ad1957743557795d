"""Gradient descent on rows: one walk for trainings, for surfaces and for sweeps.

Every rule of every experiment moves theta here and nowhere else. Nothing random happens inside: minibatches
are drawn beforehand, so a row's numbers depend on its own seed alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.optimizers import OPTIMIZERS
from mlcore.schedules import SCHEDULES

Gradient = Callable[[int], Tensor]
"""`gradient(t)` at the present theta, with step t's minibatch -> [R, P]."""
Objective = Callable[[Tensor], Tensor]
"""`objective(theta [R, P]) -> [R]`, each row on its own."""


class Status(StrEnum):
    """How a descent ended. The value is the sentence; other languages translate by name."""

    FINISHED = "all steps were taken"
    STOPPED = "it was stopped before its last step"
    DIVERGED = "it diverged: the numbers left every bound"


@dataclass(frozen=True)
class Moment:
    """One recorded step. The tensors are the walk's own: copy what you keep."""

    step: int
    theta: Tensor  # [R, P]
    gradient: Tensor  # [R, P] at theta, of the objective that this step goes down
    direction: Tensor  # [R, P] what the rule made of it
    lr: Tensor  # [R, 1] after the schedule


def walk(
    theta: Tensor,  # [R, P], moved in place
    gradient: Gradient,
    *,
    optimizer: str,
    knobs: Mapping[str, float | Tensor],
    lr: Tensor,  # [R, 1]
    schedule: str = "constant",
    schedule_knobs: Mapping[str, float] | None = None,
    steps: int,
    record: Collection[int],
) -> Iterator[Moment]:
    """Take `steps` steps, pausing at each step in `record` (0 is the start, `steps` the end)."""
    rule, factor = OPTIMIZERS[optimizer], SCHEDULES[schedule]
    state = [torch.zeros_like(theta) for _ in rule.state]
    stops, decayed = frozenset(record), schedule != "constant"
    rate = lr
    for t in range(steps + 1):
        g = gradient(t)
        direction, *state = rule(g, t + 1, theta, *state, **knobs)
        if decayed:
            rate = lr * factor(t, steps, **(schedule_knobs or {}))
        if t in stops:
            yield Moment(t, theta, g, direction, rate)
        if t < steps:
            theta.addcmul_(rate, direction, value=-1)


@dataclass(frozen=True, eq=False)
class Descent:
    """What a descent left behind. T recorded steps, R replicas, P parameters."""

    step: NDArray[np.int64]  # [T]
    theta: NDArray[np.float64]  # [T, R, P]
    value: NDArray[np.float64]  # [T, R]
    status: tuple[Status, ...]  # per replica


def slope(objective: Objective, theta: Tensor) -> Tensor:
    """The gradient of each row of theta [R, P], by autograd on the summed value (rows do not meet)."""
    leaf = theta.detach().requires_grad_()
    with torch.enable_grad():
        (g,) = torch.autograd.grad(objective(leaf).sum(), leaf)
    return g


def descend(
    objective: Objective,
    start: Tensor,  # [R, P]
    *,
    optimizer: str = "sgd",
    knobs: Mapping[str, float | Tensor] | None = None,
    lr: float | Tensor = 0.1,
    schedule: str = "constant",
    schedule_knobs: Mapping[str, float] | None = None,
    steps: int = 100,
    every: int = 1,
) -> Descent:
    """Go down any differentiable objective from R starts; lr is a number or [R, 1]."""
    theta = start.clone()
    rate = torch.as_tensor(lr, dtype=theta.dtype, device=theta.device).expand(theta.shape[0], 1)
    record = sorted({*range(0, steps + 1, every), steps})
    moments = walk(
        theta,
        lambda t: slope(objective, theta),
        optimizer=optimizer,
        knobs=OPTIMIZERS[optimizer].settings({}) | dict(knobs or {}),
        lr=rate,
        schedule=schedule,
        schedule_knobs=SCHEDULES[schedule].settings(schedule_knobs or {}),
        steps=steps,
        record=record,
    )
    path = torch.stack([moment.theta.clone() for moment in moments])  # [T, R, P]
    value = torch.stack([objective(row) for row in path])
    finite = torch.isfinite(path[-1]).all(-1) & torch.isfinite(value[-1])
    status = tuple(Status.FINISHED if fine else Status.DIVERGED for fine in finite.tolist())
    return Descent(
        np.asarray(record), path.cpu().double().numpy(), value.detach().cpu().double().numpy(), status
    )
