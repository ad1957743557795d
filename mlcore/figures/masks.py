"""Masks painted on scenes, what measures say of them, and where the gradients of losses lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.base.masks import SIDE, Mask
from mlcore.figures import theme
from mlcore.figures.theme import COLORS, GRAY, Role
from mlcore.figures.words import Say, english
from mlcore.tasks.mask_gradients import EASY, GAMMAS, PROBABILITIES, Alone, Gradients
from mlcore.tasks.masks import NAMES

FLOATS = NDArray[np.float64]
HIT = Role(COLORS[0], symbol="circle")
MISS = Role(COLORS[1], symbol="x")
ALARM = Role(COLORS[3], symbol="diamond")
KINDS = {"hit": HIT, "miss": MISS, "alarm": ALARM}
TINT = 0.6
LIGHT, DARK = -0.1, 1.3  # of a scene, from black to white
# Nothing, then the three kinds, as values 0 to 3 of a heat map
TINTS = [
    [at / 4 + edge, color]
    for at, color in enumerate(("rgba(0,0,0,0)", *(theme.rgba(role.color, TINT) for role in KINDS.values())))
    for edge in (0.0, 0.25)
]


def kinds(found: NDArray[np.bool_], true: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """0 background, rightly; 1 a hit, 2 a miss, 3 a false alarm."""
    return np.select([found & true, ~found & true, found & ~true], [1, 2, 3], 0).astype(np.uint8)


def pixels(values: Any, x: float = 0.0, y: float = 0.0, **more: Any) -> go.Heatmap:
    """A heat map whose pixel (row, column) has its corner at (x + column, y + row)."""
    shown = {"showscale": False, "hoverinfo": "skip"} | more
    return go.Heatmap(z=values, x0=x + 0.5, y0=y + 0.5, dx=1, dy=1, **shown)


def scene(image: NDArray[Any], x: float = 0.0, y: float = 0.0) -> go.Heatmap:
    """Light is white."""
    ink = {"colorscale": theme.INK, "reversescale": True, "zmin": LIGHT, "zmax": DARK}
    return pixels(theme.array(image), x, y, **ink)


def tints(codes: NDArray[np.uint8], x: float = 0.0, y: float = 0.0) -> go.Heatmap:
    return pixels(codes.astype(np.int8), x, y, colorscale=TINTS, zmin=-0.5, zmax=3.5)


def painting(image: FLOATS, mask: Mask, say: Say = english) -> go.Figure:
    """The scene, on which a mask is painted. Traces: 0 the scene, 1 the mask, 2 its name."""
    look = {"symbol": "square", "size": 10, "color": theme.rgba(HIT.color, TINT)}
    named = theme.points([np.nan], [np.nan], HIT, say("figure.your_mask"), marker=look, showlegend=True)
    return square([scene(image), tints(mask.astype(np.uint8)), named], "mask painting")


def compared(image: FLOATS, mask: Mask, true: Mask, say: Say = english) -> go.Figure:
    """The mask against the truth. Traces: 0 the scene, 1 tints, then signs of hits, misses, false alarms."""
    codes = kinds(mask, true)
    traces: list[Any] = [scene(image), tints(codes)]
    for code, (name, role) in enumerate(KINDS.items(), 1):
        row, column = np.nonzero(codes == code)
        x, y = (column + 0.5, row + 0.5) if len(row) else ([np.nan], [np.nan])  # it keeps its legend
        look = {"size": 6, "line": {"color": "#ffffff", "width": 0.8}}
        traces.append(theme.points(x, y, role, say(f"figure.mask_{name}"), hoverinfo="skip", marker=look))
    return square(traces, "mask compared")


def square(traces: Sequence[Any], kept: str, **more: Any) -> go.Figure:
    """One image that cannot be zoomed away from under a pen."""
    axis = {"range": [0, SIDE], "fixedrange": True, "constrain": "domain", "visible": False}
    yaxis = axis | {"range": [SIDE, 0], "scaleanchor": "x", "constraintoward": "top"}
    margin = {"l": 4, "r": 4, "t": 8, "b": 4}
    layout = {"dragmode": False, "margin": margin, "xaxis": axis, "yaxis": yaxis} | more
    return theme.figure(traces, uirevision=kept, **layout)


def measured(own: Mapping[str, float], empty: Mapping[str, float], say: Say = english) -> go.Figure:
    """A bar for each measure of this mask, a ring for what a mask without any object has."""
    names = [say(f"figure.mask_{name}") for name in own]
    values = theme.array(list(own.values()))
    bars = go.Bar(
        x=values, y=names, orientation="h", marker={"color": COLORS[0]}, name=say("figure.your_mask"),
        hoverinfo="skip", width=0.6,
    )  # fmt: skip
    texts = ["–" if np.isnan(value) else f"{value:.3f}" for value in values]
    told = go.Scatter(
        x=theme.array(np.full(len(names), 1.04)), y=names, mode="text", text=texts, hoverinfo="skip",
        textposition="middle right", showlegend=False, cliponaxis=False,
    )  # fmt: skip
    ring = Role(COLORS[1], symbol="diamond")
    empties = go.Scatter(
        x=theme.array(list(empty.values())), y=names, mode="markers", name=say("figure.empty_mask"),
        marker={"symbol": ring.symbol, "size": 10, "color": "#ffffff",
                "line": {"color": ring.color, "width": 2}}, hoverinfo="skip",
    )  # fmt: skip
    title = {"text": say("figure.measure_value"), "standoff": 4}
    xaxis = {"title": title, "range": [-0.03, 1.2], "tickvals": [0, 0.25, 0.5, 0.75, 1], "fixedrange": True}
    yaxis = {"title": {"text": "\u200b"}, "autorange": "reversed", "fixedrange": True, "ticksuffix": " "}
    return theme.figure([bars, empties, told], xaxis=xaxis, yaxis=yaxis, uirevision="mask measures")


# ---------------------------------------------------------------- losses


def over_probability(found: Alone, say: Say = english) -> tuple[go.Figure, ...]:
    """Loss and length of the gradient over the probability of an object: for a pixel of an object, then for
    one of the background. Lines of all losses."""
    return tuple(_alone(found, truth, say) for truth in (1, 0))


def _alone(found: Alone, truth: int, say: Say) -> go.Figure:
    """The loss above, the gradient below."""
    traces: list[Any] = []
    for values, axis in ((found.value, "y"), (np.abs(found.slope), "y2")):
        for k, name in enumerate(NAMES):
            more = {"yaxis": axis, "legendgroup": name, "showlegend": axis == "y"}
            traces.append(
                theme.line(
                    PROBABILITIES, values[k, truth], theme.of_class(k), say(f"figure.mask_{name}"), **more
                )
            )
    xaxis = {"title": {"text": say("figure.said_object")}, "range": [0, 1], "anchor": "y2"}
    upper = {"title": {"text": say(f"figure.loss_of_{truth}")}, "range": [-0.1, 5.2], "domain": [0.55, 1]}
    most = 1.1 * float(np.abs(found.slope[:, truth]).max())
    lower = {"title": {"text": "|∂L/∂z|"}, "range": [-0.03 * most, most], "domain": [0, 0.45]}
    return theme.figure(traces, xaxis=xaxis, yaxis=upper, yaxis2=lower, uirevision=f"mask loss {truth}")


def seen(image: FLOATS, true: Mask, say: Say = english) -> go.Figure:
    """A scene, and the edge of the truth on it."""
    return named([scene(image), outline(true)], say("figure.mask_scene"), "mask scene")


def predicted(probability: FLOATS, true: Mask, say: Say = english) -> go.Figure:
    """A prediction, and the edge of the truth on it."""
    shown = pixels(theme.array(probability), colorscale=theme.SEQUENTIAL, zmin=0, zmax=1)
    return named([shown, outline(true)], say("figure.made_prediction"), "mask predicted")


def pulls(found: Gradients, true: Mask, say: Say = english) -> tuple[go.Figure, ...]:
    """Of each loss: minus the gradient by each logit as a share of the largest; above zero it is raised.

    Colors go by the root, or many small pulls would not be seen beside a few large ones."""
    figures = []
    for k, name in enumerate(NAMES):
        size = float(np.abs(found.slope[k]).max())
        way = -found.slope[k] / size if size > 0 else found.slope[k]
        root = np.sign(way) * np.sqrt(np.abs(way))
        shown = pixels(theme.array(root), colorscale=PULL, zmin=-1, zmax=1)
        figures.append(named([shown, outline(true)], say(f"figure.mask_{name}"), f"mask pull {name}"))
    return tuple(figures)


PULL = [[0.0, COLORS[1]], [0.5, theme.rgba(GRAY, 0.06)], [1.0, COLORS[0]]]


def named(traces: Sequence[Any], name: str, kept: str) -> go.Figure:
    """An image with its name below it."""
    axis: dict[str, Any] = {"showticklabels": False, "ticks": "", "showgrid": False, "zeroline": False}
    axis |= {"range": [0, SIDE], "fixedrange": True, "constrain": "domain"}
    xaxis = axis | {"title": {"text": name, "standoff": 4}}
    yaxis = axis | {"range": [SIDE, 0], "scaleanchor": "x", "constraintoward": "top"}
    margin = {"l": 4, "r": 4, "t": 4, "b": 26}
    return theme.figure(traces, dragmode=False, margin=margin, showlegend=False, xaxis=xaxis, yaxis=yaxis,
                        uirevision=kept)  # fmt: skip


def outline(true: Mask, x: float = 0.0, y: float = 0.0, **more: Any) -> go.Scatter:
    """The edges between pixels of objects and of background, as one line with gaps."""
    wide = np.pad(true, 1)
    across, down = np.nonzero(wide[:, 1:] != wide[:, :-1]), np.nonzero(wide[1:] != wide[:-1])
    upright = [((c, r - 1), (c, r)) for r, c in zip(*across, strict=True)]
    level = [((c - 1, r), (c, r)) for r, c in zip(*down, strict=True)]
    edges = np.array([*upright, *level], float).reshape(-1, 2, 2) + np.array([x, y])
    gaps = np.full((len(edges), 1, 2), np.nan)
    ways = np.concatenate([edges, gaps], axis=1).reshape(-1, 2)
    role = Role("#D6246E")
    return theme.line(ways[:, 0], ways[:, 1], role, "", hoverinfo="skip", showlegend=False, **more)


def shares(found: Gradients, gamma: float, say: Say = english) -> go.Figure:
    """How much of the whole gradient lies on easy background, over gamma; other losses are level."""
    traces: list[Any] = []
    for k, name in enumerate(NAMES):
        role, called = theme.of_class(k), say(f"figure.mask_{name}")
        if name == "focal":
            traces.append(theme.line(GAMMAS, found.over, role, called))
        else:
            traces.append(theme.line([0, GAMMAS[-1]], [found.share[k]] * 2, role, called))
    k = NAMES.index("focal")
    traces.append(theme.points([gamma], [found.share[k]], theme.of_class(k), "", showlegend=False,
                               marker={"size": 11}))  # fmt: skip
    xaxis = {"title": {"text": "γ"}, "range": [-0.05, 5.05]}
    title = say("figure.easy_share").format(easy=f"{EASY:g}")
    yaxis = {"title": {"text": title}, "range": [-0.03, 1.03], "tickformat": ".0%"}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="mask shares")
