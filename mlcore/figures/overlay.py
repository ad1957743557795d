"""The same picture of several runs in one: their curves, told apart by the run and by the curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from mlcore.figures import theme
from mlcore.tray.pictures import Figure, Line

AXIS = ("title", "type", "exponentformat", "dtick", "tickformat", "ticksuffix")


def overlay(runs: Sequence[tuple[str, Sequence[Line]]], like: Figure) -> go.Figure:
    """A color for each run (its name and its curves), a dash for each curve; axes as those of `like`."""
    figure = go.Figure()
    curves = list(dict.fromkeys(line.name for _, lines in runs for line in lines))
    for i, (run, lines) in enumerate(runs):
        for line in lines:
            figure.add_scatter(
                x=line.x, y=line.y, mode="lines", name=f"{run} {line.name}".strip(),
                legendgroup=run, line={"color": theme.COLORS[i % len(theme.COLORS)],
                                       "dash": theme.DASHES[curves.index(line.name) % len(theme.DASHES)]},
            )  # fmt: skip
    layout = like.get("layout", {})
    figure.update_layout(
        xaxis=_axis(layout.get("xaxis", {})), yaxis=_axis(layout.get("yaxis", {})),
        margin={"l": 60, "r": 20, "t": 30, "b": 50}, legend={"orientation": "h", "y": -0.25},
    )  # fmt: skip
    return figure


def _axis(axis: Mapping[str, Any]) -> dict[str, Any]:
    return {name: axis[name] for name in AXIS if name in axis}
