"""A rule's values, and accuracy over how much was learned."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from mlcore.figures import theme
from mlcore.figures.words import Say, english
from mlcore.tasks.approaches import Examples, Ruled, Way

NONE = 0.5  # where a way that learned nothing stands on a logarithmic axis


def values(found: Examples, ruled: Ruled, say: Say = english) -> go.Figure:
    """What the rule says of each test example. Traces: 0, 1 the two digits; a line at 0 parts the answers.

    Height tells examples apart and means nothing.
    """
    value, of = ruled.value[1], found.classes[1]
    height = (np.arange(len(of)) * 0.618034) % 1  # spread out evenly, the same every time
    traces = [
        theme.points(value[of == k], k + 0.1 + 0.8 * height[of == k], theme.of_class(k), str(digit))
        for k, digit in enumerate(found.digits)
    ]
    low, high = theme.window(np.append(value[np.isfinite(value)], 0.0), 0.1)
    line = {
        "type": "line",
        "x0": 0,
        "x1": 0,
        "y0": 0,
        "y1": 2,
        "line": {"width": 2, "dash": "dash", "color": theme.GRAY},
    }
    yaxis = {"tickvals": [0.5, 1.5], "ticktext": list(map(str, found.digits)), "range": [0, 2]}
    xaxis = {"title": {"text": say("figure.rule_value")}, "range": [low, high]}
    return theme.figure(
        traces, xaxis=xaxis, yaxis=yaxis | {"title": {"text": say("figure.true_digit")}}, shapes=[line],
        uirevision=f"rule {found.digits}",
    )  # fmt: skip


def effort(ways: Sequence[tuple[int, str, Way]], say: Say = english) -> go.Figure:
    """Test accuracy with its interval over the numbers that were learned: a trace for each way, which has
    a number for its looks, and a name."""
    traces = []
    for k, name, way in ways:
        low, high = way.test.interval
        role = theme.of_class(k)
        bars = {"array": [high - way.test.value], "arrayminus": [way.test.value - low], "color": role.color}
        mark = theme.points([max(way.learned, NONE)], [way.test.value], role, name, marker={"size": 14})
        traces.append(mark.update(error_y=bars | {"symmetric": False, "thickness": 2, "width": 8}))
    ticks = [NONE, 1, 10, 100, 1000, 10_000]
    xaxis = {
        "title": {"text": say("figure.learned_numbers")}, "type": "log", "range": [-0.6, 4.1],
        "tickvals": ticks, "ticktext": ["0", "1", "10", "100", "1000", "10000"],
    }  # fmt: skip
    least = min(0.5, *(way.test.interval[0] - 0.05 for *_, way in ways))
    yaxis = {"title": {"text": say("figure.accuracy")}, "range": [least, 1.02], "tickformat": ".0%"}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="effort")
