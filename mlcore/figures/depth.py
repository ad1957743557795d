"""Networks over their depth: what they cost, how large their signals are, and saw-teeth and the square."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from mlcore.depth import sawtooth
from mlcore.depth.depth_signals import Sizes
from mlcore.depth.depths import DEPTHS, KINDS, Depth
from mlcore.figures import signal, theme
from mlcore.figures.theme import CHANCE, MODEL, TRUTH, Role
from mlcore.figures.words import Say, english

SMOOTH = 1024  # parts of [0, 1] of which curves are drawn
NOTHING = 1e-7  # costs below are drawn here: in float32 they are rounding
ROLES = {kind: theme.of_class(k) for k, kind in enumerate(KINDS)}


def name(kind: str, say: Say) -> str:
    return say(f"figure.kind_{kind}")


def costs(parts: Sequence[Depth], of: str, say: Say = english) -> go.Figure:
    """The `train` or `test` cost in the end over depth, for each kind of network that there is.

    Traces: 0 chance, dotted; then two a kind: the middle half of the seeds, their median.
    """
    level = parts[0].chance
    traces = [theme.line(DEPTHS, [level] * len(DEPTHS), CHANCE, say("figure.chance"), hoverinfo="skip")]
    drawn = [level]
    for kind in [kind for kind in KINDS if any(part.kind == kind for part in parts)]:
        own = [part for part in parts if part.kind == kind]
        cost = np.stack([getattr(part, of) for part in own])
        # not between two seeds: one of them may be infinite
        low, median, high = np.quantile(cost, [0.25, 0.5, 0.75], axis=1, method="nearest").clip(NOTHING)
        depth, role, group = [part.depth for part in own], ROLES[kind], {"legendgroup": kind}
        called = name(kind, say)
        traces.append(theme.band(depth, low, high, role.color, called, showlegend=False, **group))
        line = theme.line(depth, theme.drawable(median, log=True), role, called, **group)
        traces.append(line.update(mode="lines+markers", marker={"symbol": role.symbol, "size": 9}))
        drawn += [*low, *high]
    pad = 0.07
    ends = np.log10([DEPTHS[0], DEPTHS[-1]])
    ticks = {"tickvals": list(DEPTHS), "ticktext": [str(depth) for depth in DEPTHS]}
    xaxis = {"title": {"text": say("figure.hidden_layers")}, "type": "log", **ticks}
    yaxis = {"title": {"text": say(f"figure.{of}_cost_end")}, **theme.log_axis(drawn)}
    reach = [float(ends[0] - pad), float(ends[1] + pad)]
    return theme.figure(traces, xaxis=xaxis | {"range": reach}, yaxis=yaxis, uirevision=f"depth {of}")


def sizes(found: Sequence[Sizes], say: Say = english) -> tuple[go.Figure, go.Figure]:
    """Mean squares of h_l and of its gradient over layers 1 to L, as in `signal.layers`."""
    signals = {name(one.kind, say): (one.signal, one.signal_theory) for one in found}
    gradients = {name(one.kind, say): (one.gradient, one.gradient_theory) for one in found}
    return (
        signal.layers(signals, 1, say("figure.signal"), say),
        signal.layers(gradients, 1, say("figure.state_gradient"), say),
    )


def saw(layers: int, say: Say = english) -> go.Figure:
    """The tent composed L times. Traces: 0 the function."""
    x = np.linspace(0, 1, 2**layers + 1)  # the ends of all pieces
    line = theme.line(x, sawtooth.values(sawtooth.deep(layers), x), MODEL, "g", showlegend=False)
    return _unit(line.update(line={"simplify": False}), "g<sub>L</sub>(x)", "saw")


def needed(layers: int, say: Say = english) -> go.Figure:
    """Hidden units over L. Traces: 0 one hidden layer, 1 the deep network. Shapes: the chosen L."""
    depth = np.arange(1, sawtooth.DEEPEST + 1)
    counts = np.array([sawtooth.units(int(d)) for d in depth])
    marks = {"mode": "lines+markers"}
    one, deep = theme.of_class(1), theme.of_class(0)
    wide = theme.line(depth, counts[:, 1], one, say("figure.one_layer_least"))
    narrow = theme.line(depth, counts[:, 0], deep, say("figure.deep_units"))
    traces = [
        line.update(marker={"symbol": role.symbol, "size": 9}, **marks)
        for line, role in ((wide, one), (narrow, deep))
    ]
    xaxis = {"title": {"text": say("figure.layers_l")}, "dtick": 1, "range": [0.6, sawtooth.DEEPEST + 0.4]}
    yaxis = {"title": {"text": say("figure.hidden_units")}, **theme.log_axis(counts[:, :2])}
    cursor = [theme.cursor(layers)]
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, shapes=cursor, uirevision="needed")


def square(terms: int, say: Say = english) -> go.Figure:
    """x^2 and the sum of composed tents. Traces: 0 the square, 1 the sum."""
    x = np.linspace(0, 1, 257)
    ends = np.linspace(0, 1, 2**terms + 1)
    true = theme.line(x, x * x, TRUTH, "x²", line={"width": 4})
    found = theme.line(ends, sawtooth.square(terms, ends), MODEL, "f<sub>m</sub>(x)")
    return _unit([true, found], "y", "square")


def errors(terms: int, say: Say = english) -> go.Figure:
    """By how much the sum lies above x^2. Traces: 0 the difference, 1 the bound 2^(-2m-2)."""
    x = np.linspace(0, 1, max(SMOOTH, 4 * 2**terms) + 1)  # the middles of all pieces among them
    above, top = sawtooth.square(terms, x) - x * x, float(sawtooth.bound(terms))
    difference = theme.line(x, above, Role(MODEL.color), "f<sub>m</sub>(x) − x²")
    bound = theme.line([0, 1], [top, top], CHANCE, "2<sup>−2m−2</sup>", hoverinfo="skip")
    xaxis = {"title": {"text": "x"}, "range": [0, 1]}
    yaxis = {"title": {"text": "y − x²"}, "range": [-0.05 * top, 1.15 * top], "exponentformat": "power"}
    return theme.figure([difference, bound], xaxis=xaxis, yaxis=yaxis, uirevision=f"errors {terms}")


def _unit(traces: go.Scatter | Sequence[go.Scatter], title: str, kept: str) -> go.Figure:
    listed = [traces] if isinstance(traces, go.Scatter) else list(traces)
    xaxis = {"title": {"text": "x"}, "range": [-0.02, 1.02]}
    yaxis = {"title": {"text": title}, "range": [-0.04, 1.06]}
    return theme.figure(listed, xaxis=xaxis, yaxis=yaxis, uirevision=kept)
