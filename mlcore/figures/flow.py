"""Optical flow: frames, arrows, the colors of Baker et al. 2011, and errors over the size of a motion."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.figures import theme
from mlcore.figures.theme import CHANCE, COLORS, RING, Role
from mlcore.figures.words import Say, english
from mlcore.tasks.flow import AMOUNTS, LEVELS, MARGIN, SIZE, Flow, end_point_error
from mlcore.tasks.flow import SHADES as PICTURE
from mlcore.tasks.flow_colors import colors, disc

FLOATS = NDArray[np.float64]
EVERY = 6  # pixels between two arrows: the longest true one is as long
TRUE, FOUND, EVEN = Role(COLORS[2]), Role(COLORS[1]), Role(theme.GRAY, symbol="x-thin-open")
SHADES = (-PICTURE / 2, PICTURE / 2)  # of the texture, from black to white
GRADES = 31  # pixels along each side of the wheel


def moving(image: FLOATS, say: Say = english) -> go.Figure:
    """A frame in gray. Trace 0 is the image, which a player changes."""
    shown = go.Heatmap(
        z=theme.array(image), colorscale=theme.INK, reversescale=True, showscale=False, zmin=SHADES[0],
        zmax=SHADES[1], hoverinfo="skip",
    )  # fmt: skip
    return _image([shown], "flow frame")


def arrows(flow: Flow, say: Say = english) -> go.Figure:
    """The true flow and the estimate at every sixth pixel, all of them `times` as long as the motion."""
    scale = times(flow)
    first = MARGIN + (SIZE - 2 * MARGIN - 1) % EVERY // 2
    at = np.arange(first, SIZE - MARGIN, EVERY)
    x, y = (part.ravel().astype(float) for part in np.meshgrid(at, at))
    traces = []
    for own, role, name, width in (
        (flow.true, TRUE, "figure.true_flow", 4),
        (flow.found, FOUND, "figure.found_flow", 2),
    ):
        u, v = np.moveaxis(own[y.astype(int), x.astype(int)], -1, 0)
        gap = np.full_like(x, np.nan)
        across, down = (
            np.stack(parts, 1).ravel() for parts in ((x, x + scale * u, gap), (y, y + scale * v, gap))
        )
        heads = {"symbol": "arrow", "angleref": "previous", "size": [0, 4 + width, 0] * len(x)}
        line = theme.line(across, down, role, say(name), line={"width": width}, hoverinfo="skip")
        traces.append(line.update(mode="lines+markers", marker=heads | {"color": role.color}))
    for missed, role, name in ((flow.poor, RING, "figure.one_way"), (flow.blank, EVEN, "figure.even_area")):
        here = missed[y.astype(int), x.astype(int)]
        if here.any() or missed is flow.poor:
            traces.append(theme.points(x[here], y[here], role, say(name), marker={"size": 7}))
    return _image(traces, "flow arrows")


def times(flow: Flow) -> float:
    """How many times as long as the motion its arrows are."""
    _, longest = flow.lengths(flow.true)
    return EVERY / longest if longest > 0 else 1.0


def colored(flow: Flow, say: Say = english) -> tuple[go.Figure, go.Figure, go.Figure]:
    """The true flow and the estimate in colors of one scale, and the wheel that explains them."""
    _, longest = flow.lengths(flow.true)
    pictures = [
        _image([_colors(own, longest)], f"flow colors {name}", say(f"figure.{name}"))
        for own, name in ((flow.true, "true_flow"), (flow.found, "found_flow"))
    ]
    wheel = _colors(disc(GRADES) * longest, longest)
    step = 2 * longest / (GRADES - 1)
    wheel.update(x0=-longest, y0=-longest, dx=step or 1, dy=step or 1)
    reach = 1.05 * longest or 1.0
    fixed = {"constrain": "domain", "zeroline": False}
    xaxis = {"title": {"text": say("figure.flow_u")}, "range": [-reach, reach], **fixed}
    yaxis = {"title": {"text": say("figure.flow_v")}, "range": [reach, -reach], "scaleanchor": "x", **fixed}
    return pictures[0], pictures[1], theme.figure([wheel], xaxis=xaxis, yaxis=yaxis, uirevision="flow wheel")


def _colors(flow: FLOATS, longest: float) -> go.Image:
    return go.Image(z=colors(flow, longest), colormodel="rgb", hoverinfo="skip")


def errors(flow: Flow, say: Say = english) -> go.Figure:
    """The end-point error of every pixel."""
    error = end_point_error(flow.found, flow.true)
    shown = go.Heatmap(
        z=theme.array(error), colorscale=theme.SEQUENTIAL, zmin=0, zmax=float(error.max()),
        hovertemplate="%{z:.2f}<extra></extra>",
        colorbar={"thickness": 10, "title": {"text": say("figure.epe"), "side": "right"}},
    )  # fmt: skip
    edge = [MARGIN - 0.5, SIZE - MARGIN - 0.5]
    box: dict[str, Any] = {"type": "rect", "x0": edge[0], "x1": edge[1], "y0": edge[0], "y1": edge[1]}
    return _image([shown], "flow errors", shapes=[box | {"line": {"color": theme.GRAY, "dash": "dot"}}])


def _image(traces: list[Any], kept: str, title: str = "x", **more: Any) -> go.Figure:
    fixed = {"constrain": "domain", "zeroline": False, "showgrid": False, "dtick": 16}
    xaxis = {"title": {"text": title}, "range": [-0.5, SIZE - 0.5], **fixed}
    yaxis = {"title": {"text": "y"}, "range": [SIZE - 0.5, -0.5], "scaleanchor": "x", **fixed}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision=kept, **more)


def carried(found: FLOATS, none: FLOATS, now: tuple[float, float], say: Say = english) -> go.Figure:
    """The mean end-point error over the size of the motion, a line for each number of levels; `now` is where
    the page stands."""
    traces = []
    for k, levels in enumerate(LEVELS):
        line = theme.line(AMOUNTS, found[k], theme.of_class(k), say("figure.levels").format(count=levels))
        traces.append(
            line.update(mode="lines+markers", marker={"symbol": theme.of_class(k).symbol, "size": 7})
        )
    traces.append(theme.line(AMOUNTS, none, CHANCE, say("figure.no_motion")))
    traces.append(theme.points([now[0]], [now[1]], RING, say("figure.now"), marker={"size": 14}))
    xaxis = {"title": {"text": say("figure.motion_size")}, "range": [0, AMOUNTS[-1] * 1.02]}
    top = max(float(found.max()), float(none.max()), now[1])
    yaxis = {"title": {"text": say("figure.epe_mean")}, "range": [0, 1.05 * top]}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="flow carried")
