"""How good the estimates of bias and variance are: over the number of sets, on a target, against theory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.complexity.generalization import Ensemble
from mlcore.complexity.theory import Theory
from mlcore.figures import theme
from mlcore.figures.bias_variance import ERROR, PARTS, places
from mlcore.figures.theme import GRAY, Role
from mlcore.figures.words import Say, english

UNBIASED = "unbiased_bias_squared"
CORRECTED = Role("#A87C4F", "dot", "cross")
RINGS = (1, 2, 3)  # standard deviations of the noise


def settling(counts: Sequence[int], averages: Sequence[Mapping[str, float]], say: Say = english) -> go.Figure:
    """The estimates that the first 2, 4, 8, ... training sets would give.

    Traces: 0 error, 1 noise, 2 variance, 3 bias squared, 4 the corrected bias.
    """
    looks = {"error": ERROR, **{name: role for name, (role, _) in PARTS.items()}, UNBIASED: CORRECTED}
    words = {"error": "expected_error", UNBIASED: "corrected_bias"}
    traces = []
    for name, role in looks.items():
        values = [row[name] for row in averages]
        trace = theme.line(counts, values, role, say(f"figure.{words.get(name, name)}"))
        traces.append(trace.update(mode="lines+markers", marker={"symbol": role.symbol, "size": 7}))
    shown = [row[name] for row in averages[len(averages) // 3 :] for name in looks]
    yaxis = {"title": {"text": say("figure.expected_error")}, "range": list(theme.window([0, *shown]))}
    xaxis = {"title": {"text": say("figure.sets")}, **theme.log_axis(counts)}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="settling")


def target(
    shots: NDArray[np.float64], noise: tuple[float, float], reach: float, say: Say = english
) -> go.Figure:
    """What members answer at two test points, seen from the mean label: a bull's-eye of real predictions.

    shots [S, 2]. Rings stand at 1, 2, 3 standard deviations of the labels (none without noise).
    Traces: 0 rings, 1 members, 2 the line from the center to the mean member, 3 the mean member.
    """
    angle = np.append(np.linspace(0, 2 * np.pi, 61), np.nan)
    circles = [r * np.stack([noise[0] * np.cos(angle), noise[1] * np.sin(angle)]) for r in RINGS]
    rings = np.concatenate(circles, 1)
    mean = shots.mean(0)
    outside = int((np.abs(shots) > reach).any(1).sum())
    thin: dict[str, Any] = {"line": {"width": 1}, "hoverinfo": "skip"}
    cloud: dict[str, Any] = {"marker": {"size": 6, "opacity": 0.55}}
    cross: dict[str, Any] = {"marker": {"size": 16, "symbol": "x"}}
    traces = [
        theme.line(rings[0], rings[1], Role(GRAY), say("figure.rings"), **thin),
        theme.points(shots[:, 0], shots[:, 1], PARTS["variance"][0], say("figure.members"), **cloud),
        theme.line(
            [0, mean[0]], [0, mean[1]], PARTS["bias_squared"][0], say("figure.bias"), line={"width": 4}
        ),
        theme.points([mean[0]], [mean[1]], PARTS["bias_squared"][0], say("figure.mean_member"), **cross),
    ]
    axis = {"range": [-reach, reach], "nticks": 5}
    notes = [theme.note(say("figure.outside").format(count=outside))] if outside else []
    titles = {"text": say("figure.error_first")}, {"text": say("figure.error_second")}
    yaxis = {"title": titles[1], "scaleanchor": "x", "constrain": "domain", **axis}
    return theme.figure(
        traces, xaxis={"title": titles[0], "constrain": "domain", **axis}, yaxis=yaxis, annotations=notes,
        uirevision="target",
    )  # fmt: skip


def against_theory(ensemble: Ensemble, theory: Theory, name: str, say: Say = english) -> go.Figure:
    """The closed forms as lines, what was measured as marks on them.

    Traces: 0 variance in theory, 1 measured, 2 bias squared in theory, 3 measured (corrected), 4 noise.
    """
    x, axis = places(ensemble.spec.family, theory.complexity)
    order = np.argsort(x)
    role, bias = PARTS["variance"][0], PARTS["bias_squared"][0]
    measured, unbiased = ensemble.average("unbiased_variance"), ensemble.average(UNBIASED)
    size: dict[str, Any] = {"marker": {"size": 9}}
    words = {part: say(f"figure.{part}") + ": " for part in ("variance", "bias_squared")}
    formula, found = say("figure.theory"), say("figure.measured")
    traces = [
        theme.line(x[order], theory.variance[order], role, words["variance"] + formula),
        theme.points(x[order], measured[order], role, words["variance"] + found, **size),
        theme.line(x[order], theory.bias_squared[order], bias, words["bias_squared"] + formula),
        theme.points(x[order], unbiased[order], bias, words["bias_squared"] + found, **size),
        theme.line([-0.5, len(x) - 0.5], [theory.noise] * 2, Role(GRAY, "dot"), say("figure.noise")),
    ]  # fmt: skip
    seen = np.concatenate([theory.variance, theory.bias_squared, [theory.noise, 0]])
    high = min(float(seen.max()), 8 * max(float(theory.variance.max()), theory.noise))
    yaxis = {"title": {"text": say("figure.mean_square")}, "range": [-0.03 * high, 1.06 * high]}
    return theme.figure(traces, xaxis={"title": {"text": name}, **axis}, yaxis=yaxis, uirevision="theory")
