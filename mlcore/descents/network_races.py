"""The fair race on a network: every rule tries every rate from the same weights, on the same minibatches.

Seed s draws the same start and the same order of examples whatever the rule and the rate. The first half of
the seeds chooses a rate for each rule, that of the least median training cost; the other half is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.base.device import computing
from mlcore.base.experiment import Report, run, silent
from mlcore.base.registry import Knob
from mlcore.base.shares import Share
from mlcore.descents.paths import RELATIVE
from mlcore.descents.races import USUAL, Entrant, good, quantile
from mlcore.training.descent import Status
from mlcore.training.tasks import Task, TrainSpec, prepare
from mlcore.training.training import Run, train
from mlcore.training.verdict import Chance, chance_of, judge

FLOATS = NDArray[np.float64]
GOOD = 1.5  # times its least cost: so much worse, a rate is still good
MOST_RATES, MOST_SEEDS = 11, 22
SHARED = (
    *("data", "model", "loss", "loss_knobs", "class_weights", "schedule", "schedule_knobs"),
    *("l1", "l2", "batch_size", "steps", "seed"),
)


@dataclass(frozen=True)
class GridSpec(TrainSpec):
    """A training whose replicas are all pairs of a rate and a seed, the seeds of one rate after another."""

    rates: tuple[float, ...] = specs.numbers((0.01,), Knob(0.01, 1e-9, 1e6, log=True), "rates", MOST_RATES)

    def seeds(self) -> list[int]:
        count = self.replicas // len(self.rates)
        return [self.seed + i for i in range(count)] * len(self.rates)

    def along(self, name: str) -> Tensor:
        if name != "lr":
            return super().along(name)
        rates = torch.tensor(self.rates, dtype=torch.float64)
        return rates.repeat_interleave(self.replicas // len(self.rates))


@dataclass(frozen=True)
class NetworkRaceSpec:
    """E rules, L rates for each, S seeds for every rate. Of `train` the rule and its rate are not used."""

    train: TrainSpec = specs.part(TrainSpec)
    rules: tuple[Entrant, ...] = specs.several(Entrant, USUAL, "rule", most=9)
    rates: int = specs.number(Knob(9, 3, MOST_RATES, symbol="L", integer=True), "nrates")
    seeds: int = specs.number(Knob(16, 4, MOST_SEEDS, symbol="S", integer=True), "nseeds")
    decades: float = specs.number(Knob(4.0, 1.0, 6.0), "ndecades")

    def __post_init__(self) -> None:
        specs.check(self)
        usual = TrainSpec()
        plain = replace(self.train, optimizer=usual.optimizer, knobs=(), lr=usual.lr, replicas=1)
        object.__setattr__(self, "train", plain)  # equal races are equal specs

    @property
    def tuning(self) -> int:
        """How many of the seeds choose the rates; the rest is for comparing."""
        return self.seeds // 2

    def rates_of(self, rule: Entrant) -> tuple[float, ...]:
        """[L] by equal ratios around a rate that is usual for this rule, to three digits."""
        usual = 0.1 if rule.optimizer in RELATIVE else 0.01
        reach = np.linspace(-self.decades / 2, self.decades / 2, self.rates)
        return tuple(float(f"{usual * 10.0**r:.3g}") for r in reach)

    def grid(self, rule: Entrant) -> GridSpec:
        """All trainings of one rule."""
        shared = {name: getattr(self.train, name) for name in SHARED}
        rates = self.rates_of(rule)
        return GridSpec(
            **shared,
            optimizer=rule.optimizer,
            knobs=rule.knobs,
            replicas=len(rates) * self.seeds,
            rates=rates,
        )

    def alone(self, rule: Entrant, rate: float) -> TrainSpec:
        """The trainings of one rule at one rate that are shown, as the training room knows them."""
        return replace(
            self.train,
            optimizer=rule.optimizer,
            knobs=rule.knobs,
            lr=rate,
            seed=self.train.seed + self.tuning,
            replicas=self.seeds - self.tuning,
        )


@dataclass(frozen=True, eq=False)
class Tried:
    """One rule with all its rates. H = S - S // 2 seeds that no rate was chosen on."""

    rule: Entrant
    rate: FLOATS  # [L]
    train: FLOATS  # [L, S] training cost at the end, infinite where the training diverged
    test: FLOATS  # [L, S]
    best: int  # the chosen rate
    step: NDArray[np.int64]  # [T] recorded
    train_way: FLOATS  # [T, H] training cost on the way, at the chosen rate
    test_way: FLOATS  # [T, H]
    learned: Share  # of the H
    good: tuple[int, int]  # from which to which rate the training cost is good, next to the chosen one
    chance: Chance

    @property
    def edge(self) -> bool:
        """The chosen rate is the first or the last of the sweep: a better one may lie beyond."""
        return self.best in (0, len(self.rate) - 1)


@dataclass(frozen=True, eq=False)
class NetworkRace:
    """All of them, in the order of the spec; those that were done where it was stopped."""

    spec: NetworkRaceSpec
    parts: tuple[Tried, ...]


@run.register
@computing()
def network_race(spec: NetworkRaceSpec, report: Report = silent) -> NetworkRace:
    """Train rule by rule, all rates and seeds of one at once. `report` gets each rule when it is done.

    Raises `TrainingError` before anything is computed.
    """
    grids = [spec.grid(rule) for rule in spec.rules]
    tasks = [prepare(grid) for grid in grids]
    parts: list[Tried] = []
    for i, (rule, grid, task) in enumerate(zip(spec.rules, grids, tasks, strict=True)):

        def tell(share: float, part: object, i: int = i) -> None:
            report((i + min(share, 0.99)) / len(grids), None)

        parts.append(tried(spec, rule, train(grid, tell), task))
        report((i + 1) / len(grids), parts[-1])
    return NetworkRace(spec, tuple(parts))


def tried(spec: NetworkRaceSpec, rule: Entrant, found: Run, task: Task) -> Tried:
    """What all rates of one rule came to; at the chosen one, how the other half of the seeds went."""
    shape, half = (-1, spec.rates, spec.seeds), spec.tuning
    gone = np.array([status is Status.DIVERGED for status in found.status])

    def costs(column: NDArray[np.float32]) -> FLOATS:
        """[T, R] -> [T, L, S], infinite where there is none, and at the end of what diverged."""
        way = np.nan_to_num(column.astype(float), nan=np.inf, posinf=np.inf)
        way[-1, gone] = np.inf
        reshaped: FLOATS = way.reshape(shape)
        return reshaped

    train_cost, test_cost = costs(found.records.train_cost), costs(found.records.test_cost)
    best = int(np.argmin(quantile(train_cost[-1, :, :half], 0.5)))
    rates = spec.rates_of(rule)
    shown = part_of(found, spec.alone(rule, rates[best]), best * spec.seeds + half)
    learned = sum(verdict.learned for verdict in judge(shown, task))
    return Tried(
        rule,
        np.array(rates),
        train_cost[-1],
        test_cost[-1],
        best,
        found.records.step,
        train_cost[:, best, half:],
        test_cost[:, best, half:],
        Share(learned, spec.seeds - half),
        good(quantile(train_cost[-1, :, half:], 0.5), best, GOOD),
        chance_of(shown, task),
    )


def part_of(found: Run, spec: TrainSpec, first: int) -> Run:
    """The replicas of `spec` out of a run that has them from `first` on."""
    its = slice(first, first + spec.replicas)
    step, *columns = found.records
    records = type(found.records)(step, *(column[:, its] for column in columns))
    return Run(spec, records, found.final[its], found.status[its])


def ranks(parts: Sequence[Tried], tuning: int) -> list[int]:
    """The rules from best to worst, by the seeds that chose their rates."""
    middle = [quantile(part.train[part.best, :tuning], 0.5) for part in parts]
    return [int(k) for k in np.argsort(middle, kind="stable")]


def ahead(one: Tried, other: Tried, tuning: int) -> Share:
    """On how many of the other seeds one rule ended with less training cost than another."""
    a, b = (part.train[part.best, tuning:] for part in (one, other))
    return Share(int((a < b).sum()), int((a != b).sum()))
