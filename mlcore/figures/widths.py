"""Networks over their widths, each trained to its end: what they cost, and how they came to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mlcore.complexity.widths import Width, WidthSpec, ladder
from mlcore.figures import theme
from mlcore.figures.double_descent import above, over, share, spread
from mlcore.figures.theme import CHANCE, TEST, TRAIN, Role
from mlcore.figures.words import Say, english

EARLY = Role(theme.COLORS[2], "dot", "diamond")
NAMES = ("figure.parameters", "P = n·K")


def widths(spec: WidthSpec, parts: Sequence[Width], chosen: int, say: Say = english) -> go.Figure:
    """Cost over parameters. Traces: 0 test's middle half, 1 training's, 2 chance, 3 test's median,
    4 training's, 5 test at its best step.
    """
    size = np.array([part.size for part in parts])
    test, train = (np.stack([getattr(part, name)[-1] for part in parts]) for name in ("test", "train"))
    best = np.stack([np.median(part.test, axis=1).min() for part in parts])
    (test_half, test_line), (half, train_line) = (
        spread(size, values, role, say(name), say)
        for values, role, name in ((test, TEST, "figure.test"), (train, TRAIN, "figure.train"))
    )
    level = theme.line(size[[0, -1]], [parts[0].chance] * 2, CHANCE, say("figure.chance"))
    early = theme.line(size, best, EARLY, say("figure.early"))
    traces = [
        test_half,
        half,
        level,
        *(line.update(mode="lines+markers") for line in (test_line, train_line, early)),
    ]
    look = above(test, [*best, parts[0].chance])
    return _over(spec, traces, say("figure.cost"), look, "widths", chosen, say)


def mistakes(spec: WidthSpec, parts: Sequence[Width], chosen: int, say: Say = english) -> go.Figure:
    """The share of wrong classes at the last step. Traces: 0 middle half, 1 median."""
    size = np.array([part.size for part in parts])
    wrong = np.stack([part.wrong[-1] for part in parts if part.wrong is not None])
    half, median = spread(size, wrong, TEST, say("figure.test"), say)
    traces = [half, median.update(mode="lines+markers")]
    return _over(spec, traces, say("figure.wrong"), share(wrong), "wrong", chosen, say)


def _over(
    spec: WidthSpec, traces: list[Any], title: str, yaxis: dict[str, Any], name: str, chosen: int, say: Say
) -> go.Figure:
    """Over the parameters of all widths, those still to come included, so that the axis stays."""
    sizes = np.array([size for _, size in ladder(spec)])
    return over(traces, sizes, spec.threshold, title, yaxis, name, say, names=NAMES, chosen=chosen)


def history(part: Width, say: Say = english) -> go.Figure:
    """One width over the steps. Traces: 0 test's middle half, 1 training's, 2 test's median, 3 training's."""
    (test_half, test), (half, train) = (
        spread(part.step + 1, values, role, say(name), say)
        for values, role, name in ((part.test, TEST, "figure.test"), (part.train, TRAIN, "figure.train"))
    )
    xaxis = {"title": {"text": say("figure.step_one")}, **theme.log_axis(part.step + 1), "tickformat": ",d"}
    yaxis = {"title": {"text": say("figure.cost")}, **above(part.test, np.median(part.test, axis=1))}
    return theme.figure([test_half, half, test, train], xaxis=xaxis, yaxis=yaxis, uirevision="history")
