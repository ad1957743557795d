"""A class trains: every phone chooses a learning rate, a width or a seed, and is one row of a batch.

Rows of one width are one batch; the same answer gives the same bits, whoever else is in the class.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.base.experiment import Report, quiet, run, silent, within
from mlcore.base.registry import Knob
from mlcore.training.descent import Status
from mlcore.training.tasks import TrainSpec
from mlcore.training.training import train

FLOATS = NDArray[np.float32]
RATE = Knob(0.01, 1e-5, 100.0, symbol=r"\eta", log=True)
WIDTH = Knob(16, 1, 64, log=True, integer=True)
SEED = Knob(0, 0, 9999, integer=True)
MOST = 256  # rows of one batch
REACH = 1000  # times the lecturer's learning rate, at most


@dataclass(frozen=True)
class TrainingActivity:
    """A training of the lecturer's, and what each phone may choose of it; the rest stays as it is."""

    base: TrainSpec = specs.part(TrainSpec)
    rate: bool = specs.flag(True, "c_lr")
    width: bool = specs.flag(False, "c_h")
    luck: bool = specs.flag(True, "c_seed")

    def __post_init__(self) -> None:
        specs.check(self)
        object.__setattr__(self, "base", replace(self.base, replicas=1))
        if self.base.model.kind != "mlp" or not self.base.model.widths:
            object.__setattr__(self, "width", False)  # there is no width to choose


@dataclass(frozen=True)
class TrainingAnswer:
    """What one phone chose. `width` is that of every hidden layer."""

    lr: float = specs.number(RATE, "lr")
    width: int = specs.number(WIDTH, "width")
    seed: int = specs.number(SEED, "seed")

    def __post_init__(self) -> None:
        specs.check(self)


@dataclass(frozen=True)
class TrainingRowsSpec:
    """Some answers of a class: what is computed at once."""

    activity: TrainingActivity = specs.part(TrainingActivity)
    answers: tuple[TrainingAnswer, ...] = specs.several(TrainingAnswer, (), "a", most=MOST)

    def __post_init__(self) -> None:
        specs.check(self)


@dataclass(frozen=True, eq=False)
class Trained:
    """One row: T recorded steps of one student's network."""

    answer: TrainingAnswer
    step: NDArray[np.int64]  # [T]
    train_cost: FLOATS  # [T]
    test_cost: FLOATS  # [T]
    test_score: float  # accuracy or R^2 at the end
    status: Status


@dataclass(frozen=True)
class Batch(TrainSpec):
    """A training whose replicas have learning rates and seeds of their own."""

    rates: tuple[float, ...] = specs.numbers((), RATE, "rates", most=MOST, least=0)
    own: tuple[float, ...] = specs.numbers((), SEED, "own", most=MOST, least=0)

    def seeds(self) -> list[int]:
        return [int(seed) for seed in self.own]

    def along(self, name: str) -> Tensor:
        if name == "lr":
            return torch.tensor(self.rates, dtype=torch.float64)
        return super().along(name)


def span(activity: TrainingActivity) -> tuple[float, float]:
    """The learning rates that a phone may choose: from far below to far above the lecturer's."""
    return max(RATE.low, activity.base.lr / REACH), min(RATE.high, activity.base.lr * REACH)


def alone(activity: TrainingActivity, answer: TrainingAnswer) -> TrainSpec:
    """The training of one student, as the room of trainings opens it."""
    base = activity.base
    if activity.width:
        widths = (answer.width,) * len(base.model.widths)
        base = replace(base, model=replace(base.model, widths=widths))
    rate, seed = (answer.lr if activity.rate else base.lr), (answer.seed if activity.luck else base.seed)
    return replace(base, lr=rate, seed=seed)


@run.register
def trainings(spec: TrainingRowsSpec, report: Report = silent) -> tuple[Trained, ...]:
    """The rows of all answers, in their order. Raises `TrainingError` for what cannot be trained."""
    wanted = [alone(spec.activity, answer) for answer in spec.answers]
    found: dict[int, Trained] = {}
    for widths in dict.fromkeys(one.model.widths for one in wanted):
        rows = [i for i, one in enumerate(wanted) if one.model.widths == widths]
        first, last = len(found) / len(wanted), (len(found) + len(rows)) / len(wanted)
        batch = together([wanted[i] for i in rows])
        trained = train(batch, quiet(within(report, first, last)))
        records = trained.records
        for k, i in enumerate(rows):
            costs = (records.train_cost[:, k].copy(), records.test_cost[:, k].copy())
            score = float(records.test_score[-1, k])
            found[i] = Trained(spec.answers[i], records.step, *costs, score, trained.status[k])
    return tuple(found[i] for i in range(len(wanted)))


def together(wanted: list[TrainSpec]) -> Batch:
    """Trainings that differ in learning rate and seed alone, as rows of one batch."""
    one = wanted[0]
    same = {name: getattr(one, name) for name in TrainSpec.__dataclass_fields__ if name != "replicas"}
    rates, own = tuple(w.lr for w in wanted), tuple(float(w.seed) for w in wanted)
    return Batch(**same, replicas=len(wanted), rates=rates, own=own)
