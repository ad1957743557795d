"""Universal approximation: a curve built unit by unit, errors over widths, and what lies beyond the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import torch
from numpy.typing import NDArray

from mlcore.depth import approximation as core
from mlcore.depth.approximation import SEEN, WIDTHS, Construction, Curve
from mlcore.depth.approximation_sweep import SweepSpec, Width
from mlcore.depth.approximation_targets import Target
from mlcore.families.activations import ACTIVATIONS
from mlcore.figures import theme
from mlcore.figures.theme import CHANCE, COLORS, MODEL, TRUTH, Role
from mlcore.figures.words import Say, english

FLOATS = NDArray[np.float64]
NETWORK, UNIT, ERROR = 1, 2, 0  # traces that move while units are added
MOST_FRAMES = 65
MOST_HATS = 32  # more would be one gray area
STEPS = Role(COLORS[1], "dash", "square")
LEARNED = Role(COLORS[3], "solid", "diamond")
SOLVED = Role(COLORS[2], "dot", "x")


@dataclass(frozen=True, eq=False)
class Growth:
    """A constructed network of the first k units, for the k of `counts`, over M points."""

    counts: list[int]
    x: FLOATS  # [M]
    target: FLOATS  # [M]
    network: FLOATS  # [T, M]
    unit: FLOATS  # [T, M] what the last of the k units adds


def growth(made: Construction, f: Target) -> Growth:
    counts = sorted({round(k) for k in np.linspace(0, made.units, min(made.units + 1, MOST_FRAMES))})
    cells = made.units * -(-384 // made.units)  # every node is one of the points
    x = torch.linspace(0, 1, cells + 1, dtype=torch.float64)[:, None]
    network = core.answers(made.network, made.grown(counts), x)
    W, c, w, _ = made.weights()
    last = torch.tensor(counts) - 1  # of no unit at all the last adds nothing
    unit = (w[last] * ACTIVATIONS[made.network.activation](x * W[last] + c[last])).T * (last >= 0)[:, None]
    return Growth(counts, x[:, 0].numpy(), f(x).numpy(), network.numpy(), unit.numpy())


def built(made: Construction, grown: Growth, say: Say = english) -> go.Figure:
    """Traces: 0 the target, 1 the network, 2 what its last unit adds, 3 values looked up, 4 the hats."""
    nodes, values = made.nodes.numpy(), made.values.numpy()
    low, high = theme.window(np.concatenate([grown.target, [0.0]]), 0.2)
    traces = [
        theme.line(grown.x, grown.target, TRUTH, say("figure.target")),
        theme.line(grown.x, grown.network[-1], MODEL, say("figure.network")),
        theme.line(grown.x, grown.unit[-1], Role(COLORS[1], "dot"), say("figure.last_unit")),
        theme.points(nodes, values, TRUTH, say("figure.looked_up"), marker={"size": 7}),
    ]
    if made.way == "hats" and made.units <= MOST_HATS:
        each = core.hats(made.nodes, made.values, made.nodes)  # hats have their corners at nodes alone
        x, y = (np.column_stack([v, np.full(len(v), np.nan)]).ravel() for v in
                (np.tile(nodes, (len(nodes), 1)), each.numpy()))  # fmt: skip
        look = {"line": {"width": 1}, "hoverinfo": "skip", "connectgaps": False}
        traces.append(theme.line(x, y, Role(CHANCE.color), say("figure.hats"), **look))
    return theme.figure(
        traces, xaxis=_axis("x", (0, 1)), yaxis=_axis("y", (low, high)), uirevision="approximation built"
    )


def missed(grown: Growth, bound: float | None, say: Say = english) -> go.Figure:
    """The error of the network over x, and the bound on either side. Traces: 0 error, 1 bound."""
    error = grown.network - grown.target
    traces = [theme.line(grown.x, error[-1], MODEL, say("figure.network_error"), hovertemplate="%{y:.3g}")]
    most = float(np.abs(error[-1]).max())
    if bound is not None:
        ends = [0, 1, np.nan, 0, 1]
        level = [bound, bound, np.nan, -bound, -bound]
        traces.append(theme.line(ends, level, Role(CHANCE.color, "dash"), say("figure.error_bound")))
        most = max(most, min(bound, 8 * most))
    reach = 1.15 * most or 1.0
    return theme.figure(
        traces, xaxis=_axis("x", (0, 1)), yaxis=_axis("ŷ − f(x)", (-reach, reach)),
        uirevision="approximation missed",
    )  # fmt: skip


def over_widths(
    curves: Mapping[str, Curve], parts: Sequence[Width], trained: str, floor: float, say: Say = english
) -> go.Figure:
    """Errors over widths, both logarithmic: constructed networks with bounds, trained ones, those solved."""
    traces: list[go.Scatter] = []
    for (name, curve), role in zip(curves.items(), (Role(COLORS[0]), STEPS), strict=False):
        traces.append(_marked(WIDTHS, curve.errors, role, name, floor))
        if curve.bounds:
            look = {"line": {"width": 1}, "hoverinfo": "skip", "legendgroup": name}
            label = f"{name}: {say('figure.error_bound')}"
            traces.append(theme.line(WIDTHS, curve.bounds, Role(role.color, "dot"), label, **look))
    if parts:
        units = [part.units for part in parts]
        each = np.stack([part.errors for part in parts])
        band = theme.band(units, each.min(1), each.max(1), LEARNED.color, trained, showlegend=False)
        traces.append(band)
        traces.append(_marked(units, np.median(each, 1), LEARNED, trained, floor))
        solved = [part.solved_error for part in parts]
        traces.append(_marked(units, solved, SOLVED, say("figure.solved_layer"), floor))
    seen = np.concatenate([np.asarray(trace.y, np.float64) for trace in traces])
    yaxis = {"title": {"text": say("figure.largest_error")}, **theme.log_axis(seen)}
    return theme.figure(traces, xaxis=_widths(say), yaxis=yaxis, uirevision="approximation widths")


def _marked(x: Sequence[int], y: Sequence[float] | FLOATS, role: Role, name: str, floor: float) -> go.Scatter:
    """A line with its marks; errors that are rounding alone have no place on the axis."""
    y = np.where(np.asarray(y) > floor, y, np.nan)
    line = theme.line(x, theme.drawable(y, log=True), role, name, hovertemplate="%{x}: %{y:.3g}")
    return line.update(mode="lines+markers", marker={"symbol": role.symbol, "size": 8})


def _widths(say: Say) -> dict[str, object]:
    ticks = {"tickvals": list(WIDTHS), "ticktext": [str(width) for width in WIDTHS]}
    reach = [-0.08, float(np.log10(WIDTHS[-1])) + 0.08]
    return {"title": {"text": say("figure.hidden_units")}, "type": "log", "range": reach, **ticks}


def beyond(
    f: Target, spec: SweepSpec, part: Width, made: Sequence[tuple[str, Construction]], say: Say = english
) -> go.Figure:
    """What networks say where there were no data. The interval they were made for is shaded."""
    x = torch.linspace(*SEEN, 901, dtype=torch.float64)[:, None]
    truth, inside = f(x).numpy(), f(x[300:601]).numpy()
    truth = np.where(np.isfinite(truth), truth, np.nan)
    traces = [theme.line(x[:, 0], theme.followed(truth), TRUTH, say("figure.target"))]
    for (name, one), role in zip(made, (Role(COLORS[0]), STEPS), strict=False):
        traces.append(theme.line(x[:, 0], core.answers(one.network, one.theta, x)[0], role, name))
    rows = core.answers(part.network(spec), torch.from_numpy(part.theta), x).numpy()
    gap = np.column_stack([rows, np.full(len(rows), np.nan)]).ravel()
    along = np.tile(np.append(x[:, 0].numpy(), np.nan), len(rows))
    thin = {"line": {"width": 1}, "connectgaps": False}
    traces.append(theme.line(along, theme.followed(gap), LEARNED, say("figure.trained"), **thin))
    solved = core.answers(part.network(spec), torch.from_numpy(part.solved), x)[0].numpy()
    traces.append(theme.line(x[:, 0], theme.followed(solved), SOLVED, say("figure.solved_layer")))
    middle, width = (inside.max() + inside.min()) / 2, (inside.max() - inside.min()) or 1.0
    ends = (middle - 2 * width, middle + 2 * width)
    ground = {"type": "rect", "x0": 0, "x1": 1, "y0": 0, "y1": 1, "yref": "y domain", "line": {"width": 0},
              "fillcolor": theme.rgba(CHANCE.color, 0.15), "layer": "below"}  # fmt: skip
    return theme.figure(
        traces, xaxis=_axis("x", SEEN), yaxis=_axis("y", ends), shapes=[ground],
        uirevision="approximation beyond",
    )  # fmt: skip


def polynomials(
    f: Target, fits: Mapping[int, FLOATS], errors: Sequence[float], other: Curve, names: tuple[str, str],
    say: Say = english,
) -> tuple[go.Figure, go.Figure]:  # fmt: skip
    """The best fits of a polynomial activation at some widths, and errors over all widths beside ReLU's."""
    x = core.points(False)[:: core.ASKED // 256]
    curves = [theme.line(x[:, 0], f(x).numpy(), TRUTH, say("figure.target"))]
    for k, (units, fit) in enumerate(fits.items()):
        look = {"line": {"width": 8 - 3 * k}}  # the same curve again: thinner on top of the last
        curves.append(
            theme.line(x[:, 0], fit[:: core.ASKED // 256], theme.of_class(k), f"N = {units}", **look)
        )
    low, high = theme.window(f(x).numpy(), 0.25)
    left = theme.figure(
        curves, xaxis=_axis("x", (0, 1)), yaxis=_axis("y", (low, high)), uirevision="approximation fits"
    )
    lines = [
        _marked(WIDTHS, errors, STEPS, names[0], f.rounding),
        _marked(WIDTHS, other.errors, Role(COLORS[0]), names[1], f.rounding),
    ]
    seen = np.concatenate([np.asarray(line.y, np.float64) for line in lines])
    yaxis = {"title": {"text": say("figure.largest_error")}, **theme.log_axis(seen)}
    return left, theme.figure(lines, xaxis=_widths(say), yaxis=yaxis, uirevision="approximation rates")


def surfaces(
    f: Target, spec: SweepSpec, part: Width, which: int, say: Say = english
) -> tuple[go.Figure, go.Figure, go.Figure]:
    """On the square: the target, one network, and where they differ."""
    side = np.linspace(0, 1, core.SQUARE + 1)
    shape = (len(side), len(side))
    x = core.points(True)
    truth = f(x).numpy().reshape(shape).T
    row = torch.from_numpy(part.theta[which : which + 1])
    answer = core.answers(part.network(spec), row, x)[0].numpy().reshape(shape).T
    low, high = float(truth.min()), float(truth.max())
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    ends = {"colorscale": theme.SEQUENTIAL, "zmin": low, "zmax": high}
    most = float(np.abs(answer - truth).max()) or 1.0
    apart = {"colorscale": theme.DIVERGING, "zmin": -most, "zmax": most}
    return (
        _map(side, truth, say("figure.target"), **ends),
        _map(side, answer, say("figure.network"), **ends),
        _map(side, answer - truth, say("figure.network_error"), **apart),
    )


def _map(side: FLOATS, z: FLOATS, name: str, **look: object) -> go.Figure:
    bar = {"thickness": 10, "title": {"text": name, "side": "right"}}
    heat = go.Heatmap(
        x=theme.array(side), y=theme.array(side), z=theme.array(z), colorbar=bar,
        hovertemplate="%{x:.2f}, %{y:.2f}: %{z:.3g}<extra></extra>", **look,
    )  # fmt: skip
    return theme.figure(
        [heat], xaxis=_axis("x", (0, 1)), yaxis=_axis("y", (0, 1)), uirevision=f"approximation {name}"
    )


def _axis(name: str, ends: Sequence[float]) -> dict[str, object]:
    return {"title": {"text": name}, "range": list(ends), "zeroline": False}
