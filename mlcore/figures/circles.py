"""Circles within circles, as the slide draws AI, ML and DL."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from mlcore.figures import theme

TURN = np.linspace(0, 2 * np.pi, 181)


def rings(names: Sequence[str]) -> go.Figure:
    """The outermost first, each touching the others below. A trace for each, with its name near its top."""
    traces, notes = [], []
    for k, name in enumerate(names):
        r = 1 - k / (len(names) + 0.5)
        role = theme.of_class(k)
        look = {"fill": "toself", "fillcolor": theme.rgba(role.color, 0.18), "hoverinfo": "skip"}
        x, y = r * np.cos(TURN), r * np.sin(TURN) - (1 - r)
        traces.append(theme.line(x, y, role, name, showlegend=False, **look))
        top = 2 * r - 1 - (0.16 if k < len(names) - 1 else r)
        notes.append({"x": 0, "y": top, "text": f"<b>{name}</b>", "showarrow": False})
    bare = {"visible": False, "range": [-1.05, 1.05], "fixedrange": True}
    return theme.figure(
        traces, xaxis=bare, yaxis=bare | {"scaleanchor": "x"}, annotations=notes, dragmode=False,
        margin={"l": 0, "r": 0, "t": 0, "b": 0}, uirevision="rings",
    )  # fmt: skip
