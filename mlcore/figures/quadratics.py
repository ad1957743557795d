"""Plain descent: on a parabola, seen from above, its parts over the steps, and what a step leaves.

Theory is a line, what was measured are points on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.descents.quadratics import BOX, OneSpec, Rates, Way
from mlcore.descents.regression import Fit
from mlcore.families.surfaces import Relief
from mlcore.figures import theme
from mlcore.figures.paths import ground
from mlcore.figures.theme import CHANCE, GRAY, MODEL, RING, TRUTH, Role
from mlcore.figures.words import Say, english

FLOATS = NDArray[Any]
WAY, BEST = Role(theme.COLORS[1]), Role(theme.COLORS[3], "dash")  # both stand out from blue ground
STAR = {"symbol": "star", "size": 15, "color": "#E0A100", "line": {"color": "#5c4300", "width": 1}}
DEEP, HIGH = 1e-12, 1e3  # of the first value: what a logarithmic picture shows of a descent
OUTER = 2.0  # the ground goes on beyond the box, for pictures that are not square


def marker(x: Sequence[float] | FLOATS, y: Sequence[float] | FLOATS, roles: Sequence[Role], say: Say) -> Any:
    """Where descents are now."""
    look = {"color": [role.color for role in roles], "size": 12}
    return theme.points(x, y, Role(GRAY), say("figure.now"), marker=look, showlegend=False)


def start(x: float, y: float, say: Say, name: str = "figure.path_start") -> Any:
    look = {"size": 15, "color": RING.color}
    return theme.points([x], [y], RING, say(name), marker=look)


# ---------------------------------------------------------------- one dimension


def parabola(spec: OneSpec, way: Way, say: Say = english) -> go.Figure:
    """f with the descent as chords. Traces: 0 f, 1 the chords (`x`, `y` [T]), 2 where it is, 3 its start."""
    x = np.linspace(-1.1 * BOX, 1.1 * BOX, 201)
    curve = theme.line(x, 0.5 * spec.curvature * x**2, Role(theme.COLORS[0]), "f(x) = λ/2 x²")
    at, value = theme.followed(way.theta[:, 0]), theme.followed(way.value)
    chords = theme.line(at, value, WAY, say("figure.descent"), line={"width": 2})
    chords.update(mode="lines+markers", marker={"size": 8, "color": WAY.color})
    traces = [curve, chords, marker(at[-1:], value[-1:], [WAY], say)]
    traces.append(start(spec.start, 0.5 * spec.curvature * spec.start**2, say))
    top = 0.5 * spec.curvature * BOX**2
    xaxis = {"title": {"text": "x"}, "range": [-1.05 * BOX, 1.05 * BOX]}
    yaxis = {"title": {"text": "f(x)"}, "range": [-0.05 * top, 1.1 * top]}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision=f"parabola {spec.curvature}")


def sizes(
    measured: FLOATS, theory: FLOATS, names: Sequence[str], title: str, say: Say = english
) -> go.Figure:
    """Sizes [T, C] over the steps, logarithmic. Traces: C lines of theory, then C times measured points."""
    steps, count = np.arange(len(measured)), measured.shape[1]
    roles = [MODEL, Role(theme.COLORS[1])] if count == 1 else [theme.of_class(k) for k in (0, 1, 2)]
    pairs = [(roles[0], roles[1])] if count == 1 else [(role, role) for role in roles]
    lines, dots = [], []
    for k, name in enumerate(names):
        line, mark = pairs[k]
        lines.append(theme.line(steps, theme.drawable(theory[:, k], log=True), Role(line.color), name))
        told = say("figure.measured") if count == 1 else f"{name}, {say('figure.measured')}"
        dots.append(
            theme.points(steps, theme.drawable(measured[:, k], log=True), Role(mark.color), told,
                         showlegend=count == 1, marker={"size": 7, "symbol": mark.symbol})
        )  # fmt: skip
    return over_steps([*lines, *dots], np.concatenate([measured, theory]), len(steps) - 1, title, say)


def over_steps(traces: Sequence[Any], values: FLOATS, last: int, title: str, say: Say) -> go.Figure:
    """Descents over the steps on a logarithmic axis that shows `values`, the first of them the start."""
    first = float(np.nanmax(values[0])) or 1.0
    with np.errstate(invalid="ignore"):
        seen = values[(values >= DEEP * first) & (values <= HIGH * first)]
    xaxis = {"title": {"text": say("figure.step")}, "range": [-0.02 * last, 1.02 * last]}
    yaxis = {"title": {"text": title}, **theme.log_axis(np.append(seen, [first, first / 20]))}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, hovermode="x unified", uirevision=title)


def factors(found: Rates, lr: float, best: float | None, say: Say = english) -> go.Figure:
    """What a step leaves over learning rates. Traces: 0 no progress, 1 theory, 2 measured, 3 the best where
    there is one, else the only one (lr = 1 / lambda), 4 the chosen one, if it is in the picture."""
    top = float(found.fine[-1])
    theory = np.interp([lr], found.fine, found.theory)[0]
    level = theme.line([0, top], [1, 1], CHANCE, "", showlegend=False, hoverinfo="skip")
    line = theme.line(found.fine, found.theory, MODEL, say("figure.theory"))
    dots = theme.points(
        found.lr, found.measured, Role(theme.COLORS[1]), say("figure.measured"), marker={"size": 7}
    )
    at = found.fine[int(found.theory.argmin())] if best is None else best
    star = theme.points(
        [at], np.interp([at], found.fine, found.theory), Role(GRAY), say("figure.best_lr"), marker=STAR
    )
    inside = lr <= top
    chosen = theme.points(
        [lr] if inside else [], [theory] if inside else [], RING, say("figure.chosen"),
        marker={"size": 15, "color": RING.color, "symbol": "circle-open", "line": {"width": 3}},
    )  # fmt: skip
    chosen.marker.line.color = RING.color
    lines = [theme.cursor(lr)] if inside else []
    notes = [] if inside else [theme.note(say("figure.lr_beyond").format(lr=f"{lr:.4g}"), low=True)]
    xaxis = {"title": {"text": say("figure.lr")}, "range": [0, 1.02 * top]}
    least = float(found.theory.min())
    room = max(1 - least, 0.05)  # worst components of narrow valleys stay near 1
    span = [least - 0.08 * room, 1 + 0.6 * room]
    yaxis = {"title": {"text": say("figure.left_by_step")}, "range": span}
    return theme.figure(
        [level, line, dots, star, chosen], xaxis=xaxis, yaxis=yaxis, shapes=lines, annotations=notes,
        uirevision=f"factors {top}",
    )  # fmt: skip


# ---------------------------------------------------------------- two dimensions


def above(
    land: Relief,
    paths: Sequence[FLOATS],
    roles: Sequence[Role],
    names: Sequence[str],
    box: tuple[float, float, float, float],
    titles: tuple[str, str],
    least: FLOATS,
    say: Say = english,
    vectors: FLOATS | None = None,
    eigenvalues: Sequence[float] = (),
    where: str = "figure.bottom",
    begin: str = "figure.path_start",
) -> go.Figure:
    """A landscape from above; the last path is the chosen one. Traces: 0 the ground, 1..R the paths (`x`, `y`
    [T]), R + 1 where they are (`x`, `y` [R]), R + 2 the start, called by the word `begin`, R + 3 the minimum,
    called by `where`, R + 4 lines of equal height, then eigenvectors."""
    shade, heights = ground(land, say)
    lines = [
        theme.line(theme.followed(path)[:, 0], theme.followed(path)[:, 1], role, name, hoverinfo="skip")
        for path, role, name in zip(paths, roles, names, strict=True)
    ]
    lines[-1].update(mode="lines+markers", line={"width": 3}, marker={"size": 6, "color": roles[-1].color})
    ends = np.array([theme.followed(path)[-1] for path in paths])
    bottom = theme.points(least[:1], least[1:], Role(GRAY), say(where), marker=STAR)
    first = paths[-1][0]
    traces = [
        shade,
        *lines,
        marker(ends[:, 0], ends[:, 1], roles, say),
        start(first[0], first[1], say, begin),
    ]
    traces += [bottom, heights]
    for k, value in enumerate(eigenvalues):
        assert vectors is not None
        ends = np.stack([least - vectors[:, k] * 2 * BOX, least + vectors[:, k] * 2 * BOX])
        look = Role(theme.of_class(k).color, "dot")
        traces.append(
            theme.line(ends[:, 0], ends[:, 1], look, f"λ<sub>{k + 1}</sub> = {value:g}", hoverinfo="skip")
        )
    bare = {"showgrid": False, "zeroline": False}
    xaxis = {"title": {"text": titles[0]}, "range": list(box[:2]), **bare}
    yaxis: dict[str, Any] = {"title": {"text": titles[1]}, "range": list(box[2:]), **bare}
    if eigenvalues:  # right angles look right
        yaxis |= {"scaleanchor": "x", "scaleratio": 1}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision=f"above {box}")


# ---------------------------------------------------------------- the whole landscape of a linear model


def fitted(found: Fit, names: tuple[str, str], say: Say = english) -> go.Figure:
    """The examples with the line. Traces: 0 the examples, 1 least squares, 2 the line now (`y` [2])."""
    x, y = (v[:, 0].numpy() for v in (found.problem.x, found.problem.y))
    low, high = theme.window(x)
    ends = np.array([low, high])
    dots = theme.points(x, y, Role(theme.COLORS[0]), say("figure.train"), marker={"size": 6})
    least = theme.line(ends, found.solution[0] * ends + found.solution[1], TRUTH, say("figure.least_squares"))
    now = theme.line(ends, lines(found, ends)[-1], WAY, say("figure.fit"), line={"width": 3})
    xaxis = {"title": {"text": names[0]}, "range": [low, high]}
    yaxis = {"title": {"text": names[1]}, "range": [*theme.window(np.append(y, 0.0))]}
    return theme.figure([dots, least, now], xaxis=xaxis, yaxis=yaxis, uirevision="fitted")


def lines(found: Fit, x: FLOATS) -> FLOATS:
    """The predictions at x [M] of every step: [T, M]."""
    return theme.followed(found.theta[:, :1] * x + found.theta[:, 1:])


def races(pair: Sequence[Fit], names: Sequence[str], say: Say = english) -> go.Figure:
    """Cost above the lowest as a share of the first. Traces: 2 lines of theory, 2 times measured points."""
    shares = [np.stack([found.gap, found.closed]) / found.gap[0] for found in pair]
    steps, drawn = np.arange(shares[0].shape[1]), [theme.drawable(share, log=True) for share in shares]
    looks = (WAY, Role(theme.COLORS[3], "dash", "diamond"))
    traces = [
        theme.line(steps, share[1], role, name) for share, role, name in zip(drawn, looks, names, strict=True)
    ]
    for share, role, name in zip(drawn, looks, names, strict=True):
        kept = np.where(share[0] > 1e-13, share[0], np.nan)  # below, the difference is rounding
        look = {"size": 6, "symbol": role.symbol}
        told = f"{name}, {say('figure.measured')}"
        traces.append(theme.points(steps, kept, Role(role.color), told, showlegend=False, marker=look))
    both = np.concatenate([share.T for share in shares], axis=1)
    return over_steps(traces, both, len(steps) - 1, say("figure.share_of_gap"), say)
