"""The figures of the landscape room, for the checks that hold for all figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import plotly.graph_objects as go

from mlcore.families.models import ModelSpec
from mlcore.figures import curvature as curvatures
from mlcore.figures import landscape as figures
from mlcore.figures.words import Say
from mlcore.landscapes.curvature import CurvatureSpec, Curve, curvature
from mlcore.landscapes.landscape import Landscape, LandscapeSpec, landscape
from mlcore.landscapes.lines import Lines, LineSpec, lines
from mlcore.landscapes.planes import PLANES
from mlcore.training.data import DataSpec
from mlcore.training.tasks import TrainSpec

TRAIN = TrainSpec(DataSpec("moons", examples=60), ModelSpec(widths=(6, 5)), steps=40)
CURVE = TrainSpec(DataSpec("sine", examples=60), ModelSpec(widths=(6,)), loss="mse", steps=40)
SMALL = LandscapeSpec(TRAIN, resolution=15)


@cache
def seen(spec: LandscapeSpec) -> Landscape:
    return landscape(spec)


@cache
def lined(spec: LineSpec) -> Lines:
    return lines(spec)


@cache
def curved(spec: CurvatureSpec) -> Curve:
    return curvature(spec)


def broken() -> Landscape:
    """A corner overflows, as a cost may far from the trained weights."""
    view = seen(SMALL)
    value = view.value.copy()
    value[0, :3] = np.inf, np.nan, 0.0
    return replace(view, value=value)


Draw = Callable[..., go.Figure]


def of(draw: Draw, spec: LandscapeSpec, *more: object) -> Callable[[Say], go.Figure]:
    return lambda say: draw(seen(spec), *more, say=say)


SCORES = replace(SMALL, what="score", part="test")
R2 = LandscapeSpec(CURVE, what="score", resolution=15, plane="filter")
DESCENT = replace(TRAIN, optimizer="sgd", lr=1.0, batch_size=0)
CASES: dict[str, Callable[[Say], go.Figure]] = {
    **{f"above {plane}": of(figures.above, replace(SMALL, plane=plane)) for plane in PLANES},
    "above linear": of(figures.above, SMALL, False),
    "above accuracy": of(figures.above, SCORES),
    "above R2": of(figures.above, R2),
    "above gradient": of(figures.above, replace(SMALL, what="gradient")),
    "above overflow": lambda say: figures.above(broken(), say=say),
    "relief landscape": of(figures.in_space, SMALL, "corner"),
    "relief solutions": of(figures.in_space, replace(SMALL, plane="solutions"), "top"),
    "relief accuracy": of(figures.in_space, SCORES, "front", False),
    "truth": of(figures.against_truth, SMALL),
    "truth R2": of(figures.against_truth, R2),
    "off the plane": of(figures.off_the_plane, SMALL),
    "explained shares": of(figures.explained, SMALL),
    "lines": lambda say: figures.between(lined(LineSpec(TRAIN, pairs=3)), say=say),
    "lines R2": lambda say: figures.between(lined(LineSpec(CURVE, pairs=2, what="score")), say=say),
    "lines logarithmic": lambda say: figures.between(lined(LineSpec(TRAIN, pairs=3)), True, say),
    "curvature": lambda say: curvatures.along(curved(CurvatureSpec(DESCENT, 10, 3)), say=say),
    "curvature so far": lambda say: curvatures.along(curved(CurvatureSpec(DESCENT, 8)), False, say),
    "curvature without a bound": lambda say: curvatures.along(curved(CurvatureSpec(TRAIN, 8)), say=say),
    "curvature far below": lambda say: curvatures.along(
        curved(CurvatureSpec(replace(DESCENT, lr=0.001), 8)), say=say
    ),
    "barriers": lambda say: figures.barriers(lined(LineSpec(TRAIN, pairs=3)), say=say),
}
