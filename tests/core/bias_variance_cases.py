"""The figures of the room on bias and variance, for the checks that hold for all figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import plotly.graph_objects as go
import torch

from mlcore.complexity.decomposition import settle
from mlcore.complexity.generalization import BiasVarianceSpec, Ensemble, bias_variance, grid
from mlcore.complexity.theory import expected
from mlcore.complexity.training_sets import Drawing, SetsSpec, draw, shape
from mlcore.figures import bias_variance as figures
from mlcore.figures import estimates
from mlcore.figures.words import Say
from mlcore.training.data import DataSpec

LINE = BiasVarianceSpec(SetsSpec(sets=12, size=20))
PLANE = BiasVarianceSpec(SetsSpec(DataSpec("moons", label_noise=0.1), 20, 8), "nearest", plane=True)
REAL = BiasVarianceSpec(SetsSpec(DataSpec("iris"), 25, 6), "tree")
FIXED = replace(LINE, sets=replace(LINE.sets, design="fixed"), family="ridge")


@cache
def computed(spec: BiasVarianceSpec) -> tuple[Ensemble, Drawing]:
    return bias_variance(spec), draw(spec.sets)


def per_point(spec: BiasVarianceSpec, which: int) -> Callable[[Say], go.Figure]:
    return lambda say: figures.per_point(computed(spec)[0].fits[which], computed(spec)[1], say)


def curve(spec: BiasVarianceSpec, done: int) -> Callable[[Say], go.Figure]:
    def draw_it(say: Say) -> go.Figure:
        found = computed(spec)[0]
        part = replace(found, fits=found.fits[:done])
        return figures.curve(part, 0, "k", grid(spec.family, *shape(spec.sets)), say)

    return draw_it


def disagreement(say: Say) -> go.Figure:
    plane = computed(PLANE)[0].fits[3].plane
    assert plane is not None
    return figures.disagreement(plane, say)


def settling(say: Say) -> go.Figure:
    found, drawing = computed(LINE)
    answers = torch.from_numpy(found.fits[3].answers).double()
    return estimates.settling([2, 6, 12], settle(answers, drawing.labels, found.loss, [2, 6, 12]), say)


def target(say: Say, noise: float, far: float) -> go.Figure:
    shots = np.random.default_rng(0).normal(size=(30, 2))
    shots[0] = far
    return estimates.target(shots, (noise, noise / 2), 4.0, say)


def theory(say: Say) -> go.Figure:
    found = expected(FIXED)
    assert found is not None
    return estimates.against_theory(computed(FIXED)[0], found, "λ", say)


CASES: dict[str, Callable[[Say], go.Figure]] = {
    "per_point": per_point(LINE, 3),
    "per_point wild": per_point(LINE, 15),
    "per_point examples": per_point(REAL, 2),
    "disagreement": disagreement,
    "curve": curve(LINE, 16),
    "curve falling, partly done": curve(PLANE, 4),
    "sums": lambda say: figures.sums(computed(LINE)[0].fits[3].parts.average(), say),
    "settling": settling,
    "target": lambda say: target(say, 0.5, 0.0),
    "target one outside, no noise": lambda say: target(say, 0.0, 9.0),
    "against_theory": theory,
}
