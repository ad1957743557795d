"""A picture as one of several small ones: a name above it, no legend, no color bar."""

from __future__ import annotations

import plotly.graph_objects as go


def panel(figure: go.Figure, title: str, below: str = "") -> go.Figure:
    """A copy of `figure` named by `title`, in a second line `below`; both may hold only text of ours.

    What the marks and colors mean is said once, beside the panels.
    """
    text = f"<b>{title}</b>" + (f"<br>{below}" if below else "")
    corner = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "y": 1, "yanchor": "bottom"}
    top = {"t": 56 if below else 34}
    small = go.Figure(figure).update_layout(showlegend=False, margin=top)
    small.add_annotation(text=text, align="left", showarrow=False, yshift=4, **corner)
    return small.update_traces(showscale=False, selector=lambda trace: "showscale" in trace)
