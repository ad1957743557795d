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

from mlcore.figures import theme
from mlcore.figures.data import curve_axes, curve_points, examples
from mlcore.figures.features import grid
from mlcore.figures.history import costs, ends, over_steps, scores
from mlcore.figures.theme import CHANCE, FLOATS, GRAY, MODEL, TEST, TRAIN, TRUTH, Role
from mlcore.figures.words import Say, english
from mlcore.files.escape import plotly as escape
from mlcore.training.data import Data
from mlcore.training.inspection import Curve, Decision, Layers
from mlcore.training.training import Run

__all__ = [
    "agreement", "boundary", "confusion", "costs", "fit",
    "gradient_norms", "outcomes", "scores", "share", "weights",
]  # fmt: skip

# ---------------------------------------------------------------- what the model says


def boundary(data: Data, decision: Decision, say: Say = english) -> go.Figure:
    """A classifier over the plane of two features, the examples on it.

    Traces: 0 the decision (`z` [B, A]); then those of `data.examples`, training first. For two classes
    trace 0 is P(class 1) from 0 to 1, and the last one the line where it is 1/2 (`z` of `decision.line`);
    for more trace 0 is the chosen class.
    """
    a, b, last = (theme.array(v) for v in (decision.a, decision.b, decision.value[-1]))
    ground = _probability(a, b, last, data, say) if data.classes == 2 else _regions(a, b, last, data)
    traces = [ground, *examples(data, say)]
    if decision.line is not None:
        traces.append(_line(a, b, decision.line[-1]))
    bare = {"showgrid": False, "zeroline": False}
    axes = [
        {"title": {"text": escape(name, theme.LONG)}, "range": [float(v[0]), float(v[-1])], **bare}
        for name, v in zip(data.feature_names, (a, b), strict=True)
    ]
    return theme.figure(traces, xaxis=axes[0], yaxis=axes[1], uirevision=f"boundary {data.spec.name}")


def _probability(a: FLOATS, b: FLOATS, value: FLOATS, data: Data, say: Say) -> go.Heatmap:
    """P(class 1)."""
    title = say("figure.probability").format(name=escape(data.class_names[1], theme.SHORT))
    scale: dict[str, Any] = {"zmin": 0, "zmax": 1, "colorscale": theme.DIVERGING}
    scale["colorbar"] = {"title": {"text": title, "side": "right"}, "thickness": 12, "tickvals": [0, 0.5, 1]}
    return go.Heatmap(
        x=a, y=b, z=value, zsmooth="best", hovertemplate=f"{title} = %{{z:.2f}}<extra></extra>", **scale
    )


def _line(a: FLOATS, b: FLOATS, z: NDArray[np.int8]) -> go.Contour:
    """Where z is zero."""
    level = {"coloring": "none", "start": 0, "end": 0, "size": 1}
    look = {"line": {"color": GRAY, "width": 2.5}, "showlegend": False, "hoverinfo": "skip"}
    return go.Contour(x=a, y=b, z=z, contours=level, showscale=False, **look)


def _regions(a: FLOATS, b: FLOATS, value: FLOATS, data: Data) -> go.Heatmap:
    """The chosen class, one pale color each."""
    count = data.classes
    colors = [theme.rgba(theme.of_class(k).color, 0.3) for k in range(count)]
    scale = [[(k + side) / count, color] for k, color in enumerate(colors) for side in (0, 1)]
    look = {"colorscale": scale, "zmin": -0.5, "zmax": count - 0.5, "showscale": False, "hoverinfo": "skip"}
    return go.Heatmap(x=a, y=b, z=value, **look)


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
    names = [escape(name, theme.SHORT) for name in class_names]
    ticks = {"tickvals": np.arange(len(names)), "ticktext": names}
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


# ---------------------------------------------------------------- layers

SOME = 9  # layers that are drawn: the first, the last, and evenly between


def _some(layers: int) -> list[int]:
    return sorted({round(k) for k in np.linspace(0, layers - 1, min(layers, SOME)).tolist()})


def gradient_norms(run: Run, layers: Layers, replica: int = 0, say: Say = english) -> go.Figure:
    """Gradient norms of one replica over steps. Traces: 0 of the step's minibatch, all layers together;
    1.. the layers from input to output, at most SOME, over all training examples. Zeros do not show on the
    log axis."""
    step = run.records.step
    minibatch = theme.drawable(run.records.gradient_norm[:, replica], log=True)
    traces = [theme.line(step, minibatch, CHANCE, say("figure.minibatch"), line={"width": 1.5})]
    for k, layer in enumerate(_some(layers.gradient_norm.shape[1])):
        role, name = theme.of_class(k), say("figure.layer").format(number=layer + 1)
        norm = theme.drawable(layers.gradient_norm[:, layer], log=True)
        traces.append(theme.line(step, norm, role, name))
    scale = theme.log_axis(np.append(layers.gradient_norm, minibatch))
    yaxis = {"title": {"text": say("figure.gradient_norm")}, **scale}
    return over_steps(traces, run, yaxis, [], say, "gradient_norms")


def weights(run: Run, layers: Layers, say: Say = english) -> go.Figure:
    """How the weights of each layer, or of some of many, spread over steps: panels of one scale.

    Traces, three a layer: its 5 to 95 % band, its middle half, its median. Shapes: the cursor of each panel.
    """
    some = _some(layers.weights.shape[1])
    step, spread = run.records.step, layers.weights[:, some]  # [T, L, 5]
    reach = max(10.0, 20 * float(np.abs(spread[0]).max()))  # what diverged would flatten all before it
    limits = theme.window(np.clip(spread, -reach, reach))
    named = [say("figure.layer").format(number=k + 1) for k in some]
    titles = [f"{name}<br>{say('figure.step')}" for name in named]  # in a line they touch on a phone
    panes, axes = grid(titles, say("figure.weight"), range=limits)
    traces, inner = [], theme.rgba(TRAIN.color, 0.35)
    for k, pane in enumerate(panes):
        low, q1, median, q3, high = spread[:, k].T
        for trace in (
            theme.band(step, low, high, TRAIN.color, say("figure.weight_most")),
            theme.band(step, q1, q3, TRAIN.color, say("figure.weight_half"), fillcolor=inner),
            theme.line(step, theme.drawable(median), TRAIN, say("figure.weight_median"), line={"width": 3}),
        ):
            traces.append(trace.update(legendgroup=trace.name, showlegend=k == 0, **pane))
    cursors = [theme.cursor(int(step[-1]), k + 1) for k in range(len(panes))]
    ends_of = {name: axis | {"range": ends(run)} for name, axis in axes.items() if name.startswith("x")}
    return theme.figure(traces, **axes | ends_of, shapes=cursors, uirevision="weights")


# ---------------------------------------------------------------- many replicas at their end


def outcomes(run: Run, verdicts: Sequence[str], say: Say = english) -> go.Figure:
    """The final test cost of each replica over what was swept, by its verdict (a key of theme.VERDICTS).

    Traces: one for each verdict there is, in their order, empty where no replica got it. A cost that is no
    number or leaves the picture stands at its upper edge. Raises ValueError for a verdict that is not known.
    """
    unknown = sorted(set(verdicts) - set(theme.VERDICTS))
    if unknown or len(verdicts) != len(run.status):
        raise ValueError(
            f"{len(run.status)} replicas need one verdict each of {', '.join(theme.VERDICTS)}; "
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
    y = np.clip(np.where(np.isfinite(cost), cost, np.inf), low if log else None, edge)
    traces = [
        theme.points(x[kinds == kind], y[kinds == kind], role, say(f"figure.verdict.{kind}"))
        for kind, role in theme.VERDICTS.items()
    ]
    for kind, trace in zip(theme.VERDICTS, traces, strict=True):
        trace.showlegend = kind in verdicts
    scale = theme.log_axis([low, edge]) if log else {"type": "linear", "range": [0.0, edge * 1.05]}
    yaxis = {"title": {"text": say("figure.test_cost")}, **scale}
    scale = {"type": "linear"} if swept == "seed" else theme.log_axis(x)
    xaxis = {"title": {"text": say(f"figure.{swept}")}, **scale}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision=f"outcomes {swept}")


def share(learned: int, of: int, low: float, high: float, say: Say = english) -> go.Figure:
    """How many of the replicas learned, with the interval [low, high] of the probability behind it.

    Traces: 0 the bar, its interval as an error bar.
    """
    value = learned / max(of, 1)
    reach = {"symmetric": False, "array": [high - value], "arrayminus": [value - low]}
    interval = {"type": "data", **reach, "color": TRAIN.color, "thickness": 4, "width": 12}
    text = say("figure.share_count").format(learned=learned, of=of)
    pale = {"marker": {"color": theme.rgba(TRAIN.color, 0.4)}, "width": 0.5, "showlegend": False}
    hover = f"{text}: %{{x:.0%}} [{low:.0%}, {high:.0%}]<extra></extra>"
    across = {"orientation": "h", "error_x": interval, "hovertemplate": hover}
    bar = go.Bar(x=theme.array([value]), y=[text], **across, **pale)
    ticks = {"range": [0, 1.02], "tickvals": [0, 0.25, 0.5, 0.75, 1], "tickformat": ".0%"}
    xaxis = {"title": {"text": say("figure.share")}, **ticks}
    return theme.figure([bar], xaxis=xaxis, yaxis={"type": "category"}, uirevision="share")
