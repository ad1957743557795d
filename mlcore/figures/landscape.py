"""Views of a plane through parameter space: from above, in space, and how far they are from the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from mlcore.figures import theme
from mlcore.figures.paths import EYES, GROUND, SLOPES
from mlcore.figures.theme import GRAY, RING, Role
from mlcore.figures.words import Say, english
from mlcore.landscapes import planes
from mlcore.landscapes.landscape import Landscape
from mlcore.landscapes.lines import Lines

DRAWN, TRUE = Role(theme.COLORS[1], "dash"), Role(theme.COLORS[3])  # both stand out from blue ground
WALK, TRAINED, MATCHED = Role(theme.COLORS[0], "dash", "square"), Role(theme.COLORS[1]), Role(theme.COLORS[2])
STAR = {"symbol": "star", "size": 15, "color": "#E0A100", "line": {"color": "#5c4300", "width": 1}}
FLOOR = 1e-7  # of the largest value: nothing is drawn lower on a logarithmic scale
HIGH = {"corner": (-1.0, -1.15, 1.75)}  # the camera looks into valleys
SHOWN = 8  # principal directions of which the share is drawn
HOVER = "a = %{x:.4g}<br>b = %{y:.4g}<br>%{customdata:.5g}<extra></extra>"


def logarithmic(view: Landscape, log: bool) -> bool:
    """Costs and gradients span decades; scores do not, and may be negative."""
    return log and view.spec.what != "score"


def height(view: Landscape, values: ArrayLike, log: bool) -> NDArray[Any]:
    """Values as heights: their log10 where the picture is logarithmic; NaN for what has no place."""
    seen = np.asarray(values, np.float64)
    seen = np.where(np.isfinite(seen), seen, np.nan)
    if not logarithmic(view, log):
        return seen
    grid = view.value[np.isfinite(view.value)]
    least = max(FLOOR * float(grid.max(initial=0.0)), 1e-30)
    found: NDArray[Any] = np.log10(np.maximum(seen, least))
    return found


def quantity(view: Landscape, say: Say) -> str:
    """What the landscape is of, in words."""
    if view.spec.what == "score":
        return say("figure.accuracy" if view.classes else "figure.r2")
    return say({"cost": "figure.cost", "gradient": "figure.gradient_norm"}[view.spec.what])


def directions(view: Landscape, say: Say = english) -> tuple[str, str]:
    """What the two axes are."""
    plane, kind = view.plane, view.spec.plane
    if kind == "path":
        shares = [f"{share:.1%}" for share in plane.explained[:2]]
        one, two = (say("figure.principal").format(k=k + 1, share=share) for k, share in enumerate(shares))
    elif kind == "hessian":
        one, two = (say("figure.curved").format(value=f"{value:.3g}") for value in plane.curvature)
    elif kind == "pair":
        one, two = say("figure.to_solution"), say("figure.to_start")
    else:
        word = say("figure.random_direction" if kind in planes.RANDOM else "figure.along_plane")
        one = two = word
    return f"a: {one}", f"b: {two}"


def above(view: Landscape, log: bool = True, say: Say = english) -> go.Figure:
    """From above. Traces: 0 the ground, 1 the path (`x`, `y` [T]), 2 where it is (`x`, `y` [1]), 3 its
    start, 4 its end, 5 lines of equal value, 6 other solutions where the plane goes through them."""
    ab, end = view.trace.ab, view.trace.ab[-1:]
    ring = {"size": 14, "color": RING.color}
    shade, heights = ground(view, log, say)
    traces = [
        shade,
        theme.line(ab[:, 0], ab[:, 1], Role(DRAWN.color), say("figure.projected"), line={"width": 3},
                   hoverinfo="skip"),
        theme.points(end[:, 0], end[:, 1], Role(DRAWN.color), say("figure.now"), marker={"size": 11},
                     showlegend=False),
        theme.points(ab[:1, 0], ab[:1, 1], RING, say("figure.path_start"), marker=ring),
        theme.points(end[:, 0], end[:, 1], Role(GRAY), say("figure.trained"), marker=STAR, hoverinfo="x+y",
                     showlegend=False),
        heights,
    ]  # fmt: skip
    if len(view.plane.marks) > 1:
        others = view.plane.marks[1:]
        look = STAR | {"symbol": "diamond", "size": 12}
        traces.append(
            theme.points(others[:, 0], others[:, 1], Role(GRAY), say("figure.solutions"), marker=look)
        )
    bare = {"showgrid": False, "zeroline": False}
    across, along = directions(view, say)
    xaxis = {"title": {"text": across}, "range": [float(view.a[0]), float(view.a[-1])], **bare}
    yaxis = {"title": {"text": along}, "range": [float(view.b[0]), float(view.b[-1])], **bare}
    return theme.figure(
        traces,
        xaxis=xaxis,
        yaxis=yaxis,
        uirevision=f"{view.spec.plane} {view.a[[0, -1]]} {view.b[[0, -1]]}",
    )


def ground(view: Landscape, log: bool = True, say: Say = english) -> tuple[go.Heatmap, go.Contour]:
    """Dark where the network is good, and lines of equal value: two traces, as one takes twice as long."""
    z = theme.array(height(view, view.value, log))
    place = {"x": theme.array(view.a), "y": theme.array(view.b), "z": z}
    shade = go.Heatmap(
        **place, customdata=theme.array(view.value), colorscale=GROUND, zsmooth="fast",
        reversescale=view.spec.what == "score", hovertemplate=HOVER, name=quantity(view, say), showscale=True,
        colorbar={"thickness": 10, "outlinewidth": 0, "len": 0.9, **ticks(view, log)},
    )  # fmt: skip
    heights = go.Contour(
        **place, ncontours=24, line={"color": theme.rgba(GRAY, 0.55), "width": 0.8}, showlegend=False,
        contours={"coloring": "none"}, hoverinfo="skip", showscale=False,
    )  # fmt: skip
    return shade, heights


def ticks(view: Landscape, log: bool) -> dict[str, Any]:
    """Values beside a logarithmic scale of heights."""
    z = height(view, view.value, log)
    if not logarithmic(view, log) or not np.isfinite(z).any():
        return {}
    return theme.log_ticks(float(np.nanmin(z)), float(np.nanmax(z)))


def in_space(view: Landscape, camera: str = "corner", log: bool = True, say: Say = english) -> go.Figure:
    """In space. Traces: 0 the surface, 1 the path as the picture has it, 2 the path with the network's own
    values, above or below the surface, 3 the lines between the two."""
    x, y = np.meshgrid(view.a, view.b)
    z = height(view, view.value, log)
    surface = go.Surface(
        x=theme.array(x), y=theme.array(y), z=theme.array(z), customdata=theme.array(view.value),
        colorscale=SLOPES, reversescale=view.spec.what == "score", showscale=False, hovertemplate=HOVER,
        contours={"z": {"show": True, "color": "rgba(255,255,255,0.5)", "width": 1}},
        lighting={"ambient": 0.75, "diffuse": 0.5, "specular": 0.05},
    )  # fmt: skip
    ab, lift = view.trace.ab, 0.01 * _span(z)
    sides = np.array([[view.a[0], view.b[0]], [view.a[-1], view.b[-1]]])
    inside = ((ab >= sides[0]) & (ab <= sides[1])).all(1)
    drawn, true = (
        np.where(inside, height(view, v, log), np.nan) for v in (view.trace.drawn, view.trace.true)
    )
    stalks = np.stack([np.repeat(ab[:, 0], 3), np.repeat(ab[:, 1], 3)])
    gap = np.stack([drawn + lift, true, np.full(len(true), np.nan)], axis=1).ravel()
    traces = [
        surface,
        _thread(ab.T, drawn + lift, DRAWN, say("figure.drawn_value"), 6),
        _thread(ab.T, true, TRUE, say("figure.true_value"), 6),
        _thread(stalks, gap, Role(GRAY), "", 2, showlegend=False),
    ]
    across, along = directions(view, say)
    axis = {"gridcolor": GRAY, "showbackground": False, "color": GRAY}  # WebGL loses a faint grid on white
    scene = {
        "xaxis": {**axis, "title": {"text": across}, "range": [float(view.a[0]), float(view.a[-1])]},
        "yaxis": {**axis, "title": {"text": along}, "range": [float(view.b[0]), float(view.b[-1])]},
        "zaxis": {**axis, "title": {"text": quantity(view, say)}, **ticks(view, log)},
        "aspectratio": {"x": 1.3, "y": 1.3, "z": 0.75},
        "camera": {"eye": dict(zip("xyz", (EYES | HIGH)[camera], strict=True))},
    }  # fmt: skip
    flat = {"l": 0, "r": 0, "t": 30, "b": 0}
    return theme.figure(traces, scene=scene, margin=flat, uirevision=f"space {camera}")


def _span(z: NDArray[Any]) -> float:
    seen = z[np.isfinite(z)]
    return float(np.ptp(seen)) if seen.size else 1.0


def _thread(
    ab: NDArray[Any], z: NDArray[Any], role: Role, name: str, width: int, **more: Any
) -> go.Scatter3d:
    look = {"color": role.color, "width": width, "dash": role.dash}
    x, y, up = (theme.array(v) for v in (ab[0], ab[1], z))
    return go.Scatter3d(x=x, y=y, z=up, mode="lines", name=name, line=look, hoverinfo="skip", **more)


# ---------------------------------------------------------------- honesty


def against_truth(view: Landscape, log: bool = True, say: Say = english) -> go.Figure:
    """The network's own values along its path, and what the plane shows there. Traces: 0 true, 1 drawn."""
    trace, scale = view.trace, logarithmic(view, log)
    pair = [theme.drawable(v, log=scale) for v in (trace.true, trace.drawn)]
    lines = [
        theme.line(trace.step, pair[0], TRUE, say("figure.true_value")),
        theme.line(trace.step, pair[1], DRAWN, say("figure.drawn_value")),
    ]
    span: dict[str, Any] = (
        theme.log_axis(np.concatenate(pair)) if scale else {"range": [*theme.window(np.concatenate(pair))]}
    )
    return _over_steps(view, lines, quantity(view, say), span, say)


def off_the_plane(view: Landscape, say: Say = english) -> go.Figure:
    """How far the weights were from the plane. Traces: 0 off the plane, 1 to the last weights."""
    trace = view.trace
    lines = [
        theme.line(trace.step, trace.off, TRUE, say("figure.off_plane")),
        theme.line(trace.step, trace.far, theme.CHANCE, say("figure.to_end")),
    ]
    span = {"range": [0.0, 1.05 * float(np.max([trace.off, trace.far])) or 1.0]}
    return _over_steps(view, lines, say("figure.distance_weights"), span, say)


def _over_steps(view: Landscape, lines: list[Any], title: str, span: dict[str, Any], say: Say) -> go.Figure:
    last = int(view.trace.step[-1])
    xaxis = {"title": {"text": say("figure.step")}, "range": [-0.01 * last, 1.01 * last]}
    yaxis = {"title": {"text": title}, **span}
    return theme.figure(lines, xaxis=xaxis, yaxis=yaxis, hovermode="x unified", uirevision=title)


def explained(view: Landscape, say: Say = english) -> go.Figure:
    """The shares of the path's principal directions, and of a random walk's. Traces: 0 the path's, 1 a walk
    seen at the same steps, 2 one seen at even steps."""
    k = np.arange(1, min(SHOWN, len(view.plane.explained)) + 1)
    even = 6 / (np.pi * k) ** 2
    rows = (
        (view.plane.explained, Role(TRUE.color, symbol="circle"), "figure.of_path"),
        (view.walk, WALK, "figure.of_walk"),
        (even, Role(GRAY, "dot", "diamond"), "figure.of_even_walk"),
    )
    traces = []
    for shares, role, word in rows:
        marker = {"symbol": role.symbol, "size": 8}
        line = theme.line(k, theme.drawable(shares[: len(k)], log=True), role, say(word))
        traces.append(line.update(mode="lines+markers", marker=marker))
    seen = np.concatenate([trace.y for trace in traces])
    xaxis = {"title": {"text": say("figure.principal_number")}, "dtick": 1}
    yaxis = {"title": {"text": say("figure.explained")}, **theme.log_axis(seen[seen > 1e-5])}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="explained")


# ---------------------------------------------------------------- lines


def between(found: Lines, log: bool = False, say: Say = english) -> go.Figure:
    """Values on the lines between solutions. Traces: S as trained, S matched, then both ends."""
    scale = log and found.spec.what == "cost"
    traces = []
    for values, role, word in (
        (found.plain, TRAINED, "figure.plain_order"),
        (found.matched, MATCHED, "figure.matched"),
    ):
        for i, row in enumerate(theme.drawable(values, log=scale)):
            look = {
                "line": {"width": 3 if i == 0 else 1.2, "dash": "solid"},
                "opacity": 1.0 if i == 0 else 0.55,
            }
            traces.append(
                theme.line(found.t, row, role, say(word), legendgroup=word, showlegend=i == 0, **look)
            )
    ends = [int(np.argmin(np.abs(found.t - end))) for end in (0, 1)]
    marker = STAR | {"size": 13}
    traces.append(
        theme.points(found.t[ends], found.plain[0, ends], Role(GRAY), say("figure.trained"), marker=marker)
    )
    seen = np.concatenate([found.plain.ravel(), found.matched.ravel()])
    span: dict[str, Any] = theme.log_axis(seen) if scale else {"range": [*theme.window(seen)]}
    kind = {"cost": "figure.cost", "score": "figure.accuracy" if found.classes else "figure.r2"}
    xaxis = {"title": {"text": say("figure.along_line")}, "zeroline": False}
    yaxis = {"title": {"text": say(kind[found.spec.what])}, **span}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="lines")


def barriers(found: Lines, say: Say = english) -> go.Figure:
    """The barrier of every pair, before and after matching. Traces: 0 as trained, 1 matched."""
    pairs = [found.barrier(values) for values in (found.plain, found.matched)]
    names = [say("figure.seeded").format(seed=seed) for seed in found.seeds]
    looks = (("figure.plain_order", TRAINED.color, ""), ("figure.matched", MATCHED.color, "/"))
    bars = [
        go.Bar(x=names, y=theme.array(values), name=say(word),
               marker={"color": color, "pattern": {"shape": shape}})
        for values, (word, color, shape) in zip(pairs, looks, strict=True)
    ]  # fmt: skip
    xaxis, yaxis = {"title": {"text": say("figure.other_end")}}, {"title": {"text": say("figure.barrier")}}
    return theme.figure(bars, xaxis=xaxis, yaxis=yaxis, barmode="group", uirevision="barriers")
