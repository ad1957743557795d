"""Many models of one kind: what they say, what their error is made of, and how it changes with complexity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.complexity.families import FAMILIES
from mlcore.complexity.generalization import Ensemble, Fit, Plane
from mlcore.complexity.training_sets import Drawing
from mlcore.figures import theme
from mlcore.figures.theme import GRAY, Role
from mlcore.figures.words import Say, english

PARTS: dict[str, tuple[Role, str]] = {  # with the pattern of its area, as color is never the only cue
    "noise": (Role(GRAY), ""),
    "variance": (Role("#0072B2", symbol="diamond"), "/"),
    "bias_squared": (Role("#D55E00", "dash", "square"), "."),
}
ERROR = Role(theme.COLORS[4], symbol="circle")


def _square(plane: Plane) -> dict[str, Any]:
    bare = {"showgrid": False, "zeroline": False}
    xaxis = {"title": {"text": "x₁"}, "range": [float(plane.side_x[0]), float(plane.side_x[-1])], **bare}
    yaxis = {"title": {"text": "x₂"}, "range": [float(plane.side_y[0]), float(plane.side_y[-1])], **bare}
    return {"xaxis": xaxis, "yaxis": yaxis}


def disagreement(plane: Plane, say: Say = english) -> go.Figure:
    """Where over the plane members disagree: the variance of P(class 1). Traces: 0 the map."""
    scale = [[0.0, theme.rgba(PARTS["variance"][0].color, 0.0)], [1.0, PARTS["variance"][0].color]]
    bar = {"title": {"text": say("figure.variance")}, "thickness": 12, "tickformat": ".2g"}
    ground = go.Heatmap(
        x=plane.side_x,
        y=plane.side_y,
        z=plane.variance,
        colorscale=scale,
        zmin=0,
        zsmooth="best",
        colorbar=bar,
    )
    return theme.figure([ground], **_square(plane), uirevision="disagreement")


def per_point(fit: Fit, drawing: Drawing, say: Say = english) -> go.Figure:
    """The parts stacked at every x of a line; elsewhere at the test examples, from the easiest on.

    Traces: 0 noise, 1 variance, 2 bias squared, stacked; 3 the error, counted on its own.
    """
    line = drawing.at.shape[1] == 1
    order = np.argsort(drawing.at[:, 0].numpy() if line else fit.parts.error, kind="stable")
    x = drawing.at[order, 0].numpy() if line else np.arange(1, len(order) + 1)
    stacked = {name: getattr(fit.parts, name)[order] for name in PARTS}
    traces = _stack(x, stacked, say)
    error = fit.parts.error[order]
    traces.append(theme.line(x, error, ERROR, say("figure.expected_error"), line={"width": 3}))
    title = "x" if line else say("figure.sorted_examples")
    top = 1.6 * float(np.quantile(error, 0.85 if line else 1.0)) or 1.0
    top = min(top, 1.06 * float(error.max()) or 1.0)
    yaxis = {"title": {"text": say("figure.expected_error")}, "range": [0, top]}
    return theme.figure(traces, xaxis={"title": {"text": title}}, yaxis=yaxis, uirevision=f"per x {line}")


def _stack(x: NDArray[Any], parts: Mapping[str, NDArray[np.float64]], say: Say) -> list[Any]:
    """Areas on top of each other, each with its color and pattern."""
    areas: list[Any] = []
    for name, values in parts.items():
        role, pattern = PARTS[name]
        fill = {"shape": pattern, "fgcolor": role.color, "bgcolor": theme.rgba(role.color, 0.25), "size": 6}
        look: dict[str, Any] = {
            "stackgroup": "parts",
            "fillcolor": theme.rgba(role.color, 0.45),
            "hoverinfo": "skip",
        }
        look |= {"fillpattern": fill} if pattern else {}
        areas.append(theme.line(x, values, role, say(f"figure.{name}"), line={"width": 1}, **look))
    return areas


def places(family: str, complexity: NDArray[np.float64]) -> tuple[NDArray[np.int64], dict[str, Any]]:
    """Where each complexity stands on an axis from simple to complex, and that axis."""
    variant = FAMILIES[family]
    count = len(complexity)
    x = np.arange(count) if variant.rising else np.arange(count)[::-1]
    every = max(1, -(-count // 12))
    ticks = [i for i in range(count) if i % every == 0]
    text = [f"{complexity[i]:.2g}" if complexity[i] < 1 else f"{complexity[i]:g}" for i in ticks]
    axis = {"tickvals": [int(x[i]) for i in ticks], "ticktext": text, "range": [-0.5, count - 0.5]}
    return x, axis


def curve(
    ensemble: Ensemble, chosen: int, name: str, values: Sequence[float], say: Say = english
) -> go.Figure:
    """The averaged parts, unbiased, stacked over complexity, the expected error on top: the slide's U.

    `values` are all complexities, those to come included. Traces: 0 noise, 1 variance, 2 bias squared, 3 the
    error, 4 the least error, 5 the chosen complexity.
    """
    places_of_all, axis = places(ensemble.spec.family, np.array(values))
    x = places_of_all[: len(ensemble.fits)]
    order = np.argsort(x)
    parts = {part: ensemble.average(f"unbiased_{part}")[order].clip(0) for part in PARTS}
    traces = _stack(x[order], parts, say)
    error, best = ensemble.average("error"), ensemble.best
    label = [f"{value:g}" for value in ensemble.complexity[order]]
    tell = {"customdata": label, "hovertemplate": "%{customdata}: %{y:.4g}<extra></extra>"}
    whole = theme.line(x[order], error[order], ERROR, say("figure.expected_error"), line={"width": 3}, **tell)
    traces.append(whole.update(mode="lines+markers", marker={"size": 7}))
    star = {"size": 16, "symbol": "star"}
    traces.append(theme.points([x[best]], [error[best]], ERROR, say("figure.least_error"), marker=star))
    ring = {"size": 18, "symbol": "circle-open", "line": {"width": 3, "color": theme.RING.color}}
    traces.append(theme.points([x[chosen]], [error[chosen]], theme.RING, say("figure.now"), marker=ring))
    yaxis = {"title": {"text": say("figure.expected_error")}, "range": [0, ceiling(error)]}
    return theme.figure(traces, xaxis={"title": {"text": name}, **axis}, yaxis=yaxis, uirevision="curve")


def ceiling(error: NDArray[np.float64]) -> float:
    """All of the curve, unless it leaves for the sky: then some way above the least and the simplest."""
    low, high = float(error.min()), float(error.max())
    reach = max(5 * low, 1.3 * float(np.median(error)))
    return 1.08 * high if high < 2 * reach else reach


def sums(parts: Mapping[str, float], say: Say = english) -> go.Figure:
    """The error beside its parts put on top of each other: equal heights are the identity.

    Traces: 0 the error, then noise, variance and bias squared.
    """
    names = [say("figure.counted"), say("figure.added")]
    bars = [_bar(names[0], parts["error"], ERROR, say("figure.expected_error"), "")]
    for part in PARTS:
        role, pattern = PARTS[part]
        bars.append(_bar(names[1], parts[part], role, say(f"figure.{part}"), pattern))
    yaxis = {"title": {"text": say("figure.expected_error")}, "rangemode": "tozero"}
    return theme.figure(bars, barmode="stack", bargap=0.35, yaxis=yaxis, uirevision="sums")


def _bar(place: str, value: float, role: Role, name: str, pattern: str) -> go.Bar:
    faint = "rgba(255,255,255,0.35)"
    look = {
        "color": role.color,
        "pattern": {"shape": pattern, "fillmode": "overlay", "fgcolor": faint, "size": 8},
    }
    inside = {
        "text": [f"{value:.4g}"],
        "textposition": "inside",
        "textangle": 0,
        "insidetextanchor": "middle",
    }
    return go.Bar(x=[place], y=theme.array([value]), name=name, marker=look, hoverinfo="name+y", **inside)
