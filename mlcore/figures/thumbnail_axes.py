"""Where things lie in a thumbnail: the axes of a figure, without what stands beside them."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

WIDTH, HEIGHT = 320, 180  # units of the picture; a page gives it another size
EDGE = 8  # around it
FLOATS = NDArray[np.float64]


@dataclass(frozen=True)
class Axis:
    """One axis: its range, in powers of ten where it is logarithmic, and the names on it, if it has some."""

    low: float
    high: float
    log: bool
    names: dict[str, int]

    def numbers(self, values: Any) -> FLOATS:
        """Values as numbers on this axis; NaN for what has no place."""
        listed = np.asarray(decoded(values))
        if listed.dtype.kind in "OUS":
            return np.array([self.names.get(str(v), _number(v)) for v in listed.ravel()], np.float64)
        found = np.asarray(listed, np.float64)
        with np.errstate(all="ignore"):
            return np.log10(found) if self.log else found

    def share(self, values: Any) -> FLOATS:
        """How far along the axis values lie: 0 at its low end, 1 at the high one."""
        return (self.numbers(values) - self.low) / ((self.high - self.low) or 1.0)


@dataclass(frozen=True)
class Panel:
    """A pair of axes and its place in the picture."""

    x: Axis
    y: Axis
    key: tuple[str, str]
    left: float
    top: float
    width: float
    height: float

    def across(self, values: Any) -> FLOATS:
        return self.x.share(values) * self.width

    def down(self, values: Any) -> FLOATS:
        return (1 - self.y.share(values)) * self.height


class Axes:
    """The panels of some figures of one kind: ranges hold what all of them show."""

    def __init__(self, figures: Sequence[go.Figure]) -> None:
        self.figures, self.layout = figures, figures[-1].layout
        pairs = dict.fromkeys(key(trace) for figure in figures for trace in figure.data)
        self.panels = [self._panel(pair) for pair in pairs]

    def _panel(self, pair: tuple[str, str]) -> Panel:
        x, y = (self._axis(pair, along) for along in (0, 1))
        (x0, x1), (y0, y1) = (self._domain(name) for name in pair)
        wide, high = WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE
        left, top = EDGE + x0 * wide, EDGE + (1 - y1) * high
        width, height = (x1 - x0) * wide, (y1 - y0) * high
        if any(self._of(name).scaleanchor for name in pair):  # a circle is round
            unit = min(width / abs(x.high - x.low), height / abs(y.high - y.low))
            across, down = unit * abs(x.high - x.low), unit * abs(y.high - y.low)
            left, top, width, height = left + (width - across) / 2, top + (height - down) / 2, across, down
        return Panel(x, y, pair, left, top, width, height)

    def _of(self, name: str) -> Any:
        full = name[0] + "axis" + name[1:]
        return self.layout[full] if full in self.layout else go.layout.XAxis()

    def _domain(self, name: str) -> tuple[float, float]:
        axis = self._of(name)
        over = axis.overlaying
        return self._domain(over) if over else tuple(axis.domain or (0.0, 1.0))

    def _axis(self, pair: tuple[str, str], along: int) -> Axis:
        axis, name = self._of(pair[along]), "xy"[along]
        own = [trace for figure in self.figures for trace in figure.data if key(trace)[along] == pair[along]]
        values = [_values(trace, name, along) for trace in own]
        words = [
            str(v) for part in values if part.dtype.kind in "OUS" for v in part if math.isnan(_number(v))
        ]
        names = {word: k for k, word in enumerate(dict.fromkeys([*(axis.categoryarray or ()), *words]))}
        log = axis.type == "log"
        whole = Axis(0, 1, log, names)
        seen = np.concatenate([whole.numbers(part) for part in values]) if values else np.zeros(1)
        seen = seen[np.isfinite(seen)]
        low, high = (float(seen.min()), float(seen.max())) if seen.size else (0.0, 1.0)
        bars = any(trace.type == "bar" for figure in self.figures for trace in figure.data)
        cells = any(trace.type in ("heatmap", "image") for figure in self.figures for trace in figure.data)
        if bars and (trace_along(self.figures) != along):
            low, high = min(low, 0.0), high
        pad = 0.5 if names or (cells and not axis.range) else 0.04 * (high - low) or 0.5
        low, high = low - pad, high + pad
        if axis.range and None not in axis.range:
            low, high = (float(_number(v)) for v in axis.range)
        elif axis.autorange == "reversed":
            low, high = high, low
        return Axis(low, high, log, names)


def decoded(values: Any) -> Any:
    """An array that a figure holds as it will travel, in base64."""
    if not isinstance(values, dict):
        return values
    raw = np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
    return raw.reshape([int(n) for n in str(values["shape"]).split(",")]) if "shape" in values else raw


def trace_along(figures: Sequence[go.Figure]) -> int:
    """Along which axis bars stand side by side: 0 for x."""
    return int(any(getattr(trace, "orientation", None) == "h" for f in figures for trace in f.data))


def key(trace: Any) -> tuple[str, str]:
    """The axes of a trace."""
    return trace.xaxis or "x", trace.yaxis or "y"


def _values(trace: Any, name: str, along: int) -> NDArray[Any]:
    """What a trace has along an axis: its own values, or the numbers of its places."""
    given = trace[name]
    return np.arange(_long(trace, along)) if given is None else np.asarray(decoded(given)).ravel()


def _long(trace: Any, along: int) -> int:
    z = getattr(trace, "z", None)
    if z is not None:
        return int(np.asarray(decoded(z)).shape[1 - along])
    other = trace["yx"[along]]
    return 0 if other is None else len(np.asarray(decoded(other)))


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan
