"""What an activation bends: lines and grids, pieces and their units, regions of the plane, polynomials."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.base.numerals import numeral
from mlcore.depth.bending import SHOWN, WIDTHS, Function
from mlcore.depth.pieces import Pieces
from mlcore.depth.regions import Division, Region
from mlcore.figures import theme
from mlcore.figures.theme import CHANCE, COLORS, GRAY, MODEL, TRUTH, Role
from mlcore.figures.words import Say, english

FLOATS = NDArray[np.float64]
INTS = NDArray[np.int64]
BEND = Role(theme.RING.color)
SIDE = 11  # lines of the grid in each direction
ALONG = 61  # points on each of them
NOTHING = 1e-16  # distances below are drawn here
BOTH = {"t": 36, "b": 124}  # room for a legend and a color bar, so that both squares are as large
LAYERS = (Role(MODEL.color), Role(COLORS[1], "dash"), Role(COLORS[0], "dot"))  # whose units bend


# ---------------------------------------------------------------- layers with and without an activation


def line_points() -> FLOATS:
    """x [M, 1] of `curves`."""
    return np.linspace(-SHOWN, SHOWN, 601)[:, None]


def curves(linear: FLOATS, bent: FLOATS, say: Say = english) -> go.Figure:
    """Functions [M] of one number. Traces: 0 without activations, 1 the same weights with them."""
    x = line_points()[:, 0]
    traces = [
        theme.line(x, linear, TRUTH, say("figure.without_activation"), line={"width": 3}),
        theme.line(x, theme.drawable(bent), MODEL, say("figure.with_activation"), line={"width": 3}),
    ]
    yaxis = {"title": {"text": "y"}, "range": list(theme.window(np.concatenate([linear, bent])))}
    return theme.figure(traces, xaxis=_x(SHOWN), yaxis=yaxis, uirevision="nonlinear curves")


def grid_points() -> FLOATS:
    """x [M, 2] of `grid`: lines of constant x_2, then lines of constant x_1."""
    along, across = np.linspace(-1, 1, ALONG), np.linspace(-1, 1, SIDE)
    flat = np.stack(np.meshgrid(along, across), -1).reshape(-1, 2)
    return np.concatenate([flat, flat[:, ::-1]])


def grid(image: FLOATS, say: Say = english) -> go.Figure:
    """Where layers put the grid of the square from -1 to 1, [M, 2]. Traces: 0 and 1 its two directions."""
    halves = image.reshape(2, SIDE, ALONG, 2)
    broken = np.concatenate([halves, np.full((2, SIDE, 1, 2), np.nan)], 2).reshape(2, -1, 2)
    look = {"hoverinfo": "skip", "connectgaps": False, "line": {"width": 1.5}}
    traces = [
        theme.line(half[:, 0], half[:, 1], Role(COLORS[k]), say(f"figure.grid_{k + 1}"), **look)
        for k, half in enumerate(broken)
    ]
    axes = [
        {"title": {"text": f"y<sub>{k}</sub>"}, "range": list(theme.window(image[:, k - 1], 0.1))}
        for k in (1, 2)
    ]
    return theme.figure(traces, xaxis=axes[0], yaxis=axes[1], uirevision="nonlinear grid")


# ---------------------------------------------------------------- on the line


def bends(found: Pieces, reach: float, say: Say = english) -> go.Figure:
    """The function with its bends; below, which unit bends where. Traces: 0 the function, 1 its bends, then
    for each layer its units: filled where the output bends there, too."""
    inside = found.place[np.abs(found.place) < reach]
    x = np.unique(np.concatenate([[-reach], inside, [reach]]))  # straight between them
    places = found.bends[np.abs(found.bends) < reach]
    marks = {"size": 9, "line": {"color": "#ffffff", "width": 1}}
    traces = [
        theme.line(x, found(x), MODEL, say("figure.network"), line={"width": 3, "simplify": False}),
        theme.points(places, found(places), BEND, say("figure.output_bends"), marker=marks),
    ]
    traces += [_units(found, layer, reach, say) for layer in range(1, int(found.layer.max(initial=1)) + 1)]
    xaxis = _x(reach) | {"anchor": "y2"}
    yaxis = {"title": {"text": "y"}, "domain": [0.42, 1]}
    most = int(found.unit.max(initial=1))
    units = {
        "title": {"text": say("figure.unit")},
        "domain": [0, 0.34],
        "range": [0.3, most + 0.7],
        "dtick": 1 if most <= 10 else 5,
        "zeroline": False,
    }
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, yaxis2=units, uirevision=f"bends {reach:g}")


def _units(found: Pieces, layer: int, reach: float, say: Say) -> go.Scatter:
    own = (found.layer == layer) & (np.abs(found.at) < reach)
    role, passed = theme.of_class(layer - 1), found.passed[own]
    fill = [role.color if seen else theme.rgba(GRAY, 0) for seen in passed]
    marker = {"size": 9, "color": fill, "line": {"color": role.color, "width": 1.5}}
    return theme.points(
        found.at[own], found.unit[own], role, say("figure.layer").format(number=layer), yaxis="y2",
        marker=marker, hovertemplate="x = %{x:.4g}<extra></extra>",
    )  # fmt: skip


def piece_counts(counts: INTS, units: int, say: Say = english) -> go.Figure:
    """How many networks have how many pieces. Traces: 0 networks. Shapes: the number of hidden units + 1."""
    values, networks = np.unique(counts, return_counts=True)
    look = {"color": theme.rgba(MODEL.color, 0.6), "line": {"width": 0}}
    bars = go.Bar(
        x=theme.array(values), y=theme.array(networks), width=0.9, marker=look,
        name=say("figure.networks"), hovertemplate="%{x}: %{y}<extra></extra>",
    )  # fmt: skip
    low, high = min(int(values.min()), units + 1), max(int(values.max()), units + 1)
    pad = 1 + 0.06 * (high - low)
    xaxis = {"title": {"text": say("figure.pieces")}, "range": [low - pad, high + pad]}
    yaxis = {"title": {"text": say("figure.networks")}, "rangemode": "tozero"}
    place = {"x": units + 1, "yref": "paper", "y": 1, "yanchor": "bottom", "showarrow": False}
    note = {"text": say("figure.units_and_one").format(count=units + 1), **place}
    return theme.figure(
        [bars], xaxis=xaxis, yaxis=yaxis, shapes=[theme.cursor(units + 1)], annotations=[note],
        margin={"t": 28}, uirevision="piece counts",
    )  # fmt: skip


# ---------------------------------------------------------------- in the plane


def regions(found: Division, say: Say = english) -> go.Figure:
    """A color for every region; two neighbors differ in one unit, and in strength. Traces: the regions, then
    for each layer where its units bend."""
    traces = [_region(one, say) for one in found.regions]
    return _square([*traces, *_edges(found, say)], found.reach, "regions")


def _region(one: Region, say: Say) -> go.Scatter:
    around = np.concatenate([one.corners, one.corners[:1]])
    code = bytes(chain(*one.pattern))
    color = theme.rgba(COLORS[zlib.crc32(code) % len(COLORS)], 0.5 if sum(code) % 2 else 0.22)
    a, b, c = (numeral(v, 3) for v in (*one.slope, one.level))
    told = [
        f"{say('figure.pattern')} {' '.join(''.join(map(str, layer)) for layer in one.pattern)}",
        f"{say('figure.area')} {numeral(one.area, 3)}",
        f"y = {a} x<sub>1</sub> + {b} x<sub>2</sub> + {c}".replace("+ −", "− "),
    ]
    return go.Scatter(
        x=theme.array(around[:, 0]), y=theme.array(around[:, 1]), mode="lines", line={"width": 0},
        fill="toself", fillcolor=color, hoveron="fills", text="<br>".join(told), hoverinfo="text",
        showlegend=False, name="",
    )  # fmt: skip


def heights(found: Division, value: FLOATS, say: Say = english) -> go.Figure:
    """The output [A, A] over the square, with the same edges. Traces: 0 the output, then the layers."""
    side = np.linspace(-found.reach, found.reach, len(value))
    low, high = float(value.min()), float(value.max())
    least = 1e-9 * max(abs(low), abs(high)) or 1.0  # a constant has one color, with its value in the middle
    if high - low < least:
        low, high = low - least, high + least
    below = {"orientation": "h", "y": -0.22, "yanchor": "top", "thickness": 10}
    heat = go.Heatmap(
        x=theme.array(side), y=theme.array(side), z=theme.array(value), colorscale=theme.DIVERGING,
        zmin=low, zmax=high, colorbar=below, hovertemplate="%{x:.2f}, %{y:.2f}: %{z:.3g}<extra></extra>",
    )  # fmt: skip
    return _square([heat, *_edges(found, say)], found.reach, "heights")


def _edges(found: Division, say: Say) -> list[go.Scatter]:
    """For each layer its edges, with gaps between them."""
    traces = []
    for layer in sorted({edge.layer for edge in found.edges}):
        own = [np.vstack([edge.ends, [[np.nan, np.nan]]]) for edge in found.edges if edge.layer == layer]
        x, y = np.concatenate(own).T
        name = say("figure.layer_bends").format(number=layer)
        traces.append(
            theme.line(x, y, LAYERS[layer - 1], name, hoverinfo="skip", connectgaps=False, line={"width": 2})
        )
    return traces


def _square(traces: Sequence[Any], reach: float, kept: str) -> go.Figure:
    axes = [
        {"title": {"text": f"x<sub>{k}</sub>"}, "range": [-reach, reach], "zeroline": False,
         "constrain": "domain", "showgrid": False}
        for k in (1, 2)
    ]  # fmt: skip
    shown = {"showlegend": True, "margin": BOTH, "uirevision": f"{kept} {reach:g}"}
    return theme.figure(traces, xaxis=axes[0], yaxis=axes[1] | {"scaleanchor": "x"}, **shown)


# ---------------------------------------------------------------- what each activation bends


def function(f: Function, reach: float, name: str, say: Say = english) -> go.Figure:
    """One random function from -reach to reach; where that is more than SHOWN, that part is shaded."""
    x = np.linspace(-reach, reach, 1601)
    y = f(x)
    line = theme.line(x, theme.drawable(y), MODEL, name, line={"width": 3}, showlegend=False)
    part = {"type": "rect", "x0": -SHOWN, "x1": SHOWN, "yref": "y domain", "y0": 0, "y1": 1, "layer": "below",
            "fillcolor": theme.rgba(CHANCE.color, 0.2), "line": {"width": 0}}  # fmt: skip
    size = float(np.abs(y).max())
    low, high = (y.min(), y.max()) if size else (-1.0, 1.0)
    pad = max(0.06 * (high - low), 0.02 * size)
    form = {"exponentformat": "power"} if size >= 1e4 else {}
    yaxis = {"title": {"text": "y"}, "range": [float(low - pad), float(high + pad)], **form}
    shapes = [part] if reach > SHOWN else []
    return theme.figure([line], xaxis=_x(reach), yaxis=yaxis, shapes=shapes, uirevision=f"function {reach:g}")


def polynomials(found: Mapping[str, FLOATS], chosen: str, most: int, say: Say = english) -> go.Figure:
    """How far each function is from polynomials of degree 0 to `most`. Traces: one for each name."""
    degrees = np.arange(most + 1)
    lines = [_named(degrees, d[: most + 1].clip(NOTHING), k, name, name == chosen)
             for k, (name, d) in enumerate(found.items())]  # fmt: skip
    ends = np.concatenate([np.asarray(line.y, np.float64) for line in lines])
    xaxis = {"title": {"text": say("figure.degree")}, "range": [-0.5, most + 0.5]}
    yaxis = {"title": {"text": say("figure.from_polynomials")}, **theme.log_axis(ends)}
    return theme.figure(lines, xaxis=xaxis, yaxis=yaxis, uirevision=f"polynomials {most}")


def widths(found: Mapping[str, FLOATS], chosen: str, say: Say = english) -> go.Figure:
    """Largest errors over WIDTHS. Traces: one for each name."""
    lines = [_named(WIDTHS, error.clip(NOTHING), k, name, name == chosen)
             for k, (name, error) in enumerate(found.items())]  # fmt: skip
    ticks = {"tickvals": list(WIDTHS), "ticktext": [str(width) for width in WIDTHS]}
    reach = [-0.08, float(np.log10(WIDTHS[-1])) + 0.08]
    xaxis = {"title": {"text": say("figure.hidden_units")}, "type": "log", "range": reach, **ticks}
    seen = np.concatenate([np.asarray(line.y, np.float64) for line in lines])
    yaxis = {"title": {"text": say("figure.largest_error")}, **theme.log_axis(seen)}
    return theme.figure(lines, xaxis=xaxis, yaxis=yaxis, uirevision="nonlinear widths")


def _named(x: Sequence[int] | INTS, y: FLOATS, k: int, name: str, chosen: bool) -> go.Scatter:
    """The chosen one thick, with marks."""
    role = theme.of_class(k)
    thick = {"width": 4.5 if chosen else 1.5}
    marks = {"mode": "lines+markers", "marker": {"symbol": role.symbol, "size": 9 if chosen else 5}}
    return theme.line(x, y, role, name, line=thick).update(**marks)


def _x(reach: float) -> dict[str, Any]:
    return {"title": {"text": "x"}, "range": [-reach, reach]}
