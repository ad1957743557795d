"""A network as a graph of matrices, a layer a row: sizes above the nodes, those of gradients below."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go

from mlcore.backpropagation.layout import Point
from mlcore.backpropagation.matrices import Moment, Pass
from mlcore.backpropagation.sweeps import short
from mlcore.figures import theme
from mlcore.figures.contrast import deep
from mlcore.figures.graph import BLANK, EDGE, GRADIENT, LIGHT, VALUE, WAITING, Frame, joined, labels
from mlcore.figures.theme import Role
from mlcore.figures.words import Say, english

Node = tuple[str, int]  # what it holds, and of which layer
EDGES, LIT, NODES, NAMES, VALUES, GRADIENTS, SHAPES = range(7)  # the traces
MOST = 9  # layers that are drawn; of more, the first and the last FEW
FEW = 4
GAP: Node = ("gap", 0)
BACK = ("delta", "slope", "gradient")  # what is written on the way back
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def named(what: str, layer: int) -> str:
    """z₁ of ("z", 1); h₀ is called x."""
    if (what, layer) == ("h", 0):
        return "x"
    letter = {"delta": "δ", "gap": "⋮", "cost": "C"}.get(what, what)
    return letter + str(layer).translate(SUBSCRIPTS) if layer else letter


@dataclass(frozen=True)
class Plan:
    """Where the nodes of a network stand: h_(l-1), z_l and W_l in a row, the next layer below."""

    widths: tuple[int, ...]
    examples: int

    @cached_property
    def drawn(self) -> tuple[int, ...]:
        """The layers that have a row, and 0 for the gap between them."""
        last = len(self.widths) - 1
        every = tuple(range(1, last + 1))
        return every if last <= MOST else (*every[:FEW], 0, *every[-FEW:])

    @cached_property
    def places(self) -> dict[Node, Point]:
        found: dict[Node, Point] = {}
        for row, k in enumerate(self.drawn):
            cells: dict[Node, float] = {GAP: 0.0}
            if k:
                cells = {("h", k - 1): 0.0, ("z", k): 1.0, ("W", k): 2.0}
            found |= {node: (x, -float(row)) for node, x in cells.items()}
        below = -float(len(self.drawn))
        return found | {("cost", 0): (0.0, below), ("y", 0): (1.0, below)}

    @property
    def rows(self) -> int:
        return len(self.drawn) + 1

    @cached_property
    def edges(self) -> dict[tuple[Node, Node], tuple[int, ...]]:
        """From node to node, with the shape of what goes along; those within the gap are left out."""
        last, B = len(self.widths) - 1, self.examples
        found: dict[tuple[Node, Node], tuple[int, ...]] = {}
        for k, (a, b) in enumerate(pairwise(self.widths), 1):
            found[("h", k - 1), ("z", k)] = (B, a + 1)
            found[("W", k), ("z", k)] = (a + 1, b)
            if k < last:
                found[("z", k), ("h", k)] = (B, b)
        found[("z", last), ("cost", 0)] = found[("y", 0), ("cost", 0)] = (B, self.widths[-1])
        ends = ((self.seen(a), self.seen(b), shape) for (a, b), shape in found.items())
        return {(a, b): shape for a, b, shape in ends if a != b}

    def seen(self, node: Node) -> Node:
        """The node itself, or the gap that stands for it."""
        return node if node in self.places else GAP

    def line(self, edge: tuple[Node, Node]) -> tuple[Point, Point]:
        return self.places[edge[0]], self.places[edge[1]]


def plan(found: Pass) -> Plan:
    return Plan(found.widths, found.examples)


def drawing(found: Pass) -> go.Figure:
    """The network after both passes.

    Traces: 0 edges, 1 those that are lit, 2 nodes, 3 what they are, 4 sizes, 5 sizes of gradients, 6 shapes.
    """
    where = plan(found)
    nodes, lines = list(where.places), [where.line(edge) for edge in where.edges]
    x, y = np.array(list(where.places.values())).T
    names = [named(*node) for node in nodes]
    size = [max(38, 10 + 9 * len(name)) for name in names]
    final = frames(found)
    xy, middle = joined(lines), np.array([np.mean(line, axis=0) for line in lines])
    quiet = {"hoverinfo": "skip", "showlegend": False, "cliponaxis": False}
    gray = {"color": theme.rgba(WAITING, 0.7), "width": 1.5}
    look = {
        "size": size,
        "color": final.colors[-1],
        "line": {"color": final.rims[-1], "width": 3},
        "opacity": 1,
    }
    output = ("z", found.layers), ("cost", 0)
    told = [("ŷ " if edge == output else "") + str(list(shape)) for edge, shape in where.edges.items()]
    shapes = labels(middle[:, 0], middle[:, 1], told, "top center")
    traces = [
        theme.line(xy[:, 0], xy[:, 1], EDGE, "", line=gray, **quiet),
        theme.line(final.lit[0][-1], final.lit[1][-1], EDGE, "", line={"color": LIGHT, "width": 4}, **quiet),
        go.Scatter(x=theme.array(x), y=theme.array(y), mode="markers", marker=look, **quiet),
        labels(x, y, names, "middle center", color="#ffffff"),
        labels(x, y, final.values[-1], "top center", shift=size),
        labels(x, y, final.gradients[-1], "bottom center", shift=size, color=GRADIENT),
        shapes.update(textposition=[_beside(*line) for line in lines]),
    ]
    hidden = {"visible": False, "fixedrange": True}
    xaxis = {"range": [-0.5, 2.5], **hidden}
    yaxis = {"range": [0.4 - where.rows, 0.6], **hidden}
    return theme.figure(
        traces, xaxis=xaxis, yaxis=yaxis, showlegend=False, uirevision="matrices",
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
    )  # fmt: skip


def _beside(tail: Point, head: Point) -> str:
    """Where the shape of an edge stands, so that the line does not cross it."""
    if tail[0] == head[0]:
        return "middle right"
    return "top center" if tail[1] == head[1] else "top left"


def frames(found: Pass) -> Frame:
    """What changes from moment to moment."""
    stand, moments = plan(found), found.moments
    nodes, edges = list(stand.places), list(stand.edges)
    x, y = (np.full((len(moments), 9), np.nan, np.float32) for _ in range(2))  # three lines at most
    seen = Frame([], [], [], [], (x, y), [])
    valued = {node for node in nodes if node[0] in ("W", "y")}
    graded: set[Node] = set()
    for t, moment in enumerate(moments):
        where, lit = touched(stand, found.layers, moment)
        (graded if moment.what in BACK else valued).update(where)
        if moment.what in BACK:
            graded.add(("cost", 0))
        xy = joined([stand.line(edge) for edge in edges if edge in lit])
        x[t, : len(xy)], y[t, : len(xy)] = xy.T
        seen.values.append([size(found, node) if node in valued else BLANK for node in nodes])
        seen.gradients.append([slope(found, node) if node in graded else BLANK for node in nodes])
        seen.colors.append([_color(node, node in valued, node in graded) for node in nodes])
        seen.rims.append([LIGHT if node in where else "rgba(0,0,0,0)" for node in nodes])
    return seen


def touched(stand: Plan, last: int, moment: Moment) -> tuple[set[Node], set[tuple[Node, Node]]]:
    """The nodes that a moment writes, and the edges that it looks along."""
    _, what, k = moment
    h, z, W, top, end = ("h", k - 1), ("z", k), ("W", k), ("z", last), ("cost", 0)
    above: Node = ("z", k + 1)
    nodes, edges = {
        "x": ([("h", 0)], []),
        "z": ([z], [(h, z), (W, z)]),
        "h": ([("h", k)], [(z, ("h", k))]),
        "cost": ([end], [(top, end), (("y", 0), end)]),
        "delta": (
            [z],
            [(z, ("h", k)), (("h", k), above), (("W", k + 1), above)] if k < last else [(top, end)],
        ),
        "slope": ([W], [(h, z), (W, z)]),
        "gradient": ([("W", j) for j in range(1, last + 1)], []),
    }[what]
    return {stand.seen(node) for node in nodes}, {(stand.seen(a), stand.seen(b)) for a, b in edges}


def size(found: Pass, node: Node) -> str:
    """Above a node: the root mean square of its numbers, or the cost."""
    what, k = node
    if what == "gap":
        return BLANK
    values = {"h": found.sizes.h[k : k + 1], "y": (found.target,), "cost": (found.cost,)}
    values |= {"z": found.sizes.z[k - 1 : k], "W": found.sizes.W[k - 1 : k]}
    return short(values[what][0])


def slope(found: Pass, node: Node) -> str:
    """Below a node: the root mean square of what is computed of d cost / d node."""
    what, k = node
    values = {"z": found.sizes.delta[k - 1 : k], "W": found.sizes.slope[k - 1 : k], "cost": (1.0,)}
    return short(values[what][0]) if what in values else BLANK


def _color(node: Node, valued: bool, graded: bool) -> str:
    if node[0] in ("y", "gap") or node == ("h", 0):
        return deep(WAITING)  # data
    return deep(GRADIENT if graded else VALUE if valued else WAITING)


def told(found: Pass, moment: Moment) -> str:
    """z₁ = [x, 1] W₁: [32, 3] · [3, 16] → [32, 16], rms 0.93: a line in signs, shapes and sizes."""
    what, k, last, B, rms = moment.what, moment.layer, found.layers, found.examples, found.sizes
    a, b = found.widths[max(k - 1, 0)], found.widths[k]
    h, z, d, W = named("h", max(k - 1, 0)), named("z", k), named("delta", k), named("W", k)
    if what == "x":
        return f"x: [{B}, {found.widths[0]}], rms {short(rms.h[0])}"
    if what == "z":
        return f"{z} = [{h}, 1] {W}: [{B}, {a + 1}] · [{a + 1}, {b}] → [{B}, {b}], rms {short(rms.z[k - 1])}"
    if what == "h":
        return f"{named('h', k)} = f({z}): [{B}, {b}], rms {short(rms.h[k])}"
    if what == "cost":
        return f"ŷ = {named('z', last)}: [{B}, {found.widths[-1]}], C = {short(found.cost)}"
    if what == "slope":
        return (
            f"∂C/∂{W} = [{h}, 1]ᵀ {d}: [{a + 1}, {B}] · [{B}, {b}] → [{a + 1}, {b}], "
            f"rms {short(rms.slope[k - 1])}, ‖·‖ {short(rms.norm[k - 1])}"
        )
    if what == "delta" and k == last:
        return f"{d} = ∂C/∂{z}: [{B}, {b}], rms {short(rms.delta[k - 1])}"
    if what == "delta":
        c, next_W = found.widths[k + 1], named("W", k + 1)
        return (
            f"{d} = ({named('delta', k + 1)} {next_W}ᵀ) ⊙ f′({z}): [{B}, {c}] · [{c}, {b}] → [{B}, {b}], "
            f"rms {short(rms.delta[k - 1])}"
        )
    total = sum((m + 1) * n for m, n in pairwise(found.widths))
    parts = dict.fromkeys(f"∂C/∂{named('W', j)}" for j in (1, last))
    return f"∂C/∂θ = ({', …, '.join(parts)}): [{total}], ‖·‖ {short(found.norm)}"


def layers(found: Pass, say: Say = english) -> go.Figure:
    """Sizes over the layers 1 to L. Traces: 0 z, 1 delta, 2 the gradient of W."""
    x = np.arange(1, found.layers + 1)
    rows = {"z": found.sizes.z, "δ": found.sizes.delta, "∂C/∂W": found.sizes.slope}
    looks = (Role(VALUE, "dot", "square"), Role(GRADIENT, "dash", "diamond"), Role(GRADIENT))
    traces = []
    for (name, values), role in zip(rows.items(), looks, strict=True):
        one = theme.line(x, theme.drawable(values, log=True), role, name)
        traces.append(one.update(mode="lines+markers", marker={"symbol": role.symbol, "size": 8}))
    every = np.concatenate([np.asarray(values) for values in rows.values()])
    xaxis = {"title": {"text": say("figure.depth")}, "dtick": max(1, -(-found.layers // 10))}
    yaxis = {"title": {"text": say("figure.rms")}, **theme.log_axis(every)}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="sizes")
