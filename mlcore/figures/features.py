"""The features and how they are spread: histograms, pairs, and what standardizing does.

All of it of the training examples, in the units of the data set.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.figures import theme
from mlcore.figures.theme import CHANCE, FLOATS, LONG, SHORT, TRAIN, Role
from mlcore.figures.words import Say, english
from mlcore.files.escape import plotly as escape
from mlcore.training.data import Data, moments

MOST_PANELS = 12
MOST_PAIRS = 5


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
            means = np.empty_like(x)
            for k in np.unique(y):
                means[y == k] = x[y == k].mean(0)
            about = ((means - x.mean(0)) ** 2).sum(0) / ((x - means) ** 2).sum(0)
    best = np.argsort(-np.nan_to_num(about, nan=-1.0), kind="stable")[:count]
    return sorted(best.tolist())


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
    panes, axes = grid([title for title, _ in panels], say("figure.train_examples"))
    traces = []
    for (_, values), pane in zip(panels, panes, strict=True):
        borders, first = edges(values), pane is panes[0] and not regression
        for k, name in enumerate(names):
            entry = {"legendgroup": f"class {k}", "showlegend": first}
            traces.append(steps(values[labels == k], borders, theme.of_class(k), name, **entry, **pane))
    some = some_of(len(chosen), len(data.feature_names), say)
    return theme.figure(traces, **axes, **some, uirevision=f"histograms {data.spec.name}")


def pairs(data: Data, say: Say = english) -> go.Figure:
    """Every feature against every other, training examples, at most 5 features (see `telling`).

    Traces: one scatter matrix (drawn by WebGL) for each class; for a number one, the target its last row.
    """
    chosen = telling(data, MOST_PAIRS)
    columns = [(escape(data.feature_names[i], 12), raw(data)[:, i]) for i in chosen]
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
    numbers = ["", *range(2, len(columns) + 1)]
    axes = {f"{letter}axis{n}": {"nticks": 4} for letter in "xy" for n in numbers}
    some = some_of(len(chosen), len(data.feature_names), say)
    return theme.figure(traces, **axes, **some, uirevision=f"pairs {data.spec.name}")


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
    places = np.arange(len(chosen), dtype=np.float32)
    traces, axes = [], {}
    panels = (before.numpy(), CHANCE, "raw", "", [0, 0.48]), (after, TRAIN, "standardized", "2", [0.53, 1])
    for values, role, key, number, domain in panels:
        levels = np.quantile(values[:, chosen], [0, 0.25, 0.5, 0.75, 1], axis=0)
        low, q1, median, q3, high = theme.array(levels)
        box = {"lowerfence": low, "q1": q1, "median": median, "q3": q3, "upperfence": high}
        look = {"line": {"color": role.color, "width": 1.5}, "fillcolor": theme.rgba(role.color, 0.3)}
        name, lying = say(f"figure.{key}"), {"y": places, "orientation": "h", "xaxis": f"x{number}"}
        traces.append(go.Box(name=name, showlegend=False, **lying, **box, **look))
        axes[f"xaxis{number}"] = {"title": {"text": name}, "nticks": 4, "domain": domain}
    names = [escape(data.feature_names[i], SHORT) for i in chosen]
    yaxis = {"autorange": "reversed", "tickvals": places, "ticktext": names}
    some = some_of(len(chosen), len(data.feature_names), say)
    return theme.figure(traces, yaxis=yaxis, **axes, **some, uirevision=f"standardizing {data.spec.name}")


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


def grid(titles: Sequence[str], y_title: str, **yaxis: Any) -> tuple[list[dict[str, str]], dict[str, Any]]:
    """Panels row by row, under each its title: what puts a trace into each of them, and their axes.

    Three columns at most (two for four panels): on a phone a fourth has no room for its labels.
    """
    columns = 2 if len(titles) == 4 else min(3, len(titles))
    rows = -(-len(titles) // columns)
    across, down = (spans(count, gap) for count, gap in ((columns, 0.24), (rows, 0.36)))
    panes, axes = [], {}
    for n, title in enumerate(titles):
        number = str(n + 1) if n else ""
        row, column = divmod(n, columns)
        named = y_title if (row, column) == ((rows - 1) // 2, 0) else ""  # once for all
        place = {"domain": across[column], "anchor": f"y{number}", "nticks": 4}
        axes[f"xaxis{number}"] = {"title": {"text": title, "standoff": 4}, **place}
        place = {"domain": down[rows - 1 - row], "anchor": f"x{number}", "nticks": 4, "rangemode": "tozero"}
        axes[f"yaxis{number}"] = {"title": {"text": named}, **place, **yaxis}
        panes.append({"xaxis": f"x{number}", "yaxis": f"y{number}"})
    return panes, axes


def spans(count: int, gap: float) -> list[list[float]]:
    """`count` equal parts of [0, 1]; `gap` is the share of the space between, in a part with its space."""
    whole = 1 / (count - gap)
    return [[n * whole, min(1.0, (n + 1 - gap) * whole)] for n in range(count)]


def some_of(shown: int, of: int, say: Say) -> dict[str, Any]:
    """A title where only some features are shown. Above the legend, which on a phone is as wide as it."""
    if shown == of:
        return {}
    text = say("figure.some_features").format(shown=shown, all=of)
    place = {"x": 0.98, "xanchor": "right", "y": 1, "yref": "container", "yanchor": "top", "pad": {"t": 4}}
    return {"title": {"text": text, "automargin": True, **place}}
