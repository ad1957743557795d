"""Cost over the number of features or parameters, past the point where there are as many as examples.

On a logarithmic axis a training cost that has reached 0 leaves the picture at the bottom. Means are drawn
where theory speaks of them, medians and the middle half everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from mlcore.complexity.double_descent import Measured, Spectrum, Theory
from mlcore.complexity.random_features import Curves
from mlcore.figures import theme
from mlcore.figures.theme import CHANCE, GRAY, MODEL, TEST, TRAIN, Role
from mlcore.figures.words import Say, english

FLOATS = NDArray[Any]
NOTHING = 1e-30  # 0 on a logarithmic axis: far below the picture, so that a line is seen to leave it
BEST = Role(theme.COLORS[2], "dot")


# ---------------------------------------------------------------- independent Gaussian features


def risks(found: Measured, theory: Theory, chosen: int, say: Say = english) -> go.Figure:
    """Excess risk over features. Traces: 0 middle half, 1 theory, 2 with the best ridge, 3 median, 4 mean."""
    half, median = spread(found.p, found.risk, TEST, "", say)
    means = theme.points(
        found.p, theme.drawable(found.risk.mean(1), log=True), TEST,
        say("figure.mean_of").format(count=found.risk.shape[1]), marker={"size": 7},
    )  # fmt: skip
    known = theme.line(theory.p, theme.drawable(theory.risk, log=True), MODEL, _theory(theory, say))
    best = theme.line(theory.p, theme.drawable(theory.best, log=True), BEST, say("figure.best_ridge"))
    half_way = np.quantile(found.risk, [0.25, 0.75], axis=1)
    seen = [half_way, np.minimum(found.risk.mean(1), 10 * half_way.max()), theory.risk, theory.best]
    traces = [half, known, best, median, means]
    title, look = say("figure.excess"), theme.log_axis(np.concatenate([np.ravel(v) for v in seen]))
    return over(traces, found.p, found.spec.examples, title, look, "risks", say, chosen=chosen)


def fitted(found: Measured, theory: Theory, chosen: int, say: Say = english) -> go.Figure:
    """Training cost over features. Traces: 0 middle half, 1 theory, 2 median, 3 mean."""
    half, median = spread(found.p, found.train, TRAIN, "", say)
    means = theme.points(
        found.p, found.train.mean(1), TRAIN,
        say("figure.mean_of").format(count=found.train.shape[1]), marker={"size": 7},
    )  # fmt: skip
    known = theme.line(theory.p, theory.train, MODEL, _theory(theory, say))
    top = float(max(found.train.max(), 1e-9))
    title, look = say("figure.train_cost"), {"range": [-0.03 * top, 1.03 * top]}
    return over(
        [half, known, median, means], found.p, found.spec.examples, title, look, "fitted", say, chosen=chosen
    )


def singular(seen: Spectrum, say: Say = english) -> go.Figure:
    """What the fit divides by. Traces: 0 all singular values, 1 their law, 2 the least of each set."""
    values = seen.values
    edges = np.linspace(0, max(1.02 * values.max(), float(seen.at[-1])), 41)
    count, _ = np.histogram(values, edges, density=True)
    look: dict[str, Any] = {"color": theme.rgba(GRAY, 0.55), "line": {"width": 0}}
    bars = go.Bar(
        x=theme.array((edges[1:] + edges[:-1]) / 2), y=theme.array(count), width=float(edges[1]),
        marker=look, name=say("figure.all_sets"), hoverinfo="skip",
    )  # fmt: skip
    law = theme.line(seen.at, seen.density, MODEL, say("figure.law"))
    least = theme.points(
        values[:, -1], np.zeros(len(values)), TEST, say("figure.least"), hollow=True, cliponaxis=False,
    )  # fmt: skip
    xaxis = {"title": {"text": say("figure.singular_n")}, "range": [-0.02 * edges[-1], edges[-1]]}
    yaxis = {"title": {"text": say("figure.how_often")}, "rangemode": "tozero"}
    return theme.figure(
        [bars, law, least], xaxis=xaxis, yaxis=yaxis, bargap=0, uirevision=f"singular {seen.p}"
    )


def _theory(theory: Theory, say: Say) -> str:
    return say("figure.theory" if theory.exact else "figure.theory_limit")


# ---------------------------------------------------------------- random features


def costs(found: Curves, say: Say = english) -> go.Figure:
    """Traces: 0 test's middle half, 1 training's, 2 chance, 3 test's median, 4 training's."""
    (test_half, test), (half, train) = (
        spread(found.p, values, role, say(name), say)
        for values, role, name in ((found.test, TEST, "figure.test"), (found.train, TRAIN, "figure.train"))
    )
    level = theme.line(found.p[[0, -1]], [found.chance] * 2, CHANCE, say("figure.chance"))
    look = above(found.test, [*np.median(found.test, axis=1), found.chance])
    return over(
        [test_half, half, level, test, train],
        found.p,
        found.spec.examples,
        say("figure.cost"),
        look,
        "costs",
        say,
    )


def lengths(found: Curves, say: Say = english) -> go.Figure:
    """How long w is. Traces: 0 middle half, 1 median."""
    traces = spread(found.p, found.norm, MODEL, "", say)
    look = theme.log_axis(np.quantile(found.norm, [0.25, 0.5, 0.75], axis=1))
    return over(traces, found.p, found.spec.examples, say("figure.length"), look, "lengths", say)


def mistakes(found: Curves, say: Say = english) -> go.Figure:
    """The share of wrong classes on test examples. Traces: 0 middle half, 1 median."""
    assert found.wrong is not None
    traces = spread(found.p, found.wrong, TEST, say("figure.test"), say)
    return over(
        traces, found.p, found.spec.examples, say("figure.wrong"), share(found.wrong), "mistakes", say
    )


# ---------------------------------------------------------------- what they share


def spread(x: ArrayLike, values: FLOATS, role: Role, name: str, say: Say, **more: Any) -> list[go.Scatter]:
    """Middle half and median of values [G, S] over x [G]; with a name, the legend tells whose they are."""
    low, median, high = np.quantile(values, [0.25, 0.5, 0.75], axis=1).clip(NOTHING)
    count = values.shape[1]
    told = say("figure.median").format(name=name, replicas=count) if name else ""
    told = told or say("figure.median_of").format(count=count)
    half = theme.band(x, low, high, role.color, told, showlegend=False, legendgroup=told)
    return [half, theme.line(x, median, role, told, legendgroup=told, **more)]


def over(
    traces: Sequence[Any],
    x: FLOATS,
    threshold: float,
    title: str,
    yaxis: dict[str, Any],
    name: str,
    say: Say,
    *,
    names: tuple[str, str] = ("figure.features", "p = n"),
    chosen: float | None = None,
) -> go.Figure:
    """A figure over features or parameters with the threshold marked, and a cursor where one is chosen."""
    mark = theme.cursor(threshold) | {
        "name": "threshold",
        "layer": "below",
        "line": {"color": theme.RING.color, "width": 2},
    }
    place = {
        "xref": "x",
        "x": float(np.log10(threshold)),
        "yref": "paper",
        "y": 0.01,
        "yanchor": "bottom",
        "xanchor": "left",
    }
    label = {"text": names[1], "showarrow": False, "xshift": 4, **place}
    cursors = [mark] if chosen is None else [mark, theme.cursor(chosen)]
    xaxis = {"title": {"text": say(names[0])}, **theme.log_axis(np.append(x, threshold)), "tickformat": ",d"}
    axes = {"xaxis": xaxis, "yaxis": {"title": {"text": title}, **yaxis}}
    return theme.figure(traces, **axes, shapes=cursors, annotations=[label], uirevision=name)


def above(values: FLOATS, others: ArrayLike) -> dict[str, Any]:
    """A logarithmic axis for test costs [G, S]: their middle halves, and some room below."""
    low, high = np.quantile(values, [0.25, 0.75], axis=1)
    seen = np.concatenate([low, high, np.ravel(others)])
    seen = seen[np.isfinite(seen) & (seen > 0)]
    return theme.log_axis(np.append(seen, seen.min() / 2) if seen.size else seen)


def share(values: FLOATS) -> dict[str, Any]:
    return {"range": [0, 1.05 * float(np.quantile(values, 0.75, axis=1).max()) or 1.0], "tickformat": ".0%"}
