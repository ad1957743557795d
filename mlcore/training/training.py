"""Training: R replicas of one model on one data set, at once, recorded at chosen steps.

Rows are computed in chunks of whole units, each replica in a fixed slot of its unit, so that a replica's
numbers are the same bits alone, among 200, and in chunks of any size. A single run is a unit with padding:
a batched product of one row takes another path through the BLAS than one of several. With that, and with
element-wise functions that have no seam (see activations.sigmoid), 600 random shapes were all identical.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from mlcore.base.device import computing, off_device, on_device
from mlcore.base.experiment import Report, run, silent
from mlcore.families.losses import cost, cost_gradient
from mlcore.families.networks import with_ones
from mlcore.training.descent import Moment, Status, Walker, walk
from mlcore.training.tasks import Task, TrainSpec, prepare, score

UNIT = 2
CACHE = 1_500_000  # float32 numbers
ASKED = 300_000  # float32 numbers of all layers while all examples are asked about: a core's cache again
CALL = 40_000  # float32 numbers of one layer below which a call takes longer than its numbers: more rows then
MEASURED = 1_000_000  # float32 numbers of the predictions whose costs are taken at once
RECORDS = 40  # recorded steps of a run, dense early where most happens
PATH_NUMBERS = 2_000_000  # float32 numbers of theta that a run keeps (8 MB)
FLOATS = NDArray[np.float32]


def recorded_steps(steps: int) -> list[int]:
    """At most RECORDS + 1 steps from 0 to `steps`, their distances growing linearly."""
    return sorted({round(steps * (k / RECORDS) ** 2) for k in range(RECORDS + 1)})


def minibatch_rows(examples: int, batch: int, steps: int, seed: int) -> Tensor:
    """[steps, batch]: shuffled epochs in a row, cut into batches: every epoch meets each example once.

    This is the definition; trainings deal the same rows piece by piece.
    """
    g = torch.Generator().manual_seed(seed + 1_000_000)  # apart from the generator of the initialization
    epochs = -(-steps * batch // examples)
    stream = torch.cat([torch.randperm(examples, generator=g) for _ in range(epochs)])
    return stream[: steps * batch].view(steps, batch)


def minibatch_blocks(examples: int, batch: int, steps: int, seed: int, ahead: int) -> Iterator[Tensor]:
    """The rows of `minibatch_rows`, `ahead` steps at a time: [<= ahead, batch]."""
    g = torch.Generator().manual_seed(seed + 1_000_000)
    stream = torch.empty(0, dtype=torch.int64)
    for first in range(0, steps, ahead):
        count = min(ahead, steps - first)
        epochs = max(0, -(-(count * batch - len(stream)) // examples))
        stream = torch.cat([stream, *(torch.randperm(examples, generator=g) for _ in range(epochs))])
        yield stream[: count * batch].view(count, batch)
        stream = stream[count * batch :]


class Records(NamedTuple):
    """T recorded steps of R replicas: a part of a run while it goes on, all of it at the end."""

    step: NDArray[np.int64]  # [T]
    theta: FLOATS  # [T, R', P] of the first R' replicas, as many as PATH_NUMBERS allows
    train_cost: FLOATS  # [T, R] mean loss over all training examples
    test_cost: FLOATS  # [T, R]
    train_score: FLOATS  # [T, R] accuracy, or R^2 for regression
    test_score: FLOATS  # [T, R]
    gradient_norm: FLOATS  # [T, R] |g| of the objective on this step's minibatch
    update_norm: FLOATS  # [T, R] |lr * direction|

    @classmethod
    def join(cls, parts: Sequence[Records]) -> Records:
        return cls(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


@dataclass(frozen=True, eq=False)
class Run:
    """The result: what was recorded, the final rows, and how each replica ended."""

    spec: TrainSpec
    records: Records
    final: FLOATS  # [R, P]; the last recorded rows where the run was stopped (then of R' replicas)
    status: tuple[Status, ...]  # [R]

    @classmethod
    def partial(cls, spec: TrainSpec, parts: Sequence[Records]) -> Run:
        """What a stopped training leaves: everything recorded until then."""
        records = Records.join(parts)
        fate = _fate(records, stopped=int(records.step[-1]) < spec.steps)
        return cls(spec, records, records.theta[-1], fate)


def _fate(records: Records, stopped: bool) -> tuple[Status, ...]:
    """Diverged: no number, or a cost that ends 1000 times above its start."""
    last, first = records.train_cost[-1], records.train_cost[0]
    with np.errstate(invalid="ignore", over="ignore"):
        lost = ~np.isfinite(last) | (last > 1000 * np.maximum(first, 1e-3))
    kind = Status.STOPPED if stopped else Status.FINISHED
    return tuple(Status.DIVERGED if gone else kind for gone in lost.tolist())


@run.register
@computing()
def train(spec: TrainSpec, report: Report = silent, dtype: torch.dtype = torch.float32) -> Run:
    """Train every replica of `spec`, all at the same recorded step before any goes on.

    Raises `TrainingError` before anything is computed; a divergence is a status, not an error. Where `report`
    raises `Stopped`, the parts reported until then make a `Run.partial`.
    """
    task = prepare(spec, dtype)
    steps = recorded_steps(spec.steps)
    rows = chunk_rows(task, spec)
    chunks = [Chunk(task, spec, first, rows, steps) for first in range(0, spec.replicas, rows)]
    kept = max(1, min(spec.replicas, PATH_NUMBERS // (len(steps) * task.network.size)))
    parts: list[Records] = []
    for step in steps:
        measured = [chunk.advance() for chunk in chunks]
        joined = [np.concatenate(column) for column in zip(*measured, strict=True)]
        theta = joined[0][:kept].copy()
        part = Records(np.array([step]), theta[None], *(column[None] for column in joined[1:]))
        parts.append(part)
        report(step / spec.steps, part)
    final = np.concatenate([chunk.rows() for chunk in chunks])
    records = Records.join(parts)
    return Run(spec, records, final, _fate(records, stopped=False))


def chunk_rows(task: Task, spec: TrainSpec) -> int:
    """How many replicas walk together: a multiple of UNIT whose working set stays in a core's cache, or one
    layer of which is still small where there are many layers; and as many in every chunk as can be."""
    examples = min(spec.batch_size or len(task.x), len(task.x))
    numbers = 4 * examples * sum(task.network.sizes) + 8 * task.network.size  # of one replica, in one step
    fitting = max(CACHE // numbers, CALL // (examples * max(task.network.sizes)))
    most = UNIT * max(1, min(128, fitting) // UNIT)
    chunks = -(-spec.replicas // most)
    return UNIT * -(-spec.replicas // (UNIT * chunks))


class Chunk:
    """Replicas `first`.. of a spec, padded to whole units, walking in step."""

    def __init__(self, task: Task, spec: TrainSpec, first: int, rows: int, record: Sequence[int]) -> None:
        self.count = min(rows, spec.replicas - first)
        padded = -(-self.count // UNIT) * UNIT
        picks = [first + min(i, self.count - 1) for i in range(padded)]  # padding repeats the last replica
        seeds = [spec.seeds()[i] for i in picks]
        generators = [Generator().manual_seed(seed) for seed in seeds]
        dtype = task.x.dtype
        self.theta = on_device(task.network.init(spec.model.init, generators), dtype)  # [padded, P]
        self.task, self.spec = task, spec
        self.x, self.y, self.y_test = map(on_device, (task.x, task.y, task.y_test))
        self.every = with_ones(on_device(torch.cat([task.x, task.x_test])))
        self.l2 = on_device(spec.along("l2")[picks], dtype)[:, None]
        self.mask = on_device(task.network.is_weight(), dtype)
        self.loss_knobs = task.knobs_on_device()
        self.batches = self._batches(seeds)
        examples = spec.batch_size or len(task.x)
        self.pass_ = task.network.chain(self.theta, min(examples, len(task.x)))
        fitting = max(ASKED // sum(task.network.sizes), CALL // max(task.network.sizes)) // len(self.every)
        most = UNIT * max(1, fitting // UNIT)
        parts = -(-padded // most)
        self.some = self.theta[: UNIT * -(-padded // (UNIT * parts))].clone()  # rows that are asked at once
        self.ask = task.network.chain(self.some, len(self.every), back=False)
        walker = Walker(
            self.theta,
            optimizer=spec.optimizer,
            knobs=dict(spec.knobs),
            lr=on_device(spec.along("lr")[picks], dtype)[:, None],
            schedule=spec.schedule,
            schedule_knobs=dict(spec.schedule_knobs),
            steps=spec.steps,
        )
        self.moments: Iterator[Moment] = walk(walker, self.gradient, record)

    def _batches(self, seeds: Sequence[int]) -> Iterator[tuple[Tensor, Tensor]]:
        """Each step's examples with a column of ones [R, B, D + 1] and targets [R, B, K]."""
        x1, spec, n = with_ones(self.x), self.spec, len(self.x)
        if spec.batch_size == 0 or spec.batch_size >= n:
            every = x1.expand(len(seeds), -1, -1).contiguous(), self.y.expand(len(seeds), -1, -1).contiguous()
            while True:
                yield every
        numbers = len(seeds) * spec.batch_size * x1.shape[1]
        ahead = max(1, 500_000 // numbers)  # gather many steps at once: fewer calls, bounded memory
        streams = {s: minibatch_blocks(n, spec.batch_size, spec.steps + 1, s, ahead) for s in seeds}
        for blocks in zip(*streams.values(), strict=True):
            drawn = dict(zip(streams, blocks, strict=True))
            rows = torch.stack([drawn[seed] for seed in seeds], dim=1)  # [ahead, R, B]
            index = on_device(rows.flatten())
            xs = x1.index_select(0, index).view(*rows.shape, -1)
            ys = self.y.index_select(0, index).view(*rows.shape, -1)
            yield from zip(xs, ys, strict=True)

    def gradient(self, t: int) -> Tensor:
        """Of the objective (cost plus penalties) on step t's minibatch, [padded, P]."""
        self.batch = x1, y = next(self.batches)
        self.prediction = self.pass_.forward(x1)
        g = self.pass_.backward(cost_gradient(self.spec.loss, self.prediction, y, **self.loss_knobs))
        if self.spec.l1:
            g += self.spec.l1 * self.mask * torch.sign(self.theta)
        if self.spec.l2 or self.spec.sweep == "l2":
            g += self.l2 * self.mask * self.theta
        return g

    def advance(self) -> list[NDArray[Any]]:
        """Walk to the next recorded step and measure there: the fields of `Records` after `step`."""
        moment = next(self.moments)
        norms = moment.gradient.norm(dim=1), (moment.lr * moment.direction).norm(dim=1)
        measured = (self.theta, *self.measure(), *norms)
        return [off_device(m[: self.count]).numpy().copy() for m in measured]

    def measure(self) -> list[Tensor]:
        """Training cost, test cost, training score, test score, each [padded], on all examples.

        A few units at a time, to bound memory.
        """
        n, spec, task = len(self.task.x), self.spec, self.task.data.task
        rows = UNIT * max(1, MEASURED // (UNIT * len(self.every) * self.task.network.sizes[-1]))
        seen = []
        for theta in self.theta.split(rows):  # type: ignore[no-untyped-call]
            prediction = self.predict(theta)
            parts = prediction[:, :n], prediction[:, n:]
            targets = [y.expand(len(theta), -1, -1) for y in (self.y, self.y_test)]
            pairs = list(zip(parts, targets, strict=True))
            costs = [cost(spec.loss, p, y, **self.loss_knobs) for p, y in pairs]
            seen.append([*costs, *(score(p, y, task) for p, y in pairs)])
        return [torch.cat(column) for column in zip(*seen, strict=True)]

    def predict(self, theta: Tensor) -> Tensor:
        """Of some rows of theta for all examples: [R, N + N_test, K]."""
        x1, seen = self.every.expand(len(self.some), -1, -1), []
        for part in theta.split(len(self.some)):  # type: ignore[no-untyped-call]
            self.some[: len(part)] = part
            seen.append(self.ask.forward(x1)[: len(part)].clone())
        return torch.cat(seen)

    def rows(self) -> FLOATS:
        final: FLOATS = off_device(self.theta[: self.count]).numpy().copy()
        return final
