"""The spread of many fits, their costs over the complexity, and what cures do to them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.complexity.cure_trials import CureTrials
from mlcore.complexity.fit_verdict import best_constant, by_complexity
from mlcore.complexity.generalization import Ensemble, Fit
from mlcore.complexity.selection import Validation
from mlcore.complexity.training_sets import Drawing
from mlcore.figures import theme
from mlcore.figures.bias_variance import PARTS
from mlcore.figures.theme import FLOATS, GRAY, MODEL, RING, TEST, TRAIN, TRUTH, Role
from mlcore.figures.words import Say, english

MEMBERS = 60  # of them are drawn as lines, or the picture is all ink
APART = 5.0  # times the error below it: so much larger ones leave the picture of cures
LABELS = 9  # complexities with a number on their axis
MEAN = Role(RING.color, "dash")
NOISE = Role(GRAY)


def threads(x: FLOATS, y: NDArray[Any], role: Role, name: str, **more: Any) -> go.Scatter:
    """A thin line for each row of y [S, M] over x [M], in one trace: NaN lifts the pen."""
    gap = np.full((len(y), 1), np.nan)
    style = {"color": theme.rgba(role.color, 0.12 + 1.5 / np.sqrt(len(y) + 3)), "width": 1, "dash": "solid"}
    up = np.concatenate([y, gap], 1).ravel()
    along = np.tile(np.append(x, x[-1]), len(y))
    return theme.line(along, up, role, name, line=style, hoverinfo="skip", **more)


# ---------------------------------------------------------------- one complexity


def picture(
    fit: Fit, drawing: Drawing, loss: str, say: Say = english, beside: Sequence[Fit] = ()
) -> go.Figure:
    """The members as the data allow: curves over a line, boundaries in a plane, else their two costs.

    Those shown beside each other have the same axes.
    """
    if drawing.at.shape[1] == 1 and not drawing.sets.classes:
        return curves(fit, drawing, say)
    return boundaries(fit, drawing, say) if fit.plane else dots(fit, loss, say, beside)


def curves(fit: Fit, drawing: Drawing, say: Say = english) -> go.Figure:
    """Members over x. Traces: 0 other members, 1 the truth, of real data what was tested on, 2 their mean,
    3 the member of the first set, 4 the examples of that set."""
    order, first = drawing.at[:, 0].argsort(stable=True).numpy(), drawing.sets
    x = drawing.at[order, 0].numpy()
    members = fit.answers[:MEMBERS, order, 0]
    if (truth := drawing.truth) is not None:
        aim = theme.line(x, truth[order, 0], TRUTH, say("figure.truth"), line={"width": 3})
    else:
        aim = theme.points(x, drawing.labels[0, order, 0], TEST, say("figure.test"), hollow=True)
    low, high = theme.window(np.concatenate([aim.y, first.y[0, :, 0].numpy()]), 0.25)
    traces = [
        threads(x, members[1:], MODEL, say("figure.members")),
        aim,
        theme.line(x, fit.parts.mean[order, 0], MEAN, say("figure.mean_member"), line={"width": 3}),
        theme.line(x, members[0], MODEL, say("figure.first_member"), line={"width": 3}),
        theme.points(first.x[0, :, 0], first.y[0, :, 0], TRAIN, say("figure.first_set")),
    ]
    gone = int(((fit.answers[..., 0] < low) | (fit.answers[..., 0] > high)).any(1).sum())
    notes = [theme.note(say("figure.members_left").format(count=gone, of=len(fit.answers)))] if gone else []
    # Least squares at the edge may be 1e15: what is far outside is outside
    for trace in (traces[0], traces[2], traces[3]):
        trace.y = np.clip(trace.y, low - 4 * (high - low), high + 4 * (high - low))
    ends = [float(x.min()), float(x.max())]
    return theme.figure(
        traces, xaxis={"title": {"text": "x"}, "range": ends}, annotations=notes,
        yaxis={"title": {"text": "y"}, "range": [low, high]}, uirevision="fits line",
    )  # fmt: skip


def boundaries(fit: Fit, drawing: Drawing, say: Say = english) -> go.Figure:
    """Members over a plane. Traces: 0 the mean probability of class 1; the boundaries of members, the last
    of them that of the first set; then the examples of that set, class by class."""
    plane = fit.plane
    assert plane is not None
    x, y = theme.array(plane.side_x), theme.array(plane.side_y)
    mean = go.Heatmap(
        x=x, y=y, z=theme.array(plane.mean), zmin=0, zmax=1, colorscale=theme.DIVERGING, zsmooth="best",
        name=say("figure.mean_member"), hovertemplate="%{z:.2f}<extra></extra>",
        colorbar={"title": {"text": say("figure.mean_member"), "side": "right"}, "thickness": 12, "len": 0.9},
    )  # fmt: skip
    traces: list[Any] = [mean]
    for s in reversed(range(len(plane.members))):
        look = {"width": 3.5} if s == 0 else {"width": 1}
        color = MODEL.color if s == 0 else theme.rgba(MODEL.color, 0.5)
        traces.append(
            go.Contour(
                x=x, y=y, z=theme.array(plane.members[s]), autocontour=False, showscale=False,
                contours={"coloring": "none", "start": 0.5, "end": 0.5, "size": 1}, hoverinfo="skip",
                line={"color": color, **look}, showlegend=s < 2,
                name=say("figure.first_member" if s == 0 else "figure.members"),
            )
        )  # fmt: skip
    own = drawing.sets.y[0].argmax(1).numpy()
    places = drawing.sets.x[0].numpy()
    for k in range(2):
        here = places[own == k]
        traces.append(theme.points(here[:, 0], here[:, 1], theme.of_class(k), f"{say('figure.class')} {k}"))
    axes = {"constrain": "domain"}
    return theme.figure(
        traces, xaxis={"title": {"text": "x₁"}, **axes}, uirevision="fits plane",
        yaxis={"title": {"text": "x₂"}, **axes},
    )  # fmt: skip


def dots(fit: Fit, loss: str, say: Say = english, beside: Sequence[Fit] = ()) -> go.Figure:
    """Both costs of every member. Traces: 0 where they are equal, 1 what the best constant costs,
    2 members, 3 their mean."""
    train, test = fit.train_cost, fit.test_cost
    all_train, all_test = (
        np.concatenate([getattr(one, f"{part}_cost") for one in (fit, *beside)]) for part in ("train", "test")
    )
    low, high = theme.window(all_test)
    top = max(high, float(all_train.max()) * 1.05)
    ends = np.array([0.0, top])
    across = float(max(all_train.max() * 1.1, 0.15 * top))
    constant = [best_constant(fit, loss)] * 2
    traces = [
        theme.line(ends, ends, Role(GRAY), say("figure.equal_costs")),
        theme.line([0.0, across], constant, theme.CHANCE, say("figure.best_constant")),
        theme.points(train, test, MODEL._replace(symbol="circle"), say("figure.members"),
                     marker={"opacity": 0.6}),
        theme.points([train.mean()], [test.mean()], RING._replace(symbol="x"), say("figure.mean"),
                     marker={"size": 14}),
    ]  # fmt: skip
    gone = int((test > top).sum())
    notes = [theme.note(say("figure.members_left").format(count=gone, of=len(test)))] if gone else []
    return theme.figure(
        traces, annotations=notes, uirevision="fits costs",
        xaxis={"title": {"text": say("figure.train_cost")}, "range": [-0.04 * across, across]},
        yaxis={"title": {"text": say("figure.test_cost_each")}, "range": [min(low, 0.0), top]},
    )  # fmt: skip


# ---------------------------------------------------------------- all complexities


def costs(
    ensemble: Ensemble, at: int, validation: Validation | None, title: str, say: Say = english
) -> go.Figure:
    """Both costs over the complexity, simple models on the left; one line for each set, and their means.

    Traces: 0 training and 1 test costs of members, 2 and 3 their means, 4 cross-validation on one set (may
    be empty), 5 noise, 6 the best constant, 7 the complexity chosen, 8 the best one.
    """
    order = by_complexity(ensemble.spec.family, ensemble.complexity.tolist())
    fits = [ensemble.fits[i] for i in order]
    x = theme.array(np.arange(len(fits)))
    train, test = (np.stack([getattr(fit, f"{part}_cost") for fit in fits], 1) for part in ("train", "test"))
    mean_train, mean_test = train.mean(0), test.mean(0)
    noise, constant = float(fits[0].parts.noise.mean()), best_constant(fits[0], ensemble.loss)
    checked, cross = crossed(ensemble, order, validation)
    floor = max(1e-12, min(float(mean_test.min()), noise or np.inf) / 30)
    low = max(floor, float(np.min(mean_train[mean_train > 0], initial=np.inf, where=True)))
    low, high = min(low, float(mean_test.min())) / 1.5, 4 * max(constant, float(mean_test.min()))
    left = int((mean_test > high).sum())
    notes = [theme.note(say("figure.above").format(count=left))] if left else []
    level = x[[0, -1]] if len(x) > 1 else np.array([-0.5, 0.5])
    here, best = order.index(at), order.index(ensemble.best)
    hover = {"hovertemplate": "%{y:.4g}<extra>%{fullData.name}</extra>"}
    few = slice(0, MEMBERS)
    traces = [
        threads(x, theme.drawable(train[few], log=True), TRAIN, say("figure.train"), showlegend=False),
        threads(x, theme.drawable(test[few], log=True), TEST, say("figure.test"), showlegend=False),
        both(x, theme.drawable(mean_train, log=True), TRAIN, say("figure.train_cost"), **hover),
        both(x, theme.drawable(mean_test, log=True), TEST, say("figure.expected_error"), **hover),
        both(checked, theme.drawable(cross, log=True), Role(theme.COLORS[5], "dot", "diamond"),
             say("figure.folds"), **hover),
        theme.line(level, theme.drawable([noise] * 2, log=True), NOISE, say("figure.noise"),
                   showlegend=noise > 0),
        theme.line(level, [constant] * 2, theme.CHANCE, say("figure.best_constant")),
        ring(here, mean_test[here], RING, say("figure.now"), min(mean_test[here], high / 1.2)),
        ring(best, mean_test[best], Role(TEST.color, symbol="star"), say("figure.least_error"), None),
    ]  # fmt: skip
    step = -(-len(x) // LABELS)
    shown = [f"{fit.complexity:.2g}" if fit.complexity < 10 else f"{fit.complexity:g}" for fit in fits]
    xaxis = {
        "title": {"text": title}, "tickvals": x[::step], "ticktext": shown[::step],
        "range": [-0.4, len(x) - 0.6],
    }  # fmt: skip
    yaxis = theme.log_axis([low, high]) | {"title": {"text": say("figure.cost")}}
    shapes = [theme.cursor(here)]
    return theme.figure(
        traces, xaxis=xaxis, yaxis=yaxis, shapes=shapes, annotations=notes,
        uirevision=f"costs {ensemble.spec.family}",
    )  # fmt: skip


def both(x: Any, y: Any, role: Role, name: str, **more: Any) -> go.Scatter:
    """A line with a mark at every complexity."""
    line = theme.line(x, y, role, name, line={"width": 3}, **more)
    return line.update(mode="lines+markers", marker={"size": 7, "symbol": role.symbol, "color": role.color})


def ring(x: float, y: float, role: Role, name: str, shown: float | None) -> Any:
    """A large mark; where its value has left the picture, at the edge."""
    marker = {"size": 17, "line": {"width": 3, "color": role.color}}
    at = y if shown is None else shown
    hover = f"{y:.4g}<extra>{name}</extra>"
    if role.symbol == "star":
        marker = {"size": 15}
    return theme.points([x], [at], role, name, marker=marker, hovertemplate=hover)


def crossed(ensemble: Ensemble, order: Sequence[int], validation: Validation | None) -> tuple[FLOATS, FLOATS]:
    """Places along the axis and cross-validated costs, of those complexities that the folds allow."""
    if validation is None:
        return theme.array([]), theme.array([])
    known = dict(zip(validation.complexity.tolist(), validation.mean.tolist(), strict=True))
    pairs = [
        (place, known[ensemble.complexity[i]])
        for place, i in enumerate(order)
        if ensemble.complexity[i] in known
    ]
    return theme.array([place for place, _ in pairs]), theme.array([cost for _, cost in pairs])


# ---------------------------------------------------------------- cures


def reach(errors: Sequence[float]) -> float:
    """The largest error that leaves the smaller ones to be seen: none is five times the one below it."""
    rising = sorted(errors)
    for below, above in pairwise(rising):
        if above > APART * below:
            return below
    return rising[-1]


def cures(treatment: CureTrials, names: Sequence[str], say: Say = english) -> go.Figure:
    """What the error is made of, as it is (on top) and after each cure, the best first: stacked bars.

    `names` are those of the rows. Traces: those of PARTS. A bar that is cut at the
    edge still has its number.
    """
    rows, real = [treatment.before, *treatment.ranked], treatment.spec.ensemble.sets.real
    top = 1.12 * reach([row.error for row in rows])
    cut = [" →" if row.error > top else "" for row in rows]
    y = [f"{name}<br><b>{row.error:.3g}{more}</b>" for name, row, more in zip(names, rows, cut, strict=True)]
    traces = []
    for part, (role, hatch) in PARTS.items():
        values = [getattr(row, part) for row in rows]
        key = "figure.bias_and_noise" if part == "bias_squared" and real else f"figure.{part}"
        pattern = {"shape": hatch, "fillmode": "overlay", "fgcolor": "#ffffff", "fgopacity": 0.45, "size": 8}
        traces.append(
            go.Bar(
                x=theme.array(values), y=y, name=say(key), orientation="h",
                marker={"color": role.color, "pattern": pattern},
                hovertemplate="%{x:.4g}<extra>%{fullData.name}</extra>",
                showlegend=part != "noise" or not real,
            )
        )  # fmt: skip
    level = treatment.before.error
    edge = theme.cursor(level) if level < top else None
    return theme.figure(
        traces, barmode="stack", bargap=0.35, shapes=[edge] if edge else [], uirevision="cures",
        legend=theme.LEGEND | {"traceorder": "normal"},
        xaxis={"title": {"text": say("figure.expected_error")}, "range": [0, float(top)]},
        yaxis={"autorange": "reversed", "ticks": "", "showgrid": False},
    )  # fmt: skip
