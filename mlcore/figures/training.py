"""What a trained model says, and how its run went: T recorded steps of R replicas.

Figures show the last recorded step; a player sets the `z` or `y` of the trace named here to an earlier one,
and moves the cursor, the first shape of every figure over steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.data import Data
from mlcore.descent import Status
from mlcore.escape import plotly as escape
from mlcore.figures import theme
from mlcore.figures.data import SHORT, class_points, curve_axes, curve_points, grid, keys, mislabeled
from mlcore.figures.theme import CHANCE, FLOATS, GRAY, MODEL, TEST, TRAIN, TRUTH, VERDICTS, Role, Say, english
from mlcore.inspection import Curve, Decision, Layers
from mlcore.training import Run

# ---------------------------------------------------------------- what the model says


def boundary(data: Data, decision: Decision, say: Say = english) -> go.Figure:
    """A classifier over the plane of two features, the examples on it.

    Traces: 0 the decision (`z` [B, A]); then those of `data.class_points`, training first. For two classes
    trace 0 is P(class 1) from 0 to 1 with its line at 1/2, which moves with `z`; for more the chosen class.
    """
    a, b, last = theme.array(decision.a), theme.array(decision.b), theme.array(decision.value[-1])
    names = [escape(name) for name in data.class_names]
    ground: Any
    if data.classes == 2:
        half = {"coloring": "heatmap", "start": 0.5, "end": 0.5, "size": 1}
        title = {"text": say("figure.probability").format(name=names[1]), "side": "right"}
        bar = {"title": title, "thickness": 12, "outlinewidth": 0, "tickvals": [0, 0.5, 1]}
        look: dict[str, Any] = {"contours": half, "line": {"color": GRAY, "width": 2.5}, "colorbar": bar}
        ground = go.Contour(x=a, y=b, z=last, zmin=0, zmax=1, colorscale=theme.DIVERGING, **look)
    else:
        colors = [theme.rgba(theme.of_class(k).color, 0.3) for k in range(data.classes)]
        scale = [[(k + side) / data.classes, color] for k, color in enumerate(colors) for side in (0, 1)]
        look = {"colorscale": scale, "zmin": -0.5, "zmax": data.classes - 0.5, "showscale": False}
        ground = go.Heatmap(x=a, y=b, z=last, **look)
    ground.update(hoverinfo="skip", showlegend=False)
    traces = [ground, *class_points(data), mislabeled(data, say), *keys(say)]
    axes = [
        {
            "title": {"text": escape(name)},
            "range": [float(v[0]), float(v[-1])],
            "showgrid": False,
            "zeroline": False,
        }
        for name, v in zip(data.feature_names, (a, b), strict=True)
    ]
    return theme.figure(traces, xaxis=axes[0], yaxis=axes[1], uirevision=f"boundary {data.spec.name}")


def fit(data: Data, curve: Curve, say: Say = english) -> go.Figure:
    """A fitted function of one feature. Traces: 0 the model (`y` [M]), 1 the truth (empty where it is
    unknown), 2 training, 3 test. The range of y is that of the examples."""
    model = theme.line(curve.x, curve.y[-1], MODEL, say("figure.fit"), line={"width": 3}, zorder=2)
    truth = theme.line([], [], TRUTH, say("figure.truth"), showlegend=False, zorder=1)
    if curve.truth is not None:
        truth.update(x=theme.array(curve.x), y=theme.array(curve.truth), showlegend=True)
    traces = [model, truth, *curve_points(data, say)]
    return theme.figure(traces, **curve_axes(data, say), uirevision=f"fit {data.spec.name}")


def confusion(matrix: NDArray[np.int32], class_names: Sequence[str], say: Say = english) -> go.Figure:
    """Test examples by true class (row) and predicted class (column), from matrix [T, K, K].

    Traces: 0 the counts (`z` [K, K]), which also writes them into the cells. Colors are fixed over all steps.
    """
    most = max(1, int(matrix.sum(-1).max()))  # of one class: a row's sum never changes
    cells = {"texttemplate": "%{z}", "xgap": 1, "ygap": 1, "showscale": False}
    hover = f"{say('figure.true')} %{{y}}<br>{say('figure.predicted')} %{{x}}<br>%{{z}}<extra></extra>"
    colors = {"colorscale": theme.SEQUENTIAL, "zmin": 0, "zmax": most, "hovertemplate": hover}
    heat = go.Heatmap(z=matrix[-1].astype(np.int32), **cells, **colors)
    ticks = {
        "tickvals": np.arange(len(class_names)),
        "ticktext": [escape(name, SHORT) for name in class_names],
    }
    axis = {**ticks, "constrain": "domain", "showgrid": False, "zeroline": False}
    xaxis = {"title": {"text": say("figure.predicted")}, **axis}
    yaxis = {"title": {"text": say("figure.true")}, "autorange": "reversed", "scaleanchor": "x", **axis}
    return theme.figure([heat], xaxis=xaxis, yaxis=yaxis, uirevision="confusion")


def agreement(data: Data, estimates: FLOATS, say: Say = english) -> go.Figure:
    """Predicted against true values of the test examples, from estimates [T, M].

    Traces: 0 the examples (`y` [M]), 1 the diagonal, where both agree.
    """
    true = data.label(data.y_test).numpy()
    low, high = theme.window(true)
    role, name = Role(TEST.color), say("figure.test")
    points = theme.points(true, estimates[-1], role, name, hollow=True, showlegend=False)
    diagonal = theme.line([low, high], [low, high], CHANCE, "", showlegend=False, hoverinfo="skip")
    outside = int((~((estimates[-1] >= low) & (estimates[-1] <= high))).sum())  # NaN is outside
    notes = [theme.note(say("figure.outside_last").format(count=outside))] if outside else []
    axis = {"range": [low, high], "constrain": "domain"}
    xaxis = {"title": {"text": say("figure.true")}, **axis}
    yaxis = {"title": {"text": say("figure.predicted")}, "scaleanchor": "x", **axis}
    look = {"annotations": notes, "uirevision": f"agreement {data.spec.name}"}
    return theme.figure([points, diagonal], xaxis=xaxis, yaxis=yaxis, **look)


# ---------------------------------------------------------------- how the run went


def costs(run: Run, chance: float, log: bool = False, say: Say = english) -> go.Figure:
    """Training and test cost over steps. Traces of one replica: 0 training, 1 test, 2 chance.

    Of several seeds: 0, 1 every replica's training and test; 2, 3 the middle halves; 4, 5 the medians;
    6 chance. Where lr or l2 was swept, a median would be that of nothing; there the replicas are in G = 5
    groups from low to high (fewer replicas, fewer groups): 0..G-1 training, G..2G-1 test, 2G chance, and
    two keys of the legend.
    """
    values = np.stack([run.records.train_cost, run.records.test_cost])  # [2, T, R]
    top = highest(values, run.status, chance)
    traces = histories(run, values, chance, np.inf, 10 * top, say)
    seen = np.append(values, [chance, top])
    scale = theme.log_axis(seen[seen <= top]) if log else {"range": [0.0, top * 1.04]}
    yaxis = {"title": {"text": say("figure.cost")}, **scale}
    gone = int((~(values[:, -1] <= top * 1.001)).any(0).sum())  # NaN is gone too
    return _over_steps(traces, run, yaxis, _left(run, gone, say), say, "costs")


def scores(run: Run, chance: float, say: Say = english) -> go.Figure:
    """Accuracy over steps, or R² where chance, the score of a constant answer, is not above 0.

    Traces as those of `costs`.
    """
    values = np.stack([run.records.train_score, run.records.test_score])
    finite = values[np.isfinite(values)]
    bottom = 0.0 if chance > 0 or not finite.size else min(0.0, max(-1.0, float(finite.min())), chance)
    traces = histories(run, values, chance, -np.inf, bottom - 10, say)
    title = say("figure.accuracy" if chance > 0 else "figure.r2")
    yaxis = {"range": [bottom - 0.02, 1.02], "title": {"text": title}}
    gone = int((~(values[:, -1] >= bottom)).any(0).sum())
    return _over_steps(traces, run, yaxis, _left(run, gone, say, low=True), say, "scores")


def highest(values: FLOATS, status: Sequence[Status], chance: float) -> float:
    """Where the axis of costs [2, T, R] ends.

    Usual are chance, the first costs, and 98 % of what the replicas cost that did not diverge. These are seen
    in full, up to three times the usual; of those that diverged it is seen that they go.
    """
    costs = values.astype(np.float64)
    kept = [one is not Status.DIVERGED for one in status]
    everyone, survivors, first = (v[np.isfinite(v)] for v in (costs, costs[..., kept], costs[:, 0]))
    bulk = [np.quantile(survivors, 0.98)] if survivors.size else []
    usual = float(max([chance, *bulk, *first])) or 1.0
    seen = max([chance, *survivors, *np.minimum(everyone, 1.25 * usual)])
    return min(float(seen), 3 * usual)


def histories(run: Run, values: FLOATS, chance: float, worst: float, beyond: float, say: Say) -> list[Any]:
    """The traces of `costs` from values [2, T, R] of training and test."""
    step = run.records.step
    parts = list(zip(values, (TRAIN, TEST), (say("figure.train"), say("figure.test")), strict=True))
    level = theme.line(step[[0, -1]], [chance, chance], CHANCE, say("figure.chance"))
    if values.shape[2] == 1:
        return [*(theme.line(step, theme.drawable(v[:, 0]), role, name) for v, role, name in parts), level]
    if run.spec.sweep != "seed":
        keys = [theme.line([np.nan], [np.nan], role._replace(color=GRAY), name) for _, role, name in parts]
        return [*(trace for v, role, _ in parts for trace in _groups(run, v, role)), level, *keys]
    threads, spreads = [], []
    for v, role, name in parts:
        threads.append(_threads(step, v, role, say("figure.replicas").format(name=name), legendgroup=name))
        spreads.append(_spread(step, np.where(np.isnan(v), worst, v), role, name, beyond, say))
    bands, medians = zip(*spreads, strict=True)
    return [*threads, *bands, *medians, level]


def _spread(
    step: NDArray[np.int64], values: FLOATS, role: Role, name: str, beyond: float, say: Say
) -> tuple[go.Scatter, go.Scatter]:
    """Middle half and median of values [T, R]. An infinite edge is drawn at `beyond`, out of the picture."""
    low, median, high = quantiles(values, (0.25, 0.5, 0.75))
    low, high = (np.where(np.isinf(edge), beyond, edge) for edge in (low, high))
    common: dict[str, Any] = {"legendgroup": name}  # the median's entry shows and hides all of its kind
    half, title = say("figure.half").format(name=name), say("figure.median")
    band = theme.band(step, low, high, role.color, half, showlegend=False, **common)
    title = title.format(name=name, replicas=values.shape[1])
    return band, theme.line(step, theme.drawable(median), role, title, line={"width": 2.5}, **common)


def _groups(run: Run, values: FLOATS, role: Role) -> list[go.Scatter]:
    """The replicas of values [T, R] in groups of neighbors along the sweep, colored from low to high."""
    at = run.spec.along(run.spec.sweep).tolist()
    symbol, traces = {"lr": "η", "l2": "λ₂"}[run.spec.sweep], []
    for color, group in zip(theme.ORDER, np.array_split(np.arange(len(at)), min(5, len(at))), strict=False):
        ends = sorted({f"{at[group[0]]:.3g}", f"{at[group[-1]]:.3g}"}, key=float)
        name, look = f"{symbol} {'–'.join(ends)}", role._replace(color=color)
        thread = _threads(run.records.step, values[:, group], look, name, legendgroup=name)
        traces.append(thread.update(showlegend=role is TRAIN, line_color=theme.rgba(color, 0.6)))
    return traces


def quantiles(values: NDArray[Any], levels: Sequence[float]) -> list[NDArray[np.float64]]:
    """Of values [T, R] over the replicas, each [T]; an infinity is a value too, beyond all others."""
    ordered = np.sort(values.astype(np.float64), axis=1)
    found = []
    for level in levels:
        place = level * (values.shape[1] - 1)
        below, above = ordered[:, int(place)], ordered[:, int(np.ceil(place))]
        with np.errstate(invalid="ignore"):
            between = below + (place - int(place)) * (above - below)
        edge = np.where(np.isinf(below), below, above)
        found.append(np.where(np.isfinite(below) & np.isfinite(above), between, edge))
    return found


def _threads(step: NDArray[np.int64], values: FLOATS, role: Role, name: str, **more: Any) -> go.Scatter:
    """A thin line for each replica of values [T, R], in one trace: NaN lifts the pen."""
    replicas = values.shape[1]
    gap = np.full((1, replicas), np.nan, np.float32)
    y = np.concatenate([theme.drawable(values), gap]).T.ravel()
    x = np.tile(np.append(step, step[-1]), replicas).astype(np.uint16)  # steps end at 20,000
    style = {"color": theme.rgba(role.color, 0.12 + 0.7 / np.sqrt(replicas)), "width": 1, "dash": role.dash}
    common = {"mode": "lines", "hoverinfo": "skip", "showlegend": False}
    return go.Scatter(x=x, y=y, name=name, line=style, **common | more)


def _left(run: Run, gone: int, say: Say, low: bool = False) -> list[dict[str, Any]]:
    """A remark where replicas end outside of the picture."""
    if not gone:
        return []
    of = len(run.status)
    return [theme.note(say("figure.left" if of > 1 else "figure.left_one").format(count=gone, of=of), low)]


def _over_steps(
    traces: list[Any], run: Run, yaxis: dict[str, Any], notes: list[dict[str, Any]], say: Say, name: str
) -> go.Figure:
    """A figure over steps, its cursor at the last one."""
    xaxis = {"title": {"text": say("figure.step")}, "range": _ends(run)}
    cursors = [theme.cursor(int(run.records.step[-1]))]
    look = {"shapes": cursors, "annotations": notes, "hovermode": "x unified", "uirevision": name}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, **look)


def _ends(run: Run) -> list[float]:
    last = float(run.records.step[-1])
    return [-0.01 * last, 1.01 * last or 1.0]


# ---------------------------------------------------------------- layers


def gradient_norms(run: Run, layers: Layers, replica: int = 0, say: Say = english) -> go.Figure:
    """Gradient norms of one replica over steps. Traces: 0 of the step's minibatch, all layers together;
    1.. the layers from input to output, over all training examples. Zeros do not show on the log axis."""
    step = run.records.step
    minibatch = theme.drawable(run.records.gradient_norm[:, replica], log=True)
    traces = [theme.line(step, minibatch, CHANCE, say("figure.minibatch"), line={"width": 1.5})]
    for k, norm in enumerate(layers.gradient_norm.T):
        role, name = theme.of_class(k), say("figure.layer").format(number=k + 1)
        traces.append(theme.line(step, theme.drawable(norm, log=True), role, name))
    scale = theme.log_axis(np.append(layers.gradient_norm, minibatch))
    yaxis = {"title": {"text": say("figure.gradient_norm")}, **scale}
    return _over_steps(traces, run, yaxis, [], say, "gradient_norms")


def weights(run: Run, layers: Layers, say: Say = english) -> go.Figure:
    """How the weights of each layer spread over steps, one panel a layer, all on one scale.

    Traces, three a layer: its 5 to 95 % band, its middle half, its median. Shapes: the cursor of each panel.
    """
    step, spread = run.records.step, layers.weights  # [T, L, 5]
    reach = max(10.0, 20 * float(np.abs(spread[0]).max()))  # what diverged would flatten all before it
    limits = theme.window(np.clip(spread, -reach, reach))
    fig, places, middle = grid(spread.shape[1], shared_yaxes="all")
    for k, (row, column) in enumerate(places):
        low, q1, median, q3, high = spread[:, k].T
        for trace in (
            theme.band(step, low, high, TRAIN.color, say("figure.weight_most")),
            theme.band(step, q1, q3, TRAIN.color, say("figure.weight_half")),
            theme.line(step, theme.drawable(median), TRAIN, say("figure.weight_median")),
        ):
            fig.add_trace(trace.update(legendgroup=trace.name, showlegend=k == 0), row, column)
        title = f"{say('figure.layer').format(number=k + 1)}, {say('figure.step')}"
        fig.update_xaxes(title_text=title, title_standoff=4, nticks=4, range=_ends(run), row=row, col=column)
        y_title = say("figure.weight") if k == middle else None
        fig.update_yaxes(title_text=y_title, range=limits, row=row, col=column)
    cursors = [theme.cursor(int(step[-1]), k + 1) for k in range(len(places))]
    return fig.update_layout(shapes=cursors, uirevision="weights")


# ---------------------------------------------------------------- many replicas at their end


def outcomes(run: Run, verdicts: Sequence[str], say: Say = english) -> go.Figure:
    """The test cost at the end of each replica, over what was swept, by its verdict (a key of VERDICTS).

    Traces: one for each of VERDICTS, in their order, empty where no replica got it. A cost that is no number
    or leaves the picture stands at its upper edge. Raises ValueError for a verdict that is not known.
    """
    unknown = sorted(set(verdicts) - set(VERDICTS))
    if unknown or len(verdicts) != len(run.status):
        raise ValueError(
            f"{len(run.status)} replicas need one verdict each of {', '.join(VERDICTS)}; "
            f"there are {len(verdicts)}, unknown: {', '.join(unknown) or 'none'}."
        )
    swept = run.spec.sweep
    x = theme.array(run.spec.seeds() if swept == "seed" else run.spec.along(swept))
    kinds = np.array(verdicts)
    cost = run.records.test_cost[-1].astype(np.float64)
    seen = cost[np.isfinite(cost) & (kinds != "diverged")]
    low, high = (max(float(seen.min()), 1e-12), float(seen.max())) if seen.size else (0.0, 1.0)
    log = high > 30 * low > 0
    edge = high * 2 if log else high * 1.2 or 1.0
    y = np.fmin(np.where(np.isfinite(cost), cost, np.inf), edge)
    traces = [
        theme.points(x[kinds == kind], y[kinds == kind], role, say(f"figure.verdict.{kind}"))
        for kind, role in VERDICTS.items()
    ]
    for kind, trace in zip(VERDICTS, traces, strict=True):
        trace.showlegend = kind in verdicts
    scale = theme.log_axis([low, edge]) if log else {"range": [0.0, edge * 1.05]}
    yaxis = {"title": {"text": say("figure.test_cost")}, **scale}
    xaxis = {"title": {"text": say(f"figure.{swept}")}, **({} if swept == "seed" else theme.log_axis(x))}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision=f"outcomes {swept}")


def share(learned: int, of: int, low: float, high: float, say: Say = english) -> go.Figure:
    """How many of the replicas learned, with the interval [low, high] of the probability behind it.

    Traces: 0 the bar, its interval as an error bar.
    """
    value = learned / max(of, 1)
    reach = {"symmetric": False, "array": [high - value], "arrayminus": [value - low]}
    interval = {"type": "data", **reach, "color": TRAIN.color, "thickness": 4, "width": 12}
    text = say("figure.share_count").format(learned=learned, of=of)
    look = {
        "marker": {"color": theme.rgba(TRAIN.color, 0.4)},
        "width": 0.5,
        "error_x": interval,
        "showlegend": False,
    }
    hover = f"{text}: %{{x:.0%}} [{low:.0%}, {high:.0%}]<extra></extra>"
    bar = go.Bar(x=theme.array([value]), y=[text], orientation="h", hovertemplate=hover, **look)
    xaxis = {
        "range": [0, 1.02],
        "tickvals": [0, 0.25, 0.5, 0.75, 1],
        "tickformat": ".0%",
        "title": {"text": say("figure.share")},
    }
    return theme.figure([bar], xaxis=xaxis, yaxis={"type": "category"}, uirevision="share")
