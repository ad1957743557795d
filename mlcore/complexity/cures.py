"""What now? Each cure changes the experiment; what it does to the error is measured, not promised.

    cure(now) -> candidates      other settings of data, family, knobs or complexity; none at its end

Where there are several candidates (which lambda? which degree?) cross-validation on one data set chooses, as
a person would have to. Facts: `against`, the verdicts that a cure is tried on; `families`, those it is for;
`real`, whether it is for real data, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from mlcore.base.registry import Registry
from mlcore.complexity.families import FAMILIES
from mlcore.complexity.fit_verdict import FitKind
from mlcore.complexity.generalization import BiasVarianceSpec, grid
from mlcore.complexity.training_sets import SetsSpec, shape
from mlcore.training.data import load

MORE = 4  # times as many examples
LARGEST = 300  # examples of a training set
LONGEST = 5000  # steps of training
BAGS = 10
EVERY = tuple(FAMILIES)
NETWORKS = ("mlp_width", "mlp_steps")
OVER, UNDER = (FitKind.OVERFITS,), (FitKind.UNDERFITS,)
BOTH = (FitKind.UNDERFITS, FitKind.OVERFITS)


@dataclass(frozen=True)
class Candidate:
    """One complexity of a family on its sets. With `bags`, each member is the mean of as many models on
    bootstrap sets of its own examples; `averaged`, all members answer together."""

    ensemble: BiasVarianceSpec
    complexity: float
    bags: int = 0
    averaged: bool = False

    @property
    def settable(self) -> bool:
        """Whether it is a setting of the laboratory, and no committee of several models."""
        return not (self.bags or self.averaged)

    def knob(self, name: str) -> float:
        return dict(self.ensemble.knobs)[name]

    def with_knobs(self, **knobs: float) -> Candidate:
        chosen = tuple((dict(self.ensemble.knobs) | knobs).items())
        return replace(self, ensemble=replace(self.ensemble, knobs=chosen))


Cure = Callable[[Candidate], Sequence[Candidate]]
CURES: Registry[Cure] = Registry("cure")


@CURES.add(title="More data", source="the variance falls with N", against=BOTH, families=EVERY, real=True)
def more_data(now: Candidate) -> Sequence[Candidate]:
    sets = now.ensemble.sets
    most = min(LARGEST, MORE * sets.size, available(sets))
    larger = replace(now.ensemble, sets=replace(sets, size=most))
    return [replace(now, ensemble=larger)] if most > sets.size else []


def available(sets: SetsSpec) -> int:
    """How many examples a training set could have."""
    return len(load(sets.data).x) if sets.real else LARGEST


@CURES.add(
    title="A simpler model",
    source="cross-validation chooses how simple",
    against=OVER,
    families=EVERY,
    real=True,
)
def simpler(now: Candidate) -> Sequence[Candidate]:
    return beyond(now, simple=True)


@CURES.add(
    title="A more complex model", source="cross-validation chooses how complex",
    against=UNDER, families=EVERY, real=True,
)  # fmt: skip
def richer(now: Candidate) -> Sequence[Candidate]:
    return beyond(now, simple=False)


def beyond(now: Candidate, simple: bool) -> list[Candidate]:
    """All complexities of the family on one side of the present one."""
    family = now.ensemble.family
    values = grid(family, *shape(now.ensemble.sets))
    lower = simple == FAMILIES[family].rising
    return [
        replace(now, complexity=v) for v in values if v != now.complexity and (v < now.complexity) == lower
    ]


@CURES.add(
    title="Penalize large weights", source="Hoerl and Kennard 1970; weight decay",
    against=OVER, families=("polynomial", "random_features", *NETWORKS), real=True,
)  # fmt: skip
def penalty(now: Candidate) -> Sequence[Candidate]:
    """The polynomial becomes a ridge regression of the same degree."""
    family = now.ensemble.family
    if family == "polynomial":
        if not 1 <= now.complexity <= FAMILIES["ridge"].knobs["degree"].high:
            return []
        knobs = (("degree", now.complexity),)
        ridge = replace(now.ensemble, family="ridge", knobs=knobs)
        return [replace(now, ensemble=ridge, complexity=value) for value in FAMILIES["ridge"].grid]
    name = "penalty" if family == "random_features" else "l2"
    stronger = (value for value in (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0) if value > now.knob(name))
    return [now.with_knobs(**{name: value}) for value in stronger]


@CURES.add(
    title="Stop early", source="Goodfellow et al. 2016, 7.8",
    against=OVER, families=("mlp_width",), real=True,
)  # fmt: skip
def stop_early(now: Candidate) -> Sequence[Candidate]:
    """The same network with its training time as complexity. (Where that is so already: a simpler model.)"""
    knobs = {name: value for name, value in now.ensemble.knobs if name != "steps"}
    timed = replace(
        now.ensemble, family="mlp_steps", knobs=tuple((knobs | {"width": now.complexity}).items())
    )
    steps = [value for value in FAMILIES["mlp_steps"].grid if value < now.knob("steps")]
    return [replace(now, ensemble=timed, complexity=value) for value in steps]


@CURES.add(title="Noise on x", source="Bishop 1995", against=OVER, families=NETWORKS, real=True)
def jitter(now: Candidate) -> Sequence[Candidate]:
    return [now.with_knobs(jitter=value) for value in (0.05, 0.1, 0.2, 0.4) if value > now.knob("jitter")]


@CURES.add(title="Train longer", source="", against=UNDER, families=("mlp_width",), real=True)
def longer(now: Candidate) -> Sequence[Candidate]:
    most = min(LONGEST, 5 * now.knob("steps"))
    return [now.with_knobs(steps=most)] if most > now.knob("steps") else []


@CURES.add(
    title="Regularize less", source="", against=UNDER, families=("random_features", *NETWORKS), real=True,
)  # fmt: skip
def regularize_less(now: Candidate) -> Sequence[Candidate]:
    names = [name for name in ("penalty", "l2", "jitter") if dict(now.ensemble.knobs).get(name)]
    return [now.with_knobs(**dict.fromkeys(names, 0.0))] if names else []


@CURES.add(title="Bagging", source="Breiman 1996", against=BOTH, families=EVERY, real=True)
def bagging(now: Candidate) -> Sequence[Candidate]:
    """Of real data the members are models on resampled sets already: their mean is the bagged model."""
    return [replace(now, averaged=True) if now.ensemble.sets.real else replace(now, bags=BAGS)]


@CURES.add(
    title="The mean of all members", source="what no one has: S independent data sets", against=BOTH,
    families=EVERY, real=False,
)  # fmt: skip
def mean_member(now: Candidate) -> Sequence[Candidate]:
    """h_bar itself: bias^2 and noise are left, the variance is gone."""
    return [replace(now, averaged=True)]


def suitable(ensemble: BiasVarianceSpec, against: str) -> list[str]:
    """The cures to try on a verdict; on a good fit all, to see what they would do."""
    return [
        cure.name
        for cure in CURES.variants()
        if ensemble.family in cure.families
        and (cure.real or not ensemble.sets.real)
        and (against == FitKind.FITS or against in cure.against)
    ]
