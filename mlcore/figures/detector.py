"""Networks that find boxes: their overlap over the training, and what they say of test scenes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mlcore.figures import theme
from mlcore.figures.boxes import TRUE, outlines
from mlcore.figures.theme import CHANCE
from mlcore.figures.words import Say, english
from mlcore.tasks.boxes import BOX_LOSSES
from mlcore.tasks.detector import TRAINED, Checkpoint, Detector
from mlcore.tasks.scenes import PIXELS

COLUMNS = 3
GAP = 2  # pixels between two scenes of the picture


def learning(found: Sequence[Checkpoint], steps: int, chance: float | None, say: Say = english) -> go.Figure:
    """Mean test IoU over the steps: each loss's median over the seeds, and a band around all."""
    step = np.array([one.step for one in found])
    iou = np.stack([one.iou for one in found])  # [T, L, S]
    traces: list[Any] = []
    for k, name in enumerate(TRAINED):
        role, own = theme.of_class(k), {"legendgroup": name}
        low, high = iou[:, k].min(1), iou[:, k].max(1)
        title = BOX_LOSSES[name].title
        traces.append(theme.band(step, low, high, role.color, title, showlegend=False, **own))
        traces.append(theme.line(step, np.median(iou[:, k], axis=1), role, title, **own))
    if chance is not None:
        traces.append(theme.line([0, steps], [chance, chance], CHANCE, say("figure.mean_box")))
    xaxis = {"title": {"text": say("figure.step")}, "range": [0, steps]}
    yaxis = {"title": {"text": say("figure.test_iou")}, "range": [0, 1]}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="detector learning")


def answers(found: Detector, say: Say = english) -> go.Figure:
    """Test scenes side by side, the true box and what the first network of each loss says."""
    count = len(found.images)
    rows, pitch = -(-count // COLUMNS), PIXELS + GAP
    wide, high = COLUMNS * pitch - GAP, rows * pitch - GAP
    paper = np.full((high, wide), np.nan, np.float32)
    offsets = np.array([[(i % COLUMNS) * pitch, (i // COLUMNS) * pitch] for i in range(count)], float)
    for image, (x, y) in zip(found.images, offsets.astype(int), strict=True):
        paper[y : y + PIXELS, x : x + PIXELS] = image
    shift = np.tile(offsets, 2)
    scene = go.Heatmap(
        z=paper, x0=0.5, y0=0.5, dx=1, dy=1, colorscale=theme.INK, reversescale=True, showscale=False,
        zmin=-0.2, zmax=1.2, hoverinfo="skip",
    )  # fmt: skip
    traces: list[Any] = [
        scene,
        _boxes(found.truth + shift, TRUE._replace(dash="solid"), say("figure.true_box"), 4),
    ]
    for k, name in enumerate(TRAINED):
        traces.append(_boxes(found.found[k] + shift, theme.of_class(k), BOX_LOSSES[name].title, 2))
    fixed = {"visible": False, "constrain": "domain"}
    xaxis = {"title": {"text": "x"}, "range": [0, wide], **fixed}
    yaxis = {"title": {"text": "y"}, "range": [high, 0], "scaleanchor": "x", **fixed}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="detector answers")


def _boxes(boxes: np.ndarray, role: theme.Role, name: str, width: int) -> go.Scatter:
    """All of them in one trace, a gap after each."""
    edges = outlines(boxes)
    gap = np.full((len(edges), 1, 2), np.nan, np.float32)
    x, y = np.concatenate([edges, gap], axis=1).reshape(-1, 2).T
    return theme.line(x, y, role, name, hoverinfo="skip", line={"width": width})
