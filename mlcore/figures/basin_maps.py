"""Maps of basins of attraction: each start in the color of the minimum that it leads to."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.descents.basin_maps import Basins, MapSpec
from mlcore.descents.basins import FATES, Fate
from mlcore.descents.paths import Path
from mlcore.families.surfaces import SURFACES
from mlcore.figures import theme
from mlcore.figures.theme import GRAY, RING, Role
from mlcore.figures.words import Say, english

FLOATS = NDArray[np.float64]
STRONG, PALE = 0.85, 0.22  # a basin where rows arrive at once, and where they take the whole budget
LESSER = [[0.0, theme.rgba(GRAY, 0.75)], [1.0, theme.rgba(GRAY, 0.25)]]
MARKS = {Fate.HELD: "diamond-open", Fate.DIVERGED: "x-thin-open", Fate.UNDERWAY: "circle-open"}
MARKED = 24  # marks along a side at most: more of them would run into each other


def minimum(k: int) -> Role:
    """The look of the k-th global minimum and of its basin."""
    return theme.of_class(k)


def basins(spec: MapSpec, found: Basins, path: Path | None, say: Say = english) -> go.Figure:
    """One map. Traces: 0 the basins of the global minima, 1 those of lesser ones, 2 held by a saddle,
    3 diverged, 4 on their way, 5 the minima; where a start is chosen, 6 the path from there, 7 the start.

    Of those that reach no minimum some are marked. A basin is strong where rows arrive at once and pale where
    they take the whole budget; a local minimum's is gray, the darker the less it lies above the global one.
    """
    side, minima = len(found.x), len(SURFACES[spec.surface].minima)
    late = np.sqrt(np.maximum(found.since, 0) / spec.budget)
    reached = np.where(found.ends.which >= 0, found.ends.which + 0.98 * late, np.nan)
    ground = _ground(found, reached, found.since, scale(minima), minima, "t = %{customdata:.0f}")
    caught = _ground(found, found.gap, found.gap, LESSER, None, "f − f* = %{customdata:.3g}")
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
    traces: list[Any] = [ground, caught, *marks, stars(spec, say)]
    if path is not None:
        x, y = theme.followed(path.theta).T
        ring = {"size": 13, "color": RING.color, "line": {"width": 2.5, "color": RING.color}}
        traces += [
            theme.line(x, y, RING, say("figure.path"), line={"width": 3}, hoverinfo="skip"),
            theme.points(x[:1], y[:1], RING, say("figure.path_start"), marker=ring),
        ]
    left, right, low, high = SURFACES[spec.surface].box
    pad_x, pad_y = 0.02 * (right - left), 0.02 * (high - low)
    axes = {
        "xaxis": {"title": {"text": "x"}, "range": [left - pad_x, right + pad_x]},
        "yaxis": {"title": {"text": "y"}, "range": [low - pad_y, high + pad_y]},
    }
    bare = {"showgrid": False, "zeroline": False}
    return theme.figure(traces, uirevision=f"basins {spec.surface}", **{k: v | bare for k, v in axes.items()})


def _ground(
    found: Basins, z: FLOATS, told: NDArray[Any], colors: list[list[Any]], top: float | None, hover: str
) -> go.Heatmap:
    """Starts by z [B * A], from 0 to `top`; what is not a number stays open."""
    shape = len(found.y), len(found.x)
    top = top or float(np.nanmax(np.append(z, 1e-300)))
    return go.Heatmap(
        x=theme.array(found.x), y=theme.array(found.y), z=theme.array(z.reshape(shape)), zmin=0, zmax=top,
        colorscale=colors, showscale=False, hoverongaps=False, customdata=theme.array(told.reshape(shape)),
        hovertemplate=f"x = %{{x:.4g}}<br>y = %{{y:.4g}}<br>{hover}<extra></extra>",
    )  # fmt: skip


def scale(count: int) -> list[list[Any]]:
    """From k on the color of minimum k, strong to pale."""
    stops: list[list[Any]] = []
    for k in range(count):
        color = minimum(k).color
        stops += [[k / count, theme.rgba(color, STRONG)], [(k + 0.985) / count, theme.rgba(color, PALE)]]
    return [*stops, [1.0, stops[-1][1]]]


def stars(spec: MapSpec, say: Say) -> go.Scatter:
    """The minima, each in the color of its basin."""
    places = np.array(SURFACES[spec.surface].minima)
    colors = [minimum(k).color for k in range(len(places))]
    look = {"symbol": "star", "size": 16, "color": colors, "line": {"color": "#ffffff", "width": 1.5}}
    return theme.points(
        places[:, 0], places[:, 1], Role(GRAY), say("figure.minimum"), marker=look, hoverinfo="skip"
    )
