"""Is deeper always better? The same training at depths 1 to 64, plain and residual, with and without LN.

All networks of a sweep have the same width, data, optimizer and budget; R seeds of each are trained at once.
That a deeper plain network has a higher *training* cost than a shallower one is degradation (He et al. 2016,
figure 1): it cannot be overfitting, and layers that copy would do no harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mlcore.base import spec as specs
from mlcore.base.experiment import Report, quiet, run, silent, within
from mlcore.base.registry import Knob
from mlcore.base.shares import Share, lasting
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.initializers import INITIALIZERS
from mlcore.families.models import ModelSpec
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.training.data import DataSpec, load
from mlcore.training.tasks import TrainSpec, prepare
from mlcore.training.training import train
from mlcore.training.verdict import chance_of, judge

DEPTHS = (1, 2, 4, 8, 16, 32, 64)
KINDS = {  # (residual, normalized)
    "plain": (False, False), "residual": (True, False), "plain_norm": (False, True),
    "residual_norm": (True, True),
}  # fmt: skip
NORMS = {"both": tuple(KINDS), "without": ("plain", "residual"), "with": ("plain_norm", "residual_norm")}
DATA = ("moons", "circles", "spirals", "iris", "wine", "breast_cancer", "digits", "drawn_plane")
EQUAL = ("steps", "work")
REFERENCE = 4  # the depth that takes `steps` steps where work is equal
START = 60_000  # multiplications that a layer's calls take as long as, in one step of all seeds together
FLOATS = NDArray[np.float64]


@dataclass(frozen=True)
class DepthSpec:
    """R networks of every depth and kind, all on the same data."""

    data: str = specs.choice("moons", DATA, "ddata")
    examples: int = specs.number(Knob(100, 40, 400, symbol="n", log=True, integer=True), "dn")
    normalization: str = specs.choice("both", NORMS, "dnorm")
    activation: str = specs.choice("relu", ACTIVATIONS, "dact")
    init: str = specs.choice("he", INITIALIZERS, "dinit")
    units: int = specs.number(Knob(16, 2, 32, symbol="n", log=True, integer=True), "dunits")
    optimizer: str = specs.choice("adam", OPTIMIZERS, "dopt")
    lr: float = specs.number(Knob(0.005, 1e-4, 1.0, symbol=r"\eta", log=True), "dlr")
    steps: int = specs.number(Knob(100, 20, 500, symbol="T", log=True, integer=True), "dsteps")
    equal: str = specs.choice("steps", EQUAL, "dequal")
    networks: int = specs.number(Knob(20, 10, 50, symbol="R", integer=True), "dr")
    seed: int = specs.number(Knob(0, 0, 9000, integer=True), "dfirst")
    points: str = specs.points("dpts")  # of a drawing

    def __post_init__(self) -> None:
        specs.check(self)
        object.__setattr__(self, "points", self.examples_of.points)  # nothing where nothing is drawn

    @property
    def kinds(self) -> tuple[str, ...]:
        return NORMS[self.normalization]

    def model(self, depth: int, kind: str) -> ModelSpec:
        residual, normalized = KINDS[kind]
        return ModelSpec(
            "deep", layers=depth, units=self.units, activation=self.activation, init=self.init,
            residual=residual, normalized=normalized,
        )  # fmt: skip

    def steps_at(self, depth: int) -> int:
        """T at this depth: all the same, or as many as make T * P the same."""
        if self.equal == "steps":
            return self.steps
        usual, own = (self.model(d, "plain").size(*self.ends) for d in (REFERENCE, depth))
        return max(1, round(self.steps * usual / own))

    @property
    def examples_of(self) -> DataSpec:
        """What all networks are trained on."""
        return DataSpec(self.data, examples=self.examples, points=self.points)

    @property
    def ends(self) -> tuple[int, int]:
        """D and K. Raises `DataError` for a drawing that nothing can be learned from."""
        data = load(self.examples_of)
        return data.x.shape[1], data.classes

    def training(self, depth: int, kind: str) -> TrainSpec:
        """The training of all networks of one depth and kind."""
        return TrainSpec(
            self.examples_of, self.model(depth, kind), optimizer=self.optimizer,
            lr=self.lr, batch_size=0, steps=self.steps_at(depth), seed=self.seed, replicas=self.networks,
        )  # fmt: skip

    def one(self, depth: int, kind: str, network: int) -> TrainSpec:
        """One of them alone, the same in every bit."""
        return replace(self.training(depth, kind), replicas=1, seed=self.seed + network)


@dataclass(frozen=True, eq=False)
class Depth:
    """What the R networks of one depth and kind came to."""

    depth: int
    kind: str
    size: int  # P
    steps: int
    train: FLOATS  # [R] training cost in the end, infinite where it is no number
    test: FLOATS  # [R]
    learned: Share
    chance: float  # training cost of the best constant prediction


@run.register
def depths(spec: DepthSpec, report: Report = silent) -> tuple[Depth, ...]:
    """Shallow ones first, every kind of a depth before the next; `report` gets each when it is done."""
    plan = [(depth, kind) for depth in DEPTHS for kind in spec.kinds]
    work = [_work(spec, depth, kind) for depth, kind in plan]
    found: list[Depth] = []
    for k, (depth, kind) in enumerate(plan):
        before, after = (sum(work[:i]) / sum(work) for i in (k, k + 1))
        found.append(_trained(spec, depth, kind, within(report, before, after)))
        report(after, found[-1])
    return tuple(found)


def _work(spec: DepthSpec, depth: int, kind: str) -> float:
    size = spec.model(depth, kind).size(*spec.ends)
    times = 1 + sum(KINDS[kind]) / 2 + (kind != "plain")  # by autograd, and more calls a layer
    return times * spec.steps_at(depth) * (START * depth + size * spec.networks * spec.examples / 20)


def _trained(spec: DepthSpec, depth: int, kind: str, report: Report) -> Depth:
    training = spec.training(depth, kind)
    task, trained = prepare(training), train(training, quiet(report))
    last = trained.records.train_cost[-1], trained.records.test_cost[-1]
    ends = [np.where(np.isfinite(cost), cost, np.inf).astype(np.float64) for cost in last]
    verdicts = judge(trained, task)
    learned = Share(sum(verdict.learned for verdict in verdicts), len(verdicts))
    level = chance_of(trained, task).train_cost
    return Depth(depth, kind, task.network.size, training.steps, ends[0], ends[1], learned, level)


# ---------------------------------------------------------------- the answer


@dataclass(frozen=True)
class Answer:
    """What the trainings say of one kind of network.

    The best depth is chosen by one half of the seeds and compared with deeper ones on the other: the least
    of many medians is too low by luck. `worse` is in how many of those seeds the deeper network ends with
    the higher training cost.
    """

    kind: str
    best: int  # depth of the lowest median training cost on the first half of the seeds
    best_cost: float  # its median on the other half
    deepest: int
    deepest_cost: float
    worse: Share  # of the deepest against the best
    worse_from: int | None  # from this depth on, every depth is surely worse than the best
    learned: Share  # of the deepest
    lost_from: int | None  # from this depth on, surely fewer than half of the networks learn


def answer(kind: str, parts: Sequence[Depth]) -> Answer:
    """Of all depths of one kind, shallow ones first."""
    own = [part for part in parts if part.kind == kind]
    half = len(own[0].train) // 2
    best = min(own, key=lambda part: float(np.median(part.train[:half])))
    compared = {part.depth: worse(part.train[half:], best.train[half:]) for part in own}
    deeper = [part for part in own if part.depth > best.depth]
    last = own[-1]
    return Answer(
        kind, best.depth, float(np.median(best.train[half:])), last.depth,
        float(np.median(last.train[half:])), compared[last.depth],
        _from([(part.depth, compared[part.depth].interval[0] > 0.5) for part in deeper]),
        last.learned, _from([(part.depth, part.learned.interval[1] < 0.5) for part in own]),
    )  # fmt: skip


def worse(cost: FLOATS, than: FLOATS) -> Share:
    """In how many seeds it is higher, of those where the two differ."""
    return Share(int((cost > than).sum()), int((cost != than).sum()))


def _from(said: list[tuple[int, bool]]) -> int | None:
    """The first depth from which on it holds to the end."""
    place = lasting([sure for _, sure in said])
    return None if place is None else said[place][0]
