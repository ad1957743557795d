"""Races of rules: what every rate came to, how the chosen ones went, and where their rows were.

What has diverged leaves a picture at its top.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from mlcore.descents.paths import PathSpec
from mlcore.descents.races import Entrant, Race, quantile
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.families.surfaces import SURFACES, Relief
from mlcore.figures import paths as ground
from mlcore.figures import theme
from mlcore.figures.theme import CHANCE, RING, Role
from mlcore.figures.words import Say, english

FLOATS = NDArray[np.float64]
BEYOND = 100.0  # times the top of a picture: far enough outside for a line to be seen leaving
FAINT, PLAIN = 0.07, 0.22  # how strong the middle half of a rule is drawn


def looks(rules: Sequence[Entrant]) -> list[Role]:
    """A rule looks the same in every race, whoever else takes part."""
    order = list(OPTIMIZERS)
    return [theme.of_class(order.index(rule.optimizer)) for rule in rules]


def sweep(
    rate: FLOATS,  # [E, L]
    values: FLOATS,  # [E, L, H]
    best: NDArray[np.int64],  # [E]
    rules: Sequence[Entrant],
    names: Sequence[str],
    title: str,
    top: float,
    first: int,
    level: float | None = None,
    say: Say = english,
) -> go.Figure:
    """Medians over the rates, the middle half of the rule `first` around its own, rings at the chosen rates.

    Traces: 0 the middle half, 1..E medians, E + 1 the rings, E + 2 the level of chance, if there is one.
    """
    roles, medians = looks(rules), quantile(values, 0.5)
    half = say("figure.half").format(name=names[first])
    traces = [_half(rate[first], values[first], roles[first], top, half)]
    for x, y, middle, role, name in zip(rate, values, medians, roles, names, strict=True):
        hover = f"<b>{name}</b><br>η = %{{x:.3g}}<br>{title}: %{{text}}<br>{say('figure.diverged_share')}: "
        line = theme.line(x, inside(middle, top), role, name, text=[f"{m:.3g}" for m in middle])
        look = {"symbol": role.symbol, "size": 7, "color": role.color}
        traces.append(
            line.update(mode="lines+markers", marker=look, customdata=theme.array(np.isinf(y).mean(-1)),
                        hovertemplate=hover + "%{customdata:.0%}<extra></extra>")
        )  # fmt: skip
    at = np.arange(len(best)), best
    ring = {"size": 16, "color": RING.color, "line": {"width": 2.5, "color": RING.color}}
    traces.append(
        theme.points(
            rate[at], inside(medians[at], top), RING, say("figure.chosen_rate"), marker=ring, hoverinfo="skip"
        )
    )
    if level is not None:
        ends = [rate.min(), rate.max()]
        traces.append(theme.line(ends, [level, level], CHANCE, say("figure.chance"), hoverinfo="skip"))
    seen = _seen(medians, values[first], top, level)
    xaxis = {"title": {"text": say("figure.lr")}, **theme.log_axis(rate)}
    yaxis = {"title": {"text": title}, **theme.log_axis(seen)}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="sweep")


def course(
    step: ArrayLike,  # [T]
    values: FLOATS,  # [E, T, H]
    rules: Sequence[Entrant],
    names: Sequence[str],
    title: str,
    top: float,
    first: int,
    level: float | None = None,
    say: Say = english,
) -> go.Figure:
    """Medians on the way, the middle half of the rule `first` around its own.

    Traces: 0 the middle half, 1..E medians, E + 1 the level of chance, if there is one.
    """
    roles, medians, steps = looks(rules), quantile(values, 0.5), np.asarray(step)
    half = say("figure.half").format(name=names[first])
    traces = [_half(steps, values[first], roles[first], top, half)]
    for middle, role, name in zip(medians, roles, names, strict=True):
        traces.append(theme.line(steps, inside(middle, top), role, name, hovertemplate="%{y:.3g}"))
    if level is not None:
        ends = [steps[0], steps[-1]]
        traces.append(theme.line(ends, [level, level], CHANCE, say("figure.chance"), hoverinfo="skip"))
    seen = _seen(medians, values[first], top, level)
    margin = 0.01 * float(steps[-1])
    xaxis = {"title": {"text": say("figure.gradients")}, "range": [-margin, float(steps[-1]) + margin]}
    yaxis = {"title": {"text": title}, **theme.log_axis(seen)}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, hovermode="x unified", uirevision="course")


def _seen(medians: FLOATS, first: FLOATS, top: float, level: float | None) -> FLOATS:
    """What the axis has to show: all medians, and the middle half of one rule, as far as they lie below."""
    shown = np.concatenate([medians.ravel(), quantile(first, 0.25)])
    found: FLOATS = np.append(shown[shown < top], [top, level or top])
    return found


def inside(values: ArrayLike, top: float) -> FLOATS:
    """Values as far as a picture follows them; NaN and infinity lie beyond its top."""
    found: FLOATS = np.minimum(np.nan_to_num(np.asarray(values, float), nan=np.inf), BEYOND * top)
    return found


def _half(x: FLOATS, values: FLOATS, role: Role, top: float, name: str) -> go.Scatter:
    """The middle half of values [L, H]; its color says whose it is, so the legend need not."""
    low, high = (inside(quantile(values, share), top) for share in (0.25, 0.75))
    return theme.band(x, low, high, role.color, name, showlegend=False)


def swarm(found: Race, relief: Relief, names: Sequence[str], say: Say = english) -> go.Figure:
    """The surface from above with every row at its last point.

    Traces: 0 the ground, 1..E the rows (`x`, `y` [H]), E + 1 the minima, E + 2 lines of equal height.
    """
    spec, home = found.spec, at_home(found.spec.surface, found.spec.surface_knobs)
    shade, heights = ground.ground(relief, say)
    rows = []
    for track, role, name in zip(found.track, looks(spec.rules), names, strict=True):
        last = theme.followed(track[-1])
        rows.append(theme.points(last[:, 0], last[:, 1], role, name, marker={"size": 9}, hoverinfo="name"))
    traces = [shade, *rows, ground.minima(home, say), heights]
    return theme.figure(traces, **ground.axes(home), uirevision=f"swarm {spec.surface}")


def at_home(surface: str, knobs: Any) -> PathSpec:
    """The surface with the start that it declares: what is seen of it is its box."""
    x, y = SURFACES[surface].start
    return PathSpec(surface, knobs, x=x, y=y, rules=())
