"""Fits of few points on a line by more and more features, and what they cost."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from mlcore.complexity.line_fits import LineFits
from mlcore.figures import theme
from mlcore.figures.double_descent import FLOATS, above, over, spread
from mlcore.figures.theme import GRAY, MODEL, TEST, TRAIN, TRUTH, Role
from mlcore.figures.words import Say, english


def fits(found: LineFits, at: int, reach: float, say: Say = english) -> go.Figure:
    """Every fit with the at-th number of features. Traces: 0 other sets, 1 truth, 2 the first set's fit,
    3 its points.
    """
    others = theme.line(
        np.tile(np.append(found.at, np.nan), found.fit.shape[1] - 1), threads(found)[at],
        Role(GRAY), say("figure.other_sets"), hoverinfo="skip", line={"width": 1}, opacity=0.6,
    )  # fmt: skip
    true = theme.line(found.at, found.truth, TRUTH, say("figure.truth"))
    fit = theme.line(found.at, found.fit[at, 0], MODEL, say("figure.one_set"), line={"width": 3})
    dots = theme.points(found.x[0], found.y[0], TRAIN, say("figure.its_points"), marker={"size": 9})
    axes = {"xaxis": {"title": {"text": "x"}, "range": [-1.02, 1.02]},
            "yaxis": {"title": {"text": "y"}, "range": [-reach, reach]}}  # fmt: skip
    return theme.figure([others, true, fit, dots], **axes, uirevision="fits")


def threads(found: LineFits) -> FLOATS:
    """The fits of all sets but the first, one after the other with gaps: [G, (S - 1)(M + 1)]."""
    others = found.fit[:, 1:]
    gap = np.full((*others.shape[:2], 1), np.nan)
    return theme.array(np.concatenate([others, gap], axis=2).reshape(len(others), -1))


def costs(found: LineFits, say: Say = english) -> go.Figure:
    """Traces: 0 test's middle half, 1 training's, 2 test's median, 3 training's, 4 this set's test cost."""
    (test_half, test), (half, train) = (
        spread(found.p, values, role, say(name), say)
        for values, role, name in ((found.risk, TEST, "figure.test"), (found.train, TRAIN, "figure.train"))
    )
    one = theme.points(
        found.p, theme.drawable(found.risk[:, 0], log=True), MODEL, say("figure.one_set"), marker={"size": 6}
    )
    top = 10 * np.quantile(found.risk, 0.75, axis=1).max()
    look = above(found.risk, np.minimum(found.risk[:, 0], top))
    traces, n = [test_half, half, test, train, one], found.spec.examples
    return over(traces, found.p, n, say("figure.cost"), look, "line", say)
