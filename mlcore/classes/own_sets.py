"""A class is its own ensemble: every phone draws a training set, and is one member.

The slide's expectation over training sets becomes a mean over the students present: their variance, their
bias and the noise add up to their error, to rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from mlcore.base import spec as specs
from mlcore.base.experiment import Report, run, silent
from mlcore.base.refusal import Refusal
from mlcore.base.registry import Knob
from mlcore.complexity.decomposition import BiasVariance, decompose
from mlcore.complexity.families import FAMILIES, Sets
from mlcore.complexity.generalization import BiasVarianceSpec, grid, nearest
from mlcore.complexity.training_sets import LABELS, Drawing, SetsSpec, draw

FLOATS = NDArray[np.float64]
USUAL = -1.0  # as a complexity: the one with which the family begins
MOST = 400  # rows of one batch
QUICK = ("polynomial", "ridge", "nearest")  # families that are fitted in no time


class SetsError(Refusal):
    """An ensemble that a class cannot be."""

    SENTENCES: ClassVar[dict[str, str]] = {
        "no_line": "A class shows its members as curves over one x, and {data} has none that is known. "
        "Choose a curve: a sine, a step, a formula of your own.",
    }


@dataclass(frozen=True)
class SetsActivity:
    """A family, its complexity and the world that training sets are drawn from."""

    base: BiasVarianceSpec = specs.part(BiasVarianceSpec)
    complexity: float = specs.number(Knob(USUAL, USUAL, 5000.0), "c")

    def __post_init__(self) -> None:
        specs.check(self)
        sets = replace(self.base.sets, sets=LABELS, design="random")
        plain = replace(self.base, sets=sets, plane=False, paired=False, center="labels")
        object.__setattr__(self, "base", plain)

    @property
    def chosen(self) -> float:
        """The complexity that is fitted: the nearest of those that the data allow."""
        family = FAMILIES[self.base.family]
        values = grid(self.base.family, self.base.sets.size, 1)
        return values[nearest(values, family.usual if self.complexity == USUAL else self.complexity)]


@dataclass(frozen=True)
class SetsAnswer:
    """What one phone chose: the seed of its training set."""

    seed: int = specs.number(Knob(0, 0, 9999, integer=True), "seed")

    def __post_init__(self) -> None:
        specs.check(self)


@dataclass(frozen=True)
class SetsRowsSpec:
    """Some answers of a class: what is computed at once."""

    activity: SetsActivity = specs.part(SetsActivity)
    answers: tuple[SetsAnswer, ...] = specs.several(SetsAnswer, (), "a", most=MOST)

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def seconds(self) -> float:
        """About how long it takes to draw and to fit all sets: much longer where networks are trained."""
        quick = self.activity.base.family in QUICK
        return 0.01 + (0.003 if quick else 1.0) * len(self.answers)


@dataclass(frozen=True, eq=False)
class Fitted:
    """One row: a student's training set, and what the member fitted to it answers at the test points."""

    answer: SetsAnswer
    x: FLOATS  # [N]
    y: FLOATS  # [N]
    curve: FLOATS  # [M]


@lru_cache(maxsize=16)
@torch.inference_mode(False)
def world(activity: SetsActivity) -> Drawing:
    """The test points and their labels, which all members share. Raises `SetsError`, and as `draw` does."""
    sets = activity.base.sets
    if not sets.line:
        raise SetsError("no_line", data=sets.data.name)
    return draw(sets)


@run.register
def members(spec: SetsRowsSpec, report: Report = silent) -> tuple[Fitted, ...]:
    """The rows of all answers, in their order. Raises as `world` does."""
    if not spec.answers:
        return ()
    at, base = world(spec.activity).at, spec.activity.base
    sets = joined(base.sets, [answer.seed for answer in spec.answers])
    family = FAMILIES[base.family]
    points = at.expand(len(sets.x), -1, -1)
    (curves,) = family(sets, points, [spec.activity.chosen], lambda: report(0.5, None), **dict(base.knobs))
    rows = zip(spec.answers, sets.x, sets.y, curves, strict=False)  # a single one was fitted twice
    return tuple(
        Fitted(answer, x[:, 0].numpy().copy(), y[:, 0].numpy().copy(), curve[:, 0].numpy().copy())
        for answer, x, y, curve in rows
    )


def joined(spec: SetsSpec, seeds: Sequence[int]) -> Sets:
    """The first training set of each seed, as one batch of two or more: one alone is computed otherwise."""
    seeds = [*seeds] if len(seeds) > 1 else [*seeds, *seeds]
    drawn = [draw(replace(spec, seed=seed, sets=2)).sets for seed in seeds]
    x, y = torch.stack([one.x[0] for one in drawn]), torch.stack([one.y[0] for one in drawn])
    return Sets(x, y, 0, spec.seed, tuple(seeds))


def taken_apart(activity: SetsActivity, rows: Sequence[Fitted]) -> BiasVariance:
    """The class's own variance, noise and bias, of one or more members."""
    curves = torch.from_numpy(np.stack([row.curve for row in rows]))[..., None]
    return decompose(curves, world(activity).labels)
