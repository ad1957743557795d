"""Maps of basins of attraction: each start in the color of the minimum that it leads to."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from mlcore.basin_maps import Basins, MapSpec
from mlcore.basins import FATES, Fate
from mlcore.figures import theme
from mlcore.figures.paths import track
from mlcore.figures.theme import GRAY, RING, Role
from mlcore.figures.words import Say, english
from mlcore.paths import Path
from mlcore.surfaces import SURFACES

STRONG, PALE = 0.85, 0.22  # a basin where rows arrive at once, and where they take the whole budget
MARKS = {Fate.HELD: "diamond-open", Fate.DIVERGED: "x-thin-open", Fate.UNDERWAY: "circle-open"}
MARKED = 24  # marks along a side at most: more of them would run into each other


def minimum(k: int) -> Role:
    """The look of the k-th global minimum and of its basin."""
    return theme.of_class(k)


def basins(spec: MapSpec, found: Basins, path: Path | None, say: Say = english) -> go.Figure:
    """One map. Traces: 0 the basins, 1 those held by a saddle, 2 diverged, 3 on their way, 4 the minima,
    and, where a start is chosen, 5 the path from there and 6 the start.

    Of those that reach no minimum some are marked. A basin is strong where rows arrive at once and pale where
    they take the whole budget; a local minimum's is gray, the darker the less it lies above the global one.
    """
    side = len(found.x)
    count = len(SURFACES[spec.surface].minima)
    height = found.gap / max(float(np.nanmax(np.append(found.gap, 0.0))), 1e-300)  # [B * A] in (0, 1]
    late = np.sqrt(np.maximum(found.since, 0) / spec.budget)
    z = np.where(found.ends.which >= 0, found.ends.which + 0.98 * late, np.nan)
    z = np.where(np.isfinite(height), count + 0.98 * height, z)
    hover = [told(spec, found, i) for i in range(side * side)]
    ground = go.Heatmap(
        x=theme.array(found.x), y=theme.array(found.y), z=theme.array(z.reshape(side, side)), zmin=0,
        zmax=count + 1, colorscale=scale(count), showscale=False, hoverongaps=True,
        text=np.array(hover).reshape(side, side).tolist(),
        hovertemplate="x = %{x:.4g}<br>y = %{y:.4g}<br>%{text}<extra></extra>",
    )  # fmt: skip
    place = np.stack(np.meshgrid(found.x, found.y), axis=-1).reshape(-1, 2)
    every = -(-side // MARKED)
    lattice = np.zeros((side, side), bool)
    lattice[every // 2 :: every, every // 2 :: every] = True
    marks = []
    for fate, symbol in MARKS.items():
        there = place[lattice.ravel() & (found.ends.fate == FATES.index(fate))]
        look = {"symbol": symbol, "size": 5, "color": GRAY, "line": {"width": 1, "color": GRAY}}
        name = say(f"figure.fate_{fate.name.lower()}")
        marks.append(theme.points(there[:, 0], there[:, 1], Role(GRAY), name, marker=look, hoverinfo="skip"))
    traces: list[Any] = [ground, *marks, stars(spec, say)]
    if path is not None:
        x, y = track(path)
        traces += [
            theme.line(x, y, RING, say("figure.path"), line={"width": 3}, hoverinfo="skip"),
            theme.points(
                x[:1], y[:1], RING, say("figure.path_start"), marker={"size": 13, "color": RING.color}
            ),
        ]
    left, right, low, high = SURFACES[spec.surface].box
    pad_x, pad_y = 0.02 * (right - left), 0.02 * (high - low)
    axes = {
        "xaxis": {"title": {"text": "x"}, "range": [left - pad_x, right + pad_x]},
        "yaxis": {"title": {"text": "y"}, "range": [low - pad_y, high + pad_y]},
    }
    bare = {"showgrid": False, "zeroline": False}
    return theme.figure(traces, uirevision=f"basins {spec.surface}", **{k: v | bare for k, v in axes.items()})


def scale(count: int) -> list[list[Any]]:
    """From k on the color of minimum k, strong to pale; above the last, gray."""
    stops: list[list[Any]] = []
    for k in range(count + 1):
        role, ends = (minimum(k).color, (STRONG, PALE)) if k < count else (GRAY, (0.7, 0.12))
        stops += [
            [k / (count + 1), theme.rgba(role, ends[0])],
            [(k + 0.985) / (count + 1), theme.rgba(role, ends[1])],
        ]
    return [*stops, [1.0, stops[-1][1]]]


def stars(spec: MapSpec, say: Say) -> go.Scatter:
    """The minima, each in the color of its basin."""
    places = np.array(SURFACES[spec.surface].minima)
    colors = [minimum(k).color for k in range(len(places))]
    look = {"symbol": "star", "size": 16, "color": colors, "line": {"color": "#ffffff", "width": 1.5}}
    return theme.points(
        places[:, 0], places[:, 1], Role(GRAY), say("figure.minimum"), marker=look, hoverinfo="skip"
    )


def told(spec: MapSpec, found: Basins, i: int) -> str:
    """What became of start i, in symbols."""
    if (which := int(found.ends.which[i])) >= 0:
        x, y = SURFACES[spec.surface].minima[which]
        return f"→ ({x:.3g}, {y:.3g}), t = {found.since[i]}"
    return f"f − f* = {found.gap[i]:.3g}" if np.isfinite(found.gap[i]) else "–"
