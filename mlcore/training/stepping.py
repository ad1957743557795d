"""One step under the magnifying glass: the batch, the prediction, the loss, |g| and the update.

The numbers are not kept while training: the run is repeated up to the step, which gives the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from mlcore.base import spec as specs
from mlcore.base.device import computing, off_device
from mlcore.base.experiment import Report, run, silent
from mlcore.base.registry import Knob
from mlcore.families.losses import cost, example_losses
from mlcore.training.descent import Moment
from mlcore.training.tasks import Task, TrainSpec, prepare
from mlcore.training.training import Chunk, chunk_rows, minibatch_rows

FLOATS = NDArray[np.float64]
BETWEEN = 50  # steps between two reports


@dataclass(frozen=True)
class StepSpec:
    """Step `step` (from 0: the first) of the first replica of a training."""

    train: TrainSpec = specs.part(TrainSpec)
    step: int = specs.number(Knob(0, 0, 19_999, integer=True), "k")

    def __post_init__(self) -> None:
        specs.check(self)
        alone = replace(self.train, replicas=1) if self.train.sweep == "seed" else self.train
        object.__setattr__(self, "train", alone)
        if self.step >= self.train.steps:
            raise specs.SpecError([specs.Problem("k", str(self.step), f"below {self.train.steps}")])


@dataclass(frozen=True, eq=False)
class Step:
    """What happened in one step. B examples of the minibatch, P parameters, L layers."""

    spec: StepSpec
    rows: NDArray[np.int64]  # [B] which training examples
    x: FLOATS  # [B, D] as the network read them
    target: FLOATS  # [B, K]
    prediction: FLOATS  # [B, K] raw outputs before the update
    loss: FLOATS  # [B] of each example
    cost: float  # their mean (its root for RMSE)
    objective: float  # with penalties
    cost_after: float  # the same batch after the update
    lr: float
    theta: FLOATS  # [P] before
    gradient: FLOATS  # [P] of the objective
    direction: FLOATS  # [P] what the optimizer made of the gradient
    update: FLOATS  # [P] = theta after - theta before = -lr * direction
    shapes: tuple[tuple[int, int], ...]  # [fan_in + 1, fan_out] per layer


def _walked(spec: StepSpec, task: Task, report: Report) -> tuple[Chunk, Moment]:
    """The run, stopped at the step."""
    stops = {*range(0, spec.step, BETWEEN), spec.step, spec.step + 1}
    chunk = Chunk(task, spec.train, 0, chunk_rows(task, spec.train), record=sorted(stops))
    for moment in chunk.moments:
        if moment.step == spec.step:
            break
        report(moment.step / spec.step, None)
    return chunk, moment


@run.register
@computing()
def look(spec: StepSpec, report: Report = silent) -> Step:
    """Repeat the run up to the step and keep everything that the step computed."""
    train, task = spec.train, prepare(spec.train)
    chunk, moment = _walked(spec, task, report)
    knobs, everyone = task.loss_knobs, len(task.x)
    full = train.batch_size == 0 or train.batch_size >= everyone
    rows = torch.arange(everyone)
    if not full:
        rows = minibatch_rows(everyone, train.batch_size, spec.step + 1, train.seeds()[0])[-1]
    # copies, as the walk moves its own tensors on; no Apple GPU knows float64
    x1, target, prediction = (off_device(v[:1]).clone() for v in (*chunk.batch, chunk.prediction))
    before, g, d = (off_device(v[0]).double() for v in (moment.theta, moment.gradient, moment.direction))
    lr, l2 = (float(off_device(v[0])) for v in (moment.lr, chunk.l2))
    loss = example_losses(train.loss, prediction, target, **knobs)[0]
    fit = float(cost(train.loss, prediction, target, **knobs))
    weights = before * off_device(chunk.mask).double()
    penalty = train.l1 * weights.abs().sum() + 0.5 * l2 * weights.square().sum()
    next(chunk.moments)
    after = off_device(chunk.theta[:1])
    report(1.0, None)
    again = task.network.predict(after, x1[..., :-1])
    return Step(
        spec,
        rows.numpy(),
        x1[0, :, :-1].double().numpy(),
        target[0].double().numpy(),
        prediction[0].double().numpy(),
        loss.double().numpy(),
        fit,
        fit + float(penalty),
        float(cost(train.loss, again, target, **knobs)),
        lr,
        before.numpy(),
        g.numpy(),
        d.numpy(),
        (after[0].double() - before).numpy(),
        tuple(task.network.shapes),
    )
