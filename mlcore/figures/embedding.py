"""Images and what is given back of them, codes in a plane, errors over steps and over the width of a code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.embeddings.autoencoder import Encoded
from mlcore.embeddings.bottleneck import Width
from mlcore.figures import theme
from mlcore.figures.theme import CHANCE, MODEL, RING, TEST, TRAIN, TRUTH, Role
from mlcore.figures.words import Say, english

SIDE, STEP = 8, 10  # pixels of a digit, and with the room around it
DARK = 16.0  # the value of black ink
FLOATS = NDArray[Any]
LINEAR, DEEP = Role(theme.COLORS[0], symbol="square"), Role(theme.COLORS[3])


def sheet(rows: Sequence[FLOATS]) -> NDArray[np.float32]:
    """Rows of images [k, 64] under each other, on white paper: [rows * STEP, k * STEP]."""
    wide = max(len(row) for row in rows)
    paper = np.zeros((len(rows) * STEP, wide * STEP), np.float32)
    for i, row in enumerate(rows):
        for j, image in enumerate(np.asarray(row)):
            top, left = i * STEP + 1, j * STEP + 1
            paper[top : top + SIDE, left : left + SIDE] = np.clip(image.reshape(SIDE, SIDE), 0, DARK)
    return paper


def images(rows: Sequence[FLOATS], names: Sequence[str], say: Say = english) -> go.Figure:
    """A named row of images for each of `rows`. Trace 0 is the `sheet`."""
    ink = go.Heatmap(
        z=sheet(rows), colorscale=theme.INK, zmin=0, zmax=DARK, showscale=False, hoverinfo="skip"
    )
    places = [i * STEP + (STEP - 1) / 2 for i in range(len(rows))]
    bare = {"showgrid": False, "zeroline": False, "constrain": "domain"}
    yaxis = {"tickvals": places, "ticktext": list(names), "autorange": "reversed", "scaleanchor": "x", **bare}
    xaxis = {"showticklabels": False, **bare}
    return theme.figure([ink], xaxis=xaxis, yaxis=yaxis, uirevision=f"images {len(rows)}")


def given_back(x: FLOATS, back: FLOATS, names: Sequence[str], say: Say = english) -> go.Figure:
    """Two features of examples [M, 2] and what is given back of them. Traces: 0 the first, 1 the second."""
    traces = [
        theme.points(x[:, 0], x[:, 1], CHANCE, say("figure.original"), hollow=True),
        theme.points(back[:, 0], back[:, 1], MODEL, say("figure.given_back")),
    ]
    ends = [theme.window(x[:, axis], 0.1) for axis in (0, 1)]
    xaxis, yaxis = (
        {"title": {"text": name}, "range": list(end)} for name, end in zip(names, ends, strict=True)
    )
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="back in two features")


def errors(encoded: Encoded, pca: float, say: Say = english) -> go.Figure:
    """What is lost, over the steps. Traces: 0 training, 1 test, 2 the least that a linear code loses."""
    step = np.asarray(encoded.step)
    traces = [
        theme.line(step, encoded.train, TRAIN, say("figure.train")),
        theme.line(step, encoded.test, TEST, say("figure.test")),
        theme.line(step[[0, -1]], [pca, pca], CHANCE, say("figure.pca")),
    ]
    top = 1.05 * max(1.0, float(np.nanquantile(encoded.test, 0.9)))
    yaxis = {"title": {"text": say("figure.lost")}, "range": [0, top], "tickformat": ".0%"}
    xaxis = {"title": {"text": say("figure.step")}}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="lost")


def plane(
    codes: FLOATS, labels: NDArray[np.int64], names: Sequence[str], titles: Sequence[str], say: Say = english,
    room: FLOATS | None = None, values: FLOATS | None = None,
) -> go.Figure:  # fmt: skip
    """Codes [M, 2] in the colors of their classes, a trace for each, or one trace shaded by `values` [M].
    The axes hold all of `room` [..., 2]."""
    traces = []
    for k, name in enumerate(names):
        here = codes[labels == k]
        traces.append(theme.points(here[:, 0], here[:, 1], theme.of_class(k), name))
    if values is not None:
        bar = {"thickness": 10, "title": {"text": say("figure.target"), "side": "right"}}
        shades = {"color": theme.array(values), "colorscale": theme.SEQUENTIAL, "colorbar": bar}
        traces[0].update(marker=shades | {"line": {"color": theme.GRAY, "width": 1}}, showlegend=False)
    every = np.concatenate([codes, (codes if room is None else np.asarray(room)).reshape(-1, 2)])
    ends = [theme.window(every[:, axis], 0.1) for axis in (0, 1)]
    xaxis, yaxis = (
        {"title": {"text": title}, "range": list(end)} for title, end in zip(titles, ends, strict=True)
    )
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision=f"codes {titles}")


def walked(figure: go.Figure, way: FLOATS, at: Sequence[float], say: Say = english) -> go.Figure:
    """The same with a way [k, 2] between two codes and a mark to be dragged: the last two traces. With their
    names, longer than those of classes, the legend would leave a phone no room."""
    figure.add_trace(theme.line(way[:, 0], way[:, 1], MODEL, say("figure.way"), line={"width": 3}))
    look = {"size": 18, "color": RING.color, "line": {"width": 3, "color": RING.color}}
    figure.add_trace(theme.points([at[0]], [at[1]], RING, say("figure.decoded"), marker=look))
    for trace in figure.data[-2:]:
        trace.showlegend = False
    return figure


def widths(parts: Sequence[Width], say: Say = english) -> go.Figure:
    """What test examples lose over the width of the code.

    Traces: 0 PCA, 1 linear autoencoders, 2 deep ones, 3 the eigenvalues left out, of training examples.
    """
    code = [part.code for part in parts]
    marks = {"mode": "lines+markers", "marker": {"size": 9}}
    linear, deep = ([part.test[kind] for part in parts] for kind in ("linear", "deep"))
    traces = [
        theme.line(code, [part.pca_test for part in parts], TRUTH, say("figure.pca"), line={"width": 6}),
        theme.line(code, linear, LINEAR, say("figure.linear")).update(**marks),
        theme.line(code, deep, DEEP, say("figure.deep")).update(**marks),
        theme.line(code, [part.pca for part in parts], CHANCE, say("figure.left_out")),
    ]
    yaxis = {"title": {"text": say("figure.lost")}, "rangemode": "tozero", "tickformat": ".0%"}
    xaxis = {"title": {"text": say("figure.code_width")}, "dtick": 2}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, uirevision="code widths")
