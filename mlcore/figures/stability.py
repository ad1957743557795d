"""The plane of learning rate and momentum, and one descent with momentum beside the best ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from mlcore.descents import stability
from mlcore.descents.stability import MOST, Plane
from mlcore.figures import theme
from mlcore.figures.quadratics import STAR, over_steps
from mlcore.figures.theme import CHANCE, GRAY, MODEL, RING, Role
from mlcore.figures.words import Say, english

FLOATS = NDArray[Any]
LEAST = 0.02  # rates below are drawn as this one
ROOM = 0.1  # between two ticks, as a share of half the bar
TICKS = (0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0, 1.05, 1.2, 1.5, 2.0, 3.0)
CHOSEN, BALL, PLAIN = Role(theme.COLORS[1]), Role(theme.COLORS[3], "dash"), Role(theme.COLORS[2], "dot")


def shade(rate: ArrayLike) -> FLOATS:
    """Rates as colors see them: the root of log10, so that 0.98 and 0.99 differ; 0 is a rate of 1."""
    log = np.log10(np.maximum(np.asarray(rate, np.float64), LEAST))
    found: FLOATS = np.sign(log) * np.sqrt(np.abs(log))
    return found


def ticks(deep: float) -> list[float]:
    """Rates to be written beside colors from -deep to deep: from 1 outwards, where there is room for them."""
    kept = [1.0]
    for rate in sorted(TICKS, key=lambda rate: abs(float(shade(rate)))):
        place = float(shade(rate))
        if abs(place) <= deep and min(abs(place - float(shade(other))) for other in kept) > ROOM * deep:
            kept.append(rate)
    return sorted(kept)


def plane(found: Plane, lr: float, momentum: float, say: Say = english) -> go.Figure:
    """Measured rates. Traces: 0 the rates, 1 the boundary, 2 and 3 where roots are double, 4 the best pair,
    5 the best without momentum, 6 the chosen pair."""
    low, high = found.eigenvalues
    right = float(found.lr[-1])
    z = shade(found.measured)
    deep = max(-float(np.quantile(z, 0.01)), 0.2)  # a single point that arrives at once darkens nothing else
    kept = ticks(deep)
    bar = {
        "thickness": 12, "outlinewidth": 0, "tickvals": shade(kept).tolist(),
        "ticktext": [f"{rate:g}" for rate in kept], "title": {"text": say("figure.rate"), "side": "right"},
    }  # fmt: skip
    colors = [[0.0, theme.rgba(theme.COLORS[0], 0.95)], [0.5, theme.rgba(GRAY, 0.06)],
              [1.0, theme.rgba(theme.COLORS[1], 0.8)]]  # fmt: skip
    hover = "η = %{x:.4g}<br>β = %{y:.3f}<br>"
    hover += say("figure.measured") + ": %{customdata[0]:.4f}<br>"
    hover += say("figure.theory") + ": %{customdata[1]:.4f}<extra></extra>"
    ground = go.Heatmap(
        x=theme.array(found.lr), y=theme.array(found.momentum), z=theme.array(z), zmin=-deep, zmax=deep,
        colorscale=colors, colorbar=bar, customdata=theme.array(np.stack([found.measured, found.theory], -1)),
        hovertemplate=hover, name=say("figure.rate"),
    )  # fmt: skip
    beta = np.linspace(0, MOST, 101)
    edge = theme.line(
        stability.boundary(beta, high), beta, MODEL, say("figure.stable_up_to"), line={"width": 4}
    )
    roots = []
    for k, curvature in enumerate((low, high)):
        x = np.linspace(0, right, 301)
        double = np.where(
            np.sqrt(x * curvature) < 1 + np.sqrt(MOST), (1 - np.sqrt(x * curvature)) ** 2, np.nan
        )
        word = say("figure.double_roots")
        roots.append(theme.line(x, double, Role(GRAY, "dash"), word, legendgroup=word, showlegend=k == 0))
    marks = [
        theme.points([at[0]], [at[1]], Role(GRAY), say(word), marker=STAR | {"symbol": symbol, "size": size},
                     cliponaxis=False)
        for at, word, symbol, size in (
            (stability.optimum(low, high), "figure.best_pair", "star", 17),
            (stability.plain(low, high), "figure.best_plain", "diamond", 12),
        )
    ]  # fmt: skip
    ring = {
        "size": 17,
        "color": "rgba(0,0,0,0)",
        "line": {"color": RING.color, "width": 4},
        "symbol": "circle",
    }
    inside = lr <= 1.02 * right
    chosen = theme.points(
        [lr] if inside else [], [momentum] if inside else [], RING, say("figure.chosen"), marker=ring
    )
    notes = [] if inside else [theme.note(say("figure.lr_beyond").format(lr=f"{lr:.4g}"))]
    xaxis = {"title": {"text": say("figure.lr")}, "range": [0, 1.01 * right], "showgrid": False}
    yaxis = {"title": {"text": say("figure.momentum")}, "range": [-0.02, 1.0], "showgrid": False}
    return theme.figure(
        [ground, edge, *roots, *marks, chosen], xaxis=xaxis, yaxis=yaxis, annotations=notes,
        uirevision=f"plane {low} {high}",
    )  # fmt: skip


def descents(
    measured: Sequence[FLOATS],
    theory: Sequence[FLOATS],
    rate: float,
    names: Sequence[str],
    say: Say = english,
) -> go.Figure:
    """Distances [T] of the chosen, the best and the best plain descent. Traces: 3 lines of theory, 3 times
    measured points, then what the chosen one's rate says for the long run: rate^t."""
    steps = np.arange(len(measured[0]))
    looks = (CHOSEN, BALL, PLAIN)
    known = [theme.drawable(size, log=True) for size in theory]
    traces = [theme.line(steps, v, role, name) for v, role, name in zip(known, looks, names, strict=True)]
    for k, (size, role) in enumerate(zip(measured, looks, strict=True)):
        dots = theme.drawable(size, log=True)
        told = f"{names[k]}, {say('figure.measured')}"
        look = {"size": 6 if k == 0 else 4}
        traces.append(theme.points(steps, dots, Role(role.color), told, showlegend=False, marker=look))
    with np.errstate(over="ignore"):
        power = theme.drawable(np.asarray(rate) ** steps, log=True)
    traces.append(theme.line(steps, power, CHANCE, say("figure.rate_power")))
    values = np.stack([np.asarray(size, np.float64) for size in measured], axis=1)
    return over_steps(traces, values, len(steps) - 1, say("figure.distance_to_minimum"), say)
