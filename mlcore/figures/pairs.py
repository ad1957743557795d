"""Views of examples on the circle and the sphere: where a loss sends them, and how near they come to its
bound. Numbers tell examples apart, signs their two views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.embeddings.hardness import GRID, Push
from mlcore.embeddings.pairs import Placed, Random, Way
from mlcore.figures import theme
from mlcore.figures.contrast import deep
from mlcore.figures.theme import CHANCE, COLORS, GRAY, MODEL, RING, TRUTH, Role
from mlcore.figures.words import Say, english

FLOATS = NDArray[np.float64]
REACH = 1.45
LONGEST = 0.5  # of an arrow
TURN = np.linspace(0, 2 * np.pi, 181)
OUTLINE, PAIRS, ARROWS, MARKS = range(4)  # traces of both pictures
ARROW = Role(COLORS[3])


def names(count: int) -> list[str]:
    """Of 2N views: 1, 2, 1′, 2′."""
    return [f"{i % (count // 2) + 1}{'′' * (i >= count // 2)}" for i in range(count)]


def colors(count: int) -> list[str]:
    return [theme.of_class(i % (count // 2)).color for i in range(count)]


def joined(u: FLOATS) -> NDArray[np.float32]:
    """Lines from each first view to its second with gaps after them: [..., 2N, d] -> [..., 3N, d]."""
    first, second = np.split(u, 2, axis=-2)
    found = np.stack([first, second, np.full_like(first, np.nan)], axis=-2)
    return theme.array(found.reshape(*u.shape[:-2], -1, u.shape[-1]))


def ways(placed: Placed) -> NDArray[np.float32]:
    """From each view downhill, the longest way LONGEST, with gaps after them: [6N, d]."""
    size = float(np.linalg.norm(placed.push, axis=1).max())
    ends = placed.u + placed.push * (LONGEST / size if size > 1e-12 else 0.0)
    found = np.stack([placed.u, ends, np.full_like(ends, np.nan)], axis=1)
    return theme.array(found.reshape(-1, placed.u.shape[1]))


def circle(placed: Placed, say: Say = english, arrows: bool = True) -> go.Figure:
    """Traces: OUTLINE, PAIRS, ARROWS, MARKS. The marks may be dragged."""
    count = len(placed.u)
    outline = theme.line(
        np.cos(TURN), np.sin(TURN), Role(GRAY), "", hoverinfo="skip", showlegend=False, line={"width": 1}
    )
    x, y = joined(placed.u).T
    chords = theme.line(x, y, Role(GRAY, "dot"), say("figure.pair_line"), hoverinfo="skip")
    x, y = ways(placed).T
    heads = {"symbol": "arrow", "angleref": "previous", "size": [0, 13, 0] * count, "color": ARROW.color}
    downhill = theme.line(x, y, ARROW, say("figure.downhill_view"), line={"width": 3}, visible=arrows)
    downhill.update(mode="lines+markers", marker=heads, hoverinfo="skip")
    look = {"size": 19, "color": [deep(color) for color in colors(count)], "symbol": signs(count)}
    x, y = placed.u.T
    marks = theme.points(x, y, RING, "", marker=look, showlegend=False)
    text = {"text": names(count), "textfont": {"color": "#ffffff"}, "hoverinfo": "text"}
    marks.update(mode="markers+text", **text)
    return plane([outline, chords, downhill, marks], f"views on the circle {count}")


def plane(traces: Sequence[Any], kept: str) -> go.Figure:
    """Axes around the unit circle, which is round on every screen."""
    axis = {"range": [-REACH, REACH], "constrain": "domain", "dtick": 1, "zeroline": False}
    xaxis, yaxis = ({"title": {"text": name}, **axis} for name in ("u₁", "u₂"))
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis | {"scaleanchor": "x"}, uirevision=kept)


def signs(count: int) -> list[str]:
    """A disk for the first view, a square for the second."""
    return ["circle"] * (count // 2) + ["square"] * (count // 2)


def sphere(placed: Placed, say: Say = english, arrows: bool = True) -> go.Figure:
    """The same in space; Plotly draws no arrow heads there."""
    count = len(placed.u)
    still: dict[str, Any] = {"mode": "lines", "hoverinfo": "skip"}
    traces: list[Any] = [globe()]
    for points, color, name, wide in (
        (joined(placed.u), GRAY, "figure.pair_line", 3),
        (ways(placed), ARROW.color, "figure.downhill_view", 6),
    ):
        x, y, z = points.T
        look = {"color": color, "width": wide}
        traces.append(go.Scatter3d(x=x, y=y, z=z, name=say(name), line=look, **still))
    traces[ARROWS].visible = arrows
    x, y, z = theme.array(placed.u).T
    look = {"size": 8, "color": colors(count), "symbol": signs(count), "opacity": 1}
    marks = go.Scatter3d(x=x, y=y, z=z, mode="markers+text", marker=look, text=names(count), hoverinfo="text")
    traces.append(marks.update(showlegend=False, textposition="top center"))
    return in_space(traces, f"pairs {count} in space")


def globe() -> go.Scatter3d:
    """Circles of longitude and latitude, as one line with gaps."""
    rings = []
    for k in range(6):
        a = k * np.pi / 6
        rings.append([np.cos(a) * np.sin(TURN), np.sin(a) * np.sin(TURN), np.cos(TURN)])
    for up in np.deg2rad([-60, -30, 0, 30, 60]):
        rings.append([np.cos(up) * np.cos(TURN), np.cos(up) * np.sin(TURN), np.full_like(TURN, np.sin(up))])
    gap = np.full((3, 1), np.nan)
    x, y, z = theme.array(np.concatenate([np.concatenate([ring, gap], axis=1) for ring in rings], axis=1))
    look = {"color": theme.rgba(GRAY, 0.45), "width": 1}
    return go.Scatter3d(x=x, y=y, z=z, mode="lines", line=look, hoverinfo="skip", showlegend=False)


def in_space(traces: Sequence[Any], kept: str) -> go.Figure:
    """A scene around the unit sphere."""
    axis = {"visible": False, "range": [-1.15, 1.15]}
    eye = {"x": 0.95, "y": 0.95, "z": 0.65}
    scene = {"xaxis": axis, "yaxis": axis, "zaxis": axis, "aspectmode": "cube", "camera": {"eye": eye}}
    flat = {"l": 0, "r": 0, "t": 30, "b": 0}
    return theme.figure(traces, scene=scene, margin=flat, uirevision=kept)


def descent(way: Way, least: float, polygon: float | None, say: Say = english) -> go.Figure:
    """The loss over the steps. Traces: 0 the loss, 1 the bound, 2 the polygon where there is one."""
    steps = np.arange(len(way.loss))
    ends = steps[[0, -1]]
    traces = [
        theme.line(steps, way.loss, MODEL, say("figure.loss")),
        theme.line(ends, [least] * 2, TRUTH, say("figure.simplex")),
    ]
    if polygon is not None:
        traces.append(theme.line(ends, [polygon] * 2, CHANCE, say("figure.polygon")))
    values = [least, *way.loss, *([] if polygon is None else [polygon])]
    low, high = min(values), max(values)
    pad = 0.08 * max(high - low, 1e-3)
    scale = theme.log_axis(values) if low > 0 else {"range": [low - pad, high + pad]}
    yaxis = {"title": {"text": say("figure.loss")}, **scale}
    xaxis = {"title": {"text": say("figure.step")}, "range": [0, int(ends[1])]}
    shapes = [theme.cursor(float(ends[1]))]
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, shapes=shapes, uirevision="pairs descent")


# ---------------------------------------------------------------- temperature


def anchored(angles: Sequence[float], partner: float, found: Push, say: Say = english) -> go.Figure:
    """A view at angle 0 on the circle. Traces: 0 the circle, 1 the view, 2 its partner (+) and the negatives,
    which may be dragged; a mark is as large as its share of all push."""
    turn = np.deg2rad([partner, *angles])
    outline = theme.line(
        np.cos(TURN), np.sin(TURN), Role(GRAY), "", hoverinfo="skip", showlegend=False, line={"width": 1}
    )
    texts = ["+", *(str(j + 1) for j in range(len(angles)))]
    size = [20.0, *(14 + 30 * np.sqrt(found.shares))]
    shades = [deep(COLORS[2])] + [deep(COLORS[4])] * len(angles)
    kinds = ["square"] + ["circle"] * len(angles)
    look = {"size": size, "color": shades, "symbol": kinds}
    marks = theme.points(np.cos(turn), np.sin(turn), RING, say("figure.negative"), marker=look)
    inside = {"mode": "markers+text", "text": texts, "textfont": {"color": "#ffffff", "size": 12}}
    own = theme.points([1.0], [0.0], MODEL, "", hollow=True, marker={"size": 26}, showlegend=False)
    return plane([outline, own, marks.update(showlegend=False, hoverinfo="skip", **inside)], "anchored")


def shares(found: Push, say: Say = english) -> go.Figure:
    """Each negative's share of all push over the temperature, the nearest first; now by autograd."""
    traces: list[Any] = []
    for place, j in enumerate(np.argsort(-found.cos)):
        role = theme.of_class(place)
        name = f"{say('figure.negative')} {j + 1}"
        traces.append(theme.line(GRID, found.over[:, j], role, name))
    order = np.argsort(-found.cos)
    dots = {"size": 10, "color": [theme.of_class(k).color for k in range(len(order))]}
    at = np.full(len(order), found.tau)
    traces.append(theme.points(at, found.measured[order], Role(GRAY), say("figure.by_autograd"), marker=dots))
    xaxis = {"title": {"text": say("figure.temperature")}, **theme.log_axis(GRID)}
    yaxis = {"title": {"text": say("figure.push_share")}, "range": [-0.03, 1.05]}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="push shares")


# ---------------------------------------------------------------- random pairs


def random_pairs(found: Random, say: Say = english) -> go.Figure:
    """Traces: 0 the drawn cosines, 1 their exact density, in the same cells."""
    middle = (found.at[:-1] + found.at[1:]) / 2
    bars = go.Bar(
        x=theme.array(middle), y=theme.array(found.density), name=say("figure.drawn_pairs"),
        marker={"color": theme.rgba(COLORS[0], 0.55)}, width=float(found.at[1] - found.at[0]),
    )  # fmt: skip
    exact = theme.line(middle, found.exact, TRUTH, say("figure.exact_density"))
    top = 1.1 * float(max(found.density.max(), found.exact.max()))
    xaxis = {"title": {"text": say("figure.cosine")}, "range": [-1, 1]}
    yaxis = {"title": {"text": say("figure.pair_density")}, "range": [0, top]}
    return theme.figure([bars, exact], xaxis=xaxis, yaxis=yaxis, uirevision="random cosines")
