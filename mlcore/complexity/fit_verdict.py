"""Underfits, fits or overfits: a verdict on one complexity among those of its family, with its numbers.

The rule compares with the best complexity, the one of least expected error on the same training sets:

    within a tenth of its error       fits
    else, bias^2 grew more            underfits
    else, variance grew more          overfits

Noise is the same for all complexities, so error can grow by these two alone. The best constant answer counts
as a complexity of every family. Differences below a thousandth of what it costs count as none: without noise
a tenth of nearly nothing is no fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from mlcore.complexity.families import FAMILIES
from mlcore.complexity.generalization import Ensemble, Fit
from mlcore.complexity.selection import Validation

WITHIN = 0.1  # of the least expected error
NEGLIGIBLE = 1e-3  # of the cost of the best constant


class FitKind(StrEnum):
    UNDERFITS = "underfits"
    FITS = "fits"
    OVERFITS = "overfits"


@dataclass(frozen=True)
class Diagnosis:
    """The verdict on one complexity, and the numbers behind it; all are means over x and over the sets."""

    kind: FitKind
    complexity: float
    best: float | None  # the complexity of least expected error; None where the best constant errs less
    error: float  # the expected test error
    least: float  # the same of the best
    bias_growth: float  # bias^2 here less bias^2 there
    variance_growth: float
    train_cost: float
    noise: float  # 0 where it cannot be told from bias
    constant: float  # what the best constant answer costs

    @property
    def gap(self) -> float:
        """Test less training: what a member does not know of its own error."""
        return self.error - self.train_cost

    @property
    def ratio(self) -> float:
        """How many times the least expected error this is."""
        return self.error / self.least if self.least else 1.0

    @property
    def worthwhile(self) -> bool:
        """Whether the best of the family is clearly better than one answer for all x."""
        return self.best is not None and self.least < (1 - WITHIN) * self.constant


def diagnose(ensemble: Ensemble, at: int) -> Diagnosis:
    """The verdict on the complexity number `at`."""
    here, there = (ensemble.fits[i].parts.average() for i in (at, ensemble.best))
    best: float | None = float(ensemble.complexity[ensemble.best])
    constant = best_constant(ensemble.fits[0], ensemble.loss)
    if constant < there["error"]:  # the simplest model of every family: all bias, no variance
        best, there = None, {"error": constant, "bias_squared": constant - here["noise"], "variance": 0.0}
    names = ("error", "bias_squared", "variance")
    error, bias, variance = (here[name] - there[name] for name in names)
    slight = max(WITHIN * there["error"], NEGLIGIBLE * constant)
    growing = FitKind.UNDERFITS if bias > variance else FitKind.OVERFITS
    return Diagnosis(
        FitKind.FITS if error <= slight else growing,
        float(ensemble.complexity[at]), best, here["error"], there["error"],
        bias, variance, float(ensemble.fits[at].train_cost.mean()), here["noise"], constant,
    )  # fmt: skip


def best_constant(fit: Fit, loss: str) -> float:
    """What one answer for all x costs, if it is the best one: the mean of all labels."""
    parts = fit.parts
    mean = parts.label.mean(0)
    if loss == "cross_entropy":
        return float(-(mean * np.log(np.maximum(mean, 1e-300))).sum())
    return float(parts.noise.mean() + np.square(parts.label - mean).sum(1).mean())


def examples(ensemble: Ensemble) -> dict[FitKind, int]:
    """A typical complexity of each verdict: the best one, and of the others those in the middle."""
    found: dict[FitKind, list[int]] = {kind: [] for kind in FitKind}
    for at in range(len(ensemble.fits)):
        found[diagnose(ensemble, at).kind].append(at)
    picked = {kind: places[(len(places) - 1) // 2] for kind, places in found.items() if places}
    return picked | {FitKind.FITS: ensemble.best}


@dataclass(frozen=True)
class Glance:
    """What somebody with the first data set alone would see, and conclude by the same rule."""

    kind: FitKind
    train_cost: float
    cost: float  # cross-validated
    least: float  # at the choice
    choice: float  # the complexity of the least cross-validated cost


def glance(fit: Fit, validation: Validation) -> Glance | None:
    """The verdict of cross-validation; None where its folds are too small for this complexity.

    Without a truth nobody sees bias and variance: a better choice is more complex, or it is less. What lies
    within a standard error of the least cost is as good, as cross-validation on few examples is noisy.
    """
    if fit.complexity not in validation.complexity:
        return None
    choice = float(validation.complexity[validation.choice])
    cost = float(validation.mean[validation.complexity == fit.complexity][0])
    least = float(validation.mean.min())
    rising = FAMILIES[validation.spec.ensemble.family].rising
    simple = (fit.complexity < choice) == rising
    growing = FitKind.UNDERFITS if simple else FitKind.OVERFITS
    slight = max(WITHIN * least, float(validation.error[validation.choice]))
    kind = FitKind.FITS if cost <= least + slight else growing
    return Glance(kind, float(fit.train_cost[0]), cost, least, choice)


def by_complexity(family: str, complexity: Sequence[float]) -> list[int]:
    """The places of complexities from the simplest model to the most complex one."""
    order = np.argsort(complexity)
    return [int(i) for i in (order if FAMILIES[family].rising else order[::-1])]
