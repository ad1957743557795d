"""Pictures beside each other: each as a panel with a name above it, their common legend as one of its own."""

from __future__ import annotations

import plotly.graph_objects as go

from mlcore.figures import theme


def panel(figure: go.Figure, title: str, below: str = "") -> go.Figure:
    """A copy of `figure` named by `title`, in a second line `below`; both may hold only text of ours.

    What the marks and colors mean is said once, beside the panels.
    """
    text = f"<b>{title}</b>" + (f"<br>{below}" if below else "")
    corner = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "y": 1, "yanchor": "bottom"}
    top = {"t": 56 if below else 34}
    small = go.Figure(figure).update_layout(showlegend=False, margin=top)
    small.add_annotation(text=text, align="left", showarrow=False, xshift=-40, yshift=4, **corner)
    return small.update_traces(showscale=False, selector=lambda trace: "showscale" in trace)


def legend(figure: go.Figure) -> go.Figure:
    """What the legend of `figure` says, alone, for all that look alike. A click on it has nothing to hide."""
    nowhere = theme.array([float("nan")])
    keys = [
        go.Scatter(x=nowhere, y=nowhere, name=one.name, mode=one.mode, line=one.line, marker=one.marker)
        for one in figure.data
        if one.showlegend is not False
    ]
    still = {"itemclick": False, "itemdoubleclick": False, "maxheight": 1}
    nothing = {"minreducedheight": 2, "margin": {"t": 0, "b": 0}}  # the room that a plot would take
    axes = {"xaxis": {"visible": False}, "yaxis": {"visible": False}}
    return theme.figure(keys, legend=still, showlegend=True, **nothing, **axes)
