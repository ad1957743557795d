"""The examples before anything is trained, in the units of the data set.

What is chosen or counted is taken from the training examples alone; test examples are only shown.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import torch

from mlcore.figures import theme
from mlcore.figures.features import edges, histograms, pairs, standardizing, steps
from mlcore.figures.theme import GRAY, LONG, RING, SHORT, TEST, TRAIN, TRUTH, Role
from mlcore.figures.words import Say, english
from mlcore.files.escape import plotly as escape
from mlcore.training.data import Data

__all__ = ["balance", "digits", "histograms", "pairs", "scatter", "standardizing"]
STRIPES = {"fillmode": "overlay", "fgcolor": "#ffffff", "fgopacity": 0.7}


def examples(data: Data, say: Say) -> list[Any]:
    """Classified examples over two features. Traces, with K classes:

    0..K-1 training, filled; K..2K-1 test, open; 2K rings around wrong labels; 2K+1, 2K+2 keys of the legend.
    """
    traces: list[Any] = []
    for x, y, hollow in ((data.x, data.y, False), (data.x_test, data.y_test, True)):
        places = data.raw(x).numpy()
        for k, name in enumerate(data.class_names):
            here = places[y.numpy() == k]
            marks = theme.points(here[:, 0], here[:, 1], theme.of_class(k), escape(name, LONG), hollow=hollow)
            traces.append(marks.update(legendgroup=f"class {k}", showlegend=not hollow))
    return [*traces, mislabeled(data, say), *keys(say)]


def mislabeled(data: Data, say: Say) -> Any:
    """Rings around the examples, training or test, whose label was changed."""
    parts = ((data.x, data.y, data.clean), (data.x_test, data.y_test, data.clean_test))
    wrong = np.concatenate([data.raw(x).numpy()[(y != clean).numpy()] for x, y, clean in parts])
    style = {"size": 15, "color": RING.color, "line": {"width": 2, "color": RING.color}}
    rings = theme.points(wrong[:, 0], wrong[:, 1], RING, say("figure.mislabeled"), marker=style)
    return rings.update(hoverinfo="skip", showlegend=bool(len(wrong)))


def keys(say: Say) -> list[Any]:
    """Two entries of a legend: what filled and open marks mean."""
    nowhere, gray = np.array([np.nan]), Role(GRAY)
    return [
        theme.points(nowhere, nowhere, gray, say(f"figure.{part}"), hollow=part == "test", hoverinfo="skip")
        for part in ("train", "test")
    ]


def curve_points(data: Data, say: Say) -> list[Any]:
    """The examples of one feature and a number as target: training, test."""
    parts = ("train", TRAIN, data.x, data.y), ("test", TEST, data.x_test, data.y_test)
    return [
        theme.points(data.raw(x)[:, 0], data.label(y), role, say(f"figure.{part}"), hollow=part == "test")
        for part, role, x, y in parts
    ]


def curve_axes(data: Data, say: Say) -> dict[str, Any]:
    """Axes for a curve, held by the examples: they stay where they are while a model moves."""
    y = np.concatenate([data.label(v).numpy() for v in (data.y, data.y_test)])
    low, high = theme.window(y)
    outside = int(((y < low) | (y > high)).sum())
    notes = [theme.note(say("figure.outside").format(count=outside))] if outside else []
    xaxis = {"title": {"text": escape(data.feature_names[0], LONG)}}
    yaxis = {"title": {"text": say("figure.target")}, "range": [low, high]}
    return {"xaxis": xaxis, "yaxis": yaxis, "annotations": notes}


def scatter(data: Data, say: Say = english) -> go.Figure:
    """All examples: classes over two features, or a number over one. Raises ValueError for other data.

    Traces for classes: those of `examples`. For a number: 0 the truth (empty where it is unknown),
    1 training, 2 test.
    """
    kind = (data.task, data.x.shape[1])
    where = f"scatter {data.spec.name}"
    if kind == ("classification", 2):
        names = [escape(name, LONG) for name in data.feature_names]
        return theme.figure(examples(data, say), xaxis_title=names[0], yaxis_title=names[1], uirevision=where)
    if kind == ("regression", 1):
        traces = [truth(data, say), *curve_points(data, say)]
        return theme.figure(traces, **curve_axes(data, say), uirevision=where)
    raise ValueError(
        f"A scatter plot shows classes over 2 features or a number over 1; these data are {kind[0]} "
        f"with {kind[1]} features: use pairs or histograms."
    )


def truth(data: Data, say: Say, count: int = 301) -> Any:
    """The noise-free line over the range of the examples, or an empty trace."""
    if data.truth is None:
        return theme.line([], [], TRUTH, say("figure.truth"), showlegend=False)
    both = torch.cat([data.x, data.x_test])
    x = torch.linspace(float(both.min()), float(both.max()), count, dtype=torch.float64)[:, None]
    return theme.line(data.raw(x)[:, 0], data.label(data.truth(x)), TRUTH, say("figure.truth"))


def digits(data: Data, count: int = 40, say: Say = english) -> go.Figure:
    """The first `count` training images in rows of ten. Raises ValueError for data that are no 8x8 images.

    Traces: 0 all images as one heat map, empty between them; 1 their labels, "8→3" where an 8 was mislabeled.
    """
    if data.spec.name != "digits":
        raise ValueError(f"Only the digits are images; these data are {data.spec.name!r}.")
    count = min(count, len(data.x))
    size, wide, tall = 8, 9, 12  # pixels of an image, and with the room around it
    mosaic = np.full((-(-count // 10) * tall, 10 * wide), np.nan, np.float32)
    spots = [(n // 10 * tall, n % 10 * wide) for n in range(count)]
    for (top, left), image in zip(spots, data.raw(data.x)[:count].numpy(), strict=True):
        mosaic[top : top + size, left : left + size] = image.reshape(size, size)
    ink = go.Heatmap(z=mosaic, colorscale=theme.INK, zmin=0, zmax=16, showscale=False, hoverinfo="skip")
    names = [escape(name, LONG) for name in data.class_names]
    said = [
        names[y] if y == clean else f"{names[clean]}→{names[y]}"
        for y, clean in zip(data.y[:count].tolist(), data.clean[:count].tolist(), strict=True)
    ]
    below = theme.array([(left + 3.5, top + size + 1) for top, left in spots])
    text = {"mode": "text", "text": said, "hoverinfo": "skip", "showlegend": False, "textfont": {"size": 11}}
    labels = go.Scatter(x=below[:, 0], y=below[:, 1], **text)
    hidden = {"visible": False, "constrain": "domain"}
    yaxis = {"autorange": "reversed", "scaleanchor": "x", **hidden}
    return theme.figure([ink, labels], xaxis=hidden, yaxis=yaxis, uirevision="digits")


def balance(data: Data, say: Say = english) -> go.Figure:
    """How many examples there are of each class, or how often the target takes which value.

    Traces: 0 training, 1 test.
    """
    if data.task == "regression":
        train, test = (data.label(y).numpy() for y in (data.y, data.y_test))
        borders = edges(np.concatenate([train, test]))
        outlines = [
            steps(train, borders, TRAIN, say("figure.train")),
            steps(test, borders, TEST, say("figure.test")),
        ]
        titles = {"xaxis_title": say("figure.target"), "yaxis_title": say("figure.examples")}
        return theme.figure(outlines, **titles, uirevision=f"balance {data.spec.name}")
    places = np.arange(data.classes, dtype=np.float32)
    bars = []
    for part, role, y, pattern in (("train", TRAIN, data.y, ""), ("test", TEST, data.y_test, "/")):
        counts = np.bincount(y.numpy(), minlength=data.classes).astype(np.int32)
        marker = {"color": role.color, "pattern": {"shape": pattern, **STRIPES}}
        text = {"text": counts, "textposition": "outside", "cliponaxis": False}
        bars.append(go.Bar(x=places, y=counts, name=say(f"figure.{part}"), marker=marker, **text))
    names = [escape(name, SHORT) for name in data.class_names]
    xaxis = {"title": {"text": say("figure.class")}, "tickvals": places, "ticktext": names}
    yaxis = {"title": {"text": say("figure.examples")}}
    return theme.figure(bars, xaxis=xaxis, yaxis=yaxis, uirevision=f"balance {data.spec.name}")
