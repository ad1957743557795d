"""Least squares: a line with its squared residuals, and a plane in space with its sticks."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.depth import linear_fit as core
from mlcore.descents.regression import Problem
from mlcore.figures import theme
from mlcore.figures.quadratics import WAY
from mlcore.figures.theme import GRAY, RING, TRUTH, Role
from mlcore.figures.words import Say, english

FLOATS = NDArray[np.float64]
Ends = tuple[float, float]
SHAPE = 1.1  # width over height of the picture of a line, on every screen: its squares are squares
MOST_SQUARES = 150
GRIPS = (0.12, 0.88)  # where the line is held, as shares of the picture's width
SQUARES, DOTS, LEAST, NOW, HANDLES = range(5)  # traces
PLANE, STICKS = range(2)
EYE = (-1.5, -1.5, 0.7)


def reach(
    problem: Problem, theta: FLOATS, span: float = 0.0
) -> tuple[tuple[float, float], tuple[float, float]]:
    """What the picture of a line shows, along x and along y: the examples, or as far as `span` whatever they
    are; 0 and the marks that hold the line."""
    across = (-span, span) if span else theme.window(problem.x.numpy())
    low, high = across if span else theme.window(np.append(problem.y.numpy(), 0.0))
    for y in grips(across, theta)[:, 1]:
        low, high = core.stretched(low, high, float(y))
    return across, (low, high)


def grips(across: tuple[float, float], theta: FLOATS) -> FLOATS:
    """The two marks of a line w, b: [2, 2] (x, y)."""
    x = across[0] + np.array(GRIPS) * (across[1] - across[0])
    return np.column_stack([x, theta[0] * x + theta[1]])


def line(
    problem: Problem, theta: FLOATS, solution: FLOATS, titles: tuple[str, str], say: Say = english,
    span: float = 0.0,
) -> go.Figure:  # fmt: skip
    """Examples and y = w x + b. Traces: 0 a square on every residual, 1 the examples, 2 the solution of the
    normal equation, 3 the line now, 4 the two marks that hold it."""
    (left, right), (low, high) = reach(problem, theta, span)
    ratio = (right - left) / ((high - low) * SHAPE)  # one unit of y is as long as so many of x
    x, y = problem.x[:, 0].numpy(), problem.y[:, 0].numpy()
    ends = np.array([left, right])
    around = squares(x[:MOST_SQUARES], y[:MOST_SQUARES], theta, ratio)
    look = {"fill": "toself", "fillcolor": theme.rgba(WAY.color, 0.16), "hoverinfo": "skip"}
    edge = {"color": theme.rgba(WAY.color, 0.35), "width": 1}
    held = grips((left, right), theta)
    mark, still = {"size": 15, "color": WAY.color}, {"hoverinfo": "skip"}
    least, now = (theta[0] * ends + theta[1] for theta in (solution, theta))
    traces = [
        theme.line(around[:, 0], around[:, 1], WAY, say("figure.squares"), line=edge, **look),
        theme.points(x, y, Role(theme.COLORS[0]), say("figure.train"), marker={"size": 6}),
        theme.line(ends, least, TRUTH, say("figure.least_squares"), **still),
        theme.line(ends, now, WAY, say("figure.fit"), line={"width": 3}, **still),
        theme.points(
            held[:, 0], held[:, 1], Role(WAY.color), say("figure.drag"), marker=mark, showlegend=False
        ),
    ]
    fixed = {"constrain": "domain"}  # the ranges stay, the picture keeps its shape
    xaxis = {"title": {"text": titles[0]}, "range": [left, right], **fixed}
    yaxis = {"title": {"text": titles[1]}, "range": [low, high], "scaleanchor": "x", "scaleratio": ratio}
    return theme.figure(
        traces, xaxis=xaxis, yaxis=yaxis | fixed, uirevision=f"line {titles} {left} {low} {high}"
    )


def squares(x: FLOATS, y: FLOATS, theta: FLOATS, ratio: float) -> FLOATS:
    """The corners of a square on every residual, a gap after each: [6 N, 2]. `ratio` units of x are as long
    as one of y. It stands on the side to which the line leaves it room."""
    up = theta[0] * x + theta[1] - y
    aside = -np.abs(up) * ratio * np.where(up * theta[0] >= 0, 1, -1)
    nothing = np.full_like(x, np.nan)
    across = np.stack([x, x, x + aside, x + aside, x, nothing], axis=1)
    along = np.stack([y, y + up, y + up, y, y, nothing], axis=1)
    return np.stack([across.ravel(), along.ravel()], axis=1)


# ---------------------------------------------------------------- two features


def space(problem: Problem, theta: FLOATS, titles: tuple[str, str, str], say: Say = english) -> go.Figure:
    """Examples and a plane w1, w2, b. Traces: 0 the plane, 1 the residuals as sticks, 2 the examples."""
    corner_x, corner_y, heights = surface(problem, theta[None])
    sheet = go.Surface(
        x=theme.array(corner_x), y=theme.array(corner_y), z=theme.array(heights[0]), showscale=False,
        opacity=0.55, colorscale=[[0, WAY.color], [1, WAY.color]], name=say("figure.fit"), showlegend=True,
        hoverinfo="skip", lighting={"ambient": 1, "diffuse": 0, "specular": 0},
    )  # fmt: skip
    x, y = problem.x.numpy().T
    look = {"color": theme.rgba(RING.color, 0.6), "width": 2}
    rods = go.Scatter3d(
        x=theme.array(np.repeat(x, 3)), y=theme.array(np.repeat(y, 3)), z=sticks(problem, theta[None])[0],
        mode="lines", name=say("figure.residuals"), line=look, hoverinfo="skip",
    )  # fmt: skip
    dots = go.Scatter3d(
        x=theme.array(x), y=theme.array(y), z=theme.array(problem.y[:, 0]), mode="markers",
        name=say("figure.train"), marker={"size": 3, "color": theme.COLORS[0]},
    )  # fmt: skip
    low, high = theme.window(problem.y.numpy(), 0.12)
    axis = {"gridcolor": GRAY, "showbackground": False, "color": GRAY}  # WebGL loses a faint grid on white
    scene = {
        "xaxis": {**axis, "title": {"text": titles[0]}}, "yaxis": {**axis, "title": {"text": titles[1]}},
        "zaxis": {**axis, "title": {"text": titles[2]}, "range": [low, high]},
        "aspectratio": {"x": 1.2, "y": 1.2, "z": 1.0}, "camera": {"eye": dict(zip("xyz", EYE, strict=True))},
    }  # fmt: skip
    flat = {"l": 0, "r": 0, "t": 30, "b": 0}
    return theme.figure([sheet, rods, dots], scene=scene, margin=flat, uirevision=f"space {titles}")


def surface(problem: Problem, theta: FLOATS) -> tuple[FLOATS, FLOATS, NDArray[np.float32]]:
    """The plane of every row theta [T, 3] over the examples' rectangle: x [2, 2], y [2, 2], z [T, 2, 2]."""
    (a, b), (c, d) = (theme.window(column) for column in problem.x.numpy().T)
    x, y = np.meshgrid([a, b], [c, d])
    w1, w2, bias = (theta[:, k, None, None] for k in range(3))
    return x, y, theme.followed(w1 * x + w2 * y + bias)


def sticks(problem: Problem, theta: FLOATS) -> NDArray[np.float32]:
    """From every example to the plane, a gap after each: z [T, 3 N]."""
    y = np.broadcast_to(problem.y[:, 0].numpy(), (len(theta), len(problem.y)))
    up = y + core.residuals(problem, theta)
    return theme.followed(np.stack([y, up, np.full_like(y, np.nan)], axis=2).reshape(len(theta), -1))
