"""Linear classifiers: a line and its probabilities, what descent does to it, and Rosenblatt's rule."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.depth.linear_data import Plane
from mlcore.depth.logistic import Training
from mlcore.depth.margins import Margin
from mlcore.depth.perceptron import Mistakes
from mlcore.figures import theme
from mlcore.figures.theme import MODEL, RING, SHORT, TEST, TRUTH, Role
from mlcore.figures.words import Say, english
from mlcore.figures.xor import crossing
from mlcore.files.escape import plotly as escape

FLOATS = NDArray[np.float64]
Box = tuple[float, float, float, float]  # x from, x to, y from, y to
GRID = 61
HELD, TIP = 6, 7  # traces of a boundary
RULE_LINE, LIT = 0, 3  # of the rule
LEAST_BOUND, MOST_BOUND = 4.0, 1e7  # how far the picture of mistakes goes at least and at most


def box(data: Plane) -> Box:
    """A square around the examples, the same length along both features."""
    middle = (data.x.max(0) + data.x.min(0)) / 2
    half = 0.58 * float(np.ptp(data.x, axis=0).max()) or 1.0
    return middle[0] - half, middle[0] + half, middle[1] - half, middle[1] + half


def boundary(
    data: Plane, theta: FLOATS, held: FLOATS, trained: Training, titles: tuple[str, str], say: Say = english
) -> go.Figure:
    """w1 x1 + w2 x2 + b as probabilities. Traces: 0 probability of the second class, 1 where it is 1/2,
    2 the same of the trained weights, 3 of the best ones or of the largest margin, 4 and 5 the classes,
    6 two marks that hold the line, 7 where z is 1. `held` [3, 2]: those marks, NaN where there is none."""
    sides = box(data)
    x, y = np.linspace(*sides[:2], GRID), np.linspace(*sides[2:], GRID)
    z = theta[0] * x + theta[1] * y[:, None] + theta[2]
    name = say("figure.probability").format(name=called(data, 1, say))
    shade = go.Heatmap(
        x=theme.array(x), y=theme.array(y), z=theme.array(0.5 * (1 + np.tanh(z / 2))), zmin=0, zmax=1,
        colorscale=theme.DIVERGING, zsmooth="fast", showscale=False,
        hovertemplate=f"{name} = %{{z:.3f}}<extra></extra>",
    )  # fmt: skip
    parted, touched = trained.margin.separable, trained.touching is not None
    word = "largest_margin" if parted else "touching_line" if touched else "best_weights"
    lines = [
        straight(theta, sides, Role(theme.MODEL.color), say("figure.where_half"), 3),
        straight(trained.theta[-1], sides, TEST, say("figure.after_descent"), 2),
        straight(trained.goal, sides, TRUTH, say(f"figure.{word}"), 2),
    ]
    mark = {"size": 15, "color": MODEL.color}
    held = np.asarray(held, np.float64)
    holds = theme.points(held[:2, 0], held[:2, 1], Role(MODEL.color), "", marker=mark, showlegend=False)
    tip = theme.points(
        held[2:, 0], held[2:, 1], RING, say("figure.where_one"), marker={"size": 14, "color": RING.color}
    )
    return square([shade, *lines, *classes(data, say), holds, tip], sides, titles, "boundary")


def straight(theta: FLOATS, sides: Box, role: Role, name: str, width: int) -> go.Scatter:
    """Where w1 x1 + w2 x2 + b is 0."""
    ends = crossing(theta[:2].tolist(), float(theta[2]), sides[:2])
    return theme.line(ends[:, 0], ends[:, 1], role, name, hoverinfo="skip", line={"width": width})


def classes(data: Plane, say: Say) -> list[Any]:
    found = []
    for k in range(2):
        own = data.label == k
        found.append(theme.points(data.x[own, 0], data.x[own, 1], theme.of_class(k), called(data, k, say)))
    return found


def called(data: Plane, k: int, say: Say) -> str:
    """The name of a class; those of made data have only a number."""
    name = escape(data.classes[k], SHORT)
    return f"{say('figure.class')} {name}" if name.isdigit() else name


def square(traces: list[Any], sides: Box, titles: tuple[str, str], kept: str) -> go.Figure:
    same = {"zeroline": False, "constrain": "domain"}  # right angles look right
    x = {"title": {"text": titles[0]}, "range": list(sides[:2]), **same}
    y = {"title": {"text": titles[1]}, "range": list(sides[2:]), "scaleanchor": "x", **same}
    return theme.figure(traces, xaxis=x, yaxis=y, uirevision=f"{kept} {titles} {sides}")


# ---------------------------------------------------------------- logistic


def cost(trained: Training, own: float, say: Say = english) -> go.Figure:
    """The cost over the steps, both logarithmic. Traces: 0 of the descent, 1 of the line by hand, 2 the
    least there is, where there is one."""
    steps = trained.step + 1
    ends = [1.0, float(steps[-1])]
    traces = [
        theme.line(steps, trained.cost, TEST, say("figure.after_descent"), line={"dash": "solid"}),
        theme.line(ends, [own, own], Role(MODEL.color, "dot"), say("figure.by_hand")),
    ]
    seen = np.append(trained.cost, own)
    if trained.best is not None:
        traces.append(theme.line(ends, [trained.lowest] * 2, TRUTH, say("figure.best_weights")))
        seen = np.append(seen, trained.lowest)
    yaxis = {"title": {"text": say("figure.cost")}, **theme.log_axis(seen)}
    return theme.figure(traces, xaxis=log_steps(steps, say), yaxis=yaxis, uirevision="logistic cost")


def log_steps(steps: NDArray[np.int64], say: Say) -> dict[str, Any]:
    return {"title": {"text": say("figure.step_one")}, **theme.log_axis(steps)}


def size(trained: Training, say: Say = english) -> go.Figure:
    """|(w, b)| over the steps, these logarithmic. Traces: 0 of the descent, 1 of the minimum, if any."""
    steps = trained.step + 1
    traces = [theme.line(steps, trained.size, TEST, say("figure.after_descent"), line={"dash": "solid"})]
    most = float(trained.size.max())
    if trained.best is not None:
        length = float(np.linalg.norm(trained.best))
        traces.append(theme.line([1.0, float(steps[-1])], [length] * 2, TRUTH, say("figure.best_weights")))
        most = max(most, length)
    yaxis = {"title": {"text": "|(w, b)|"}, "range": [0, 1.08 * most or 1.0]}
    return theme.figure(traces, xaxis=log_steps(steps, say), yaxis=yaxis, uirevision="logistic size")


# ---------------------------------------------------------------- perceptron


def rule(data: Plane, found: Mistakes, titles: tuple[str, str], shown: int, say: Say = english) -> go.Figure:
    """The perceptron after `shown` mistakes. Traces: 0 its line, 1 and 2 the classes, 3 the next mistake."""
    sides = box(data)
    at = lit(data, found, shown)[-1]
    ring = theme.points(
        at[:1], at[1:], RING, say("figure.next_mistake"),
        marker={"size": 18, "color": RING.color, "line": {"width": 3, "color": RING.color}},
    )  # fmt: skip
    line = straight(found.theta[shown], sides, Role(MODEL.color), say("figure.perceptron_line"), 3)
    return square([line, *classes(data, say), ring], sides, titles, "rule")


def rule_lines(data: Plane, found: Mistakes, shown: int) -> FLOATS:
    """The line after 0, 1, ... `shown` mistakes: [shown + 1, 2, 2]."""
    sides = box(data)
    return np.stack(
        [crossing(row[:2].tolist(), float(row[2]), sides[:2]) for row in found.theta[: shown + 1]]
    )


def lit(data: Plane, found: Mistakes, shown: int) -> FLOATS:
    """Where the next mistake is made after 0, 1, ... `shown` of them, NaN where none is: [shown + 1, 2]."""
    places = np.full((shown + 1, 2), np.nan)
    known = found.example[: shown + 1]
    places[: len(known)] = data.x[known]
    return places


def novikoff(found: Mistakes, gap: Margin, say: Say = english) -> go.Figure:
    """|w| over the mistakes between its two bounds, both axes logarithmic. Traces: 0 |w|, 1 sqrt(k) R,
    2 k gamma, which meets the other at R^2 / gamma^2."""
    last = min(max(1.5 * gap.bound, 1.5 * found.count, LEAST_BOUND), MOST_BOUND)
    k, made = np.geomspace(1, last, 60), np.arange(1, found.count + 1)
    above, below = np.sqrt(k) * gap.radius, k * gap.gamma
    length = found.length[1:]
    traces = [
        theme.points(made, length, MODEL, say("figure.perceptron_length"), marker={"size": 7}),
        theme.line(k, above, TEST, "√k R"),
        theme.line(k, below, Role(theme.COLORS[0]), "k γ"),
    ]
    xaxis = {"title": {"text": say("figure.mistakes")}, **theme.log_axis(k)}
    yaxis = {"title": {"text": "|w|"}, **theme.log_axis(np.concatenate([above, below, length]))}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="novikoff")


def over_looks(found: Mistakes, say: Say = english) -> go.Figure:
    """The mistakes over the examples looked at: where no line parts the classes they go on for ever."""
    looks = np.concatenate([[0], found.look + 1, [found.looks]])
    count = np.append(np.arange(found.count + 1), found.count)
    stairs = theme.line(looks, count, MODEL, "", line={"shape": "hv"}, showlegend=False)
    xaxis = {"title": {"text": say("figure.looks")}, "range": [0, 1.02 * found.looks]}
    yaxis = {"title": {"text": say("figure.mistakes")}, "range": [0, 1.15 * max(found.count, 1)]}
    return theme.figure([stairs], xaxis=xaxis, yaxis=yaxis, uirevision="looks")
