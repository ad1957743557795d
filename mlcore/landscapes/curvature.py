"""Curvature along a run: the Hessian's largest eigenvalues at steps of a training, and what a rule can bear.

On a quadratic of curvature h a rule of constant learning rate comes to rest exactly while h is below
its bound:

    sgd        2 / lr
    momentum   (2 + 2 mu) / lr
    nesterov   (2 + 2 mu) / (1 + 2 mu) / lr

Descent on all examples of a network often goes to that edge by itself: the sharpness, which is the largest
eigenvalue, climbs to the bound and hovers there while the cost falls on, not in every step (Cohen et al.
2021). Rules that scale every coordinate have another edge, of another matrix; for them no bound is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mlcore.base import spec as specs
from mlcore.base.device import computing
from mlcore.base.experiment import Report, run, silent
from mlcore.base.refusal import times
from mlcore.base.registry import Knob
from mlcore.families.models import ModelSpec
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.families.schedules import SCHEDULES
from mlcore.landscapes.evaluation import Curvature
from mlcore.landscapes.landscape import LandscapeError
from mlcore.training.data import DataSpec
from mlcore.training.tasks import TrainSpec, prepare
from mlcore.training.training import UNIT, Chunk

EDGE = TrainSpec(
    DataSpec("sine", examples=57, knobs=(("noise", 0.0), ("frequency", 3.0))),  # 40 of them to train on
    ModelSpec(widths=(40, 40), init="torch_default"),
    loss="mse", optimizer="sgd", lr=0.05, batch_size=0, steps=4000,
)  # fmt: skip
"""A training that goes to the edge: its sharpness ends near 2 / lr = 40."""
BOUNDS: Mapping[str, Callable[..., float]] = {
    "sgd": lambda lr: 2 / lr,
    "momentum": lambda lr, momentum: (2 + 2 * momentum) / lr,
    "nesterov": lambda lr, momentum: (2 + 2 * momentum) / (1 + 2 * momentum) / lr,
}
NEAR = 0.1  # a median within this share of the bound is at the edge
PRODUCTS = 40  # of the Hessian with a vector, that one look takes, about
MOST_WORK = 1e13  # multiplications
FLOATS = NDArray[np.float64]


@dataclass(frozen=True)
class CurvatureSpec:
    """A training, at how many of its steps one looks, and how many eigenvalues are wanted."""

    train: TrainSpec = specs.part(TrainSpec, EDGE)
    looks: int = specs.number(Knob(40, 8, 160, integer=True), "looks")
    count: int = specs.number(Knob(1, 1, 3, symbol="k", integer=True), "eig")

    def __post_init__(self) -> None:
        specs.check(self)
        object.__setattr__(self, "train", replace(self.train, replicas=1))

    @property
    def steps(self) -> list[int]:
        """Evenly spaced, the first and the last among them."""
        return sorted({round(self.train.steps * k / self.looks) for k in range(self.looks + 1)})


@dataclass(frozen=True, eq=False)
class Curve:
    """What was seen at T steps: a part holds one of them, the result all. NaN where numbers overflowed."""

    spec: CurvatureSpec
    step: NDArray[np.int64]  # [T]
    top: FLOATS  # [T, K] of the training objective's Hessian, on all examples, the largest first
    cost: FLOATS  # [T] on all training examples
    bound: FLOATS  # [T] what the rule can bear at this step's learning rate; NaN for rules without one

    @classmethod
    def join(cls, parts: Sequence[Curve]) -> Curve:
        names = ("step", "top", "cost", "bound")
        return cls(parts[0].spec, *(np.concatenate([getattr(p, name) for p in parts]) for name in names))


@run.register
@computing()
def curvature(spec: CurvatureSpec, report: Report = silent) -> Curve:
    """Train, and look now and then. Parts are single looks; a divergence ends it.

    Raises `LandscapeError` for too much work, and what `prepare` raises.
    """
    task, train = prepare(spec.train), spec.train
    work = 12.0 * PRODUCTS * len(spec.steps) * spec.count * len(task.x) * task.network.size
    if work > MOST_WORK:
        raise LandscapeError("looks", times=times(work, MOST_WORK))
    chunk, rate = Chunk(task, train, 0, UNIT, spec.steps), learning_rate(train)
    parts: list[Curve] = []
    count = min(spec.count, task.network.size)
    values, vectors = np.full(count, np.nan), None
    for step in spec.steps:
        theta, cost, *_ = chunk.advance()
        fine = bool(np.isfinite(theta).all() and np.isfinite(cost).all())
        if fine:  # the eigenvectors turn slowly: the last ones are where to begin
            start = None if vectors is None else vectors.sum(1)
            values, vectors = Curvature(task, train, theta[0], penalty=True).top(count, start)
        top = values[None] if fine else np.full((1, count), np.nan)
        limit = np.array([bound(train, rate(step))])
        parts.append(Curve(spec, np.array([step]), top, cost.astype(np.float64), limit))
        report(step / train.steps, parts[-1])
        if not fine:
            break
    return Curve.join(parts)


def learning_rate(spec: TrainSpec) -> Callable[[int], float]:
    """Of a step, after the schedule."""
    decay = SCHEDULES[spec.schedule]
    knobs = decay.settings(dict(spec.schedule_knobs))
    return lambda t: spec.lr * float(decay.function(t, T=spec.steps, **knobs))


def bound(spec: TrainSpec, lr: float) -> float:
    """The largest curvature at which the rule still comes to rest; NaN where 2 / lr does not apply."""
    if spec.optimizer not in BOUNDS:
        return float("nan")
    if lr <= 0:  # where a schedule ends
        return float("inf")
    return BOUNDS[spec.optimizer](lr, **OPTIMIZERS[spec.optimizer].settings(dict(spec.knobs)))


@dataclass(frozen=True)
class Verdict:
    """What the curve shows: `kind` is one of

    edge      the median sharpness of the last quarter of looks lies within NEAR of the bound
    above     it lies higher
    passed    it lies lower, but an earlier look was beyond the bound by more than NEAR
    below     it lies lower, as all looks did
    unbound   there is no bound to compare with
    diverged  the numbers overflowed, or the cost ended 1000 times above its start
    """

    kind: str
    median: float  # of the last quarter
    bound: float  # the same of the bound
    step: int  # the first look beyond the bound; where it diverged; -1 if there is none


def verdict(curve: Curve) -> Verdict:
    """The first of diverged, unbound, edge, above, passed and below that holds."""
    sharpness, limit = curve.top[:, 0], curve.bound
    last = slice(-max(1, len(sharpness) // 4), None)
    median, edge = (float(np.median(v[last])) for v in (sharpness, limit))
    beyond = np.flatnonzero(sharpness > (1 + NEAR) * limit)  # a NaN is not beyond anything
    first = int(curve.step[beyond[0]]) if len(beyond) else -1
    lost = ~np.isfinite(curve.cost) | ~np.isfinite(sharpness) | (curve.cost > 1e3 * max(curve.cost[0], 1e-3))
    if lost[-1]:
        return Verdict("diverged", median, edge, int(curve.step[np.flatnonzero(lost)[0]]))
    if np.isnan(edge):
        return Verdict("unbound", median, edge, -1)
    if abs(median / edge - 1) <= NEAR:
        return Verdict("edge", median, edge, first)
    kind = "above" if median > edge else "passed" if len(beyond) else "below"
    return Verdict(kind, median, edge, first)
