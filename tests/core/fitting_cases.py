"""The figures of the fitting room, for the checks that all figures pass."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import plotly.graph_objects as go

from mlcore.complexity.cure_trials import CureSpec, CureTrials, try_cures
from mlcore.complexity.generalization import BiasVarianceSpec, Ensemble, bias_variance
from mlcore.complexity.selection import ValidationSpec, validate
from mlcore.complexity.training_sets import SetsSpec, draw
from mlcore.figures import fitting, words
from mlcore.training.data import DataSpec

Case = Callable[[words.Say], go.Figure]


@cache
def ensemble(name: str, family: str = "polynomial") -> Ensemble:
    spec = BiasVarianceSpec(SetsSpec(DataSpec(name), 20, 12), family, plane=name == "moons")
    return bias_variance(spec)


@cache
def treated(name: str, complexity: float) -> CureTrials:
    return try_cures(CureSpec(BiasVarianceSpec(SetsSpec(DataSpec(name), 20, 12), "tree"), complexity))


def fits(name: str, at: int) -> Case:
    def drawn(say: words.Say) -> go.Figure:
        found = ensemble(name)
        return fitting.picture(found.fits[at], draw(found.spec.sets), found.loss, say)

    return drawn


def costs(name: str, family: str, checked: bool = True) -> Case:
    def drawn(say: words.Say) -> go.Figure:
        found = ensemble(name, family)
        seen = validate(ValidationSpec(found.spec)) if checked else None
        return fitting.costs(found, 1, seen, "k", say)

    return drawn


def named(found: CureTrials) -> list[str]:
    return [f"{i}" for i in range(len(found.outcomes))]


CASES: dict[str, Case] = {
    "fits line": fits("sine", 3),
    "fits line wild": fits("sine", 12),
    "fits line drawn": fits("drawn_curve", 3),
    "fits plane": fits("moons", 3),
    "fits costs": fits("diabetes", 1),
    "fitting costs": costs("sine", "polynomial"),
    "fitting costs reversed": costs("sine", "nearest"),
    "fitting costs unchecked": costs("diabetes", "tree", False),
    "fitting cures": lambda say: fitting.cures(treated("sine", 12), named(treated("sine", 12)), say),
    "fitting cures real": lambda say: fitting.cures(
        treated("diabetes", 12), named(treated("diabetes", 12)), say
    ),
}


def values(trace: go.Scatter) -> np.ndarray:
    return np.asarray(trace.y, np.float64)
