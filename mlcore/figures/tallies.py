"""What a class predicted: counts of the options, a histogram of the numbers, the band of the curves."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from mlcore.figures import theme
from mlcore.figures.theme import RING, Role
from mlcore.figures.words import Say, english
from mlcore.files.escape import plotly
from mlcore.lessons.question import Question
from mlcore.lessons.tally import Tally

SAID, RIGHT = Role("#0072B2"), Role("#0F9696")
LABEL = 60  # characters of an option


def distribution(question: Question, found: Tally, own: Any = None, say: Say = english) -> go.Figure:
    """Traces: 0 the bars of a choice or a number, or of a curve 0 the outer and 1 the inner band and 2 the
    mean; then one's own answer to these two, if there is one. One's own option has an edge."""
    return {"choice": _options, "number": _numbers, "curve": _curves}[question.kind](
        question, found, own, say
    )


def _options(question: Question, found: Tally, own: Any, say: Say) -> go.Figure:
    """The right option, where the question has one, in another color and with a check mark."""
    places = np.arange(len(question.options), dtype=np.int32)[::-1]
    right = [k == question.right for k in range(len(places))]
    names = [
        ("✓ " if is_right else "") + plotly(option, LABEL)
        for option, is_right in zip(question.options, right, strict=True)
    ]
    colors = [(RIGHT if is_right else SAID).color for is_right in right]
    edges = [4 if k == own else 0 for k in range(len(places))]  # around one's own
    bars = go.Bar(
        x=found.counts.astype(np.int32), y=places, orientation="h", hoverinfo="skip",
        marker={"color": colors, "line": {"color": RING.color, "width": edges}},
        text=[str(count) for count in found.counts], textposition="auto", name=say("figure.class_answers"),
    )  # fmt: skip
    yaxis = {"tickvals": places.tolist(), "ticktext": names, "range": [-0.6, len(places) - 0.4]}
    xaxis = _counted(found, say)
    return theme.figure([bars], xaxis=xaxis, yaxis=yaxis, showlegend=False, uirevision="class options")


def _numbers(question: Question, found: Tally, own: Any, say: Say) -> go.Figure:
    middle = (found.edges[:-1] + found.edges[1:]) / 2
    bars = go.Bar(
        x=theme.array(middle), y=found.counts.astype(np.int32), width=theme.array(np.diff(found.edges)),
        hoverinfo="skip",
        marker={"color": SAID.color, "line": {"color": theme.EDGE, "width": 1}},
        name=say("figure.class_answers"),
    )  # fmt: skip
    traces: list[Any] = [bars]
    if own is not None:
        look = {"symbol": "triangle-up", "size": 18, "color": RING.color}
        name = say("figure.class_you")
        mine = theme.points([own], [0], RING, name, marker=look, hoverinfo="skip", cliponaxis=False)
        traces.append(mine)
    xaxis = {"range": [question.low, question.high], "title": {"text": plotly(question.unit)}}
    return theme.figure(traces, xaxis=xaxis, yaxis=_counted(found, say), uirevision="class numbers")


def _curves(question: Question, found: Tally, own: Any, say: Say) -> go.Figure:
    low, inner_low, _, inner_high, high = found.band
    traces = [
        theme.band(found.x, low, high, SAID.color, say("figure.class_most")),
        theme.band(found.x, inner_low, inner_high, SAID.color, say("figure.class_half")),
        theme.line(found.x, found.mean, SAID, say("figure.class_mean"), line={"width": 4}),
    ]
    if own is not None:
        x, y = np.array(own, float).T
        traces.append(theme.line(x, y, RING, say("figure.class_you"), line={"width": 3}))
    xaxis = {"range": [question.x_low, question.x_high], "title": {"text": plotly(question.x_label)}}
    yaxis = {"range": [question.low, question.high], "title": {"text": plotly(question.y_label)}}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="class curves")


def _counted(found: Tally, say: Say) -> dict[str, Any]:
    most = int(found.counts.max(initial=0))
    step = {"dtick": 1} if most < 8 else {"nticks": 6}
    return {"title": {"text": say("figure.class_answers")}, "range": [0, max(1.0, 1.15 * most)], **step}
