"""Surfaces and the paths of rules on them: from above, over the steps, and in relief."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from mlcore.descents.paths import Path, PathSpec
from mlcore.families.surfaces import SURFACES, Relief
from mlcore.figures import cameras, theme
from mlcore.figures.theme import GRAY, RING, Role
from mlcore.figures.words import Say, english

GROUND = [
    [0.0, theme.rgba("#0072B2", 0.42)],
    [0.5, theme.rgba("#0072B2", 0.14)],
    [1.0, theme.rgba(GRAY, 0.0)],
]
SLOPES = [[0.0, "#0b4f7d"], [0.5, "#8fb9d6"], [1.0, "#eef3f7"]]
SIDES = (1.3, 1.3, 0.75)  # of a relief
EYES = {  # where the camera of a relief stands
    "corner": (-1.3, -1.3, 1.15),
    "top": (0.0, -0.01, 2.2),
    "front": (0.0, -2.0, 0.5),
    "side": (-2.0, 0.0, 0.5),
}
GOLD = "#E0A100"
ARROW = 0.12  # of the picture's width


def looks(spec: PathSpec) -> list[Role]:
    """A color and a dash for every rule: the same in all pictures."""
    return [theme.of_class(k) for k in range(len(spec.rules))]


def frame(spec: PathSpec) -> tuple[float, float, float, float]:
    """What is seen: the surface's box and the start, with a margin."""
    left, right, low, high = SURFACES[spec.surface].box
    sides = []
    for a, b, at in ((left, right, spec.x), (low, high, spec.y)):
        pad = 0.05 * (b - a)
        sides += [min(a, at - pad), max(b, at + pad)]
    return sides[0], sides[1], sides[2], sides[3]


def above(
    spec: PathSpec, relief: Relief, paths: Sequence[Path], names: Sequence[str], say: Say = english
) -> go.Figure:
    """The surface from above. Traces: 0 the ground, 1..R the paths (`x`, `y` [T]), R + 1 where they are
    (`x`, `y` [R]), R + 2 the start, R + 3 the minima, R + 4 lines of equal height."""
    roles = looks(spec)
    ways = [theme.followed(path.theta).T for path in paths]
    lines = [
        theme.line(x, y, role, name, line={"width": 3}, hoverinfo="skip")
        for (x, y), role, name in zip(ways, roles, names, strict=True)
    ]
    ends = np.array([path.theta[-1] for path in paths]).reshape(-1, 2)
    marker = {"color": [role.color for role in roles], "size": 11}
    here = theme.points(
        ends[:, 0], ends[:, 1], Role(GRAY), say("figure.now"), marker=marker, showlegend=False
    )
    start = theme.points(
        [spec.x], [spec.y], RING, say("figure.path_start"), marker={"size": 14, "color": RING.color}
    )
    shade, heights = ground(relief, say)
    traces = [shade, *lines, here, start, minima(spec, say), heights]
    return theme.figure(traces, **axes(spec), uirevision=f"above {spec.surface}")


def ground(relief: Relief, say: Say = english) -> tuple[go.Heatmap, go.Contour]:
    """The surface dark in the valleys, and its lines of equal height.

    Two traces, for every frame draws them again: a contour that also colors its ground interpolates every
    pixel of it, three times the work of all the rest; of a heat map the browser stretches a small image.
    """
    hover = "x = %{x:.4g}<br>y = %{y:.4g}<br>f = %{customdata:.5g}<extra></extra>"
    place = {"x": theme.array(relief.x), "y": theme.array(relief.y), "z": theme.array(relief.height)}
    shade = go.Heatmap(
        **place, customdata=theme.array(relief.value), colorscale=GROUND, showscale=False, zsmooth="fast",
        hovertemplate=hover, name=say("figure.surface"),
    )  # fmt: skip
    heights = go.Contour(
        **place, ncontours=22, line={"color": theme.rgba(GRAY, 0.55), "width": 0.8}, showlegend=False,
        contours={"coloring": "none"}, hoverinfo="skip", showscale=False,
    )  # fmt: skip
    return shade, heights


def minima(spec: PathSpec, say: Say = english) -> go.Scatter:
    return stars(np.array(SURFACES[spec.surface].minima), say)


def stars(places: NDArray[np.float64], say: Say = english, name: str = "minimum") -> go.Scatter:
    """Global minima [M, 2], or the lowest there are."""
    look = {"symbol": "star", "size": 15, "color": "#E0A100", "line": {"color": "#5c4300", "width": 1}}
    return theme.points(
        places[:, 0], places[:, 1], Role(GRAY), say(f"figure.{name}"), marker=look, hoverinfo="x+y"
    )


def axes(spec: PathSpec) -> dict[str, Any]:
    left, right, low, high = frame(spec)
    bare = {"showgrid": False, "zeroline": False}
    return {
        "xaxis": {"title": {"text": "x"}, "range": [left, right], **bare},
        "yaxis": {"title": {"text": "y"}, "range": [low, high], **bare},
    }


def over_steps(
    paths: Sequence[Path], values: Sequence[ArrayLike], title: str, names: Sequence[str], spec: PathSpec,
    say: Say = english,
) -> go.Figure:  # fmt: skip
    """One quantity of every path over the steps, on a logarithmic axis. Traces: one per path."""
    drawn = [theme.drawable(value, log=True) for value in values]
    steps = np.arange(spec.steps + 1)
    lines = [
        theme.line(steps, value, role, name, showlegend=False)
        for value, role, name in zip(drawn, looks(spec), names, strict=True)
    ]
    seen = np.concatenate([*drawn, [np.nan]])
    first = [float(value[0]) for value in drawn if np.isfinite(value[0])]
    top, bottom = 1e3 * max(first, default=1.0), 1e-14
    yaxis = {"title": {"text": title}, **theme.log_axis(seen[(seen <= top) & (seen >= bottom)])}
    xaxis = {"title": {"text": say("figure.step")}, "range": [-0.01 * spec.steps, 1.01 * spec.steps]}
    return theme.figure(lines, xaxis=xaxis, yaxis=yaxis, hovermode="x unified", uirevision=title)


def in_relief(
    spec: PathSpec, relief: Relief, paths: Sequence[Path], names: Sequence[str], camera: str = "corner",
    say: Say = english,
) -> go.Figure:  # fmt: skip
    """The surface in space, its height on the scale of the picture from above; minima are seen from anywhere.

    Traces: 0 the surface, 1..R the paths, R + 1 poles under minima that would be hidden, R + 2 the minima."""
    x, y = np.meshgrid(relief.x, relief.y)
    hover = "x = %{x:.4g}<br>y = %{y:.4g}<br>f = %{customdata:.5g}<extra></extra>"
    surface = go.Surface(
        x=theme.array(x), y=theme.array(y), z=theme.array(relief.height), hovertemplate=hover,
        customdata=theme.array(relief.value), colorscale=SLOPES, showscale=False,
        contours={"z": {"show": True, "color": "rgba(255,255,255,0.5)", "width": 1}},
        lighting={"ambient": 0.75, "diffuse": 0.5, "specular": 0.05},
    )  # fmt: skip
    left, right, low, high = frame(spec)
    traces: list[Any] = [surface]
    lift = 0.015 * float(relief.height.max())
    for path, role, name in zip(paths, looks(spec), names, strict=True):
        ends = np.array([[left, low], [right, high]])
        inside = ((path.theta >= ends[0]) & (path.theta <= ends[1])).all(1)
        height = np.log10(1 + np.maximum(path.value - relief.lowest, 0) / relief.unit) + lift
        points = np.where(inside, np.stack([*path.theta.T, height]), np.nan)
        traces.append(_thread(points, role, name))
    places = np.array(SURFACES[spec.surface].minima)
    spots = np.column_stack([places, cameras.height_at(relief, *places.T) + lift])
    eye = cameras.corner(relief, spots, SIDES) if camera == "corner" else EYES[camera]
    traces += _flags(spots, cameras.rises(relief, spots, SIDES, eye), say("figure.minimum"))
    axis = {"gridcolor": GRAY, "showbackground": False, "color": GRAY}  # WebGL loses a faint grid on white
    scene = {
        "xaxis": {**axis, "title": {"text": "x"}}, "yaxis": {**axis, "title": {"text": "y"}},
        "zaxis": {**axis, "title": {"text": say("figure.height")}, "showticklabels": False},
        "aspectratio": dict(zip("xyz", SIDES, strict=True)),
        "camera": {"eye": dict(zip("xyz", eye, strict=True))},
    }  # fmt: skip
    flat = {"l": 0, "r": 0, "t": 30, "b": 0}
    return theme.figure(traces, scene=scene, margin=flat, uirevision=f"relief {camera}")


def _flags(spots: NDArray[Any], raised: NDArray[Any], name: str) -> list[go.Scatter3d]:
    """Marks at spots [M, 3]; those to be raised, by `raised` [M], stand on poles."""
    x, y, z = spots.T
    star = {"symbol": "diamond", "size": 6, "color": GOLD}
    marks = go.Scatter3d(
        x=theme.array(x), y=theme.array(y), z=theme.array(z + raised), mode="markers", marker=star, name=name
    )
    high = raised > 0
    top = spots + np.outer(raised, [0, 0, 1])
    ends = np.stack([spots, top, np.full_like(top, np.nan)], axis=1)[high].reshape(-1, 3)
    poles = _thread(ends.T, Role(GOLD), "")
    return [poles.update(showlegend=False, hoverinfo="skip", line_width=4), marks]


def _thread(points: NDArray[Any], role: Role, name: str) -> go.Scatter3d:
    x, y, z = (theme.array(row) for row in points)
    return go.Scatter3d(x=x, y=y, z=z, mode="lines", name=name, line={"color": role.color, "width": 6})


# ---------------------------------------------------------------- what one rule remembers


def compass(
    spec: PathSpec, relief: Relief, path: Path, which: int, name: str, say: Say = english
) -> go.Figure:
    """One path with two arrows of one length: downhill, and where the rule goes.

    Traces: 0 the ground, 1 the path, 2 downhill, 3 the step (`x`, `y` [2] each), 4 the minima, 5 lines of
    equal height.
    """
    role = looks(spec)[which]
    x, y = theme.followed(path.theta).T
    way = theme.line(x, y, role, name, line={"width": 2, "dash": "solid"})
    down, step = (v[-1] for v in arrows(spec, path))
    pair = [_arrow(down, GRAY, say("figure.downhill")), _arrow(step, RING.color, say("figure.rule_step"))]
    shade, heights = ground(relief, say)
    traces = [shade, way, *pair, minima(spec, say), heights]
    return theme.figure(traces, **axes(spec), uirevision=f"above {spec.surface}")


def _arrow(ends: NDArray[Any], color: str, name: str) -> go.Scatter:
    """From the first to the second of two points [2, 2]."""
    head = {"symbol": "arrow", "size": [0, 14], "angleref": "previous", "color": color}
    arrow = theme.line(ends[:, 0], ends[:, 1], Role(color), name, line={"width": 4})
    return arrow.update(mode="lines+markers", marker=head)


def arrows(spec: PathSpec, path: Path) -> tuple[NDArray[Any], NDArray[Any]]:
    """[T, 2, 2] twice: from where the path is, along -g and along -lr d, each as long as ARROW says."""
    left, right, low, high = frame(spec)
    size = np.array([right - left, high - low])
    found = []
    for vector in (-path.gradient, -path.direction):
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            seen = vector / size  # as the eye measures, in shares of the picture
            unit = seen / np.linalg.norm(seen, axis=1, keepdims=True) * size * ARROW
        unit = np.where(np.isfinite(unit), unit, 0.0)
        at = theme.followed(path.theta)
        found.append(np.stack([at, at + unit], axis=1))
    return found[0], found[1]


def memory(values: NDArray[Any], title: str, name: str, log: bool, say: Say = english) -> go.Figure:
    """One thing that a rule remembers, of both coordinates, values [T, 2]. Traces: 0 x, 1 y."""
    shown = theme.drawable(values, log=log)
    steps = np.arange(len(values))
    pair = [theme.line(steps, shown[:, k], theme.of_class(k), f"{name}<sub>{'xy'[k]}</sub>") for k in (0, 1)]
    low, high = theme.window(shown)
    scale = theme.log_axis(shown[shown > 1e-14]) if log else {"range": [low, high]}
    xaxis = {"title": {"text": say("figure.step")}, "range": [-0.01 * len(values), 1.01 * len(values)]}
    look = {"hovermode": "x unified", "uirevision": f"memory {name}"}
    return theme.figure(pair, xaxis=xaxis, yaxis={"title": {"text": title}, **scale}, **look)
