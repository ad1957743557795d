"""Training and test cost of many models over their complexity, and over the number of examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.complexity.generalization import Ensemble
from mlcore.complexity.selection import Learning, Validation
from mlcore.figures import theme
from mlcore.figures.bias_variance import places
from mlcore.figures.double_descent import NOTHING, spread
from mlcore.figures.theme import CHANCE, MODEL, TEST, TRAIN, Role
from mlcore.figures.words import Say, english

FLOATS = NDArray[np.float64]
FOLDS = Role(MODEL.color, "dashdot", "diamond")
MEAN = Role(theme.COLORS[4], symbol="circle")


def complexity(
    seen: Ensemble, values: Sequence[float], validation: Validation | None, name: str, say: Say = english
) -> go.Figure:
    """Costs of all members over complexity; `values` are all of them, those to come included.

    Traces: 0 the middle 90 % of test costs, 1 test's middle half, 2 training's, 3 test's median,
    4 training's, 5 the mean test cost, 6 its least; with a cross-validation 7 its costs, 8 its choice.
    """
    every, axis = places(seen.spec.family, np.array(values))
    order = np.argsort(every[: len(seen.fits)])
    x = every[: len(seen.fits)][order]
    test, train = (
        np.stack([getattr(seen.fits[i], kind) for i in order]) for kind in ("test_cost", "train_cost")
    )
    traces = [_most(x, test, say), *_both(x, test, train, say)]
    mean, least = test.mean(1), int(test.mean(1).argmin())
    star: dict[str, Any] = {"marker": {"size": 15, "symbol": "star"}}
    traces += [
        theme.line(x, mean, MEAN, say("figure.mean_test"), line={"width": 3}),
        theme.points([x[least]], [mean[least]], MEAN, say("figure.least_mean"), **star),
    ]
    shown = [*np.quantile(test, [0.25, 0.5, 0.75], axis=1), np.minimum(mean, 10 * np.median(mean))]
    if validation is not None:
        at = dict(zip(values, every.tolist(), strict=True))
        where = np.array([at[value] for value in validation.complexity.tolist()])
        bars = {"type": "data", "array": theme.array(validation.error), "thickness": 1.5, "width": 3}
        marks = theme.points(
            where, validation.mean, FOLDS, say("figure.folds"), marker={"size": 7}, error_y=bars
        )
        best = validation.choice
        ring = {"size": 20, "symbol": "circle-open", "line": {"width": 3, "color": theme.RING.color}}
        chosen = [where[best]], [validation.mean[best]]
        traces += [marks, theme.points(*chosen, theme.RING, say("figure.its_choice"), marker=ring)]
        shown.append(np.minimum(validation.mean, 10 * np.median(validation.mean)))
    yaxis = {"title": {"text": say("figure.cost")}, **_scale(np.concatenate(shown), train)}
    xaxis = {"title": {"text": name}, **axis}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="complexity")


def learning(found: Learning, say: Say = english) -> go.Figure:
    """Costs of all members over the number of examples.

    Traces: 0 the middle 90 % of test costs, 1 test's middle half, 2 training's, 3 test's median,
    4 training's, 5 the mean test cost, 6 what no model can be without.
    """
    size, test = found.size, found.test_cost
    traces = [_most(size, test, say), *_both(size, test, found.train_cost, say)]
    traces.append(theme.line(size, test.mean(1), MEAN, say("figure.mean_test"), line={"width": 3}))
    floor = theme.line(size[[0, -1]], [found.noise] * 2, CHANCE, say("figure.noise_floor"))
    shown = [*np.quantile(test, [0.25, 0.5, 0.75], axis=1), np.full(1, found.noise)]
    yaxis = {"title": {"text": say("figure.cost")}, **_scale(np.concatenate(shown), found.train_cost)}
    xaxis = {"title": {"text": say("figure.examples_n")}, **theme.log_axis(size), "tickformat": ",d"}
    return theme.figure([*traces, floor], xaxis=xaxis, yaxis=yaxis, uirevision="learning")


def _most(x: NDArray[Any], test: FLOATS, say: Say) -> go.Scatter:
    low, high = np.quantile(test, [0.05, 0.95], axis=1).clip(NOTHING)
    look = {"fillcolor": theme.rgba(TEST.color, 0.1), "showlegend": False}
    return theme.band(x, low, high, TEST.color, say("figure.test"), **look)


def _both(x: NDArray[Any], test: FLOATS, train: FLOATS, say: Say) -> list[go.Scatter]:
    """Middle half and median of both: the areas first, so that no line lies under one."""
    (test_half, test_line), (half, line) = (
        spread(x, values, role, say(name), say)
        for values, role, name in ((test, TEST, "figure.test"), (train, TRAIN, "figure.train"))
    )
    return [test_half, half, test_line, line]


def _scale(shown: FLOATS, train: FLOATS) -> dict[str, Any]:
    """A logarithmic axis over what is shown of the test, and of training what is not rounding."""
    low = np.median(train, axis=1)
    seen = np.concatenate([shown, low[low > shown[shown > 0].min() / 30]])
    return theme.log_axis(seen)
