"""Networks that segment scenes: measures over the training, over thresholds, and what they paint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.base.masks import SIDE
from mlcore.figures import masks, theme
from mlcore.figures.masks import KINDS, TINT
from mlcore.figures.theme import CHANCE, Role
from mlcore.figures.words import Say, english
from mlcore.tasks.masks import NAMES
from mlcore.tasks.segmenter import SHOWN, THRESHOLDS, Glimpse, Segmented

GAP = 2  # pixels between two images of the picture
PITCH = SIDE + GAP
WIDE = SHOWN * PITCH - GAP
SCENES, SAID = 0, 1  # traces of `painted`: the first of SHOWN in a row for what is said
PAINTED = SAID + SHOWN + 1
UPPER, LOWER = [0.53, 1.0], [0.0, 0.47]
LEAST = 0.75  # accuracy that is seen: below it are only the first steps
MEASURES = ("iou", "precision", "recall")


def learning(found: Sequence[Glimpse], steps: int, objects: float | None, say: Say = english) -> go.Figure:
    """IoU above accuracy over the steps: each loss's median over the seeds, and a band around all; what a
    mask without objects has, once that is known."""
    step = np.array([one.step for one in found])
    traces: list[Any] = []
    for name, axis in (("iou", "y"), ("accuracy", "y2")):
        values = np.stack([getattr(one, name) for one in found])  # [T, L, S]
        for k, loss in enumerate(NAMES):
            role, title = theme.of_class(k), say(f"figure.mask_{loss}")
            own: dict[str, Any] = {"legendgroup": loss, "yaxis": axis}
            low, high, middle = values[:, k].min(1), values[:, k].max(1), np.median(values[:, k], axis=1)
            traces.append(theme.band(step, low, high, role.color, title, showlegend=False, **own))
            traces.append(theme.line(step, middle, role, title, showlegend=axis == "y", **own))
        if objects is not None:
            level = {"iou": 0.0, "accuracy": 1 - objects}[name]
            own = {"yaxis": axis, "showlegend": axis == "y", "legendgroup": "empty"}
            traces.append(theme.line([0, steps], [level] * 2, CHANCE, say("figure.empty_mask"), **own))
    xaxis = {"title": {"text": say("figure.step")}, "range": [0, steps], "anchor": "y2"}
    yaxis = {"title": {"text": "IoU"}, "range": [-0.03, 1], "domain": UPPER}
    yaxis2 = {"title": {"text": say("figure.accuracy")}, "range": [LEAST, 1.005], "domain": LOWER}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, yaxis2=yaxis2, uirevision="mask learning")


def painted(found: Segmented, loss: int, cut: float, say: Say = english) -> go.Figure:
    """Test scenes, what the network says of every pixel, and the mask above the threshold `cut`: a row each.

    Traces: 0 the scenes, then the probabilities of each, the scenes again, and hits, misses and false alarms.
    """
    said = found.last.said[loss] / 255
    codes = masks.kinds(said > cut, found.truth)
    blue = {"colorscale": theme.SEQUENTIAL, "zmin": 0, "zmax": 1}
    scenes = _row(found.images)
    traces: list[Any] = [
        masks.scene(scenes),
        *(masks.pixels(theme.array(own), k * PITCH, PITCH, **blue) for k, own in enumerate(said)),
        masks.scene(scenes, 0, 2 * PITCH),
        masks.tints(side_by_side(codes), 0, 2 * PITCH),
    ]
    for k, true in enumerate(found.truth):
        for row in range(2):
            traces.append(masks.outline(true, k * PITCH, row * PITCH, line={"width": 1.5}))
    for name, role in KINDS.items():
        look = {"symbol": "square", "size": 12, "color": theme.rgba(role.color, TINT)}
        traces.append(
            go.Scatter(x=[None], y=[None], mode="markers", name=say(f"figure.mask_{name}"), marker=look)
        )
    rows = [say(f"figure.{name}") for name in ("mask_scene", "mask_said", "mask_cut")]
    fixed: dict[str, Any] = {"constrain": "domain", "showgrid": False, "zeroline": False}
    fixed |= {"fixedrange": True, "ticks": ""}
    xaxis = {"range": [0, WIDE], "showticklabels": False, **fixed}
    yaxis = {"range": [3 * PITCH - GAP, 0], "scaleanchor": "x", "constraintoward": "top", **fixed}
    yaxis |= {"tickvals": [(row + 0.5) * PITCH - GAP / 2 for row in range(3)], "ticktext": rows}
    yaxis |= {"tickangle": -90}
    margin = {"l": 30, "r": 4, "t": 8, "b": 4}
    return theme.figure(traces, margin=margin, dragmode=False, xaxis=xaxis, yaxis=yaxis,
                        uirevision="mask network")  # fmt: skip


def _row(images: NDArray[Any]) -> NDArray[np.float32]:
    """Images [SHOWN, SIDE, SIDE] in one, gaps between them."""
    paper = np.full((SIDE, WIDE), np.nan, np.float32)
    for k, own in enumerate(images):
        paper[:, k * PITCH : k * PITCH + SIDE] = own
    return paper


def side_by_side(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Bytes [..., SHOWN, SIDE, SIDE] as one image each [..., SIDE, WIDE], 0 in the gaps."""
    wide = np.zeros((*images.shape[:-3], SIDE, WIDE), np.uint8)
    for k in range(SHOWN):
        wide[..., k * PITCH : k * PITCH + SIDE] = images[..., k, :, :]
    return wide


def over_thresholds(found: Segmented, loss: int, cut: float, say: Say = english) -> go.Figure:
    """IoU, precision and recall on the test scenes over the threshold: medians and bands over the seeds.

    Ring: what is chosen. Diamond: the threshold that was best on the training scenes, seed by seed."""
    traces: list[Any] = []
    for k, name in enumerate(MEASURES):
        role, values = theme.of_class(k), getattr(found.test, name)[loss]  # [S, E]
        called = say(f"figure.mask_{name}")
        fine = ~np.isnan(values).any(0)
        low, high, middle = (f(values[:, fine], axis=0) for f in (np.min, np.max, np.median))
        at = THRESHOLDS[fine]
        traces.append(theme.band(at, low, high, role.color, called, showlegend=False))
        traces.append(theme.line(at, middle, role, called))
    iou, place = np.median(found.test.iou[loss], axis=0), int(np.abs(THRESHOLDS - cut).argmin())
    ring = Role(theme.RING.color)
    traces.append(theme.points([cut], [iou[place]], ring, say("figure.threshold_now"), hollow=True,
                               marker={"size": 12}))  # fmt: skip
    best = found.tuned[loss]
    each = found.test.iou[loss][np.arange(len(best)), best]
    diamond = Role(theme.COLORS[0], symbol="diamond")
    traces.append(theme.points(THRESHOLDS[best], each, diamond, say("figure.threshold_best")))
    xaxis = {"title": {"text": say("figure.threshold")}, "range": [0, 1]}
    yaxis = {"range": [-0.02, 1.02], "title": {"text": say("figure.on_test_scenes")}}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="mask thresholds")
