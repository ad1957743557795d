"""Networks that see depth in shading: errors over the training, and reliefs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.figures import theme
from mlcore.figures.theme import CHANCE
from mlcore.figures.words import Say, english
from mlcore.tasks.shading import COSTS, PIXELS, SHOWN, Glance, Seen

FLOATS = NDArray[np.float64]
BAR = {"orientation": "h", "y": 1.01, "yanchor": "bottom", "thickness": 10}
GAP = 2  # pixels between two reliefs of a picture
PITCH = PIXELS + GAP
DEEP = 0.5  # of the logarithm: from there on the color is full


def learning(
    found: Sequence[Glance], steps: int, floor: float, say: Say = english
) -> tuple[go.Figure, go.Figure]:
    """The error of the logarithm, the floor that no network gets below, and the error without the scale."""
    first = _over(found, "log_rmse", steps, say("figure.log_rmse"), say)
    first.add_trace(theme.line([0, steps], [floor, floor], CHANCE, say("figure.scale_unknown")))
    return first, _over(found, "silog", steps, say("figure.measure_silog"), say)


def _over(found: Sequence[Glance], name: str, steps: int, title: str, say: Say) -> go.Figure:
    """The median of the seeds of each loss, and a band from the least to the largest."""
    step = np.array([one.step for one in found])
    values = np.stack([getattr(one, name) for one in found])  # [T, L, S]
    traces: list[Any] = []
    for k, loss in enumerate(COSTS):
        role, own, called = theme.of_class(k), {"legendgroup": loss}, say(f"figure.trained_{loss}")
        low, high = (
            theme.drawable(values[:, k].min(1), log=True),
            theme.drawable(values[:, k].max(1), log=True),
        )
        traces.append(theme.band(step, low, high, role.color, called, showlegend=False, **own))
        middle = theme.drawable(np.median(values[:, k], axis=1), log=True)
        traces.append(theme.line(step, middle, role, called, **own))
    xaxis = {"title": {"text": say("figure.step")}, "range": [0, steps]}
    yaxis = {"title": {"text": title}, **theme.log_axis(values)}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision=f"shading {name}")


def answers(found: Seen, say: Say = english) -> go.Figure:
    """A row of images, of their reliefs, and of what the network of each loss sees, each less its mean
    logarithm: the shape without the scale. Columns are test images."""
    shapes = [_shape(found.truth), *(_shape(own) for own in found.found)]
    names = [say("figure.the_truth"), *(say(f"figure.trained_{loss}") for loss in COSTS)]
    paper = np.full((len(shapes) * PITCH - GAP, SHOWN * PITCH - GAP), np.nan, np.float32)
    for row, shape in enumerate(shapes):
        _placed(paper, shape, row)
    shown = go.Heatmap(
        z=paper, colorscale=theme.SEQUENTIAL, reversescale=True, zmin=-DEEP, zmax=DEEP, hoverinfo="skip",
        colorbar=BAR | {"title": {"text": say("figure.log_shape")}},
    )  # fmt: skip
    return _paper(shown, paper, names, "shading answers", say)


def images(found: Seen, say: Say = english) -> go.Figure:
    """What the networks are given: a row of test images."""
    paper = np.full((PIXELS, SHOWN * PITCH - GAP), np.nan, np.float32)
    _placed(paper, found.images, 0)
    shown = go.Heatmap(
        z=paper, colorscale=theme.INK, reversescale=True, zmin=0, zmax=1, hoverinfo="skip",
        colorbar=BAR | {"title": {"text": say("figure.light")}},
    )  # fmt: skip
    return _paper(shown, paper, [say("figure.shading")], "shading images", say)


def _shape(logs: FLOATS) -> FLOATS:
    found: FLOATS = logs - logs.mean(-1, keepdims=True)
    return found


def _placed(paper: NDArray[np.float32], rows: FLOATS, row: int) -> None:
    for k, own in enumerate(rows.reshape(-1, PIXELS, PIXELS)):
        paper[row * PITCH : row * PITCH + PIXELS, k * PITCH : k * PITCH + PIXELS] = own


def _paper(
    shown: go.Heatmap, paper: NDArray[np.float32], names: Sequence[str], kept: str, say: Say
) -> go.Figure:
    middles = [row * PITCH + (PIXELS - 1) / 2 for row in range(len(names))]
    columns = [k * PITCH + (PIXELS - 1) / 2 for k in range(SHOWN)]
    fixed = {"constrain": "domain", "showgrid": False, "zeroline": False}
    xaxis = {"title": {"text": say("figure.test_image")}, "tickvals": columns, **fixed}
    xaxis |= {"ticktext": [str(k + 1) for k in range(SHOWN)], "range": [-0.5, paper.shape[1] - 0.5]}
    yaxis = {"title": {"text": "\u200b"}, "tickvals": middles, "ticktext": list(names), **fixed}
    yaxis |= {"range": [paper.shape[0] - 0.5, -0.5], "scaleanchor": "x", "constraintoward": "top"}
    return theme.figure([shown], xaxis=xaxis, yaxis=yaxis, uirevision=kept)
