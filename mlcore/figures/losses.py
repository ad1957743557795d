"""Losses along one axis, predictions that a hand moves, and the constants that answer best.

`grip` marks what a viewer may drag; its trace is named in each function. All axes are fixed: they must not
run away from the hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from mlcore.components.accounts import MEASURES, Account, Measures
from mlcore.components.curves import CENTERS, REACH, Centers, Shapes
from mlcore.figures import theme
from mlcore.figures.theme import CHANCE, GRAY, MODEL, TRAIN, Role
from mlcore.figures.words import Say, english

Titles = Mapping[str, str]
ROLES = {  # each loss looks alike in all figures; where one covers another, the dashes show both
    "mse": Role(theme.COLORS[0], "solid", "circle"),
    "half_mse": Role(theme.COLORS[6], "dashdot", "pentagon"),
    "rmse": Role(theme.COLORS[5], "longdash", "diamond"),
    "mae": Role(theme.COLORS[1], "dot", "square"),
    "huber": Role(theme.COLORS[2], "dash", "triangle-up"),
    "cross_entropy": Role(theme.COLORS[3], "solid", "cross"),
    "binary_cross_entropy": Role(theme.COLORS[4], "dash", "x"),
}
HATCHES = {"mse": "", "mae": "/", "huber": "x"}
BRIEF = {  # the same in every language
    "mse": "MSE", "half_mse": "½ MSE", "rmse": "RMSE", "mae": "MAE", "huber": "Huber",
    "cross_entropy": "CE (softmax)", "binary_cross_entropy": "BCE (sigmoid)",
}  # fmt: skip
UPPER, LOWER = [0.56, 1.0], [0.0, 0.44]  # two panels, one above the other, over one x


def role(name: str) -> Role:
    """The look of a loss; one that was added since has that of the first class."""
    return ROLES.get(name, theme.of_class(0))


def brief(name: str) -> str:
    return BRIEF.get(name, name)


def grip(x: ArrayLike, y: ArrayLike, name: str, **more: Any) -> go.Scatter:
    """Large marks that a viewer may drag."""
    marker = {"size": 17, "color": MODEL.color, "line": {"color": "#ffffff", "width": 2.5}}
    return theme.points(x, y, MODEL, name, marker=marker, cliponaxis=False, **more)


def hatched(shape: str) -> dict[str, Any]:
    """Stripes over a bar's own color, so that color is not the only cue."""
    return {"shape": shape, "fillmode": "overlay", "fgcolor": "#ffffff", "fgopacity": 0.7, "size": 8}


def upright(x: float, panel: int = 1) -> dict[str, Any]:
    return theme.cursor(x, panel) | {"name": "at", "layer": "below"}


def shapes(shape: Shapes, title: str, say: Say = english) -> go.Figure:
    """V losses above their derivatives. Traces: 0..V-1 losses, V..2V-1 gradients, 2V the grip (along x)."""
    traces: list[Any] = []
    for values, place in ((shape.loss, "y"), (shape.gradient, "y2")):
        for name, curve in zip(shape.names, values, strict=True):
            told = {"legendgroup": name, "showlegend": place == "y", "yaxis": place}
            traces.append(theme.line(shape.x, curve, role(name), brief(name), **told))
    traces.append(grip([shape.at], [0.0], say("figure.prediction")))
    line = upright(shape.at) | {"yref": "paper"}
    xaxis = {"title": {"text": title}, "range": [-REACH, REACH], "anchor": "y2"}
    yaxis = {"title": {"text": say("figure.loss")}, "range": [-0.4, 9], "domain": UPPER}
    yaxis2 = {"title": {"text": say("figure.gradient")}, "range": [-4.2, 4.2], "domain": LOWER}
    return theme.figure(
        traces, xaxis=xaxis, yaxis=yaxis, yaxis2=yaxis2, shapes=[line], uirevision=f"shapes {shape.names}"
    )


def points(measures: Measures, low: float, high: float, say: Say = english) -> go.Figure:
    """Targets and predictions of N examples. Traces: 0 errors, 1 targets, 2 the grips (along y)."""
    count = len(measures.target)
    n = np.arange(1, count + 1)
    gaps = np.full(count, np.nan)
    sticks = theme.line(
        np.stack([n, n, gaps], 1).ravel(),
        np.stack([measures.target, measures.prediction, gaps], 1).ravel(),
        Role(GRAY), say("figure.error"), hoverinfo="skip", line={"width": 3},
    )  # fmt: skip
    marks = theme.points(n, measures.target, TRAIN, say("figure.target"), marker={"size": 11})
    traces = [sticks, marks, grip(n, measures.prediction, say("figure.prediction"))]
    xaxis = {"title": {"text": say("figure.example")}, "range": [0.5, count + 0.5], "dtick": 1}
    yaxis = {"title": {"text": "y, ŷ"}, "range": [low - 0.5, high + 0.5]}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="points")


def shares(measures: Measures, say: Say = english) -> go.Figure:
    """How much of each cost comes from which example. Traces: MSE (and RMSE), MAE, Huber."""
    n = np.arange(1, len(measures.target) + 1, dtype=np.float32)
    traces = []
    for name, hatch in HATCHES.items():
        part = theme.array(measures.share[MEASURES.index(name)])
        marker = {"color": role(name).color, "pattern": hatched(hatch)}
        hover = "%{y:.1%}<extra>" + brief(name) + "</extra>"
        traces.append(go.Bar(x=n, y=part, name=brief(name), marker=marker, hovertemplate=hover))
    xaxis = {"title": {"text": say("figure.example")}, "dtick": 1, "range": [0.4, len(n) + 0.6]}
    yaxis = {"title": {"text": say("figure.share_of_cost")}, "range": [0, 1.02], "tickformat": ".0%"}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, bargap=0.25, uirevision="shares")


def centers(found: Centers, names: Titles, say: Say = english) -> go.Figure:
    """Costs of a constant, each divided by its least, over the values themselves.

    Traces: 0-2 the curves of MSE, MAE and Huber, 3-5 where they are least, 6 the grips (along x).
    """
    floor = np.maximum(found.least, 1e-9)
    traces: list[Any] = []
    for name, curve, low in zip(CENTERS, found.cost, floor, strict=True):
        drawn = theme.drawable(curve / low)
        traces.append(
            theme.line(found.c, drawn, role(name), names[name], line={"width": 2.5}, legendgroup=name)
        )
    for name, best in zip(CENTERS, found.best, strict=True):
        told: dict[str, Any] = {"legendgroup": name, "showlegend": False, "marker": {"size": 11}}
        hover = "%{x:.4g}<extra>" + names[name] + "</extra>"
        traces.append(theme.points([best], [1.0], role(name), names[name], hovertemplate=hover, **told))
    zeros = np.zeros(len(found.values))
    traces.append(grip(found.values, zeros, say("figure.values"), yaxis="y2"))
    lines = [
        upright(float(best)) | {"yref": "paper", "line": {"color": role(name).color, "dash": role(name).dash}}
        for name, best in zip(CENTERS, found.best, strict=True)
    ]
    ends = [float(found.c[0]), float(found.c[-1])]
    xaxis = {"title": {"text": say("figure.constant")}, "range": ends, "anchor": "y2"}
    yaxis = {"title": {"text": say("figure.cost_over_least")}, "range": [0.85, 4], "domain": [0.26, 1]}
    bare = {"showticklabels": False, "showgrid": False, "zeroline": True, "fixedrange": True}
    yaxis2 = {"range": [-1, 1], "domain": [0, 0.2], **bare}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, yaxis2=yaxis2, shapes=lines, uirevision="centers")


def pulled(found: Centers, names: Titles, say: Say = english) -> go.Figure:
    """The best constants, were the last value elsewhere. Traces: 0-2 of MSE, MAE, Huber, 3 as it is now."""
    traces = [
        theme.line(found.moved, answer, role(name), names[name], line={"width": 2.5})
        for name, answer in zip(CENTERS, found.answer, strict=True)
    ]
    last = float(found.values[-1])
    now = theme.points(
        np.full(3, last), found.best, Role(GRAY), say("figure.now"), hollow=True, marker={"size": 10}
    )
    xaxis = {"title": {"text": say("figure.last_value")}, "range": [float(found.c[0]), float(found.c[-1])]}
    yaxis = {"title": {"text": say("figure.best_constant")}, "range": list(theme.window(found.answer))}
    return theme.figure([*traces, now], xaxis=xaxis, yaxis=yaxis, shapes=[upright(last)], uirevision="pulled")


def ledger(account: Account, say: Say = english) -> go.Figure:
    """From the losses of B examples to the cost to the objective, as columns.

    Traces: 0 losses, 1 cost (twice: alone and in the objective), 2 L1, 3 L2 penalty, 4 the level of the cost.
    """
    count = len(account.loss)
    n = np.arange(1, count + 1)
    both, top = np.array([count + 1.5, count + 2.75]), count + 2.75
    looks = (
        (n, account.loss, TRAIN.color, "", say("figure.loss_each")),
        (both, np.full(2, account.cost), theme.COLORS[2], "", say("figure.cost")),
        (both[1:], np.array([account.l1]), theme.COLORS[1], "/", "λ₁ |w|"),
        (both[1:], np.array([account.l2]), theme.COLORS[4], "x", "½ λ₂ w²"),
    )
    traces: list[Any] = [
        go.Bar(
            x=theme.array(x), y=theme.array(y), name=name, hovertemplate="%{y:.4g}<extra></extra>", width=0.8,
            marker={"color": color, "pattern": hatched(hatch)},
        )
        for x, y, color, hatch, name in looks
    ]  # fmt: skip
    level = [account.cost, account.cost]
    traces.append(theme.line([0.4, top], level, CHANCE, say("figure.mean"), hoverinfo="skip"))
    ticks = [*map(str, n.tolist()), say("figure.cost"), say("figure.objective")]
    xaxis = {
        "title": {"text": say("figure.example")}, "tickvals": theme.array([*n, *both]), "ticktext": ticks,
        "range": [0.4, top + 0.6],
    }  # fmt: skip
    return theme.figure(
        traces, xaxis=xaxis, yaxis={"title": {"text": say("figure.loss")}}, barmode="stack",
        legend=theme.LEGEND | {"traceorder": "normal"}, uirevision="ledger",
    )  # fmt: skip
