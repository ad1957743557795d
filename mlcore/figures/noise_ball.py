"""Descents with noisy gradients: the cloud over the steps, its histogram, its size over learning rates."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.descents.noise_ball import Curve, NoiseSpec, moments, spread, stationary
from mlcore.figures import theme
from mlcore.figures.theme import CHANCE, MODEL, RING, TRAIN, Role
from mlcore.figures.words import Say, english

FLOATS = NDArray[Any]
MEASURED = Role(theme.COLORS[1])
THREADS, BINS = 20, 60


def reach(spec: NoiseSpec) -> float:
    """How far from the minimum the pictures go: to the start, and to four standard deviations.

    Those of a cloud that settles; near lr lambda = 2 and beyond, of one that nearly does not.
    """
    settled = stationary(min(spec.lr, 1.9 / spec.curvature), spec.curvature, spec.sigma)
    return max(1.1 * abs(spec.start), 4.2 * float(np.sqrt(settled)))


def cloud(spec: NoiseSpec, found: FLOATS, say: Say = english) -> go.Figure:
    """Replicas [T, R] over the steps. Traces: 0 some of them, 1 two standard deviations by theory, 2 the mean
    by theory, 3 the measured mean, 4 and 5 two measured standard deviations above and below it."""
    steps = np.arange(len(found))
    mean, variance = moments(found)
    known, expected = spread(spec, steps)
    with np.errstate(invalid="ignore"):  # a cloud that has left every bound
        measured, theory = (
            (middle - 2 * np.sqrt(v), middle + 2 * np.sqrt(v))
            for middle, v in ((mean, variance), (known, expected))
        )
    shown = found[:, :THREADS].T
    gap = np.full((len(shown), 1), np.nan)
    threads = theme.line(
        np.tile(np.append(steps, np.nan), len(shown)), np.hstack([shown, gap]).ravel(),
        Role(theme.rgba(TRAIN.color, 0.55)), say("figure.some_replicas").format(count=len(shown)),
        line={"width": 1}, hoverinfo="skip",
    )  # fmt: skip
    ball = theme.band(steps, *theory, MODEL.color, say("figure.two_deviations"))
    line = theme.line(steps, known, MODEL, say("figure.mean_theory"))
    dots = theme.points(steps, mean, MEASURED, say("figure.measured"), marker={"size": 6})
    ends = [
        theme.points(steps, v, MEASURED, "", showlegend=False, marker={"size": 5, "symbol": "line-ew",
                     "line": {"color": MEASURED.color, "width": 2}})
        for v in measured
    ]  # fmt: skip
    far, last = reach(spec), len(found) - 1
    xaxis = {"title": {"text": say("figure.step")}, "range": [-0.02 * last, 1.02 * last]}
    yaxis = {"title": {"text": "x"}, "range": [-far, far]}
    return theme.figure(
        [threads, ball, line, dots, *ends], xaxis=xaxis, yaxis=yaxis, uirevision=f"cloud {far:.3g}"
    )


def bins(spec: NoiseSpec) -> FLOATS:
    """Edges of the histogram's bins [BINS + 1]."""
    return np.linspace(-reach(spec), reach(spec), BINS + 1)


def shares(spec: NoiseSpec, found: FLOATS) -> FLOATS:
    """How dense the replicas [T, R] lie in every bin at every step: [T, BINS]."""
    edges = bins(spec)
    counts = np.stack([np.histogram(row, edges)[0] for row in found])
    return theme.array(counts / (found.shape[1] * (edges[1] - edges[0])))


def normal(spec: NoiseSpec, steps: int, x: FLOATS) -> FLOATS:
    """The density that theory gives the cloud at the steps 0..steps: [T, M], NaN at the start, a point."""
    mean, variance = (v[:, None] for v in spread(spec, np.arange(steps + 1)))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        density = np.exp(-((x - mean) ** 2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)
    return theme.drawable(density)


def grid(spec: NoiseSpec) -> FLOATS:
    """Where the density is drawn."""
    return np.linspace(-reach(spec), reach(spec), 241)


def histogram(spec: NoiseSpec, found: FLOATS, say: Say = english) -> go.Figure:
    """The cloud at its last step. Traces: 0 its density in every bin (`y`), 1 the normal density (`y`)."""
    edges, x = bins(spec), grid(spec)
    look: dict[str, Any] = {"color": theme.rgba(TRAIN.color, 0.6), "line": {"width": 0}}
    bars = go.Bar(
        x=theme.array((edges[1:] + edges[:-1]) / 2), y=shares(spec, found)[-1],
        width=float(edges[1] - edges[0]), marker=look, hoverinfo="skip",
        name=say("figure.all_replicas").format(count=found.shape[1]),
    )  # fmt: skip
    density = normal(spec, len(found) - 1, x)
    law = theme.line(x, density[-1], MODEL, say("figure.normal_theory"))
    settled = stationary(min(spec.lr, 1.9 / spec.curvature), spec.curvature, spec.sigma)
    top = 1.7 / np.sqrt(2 * np.pi * settled)
    xaxis = {"title": {"text": "x"}, "range": [-reach(spec), reach(spec)]}
    yaxis = {"title": {"text": say("figure.how_often")}, "range": [0, float(top)]}
    return theme.figure(
        [bars, law], xaxis=xaxis, yaxis=yaxis, bargap=0, uirevision=f"histogram {reach(spec):.3g}"
    )


def variances(spec: NoiseSpec, found: Curve, say: Say = english) -> go.Figure:
    """The stationary variance over learning rates. Traces: 0 theory, 1 measured, with intervals, 2 the chosen
    learning rate, where it settles, 3 the bound."""
    limit = 2 / spec.curvature
    fine = np.linspace(0.02, 1.98, 197) / spec.curvature
    known = stationary(fine, spec.curvature, spec.sigma)
    line = theme.line(fine, known, MODEL, say("figure.theory"))
    bars = {
        "type": "data", "symmetric": False, "array": theme.array(found.high - found.measured),
        "arrayminus": theme.array(found.measured - found.low), "color": MEASURED.color, "thickness": 2,
    }  # fmt: skip
    dots = theme.points(
        found.lr, found.measured, MEASURED, say("figure.measured_95"), marker={"size": 8}, error_y=bars
    )
    inside = spec.lr < limit
    ring = {
        "size": 16,
        "color": "rgba(0,0,0,0)",
        "line": {"color": RING.color, "width": 3},
        "symbol": "circle",
    }
    at = [float(stationary(spec.lr, spec.curvature, spec.sigma))] if inside else []
    chosen = theme.points([spec.lr] if inside else [], at, RING, say("figure.chosen"), marker=ring)
    seen = theme.log_axis(np.concatenate([known, found.high, found.low]))
    ends = 10 ** np.array(seen["range"])
    edge = theme.line([limit, limit], ends, CHANCE, "η = 2/λ")
    xaxis = {"title": {"text": say("figure.lr")}, "range": [0, 1.04 * limit]}
    yaxis = {"title": {"text": say("figure.stationary")}, **seen}
    return theme.figure(
        [line, dots, chosen, edge], xaxis=xaxis, yaxis=yaxis, uirevision=f"variances {spec.curvature}"
    )
