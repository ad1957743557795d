"""The curvature along a run, what the rule can bear, and below it the cost at the same steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from mlcore.figures import theme
from mlcore.figures.theme import Role
from mlcore.figures.words import Say, english
from mlcore.landscapes.curvature import BOUNDS, Curve

SHARPNESS = tuple(Role(theme.COLORS[k], dash) for k, dash in ((3, "solid"), (2, "dash"), (5, "dot")))
BOUND = Role(theme.COLORS[1], "dash")
FAR = 4.0  # a bound so many times above everything is named, not drawn
FORMULAS = {"sgd": "2/η", "momentum": "(2+2μ)/η", "nesterov": "(2+2μ)/((1+2μ)η)"}
assert FORMULAS.keys() == BOUNDS.keys()


def along(curve: Curve, log: bool = True, say: Say = english) -> go.Figure:
    """Traces: 0..K-1 the eigenvalues, K the bound if the rule has one, and the cost on its own axes."""
    step, top, limit = curve.step, curve.top, curve.bound
    names = [say("figure.sharpness"), *(say("figure.eigenvalue").format(k=k + 1) for k in range(1, 3))]
    traces: list[Any] = []
    for k, (values, role) in enumerate(zip(top.T, SHARPNESS, strict=False)):
        look = {"mode": "lines+markers", "marker": {"size": 6 if k == 0 else 4, "symbol": "circle"}}
        line = theme.line(step, theme.drawable(values), role, names[k], line={"width": 3 if k == 0 else 1.8})
        traces.append(line.update(**look))
    window, near = heights(curve)
    notes = []
    if np.isfinite(limit).any():
        name = FORMULAS[curve.spec.train.optimizer]
        shown = np.where(limit <= window[1], limit, np.nan)
        traces.append(theme.line(step, theme.drawable(shown), BOUND, name, line={"width": 3}))
        if not near:
            lowest = float(np.nanmin(limit))
            notes.append(theme.note(say("figure.bound_above").format(name=name, value=f"{lowest:.3g}")))
    cost = theme.drawable(curve.cost, log=log)
    look = {"mode": "lines+markers", "marker": {"size": 5}}
    low = theme.line(step, cost, theme.TRAIN, say("figure.cost"), xaxis="x", yaxis="y2", showlegend=False)
    traces.append(low.update(**look))
    last = curve.spec.train.steps
    span: dict[str, Any] = theme.log_axis(cost, most=1.5) if log else {"range": [*theme.window(cost)]}
    xaxis = {
        "title": {"text": say("figure.step")}, "range": [-0.02 * last, 1.02 * last], "anchor": "y2",
    }  # fmt: skip
    upper = {"title": {"text": say("figure.curvature")}, "range": window, "domain": [0.4, 1.0]}
    lower = {"title": {"text": say("figure.cost")}, **span, "domain": [0.0, 0.32], "anchor": "x"}
    return theme.figure(
        traces, xaxis=xaxis, yaxis=upper, yaxis2=lower, annotations=notes, hovermode="x unified",
        hoversubplots="axis", uirevision="curvature",
    )  # fmt: skip


def heights(curve: Curve) -> tuple[list[float], bool]:
    """The range of the upper axis, and whether the bound is in it."""
    seen = theme.drawable(curve.top)
    low, high = theme.window(seen[np.isfinite(seen)])
    low = min(low, 0.0) if low > -0.05 * high else low
    limit = curve.bound[np.isfinite(curve.bound)]
    near = bool(limit.size and limit.min() <= FAR * high)
    if near:
        high = max(high, 1.15 * float(min(limit.max(), 2 * max(limit.min(), high))))
    return [low, high], near
