"""Two vectors on the unit circle, and what the cosine embedding loss makes of their angle."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from mlcore.components.similarity import Likeness
from mlcore.figures import theme
from mlcore.figures.losses import grip
from mlcore.figures.theme import GRAY, Role
from mlcore.figures.words import Say, english

REACH = 2.0
A, B = Role(theme.COLORS[0]), Role(theme.COLORS[1], "dash")
TOGETHER, APART = Role(theme.COLORS[2]), Role(theme.COLORS[4], "dash")


def vectors(pair: Likeness, say: Say = english) -> go.Figure:
    """Traces: 0 the unit circle, 1 a, 2 b, 3 the chord between their directions, 4 the grips (along xy)."""
    turn = np.linspace(0, 2 * np.pi, 181)
    tips = np.stack([pair.a, pair.b])
    lengths = np.linalg.norm(tips, axis=1, keepdims=True)
    units = tips / np.maximum(lengths, 1e-12)
    traces: list[Any] = [
        theme.line(
            np.cos(turn),
            np.sin(turn),
            Role(GRAY),
            say("figure.unit_circle"),
            hoverinfo="skip",
            line={"width": 1},
        )
    ]
    for tip, look, name in zip(tips, (A, B), "ab", strict=True):
        traces.append(theme.line([0, tip[0]], [0, tip[1]], look, name, line={"width": 4}, hoverinfo="skip"))
    traces.append(
        theme.line(units[:, 0], units[:, 1], Role(GRAY, "dot"), say("figure.chord"), hoverinfo="skip")
    )
    names = {"mode": "markers+text", "text": ["a", "b"], "textposition": "top center", "showlegend": False}
    traces.append(grip(tips[:, 0], tips[:, 1], "a, b").update(names))
    axis = {"range": [-REACH - 0.15, REACH + 0.15], "constrain": "domain", "dtick": 1}
    return theme.figure(
        traces, xaxis={"title": {"text": "x₁"}, **axis},
        yaxis={"title": {"text": "x₂"}, "scaleanchor": "x", **axis}, uirevision="vectors",
    )  # fmt: skip


def embedding(pair: Likeness, say: Say = english) -> go.Figure:
    """Both losses over the angle. Traces: 0 together, 1 apart, 2 as it is now."""
    traces = [
        theme.line(pair.degrees, curve, look, say(f"figure.{key}"), line={"width": 2.5})
        for curve, look, key in zip(pair.curve, (TOGETHER, APART), ("together", "apart"), strict=True)
    ]
    angle = np.full(2, pair.angle)
    traces.append(
        theme.points(angle, pair.loss, Role(GRAY), say("figure.now"), hollow=True, marker={"size": 11})
    )
    xaxis = {"title": {"text": say("figure.angle")}, "range": [0, 180], "dtick": 30}
    yaxis = {"title": {"text": say("figure.loss")}, "range": [-0.08, 2.08]}
    shapes = [theme.cursor(pair.angle)]
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, shapes=shapes, uirevision="embedding")
