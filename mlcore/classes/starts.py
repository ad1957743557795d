"""A class goes downhill: every phone touches its start on a surface and chooses a learning rate.

All walk as rows of one theta [R, 2], in whole blocks: a row's bits do not depend on who walks beside it, even
where a processor takes the end of a vector otherwise (float64 on AVX-512 showed no difference without).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from mlcore.base import spec as specs
from mlcore.base.device import computing
from mlcore.base.experiment import Report, run, silent
from mlcore.base.registry import Knob
from mlcore.descents import basins
from mlcore.descents.basins import FATES, Fate
from mlcore.descents.paths import PathSpec, RuleSpec, usual_rate
from mlcore.families.surfaces import SURFACES, objective
from mlcore.training.descent import descend

FLOATS = NDArray[np.float64]
BLOCK = 16  # rows
SEEN = 150  # points of a path that are kept
MOST = 400  # rows of one batch
USUAL = PathSpec(surface="himmelblau", x=0.0, y=0.0, rules=(RuleSpec("sgd", lr=0.01),), steps=100)
PLACE = Knob(0.0, -20.0, 20.0)


@dataclass(frozen=True)
class StartActivity:
    """A surface and one rule, and what each phone may choose."""

    base: PathSpec = specs.part(PathSpec, USUAL)
    place: bool = specs.flag(True, "c_xy")
    rate: bool = specs.flag(True, "c_lr")

    def __post_init__(self) -> None:
        specs.check(self)
        one = self.base.rules[:1] or USUAL.rules
        object.__setattr__(self, "base", replace(self.base, rules=one))


@dataclass(frozen=True)
class StartAnswer:
    """What one phone chose: where to start, and how large a step."""

    x: float = specs.number(PLACE, "x")
    y: float = specs.number(PLACE, "y")
    lr: float = specs.number(Knob(0.01, 1e-7, 100.0, symbol=r"\eta", log=True), "lr")

    def __post_init__(self) -> None:
        specs.check(self)


@dataclass(frozen=True)
class StartRowsSpec:
    """Some answers of a class: what is computed at once."""

    activity: StartActivity = specs.part(StartActivity)
    answers: tuple[StartAnswer, ...] = specs.several(StartAnswer, (), "a", most=MOST)

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def seconds(self) -> float:
        """About how long all its rows take."""
        return self.activity.base.steps * (6e-5 + 4e-7 * len(self.answers)) + 0.01


@dataclass(frozen=True, eq=False)
class Walked:
    """One row: where one student's descent went."""

    answer: StartAnswer
    theta: FLOATS  # [F, 2] points of the path, the start and the end among them
    value: float  # at the end
    fate: Fate
    minimum: int  # the global minimum that was reached, in the surface's order; -1: none


def alone(activity: StartActivity, answer: StartAnswer) -> PathSpec:
    """The descent of one student, as the room of optimizers opens it."""
    base, (rule,) = activity.base, activity.base.rules
    if activity.rate:
        base = replace(base, rules=(replace(rule, lr=answer.lr),))
    return replace(base, x=answer.x, y=answer.y) if activity.place else base


@run.register
@computing()
def starts(spec: StartRowsSpec, report: Report = silent) -> tuple[Walked, ...]:
    """The rows of all answers, in their order. A divergence is a fate, not an error."""
    wanted = [alone(spec.activity, answer) for answer in spec.answers]
    if not wanted:
        return ()
    base, (rule,) = spec.activity.base, spec.activity.base.rules
    padded = wanted + wanted[-1:] * (-len(wanted) % BLOCK)
    ways, values = [], []
    for first in range(0, len(padded), BLOCK):
        part = padded[first : first + BLOCK]
        rates = torch.tensor([[one.rules[0].lr] for one in part], dtype=torch.float64)
        way = descend(
            objective(base.surface, **dict(base.surface_knobs)),
            torch.tensor([[one.x, one.y] for one in part], dtype=torch.float64),
            optimizer=rule.optimizer, knobs=dict(rule.knobs), lr=rates, schedule=base.schedule,
            schedule_knobs=dict(base.schedule_knobs), steps=base.steps,
        )  # fmt: skip
        ways.append(way.theta)
        values.append(way.value[-1])
        report(len(ways) * BLOCK / len(padded), None)
    theta, value = np.concatenate(ways, 1), np.concatenate(values)  # [T, R, 2], [R]
    ended = basins.ends(theta[-1], base.surface, base.surface_knobs)
    kept = np.unique(np.linspace(0, len(theta) - 1, SEEN).round().astype(np.int64))
    return tuple(
        Walked(answer, theta[kept, i].copy(), float(value[i]), FATES[ended.fate[i]], int(ended.which[i]))
        for i, answer in enumerate(spec.answers)
    )


def span(activity: StartActivity) -> tuple[float, float]:
    """The learning rates that a phone may choose, around one that suits the surface."""
    usual = usual_rate(activity.base, activity.base.rules[0].optimizer)
    return usual / 100, usual * 100


def box(activity: StartActivity) -> tuple[float, float, float, float]:
    """Where a phone may start: x from, x to, y from, y to, the surface's own box."""
    left, right, low, high = SURFACES[activity.base.surface].box
    return left, right, low, high
