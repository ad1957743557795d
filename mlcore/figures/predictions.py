"""What a reader predicted: the sheet on which a curve is sketched, and the prediction over the truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mlcore.figures import theme
from mlcore.figures.words import Say, english
from mlcore.files.escape import plotly
from mlcore.lessons.question import Question

SAID = theme.Role(theme.RING.color, "dashdot", "diamond")  # in no room the color of anything else
Curve = Sequence[tuple[float, float]]


def sheet(question: Question, curve: Curve, say: Say = english) -> go.Figure:
    """Axes that never move, and what is sketched so far: trace 0."""
    points = np.array(curve, dtype=float).reshape(-1, 2)
    trace = theme.line(points[:, 0], points[:, 1], SAID, say("figure.said"), showlegend=False)
    trace.update(mode="lines+markers" if len(points) < 30 else "lines", hoverinfo="skip")
    axis = {"fixedrange": True, "zeroline": False}
    return theme.figure(
        [trace], dragmode=False,
        xaxis=axis | _named(question.x_low, question.x_high, question.x_label),
        yaxis=axis | _named(question.low, question.high, question.y_label),
    )  # fmt: skip


def _named(low: float, high: float, name: str) -> dict[str, Any]:
    return {"range": [low, high], "title": {"text": plotly(name)}}


def with_curve(figure: go.Figure, trace: int, curve: Curve, say: Say = english) -> go.Figure:
    """A copy with the sketched curve on the axes of one of its traces, after all traces there are."""
    points = np.array(curve, dtype=float)
    said = theme.line(
        points[:, 0], points[:, 1], SAID, say("figure.said"), **_axes(figure, trace), line={"width": 3}
    )
    return go.Figure([*figure.data, said], figure.layout, _validate=False)


def with_number(figure: go.Figure, trace: int, value: float, across: bool, say: Say = english) -> go.Figure:
    """A copy with a line at the predicted number: at this x, or, `across`, at this y."""
    axes = _axes(figure, trace)
    x, y = axes.get("xaxis") or "x", axes.get("yaxis") or "y"
    ends: dict[str, Any] = (
        {"x0": 0, "x1": 1, "y0": value, "y1": value, "xref": f"{x} domain", "yref": y}
        if across else {"x0": value, "x1": value, "y0": 0, "y1": 1, "xref": x, "yref": f"{y} domain"}
    )  # fmt: skip
    look = {"color": SAID.color, "dash": SAID.dash, "width": 3}
    label = {"text": say("figure.said"), "font": {"color": SAID.color}, "textposition": "end"}
    marked = go.Figure(list(figure.data), figure.layout, _validate=False)
    return marked.add_shape(type="line", line=look, label=label, **ends)


def _axes(figure: go.Figure, trace: int) -> dict[str, str]:
    """On which of several axes a trace lies."""
    owner = figure.data[trace]
    named = {name: getattr(owner, name, None) for name in ("xaxis", "yaxis")}
    return {name: axis for name, axis in named.items() if axis}
