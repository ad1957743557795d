"""XOR: four points and a line, the points on their way through hidden space, and who gets there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.depth.lines import LEVEL, POINTS, XOR, clipped
from mlcore.depth.xor import WIDTHS, Moves, Reason, Width
from mlcore.figures import theme
from mlcore.figures.theme import CHANCE, COLORS, Role
from mlcore.figures.words import Say, english

FLOATS = NDArray[np.float64]
LOW, HIGH = -0.5, 1.5  # the sides of the square around the four points
LINE, ZEROS, ONES = 0, 1, 2  # traces
NAMES = [f"({a:g}, {b:g})" for a, b in POINTS]
BESIDE = ["bottom left", "top left", "bottom right", "top right"]  # apart even where all points meet
ENDS = {Reason.SOLVED: COLORS[0], Reason.SLOW: COLORS[5], Reason.STUCK: COLORS[1], Reason.DEAD: CHANCE.color,
        Reason.NARROW: COLORS[3]}  # fmt: skip


def plane(weights: Sequence[float], bias: float, say: Say = english) -> go.Figure:
    """The four points and w1 x1 + w2 x2 + b = 1/2. Traces: 0 the side of 1, 1 the line, 2 and 3 points."""
    corners = np.array([[LOW, LOW], [HIGH, LOW], [HIGH, HIGH], [LOW, HIGH]])
    side = clipped(corners, corners @ np.asarray(weights, float) + bias - LEVEL)
    look = {"fill": "toself", "fillcolor": theme.rgba(COLORS[1], 0.15), "line": {"width": 0}}
    side = side if len(side) else np.full((1, 2), np.nan)
    region = theme.line(side[:, 0], side[:, 1], Role(COLORS[1]), "", hoverinfo="skip", showlegend=False)
    ends = crossing(weights, bias - LEVEL, (LOW, HIGH))
    traces = [region.update(look), _line(ends, say), *_points(POINTS, say)]
    return _square(traces, (LOW, HIGH), ("x<sub>1</sub>", "x<sub>2</sub>"), "line")


def crossing(weights: Sequence[float], level: float, reach: tuple[float, float]) -> FLOATS:
    """Two points of weights . x + level = 0, far apart: [2, 2]; NaN where there is no such line."""
    w = np.asarray(weights, np.float64)
    length = float(w @ w)
    if not length > 0 or not np.isfinite(length):
        return np.full((2, 2), np.nan)
    foot, along = -level * w / length, np.array([-w[1], w[0]]) / np.sqrt(length)
    far = 4 * (reach[1] - reach[0]) + float(np.abs(foot).max())
    return np.stack([foot - far * along, foot + far * along])


def hidden(moves: Moves, say: Say = english) -> go.Figure:
    """The points in hidden space at the last moment. Traces: 0 the output's line, 1 and 2 points by class."""
    low, high = reach(moves)
    traces = [_line(lines(moves)[-1], say), *_points(moves.hidden[-1], say)]
    return _square(traces, (low, high), ("h<sub>1</sub>", "h<sub>2</sub>"), "hidden")


def reach(moves: Moves) -> tuple[float, float]:
    low, high = theme.window(moves.hidden, 0.15)
    return min(low, -0.2), max(high, 1.2)


def lines(moves: Moves) -> FLOATS:
    """The line of the output at every moment: [T, 2, 2]."""
    ends = reach(moves)
    return np.stack([crossing(line[:2], line[2], ends) for line in moves.line])


def _points(places: FLOATS, say: Say) -> list[go.Scatter]:
    found = []
    for k in (0, 1):
        own = np.array(XOR) == k
        mark = theme.points(
            places[own, 0], places[own, 1], theme.of_class(k), f"{say('figure.class')} {k}",
            marker={"size": 16}, cliponaxis=False,
        )  # fmt: skip
        names, beside = ([one for one, mine in zip(of, own, strict=True) if mine] for of in (NAMES, BESIDE))
        found.append(mark.update(mode="markers+text", text=names, textposition=beside))
    return found


def _line(ends: FLOATS, say: Say) -> go.Scatter:
    role = Role(theme.MODEL.color)
    return theme.line(
        ends[:, 0], ends[:, 1], role, say("figure.where_half"), hoverinfo="skip", line={"width": 3}
    )


def _square(
    traces: Sequence[go.Scatter], ends: tuple[float, float], axes: Sequence[str], kept: str
) -> go.Figure:
    same = {"range": list(ends), "zeroline": False, "constrain": "domain"}  # a square, whatever the page is
    x, y = ({"title": {"text": name}, **same} for name in axes)
    return theme.figure(traces, xaxis=x, yaxis=y | {"scaleanchor": "x"}, uirevision=f"xor {kept}")


def shares(found: Mapping[str, Sequence[Width]], say: Say = english) -> go.Figure:
    """The share of networks that solve XOR over the hidden width, a line and its interval for each name."""
    traces = []
    for k, (name, widths) in enumerate(found.items()):
        role, group = theme.of_class(k), {"legendgroup": name}
        x = [one.width for one in widths]
        low, high = np.array([one.solved.interval for one in widths]).T
        traces.append(theme.band(x, low, high, role.color, name, showlegend=False, **group))
        line = theme.line(x, [one.solved.value for one in widths], role, name, **group)
        traces.append(line.update(mode="lines+markers", marker={"symbol": role.symbol, "size": 9}))
    xaxis = {"title": {"text": say("figure.hidden_units")}, "range": [0.5, WIDTHS[-1] + 0.5], "dtick": 1}
    yaxis = {"title": {"text": say("figure.solved_share")}, "range": [-0.03, 1.03], "tickformat": ".0%"}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="xor shares")


def ends(widths: Sequence[Width], say: Say = english) -> go.Figure:
    """How the networks of each width ended: a bar for every reason, one on the other."""
    traces = [
        go.Bar(
            x=theme.array([one.width for one in widths]),
            y=theme.array([len(one.ended(reason)) for one in widths]),
            name=say(f"figure.end_{reason.name.lower()}"), marker={"color": color, "line": {"width": 0}},
            hovertemplate="%{y}",
        )
        for reason, color in ENDS.items() if any(one.ended(reason) for one in widths)
    ]  # fmt: skip
    xaxis = {"title": {"text": say("figure.hidden_units")}, "range": [0.5, WIDTHS[-1] + 0.5], "dtick": 1}
    yaxis = {"title": {"text": say("figure.networks")}}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, barmode="stack", uirevision="xor ends")
