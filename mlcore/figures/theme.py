"""What all figures share: colors, dashes, symbols, words, and the empty figure.

The rules:

1. A color that carries meaning has a contrast of at least 3:1 on either ground of the page (WCAG 2.2,
   1.4.11), so one figure serves both themes; fonts, grid and background are left to the page. White words
   lie on colors made `contrast.deep` enough for 4.5:1 (1.4.3).
2. Color is never the only cue. Training is solid or filled, test dashed or open, chance dotted; a class has
   its own symbol. The colors also differ for people without red or green cones (Machado et al. 2009).
3. Axes are set by what is seen, not by the one replica that left for infinity; who left is counted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

FLOATS = NDArray[np.float32]


class Role(NamedTuple):
    """How one thing looks wherever it is drawn."""

    color: str
    dash: str = "solid"
    symbol: str = "circle"


TRAIN = Role("#0072B2")
TEST = Role("#D55E00", "dash")
CHANCE = Role("#848484", "dot")
TRUTH = Role("#A87C4F", "longdash")
MODEL = Role("#7C3CFF")
RING = Role("#D6246E", symbol="circle-open")
GRAY = CHANCE.color
LOST = 1e6  # farther away no picture follows a descent

VERDICTS: dict[str, Role] = {
    "learned": Role("#0072B2", symbol="circle"),
    "overfit": Role("#7C3CFF", symbol="diamond"),
    "memorized": Role("#A87C4F", symbol="cross"),
    "unstable": Role("#CC66FF", symbol="x"),
    "chance": Role("#848484", symbol="square"),
    "diverged": Role("#D55E00", symbol="triangle-up"),
}

# 7 colors, 10 symbols and 6 dashes: the pair of color and symbol first repeats with the 71st class.
COLORS = ("#0072B2", "#D55E00", "#0F9696", "#7C3CFF", "#B72E5C", "#A87C4F", "#7878FF")
ORDER = tuple(COLORS[k] for k in (3, 0, 2, 5, 1))  # from low to high
SYMBOLS = (
    "circle", "square", "diamond", "triangle-up", "cross",
    "x", "star", "triangle-down", "pentagon", "hourglass",
)  # fmt: skip
EDGE = "rgba(255,255,255,0.6)"  # around filled marks
MANY = 2000  # marks; above, a browser draws SVG too slowly
LONG, SHORT = 32, 18  # characters of a name in a legend, and where there is little room
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


def of_class(k: int) -> Role:
    """The look of class (or layer) k."""
    return Role(COLORS[k % len(COLORS)], DASHES[k % len(DASHES)], SYMBOLS[k % len(SYMBOLS)])


def rgba(color: str, alpha: float) -> str:
    """A color as "#rrggbb" with transparency: 0 unseen, 1 opaque."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"


# Undecided is transparent: the page's own background is the neutral middle, in the light and in the dark.
DIVERGING = [
    [0.0, rgba(COLORS[0], 0.5)],
    [0.5, rgba(GRAY, 0.05)],
    [1.0, rgba(COLORS[1], 0.5)],
]
# Opaque, with numbers in the cells: Plotly makes them black or white by the color of the cell alone.
SEQUENTIAL = [[0.0, "#eef3f7"], [0.5, "#6fa8cf"], [1.0, "#003f66"]]
INK = [[0.0, "#f2f2f2"], [1.0, "#101010"]]  # an image on paper of its own

_AXIS = {"automargin": True, "gridcolor": rgba(GRAY, 0.25), "zerolinecolor": rgba(GRAY, 0.5)}
TEMPLATE: dict[str, Any] = {  # a page's own template may differ; what a figure says itself wins over both
    "layout": {
        "margin": {"l": 48, "r": 16, "t": 12, "b": 40},
        "xaxis": _AXIS,
        "yaxis": _AXIS,
        "hoverlabel": {"namelength": -1},
    }
}
LEGEND = {
    "orientation": "h", "itemsizing": "constant", "itemwidth": 40,  # a dash, a gap and a dash
    # a hair left of the picture: Plotly then lets the legend be as wide as picture and left margin together
    "xref": "paper", "x": -1e-6, "xanchor": "left", "yref": "paper", "y": 1.01, "yanchor": "bottom",
}  # fmt: skip


def figure(traces: Sequence[Any] = (), **layout: Any) -> go.Figure:
    """A picture without ground, margins tight, legend on top. The page sets its height and fonts."""
    clear = {"paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)"}
    common = {"template": TEMPLATE, "hovermode": "closest", "uirevision": "kept"}
    legend = {"legend": LEGEND | layout.get("legend", {})}
    # All at once: `update_layout` afterwards takes twice as long as everything else. And without a second
    # check: a trace tells of mistakes when it is made. That is half the time of a figure.
    checked = go.Layout(clear | common | layout | legend)
    return go.Figure(list(traces), layout=checked, _validate=False)


def array(values: ArrayLike) -> FLOATS:
    """Numbers as they travel: half the bytes of float64, and far finer than a pixel."""
    with np.errstate(over="ignore"):
        return np.asarray(values, np.float32)


def followed(values: ArrayLike) -> FLOATS:
    """A descent as far as a picture can follow it, NaN beyond."""
    values = np.asarray(values)
    with np.errstate(invalid="ignore"):
        return array(np.where(np.abs(values) < LOST, values, np.nan))


def drawable(values: ArrayLike, log: bool = False) -> FLOATS:
    """The same with NaN, a gap, for what has no place: infinities, and on a log axis 0 and below."""
    values = array(values)
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(values) & ((values > 0) | (not log)), values, np.float32(np.nan))


def line(x: ArrayLike, y: ArrayLike, role: Role, name: str, **more: Any) -> go.Scatter:
    """A curve in the color and the dash of its role. NaN is a gap.

    Plotly leaves out nearly collinear points: smooth curves get corners. Only where there are many it may.
    """
    x = array(x)
    look = {"color": role.color, "dash": role.dash, "width": 2, "simplify": x.size > MANY}
    return go.Scatter(x=x, y=array(y), mode="lines", name=name, line=look | more.pop("line", {}), **more)


def points(x: ArrayLike, y: ArrayLike, role: Role, name: str, *, hollow: bool = False, **more: Any) -> Any:
    """Marks, filled with a light edge, or light with an edge in their color; WebGL where there are many.

    The light edge keeps a mark apart from its neighbors and from ground of its own color.
    """
    fill, edge, width = ("#ffffff", role.color, 2) if hollow else (role.color, EDGE, 1)
    style = {"symbol": role.symbol, "size": 8, "color": fill, "line": {"color": edge, "width": width}}
    kind = go.Scattergl if len(np.asarray(x)) > MANY else go.Scatter
    marker = style | more.pop("marker", {})
    return kind(x=array(x), y=array(y), mode="markers", name=name, marker=marker, **more)


def band(x: ArrayLike, low: ArrayLike, high: ArrayLike, color: str, name: str, **more: Any) -> go.Scatter:
    """What lies between low and high as one polygon, left out where one of them is not a number."""
    rows = np.stack([np.asarray(v, np.float64) for v in (x, low, high)])
    along, below, above = rows[:, np.isfinite(rows).all(0)]
    around, there = np.concatenate([along, along[::-1]]), np.concatenate([below, above[::-1]])
    style = {"fill": "toself", "fillcolor": rgba(color, 0.22), "line": {"width": 0}, "hoverinfo": "skip"}
    return go.Scatter(x=array(around), y=array(there), mode="lines", name=name, **style | more)


def cursor(step: float, panel: int = 1) -> dict[str, Any]:
    """The vertical line that says which step is shown, in the panel-th pair of axes."""
    number = str(panel) if panel > 1 else ""
    ends = {"x0": float(step), "x1": float(step), "y0": 0, "y1": 1}
    look = {"line": {"color": GRAY, "width": 1.5, "dash": "dash"}, "name": "cursor"}
    return {"type": "line", "xref": f"x{number}", "yref": f"y{number} domain", **ends, **look}


def note(text: str, low: bool = False) -> dict[str, Any]:
    """A remark in the upper or lower right corner."""
    height = {"y": 0, "yanchor": "bottom"} if low else {"y": 1, "yanchor": "top"}
    place = {"xref": "paper", "yref": "paper", "x": 0.985, "xanchor": "right", **height}
    return {"text": text, "showarrow": False, **place}


def log_ticks(low: float, high: float) -> dict[str, Any]:
    """Values beside heights that are their logarithms to base 10, from low to high."""
    steps = (1, 2, 5) if high - low < 1.6 else (1,) if high - low > 3 else (1, 3)
    values = [m * 10.0**e for e in range(math.floor(low), math.ceil(high) + 1) for m in steps]
    kept = [v for v in values if low <= math.log10(v) <= high]
    if len(kept) < 3:  # they hardly differ, so that even steps do
        kept = even(10**low, 10**high)
    return {"tickvals": np.log10(kept).tolist(), "ticktext": [f"{v:.12g}" for v in kept]}


def even(low: float, high: float) -> list[float]:
    """Three to seven round numbers at equal steps from low to high; one where both are equal."""
    if not high > low:
        return [low]
    size = 10.0 ** math.floor(math.log10((high - low) / 3))
    step = next(m * size for m in (5, 2, 1) if (high - low) / (m * size) >= 3)
    return [round(k * step, 15) for k in range(math.ceil(low / step), math.floor(high / step) + 1)]


def log_axis(values: ArrayLike, most: float = 3.0) -> dict[str, Any]:
    """A logarithmic axis over the positive ones of values, a little beyond: 0.2 on it, not a small 2.

    `most` decades or more have powers of ten alone, written as powers where decimals grow long.
    """
    seen = drawable(values, log=True).astype(np.float64)
    seen = np.log10(seen[np.isfinite(seen)])
    low, high = (float(seen.min()), float(seen.max())) if seen.size else (-1.0, 0.0)
    pad = 0.04 * (high - low) + 0.02
    decades = high - low + 2 * pad
    if 0.8 < decades < most:
        ticks: dict[str, Any] = {"dtick": "D2"}  # at 1, 2 and 5
    else:  # below 0.7 decades a tick Plotly adds 2 and 5
        ticks = {"nticks": min(7, int(decades / 0.72)) if decades >= most else 4}
    short = low > -4.5 and high < 5.5
    form = {"tickformat": "~g"} if short else {"exponentformat": "power"}
    return {"type": "log", "range": [low - pad, high + pad], **form, **ticks}


def window(values: ArrayLike, margin: float = 0.06) -> tuple[float, float]:
    """A range that shows the values: all of them, unless a few lie so far out that the rest would be a line.

    Then the middle 96 % and half its width on either side. No finite value: (0, 1).
    """
    finite = np.asarray(values, np.float64)
    finite = finite[np.isfinite(finite)]
    if finite.size == 0:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    inner_low, inner_high = (float(v) for v in np.quantile(finite, [0.02, 0.98]))
    width = inner_high - inner_low
    if 0 < 3 * width < high - low:
        low, high = max(low, inner_low - width / 2), min(high, inner_high + width / 2)
    pad = margin * (high - low) or 0.5 * abs(high) or 1.0
    return low - pad, high + pad
