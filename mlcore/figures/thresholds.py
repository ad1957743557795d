"""Scores of one class against the rest, a threshold that is dragged, and both curves that it walks along."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from mlcore.figures import theme
from mlcore.figures.theme import CHANCE, RING, Role
from mlcore.figures.words import Say, english
from mlcore.tasks.thresholds import FARTHEST, Counts, Scores, log_odds

OWN, REST = Role(theme.COLORS[0]), Role(theme.COLORS[1])
MARK = 3  # trace of the histogram that is dragged
BINS = 28
ODDS = (1e-5, 0.001, 0.1, 0.5, 0.9, 0.999, 1 - 1e-5)  # labeled on the axis
LABELS = ("10⁻⁵", "0.001", "0.1", "0.5", "0.9", "0.999", "1 − 10⁻⁵")


def histogram(found: Scores, cut: float, digit: int, say: Say = english) -> go.Figure:
    """How many images of the digit (up) and of all others (down) have which score; `cut` in log-odds.

    Heights are logarithmic. Traces: 0 the digit, 1 the others, 2 the threshold, 3 its mark."""
    edges = np.linspace(-FARTHEST, FARTHEST, BINS + 1)
    score = np.clip(found.score, -FARTHEST, FARTHEST)
    middle, traces = (edges[1:] + edges[:-1]) / 2, []
    parts = ((found.positive, OWN, say("figure.is_digit").format(digit=digit), 1),
             (~found.positive, REST, say("figure.other_digits"), -1))  # fmt: skip
    top = 1.0
    for own, role, name, side in parts:
        count, _ = np.histogram(score[own], edges)
        height = np.log2(1 + count)
        top = max(top, float(height.max()))
        pattern = {"shape": "" if side > 0 else "/", "fgcolor": "#ffffff", "fillmode": "overlay"}
        traces.append(go.Bar(
            x=theme.array(middle), y=theme.array(side * height), customdata=count, name=name,
            width=edges[1] - edges[0], marker={"color": role.color, "pattern": pattern},
            hovertemplate="%{customdata}<extra>" + name + "</extra>",
        ))  # fmt: skip
    place = float(np.clip(cut, -FARTHEST, FARTHEST))
    line = theme.line(
        [place, place], [-1.1 * top, 1.1 * top], RING, say("figure.threshold"), hoverinfo="skip"
    )
    look = {"size": 18, "symbol": "diamond", "color": RING.color}
    mark = theme.points([place], [0], Role(RING.color), "", marker=look, showlegend=False)
    xaxis = {
        "title": {"text": say("figure.probability_of").format(digit=digit)}, "range": [-FARTHEST, FARTHEST],
        "tickvals": [log_odds(p) for p in ODDS], "ticktext": LABELS, "fixedrange": True,
        "tickangle": 0,
    }  # fmt: skip
    counts = [1, 3, 10, 30, 100, 300]
    heights = [0.0, *(float(side * np.log2(1 + n)) for n in counts for side in (1, -1))]
    yaxis = {
        "title": {"text": say("figure.examples")}, "range": [-1.15 * top, 1.15 * top], "fixedrange": True,
        "tickvals": heights, "ticktext": ["0", *(str(n) for n in counts for _ in (1, -1))],
    }  # fmt: skip
    return theme.figure(
        [*traces, line, mark], xaxis=xaxis, yaxis=yaxis, barmode="overlay", bargap=0, uirevision="scores"
    )


def roc(found: Scores, here: Counts, say: Say = english) -> go.Figure:
    """True over false positive rate. Traces: 0 the curve, 1 chance, 2 the threshold."""
    false, true = found.roc
    traces = [
        theme.line(false, true, OWN, "ROC", line={"simplify": False}),
        theme.line([0, 1], [0, 1], CHANCE, say("figure.chance")),
        _ring(here.fallout, here.recall, say),
    ]
    axes = [_share(say(f"figure.{name}")) for name in ("false_positive_rate", "recall")]
    return theme.figure(traces, xaxis=axes[0], yaxis=axes[1], uirevision="roc")


def precision_recall(found: Scores, here: Counts, say: Say = english) -> go.Figure:
    """Precision over recall. Traces: 0 the curve, in steps, 1 chance, 2 the threshold."""
    precision, recall = found.precision_recall
    share = float(found.positive.mean())
    stairs = {"shape": "vh", "simplify": False}
    traces = [
        theme.line(np.append(0, recall), np.append(precision[0], precision), OWN, "PR", line=stairs),
        theme.line([0, 1], [share, share], CHANCE, say("figure.chance")),
        _ring(here.recall, here.precision, say),
    ]
    axes = [_share(say(f"figure.{name}")) for name in ("recall", "precision")]
    return theme.figure(traces, xaxis=axes[0], yaxis=axes[1], uirevision="precision and recall")


def _ring(x: float, y: float, say: Say) -> go.Scatter:
    look = {"size": 16, "line": {"width": 3, "color": RING.color}, "color": RING.color}
    return theme.points([x], [y], RING, say("figure.threshold"), marker=look, cliponaxis=False)


def _share(title: str) -> dict[str, object]:
    return {"title": {"text": title}, "range": [-0.02, 1.02]}
