"""How large signals and gradients are, layer by layer, against theory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.components.signal import FLOATS, Signal
from mlcore.figures import theme
from mlcore.figures.theme import CHANCE, Role
from mlcore.figures.words import Say, english


def forward(signals: Mapping[str, Signal], say: Say = english) -> go.Figure:
    """Mean square of h_l over layers 0 to L, for each named initialization.

    Traces, three a name: the middle 90 % of the networks, their median, the theory (dotted); one key.
    """
    rows = {name: (found.forward, found.forward_theory) for name, found in signals.items()}
    return layers(rows, 0, say("figure.signal"), say)


def backward(signals: Mapping[str, Signal], say: Say = english) -> go.Figure:
    """Mean square of delta_l over layers 1 to L + 1, the output. Traces as in `forward`."""
    rows = {name: (found.backward, found.backward_theory) for name, found in signals.items()}
    return layers(rows, 1, say("figure.delta"), say)


def layers(rows: Mapping[str, tuple[FLOATS, FLOATS]], first: int, title: str, say: Say) -> go.Figure:
    traces: list[Any] = []
    seen: list[NDArray[Any]] = [np.ones(1)]
    for k, (name, (measured, theory)) in enumerate(rows.items()):
        layer = np.arange(measured.shape[1]) + first
        some = np.isfinite(measured).any(0)
        levels = np.full((3, len(layer)), np.nan)
        levels[:, some] = np.nanquantile(measured[:, some], [0.05, 0.5, 0.95], axis=0)
        low, median, high = levels
        role, group = Role(theme.of_class(k).color), {"legendgroup": name}
        symbol = {"symbol": theme.of_class(k).symbol, "size": 7, "maxdisplayed": 8}
        traces.append(theme.band(layer, low, high, role.color, name, showlegend=False, **group))
        middle = theme.line(layer, theme.drawable(median, log=True), role, name, **group)
        traces.append(middle.update(mode="lines+markers", marker=symbol))
        quiet = {"line": {"width": 1.5}, "showlegend": False, "hoverinfo": "skip"}
        dotted, foreseen = Role(role.color, "dot"), theme.drawable(theory, log=True)
        traces.append(theme.line(layer, foreseen, dotted, say("figure.theory"), **quiet, **group))
        seen += [low[some], high[some], theory]
    traces.append(theme.line([np.nan], [np.nan], CHANCE, say("figure.theory")))
    xaxis = {"title": {"text": say("figure.depth")}}
    yaxis = {"title": {"text": title}, **theme.log_axis(np.concatenate(seen))}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision=f"signal {first}")
