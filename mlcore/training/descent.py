"""Gradient descent on rows: one walk for trainings, for surfaces and for sweeps.

Every rule of every experiment moves theta here and nowhere else. Nothing random happens inside: minibatches
are drawn beforehand, so a row's numbers depend on its own seed alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base.device import off_device
from mlcore.base.experiment import Report
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.families.schedules import SCHEDULES

Gradient = Callable[[int], Tensor]
"""`gradient(t)` at the present theta, with step t's minibatch -> [R, P]."""
Objective = Callable[[Tensor], Tensor]
"""`objective(theta [R, P]) -> [R]`, each row on its own."""
TICKS = 20  # steps of `adam` between two looks at whether anybody still waits


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
    state: tuple[Tensor, ...]  # [R, P] each, as the rule names them, this step's gradient included


class Walker:
    """One rule with its state on the rows of theta [R, P], which it moves in place: look, then move."""

    def __init__(
        self,
        theta: Tensor,
        *,
        optimizer: str,
        knobs: Mapping[str, float | Tensor],
        lr: Tensor,  # [R, 1]
        schedule: str = "constant",
        schedule_knobs: Mapping[str, float] | None = None,
        steps: int,
    ) -> None:
        rule, decay = OPTIMIZERS[optimizer], SCHEDULES[schedule]
        self.theta, self.lr, self.rate, self.steps = theta, lr, lr, steps
        self.rule, self.knobs = rule.function, {**rule.settings({}), **knobs}
        self.state = [torch.zeros_like(theta) for _ in rule.state]
        self.factor = partial(decay.function, T=steps, **decay.settings(schedule_knobs or {}))
        self.scheduled = schedule != "constant"

    def look(self, t: int, gradient: Tensor) -> None:
        """What step t will do about gradient [R, P]."""
        self.gradient = gradient
        self.direction, *self.state = self.rule(gradient, t + 1, self.theta, *self.state, **self.knobs)
        if self.scheduled:
            self.rate = self.lr * self.factor(t)

    def move(self) -> None:
        self.theta.addcmul_(self.rate, self.direction, value=-1)

    def moment(self, t: int) -> Moment:
        return Moment(t, self.theta, self.gradient, self.direction, self.rate, tuple(self.state))


def walk(walker: Walker, gradient: Gradient, record: Collection[int]) -> Iterator[Moment]:
    """Take the walker's steps, pausing at each step in `record` (0 is the start, `walker.steps` the end)."""
    stops = frozenset(record)
    for t in range(walker.steps + 1):
        walker.look(t, gradient(t))
        if t in stops:
            yield walker.moment(t)
        if t < walker.steps:
            walker.move()


def adam(
    theta: Tensor, gradient: Gradient, lr: float, steps: int, record: Collection[int], report: Report
) -> Iterator[Moment]:
    """The training of experiments that leave the optimizer alone: Adam, with a rate that falls to 0.

    Moves theta [R, P] in place and pauses as `walk` does; `report` hears how far it is.
    """

    def told(t: int) -> Tensor:
        if t % TICKS == 0:
            report(t / steps, None)
        return gradient(t)

    rate = theta.new_full((len(theta), 1), lr)
    walker = Walker(theta, optimizer="adam", knobs={}, lr=rate, schedule="cosine", steps=steps)
    return walk(walker, told, record)


def race(walkers: Sequence[Walker], objective: Objective, theta: Tensor) -> Iterator[int]:
    """Walkers on their own rows of one theta [R, P], step by step together: one gradient serves them all.

    Pauses at every step t, when all have looked and none has moved: `walker.moment(t)` tells what it saw.
    """
    steps = walkers[0].steps
    for t in range(steps + 1):
        gradient, first = slope(objective, theta), 0
        for walker in walkers:
            last = first + len(walker.theta)
            walker.look(t, gradient[first:last])
            first = last
        yield t
        for walker in walkers[: len(walkers) if t < steps else 0]:
            walker.move()


@dataclass(frozen=True, eq=False)
class Descent:
    """What a descent left behind. T recorded steps, R replicas, P parameters."""

    step: NDArray[np.int64]  # [T]
    theta: NDArray[np.float64]  # [T, R, P]
    value: NDArray[np.float64]  # [T, R]
    status: tuple[Status, ...]  # per replica


def slope(objective: Objective, theta: Tensor) -> Tensor:
    """The gradient of each row of theta [R, P]: the objective's own where it has one in closed form.

    Else by autograd on the sum of all values (rows do not meet).
    """
    if hasattr(objective, "gradient"):
        closed: Tensor = objective.gradient(theta)
        return closed
    with torch.inference_mode(False):  # with autograd, whatever goes on around
        leaf = theta.clone().requires_grad_()
        value = objective(leaf)
        (g,) = torch.autograd.grad(value, leaf, torch.ones_like(value))
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
    walker = Walker(
        theta,
        optimizer=optimizer,
        knobs=knobs or {},
        lr=rate,
        schedule=schedule,
        schedule_knobs=schedule_knobs,
        steps=steps,
    )
    moments = walk(walker, lambda t: slope(objective, theta), record)
    path = torch.stack([moment.theta.clone() for moment in moments])  # [T, R, P]
    value = torch.stack([objective(row) for row in path])
    finite = torch.isfinite(path[-1]).all(-1) & torch.isfinite(value[-1])
    status = tuple(Status.FINISHED if fine else Status.DIVERGED for fine in off_device(finite).tolist())
    return Descent(
        np.asarray(record),
        off_device(path).double().numpy(),
        off_device(value.detach()).double().numpy(),
        status,
    )
