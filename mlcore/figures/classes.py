"""A class as the projector shows it: every student a dot, a path or a line; one's own has a ring.

`names` are those of the rows, as they may be shown; `own` is the row of the phone that looks, if any.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.base.shares import percent
from mlcore.classes.methods import Escaped, shares
from mlcore.classes.own_sets import Fitted, SetsActivity, taken_apart, world
from mlcore.classes.starts import StartActivity, Walked, box
from mlcore.classes.trainings import WIDTH, Trained, TrainingActivity, span
from mlcore.descents.basins import Fate
from mlcore.escapes.multimodal import Multimodal
from mlcore.families.surfaces import SURFACES, Relief
from mlcore.figures import theme
from mlcore.figures.bias_variance import sums
from mlcore.figures.escaping import LESS, MORE, PERCENT, whisker
from mlcore.figures.fitting import threads
from mlcore.figures.paths import ground, stars
from mlcore.figures.theme import GRAY, MODEL, RING, TRAIN, TRUTH, Role
from mlcore.figures.words import Say, english
from mlcore.training.descent import Status

WAY = Role("#7C3CFF")
LOST = Role("#D55E00", symbol="triangle-up")
GONE = Role(GRAY, symbol="x")
MEAN = Role(RING.color, "dash")
BIG = 11  # a dot that is seen from the last row
TOP = 0.97  # of the height, where what diverged is marked


def ring(x: Any, y: Any, say: Say) -> go.Scatter:
    """One's own place."""
    look = {"size": BIG + 11, "line": {"width": 3.5, "color": RING.color}, "color": RING.color}
    return theme.points([x], [y], RING, say("figure.class_you"), marker=look, hoverinfo="skip")


# ---------------------------------------------------------------- trainings


def costs(
    activity: TrainingActivity, rows: Sequence[Trained], names: Sequence[str], own: int | None = None,
    say: Say = english,
) -> go.Figure:  # fmt: skip
    """The cost at the end over what was chosen. Traces: the students of each width; who diverged, at the
    upper edge; one's own ring."""
    lost = np.array([row.status is Status.DIVERGED for row in rows], bool)
    cost = np.array([row.train_cost[-1] for row in rows], np.float64)
    cost = np.where(lost, np.nan, np.maximum(cost, 1e-12))
    first = max((float(row.train_cost[0]) for row in rows), default=1.0)
    yaxis = theme.log_axis(np.append(cost, [first, first / 10]))  # a decade, even for one student
    edge = 10 ** (yaxis["range"][0] + TOP * (yaxis["range"][1] - yaxis["range"][0]))
    x, xaxis = _chosen(activity, rows, np.where(lost, np.inf, cost), say)
    hover = [f"{name}<br>η = {row.answer.lr:.3g}" for name, row in zip(names, rows, strict=True)]
    traces = []
    widths = np.array([row.answer.width if activity.width else 0 for row in rows])
    for k, width in enumerate(sorted(set(widths.tolist()))):
        here = (widths == width) & ~lost
        name = say("figure.class_units").format(width=width) if width else say("figure.class_dots")
        told = [text for text, there in zip(hover, here, strict=True) if there]
        look = {"size": BIG, "color": theme.of_class(k).color, "opacity": 0.85}
        traces.append(_marks(x[here], cost[here], theme.of_class(k), name, told, marker=look))
    if lost.any():
        told = [text for text, there in zip(hover, lost, strict=True) if there]
        look = {"size": BIG + 1, "color": LOST.color}
        at = np.full(int(lost.sum()), edge)
        traces.append(_marks(x[lost], at, LOST, say("figure.class_lost"), told, marker=look))
    if own is not None:
        traces.append(ring(x[own], edge if lost[own] else cost[own], say))
    title = {"title": {"text": say("figure.class_cost")}}
    return theme.figure(traces, xaxis=xaxis, yaxis=title | yaxis, uirevision="class costs")


def _marks(x: Any, y: Any, role: Role, name: str, told: list[str], **more: Any) -> Any:
    return theme.points(x, y, role, name, hovertext=told, hoverinfo="text", cliponaxis=False, **more)


def _chosen(
    activity: TrainingActivity, rows: Sequence[Trained], cost: NDArray[np.float64], say: Say
) -> tuple[NDArray[Any], dict[str, Any]]:
    """Where the rows stand, and the axis: learning rates, else widths, else from best to worst."""
    if activity.rate:
        x, name, ends = np.array([row.answer.lr for row in rows], np.float64), "lr", span(activity)
    elif activity.width:
        x, name = np.array([row.answer.width for row in rows], np.float64), "width"
        ends = WIDTH.low, WIDTH.high
    else:
        places = np.argsort(np.argsort(cost, kind="stable"), kind="stable") + 1.0
        title = {"text": say("figure.class_rank")}
        return places, {"title": title, "range": [0.3, len(rows) + 0.7], "showticklabels": False}
    return x, {"title": {"text": say(f"figure.class_{name}")}} | theme.log_axis(ends)  # it never moves


def curves(rows: Sequence[Trained], own: int | None = None, say: Say = english) -> go.Figure:
    """The training cost of everybody over the steps. Traces: 0 the students, 1 one's own."""
    step = rows[0].step if rows else np.array([0])
    drawn = theme.drawable([row.train_cost for row in rows], log=True).reshape(len(rows), len(step))
    first = float(np.nanmax(drawn[:, 0], initial=1.0))
    traces = [threads(theme.array(step), drawn, WAY, say("figure.class_dots"))]
    traces[0].line.color = theme.rgba(WAY.color, 0.45)
    if own is not None:
        traces.append(theme.line(step, drawn[own], RING, say("figure.class_you"), line={"width": 4}))
    yaxis = {"title": {"text": say("figure.class_curve")}, **theme.log_axis(drawn[drawn < 30 * first])}
    xaxis = {"title": {"text": say("figure.step")}, "range": [0, float(step[-1])]}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="class curves")


# ---------------------------------------------------------------- descents


def descents(
    activity: StartActivity, relief: Relief, rows: Sequence[Walked], names: Sequence[str],
    own: int | None = None, say: Say = english,
) -> go.Figure:  # fmt: skip
    """Everybody's path from above. Traces: 0 the ground, 1 lines of equal height, 2 the paths, 3 the starts,
    the ends at each global minimum and at none, the minima; one's own path and start."""
    shade, heights = ground(relief, say)
    ways = [theme.followed(row.theta) for row in rows]
    up = np.full((1, 2), np.nan)
    line = np.concatenate([part for way in ways for part in (way, up)] or [up])
    faint = {"color": theme.rgba(WAY.color, 0.3 + 0.7 / np.sqrt(len(rows) + 1)), "width": 2}
    paths = theme.line(line[:, 0], line[:, 1], WAY, "", line=faint, hoverinfo="skip", showlegend=False)
    first = np.array([way[0] for way in ways]).reshape(-1, 2)
    small = {"size": 7, "line": {"width": 2}}
    starts = theme.points(
        first[:, 0], first[:, 1], WAY, say("figure.class_starts"), hollow=True, marker=small, hoverinfo="skip"
    )
    traces = [shade, heights, paths, starts, *_ends(rows, names, say)]
    traces.append(stars(np.array(SURFACES[activity.base.surface].minima), say))
    if own is not None:
        x, y = ways[own].T
        traces += [
            theme.line(x, y, RING, say("figure.class_you"), line={"width": 4}, hoverinfo="skip"),
            ring(x[0], y[0], say).update(showlegend=False),
        ]
    left, right, low, high = box(activity)
    bare = {"showgrid": False, "zeroline": False}
    xaxis = {"title": {"text": "x"}, "range": [left, right], **bare}
    yaxis = {"title": {"text": "y"}, "range": [low, high], **bare}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision=f"class {activity.base.surface}")


def touch(activity: StartActivity, relief: Relief, x: float, y: float, say: Say = english) -> go.Figure:
    """Where a phone starts: the surface, to be touched. Traces: 0 the ground, 1 lines of equal height,
    2 the start."""
    traces = [*ground(relief, say), ring(x, y, say)]
    left, right, low, high = box(activity)
    bare = {"showgrid": False, "zeroline": False, "fixedrange": True}
    ends = {"x": [left, right], "y": [low, high]}
    sides = {f"{axis}axis": {"title": {"text": axis}, "range": span, **bare} for axis, span in ends.items()}
    return theme.figure(traces, showlegend=False, dragmode=False, uirevision="class touch", **sides)


def _ends(rows: Sequence[Walked], names: Sequence[str], say: Say) -> list[Any]:
    """Where paths ended, by the minimum that they came to; who left is named in the legend alone."""
    stayed = [i for i, row in enumerate(rows) if row.fate is not Fate.DIVERGED]
    traces = []
    for which, group in groupby(sorted(stayed, key=lambda i: rows[i].minimum), lambda i: rows[i].minimum):
        some = list(group)
        at = np.array([rows[i].theta[-1] for i in some])
        role = theme.of_class(which) if which >= 0 else GONE
        name = say("figure.class_end").format(number=which + 1) if which >= 0 else say("figure.class_no_end")
        told = [f"{names[i]}<br>η = {rows[i].answer.lr:.3g}" for i in some]
        look = {"size": BIG, "color": role.color}
        traces.append(_marks(at[:, 0], at[:, 1], role, f"{name} ({len(some)})", told, marker=look))
    if gone := len(rows) - len(stayed):
        traces.append(theme.points([np.nan], [np.nan], LOST, f"{say('figure.class_gone')} ({gone})"))
    return traces


# ---------------------------------------------------------------- escapes


def escaped(
    rows: Sequence[Escaped], called: dict[str, str], own: int | None = None, say: Say = english
) -> go.Figure:
    """The share of each method's students that got to the global basin. Traces: 0 the methods, from below;
    1 the method of one's own. `called` are the names of the methods."""
    found = shares(rows)
    places = np.arange(len(found), dtype=np.int32)[::-1]
    looks = [MORE if share.value >= 0.5 else LESS for share in found.values()]
    marker = {"size": BIG + 3, "color": [r.color for r in looks], "symbol": [r.symbol for r in looks]}
    text = [f"{percent(share.value)} ({share.hits}/{share.of})" for share in found.values()]
    beside = ["top right" if share.value < 0.7 else "top left" for share in found.values()]
    dots = go.Scatter(
        x=theme.array([share.value for share in found.values()]), y=places, mode="markers+text",
        marker=marker, text=text, textposition=beside, hoverinfo="skip", cliponaxis=False,
        error_x=whisker(list(found.values())) | {"color": GRAY}, name=say("figure.escaped_share"),
    )  # fmt: skip
    traces: list[Any] = [dots]
    if own is not None:
        name = rows[own].answer.method
        traces.append(ring(found[name].value, places[list(found).index(name)], say))
    ticks = {"tickvals": places.tolist(), "ticktext": [called[name] for name in found]}
    yaxis = {**ticks, "range": [-0.6, len(found) - 0.2], "zeroline": False}
    xaxis = {"title": {"text": say("figure.escaped_share")}, **PERCENT}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, showlegend=False, uirevision="class shares")


def escape_ends(
    known: Multimodal, relief: Relief, rows: Sequence[Escaped], names: Sequence[str], own: int | None = None,
    say: Say = english,
) -> go.Figure:  # fmt: skip
    """Where each run ended. Traces: 0 the ground, 1 lines of equal height, 2 runs in the global basin,
    3 elsewhere, 4 the global minima; one's own way and its end."""
    shade, heights = ground(relief, say)
    ends = np.array([row.track[-1] for row in rows]).reshape(-1, 2)
    there = np.array([row.reached for row in rows], bool)
    traces: list[Any] = [shade, heights]
    for role, some, word in ((MORE, there, "in"), (LESS, ~there, "out")):
        told = [name for name, is_there in zip(names, some, strict=True) if is_there]
        look = {"size": BIG, "color": role.color}
        name = f"{say(f'figure.class_{word}')} ({int(some.sum())})"
        traces.append(_marks(ends[some, 0], ends[some, 1], role, name, told, marker=look))
    traces.append(stars(known.minima[: known.lowest], say))
    if own is not None:
        x, y = theme.followed(rows[own].track).T
        way = theme.line(x, y, RING, say("figure.class_you"), line={"width": 3}, hoverinfo="skip")
        traces += [way, ring(x[-1], y[-1], say).update(showlegend=False)]
    left, right, low, high = known.box
    bare = {"showgrid": False, "zeroline": False}
    xaxis = {"title": {"text": "x"}, "range": [left, right], **bare}
    yaxis = {"title": {"text": "y"}, "range": [low, high], **bare}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="class escapes")


# ---------------------------------------------------------------- training sets


def members(
    activity: SetsActivity, rows: Sequence[Fitted], own: int | None = None, say: Say = english
) -> go.Figure:
    """Everybody's model over x. Traces: 0 the students, 1 the truth, 2 their mean, one's own with its set."""
    drawing = world(activity)
    x = drawing.at[:, 0].numpy()
    lines = np.stack([row.curve for row in rows])
    truth = drawing.truth
    assert truth is not None  # `world` has refused what has none
    spread = np.concatenate([truth[:, 0].numpy(), np.concatenate([row.y for row in rows])])
    low, high = theme.window(spread, 0.2)
    far = high - low
    ends = low - 4 * far, high + 4 * far  # least squares at the edge may be 1e15
    mean, lines = lines.mean(0).clip(*ends), lines.clip(*ends)
    traces = [
        threads(x, lines, MODEL, say("figure.class_members")),
        theme.line(x, truth[:, 0], TRUTH, say("figure.truth"), line={"width": 4}),
        theme.line(x, mean, MEAN, say("figure.mean_member"), line={"width": 4}),
    ]
    if own is not None:
        row = rows[own]
        traces += [
            theme.line(x, lines[own], TRAIN, say("figure.class_you"), line={"width": 4}),
            theme.points(row.x, row.y, TRAIN, say("figure.class_own_set"), marker={"size": BIG - 1}),
        ]
    xaxis = {"title": {"text": "x"}, "range": [float(x.min()), float(x.max())]}
    yaxis = {"title": {"text": "y"}, "range": [low, high]}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="class members")


def parts(activity: SetsActivity, rows: Sequence[Fitted], say: Say = english) -> go.Figure:
    """The class's error beside its variance, noise and bias squared, put on top of each other."""
    return sums(taken_apart(activity, rows).average(), say)
