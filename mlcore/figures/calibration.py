"""How sure and how right: the reliability diagram, and what a temperature does to three measures."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from mlcore.figures import theme
from mlcore.figures.theme import CHANCE, GRAY, RING, TRUTH, Role
from mlcore.figures.words import Say, english
from mlcore.tasks.calibration import FLOATS, HIGH, LOW, Promised, Reliability, Sweep

OWN = Role(theme.COLORS[0])
MARK = 5  # trace of the sweep that is dragged
MEASURES = ("nll", "brier", "ece")
SHOWN = (-0.2, 0.0, 0.4)  # log10 T at which every measure is seen


def reliability(found: Reliability, by_chance: Promised, say: Say = english) -> go.Figure:
    """Accuracy over confidence, bin by bin, beside what chance would make of true probabilities.

    Traces: 0 accuracies, 1 the diagonal, 2 what 95 % of the draws from true probabilities give, 3 mean
    confidence and accuracy, 4 how many images, below."""
    edges, some = found.edges, found.count > 0
    middle, width = (edges[1:] + edges[:-1])[some] / 2, edges[1] - edges[0]
    bars = go.Bar(
        x=theme.array(middle), y=theme.array(found.accuracy[some]), width=width, name=say("figure.accuracy"),
        customdata=found.count[some],
        marker={"color": theme.rgba(OWN.color, 0.55), "line": {"width": 1, "color": OWN.color}},
        hovertemplate="%{y:.3f}, n = %{customdata}<extra></extra>",
    )  # fmt: skip
    own = found.confidence[some]
    low, high = by_chance.low[some], by_chance.high[some]
    spread = go.Scatter(
        x=theme.array(own), y=theme.array((low + high) / 2), mode="markers", name=say("figure.if_true"),
        marker={"color": GRAY, "size": 1}, hoverinfo="skip",
        error_y={"array": theme.array((high - low) / 2), "color": GRAY, "thickness": 3, "width": 7},
    )  # fmt: skip
    traces = [
        bars,
        theme.line([0, 1], [0, 1], CHANCE, say("figure.calibrated"), hoverinfo="skip"),
        spread,
        theme.points(own, found.accuracy[some], Role(RING.color, symbol="diamond"), "", marker={"size": 10},
                     showlegend=False),
        go.Scatter(x=theme.array(middle), y=theme.array(0 * middle - 0.05), mode="text", hoverinfo="skip",
                   text=[f"{n}" for n in found.count[some]], showlegend=False),
    ]  # fmt: skip
    xaxis = {"title": {"text": say("figure.confidence")}, "range": [0, 1.01]}
    yaxis = {
        "title": {"text": say("figure.accuracy")},
        "range": [-0.1, 1.03],
        "tickvals": [0, 0.2, 0.4, 0.6, 0.8, 1],
    }
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, bargap=0, uirevision="reliability")


def sweep(found: Sweep, at: float, fitted: float, say: Say = english) -> go.Figure:
    """The measures over the temperature, which is logarithmic; `at` is the one that is shown.

    x is log10 T. Traces: 0 NLL, 1 Brier, 2 ECE, 3 the fitted temperature, 4 that shown, 5 its mark."""
    x = np.log10(found.temperature)
    values = {name: np.asarray(getattr(found, name)) for name in MEASURES}
    top = 1.1 * max(float(np.interp(end, x, one)) for one in values.values() for end in SHOWN)
    traces = [
        theme.line(
            x, one, theme.of_class(k), name.upper() if name != "brier" else "Brier", line={"simplify": False}
        )
        for k, (name, one) in enumerate(values.items())
    ]
    here, best = float(np.log10(at)), float(np.log10(fitted))
    traces.append(
        theme.line([best, best], [0, top], TRUTH, say("figure.fitted_temperature"), hoverinfo="skip")
    )
    traces.append(theme.line([here, here], [0, top], RING, say("figure.temperature_shown"), hoverinfo="skip"))
    look = {"size": 18, "symbol": "diamond", "color": RING.color}
    traces.append(theme.points([here], [0.5 * top], Role(RING.color), "", marker=look, showlegend=False))
    ends = [float(np.log10(LOW)), float(np.log10(HIGH))]
    xaxis = {"title": {"text": say("figure.temperature_t")}, "range": ends, "fixedrange": True}
    xaxis |= theme.log_ticks(*ends)
    yaxis = {"title": {"text": "NLL, Brier, ECE"}, "range": [0, top], "fixedrange": True}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="temperatures")


def over_steps(
    step: FLOATS, before: FLOATS, after: FLOATS, fitted: FLOATS, say: Say = english
) -> list[go.Figure]:
    """NLL [T] of the test images without and with the temperature fitted at that step, and that [T].

    Two figures: the NLL (traces 0 without, 1 with) and the temperature (0, and 1 where nothing changes)."""
    xaxis = {"title": {"text": say("figure.step")}}
    top = 1.1 * max(
        float(np.quantile(before[len(before) // 4 :], 1.0)), float(after[len(after) // 4 :].max())
    )
    hot = max(2.0, 1.2 * float(fitted[len(fitted) // 4 :].max()))
    nll = [
        theme.line(step, before, OWN, "T = 1"),
        theme.line(step, after, theme.TEST, say("figure.fitted_temperature")),
    ]
    heat = [
        theme.line(step, fitted, TRUTH, say("figure.fitted_temperature"), line={"dash": "solid"}),
        theme.line(step[[0, -1]], [1, 1], CHANCE, "T = 1"),
    ]
    return [
        theme.figure(nll, xaxis=xaxis, yaxis={"title": {"text": "NLL"}, "range": [0, top]}, uirevision="nll"),
        theme.figure(heat, xaxis=xaxis, uirevision="temperature",
                     yaxis={"title": {"text": say("figure.temperature_t")}, "range": [0, hot]}),
    ]  # fmt: skip
