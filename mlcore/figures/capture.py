"""What recorders and compilers made, and what that costs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mlcore.backpropagation.layout import Layout, layered
from mlcore.capture.cost import Costs
from mlcore.capture.diagrams import Diagram
from mlcore.figures import theme
from mlcore.figures.contrast import deep
from mlcore.figures.graph import joined
from mlcore.figures.theme import CHANCE, COLORS, Role
from mlcore.figures.words import Say, english

KINDS = {"input": COLORS[0], "operation": COLORS[0], "gradient": COLORS[1], "number": CHANCE.color,
         "output": CHANCE.color}  # fmt: skip
SIGNS = {"add": "+", "sub": "−", "mul": "×", "div": "÷", "neg": "−", "pow": "^", "sigmoid": "σ", "gt": ">",
         "ge": "≥", "lt": "<", "le": "≤"}  # fmt: skip
INSIDE = 4  # characters that a circle has room for
WIDE = 38  # pixels of a circle
RUNS = np.logspace(0, 6, 121)


def placed(diagram: Diagram) -> Layout:
    return layered(len(diagram.nodes), diagram.edges)


def drawing(diagram: Diagram, layout: Layout) -> go.Figure:
    """A graph from left to right. Traces: 0 edges, 1 nodes and what they are, 2 names too long for a node."""
    x, y = np.array(layout.places).T
    edges = joined(list(layout.routes.values()))
    names = [SIGNS.get(node.name, node.name) for node in diagram.nodes]
    inside = [name if len(name) <= INSIDE else "" for name in names]
    below = ["" if text else name.replace("_", "<br>") for name, text in zip(names, inside, strict=True)]
    quiet: dict[str, Any] = {"showlegend": False, "cliponaxis": False}
    look = {"size": WIDE, "color": [deep(KINDS[node.kind]) for node in diagram.nodes], "opacity": 1}
    traces = [
        theme.line(
            edges[:, 0], edges[:, 1], Role(theme.rgba(CHANCE.color, 0.7)), "", hoverinfo="skip",
            line={"width": 1.5}, **quiet,
        ),
        go.Scatter(
            x=theme.array(x), y=theme.array(y), mode="markers+text", marker=look, text=inside,
            textfont={"color": "#ffffff"}, textposition="middle center",
            hovertext=[node.words or node.name for node in diagram.nodes], hoverinfo="text", **quiet,
        ),
        go.Scatter(
            x=theme.array(x), y=theme.array(y), mode="markers+text", text=below,
            marker={"size": WIDE, "color": "rgba(0,0,0,0)", "line": {"width": 0}}, hoverinfo="skip",
            textposition="bottom center", **quiet,
        ),
    ]  # fmt: skip
    heights = np.concatenate([y, edges[np.isfinite(edges).all(1), 1]])
    hidden = {"visible": False, "fixedrange": True}
    xaxis = {"range": [-0.5, layout.layers - 0.5], **hidden}
    yaxis = {"range": [heights.min() - 0.7, heights.max() + 0.5], **hidden}
    return theme.figure(
        traces, xaxis=xaxis, yaxis=yaxis, showlegend=False, margin={"l": 0, "r": 0, "t": 0, "b": 0},
        uirevision="capture",
    )  # fmt: skip


def totals(costs: Costs, names: Mapping[str, str], say: Say = english) -> go.Figure:
    """Seconds that building and n runs take together, over n, on logarithmic axes.

    Traces: a line for each way that was measured, named by `names`; then a mark where it crosses eager's.
    """
    measured = [(k, cost) for k, cost in enumerate(costs.ways) if cost.measured]
    lines, marks, seen = [], [], []
    for k, cost in measured:
        total = cost.build + RUNS * cost.run
        seen += [total[0], total[-1]]
        role = theme.of_class(k)
        lines.append(theme.line(RUNS, total, role, names[cost.way]))
        n = costs.pays(cost)
        if math.isfinite(n) and n <= RUNS[-1]:
            mark = theme.points([n], [cost.build + n * cost.run], role, "", marker={"size": 12})
            marks.append(mark.update(showlegend=False, hovertemplate=f"{n:,.0f}<extra></extra>"))
    xaxis = {"title": {"text": say("figure.runs")}, **theme.log_axis(RUNS)}
    yaxis = {"title": {"text": say("figure.seconds")}, **theme.log_axis(seen)}
    return theme.figure([*lines, *marks], xaxis=xaxis, yaxis=yaxis, uirevision="totals")
