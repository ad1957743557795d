"""Activations and their derivatives, where they are flat, and the units that die of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.components.saturation import Dead, flat_zones
from mlcore.families.activations import ACTIVATIONS
from mlcore.figures import theme
from mlcore.figures.features import grid
from mlcore.figures.theme import GRAY, MODEL, TEST, Role
from mlcore.figures.words import Say, english

REACH = 6.0
SLOPE = Role(TEST.color, TEST.dash)
PERCENT = {"tickformat": ".0%", "range": [-0.02, 1.02]}


def curve(name: str, scale: float, say: Say = english) -> go.Figure:
    """f and f' of one activation, its flat zones shaded, and the density of z ~ N(0, scale^2).

    Traces: 0 f, 1 f', 2 the key of the shade, 3 the density, its highest point drawn at 1.
    """
    z = torch.linspace(-REACH, REACH, 241, dtype=torch.float64)
    traces = pair(name, z)
    shade = {"color": theme.rgba(GRAY, 0.35), "symbol": "square", "size": 14, "line": {"width": 0}}
    traces.append(theme.points([np.nan], [np.nan], Role(GRAY), say("figure.flat"), marker=shade))
    fill = {"fill": "tozeroy", "fillcolor": theme.rgba(GRAY, 0.12), "hoverinfo": "skip"}
    density, told = torch.exp(-0.5 * (z / scale) ** 2), say("figure.density").format(s=f"{scale:g}")
    traces.append(theme.line(z, density, Role(GRAY, "dot"), told, line={"width": 1.5}, **fill))
    h = traces[0].y
    xaxis = {"title": {"text": "z"}, "range": [-REACH, REACH]}
    limits = [max(min(-1.25, float(h.min()) - 0.2), -2.2), min(max(1.3, float(h.max()) + 0.3), 3.2)]
    yaxis = {"title": {"text": "f(z), f′(z)"}, "range": limits}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, shapes=zones(name), uirevision="curve")


def zoo(titles: Mapping[str, str], say: Say = english) -> go.Figure:
    """f, f' and flat zones of every activation in `titles`, a panel each, all on one scale.

    Traces, two a panel: f and f'.
    """
    panes, axes = grid(list(titles.values()), "f(z), f′(z)", range=[-1.3, 3.2])
    z = torch.linspace(-4, 4, 81, dtype=torch.float64)
    traces, shapes = [], []
    for k, (name, pane) in enumerate(zip(titles, panes, strict=True)):
        traces += [trace.update(showlegend=k == 0, **pane) for trace in pair(name, z)]
        place = {"xref": pane["xaxis"], "yref": f"{pane['yaxis']} domain"}
        shapes += [zone | place for zone in zones(name, 4.0)]
    ends = {axis: look | {"range": [-4, 4]} for axis, look in axes.items() if axis.startswith("x")}
    return theme.figure(traces, **axes | ends, shapes=shapes, uirevision="zoo")


def pair(name: str, z: Tensor) -> list[Any]:
    """f and f' over z."""
    f = ACTIVATIONS[name]
    h = f(z)
    return [
        theme.line(z, h, MODEL, "f(z)", line={"width": 3}),
        theme.line(z, f.derivative(z, h), SLOPE, "f′(z)", line={"width": 2.5}),
    ]


def zones(name: str, reach: float = REACH) -> list[dict[str, Any]]:
    """Where the activation is flat, as shaded rectangles over the whole height."""
    shade = {"fillcolor": theme.rgba(GRAY, 0.28), "line": {"width": 0}, "layer": "below"}
    over = {"type": "rect", "xref": "x", "yref": "y domain", "y0": 0, "y1": 1}
    return [{"x0": a, "x1": b, **over, **shade} for a, b in flat_zones(name, -reach, reach)]


def saturation(
    scales: NDArray[Any], shares: Mapping[str, NDArray[Any]], chosen: str, now: float, say: Say = english
) -> go.Figure:
    """The share of z ~ N(0, s^2) at which each named activation is flat, over s; `chosen` is drawn thick.

    Traces: one line for each name. The first shape stands at s = now.
    """
    traces = [
        theme.line(scales, share, theme.of_class(k), name, line={"width": 4.5 if name == chosen else 1.5})
        for k, (name, share) in enumerate(shares.items())
    ]
    here = {"type": "line", "x0": now, "x1": now, "yref": "y domain", "y0": 0, "y1": 1}
    cursor = here | {"line": {"color": GRAY, "width": 1.5, "dash": "dash"}}
    xaxis = {"title": {"text": say("figure.scale")}, **theme.log_axis(scales)}
    yaxis = {"title": {"text": say("figure.saturated")}, **PERCENT}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, shapes=[cursor], uirevision="saturation")


def deaths(found: Dead, say: Say = english) -> go.Figure:
    """The share of dead units of each hidden layer over the shift of their biases. Traces: the layers."""
    traces = []
    for k, share in enumerate(found.share.T):
        name, role = say("figure.layer").format(number=k + 1), theme.of_class(k)
        marks = {"mode": "lines+markers", "marker": {"symbol": role.symbol, "size": 6}}
        traces.append(theme.line(found.shift, share, role, name).update(**marks))
    xaxis = {"title": {"text": say("figure.shift")}}
    yaxis = {"title": {"text": say("figure.dead")}, **PERCENT}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="deaths")
