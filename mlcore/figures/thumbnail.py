"""A figure as a small picture: its own marks in an SVG of a few kilobytes, without axes, words or a library.

The cover shows one for every room. Plotly would take a phone seconds for thirty charts and is no part of that
page; a renderer on the server (kaleido) is a whole browser. What a thumbnail needs of a figure is little:
lines, marks, areas, bars and fields of color, in the places that the figure gives them. Of several figures of
one kind (a descent at some of its steps) what differs becomes frames, which the page's style sheet plays.
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from mlcore.figures.thumbnail_axes import HEIGHT, WIDTH, Axes, Panel
from mlcore.figures.thumbnail_marks import drawn

FRAMES = 8  # as many as the style sheet has moments


def svg(figures: Sequence[go.Figure], runs: bool = False) -> str:
    """Draw the figures, of one kind, the last as it stands at rest; with `runs` lines draw themselves.

    Numbers alone come out of a figure, no text of it. Raises ValueError where there is nothing to draw.
    """
    axes = Axes(figures)
    parts = ["".join(_panel(figures, panel, runs)) for panel in axes.panels]
    if not any(parts):
        raise ValueError("There is nothing to draw in this figure.")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" class="thumbnail" '
        f'aria-hidden="true" focusable="false">{"".join(parts)}</svg>'
    )


def _panel(figures: Sequence[go.Figure], panel: Panel, runs: bool) -> list[str]:
    """The marks of one pair of axes, those of all frames in the order in which they cover each other."""
    layers: list[list[str]] = []  # by trace: what each figure has of it
    for k in range(max(len(figure.data) for figure in figures)):
        own = [figure.data[k] if k < len(figure.data) else None for figure in figures]
        layers.append([drawn(trace, panel, runs) if trace is not None else "" for trace in own])
    marks = [_moving(layer) for layer in layers]
    if not any(marks):
        return []
    place = f'x="{panel.left:g}" y="{panel.top:g}" width="{panel.width:g}" height="{panel.height:g}"'
    return [f'<svg {place} viewBox="0 0 {panel.width:g} {panel.height:g}">', *marks, "</svg>"]


def _moving(layer: Sequence[str]) -> str:
    """What stays, once; what moves, a group for each frame, the last of which is seen at rest."""
    if len(set(layer)) == 1:
        return layer[0]
    last = len(layer) - 1
    return "".join(
        f'<g class="{"last" if k == last else "frame"}" style="--k:{k}">{mark}</g>'
        for k, mark in enumerate(layer)
    )


def moments(count: int) -> list[int]:
    """Which of so many frames are drawn: the first ones densely, as most happens early, and the last."""
    if count <= FRAMES:
        return list(range(count))
    steps = [round((count - 1) * (k / (FRAMES - 1)) ** 1.5) for k in range(FRAMES)]
    return [max(step, k) for k, step in enumerate(steps)]
