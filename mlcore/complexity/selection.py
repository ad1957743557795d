"""What can be known with one data set: cross-validation's choice, and what more examples would bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from mlcore.base import spec as specs
from mlcore.base.experiment import Report, run, silent
from mlcore.base.registry import Knob
from mlcore.complexity.families import FAMILIES, Sets, Tick
from mlcore.complexity.generalization import (
    BiasVarianceSpec,
    costs,
    expected_costs,
    grid,
    measure,
    noise,
    subset,
)
from mlcore.complexity.training_sets import draw, shape

FLOATS = NDArray[np.float64]
SIZES = 10  # numbers of examples that a learning curve tries
LEAST = 4  # examples


@dataclass(frozen=True)
class ValidationSpec:
    """K-fold cross-validation of every complexity on the first training set alone."""

    ensemble: BiasVarianceSpec = specs.part(BiasVarianceSpec)
    folds: int = specs.number(Knob(5, 2, 10, symbol="F", integer=True), "folds")

    def __post_init__(self) -> None:
        specs.check(self)


@dataclass(frozen=True, eq=False)
class Validation:
    """C complexities, F folds: those of the spec, or as many as there are examples."""

    spec: ValidationSpec
    complexity: FLOATS  # [C]
    cost: FLOATS  # [C, F] mean loss on the held-out examples of each fold

    @property
    def folds(self) -> int:
        return int(self.cost.shape[1])

    @property
    def mean(self) -> FLOATS:
        return np.asarray(self.cost.mean(1))

    @property
    def error(self) -> FLOATS:
        """[C] standard error over folds: too small, as folds share examples (Bengio, Grandvalet 2004)."""
        return np.asarray(self.cost.std(1, ddof=1) / np.sqrt(self.cost.shape[1]))

    @property
    def choice(self) -> int:
        return int(self.mean.argmin())


@run.register
def validate(spec: ValidationSpec, report: Report = silent) -> Validation:
    """Fit every complexity to F - 1 folds at once for all folds, and test it on the one left out.

    Folds have equal sizes; what N leaves over by F is always trained on.
    """
    folds, values = divided(spec.ensemble, spec.folds)
    cost = held_out(spec.ensemble, folds, values, lambda: report(0.0, None))
    return Validation(spec, np.array(values), cost)


def divided(ensemble: BiasVarianceSpec, folds: int) -> tuple[int, list[float]]:
    """How many folds there can be, each with an example at least, and the complexities that they allow."""
    n, d = shape(ensemble.sets)
    folds = min(folds, n)
    return folds, grid(ensemble.family, n - n // folds, d)


def held_out(ensemble: BiasVarianceSpec, folds: int, values: Sequence[float], tick: Tick) -> FLOATS:
    """The mean loss [C, F] of each complexity in `values` on each fold that was held out.

    Of real data N examples without repetition: what a bootstrap set holds twice would be in two folds.
    """
    drawing = draw(replace(ensemble.sets, sets=2, resample="subsample"))
    x, y = drawing.sets.x[0], drawing.sets.y[0]
    held = len(x) // folds
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(ensemble.sets.seed))
    out = order[: held * folds].view(folds, held)
    train = torch.stack([order[~torch.isin(order, fold)] for fold in out])
    sets = Sets(x[train], y[train], drawing.sets.classes, ensemble.sets.seed)
    loss = measure(ensemble.loss, sets.classes)
    answers = FAMILIES[ensemble.family](sets, x[out], values, tick, **dict(ensemble.knobs))
    return np.stack([costs(loss, answer, y[out]).numpy() for answer in answers])


@dataclass(frozen=True)
class LearningSpec:
    """One complexity on ever more examples of the same training sets."""

    ensemble: BiasVarianceSpec = specs.part(BiasVarianceSpec)
    complexity: float = specs.number(Knob(3.0, 0.0, 5000.0), "c")
    most: int = specs.number(Knob(200, 10, 300, symbol="N", log=True, integer=True), "most")

    def __post_init__(self) -> None:
        specs.check(self)


@dataclass(frozen=True, eq=False)
class Learning:
    """Costs over the number of examples; T sizes, S sets."""

    spec: LearningSpec
    size: NDArray[np.int64]  # [T]
    train_cost: FLOATS  # [T, S]
    test_cost: FLOATS  # [T, S]
    noise: float  # what no model can be without


@run.register
def learn(spec: LearningSpec, report: Report = silent) -> Learning:
    """Train on the first n examples of every set, for ever more n."""
    ensemble = replace(spec.ensemble, sets=replace(spec.ensemble.sets, size=spec.most))
    drawing = draw(ensemble.sets)
    sets, family = drawing.sets, FAMILIES[ensemble.family]
    loss = measure(ensemble.loss, sets.classes)
    n, d = sets.x.shape[1:]
    every = np.unique(np.geomspace(LEAST, n, SIZES).round().astype(np.int64))
    sizes = [int(size) for size in every if family.fits(spec.complexity, int(size), d)]
    train, test = [], []
    for i, size in enumerate(sizes):
        fewer = subset(sets, size)
        at = torch.cat([drawing.at.expand(len(sets.x), -1, -1), fewer.x], 1)
        tick = partial(report, i / len(sizes), None)
        (answer,) = family(fewer, at, [spec.complexity], tick, **dict(ensemble.knobs))
        there, own = answer.split([len(drawing.at), size], 1)
        train.append(costs(loss, own, fewer.y).numpy())
        test.append(expected_costs(loss, there, drawing.labels).numpy())
        report((i + 1) / len(sizes), None)
    return Learning(spec, np.array(sizes), np.stack(train), np.stack(test), noise(loss, drawing.labels))
