"""Depth maps side by side, and measures of a prediction over its scale."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.figures import theme
from mlcore.figures.theme import GRAY, Role
from mlcore.figures.words import Say, english
from mlcore.tasks.depth_maps import COLUMNS, MEASURES, ROWS, SCALES, Compared

FLOATS = NDArray[np.float64]
RATIO = 2.0  # beyond it the color of a ratio is full
BAR = {"orientation": "h", "y": 1.01, "yanchor": "bottom", "thickness": 10}


def maps(found: Compared, say: Say = english) -> tuple[go.Figure, go.Figure, go.Figure]:
    """True and predicted depth in the colors of one scale, and the logarithm of their ratio."""
    far = float(max(found.true.max(), found.found.max()))
    both = []
    for own, name in ((found.true, "true_depth"), (found.found, "predicted_depth")):
        shown = go.Heatmap(
            z=theme.array(own), colorscale=theme.SEQUENTIAL, reversescale=True, zmin=0, zmax=far,
            colorbar=BAR | {"title": {"text": say(f"figure.{name}")}},
            hovertemplate="%{z:.2f}<extra></extra>",
        )  # fmt: skip
        both.append(_image([shown], name))
    ratio = np.log(found.found / found.true)
    ticks = [1 / RATIO, 1 / 1.25, 1.0, 1.25, RATIO]
    scale = {"tickvals": np.log(ticks).tolist(), "ticktext": [f"{tick:g}" for tick in ticks]}
    title = {"text": say("figure.depth_ratio")}
    shown = go.Heatmap(
        z=theme.array(ratio), colorscale=theme.DIVERGING, zmin=-np.log(RATIO), zmax=np.log(RATIO),
        colorbar=BAR | {"title": title, **scale}, customdata=theme.array(found.found / found.true),
        hovertemplate="× %{customdata:.2f}<extra></extra>",
    )  # fmt: skip
    return both[0], both[1], _image([shown], "depth ratio")


def _image(traces: list[Any], kept: str) -> go.Figure:
    fixed = {"constrain": "domain", "zeroline": False, "showgrid": False, "dtick": 16}
    xaxis = {"title": {"text": "x"}, "range": [-0.5, COLUMNS - 0.5], **fixed}
    yaxis = {"title": {"text": "y"}, "range": [ROWS - 0.5, -0.5], "scaleanchor": "x", **fixed}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision=kept)


def scales(rows: dict[str, FLOATS], now: dict[str, float], say: Say = english) -> go.Figure:
    """Each measure over a factor on the whole prediction, `now` at 1."""
    traces: list[Any] = []
    for k, name in enumerate(MEASURES):
        traces.append(theme.line(SCALES, rows[name], theme.of_class(k), say(f"figure.measure_{name}")))
    colors = [theme.of_class(k).color for k in range(len(MEASURES))]
    at = theme.points(
        np.ones(len(MEASURES)), [now[name] for name in MEASURES], Role(GRAY), say("figure.now"),
        marker={"color": colors, "size": 9},
    )  # fmt: skip
    traces.append(at.update(showlegend=False))
    ticks = [0.5, 0.75, 1, 1.25, 1.5, 2]
    xaxis = {
        "title": {"text": say("figure.scaled_by")}, "type": "log", "tickvals": ticks,
        "ticktext": [f"{tick:g}" for tick in ticks], "range": np.log10(SCALES[[0, -1]]).tolist(),
    }  # fmt: skip
    yaxis = {
        "title": {"text": say("figure.measure")},
        "range": [-0.03, max(1.05, 1.05 * float(rows["rmse"].max()))],
    }
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="depth scales")
