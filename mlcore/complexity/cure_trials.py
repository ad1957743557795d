"""Before and after: every cure that suits a verdict, tried, and what it does to the parts of the error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

import numpy as np
import torch
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.base.experiment import Report, run, silent
from mlcore.base.registry import Knob
from mlcore.complexity.cures import CURES, Candidate, suitable
from mlcore.complexity.decomposition import BiasVariance, decompose
from mlcore.complexity.families import FAMILIES, Sets, Tick
from mlcore.complexity.fit_verdict import FitKind
from mlcore.complexity.generalization import BiasVarianceSpec, costs, grid, measure
from mlcore.complexity.selection import divided, held_out
from mlcore.complexity.training_sets import Drawing, draw, shape
from mlcore.training.draws import generator

FOLDS = 5


@dataclass(frozen=True)
class CureSpec:
    """The cures against a verdict, tried on one complexity of an ensemble."""

    ensemble: BiasVarianceSpec = specs.part(BiasVarianceSpec)
    complexity: float = specs.number(Knob(3.0, 0.0, 5000.0), "c")
    against: str = specs.choice("overfits", tuple(FitKind), "against")

    def __post_init__(self) -> None:
        specs.check(self)


@dataclass(frozen=True)
class Outcome:
    """What a cure leaves of the error. The one without a name is the experiment as it is."""

    name: str
    model: Candidate
    error: float
    variance: float
    noise: float
    bias_squared: float
    train_cost: float  # NaN for a mean over members: it has no training set of its own
    tried: int = 1  # candidates that cross-validation chose from


@dataclass(frozen=True)
class CureTrials:
    spec: CureSpec
    outcomes: tuple[Outcome, ...]  # the first as it is, the others as they came

    @property
    def before(self) -> Outcome:
        return self.outcomes[0]

    @property
    def ranked(self) -> list[Outcome]:
        """The cures, the one that leaves the least error first."""
        return sorted(self.outcomes[1:], key=lambda outcome: outcome.error)

    @property
    def impossible(self) -> list[str]:
        """Cures that suit, and have nothing left to change."""
        tried = {outcome.name for outcome in self.outcomes}
        return [name for name in suitable(self.spec.ensemble, self.spec.against) if name not in tried]


@run.register
def try_cures(spec: CureSpec, report: Report = silent) -> CureTrials:
    """Each outcome is reported when it is there. Raises what `draw` raises."""
    now = Candidate(spec.ensemble, spec.complexity)
    names = suitable(spec.ensemble, spec.against)
    found: list[Outcome] = []
    for name in ("", *names):
        tick = partial(report, len(found) / (len(names) + 1), None)
        candidates = CURES[name](now) if name else [now]
        possible = [candidate for candidate in candidates if trainable(candidate)]
        if possible:
            best = choose(possible, tick) if len(possible) > 1 else possible[0]
            found.append(outcome(name, best, len(possible), tick))
            report(len(found) / (len(names) + 1), found[-1])
    return CureTrials(spec, tuple(found))


def trainable(candidate: Candidate) -> bool:
    """Whether the folds of cross-validation have enough examples for it."""
    n, d = shape(candidate.ensemble.sets)
    return candidate.complexity in grid(candidate.ensemble.family, n, d)


def choose(candidates: Sequence[Candidate], tick: Tick) -> Candidate:
    """The candidate of the least cross-validated cost on one data set."""
    scored: list[tuple[float, Candidate]] = []
    for ensemble, group in groupby(candidates, key=lambda candidate: candidate.ensemble):
        folds, allowed = divided(ensemble, FOLDS)
        same = [candidate for candidate in group if candidate.complexity in allowed]
        same.sort(key=lambda candidate: allowed.index(candidate.complexity))
        if same:
            cost = held_out(ensemble, folds, [candidate.complexity for candidate in same], tick).mean(1)
            scored += zip(cost.tolist(), same, strict=True)
    return min(scored, key=lambda pair: pair[0])[1] if scored else candidates[0]


def outcome(name: str, model: Candidate, tried: int, tick: Tick) -> Outcome:
    """Fit the members of `model` on all sets, and take their error apart."""
    drawing = draw(model.ensemble.sets)
    loss = measure(model.ensemble.loss, drawing.sets.classes)
    there, own = bagged(model, drawing, tick) if model.bags else answers(model, drawing.sets, drawing, tick)
    parts = decompose(there, drawing.labels, loss)
    train_cost = float(costs(loss, own, drawing.sets.y).mean())
    if model.averaged:
        parts, train_cost = alone(parts), float("nan")
    found = parts.average()
    return Outcome(
        name,
        model,
        found["error"],
        found["variance"],
        found["noise"],
        found["bias_squared"],
        train_cost,
        tried,
    )


def answers(model: Candidate, sets: Sets, drawing: Drawing, tick: Tick) -> tuple[Tensor, Tensor]:
    """What members trained on `sets` answer at the test points [S, M, K] and at the examples [S, N, K]."""
    at = torch.cat([drawing.at.expand(len(sets.x), -1, -1), drawing.sets.x], 1)
    family, knobs = FAMILIES[model.ensemble.family], dict(model.ensemble.knobs)
    (every,) = family(sets, at, [model.complexity], tick, **knobs)
    there, own = every.split([len(drawing.at), drawing.sets.x.shape[1]], 1)
    return there, own


def bagged(model: Candidate, drawing: Drawing, tick: Tick) -> tuple[Tensor, Tensor]:
    """The same of means over models, each trained on a bootstrap set of its member's own examples."""
    x, y = drawing.sets.x, drawing.sets.y
    sums: list[Tensor] = []
    for bag in range(model.bags):
        tick()
        g = generator(model.ensemble.sets.seed, f"bag {bag}")
        rows = torch.randint(x.shape[1], x.shape[:2], generator=g)[..., None]
        own_x, own_y = (torch.take_along_dim(v, rows, 1) for v in (x, y))
        again = Sets(own_x, own_y, drawing.sets.classes, drawing.sets.seed + bag + 1)
        pair = answers(model, again, drawing, tick)
        sums = [total + part for total, part in zip(sums, pair, strict=True)] if sums else list(pair)
    there, own = (total / model.bags for total in sums)
    return there, own


def alone(parts: BiasVariance) -> BiasVariance:
    """Of the mean member alone: the identity without its variance."""
    nothing = np.zeros_like(parts.variance)
    return replace(parts, variance=nothing, error=parts.noise + parts.bias_squared)
