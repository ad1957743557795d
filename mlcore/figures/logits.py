"""Logits, the probabilities they become, and the gradients that come back."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from mlcore.components.classification import Answer, Entropies, Neuron
from mlcore.figures import theme
from mlcore.figures.losses import LOWER, UPPER, grip, hatched, upright
from mlcore.figures.theme import CHANCE, GRAY, TEST, TRAIN, Role
from mlcore.figures.words import Say, english

REACH = 6.0  # logits are drawn from -REACH to REACH
SQUARED, CROSSED = Role(theme.COLORS[0], "dash", "circle"), Role(theme.COLORS[4], "solid", "x")
PAIR = (("figure.squared_sigmoid", SQUARED), ("figure.crossed_sigmoid", CROSSED))


def logits(answer: Answer, true: int, say: Say = english) -> go.Figure:
    """Traces: 0 stems, 1 the grips (along y), one for each of K logits."""
    n, gaps = _classes(answer), np.full(len(answer.logits), np.nan)
    stems = theme.line(
        np.stack([n, n, gaps], 1).ravel(),
        np.stack([0 * n, answer.logits, gaps], 1).ravel(),
        Role(GRAY), say("figure.logit"), hoverinfo="skip", showlegend=False, line={"width": 4},
    )  # fmt: skip
    marks = grip(n, answer.logits, say("figure.logit"), showlegend=False)
    yaxis = {"title": {"text": say("figure.logit")}, "range": [-REACH - 0.3, REACH + 0.3]}
    return theme.figure([stems, marks], xaxis=_axis(answer, true, say), yaxis=yaxis, uirevision="logits")


def probabilities(answer: Answer, true: int, say: Say = english) -> go.Figure:
    """Shares above what corrects them. Traces: 0 softmax, 1 the target, 2 d loss / d z.

    A gradient below zero means that descent raises this logit.
    """
    n = _classes(answer)
    aim = Role(TEST.color, symbol="diamond")
    slope = _bars(n, answer.gradient, theme.COLORS[3], "/", say("figure.gradient"))
    traces = [
        _bars(n, answer.softmax, TRAIN.color, "", "softmax"),
        theme.points(n, answer.target, aim, say("figure.target_q"), marker={"size": 11}),
        slope.update(yaxis="y2"),
    ]
    most = 1.06 * max(1.0, float(np.abs(answer.gradient).max()))
    yaxis = {"title": {"text": say("figure.share_of_one")}, "range": [0, 1.06], "domain": UPPER}
    yaxis2 = {"title": {"text": say("figure.gradient")}, "range": [-most, most], "domain": LOWER}
    axis = _axis(answer, true, say) | {"anchor": "y2"}
    more = {"bargap": 0.35, "barmode": "overlay", "uirevision": "probabilities"}
    return theme.figure(traces, xaxis=axis, yaxis=yaxis, yaxis2=yaxis2, **more)


def separately(answer: Answer, say: Say = english) -> go.Figure:
    """Softmax beside a sigmoid for each class. Traces: 0 softmax, 1 sigmoids, with their sums."""
    n = _classes(answer)
    told = say("figure.sum")
    traces = [
        _bars(n, values, color, hatch, told.format(name=name, sum=f"{values.sum():.2f}"))
        for values, color, hatch, name in (
            (answer.softmax, TRAIN.color, "", "softmax"),
            (answer.sigmoid, TEST.color, "/", "sigmoid"),
        )
    ]
    yaxis = {"title": {"text": say("figure.share_of_one")}, "range": [0, 1.06]}
    return theme.figure(traces, xaxis=_axis(answer, None, say), yaxis=yaxis, uirevision="separately")


def entropies(curves: Entropies, z: float, say: Say = english) -> go.Figure:
    """Losses above gradients. Traces: 0 BCE, 1 CE, 2 BCE's gradient, 3 CE's, 4 the grip (along x)."""
    wide = Role(theme.rgba(theme.COLORS[1], 0.35)), {"width": 9}  # pale, or the dashes on it are not seen
    thin = Role(theme.COLORS[0], "dash"), {"width": 3}
    traces: list[Any] = []
    for (binary, categorical), axis in (
        ((curves.binary, curves.categorical), "y"),
        (curves.gradient, "y2"),
    ):
        for values, (look, line), key in ((binary, wide, "binary"), (categorical, thin, "categorical")):
            told = {"line": line, "yaxis": axis, "legendgroup": key, "showlegend": axis == "y"}
            traces.append(theme.line(curves.z, values, look, say(f"figure.{key}"), **told))
    traces.append(grip([z], [0.0], "z", showlegend=False))
    xaxis = {"title": {"text": say("figure.logit")}, "range": [-8, 8], "anchor": "y2"}
    yaxis = {"title": {"text": say("figure.loss")}, "range": [-0.4, 8.2], "domain": UPPER}
    yaxis2 = {"title": {"text": say("figure.gradient")}, "range": [-1.1, 1.1], "domain": LOWER}
    shapes = [upright(z) | {"yref": "paper"}]
    return theme.figure(
        traces, xaxis=xaxis, yaxis=yaxis, yaxis2=yaxis2, shapes=shapes, uirevision="entropies"
    )


def slopes(neuron: Neuron, start: float, say: Say = english) -> go.Figure:
    """The gradient over the logit. Traces: 0 squared error, 1 cross-entropy, 2 the grip (along x)."""
    traces: list[Any] = [
        theme.line(neuron.z, values, look, say(key), line={"width": 2.5})
        for values, (key, look) in zip(neuron.gradient, PAIR, strict=True)
    ]
    traces.append(grip([start], [0.0], say("figure.start")))
    xaxis = {"title": {"text": say("figure.logit")}, "range": [-12, 12]}
    yaxis = {"title": {"text": say("figure.gradient")}, "range": [-1.08, 0.12]}
    shapes = [upright(start)]
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, shapes=shapes, uirevision="slopes")


def learning(neuron: Neuron, say: Say = english) -> go.Figure:
    """P over steps. Traces: 0 squared error, 1 cross-entropy, 2 the target."""
    step = neuron.descent.step
    traces = [
        theme.line(step, values, look, say(key), line={"width": 2.5})
        for values, (key, look) in zip(neuron.probability.T, PAIR, strict=True)
    ]
    traces.append(theme.line(step[[0, -1]], [1, 1], CHANCE, say("figure.target")))
    xaxis = {"title": {"text": say("figure.step")}, "range": [0, float(step[-1])]}
    yaxis = {"title": {"text": "p = σ(z)"}, "range": [-0.03, 1.06]}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="learning")


def _bars(x: Any, y: Any, color: str, hatch: str, name: str) -> go.Bar:
    marker = {"color": color, "pattern": hatched(hatch)}
    hover = "%{y:.4g}<extra></extra>"
    return go.Bar(x=theme.array(x), y=theme.array(y), name=name, marker=marker, hovertemplate=hover)


def _classes(answer: Answer) -> Any:
    return np.arange(1, len(answer.logits) + 1, dtype=np.float32)


def _axis(answer: Answer, true: int | None, say: Say) -> dict[str, Any]:
    """One place for each class, counted from 1; the true one is ticked."""
    count = len(answer.logits)
    names = [f"{k + 1} ✓" if k == true else f"{k + 1}" for k in range(count)]
    ticks = {"tickvals": theme.array(np.arange(1, count + 1)), "ticktext": names}
    return {"title": {"text": say("figure.class")}, "range": [0.4, count + 0.6], **ticks}
