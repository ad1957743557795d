"""Digits and what two networks say of them: images with captions, accuracy over shifts and over steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.base.points import REACH as EDGE
from mlcore.figures import theme
from mlcore.figures.theme import RING, Role
from mlcore.figures.words import Say, english
from mlcore.tasks.drawn_digits import Strokes
from mlcore.tasks.image_pair import CLASSES, REACH, SIDE

FLOATS = NDArray[Any]
DARK = 16.0  # the value of black ink
EVERY = np.arange(CLASSES, dtype=np.int32)
WIDE, HIGH = SIDE + 2, SIDE + 7  # pixels of an image with the room around it, and below it for its caption
LOOKS = {"convolution": Role(theme.COLORS[0], "solid"), "mlp": Role(theme.COLORS[1], "dash", "square")}


def gallery(images: FLOATS, captions: Sequence[str], columns: int = 6, say: Say = english) -> go.Figure:
    """Images [k, 64] in rows, each over its caption. Traces: 0 the images, 1 the captions."""
    count = len(images)
    rows = max(1, -(-count // columns))
    paper = np.full((rows * HIGH, columns * WIDE), np.nan, np.float32)
    corners = [(WIDE * (i % columns) + 1, HIGH * (i // columns) + 1) for i in range(count)]
    for image, (left, top) in zip(images, corners, strict=True):
        paper[top : top + SIDE, left : left + SIDE] = np.asarray(image).reshape(SIDE, SIDE)
    ink = go.Heatmap(z=paper, colorscale=theme.INK, zmin=0, zmax=DARK, showscale=False, hoverinfo="skip")
    x, y = ([corner[axis] for corner in corners] for axis in (0, 1))
    told = go.Scatter(
        x=theme.array(x) + (SIDE - 1) / 2, y=theme.array(y) + SIDE + 0.2, text=list(captions), mode="text",
        textposition="bottom center", hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    bare = {"visible": False, "fixedrange": True, "constrain": "domain"}
    xaxis = {"range": [-0.5, columns * WIDE - 0.5], **bare}
    yaxis = {"range": [rows * HIGH - 0.5, -0.5], "scaleanchor": "x", **bare}
    narrow = {"l": 0, "r": 0, "t": 4, "b": 4}
    return theme.figure([ink, told], xaxis=xaxis, yaxis=yaxis, margin=narrow, uirevision="gallery")


def shifts(accuracy: FLOATS, at: tuple[int, int], say: Say = english) -> go.Figure:
    """Accuracy [5, 5] on images shifted by dy (row) and dx (column).

    Traces: 0 the accuracies in percent, 1 the shift `at`, (dx, dy), that is shown."""
    span = np.arange(-REACH, REACH + 1, dtype=np.int32)
    hover = "(%{x}, %{y}): %{z:.1f}%<extra></extra>"
    cells = go.Heatmap(
        x=span, y=span, z=theme.array(100 * accuracy), zmin=0, zmax=100, colorscale=theme.SEQUENTIAL,
        showscale=False, texttemplate="%{z:.0f}", xgap=1, ygap=1, hovertemplate=hover,
    )  # fmt: skip
    look = {"size": 34, "line": {"width": 3, "color": RING.color}, "symbol": "square-open"}
    ring = theme.points([at[0]], [at[1]], RING, "", marker=look, showlegend=False, hoverinfo="skip")
    same = {"tickvals": span.tolist(), "showgrid": False, "zeroline": False, "constrain": "domain"}
    xaxis = {"title": {"text": say("figure.shift_right")}, **same}
    yaxis = {"title": {"text": say("figure.shift_down")}, "autorange": "reversed", "scaleanchor": "x", **same}
    return theme.figure([cells, ring], xaxis=xaxis, yaxis=yaxis, uirevision="shifts")


def learning(scores: Mapping[str, tuple[FLOATS, FLOATS]], names: Mapping[str, str], say: Say) -> go.Figure:
    """Test accuracy over the steps: for each network its steps [T] and scores [T, R].

    Two traces for each: a band around all replicas, and the first of them."""
    traces: list[Any] = []
    for name, (step, score) in scores.items():
        role, own = LOOKS[name], {"legendgroup": name}
        low, high = 100 * score.min(1), 100 * score.max(1)
        traces.append(theme.band(step, low, high, role.color, names[name], showlegend=False, **own))
        traces.append(theme.line(step, 100 * score[:, 0], role, names[name], **own))
    every = np.concatenate([score[len(score) // 4 :].ravel() for _, score in scores.values()])
    low = min(90.0, 100 * float(every.min()) - 1)
    xaxis = {"title": {"text": say("figure.step")}}
    yaxis = {"title": {"text": say("figure.test_accuracy")}, "range": [low, 100.3], "ticksuffix": "%"}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="pair learning")


# ---------------------------------------------------------------- a digit of one's own


def board(drawn: Strokes, say: Say = english) -> go.Figure:
    """What is drawn, as one line with gaps: trace 0. The axes never move."""
    gap = np.full((1, 2), np.nan)
    parts = [part for one in drawn for part in (one, gap)] or [gap]
    way = np.concatenate(parts)
    look = {"width": 12, "shape": "linear", "simplify": False}
    mark = {"size": 12, "color": LOOKS["convolution"].color}  # a tap is a dot
    ink = theme.line(way[:, 0], way[:, 1], LOOKS["convolution"], "", line=look, showlegend=False)
    ink.update(mode="lines+markers", marker=mark, hoverinfo="skip")
    bare = {
        "showticklabels": False,
        "zeroline": False,
        "showline": True,
        "mirror": True,
        "linecolor": theme.GRAY,
    }
    axis = {"range": [-EDGE, EDGE], "fixedrange": True, "dtick": 1, "constrain": "domain", **bare}
    narrow = {"l": 4, "r": 4, "t": 4, "b": 4}
    square = {**axis, "scaleanchor": "x"}
    return theme.figure([ink], dragmode=False, margin=narrow, xaxis=axis, yaxis=square, uirevision="board")


def image(gray: FLOATS, say: Say = english) -> go.Figure:
    """One image [64] with its values. Trace 0 is the image."""
    z = np.asarray(gray).reshape(SIDE, SIDE)
    ink = go.Heatmap(
        z=theme.array(z), colorscale=theme.INK, zmin=0, zmax=DARK, showscale=False, texttemplate="%{z}",
        xgap=1, ygap=1, hoverinfo="skip",
    )  # fmt: skip
    bare = {"visible": False, "fixedrange": True, "constrain": "domain"}
    narrow = {"l": 4, "r": 4, "t": 4, "b": 4}
    yaxis = {"autorange": "reversed", "scaleanchor": "x", **bare}
    return theme.figure([ink], xaxis=bare, yaxis=yaxis, margin=narrow, uirevision="image")


def probabilities(now: Mapping[str, FLOATS], names: Mapping[str, str], say: Say = english) -> go.Figure:
    """What each network says at one step: its probabilities [10]. A trace of bars for each."""
    bars = []
    for name, p in now.items():
        pattern = {"shape": "" if name == "convolution" else "/", "fgcolor": "#ffffff", "fillmode": "overlay"}
        look = {"color": LOOKS[name].color, "pattern": pattern}
        hover = "%{x}: %{y:.4f}<extra>" + names[name] + "</extra>"
        bars.append(go.Bar(x=EVERY, y=theme.array(p), name=names[name], marker=look,
                           hovertemplate=hover))  # fmt: skip
    xaxis = {"title": {"text": say("figure.class")}, "dtick": 1}
    yaxis = {"title": {"text": say("figure.share_of_one")}, "range": [0, 1.02]}
    return theme.figure(bars, xaxis=xaxis, yaxis=yaxis, bargap=0.15, uirevision="probabilities")


def over_steps(step: NDArray[np.int64], p: FLOATS, title: str, say: Say = english) -> go.Figure:
    """Probabilities [T, 10] over the steps [T], the first of which stands at 1: that axis is logarithmic.

    Trace 0: a row for each class."""
    x = theme.array(np.maximum(step, 1))
    hover = f"{say('figure.class')} %{{y}}, {say('figure.step')} %{{x}}: %{{z:.3f}}<extra></extra>"
    cells = go.Heatmap(
        x=x, y=EVERY, z=theme.array(p.T), zmin=0, zmax=1, colorscale=theme.SEQUENTIAL,
        showscale=False, hovertemplate=hover,
    )  # fmt: skip
    xaxis = {"title": {"text": say("figure.step")}, **theme.log_axis(x, most=1.0)}
    yaxis = {"title": {"text": title}, "dtick": 1, "range": [-0.5, CLASSES - 0.5]}
    return theme.figure([cells], xaxis=xaxis, yaxis=yaxis, uirevision=f"softmax over steps {title}")
