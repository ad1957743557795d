"""How often a real network solves its task: over widths, and over batch sizes at equal cost.

A network that is just large enough has local minima where some of its examples stay wrong for good: how often
it ends in one is a share of seeds, as on a surface. A replica solves the task if its accuracy on the training
examples closes the share `goal` of the gap between chance and 1. To have learned (`verdict`) is weaker: it
only has to beat chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlcore.base import spec as specs
from mlcore.base.experiment import Report, quiet, run, silent, within
from mlcore.base.registry import Knob
from mlcore.base.shares import Share
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.initializers import INITIALIZERS
from mlcore.families.models import ModelSpec
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.training.data import DataSpec
from mlcore.training.tasks import Task, TrainSpec, prepare
from mlcore.training.training import Run, train
from mlcore.training.verdict import chance_of, judge

DATA = ("xor", "moons", "circles", "spirals", "checkerboard")
ALONG = ("width", "batch")
EQUAL = ("steps", "examples")
WIDTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128)
USUAL = 16  # with equal examples, every batch size sees as many as `steps` batches of this one
MOST_STEPS = 20_000
START = 40_000  # multiplications that a step costs beside those of its examples


@dataclass(frozen=True)
class SolveSpec:
    """One task, R seeds of one network at every width or batch size. A batch of 0 is all examples."""

    along: str = specs.choice("width", ALONG, "along")
    data: str = specs.choice("xor", DATA, "sdata")
    examples: int = specs.number(Knob(150, 40, 1000, symbol="n", log=True, integer=True), "sn")
    activation: str = specs.choice("relu", ACTIVATIONS, "sact")
    init: str = specs.choice("he", INITIALIZERS, "sinit")
    layers: int = specs.number(Knob(1, 1, 3, integer=True), "slayers")
    units: int = specs.number(Knob(3, 1, 64, log=True, integer=True), "sunits")
    optimizer: str = specs.choice("adam", OPTIMIZERS, "sopt")
    lr: float = specs.number(Knob(0.05, 1e-4, 10.0, symbol=r"\eta", log=True), "slr")
    steps: int = specs.number(Knob(400, 50, 1200, symbol="T", log=True, integer=True), "ssteps")
    batch: int = specs.number(Knob(0, 0, 256, symbol="B", integer=True), "sb")
    equal: str = specs.choice("steps", EQUAL, "equal")
    goal: float = specs.number(Knob(0.9, 0.5, 1.0), "goal")
    replicas: int = specs.number(Knob(200, 20, 256, symbol="R", log=True, integer=True), "sr")
    seed: int = specs.number(Knob(0, 0, 9000, integer=True), "sseed")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def places(self) -> tuple[int, ...]:
        """The widths, or the batch sizes below the number of training examples, and all of these."""
        if self.along == "width":
            return WIDTHS
        least = USUAL * self.steps / MOST_STEPS if self.equal == "examples" else 1
        return (*(b for b in BATCHES if least <= b < self.trained), self.trained)

    @property
    def trained(self) -> int:
        """N, the examples that are left for training."""
        return len(prepare(self._spec(1, 0, 1)).x)

    def at(self, place: int) -> TrainSpec:
        """The training of all replicas at one width or batch size."""
        if self.along == "width":
            return self._spec(place, self.batch, self.steps)
        steps = self.steps if self.equal == "steps" else round(self.steps * USUAL / place)
        return self._spec(self.units, place, max(1, steps))

    def _spec(self, units: int, batch: int, steps: int) -> TrainSpec:
        return TrainSpec(
            DataSpec(self.data, examples=self.examples),
            ModelSpec(widths=(units,) * self.layers, activation=self.activation, init=self.init),
            loss="binary_cross_entropy", optimizer=self.optimizer, lr=self.lr, batch_size=batch,
            steps=steps, seed=self.seed, replicas=self.replicas,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Solved:
    """What the R replicas at one place came to."""

    place: int  # units, or examples of a batch
    size: int  # P
    steps: int
    accuracy: NDArray[np.float32]  # [R] on the training examples, in the end
    solved: Share
    learned: Share


@dataclass(frozen=True, eq=False)
class Solving:
    """All places, in their order."""

    spec: SolveSpec
    parts: tuple[Solved, ...]


@run.register
def solve(spec: SolveSpec, report: Report = silent) -> Solving:
    """Train all replicas at one place after the other. `report` gets each place when it is done."""
    trainings = {place: spec.at(place) for place in spec.places}
    tasks = {place: prepare(training) for place, training in trainings.items()}
    work = {place: _work(training, tasks[place]) for place, training in trainings.items()}
    whole, before, parts = sum(work.values()), 0.0, []
    for place, training in trainings.items():
        after = before + work[place]
        trained = train(training, quiet(within(report, before / whole, after / whole)))
        parts.append(_judged(spec, place, trained, tasks[place]))
        before = after
        report(before / whole, parts[-1])
    return Solving(spec, tuple(parts))


def _work(spec: TrainSpec, task: Task) -> float:
    return spec.steps * (START + (spec.batch_size or len(task.x)) * task.network.size * spec.replicas)


def _judged(spec: SolveSpec, place: int, trained: Run, task: Task) -> Solved:
    level = chance_of(trained, task).train_score
    accuracy = trained.records.train_score[-1]
    solved = int((accuracy >= level + spec.goal * (1 - level) - 1e-6).sum())
    learned = sum(verdict.learned for verdict in judge(trained, task))
    shares = Share(solved, spec.replicas), Share(learned, spec.replicas)
    return Solved(place, task.network.size, trained.spec.steps, accuracy, *shares)
