"""The gradient along a chain of layers, network by network, and the factors that make it."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from mlcore.backpropagation.products import FLOATS, Products
from mlcore.figures import theme
from mlcore.figures.theme import COLORS, GRAY, Role
from mlcore.figures.words import Say, english

MEASURED, MULTIPLIED, BOUND = Role(COLORS[0]), Role(COLORS[1], "dash", "diamond"), Role(GRAY, "dot")
FIRST = Role(COLORS[2], "solid", "square")
SMALLEST = 1e-37  # of the numbers that a float32 knows, by which other axes are set
SIZE = "|∂h<sub>L</sub> / ∂h<sub>l</sub>|"


def along(found: Products, say: Say = english) -> go.Figure:
    """|d h_L / d h_l| over the layers 0 to L.

    Traces: 0 every network, 1 their median, 2 the first network, 3 its product by hand, 4 the median bound.
    """
    layer, gap = np.arange(found.measured.shape[1]), np.full((len(found.measured), 1), np.nan)
    rows = np.concatenate([found.measured, gap], axis=1)
    x = np.tile(np.append(layer, np.nan), len(rows))
    thin = {"line": {"width": 1, "color": theme.rgba(MEASURED.color, 0.35)}, "hoverinfo": "skip"}
    median, bound = np.median(found.measured, axis=0), np.median(found.bound, axis=0)
    shown = {"symbol": MULTIPLIED.symbol, "size": 9, "color": MULTIPLIED.color}
    traces = [
        line(x, rows.ravel(), MEASURED, say("figure.functions"), **thin),
        line(layer, median, MEASURED, say("figure.median_network"), line={"width": 3}),
        line(layer, found.measured[0], FIRST, say("figure.first_network")),
        line(layer, found.product[0], MULTIPLIED, say("figure.multiplied")).update(
            mode="markers", marker=shown
        ),
        line(layer, bound, BOUND, say("figure.bound")),
    ]
    return _over_layers(traces, SIZE, (found.measured, bound), "along", say)


def factors(found: Products, say: Say = english) -> go.Figure:
    """What each layer of the first network multiplies its gradient by, over the layers 1 to L.

    Traces: 0 the factor, 1 |W|, 2 its bound, and with one unit a layer 3 the slope f'.
    """
    layer = np.arange(1, found.measured.shape[1])
    rows = [
        (found.factors[0], MEASURED, say("figure.of_layer")),
        (found.norms[0], FIRST, "‖W‖"),
        (found.steepest * found.norms[0], BOUND, "max |f′| · ‖W‖"),
    ]
    if len(found.z):
        rows.append((np.abs(found.slopes), MULTIPLIED, "|f′(z)|"))
    traces: list[Any] = []
    for values, role, name in rows:
        one = line(layer, values, role, name)
        traces.append(one.update(mode="lines+markers", marker={"symbol": role.symbol, "size": 8}))
    seen = [np.ones(1), *(values for values, *_ in rows)]
    return _over_layers(traces, say("figure.factor"), seen, "factors", say)


def line(x: ArrayLike, y: FLOATS, role: Role, name: str, **more: Any) -> go.Scatter:
    """A line as all are, but for numbers that a float32 does not know: through 50 layers come some."""
    return theme.line(x, y, role, name, **more).update(y=positive(y))


def positive(values: FLOATS) -> NDArray[Any]:
    """NaN, a gap, for what has no place on a logarithmic axis."""
    with np.errstate(invalid="ignore"):
        seen = np.where(np.isfinite(values) & (values > 0), values, np.nan)
    return seen if (seen < SMALLEST).any() else theme.array(seen)


def _over_layers(traces: list[Any], title: str, seen: Any, name: str, say: Say) -> go.Figure:
    every = positive(np.concatenate([np.ravel(values) for values in seen]))
    every = every[np.isfinite(every)]
    yaxis: dict[str, Any] = theme.log_axis(every)
    if every.size and every.min() < SMALLEST:
        ends = np.log10([every.min(), every.max()])
        pad = 0.04 * float(ends[1] - ends[0])
        yaxis |= {"range": [float(ends[0]) - pad, float(ends[1]) + pad]}
    layers = len(traces[-1].x)
    xaxis = {"title": {"text": say("figure.depth")}, "dtick": max(1, -(-layers // 10))}
    yaxis |= {"title": {"text": title}}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision=name)
