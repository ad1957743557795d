"""A network as units and connections, drawn from its weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from torch import Tensor

from mlcore.families.networks import Network
from mlcore.figures import theme
from mlcore.figures.theme import CHANCE, COLORS, MODEL, SHORT, TEST, TRAIN, Role
from mlcore.figures.words import Say, english
from mlcore.files.escape import plotly as escape

MOST_UNITS = 9  # of a layer; more are drawn as its first and last units with dots between
STRENGTHS = (
    (0.0, 0.25, 1.0, 0.35),
    (0.25, 0.6, 1.6, 0.6),
    (0.6, 1.01, 2.8, 0.9),
)  # |w| / max |w|, width, alpha
SIGNS = {"zero": CHANCE, "positive": Role(COLORS[1]), "negative": Role(COLORS[0], "dot")}
Places = list[tuple[int, float]]  # unit, height


def drawing(
    network: Network, row: Tensor, inputs: Sequence[str], outputs: Sequence[str], say: Say = english
) -> Any:
    """The network with the weights of theta [P]: thick where |w| is large within its layer.

    Traces: nine kinds of connections (zero, positive, negative, by strength), the biases' units, inputs,
    hidden units and outputs; dots for units left out, the names of inputs and outputs, shapes, sizes.
    """
    columns = [places(size) for size in network.sizes]
    top = max(height for column in columns for _, height in column) + 1  # where the biases' units stand
    blocks = [block.numpy() for block in network.blocks(row)]
    traces = [*connections(blocks, columns, top, say), *units(columns, top, say)]
    last = len(columns) - 1
    floor = -top - 0.6
    cut = [x for x, size in enumerate(network.sizes) if size > MOST_UNITS]
    traces.append(_text(cut, [0] * len(cut), ["⋮"] * len(cut), textposition="middle center"))
    aside = 0.035 * (last + 1)  # from a unit to its name
    for x, at, names, side in ((0, -aside, inputs, "left"), (last, last + aside, outputs, "right")):
        said = [escape(names[unit], SHORT) for unit, _ in columns[x]]
        heights = [height for _, height in columns[x]]
        traces.append(_text([at] * len(said), heights, said, textposition=f"middle {side}"))
    shapes = [f"{a} × {b}<br>{a * b:,}" for a, b in network.shapes]
    heights = [top + 0.9 + 0.9 * (len(shapes) > 4) * (k % 2) for k in range(len(shapes))]
    traces.append(_text(np.arange(len(shapes)) + 0.5, heights, shapes, textposition="top center"))
    middle_names = [say("figure.hidden").format(number=k) for k in range(1, last)]
    names = [say("figure.input"), *middle_names, say("figure.output")]
    said = [f"{name}<br>{size}" for name, size in zip(names, network.sizes, strict=True)]
    lower = [floor - 0.9 * (last > 3) * (k % 2) for k in range(last + 1)]
    traces.append(_text(np.arange(last + 1), lower, said, textposition="bottom center"))
    hidden = {"visible": False, "fixedrange": True}
    room = 0.75 if any(len(name) > 4 for name in (*inputs, *outputs)) else 0.45
    xaxis = {"range": [-room, last + room], **hidden}
    yaxis = {"range": [min(lower) - 1.3, max(heights) + 1.9], **hidden}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision=f"network {network.sizes}")


def places(size: int) -> Places:
    """Which units of a layer are drawn, and how high, around 0."""
    if size <= MOST_UNITS:
        return [(unit, (size - 1) / 2 - unit) for unit in range(size)]
    half = MOST_UNITS // 2
    return [(unit, half - unit) for unit in range(half)] + [
        (size - half + k, -1.0 - k) for k in range(half)
    ]  # fmt: skip


def connections(blocks: Sequence[NDArray[Any]], columns: Sequence[Places], top: float, say: Say) -> list[Any]:
    """One trace for each sign and strength: its lines in a row, gaps between them."""
    lines: dict[tuple[str, int], list[tuple[float, float]]] = {
        (sign, level): [] for sign in SIGNS for level in range(len(STRENGTHS))
    }
    for k, block in enumerate(blocks):
        most = float(np.abs(block).max()) or 1.0
        bias = len(block) - 1
        for unit, height in (*columns[k], (bias, top)):
            for above, end in columns[k + 1]:
                share = float(block[unit, above]) / most
                level = next(i for i, (low, high, _, _) in enumerate(STRENGTHS) if low <= abs(share) < high)
                sign = "negative" if share < 0 else "positive" if share > 0 else "zero"
                lines[sign, level] += [(k, height), (k + 1, end), (np.nan, np.nan)]
    traces = []
    for (sign, level), ends in lines.items():
        _, _, width, alpha = STRENGTHS[level]
        xy = np.array(ends or [(np.nan, np.nan)])
        look = {"color": theme.rgba(SIGNS[sign].color, alpha), "width": width}
        keyed = sign != "zero" and level == len(STRENGTHS) - 1
        name = "" if sign == "zero" else say(f"figure.weight_{sign}")
        told = {"legendgroup": sign, "showlegend": keyed, "hoverinfo": "skip"}
        traces.append(theme.line(xy[:, 0], xy[:, 1], SIGNS[sign], name, line=look, **told))
    return traces


def units(columns: Sequence[Places], top: float, say: Say) -> list[Any]:
    """The constant 1 that multiplies the biases, inputs, hidden units, outputs."""
    last = len(columns) - 1
    everywhere: list[tuple[float, float]] = [
        (x, height) for x, column in enumerate(columns) for _, height in column
    ]
    groups: dict[str, tuple[Role, list[tuple[float, float]]]] = {
        "bias_unit": (Role(CHANCE.color, symbol="square"), [(x, top) for x in range(last)]),
        "input": (Role(TRAIN.color), [spot for spot in everywhere if spot[0] == 0]),
        "unit": (Role(MODEL.color), [spot for spot in everywhere if 0 < spot[0] < last]),
        "output": (Role(TEST.color, symbol="diamond"), [spot for spot in everywhere if spot[0] == last]),
    }
    marks = []
    for name, (role, spots) in groups.items():
        xy = np.array(spots or [(np.nan, np.nan)])
        look: dict[str, Any] = {"marker": {"size": 13}, "hoverinfo": "skip", "showlegend": bool(spots)}
        marks.append(theme.points(xy[:, 0], xy[:, 1], role, say(f"figure.{name}"), **look))
    return marks


def _text(x: Any, y: Any, text: list[str], **more: Any) -> go.Scatter:
    quiet = {"hoverinfo": "skip", "showlegend": False, "cliponaxis": False}
    return go.Scatter(x=theme.array(x), y=theme.array(y), mode="text", text=text, **quiet, **more)
