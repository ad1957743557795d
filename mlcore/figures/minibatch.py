"""How far the gradients of minibatches lie from the gradient of all examples, over their size."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from mlcore.descents.minibatch import SIZES, BatchSpec, Distances
from mlcore.figures import theme
from mlcore.figures.theme import CHANCE, MODEL, RING, Role
from mlcore.figures.words import Say, english

MEASURED = Role(theme.COLORS[1])


def noise(spec: BatchSpec, found: Distances, say: Say = english) -> go.Figure:
    """Root mean square distance in lengths of g. Traces: 0 theory, 1 measured, with intervals, 2 the chosen
    size, 3 the length of g."""
    fine = np.geomspace(1, max(100, SIZES[-1]), 120)
    law, measured, low, high, at = (
        np.sqrt(v / found.signal)
        for v in (found.theory(fine), found.measured, found.low, found.high, found.theory([spec.batch]))
    )
    bars = {
        "type": "data", "symmetric": False, "array": theme.array(high - measured),
        "arrayminus": theme.array(measured - low), "color": MEASURED.color, "thickness": 2,
    }  # fmt: skip
    ring = {
        "size": 16,
        "color": "rgba(0,0,0,0)",
        "line": {"color": RING.color, "width": 3},
        "symbol": "circle",
    }
    traces = [
        theme.line(fine, law, MODEL, say("figure.theory")),
        theme.points(SIZES, measured, MEASURED, say("figure.measured_95"), marker={"size": 8}, error_y=bars),
        theme.points([spec.batch], at, RING, say("figure.chosen"), marker=ring),
        theme.line(fine[[0, -1]], [1, 1], CHANCE, "|g|"),
    ]
    xaxis = {"title": {"text": say("figure.batch_size")}, **theme.log_axis(fine)}
    yaxis = {
        "title": {"text": "|g<sub>B</sub> − g| / |g|"},
        **theme.log_axis(np.concatenate([law, high, low, [1.0]])),
    }
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision=f"minibatch {spec.data}")
