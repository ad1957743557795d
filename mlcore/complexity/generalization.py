"""Bias and variance over the complexity of a family: many training sets, many models, one identity.

Every complexity is fitted to every training set; what the members answer at the test points is taken apart
(`decomposition`). Complexities are reported one by one: the first is seen while others compute.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.base.experiment import Report, run, silent
from mlcore.complexity.decomposition import LOSSES, RULES, BiasVariance, DecompositionError, decompose, losses
from mlcore.complexity.families import FAMILIES, Sets
from mlcore.complexity.training_sets import Drawing, SetsSpec, draw

FLOATS = NDArray[np.float32]
KEPT = 400_000  # numbers of one complexity's answers that a result keeps
SQUARE = 25  # points along each side of the plane on which the mean classifier is drawn
DRAWN = 12  # members whose boundaries are drawn on it
CENTERS = ("labels", "truth")


@dataclass(frozen=True)
class BiasVarianceSpec:
    """A family on many training sets. `plane` also draws two classes over the plane, where x is one.

    `center` and `paired` are the shortcuts of `decompose`.
    """

    sets: SetsSpec = specs.part(SetsSpec)
    family: str = specs.choice("polynomial", FAMILIES, "family")
    knobs: specs.Knobs = specs.knobs("family", FAMILIES, prefix="f_")
    loss: str = specs.choice("squared_error", LOSSES, "measure")
    plane: bool = specs.flag(False, "plane")
    center: str = specs.choice("labels", CENTERS, "center")
    paired: bool = specs.flag(False, "paired")

    def __post_init__(self) -> None:
        specs.check(self)


@dataclass(frozen=True, eq=False)
class Plane:
    """Two classes over the plane: the mean probability of class 1, its variance, and some members."""

    side_x: FLOATS  # [A]
    side_y: FLOATS  # [A]
    mean: FLOATS  # [A, A]
    variance: FLOATS  # [A, A]
    members: FLOATS  # [DRAWN, A, A]


@dataclass(frozen=True, eq=False)
class Fit:
    """One complexity: what its members answered, and what their error is made of."""

    complexity: float
    answers: FLOATS  # [S', M, K] of the first S' members, as many as KEPT allows
    parts: BiasVariance
    train_cost: NDArray[np.float64]  # [S] mean loss of each member on its own training set
    test_cost: NDArray[np.float64]  # [S] on all labels of all test points
    plane: Plane | None


@dataclass(frozen=True, eq=False)
class Ensemble:
    """All complexities of a family on the same training sets."""

    spec: BiasVarianceSpec
    loss: str
    fits: tuple[Fit, ...]

    @classmethod
    def partial(cls, spec: BiasVarianceSpec, fits: Sequence[Fit]) -> Ensemble:
        """What there is while the rest is computed, or what a stop has left."""
        return cls(spec, measure(spec.loss, draw(spec.sets).sets.classes), tuple(fits))

    @property
    def complexity(self) -> NDArray[np.float64]:
        return np.array([fit.complexity for fit in self.fits])  # [C]

    def average(self, name: str) -> NDArray[np.float64]:
        """[C] the error or one of its parts, averaged over x."""
        return np.array([fit.parts.average()[name] for fit in self.fits])

    @property
    def best(self) -> int:
        """Which complexity has the least expected error."""
        return int(self.average("error").argmin())


def measure(loss: str, classes: int) -> str:
    """The loss that suits the data: squared error for values; for classes Brier or cross-entropy.

    Raises `DecompositionError` for losses that do not come apart.
    """
    if loss not in RULES:
        raise DecompositionError(loss)
    if not classes:
        return "squared_error"
    return loss if loss == "cross_entropy" else "brier"


def nearest(values: Sequence[float] | NDArray[np.float64], complexity: float) -> int:
    """Which of the values lies closest to the one asked for: by ratio, where none is 0."""
    array = np.array(values)
    if (array > 0).all() and complexity > 0:
        return int(np.abs(np.log(array / complexity)).argmin())
    return int(np.abs(array - complexity).argmin())


def grid(family: str, size: int, features: int) -> list[float]:
    """The complexities of a family that N examples of D features allow."""
    variant = FAMILIES[family]
    return [float(value) for value in variant.grid if variant.fits(value, size, features)]


@run.register
def bias_variance(spec: BiasVarianceSpec, report: Report = silent) -> Ensemble:
    """Fit, answer, take apart, for one complexity after the other; each is reported as a `Fit`.

    Raises `DecompositionError` for a loss that does not come apart, and what `draw` raises.
    """
    drawing = draw(spec.sets)
    loss = measure(spec.loss, drawing.sets.classes)
    values = grid(spec.family, *drawing.sets.x.shape[1:])
    fits: list[Fit] = []
    answers = predictions(spec, drawing, values, partial(_tick, report, fits, len(values)))
    for value, (there, own, plane) in zip(values, answers, strict=True):
        fits.append(_fit(spec, drawing, loss, value, there, own, plane))
        report(len(fits) / len(values), fits[-1])
    return Ensemble(spec, loss, tuple(fits))


def _tick(report: Report, fits: list[Fit], of: int) -> None:
    report(len(fits) / of, None)


def predictions(
    spec: BiasVarianceSpec, drawing: Drawing, values: list[float], tick: partial[None]
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """For each complexity the answers at the test points [S, M, K], at every member's own training points
    [S, N, K], and over the plane [S, A A, K] (nothing where there is none)."""
    sets, there = drawing.sets, drawing.at
    plane = square(drawing)[0] if spec.plane else there[:0]
    shared = torch.cat([there, plane]).expand(len(sets.x), -1, -1)
    sizes = [len(there), len(plane), sets.x.shape[1]]
    family = FAMILIES[spec.family]
    for answer in family(sets, torch.cat([shared, sets.x], 1), values, tick, **dict(spec.knobs)):
        there, plane, own = answer.split(sizes, 1)
        yield there, own, plane


def square(drawing: Drawing) -> tuple[Tensor, Tensor, Tensor]:
    """The points [A A, 2] of a plane with two classes, and its sides; no points for other data."""
    if drawing.at.shape[1] != 2 or drawing.sets.classes != 2:
        return drawing.at[:0], *2 * (drawing.at[:0, 0],)
    low, high = drawing.at.min(0).values, drawing.at.max(0).values
    pad = 0.1 * (high - low)
    sides = [
        torch.linspace(float(a), float(b), SQUARE, dtype=torch.float64)
        for a, b in zip(low - pad, high + pad, strict=True)
    ]
    points = torch.stack(torch.meshgrid(*sides, indexing="xy"), -1).flatten(0, 1)
    return points, sides[0], sides[1]


def costs(loss: str, p: Tensor, y: Tensor) -> Tensor:
    """The mean loss of every member [S], p [S, M, K] on labels y [S or 1, M, K]."""
    return losses(loss, p, y).mean(1)


def noise(loss: str, labels: Tensor) -> float:
    """What no model can be without on labels [L, M, K]: their spread, or their entropy."""
    return float(RULES[loss][-1](labels, labels.mean(0)).mean())


def expected_costs(loss: str, p: Tensor, labels: Tensor) -> Tensor:
    """The mean loss of every member [S] on all labels [L, M, K]: on the mean label and around it."""
    around = costs(loss, p, labels.mean(0, keepdim=True))
    return around if loss == "cross_entropy" else around + noise(loss, labels)


def _fit(
    spec: BiasVarianceSpec,
    drawing: Drawing,
    loss: str,
    value: float,
    there: Tensor,
    own: Tensor,
    plane: Tensor,
) -> Fit:
    truth = drawing.truth if spec.center == "truth" else None
    parts = decompose(there, drawing.labels, loss, truth=truth, paired=spec.paired)
    test_cost = expected_costs(loss, there, drawing.labels)
    kept = max(2, KEPT // (there.shape[1] * there.shape[2]))
    return Fit(
        value, there[:kept].float().numpy(), parts,
        costs(loss, own, drawing.sets.y).numpy(), test_cost.numpy(), _plane(drawing, plane),
    )  # fmt: skip


def _plane(drawing: Drawing, answers: Tensor) -> Plane | None:
    if not answers.shape[1]:
        return None
    _, side_x, side_y = square(drawing)
    one = answers[..., 1].reshape(-1, SQUARE, SQUARE)
    arrays = side_x, side_y, one.mean(0), one.var(0, correction=0), one[:DRAWN]
    return Plane(*(v.float().numpy() for v in arrays))


def subset(sets: Sets, count: int) -> Sets:
    """The same training sets with their first `count` examples alone."""
    return Sets(sets.x[:, :count], sets.y[:, :count], sets.classes, sets.seed)
