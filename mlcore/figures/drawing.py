"""The board on which people draw points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from mlcore.base.points import CLASSES, REACH, Point
from mlcore.figures import theme
from mlcore.figures.words import Say, english

EDGE = 1.05 * REACH  # a mark on the border is seen whole


def board(drawn: Sequence[Point], classes: bool, say: Say = english) -> go.Figure:
    """Traces: 0..3 the points of each class, or 0 those of a curve. The axes never move."""
    places = np.array([(x, y) for x, y, _ in drawn]).reshape(-1, 2)
    of = np.array([cls for *_, cls in drawn], dtype=int)
    traces = []
    for cls in range(CLASSES if classes else 1):
        here = places[of == cls] if classes else places
        role, name = (theme.of_class(cls), f"{say('figure.class')} {cls}") if classes else (theme.TRAIN, "")
        traces.append(theme.points(here[:, 0], here[:, 1], role, name, showlegend=False, hoverinfo="skip"))
    axis = {"range": [-EDGE, EDGE], "fixedrange": True, "dtick": 1, "constrain": "domain"}
    xaxis, yaxis = (
        axis | {"title": {"text": name, "standoff": 2}} for name in (("x1", "x2") if classes else ("x", "y"))
    )
    yaxis |= {"scaleanchor": "x"}
    narrow = {"l": 8, "r": 8, "t": 8, "b": 8}  # the labels take more: a sidebar is narrow
    return theme.figure(traces, dragmode=False, margin=narrow, xaxis=xaxis, yaxis=yaxis)
