"""The examples before anything is trained, in the units of the data set.

What is chosen or counted is taken from the training examples alone; test examples are only shown.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import torch
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from mlcore.data import Data, moments
from mlcore.escape import plotly as escape
from mlcore.figures import theme
from mlcore.figures.theme import CHANCE, FLOATS, GRAY, RING, TEST, TRAIN, TRUTH, Role, Say, english

MOST_PANELS = 12
MOST_PAIRS = 5
STRIPES = {"fillmode": "overlay", "fgcolor": "#ffffff", "fgopacity": 0.7}
LONG, SHORT = 32, 18  # characters of a name in a legend, and where there is little room


def raw(data: Data) -> FLOATS:
    """The training examples [N, D] in their own units."""
    return theme.array(data.raw(data.x))


def telling(data: Data, count: int) -> list[int]:
    """The `count` features that tell most about y alone, in their own order.

    For classes by F, the variance between classes over that within them; for a number by |correlation|.
    """
    x, y = data.x.numpy(), data.y.numpy()
    centered = x - x.mean(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        if data.task == "regression":
            about = np.abs(centered.T @ (y - y.mean())) / np.linalg.norm(centered, axis=0)
        else:
            means = np.stack([x[y == k].mean(0) for k in np.unique(y)])[np.searchsorted(np.unique(y), y)]
            about = ((means - x.mean(0)) ** 2).sum(0) / ((x - means) ** 2).sum(0)
    best = np.argsort(-np.nan_to_num(about, nan=-1.0), kind="stable")[:count]
    return sorted(best.tolist())


def class_points(data: Data, columns: tuple[int, int] = (0, 1)) -> list[Any]:
    """The examples over two features. Traces, with K classes:

    0..K-1 training, filled; K..2K-1 test, open; 2K rings around wrong labels; 2K+1, 2K+2 keys of the legend.
    """
    i, j = columns
    traces: list[Any] = []
    for x, y, hollow in ((data.x, data.y, False), (data.x_test, data.y_test, True)):
        places = data.raw(x).numpy()[:, [i, j]]
        for k, name in enumerate(data.class_names):
            here = places[y.numpy() == k]
            shown: dict[str, Any] = {"legendgroup": f"class {k}", "showlegend": not hollow}
            role = theme.of_class(k)
            traces.append(
                theme.points(here[:, 0], here[:, 1], role, escape(name, LONG), hollow=hollow, **shown)
            )
    return traces


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
    parts = (
        ("train", TRAIN, data.x, data.y),
        ("test", TEST, data.x_test, data.y_test),
    )
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
    yaxis = {"title": {"text": say("figure.target")}, "range": [low, high]}
    return {
        "xaxis": {"title": {"text": escape(data.feature_names[0], LONG)}},
        "yaxis": yaxis,
        "annotations": notes,
    }


def scatter(data: Data, say: Say = english) -> go.Figure:
    """All examples: classes over two features, or a number over one. Raises ValueError for other data.

    Traces for classes: those of `class_points`. For a number: 0 the truth (empty where it is unknown),
    1 training, 2 test.
    """
    kind = (data.task, data.x.shape[1])
    where = f"scatter {data.spec.name}"
    if kind == ("classification", 2):
        names = [escape(name, LONG) for name in data.feature_names]
        traces = [*class_points(data), mislabeled(data, say), *keys(say)]
        return theme.figure(traces, xaxis_title=names[0], yaxis_title=names[1], uirevision=where)
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


def edges(values: NDArray[Any]) -> NDArray[np.float64]:
    """Borders of equal bins: one for each whole number where there are few, else 8 to 24."""
    low, high = float(values.min()), float(values.max())
    if (values == np.round(values)).all() and high - low <= 40:
        return np.arange(low - 0.5, high + 1.0)
    bins = int(np.clip(1.5 * np.sqrt(len(values)), 8, 24))
    return np.linspace(low, high if high > low else low + abs(low) / 8 + 1e-9, bins + 1)


def steps(
    values: NDArray[Any], borders: NDArray[np.float64], role: Role, name: str, **more: Any
) -> go.Scatter:
    """A histogram as an outline, so that several can lie over each other."""
    counts, _ = np.histogram(values, borders)
    x = np.concatenate([borders[:1], borders])
    y = np.concatenate([[0], counts, [0]])
    fill = {"fill": "tozeroy", "fillcolor": theme.rgba(role.color, 0.15)}
    return theme.line(x, y, role, name, line={"shape": "hv", "width": 1.5}, **fill, **more)


def grid(count: int, **more: Any) -> tuple[go.Figure, list[tuple[int, int]], int]:
    """A figure of `count` panels, the (row, column) of each, and which of them names the y axis for all.

    Three columns at most (two for four panels): on a phone a fourth has no room for its labels.
    """
    columns = 2 if count == 4 else min(3, count)
    rows = -(-count // columns)
    spare = {"horizontal_spacing": 0.24 / columns, "vertical_spacing": 0.36 / rows if rows > 1 else 0}
    fig = make_subplots(rows, columns, figure=theme.figure(), **spare, **more)
    return fig, [(n // columns + 1, n % columns + 1) for n in range(count)], (rows - 1) // 2 * columns


def histograms(data: Data, say: Say = english) -> go.Figure:
    """How often each feature takes which value, training examples, at most 12 panels (see `telling`).

    Traces: panel by panel, within it class by class. A number as target is the last panel.
    """
    regression = data.task == "regression"
    chosen = telling(data, MOST_PANELS - regression)
    panels = [(escape(data.feature_names[i], SHORT), raw(data)[:, i]) for i in chosen]
    if regression:
        panels.append((say("figure.target"), theme.array(data.label(data.y))))
    labels = np.zeros(len(data.y), np.int64) if regression else data.y.numpy()
    names = [say("figure.train")] if regression else [escape(name, LONG) for name in data.class_names]
    fig, places, middle = grid(len(panels))
    for panel, ((title, values), (row, column)) in enumerate(zip(panels, places, strict=True)):
        borders = edges(values)
        for k, name in enumerate(names):
            shown = {"legendgroup": f"class {k}", "showlegend": panel == 0 and not regression}
            trace = steps(values[labels == k], borders, theme.of_class(k), name, **shown)
            fig.add_trace(trace, row, column)
        fig.update_xaxes(title_text=title, nticks=4, title_standoff=4, row=row, col=column)
        y_title = say("figure.train_examples") if panel == middle else None
        fig.update_yaxes(title_text=y_title, rangemode="tozero", nticks=4, row=row, col=column)
    return some_of(fig, len(chosen), len(data.feature_names), say, f"histograms {data.spec.name}")


def some_of(fig: go.Figure, shown: int, of: int, say: Say, revision: str) -> go.Figure:
    """Say where only some features are shown."""
    text = say("figure.some_features").format(shown=shown, all=of) if shown < of else ""
    return fig.update_layout(title={"text": text, "x": 0.98, "xanchor": "right"}, uirevision=revision)


def pairs(data: Data, say: Say = english) -> go.Figure:
    """Every feature against every other, training examples, at most 5 features (see `telling`).

    Traces: one scatter matrix (drawn by WebGL) for each class; for a number one, the target its last row.
    """
    chosen = telling(data, MOST_PAIRS)
    columns = [(escape(data.feature_names[i], 14), raw(data)[:, i]) for i in chosen]
    labels, names = data.y.numpy(), [escape(name, LONG) for name in data.class_names]
    if data.task == "regression":
        columns.append((say("figure.target"), theme.array(data.label(data.y))))
        labels, names = np.zeros(len(data.y), np.int64), [say("figure.train")]
    few = len(columns) < 3  # half of two by two is one panel, which Plotly cannot draw
    half = {"showupperhalf": few, "diagonal": {"visible": few}}
    traces = []
    for k, name in enumerate(names):
        role = theme.of_class(k)
        marker = {"symbol": role.symbol, "color": role.color, "size": 5}
        dimensions = [{"label": title, "values": values[labels == k]} for title, values in columns]
        shown = {"name": name, "showlegend": len(names) > 1}
        traces.append(go.Splom(dimensions=dimensions, marker=marker, **half, **shown))
    fig = theme.figure(traces)
    fig.update_layout({f"{a}axis{n or ''}": {"nticks": 4} for a in "xy" for n in range(2, len(columns) + 1)})
    return some_of(fig, len(chosen), len(data.feature_names), say, f"pairs {data.spec.name}")


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
    for (top, left), image in zip(spots, raw(data)[:count], strict=True):
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


def standardizing(data: Data, say: Say = english) -> go.Figure:
    """Each feature of the training examples in its own unit, and standardized.

    Boxes are quartiles and median, whiskers reach the extremes; at most 12 features, from the widest to the
    narrowest. Traces: 0 before, 1 after.
    """
    before = data.raw(data.x)
    mean, std = moments(before)
    after = ((before - mean) / std).numpy()
    widest = np.argsort(-std.numpy(), kind="stable")
    chosen = widest[np.unique(np.linspace(0, len(widest) - 1, MOST_PANELS).round().astype(int))]
    names = [escape(data.feature_names[i], SHORT) for i in chosen]
    fig = make_subplots(1, 2, shared_yaxes=True, horizontal_spacing=0.06, figure=theme.figure())
    for column, (values, role, key) in enumerate(
        [(before.numpy(), CHANCE, "raw"), (after, TRAIN, "standardized")]
    ):
        low, q1, median, q3, high = theme.array(
            np.quantile(values[:, chosen], [0, 0.25, 0.5, 0.75, 1], axis=0)
        )
        box = {"lowerfence": low, "q1": q1, "median": median, "q3": q3, "upperfence": high}
        look = {"line": {"color": role.color, "width": 1.5}, "fillcolor": theme.rgba(role.color, 0.3)}
        places = np.arange(len(chosen), dtype=np.float32)
        trace = go.Box(y=places, orientation="h", showlegend=False, name=say(f"figure.{key}"), **box, **look)
        fig.add_trace(trace, 1, column + 1)
        fig.update_xaxes(title_text=say(f"figure.{key}"), nticks=4, row=1, col=column + 1)
    ticks = {"tickvals": np.arange(len(chosen)), "ticktext": names}
    fig.update_yaxes(autorange="reversed", **ticks)
    return some_of(fig, len(chosen), len(data.feature_names), say, f"standardizing {data.spec.name}")
