"""Ways out of local minima: how often each succeeds, where its runs go, restarts against their theory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.base.shares import Share, percent
from mlcore.escapes.escaping import Escape
from mlcore.escapes.multimodal import OWN, Multimodal
from mlcore.escapes.restarts import SURE, Restarts, chance
from mlcore.escapes.success_rates import Solved, SolveSpec
from mlcore.families.surfaces import Relief
from mlcore.figures import theme
from mlcore.figures.paths import ground as ground_of
from mlcore.figures.paths import stars
from mlcore.figures.theme import GRAY, Role
from mlcore.figures.words import Say, english

MORE, SAME, LESS = Role("#0072B2"), Role(GRAY, symbol="square"), Role("#D55E00", symbol="triangle-down")
LEARNED = Role(GRAY, "dash", "square")
THEORY, MEASURED = Role("#7C3CFF"), Role("#D55E00", symbol="diamond")
PERCENT = {"range": [-0.02, 1.06], "tickformat": ".0%", "dtick": 0.25}


def compared(share: Share, baseline: Share) -> int:
    """1 if the interval of `share` lies above that of the baseline, -1 if below, 0 if they overlap."""
    (low, high), (under, over) = share.interval, baseline.interval
    return int(low > over) - int(high < under)


def whisker(shares: Sequence[Share]) -> dict[str, Any]:
    """Intervals as error bars."""
    low, high = np.array([share.interval for share in shares]).reshape(-1, 2).T
    value = np.array([share.value for share in shares])
    bars = {"array": theme.array(high - value), "arrayminus": theme.array(value - low)}
    return {"type": "data", "symmetric": False, "thickness": 2.5, "width": 7, **bars}


def shares(
    results: Sequence[Escape], names: Sequence[str], baseline: Share | None, say: Say = english
) -> go.Figure:
    """The share of runs that reach the global basin, by method, with its interval.

    Traces: 0 the methods, from below. The baseline is a dashed line, its interval a band.
    """
    found = [result.share for result in results]
    verdicts = [compared(share, baseline) if baseline else 0 for share in found]
    looks = [(SAME, MORE, LESS)[verdict] for verdict in verdicts]
    marker = {"size": 13, "color": [r.color for r in looks], "symbol": [r.symbol for r in looks],
              "line": {"color": theme.EDGE, "width": 1}}  # fmt: skip
    bars = whisker(found) | {"color": GRAY}
    text = [percent(share.value) for share in found]
    hover = [f"{name}: {share.hits} / {share.of}" for name, share in zip(names, found, strict=True)]
    beside = ["top right" if share.value < 0.9 else "top left" for share in found]  # of the dashed line
    rows = np.arange(len(found), dtype=np.int32)[::-1]
    dots = go.Scatter(
        x=theme.array([s.value for s in found]), y=rows, mode="markers+text", marker=marker, text=text,
        textposition=beside, error_x=bars, hovertext=hover, hoverinfo="text", showlegend=False,
        name=say("figure.escaped_share"), cliponaxis=False,
    )  # fmt: skip
    axis = {"title": {"text": say("figure.escaped_share")}, **PERCENT}
    ticks = {"tickvals": rows.tolist(), "ticktext": list(names), "range": [-0.6, len(found) - 0.3]}
    shapes = list(_baseline(baseline)) if baseline else []
    return theme.figure(
        [dots], xaxis=axis, yaxis={**ticks, "showgrid": True, "zeroline": False}, shapes=shapes,
        uirevision="shares", showlegend=False,
    )  # fmt: skip


def _baseline(share: Share) -> tuple[dict[str, Any], dict[str, Any]]:
    low, high = share.interval
    place = {"yref": "y domain", "y0": 0, "y1": 1}
    band = {"type": "rect", "x0": low, "x1": high, "fillcolor": theme.rgba(GRAY, 0.18), "line": {"width": 0}}
    line = {"type": "line", "x0": share.value, "x1": share.value}
    return {**band, **place, "layer": "below"}, {
        **line, **place, "line": {"color": GRAY, "dash": "dash", "width": 1.5}, "name": "baseline",
    }  # fmt: skip


def cloud(known: Multimodal, relief: Relief, result: Escape, say: Say = english) -> go.Figure:
    """The ground with some of the runs at their ends, by whether they get to the global basin.

    Traces: 0 the ground, 1 where they started, 2 runs that get there, 3 runs that do not (`x`, `y`), 4 the
    global minima, 5 lines of equal height.
    """
    shade, heights = ground_of(relief, say)
    first, last = result.track[0], result.track[-1]
    inside, outside = (last[rows] for rows in seen(result))
    small = {"size": 5, "line": {"width": 1}}
    traces = [
        shade,
        theme.points(
            first[:, 0],
            first[:, 1],
            Role(GRAY),
            say("figure.starts"),
            hollow=True,
            marker=small,
            hoverinfo="skip",
        ),
        theme.points(
            inside[:, 0], inside[:, 1], MORE, say("figure.runs_in"), marker={"size": 9}, hoverinfo="skip"
        ),
        theme.points(
            outside[:, 0], outside[:, 1], LESS, say("figure.runs_out"), marker={"size": 9}, hoverinfo="skip"
        ),
        stars(known.minima[: known.lowest], say, named(known)),
        heights,
    ]
    return theme.figure(traces, **_axes(known), uirevision=f"cloud {known.spec}")


def seen(result: Escape) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which of the runs in the picture get to the global basin, and which do not."""
    there = result.reached[: result.track.shape[1]]
    return there, ~there


def named(known: Multimodal) -> str:
    """Of a typed formula the global minimum is not known, only the lowest found."""
    return "lowest_found" if known.spec.surface == OWN else "minimum"


def _axes(known: Multimodal) -> dict[str, Any]:
    left, right, low, high = known.box
    bare = {"showgrid": False, "zeroline": False}
    return {
        "xaxis": {"title": {"text": "x"}, "range": [left, right], **bare},
        "yaxis": {"title": {"text": "y"}, "range": [low, high], **bare},
    }


def survey(known: Multimodal, relief: Relief, say: Say = english) -> go.Figure:
    """The ground with all minima that were found. Traces: 0 the ground, 1 minima, 2 the lowest, 3 lines."""
    shade, heights = ground_of(relief, say)
    rest = known.minima[known.lowest :]
    hover = {"hovertemplate": "x = %{x:.4g}<br>y = %{y:.4g}<br>f = %{customdata:.5g}<extra></extra>"}
    others = theme.points(
        rest[:, 0], rest[:, 1], MORE, say("figure.local_minimum"), hollow=True,
        customdata=theme.array(known.value[known.lowest :]), **hover,
    )  # fmt: skip
    traces = [shade, others, stars(known.minima[: known.lowest], say, named(known)), heights]
    return theme.figure(traces, **_axes(known), uirevision=f"survey {known.spec}")


def restarts(found: Restarts, say: Say = english) -> go.Figure:
    """How often one of k starts succeeds. Traces: 0 the interval of p, 1 theory, 2 what groups of k did."""
    last = max([*found.k.tolist(), *([found.needed] if np.isfinite(found.needed) else []), 2])
    k = np.geomspace(1, last, 200)
    low, high = (chance(p, k) for p in found.single.interval)
    marks = theme.points(
        found.k, [share.value for share in found.groups], MEASURED, say("figure.measured_groups"),
        marker={"size": 10}, error_y=whisker(found.groups) | {"color": MEASURED.color},
        hovertext=[f"k = {n}: {s.hits} / {s.of}" for n, s in zip(found.k, found.groups, strict=True)],
        hoverinfo="text",
    )  # fmt: skip
    traces = [
        theme.band(k, low, high, THEORY.color, say("figure.p_interval")),
        theme.line(k, chance(found.p, k), THEORY, say("figure.by_theory"), line={"width": 3}),
        marks,
    ]
    xaxis = {"title": {"text": say("figure.restarts")}, **theme.log_axis([1, last])}
    yaxis = {"title": {"text": say("figure.one_of_k")}, **PERCENT}
    shapes = [_level(SURE)]
    if np.isfinite(found.needed):
        shapes.append(theme.cursor(found.needed))
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, shapes=shapes, uirevision="restarts")


def _level(height: float) -> dict[str, Any]:
    look = {"line": {"color": GRAY, "width": 1.5, "dash": "dot"}}
    return {"type": "line", "xref": "x domain", "x0": 0, "x1": 1, "y0": height, "y1": height, **look}


def solved(found: Sequence[Solved], spec: SolveSpec, places: Sequence[int], say: Say = english) -> go.Figure:
    """The share of networks that solve the task, over widths or batch sizes; `places` are all to come.

    Traces: 0 those that beat chance, 1 those that solve it.
    """
    goal = say("figure.solved").format(goal=f"{spec.goal:.0%}")
    curves = (
        ([part.learned for part in found], LEARNED, say("figure.learned_at_all")),
        ([part.solved for part in found], MORE, goal),
    )
    x, traces = [part.place for part in found], []
    for shares, role, name in curves:
        bars = whisker(shares) | {"color": role.color, "thickness": 1.5}
        hover = {"hovertext": [f"{name}: {s.hits} / {s.of}" for s in shares], "hoverinfo": "text"}
        curve = theme.line(x, [share.value for share in shares], role, name, line={"width": 3}, **hover)
        marker = {"symbol": role.symbol, "size": 10, "color": role.color}
        traces.append(curve.update(mode="lines+markers", marker=marker, error_y=bars))
    ticks = {"tickvals": list(places), "ticktext": [f"{place:,}" for place in places]}
    title = say("figure.units" if spec.along == "width" else "figure.batch_size")
    xaxis = {"title": {"text": title}, **theme.log_axis(places), **ticks}
    yaxis = {"title": {"text": say("figure.share_of_networks")}, **PERCENT}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision=f"solved {spec.along}")
