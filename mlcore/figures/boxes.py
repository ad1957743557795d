"""Boxes on a plane, y downward as in an image: what they share, where a loss sends one, descents of many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.figures import theme
from mlcore.figures.theme import CHANCE, COLORS, GRAY, Role
from mlcore.figures.words import Say, english
from mlcore.tasks.box_descent import BoxDescent
from mlcore.tasks.boxes import BOX_LOSSES, CORNERS, OVERLAPPING, SIDE, Measured, along, places
from mlcore.tasks.equal_error import Family

FLOATS = NDArray[np.float64]
TRUE, PREDICTED, ARROWS = Role(COLORS[2]), Role(COLORS[1]), Role(COLORS[3])
SHARED, HULL, TRUTH, BOX, WAY, TRUE_MARKS, MARKS = range(7)  # traces of `plane`
LONGEST = 1.6  # of an arrow, on the plane
SHIFTS = np.linspace(-SIDE, SIDE, 201)


def outline(box: Sequence[float] | NDArray[Any]) -> FLOATS:
    """The corners of a box [5, 2], the first one again at the end."""
    corners = places(box)[:4]
    return np.concatenate([corners, corners[:1]])


def outlines(boxes: FLOATS) -> NDArray[np.float32]:
    """The same of boxes [..., 4], as a player moves them: [..., 5, 2]."""
    x, y = boxes[..., [0, 2, 2, 0, 0]], boxes[..., [1, 1, 3, 3, 1]]
    return theme.array(np.stack([x, y], axis=-1))


def plane(found: Measured, loss: str, say: Say = english) -> go.Figure:
    """Both boxes, what they share, the smallest box around both, and the way downhill of each corner of the
    predicted one."""
    box, true = np.array(found.box), np.array(found.true)
    low, high = np.maximum(box[:2], true[:2]), np.minimum(box[2:], true[2:])
    both = np.concatenate([low, high]) if found.touching else np.full(4, np.nan)
    filled = {"fill": "toself", "fillcolor": theme.rgba(theme.MODEL.color, 0.2), "hoverinfo": "skip"}
    still = {"hoverinfo": "skip"}
    edge, both = outline(around(found)), outline(both)
    traces = [
        theme.line(
            both[:, 0], both[:, 1], theme.MODEL, say("figure.intersection"), line={"width": 0}, **filled
        ),
        theme.line(edge[:, 0], edge[:, 1], CHANCE, say("figure.hull"), **still),
        _edges(true, TRUE, say("figure.true_box")),
        _edges(box, PREDICTED, say("figure.predicted_box")),
        arrows(found, loss, say),
        _marks(true, TRUE, say),
        _marks(box, PREDICTED, say),
    ]
    return _image(traces, "boxes")


def around(found: Measured) -> FLOATS:
    """The smallest box around both."""
    box, true = np.array(found.box), np.array(found.true)
    return np.concatenate([np.minimum(box[:2], true[:2]), np.maximum(box[2:], true[2:])])


def arrows(found: Measured, loss: str, say: Say = english) -> go.Scatter:
    """From each corner of the predicted box minus its gradient, the longest of them LONGEST."""
    slope = found.of(loss).gradient
    each = np.array([[slope[i], slope[j]] for i, j in CORNERS])
    size = float(np.hypot(*each.T).max())
    corners = places(found.box)[:4]
    ends = corners - each / size * LONGEST if size > 0 else np.full((4, 2), np.nan)
    ways = np.stack([corners, ends, np.full((4, 2), np.nan)], axis=1).reshape(-1, 2)
    heads = {"symbol": "arrow", "angleref": "previous", "size": [0, 14, 0] * 4, "color": ARROWS.color}
    line = theme.line(ways[:, 0], ways[:, 1], ARROWS, say("figure.downhill_corner"), line={"width": 3})
    return line.update(mode="lines+markers", marker=heads, hoverinfo="skip")


def _edges(box: FLOATS, role: Role, name: str, width: int = 3) -> go.Scatter:
    edge = outline(box)
    return theme.line(edge[:, 0], edge[:, 1], role, name, hoverinfo="skip", line={"width": width})


def _marks(box: FLOATS, role: Role, say: Say) -> go.Scatter:
    at = places(box)
    look = {"size": [13] * 4 + [17], "symbol": ["square"] * 4 + ["cross"], "color": role.color}
    return theme.points(at[:, 0], at[:, 1], role, say("figure.drag"), marker=look, showlegend=False)


def _image(traces: Sequence[Any], kept: str) -> go.Figure:
    """Axes of an image: y grows downward, and a square is one on every screen."""
    fixed = {"constrain": "domain", "zeroline": False, "dtick": 2}
    xaxis = {"title": {"text": "x"}, "range": [0, SIDE], **fixed}
    yaxis = {"title": {"text": "y"}, "range": [SIDE, 0], "scaleanchor": "x", **fixed}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision=kept)


def shifted(found: Measured, say: Say = english) -> go.Figure:
    """The IoU losses over a shift of the predicted box along x, and where it stands now."""
    values = along(found.box, found.true, SHIFTS)
    traces: list[Any] = [
        theme.line(SHIFTS, own, theme.of_class(k), BOX_LOSSES[name].title)
        for k, (name, own) in enumerate(zip(OVERLAPPING, values, strict=True))
    ]
    now = [found.of(name).value for name in OVERLAPPING]
    colors = [theme.of_class(k).color for k in range(len(OVERLAPPING))]
    traces.append(
        theme.points(
            np.zeros(len(now)), now, Role(GRAY), say("figure.now"), marker={"color": colors, "size": 9}
        ).update(showlegend=False)
    )
    xaxis = {"title": {"text": say("figure.moved_right")}, "range": [-SIDE, SIDE]}
    yaxis = {"title": {"text": say("figure.loss")}, "range": [-0.05, max(2.1, 1.05 * float(values.max()))]}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="boxes shifted")


# ---------------------------------------------------------------- boxes of equal error


def equal(found: Family, true: Sequence[float], say: Say = english) -> tuple[go.Figure, go.Figure]:
    """The last box of a family before the true one (traces: 0 the true one, 1 the box), and its losses over
    the place in the family; L2 as a share of what it is at the first."""
    truth = _edges(np.array(true), TRUE, say("figure.true_box"))
    boxes = [truth, _edges(found.boxes[-1], PREDICTED, say("figure.predicted_box"))]
    place = np.arange(len(found.boxes))
    most = max(float(found.losses[name].max()) for name in OVERLAPPING)
    lines = [
        theme.line(place, found.losses[name], theme.of_class(k), BOX_LOSSES[name].title)
        for k, name in enumerate(OVERLAPPING)
    ]
    level = found.losses["l2"] / found.losses["l2"][0]
    lines.append(theme.line(place, level, Role(CHANCE.color, "longdash"), say("figure.l2_level")))
    xaxis = {"title": {"text": say("figure.place_in_family")}, "range": [0, len(place) - 1]}
    yaxis = {"title": {"text": say("figure.loss")}, "range": [0, 1.05 * most]}
    reach = np.concatenate([found.boxes.reshape(-1, 2), np.reshape(true, (-1, 2))])
    first = _image(boxes, "boxes equal")
    (left, low), (right, high) = reach.min(0), reach.max(0)
    side = max(right - left, high - low) * 0.55
    for axis, middle, turn in ((first.layout.xaxis, left + right, 1), (first.layout.yaxis, low + high, -1)):
        axis.range = [float(middle / 2 - turn * side), float(middle / 2 + turn * side)]
        axis.dtick = None
    over = theme.figure(
        lines, xaxis=xaxis, yaxis=yaxis, shapes=[theme.cursor(len(place) - 1)], uirevision="boxes losses"
    )
    return first, over


# ---------------------------------------------------------------- descents


def race(found: BoxDescent, true: Sequence[float], say: Say = english) -> go.Figure:
    """Where each loss has brought the box. Traces: 0 the true box, 1 the start, then a box for each loss."""
    traces = [
        _edges(np.array(true), TRUE, say("figure.true_box"), 6),
        _edges(found.box[0, 0], CHANCE, say("figure.path_start"), 2),
    ]
    traces += [
        _edges(found.box[-1, k], theme.of_class(k), BOX_LOSSES[name].title, 2)
        for k, name in enumerate(found.names)
    ]
    return _image(traces, "boxes race")


def overlaps(found: BoxDescent, say: Say = english) -> go.Figure:
    """IoU over the steps, a line for each loss."""
    steps = np.arange(len(found.iou))
    traces = [
        theme.line(steps, found.iou[:, k], theme.of_class(k), BOX_LOSSES[name].title, showlegend=False)
        for k, name in enumerate(found.names)
    ]
    xaxis = {"title": {"text": say("figure.step")}, "range": [0, len(steps) - 1]}
    yaxis = {"title": {"text": "IoU"}, "range": [-0.03, 1.03]}
    cursor = [theme.cursor(len(steps) - 1)]
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, shapes=cursor, uirevision="boxes overlaps")
