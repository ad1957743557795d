"""What layers without activations are together."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from mlcore.components.symmetry import Collapse
from mlcore.figures import theme
from mlcore.figures.words import Say, english

ROUNDING = 1e-13  # of the largest singular value


def spectrum(found: Collapse, say: Say = english) -> go.Figure:
    """The singular values of the product of the first layers, those that are rounding left out.

    Traces: one for each number of layers, from 1 to all.
    """
    traces = []
    for k, values in enumerate(found.singular):
        kept = values[values > ROUNDING * max(float(values[0]), 1e-300)]
        role, name = theme.of_class(k), say("figure.product").format(count=k + 1)
        marks = {"mode": "lines+markers", "marker": {"symbol": role.symbol, "size": 9}}
        traces.append(theme.line(np.arange(len(kept)) + 1, kept, role, name).update(**marks))
    seen = np.concatenate([np.asarray(trace.y) for trace in traces])
    xaxis = {
        "title": {"text": say("figure.direction")},
        "dtick": 1,
        "range": [0.5, max(found.sizes[0], 2) + 0.5],
    }
    yaxis = {"title": {"text": say("figure.singular")}, **theme.log_axis(seen)}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="spectrum")
