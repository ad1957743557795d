"""The functions of untrained networks: of one number as curves, of two as hills and valleys."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.components.untrained import HIGH, LOW, Prior
from mlcore.figures import theme
from mlcore.figures.theme import GRAY
from mlcore.figures.words import Say, english

PICKED = 5  # functions drawn in color
MOST_DRAWN = 200  # thin ones; all of them count in the band
COARSE = 4  # of the thin ones every fourth point is sent


def functions(prior: Prior, say: Say = english) -> go.Figure:
    """All functions as thin lines, the first ones in color, where they bend if they are piecewise linear.

    Traces: 0 the band of the middle 90 %, 1 the thin lines in a row with gaps, then the picked ones, then
    their bends (empty without).
    """
    x, y = prior.x, prior.y
    low, high = np.quantile(y, [0.05, 0.95], axis=0)
    thin = y[:MOST_DRAWN, ::COARSE]
    gap = np.full((len(thin), 1), np.nan)
    along = np.tile(np.append(x[::COARSE], np.nan), len(thin))
    everyone = {"line": {"width": 0.7, "color": theme.rgba(GRAY, 0.55)}, "hoverinfo": "skip"}
    role = theme.Role(GRAY)
    traces: list[Any] = [
        theme.band(x, low, high, theme.MODEL.color, say("figure.most_functions")),
        theme.line(along, np.hstack([thin, gap]).ravel(), role, say("figure.functions"), **everyone),
    ]
    for k, row in enumerate(y[:PICKED]):
        look = theme.of_class(k)
        name = say("figure.seeded").format(seed=prior.spec.seed + k)
        traces.append(theme.line(x, row, look, name, line={"width": 2.5}))
    bent = [
        (place, np.interp(place, x, row), k)
        for k, (places, row) in enumerate(zip(prior.kinks[:PICKED], y, strict=False))
        for place in places
    ]
    spots = np.array(bent).reshape(-1, 3)
    colors = [theme.of_class(int(k)).color for k in spots[:, 2]]
    small: dict[str, Any] = {"marker": {"color": colors, "size": 6}, "hoverinfo": "skip"}
    small["showlegend"] = bool(bent)
    traces.append(theme.points(spots[:, 0], spots[:, 1], role, say("figure.bends"), **small))
    xaxis = {"title": {"text": "x"}, "range": [LOW, HIGH]}
    yaxis = {"title": {"text": "f(x)"}, "range": list(theme.window(y))}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="functions")


def square(values: NDArray[np.float32], title: str) -> go.Figure:
    """One function of two numbers, values [B, A]: where it is negative, where positive, and the line between.

    Traces: 0 the function.
    """
    side = theme.array(np.linspace(LOW, HIGH, len(values)))
    reach = float(np.abs(values).max()) or 1.0
    between = {"coloring": "heatmap", "start": 0, "end": 0, "size": 1}
    look = {"colorscale": theme.DIVERGING, "zmin": -reach, "zmax": reach, "showscale": False}
    line = {"color": GRAY, "width": 2.5}
    ground = go.Contour(x=side, y=side, z=theme.array(values), contours=between, line=line, **look)
    bare = {"showgrid": False, "zeroline": False, "nticks": 4}
    xaxis = {"title": {"text": f"x₁ · {title}"}, **bare}
    yaxis = {"title": {"text": "x₂"}, **bare}
    return theme.figure([ground.update(hoverinfo="skip")], xaxis=xaxis, yaxis=yaxis, uirevision="square")
