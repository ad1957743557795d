"""Points that are grouped: labels, clusters, means on their way, mixtures, directions; where starts end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mlcore.figures import theme
from mlcore.figures.theme import CHANCE, COLORS, MODEL, RING, TRAIN, Role
from mlcore.figures.words import Say, english
from mlcore.tasks.clusters import Moves, Restarts
from mlcore.tasks.flat import FLOATS, INTS, Flat
from mlcore.tasks.mixtures import Mixtures, ellipse
from mlcore.tasks.three import Grouped, Voted, extent

POINTS, MEANS, WAYS = range(3)  # traces of `moves`
ROUND = 49  # points of an ellipse
SYMBOLS = (0, 1, 2, 5, 3, 4, 17, 6, 13, 25)  # the numbers by which Plotly knows theme.SYMBOLS
SCALE: list[list[Any]] = [
    [(k + s) / 11, (theme.GRAY, *COLORS, *COLORS)[k]] for k in range(11) for s in (0, 1)
]
UNKNOWN = {"cmin": -1.5, "cmax": 9.5, "colorscale": SCALE, "showscale": False}


def plane(x: FLOATS, kept: str, **more: Any) -> dict[str, Any]:
    """The axes of all these pictures: fixed, and as long as they are wide."""
    low, high = extent(x)
    ends = np.stack([low, high], 1).tolist()
    axes = {
        f"{name}axis": {"title": {"text": f"x{d + 1}", "standoff": 4}, "range": ends[d], "zeroline": False}
        for d, name in enumerate("xy")
    }
    return {**axes, "showlegend": False, "uirevision": kept, **more}


def marked(x: FLOATS, labels: INTS) -> go.Scatter:
    """Points with the color and the symbol of their cluster; gray circles where it is -1."""
    found = theme.points(x[:, 0], x[:, 1], Role(theme.GRAY), "", hoverinfo="skip")
    return found.update(marker=UNKNOWN | {"color": codes(labels), "symbol": shapes(labels), "size": 7})


def codes(labels: INTS) -> Any:
    return labels.astype(np.int8).tolist()


def shapes(labels: INTS) -> list[int]:
    return [SYMBOLS[k % 10] if k >= 0 else 0 for k in labels.tolist()]


def centers(means: FLOATS, name: str = "") -> go.Scatter:
    look = {"size": 15, "symbol": "x", "color": RING.color, "line": {"color": "#ffffff", "width": 1.5}}
    return go.Scatter(x=theme.array(means[:, 0]), y=theme.array(means[:, 1]), mode="markers", name=name,
                      marker=look, hovertemplate="%{x:.3f}, %{y:.3f}<extra></extra>")  # fmt: skip


# ---------------------------------------------------------------- the three ways


def labeled(points: Flat, found: Voted, say: Say = english) -> go.Figure:
    """Traces: 0 the class of every place, then the points of each class."""
    heat = go.Heatmap(
        x=theme.array(found.side[0]), y=theme.array(found.side[1]), z=found.classes.astype(np.int8),
        zmin=-1.5, zmax=9.5, colorscale=[[at, theme.rgba(color, 0.22)] for at, color in SCALE],
        showscale=False, hoverinfo="skip",
    )  # fmt: skip
    marks = []
    for k in range(points.classes):
        own, role = points.x[points.y == k], theme.of_class(k)
        marks.append(
            theme.points(own[:, 0], own[:, 1], role, f"{say('figure.class')} {k}", marker={"size": 7})
        )
    return theme.figure([heat, *marks], **plane(points.x, "three labels"))


def grouped(points: Flat, found: Grouped, say: Say = english) -> go.Figure:
    """Traces: 0 the points, 1 the means."""
    traces = [marked(points.x, found.labels), centers(found.means, say("figure.cluster_mean"))]
    return theme.figure(traces, **plane(points.x, "three clusters"))


# ---------------------------------------------------------------- k-means


def moves(x: FLOATS, found: Moves, say: Say = english) -> go.Figure:
    """At the end. Traces: 0 points, 1 means, 2 the ways they came."""
    ways = trails(found)
    look = {"line": {"width": 2}, "hoverinfo": "skip", "connectgaps": False}
    traces = [
        marked(x, found.labels[-1]),
        centers(found.means[-1], say("figure.cluster_mean")),
        theme.line(ways[-1, :, 0], ways[-1, :, 1], RING, "", **look),
    ]
    return theme.figure(traces, **plane(x, "k-means"))


def trails(found: Moves) -> FLOATS:
    """[H, k (H + 1), 2] the way of every mean up to each moment, with gaps between them."""
    H, k, _ = found.means.shape
    way = np.full((H, k, H + 1, 2), np.nan)
    for t in range(H):
        way[t, :, : t + 1] = found.means[: t + 1].swapaxes(0, 1)
    return way.reshape(H, -1, 2)


def falling(values: FLOATS, name: str, say: Say = english) -> go.Figure:
    """A number over the steps, `name` being its key. Traces: 0 that."""
    marks = {"mode": "lines+markers", "marker": {"size": 7}}
    line = theme.line(np.arange(len(values)), values, TRAIN, say(name)).update(**marks)
    low, high = theme.window(values)
    xaxis = {"title": {"text": say("figure.step")}, "range": [-0.4, len(values) - 0.6]}
    yaxis = {"title": {"text": say(name)}, "range": [low, high]}
    end = {"shapes": [theme.cursor(len(values) - 1)], "uirevision": f"{name} {len(values)}"}
    return theme.figure([line], xaxis=xaxis, yaxis=yaxis, showlegend=False, **end)


def ends(found: Sequence[Restarts], names: Sequence[str], say: Say = english) -> go.Figure:
    """Which share of the starts ended at most how far above the least inertia. Traces: one for each kind."""
    least = min(float(one.batch.inertia.min()) for one in found) or 1.0
    lines = []
    for k, (one, name) in enumerate(zip(found, names, strict=True)):
        over = 100 * (np.sort(one.batch.inertia) / least - 1).clip(0)
        share = 100 * np.arange(1, len(over) + 1) / len(over)
        x, y = np.concatenate([[0.0], over]), np.concatenate([[0.0], share])
        lines.append(
            theme.line(x, y, (MODEL, Role(COLORS[1], "dash"))[k], name, line={"shape": "hv", "width": 3})
        )
    most = max(float(np.asarray(line.x).max()) for line in lines)
    xaxis = {"title": {"text": say("figure.above_least")}, "range": [-0.02 * most - 0.1, 1.03 * most + 0.1]}
    yaxis = {"title": {"text": say("figure.share_of_starts")}, "range": [0, 103]}
    return theme.figure(lines, xaxis=xaxis, yaxis=yaxis, showlegend=True, uirevision="k-means ends")


# ---------------------------------------------------------------- mixtures and directions


def mixture(x: FLOATS, found: Mixtures, labels: INTS, say: Say = english) -> go.Figure:
    """At the end. Traces: 0 points, 1 means, 2 the ellipses of two standard deviations."""
    around = rings(found)[-1]
    look = {"line": {"width": 2.5, "simplify": False}, "hoverinfo": "skip", "connectgaps": False}
    traces = [
        marked(x, labels),
        centers(found.mean[-1], say("figure.cluster_mean")),
        theme.line(around[:, 0], around[:, 1], RING, "", **look),
    ]
    return theme.figure(traces, **plane(x, "mixture"))


def rings(found: Mixtures) -> FLOATS:
    """[T, k (ROUND + 1), 2] the ellipses, with gaps between them."""
    around = ellipse(found.mean, found.covariance, ROUND)  # [T, k, ROUND, 2]
    gap = np.full((*around.shape[:2], 1, 2), np.nan)
    return np.concatenate([around, gap], 2).reshape(len(around), -1, 2)


def directions(x: FLOATS, along: FLOATS, variance: FLOATS, say: Say = english) -> go.Figure:
    """The principal directions, two standard deviations long. Traces: 0 points, 1 and 2 the directions."""
    middle = x.mean(0)
    traces = [
        theme.points(x[:, 0], x[:, 1], CHANCE, "", hoverinfo="skip", marker={"size": 6, "symbol": "circle"})
    ]
    for d, role in enumerate((MODEL, Role(COLORS[1], "dash"))):
        reach = 2 * np.sqrt(variance[d]) * along[:, d]
        ends = np.stack([middle - reach, middle + reach])
        name = say("figure.principal_direction").format(number=d + 1)
        traces.append(theme.line(ends[:, 0], ends[:, 1], role, name, line={"width": 4}, hoverinfo="skip"))
        traces[-1].showlegend = True
    traces[0].showlegend = False
    low, high = extent(x)
    across = {
        "scaleanchor": "x",
        "title": {"text": "x2"},
        "zeroline": False,
        "range": [float(low[1]), float(high[1])],
    }
    return theme.figure(traces, **plane(x, "directions") | {"yaxis": across, "showlegend": True})
