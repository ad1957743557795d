"""An expression's graph: operations as circles, values above them, gradients below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mlcore.backpropagation.folding import folded
from mlcore.backpropagation.graph import Edge, Graph
from mlcore.backpropagation.layout import Layout, Point, layered
from mlcore.backpropagation.moves import Way
from mlcore.backpropagation.sweeps import Moment, short
from mlcore.figures import theme
from mlcore.figures.contrast import deep
from mlcore.figures.theme import CHANCE, COLORS, Role
from mlcore.figures.words import Say, english

EDGES, LIT, NODES, NAMES, VALUES, GRADIENTS, LOCALS = range(7)  # the traces
VALUE, GRADIENT, WAITING = COLORS[0], COLORS[1], CHANCE.color
LIGHT, EDGE = "#e5b700", Role(CHANCE.color)  # what is looked at; a solid line
SIGNS = {"*": "×", "/": "÷", "-": "−", "negative": "−", "sigmoid": "σ"}
BLANK = "\u200b"  # no width, and a text: where one is empty, Plotly gives up its place for good
LETTER, SMALLEST = 0.56, 12  # the width of a digit, in heights of the type; type on a phone, in pixels
OFF, CLOSE = 0.35, 0.3  # of a node and what stands above it, of texts that may meet: how far apart, in rows
SHARES, ABOVE, HIGH = (
    (0.5, 0.4, 0.6, 0.3, 0.7),
    0.12,
    0.22,
)  # of a leg; a text on it, and how high one is, in rows
ASIDE = 0.15  # how far two edges between the same nodes are apart


@dataclass(frozen=True)
class Frame:
    """What changes from moment to moment: T of each."""

    values: list[list[str]]  # [T, n]
    gradients: list[list[str]]  # [T, n]
    colors: list[list[str]]  # [T, n]
    rims: list[list[str]]  # [T, n]
    lit: tuple[np.ndarray, np.ndarray]  # x, y [T, L]
    locals: list[list[str]]  # [T, E]


@dataclass(frozen=True)
class Room:
    """What a drawing needs: rows of nodes, and a width in heights of its type."""

    rows: float
    width: float


def placed(graph: Graph) -> Layout:
    return folded(layered(len(graph.steps), [(edge.tail, edge.head) for edge in graph.edges]))


def drawing(
    graph: Graph, layout: Layout, below: Sequence[float] | None = None, lit: Sequence[Edge] = ()
) -> go.Figure:
    """The whole graph after both sweeps, or with other numbers [n] below its nodes; some edges lit.

    Traces: 0 edges, 1 those that are lit, 2 nodes, 3 what they are, 4 values, 5 gradients, 6 local
    derivatives of the edges that are lit.
    """
    ways = routes(graph, layout)
    lines = list(ways.values())
    legs = dict.fromkeys(leg for line in lines for leg in pairwise(line))  # each once
    xy, bright = joined(list(legs)), joined([ways[edge] for edge in lit])
    x, y = np.array(layout.places).T
    names = [label(graph, i) for i in range(len(graph.steps))]
    size = circles(graph)
    final = frames(
        graph, layout, [Moment(len(names), frozenset(i for i, s in enumerate(graph.steps) if s.moves))]
    )
    under = final.gradients[0]
    if below is not None:
        under = [short(v) if step.moves else BLANK for v, step in zip(below, graph.steps, strict=True)]
    quiet: dict[str, Any] = {"hoverinfo": "skip", "showlegend": False, "cliponaxis": False}
    look = {
        "size": size,
        "color": final.colors[0],
        "line": {"color": final.rims[0], "width": 3},
        "opacity": 1,
    }
    middle = _spots(graph, layout, lines)
    traces = [
        theme.line(
            xy[:, 0], xy[:, 1], EDGE, "", line={"color": theme.rgba(WAITING, 0.7), "width": 1.5}, **quiet
        ),
        theme.line(bright[:, 0], bright[:, 1], EDGE, "", line={"color": LIGHT, "width": 4}, **quiet),
        go.Scatter(
            x=theme.array(x), y=theme.array(y), mode="markers", marker=look, **quiet | {"hoverinfo": "none"}
        ),
        labels(x, y, names, "middle center", color="#ffffff"),
        labels(x, y, final.values[0], "top center", shift=size),
        labels(x, y, under, "bottom center", shift=size, color=GRADIENT),
        labels(middle[:, 0], middle[:, 1], final.locals[0], "top center", color=GRADIENT),
    ]
    hidden = {"visible": False, "fixedrange": True}
    heights = np.array([y for route in (*lines, layout.places) for _, y in route])
    low, high = heights.min(), heights.max()
    xaxis = {"range": _ends(layout), **hidden}
    yaxis = {"range": [low - 0.6, high + 0.6], **hidden}
    return theme.figure(
        traces, xaxis=xaxis, yaxis=yaxis, showlegend=False, uirevision="graph",
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
    )  # fmt: skip


def _ends(layout: Layout) -> tuple[float, float]:
    """From where to where a drawing goes, in layers."""
    x = [x for route in (layout.places, *layout.routes.values()) for x, _ in route]
    return min(-0.5, min(x) - 0.05), max(layout.layers - 0.5, max(x) + 0.05)


def frames(graph: Graph, layout: Layout, moments: Sequence[Moment]) -> Frame:
    n, lines = len(graph.steps), routes(graph, layout)
    longest = max([1, *(sum(len(lines[e]) + 1 for e in moment.edges) for moment in moments)])
    x, y = (np.full((len(moments), longest), np.nan, np.float32) for _ in range(2))
    found = Frame([], [], [], [], (x, y), [])
    for t, moment in enumerate(moments):
        if moment.edges:
            xy = joined([lines[edge] for edge in moment.edges])
            x[t, : len(xy)], y[t, : len(xy)] = xy.T
        known = [i < moment.valued or not graph.steps[i].parts for i in range(n)]
        found.values.append(
            [short(graph.values[i]) if known[i] and _told(graph, i) else BLANK for i in range(n)]
        )
        found.gradients.append([short(graph.gradient[i]) if i in moment.graded else BLANK for i in range(n)])
        found.colors.append([color(graph, i, known[i], i in moment.graded) for i in range(n)])
        found.rims.append([LIGHT if i == moment.node else "rgba(0,0,0,0)" for i in range(n)])
        shown = moment.edges if moment.backward else ()
        found.locals.append([short(e.local) if e in shown else BLANK for e in graph.edges])
    return found


def outputs(way: Way, say: Say = english) -> go.Figure:
    """The output over the steps of a descent. Trace: 0."""
    steps, values = range(len(way.outputs)), theme.followed(way.outputs)
    traces = [theme.line(steps, values, Role(VALUE), say("figure.output"))]
    xaxis, yaxis = ({"title": {"text": say(f"figure.{name}")}} for name in ("step", "output"))
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, showlegend=False, uirevision="descent")


def _told(graph: Graph, i: int) -> bool:
    """A number says in its circle what it is."""
    return bool(graph.steps[i].parts or graph.steps[i].name)


def color(graph: Graph, i: int, valued: bool, graded: bool) -> str:
    if graded:
        return deep(GRADIENT)
    return deep(VALUE if valued and graph.steps[i].moves else WAITING)


def label(graph: Graph, i: int) -> str:
    step = graph.steps[i]
    return SIGNS.get(step.name, step.name) if step.parts else graph.symbols[i]


def routes(graph: Graph, layout: Layout) -> dict[Edge, list[Point]]:
    """The line of every edge; the second of two between the same nodes goes a little aside."""
    found: dict[Edge, list[Point]] = {}
    for edge in graph.edges:
        route = list(layout.routes[edge.tail, edge.head])
        if edge.place and graph.steps[edge.head].parts[0] == edge.tail:
            (a, b), (c, d) = route[:2]
            route.insert(1, ((a + c) / 2, (b + d) / 2 + ASIDE))
        found[edge] = route
    return found


def _spots(graph: Graph, layout: Layout, lines: Sequence[Sequence[Point]]) -> np.ndarray:
    """Where the local derivatives of the edges stand: on the last leg of each, which it shares with no other
    edge, and of some places there where they cover least of other texts: [E, 2]."""
    if not lines:
        return np.empty((0, 2))
    legs = np.array([line[-2:] for line in lines])  # [E, 2, 2]
    spots = legs[:, :1] + np.array(SHARES)[:, None] * (legs[:, 1:] - legs[:, :1])  # [E, S, 2]
    texts = _texts(graph, layout, graph.gradient)
    x, y = np.array([text[:2] for text in texts]).T
    left, right = _ends(layout)
    wide = LETTER * (np.array([[len(short(edge.local))] for edge in graph.edges])
                     + [len(text) for *_, text in texts]) / 2  # fmt: skip
    across = room(graph, layout).width / (right - left) * np.abs(spots[..., :1] - x)  # [E, S, N]
    down = np.abs(spots[..., 1:] + ABOVE - y)
    covered = np.clip(wide[:, None] - across, 0, None) * np.clip(HIGH - down, 0, None)
    chosen: np.ndarray = spots[np.arange(len(lines)), covered.sum(-1).argmin(-1)]
    return chosen


def circles(graph: Graph) -> list[int]:
    """[n] how large the nodes are drawn, in pixels."""
    names = [label(graph, i) for i in range(len(graph.steps))]
    return [max(38 if _told(graph, i) else 24, 10 + 9 * len(name)) for i, name in enumerate(names)]


def _texts(graph: Graph, layout: Layout, *below: Sequence[float]) -> list[tuple[float, float, str]]:
    """What stands in the circles, above and below them, the longest of several, and where: x, y, text."""
    texts = [(x, y, label(graph, i)) for i, (x, y) in enumerate(layout.places)]
    for i, (x, y) in enumerate(layout.places):
        if _told(graph, i):
            texts.append((x, y + OFF, short(graph.values[i])))
        if graph.steps[i].moves:
            texts.append((x, y - OFF, max((short(some[i]) for some in below), key=len)))
    return texts


def room(graph: Graph, layout: Layout, *below: Sequence[float]) -> Room:
    """What a drawing needs for its texts to stand apart, with any of these numbers [n] below its nodes."""
    texts = _texts(graph, layout, *below or (graph.gradient,))
    x, y = np.array([text[:2] for text in texts]).T
    size = LETTER * np.array([len(text) for *_, text in texts])
    size[: len(graph.steps)] = np.array(circles(graph)) / SMALLEST
    apart = x[:, None] - x
    beside = (np.abs(y[:, None] - y) < CLOSE) & (apart > 0.01)
    layer = ((size[:, None] + size) / 2 + LETTER)[beside] / apart[beside]  # which such a pair asks for
    left, right = _ends(layout)
    return Room(layout.rows, float(layer.max(initial=1) * (right - left)))


def joined(lines: Sequence[Sequence[Point]]) -> np.ndarray:
    """Lines in a row, gaps between them: [L, 2]."""
    gap = [(np.nan, np.nan)]
    return np.array([point for one in lines for point in (*one, *gap)] or gap, np.float32)


def labels(x: Any, y: Any, text: list[str], place: str, shift: Any = None, **font: Any) -> go.Scatter:
    """Words beside invisible marks as large as the nodes, so that they stand off by their radius."""
    marker = {"size": shift if shift is not None else 4, "color": "rgba(0,0,0,0)", "line": {"width": 0}}
    return go.Scatter(
        x=theme.array(x), y=theme.array(y), mode="markers+text", text=text, textposition=place,
        textfont=font, marker=marker, hoverinfo="skip", showlegend=False, cliponaxis=False,
    )  # fmt: skip
