"""Encoders trained by contrast: their codes, their losses over the steps, and what probes read from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.embeddings.contrast import Checkpoint
from mlcore.embeddings.contrast_sweeps import Glimpse, Setting
from mlcore.embeddings.pair_losses import Goal
from mlcore.figures import theme
from mlcore.figures.pairs import TURN, globe, in_space
from mlcore.figures.theme import CHANCE, GRAY, MODEL, TEST, TRAIN, TRUTH, Role
from mlcore.figures.words import Say, english

FLOATS = NDArray[Any]
INTS = NDArray[np.int64]


def codes(
    at: FLOATS, labels: INTS, names: Sequence[str], say: Say = english, whole: bool = True
) -> go.Figure:
    """Codes [M, 2] or [M, 3] in the colors of their classes: 0 the circle or the sphere, then a trace for
    each class. `whole`: they are the code itself, not its first axes."""
    if at.shape[1] == 3:
        return _on_sphere(at, labels, names)
    outline = theme.line(np.cos(TURN), np.sin(TURN), Role(GRAY), "", line={"width": 1})
    traces: list[Any] = [outline.update(showlegend=False, hoverinfo="skip")]
    for k, name in enumerate(names):
        here = at[labels == k]
        traces.append(theme.points(here[:, 0], here[:, 1], theme.of_class(k), name))
    axis = {"range": [-1.12, 1.12], "constrain": "domain", "dtick": 1}
    xaxis, yaxis = ({"title": {"text": say(f"figure.code_axis_{k}")}, **axis} for k in (1, 2))
    yaxis["scaleanchor"] = "x"
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision=f"contrastive codes {whole}")


def _on_sphere(at: FLOATS, labels: INTS, names: Sequence[str]) -> go.Figure:
    traces: list[Any] = [globe()]
    for k, name in enumerate(names):
        x, y, z = theme.array(at[labels == k]).T
        role = theme.of_class(k)
        look = {"size": 4, "color": role.color, "symbol": SIGNS[k % len(SIGNS)]}
        traces.append(go.Scatter3d(x=x, y=y, z=z, mode="markers", name=name, marker=look))
    return in_space(traces, f"codes {len(names)} in space")


SIGNS = ("circle", "square", "diamond", "cross", "x", "circle-open", "square-open", "diamond-open")


def costs(found: Sequence[Checkpoint], least: float, steps: int, say: Say = english) -> go.Figure:
    """The loss of each recorded step's views. Traces: 0 the loss, 1 the bound of a simplex."""
    step, cost = [one.step for one in found], [one.cost for one in found]
    traces = [
        theme.line(step, cost, TRAIN, say("figure.loss")),
        theme.line([0, steps], [least] * 2, TRUTH, say("figure.simplex")),
    ]
    low, high = min(least, *cost), max(least, *cost)
    pad = 0.08 * max(high - low, 1e-3)
    xaxis = {"title": {"text": say("figure.step")}, "range": [0, steps]}
    yaxis = {"title": {"text": say("figure.loss")}, "range": [low - pad, high + pad]}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="contrastive loss")


def gauges(found: Sequence[Checkpoint], even: float, steps: int, say: Say = english) -> go.Figure:
    """Alignment and uniformity of the test views. Traces: 0 alignment, 1 uniformity, 2 that of the uniform
    distribution."""
    step = [one.step for one in found]
    near, wide = [one.alignment for one in found], [one.uniformity for one in found]
    traces = [
        theme.line(step, near, TRAIN, say("figure.alignment")),
        theme.line(step, wide, TEST, say("figure.uniformity")),
        theme.line([0, steps], [even] * 2, CHANCE, say("figure.uniform")),
    ]
    xaxis = {"title": {"text": say("figure.step")}, "range": [0, steps]}
    high = max(0.1, *near)
    yaxis = {"title": {"text": say("figure.measure")}, "range": [even - 0.25, high + 0.25]}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="contrastive gauges")


def readings(
    found: Sequence[Checkpoint], rivals: Mapping[str, float], steps: int, say: Say = english
) -> go.Figure:
    """Accuracy of a linear probe of the code. Traces: 0 of the code, then one for each rival, by its name."""
    asked = [one for one in found if np.isfinite(one.accuracy)]
    at, right = [one.step for one in asked], [one.accuracy for one in asked]
    traces = [theme.line(at, right, MODEL, say("figure.probe_accuracy")).update(mode="lines+markers")]
    for (name, value), role in zip(rivals.items(), (CHANCE, TRUTH, TEST), strict=False):
        traces.append(theme.line([0, steps], [value] * 2, role, name))
    values = [*right, *rivals.values()]
    xaxis = {"title": {"text": say("figure.step")}, "range": [0, steps]}
    low, high = min(values) - 0.03, min(1.02, max(values) + 0.03)
    yaxis = {"title": {"text": say("figure.accuracy")}, "range": [low, high], "tickformat": ".0%"}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="contrastive readings")


# ---------------------------------------------------------------- with and without negatives


def name_of(goal: Goal, say: Say = english) -> str:
    return say(f"figure.goal_{goal.loss}{'' if goal.negatives else '_alone'}")


def collapsing(
    found: Sequence[Glimpse], goals: Sequence[Goal], steps: int, quantity: str, say: Say = english
) -> go.Figure:
    """`alignment` or `uniformity` over the steps: each goal's median over the seeds, a band around all."""
    step = np.array([one.step for one in found])
    values = np.stack([getattr(one, quantity) for one in found])  # [T, G, S]
    traces: list[Any] = []
    for k, goal in enumerate(goals):
        role, own = theme.of_class(k), {"legendgroup": str(k)}
        name = name_of(goal, say)
        low, high = values[:, k].min(1), values[:, k].max(1)
        traces.append(theme.band(step, low, high, role.color, name, showlegend=False, **own))
        shown = quantity == "alignment"
        traces.append(theme.line(step, np.median(values[:, k], 1), role, name, showlegend=shown, **own))
    low, high = theme.window(values, 0.08)
    xaxis = {"title": {"text": say("figure.step")}, "range": [0, steps]}
    yaxis = {"title": {"text": say(f"figure.{quantity}")}, "range": [low, high]}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision=f"collapse {quantity}")


def panel(at: FLOATS, labels: INTS, names: Sequence[str], title: str, say: Say = english) -> go.Figure:
    """Codes [M, 2] of one goal on the circle, its title below."""
    found = codes(at, labels, names, say)
    found.layout.xaxis.title.text = title
    return found.update_traces(showlegend=False)


# ---------------------------------------------------------------- over a setting


def accuracies(found: Sequence[Setting], over: str, raw: float | None, say: Say = english) -> go.Figure:
    """Accuracy of a probe over a setting. Traces: 0 every seed, 1 the median, 2 the features themselves."""
    values = [one.value for one in found]
    count = len(found[0].accuracy)
    every = np.repeat(values, count), np.concatenate([one.accuracy for one in found])
    median = [float(np.median(one.accuracy)) for one in found]
    traces = [
        theme.points(*every, TRAIN, say("figure.test"), marker={"size": 7}).update(showlegend=False),
        theme.line(values, median, TRAIN, say("figure.probe_accuracy")),
    ]
    if raw is not None:
        traces.append(theme.line([values[0], values[-1]], [raw] * 2, CHANCE, say("figure.raw_pixels")))
    low, high = theme.window([*every[1], *([] if raw is None else [raw])], 0.1)
    yaxis = {"title": {"text": say("figure.probe_accuracy")}, "range": [low, min(high, 1.01)]}
    yaxis["tickformat"] = ".0%" if high - low > 0.05 else ".1%"
    return theme.figure(traces, xaxis=_over(values, over, say), yaxis=yaxis, uirevision=f"accuracy {over}")


def shapes(found: Sequence[Setting], over: str, say: Say = english) -> go.Figure:
    """Means over the seeds. Traces: 0 alignment, 1 uniformity, 2 the push on the hardest tenth."""
    values = [one.value for one in found]
    parts = (("alignment", TRAIN), ("uniformity", TEST), ("hardest", MODEL))
    keys = {"hardest": "figure.hardest_tenth"}
    traces = []
    for name, role in parts:
        mean = [float(np.mean(getattr(one, name))) for one in found]
        label = say(keys.get(name, f"figure.{name}"))
        traces.append(theme.line(values, mean, role, label).update(mode="lines+markers"))
    yaxis = {"title": {"text": say("figure.measure")}}
    return theme.figure(traces, xaxis=_over(values, over, say), yaxis=yaxis, uirevision=f"shapes {over}")


def _over(values: Sequence[float], over: str, say: Say) -> dict[str, Any]:
    title = {"temperature": "figure.temperature", "batch": "figure.batch_of", "margin": "figure.margin"}
    axis: dict[str, Any] = {"title": {"text": say(title[over])}}
    if over == "margin":
        return axis
    ticks = {"tickvals": list(values), "ticktext": [f"{v:g}" for v in values]}
    return axis | theme.log_axis(values) | ticks
