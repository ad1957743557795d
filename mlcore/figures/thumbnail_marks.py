"""The marks of a trace as SVG: lines, areas, points, bars, fields of color."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import zoom

from mlcore.figures import theme
from mlcore.figures.thumbnail_axes import FLOATS, Panel, decoded, key

MOST_MARKS = 130
MOST_POINTS = 160  # of lines that one trace draws
LEVELS = 12  # bands of a contour
SIDE = 120  # pixels across a field of color
SMALLER = 0.55  # marks, against those of the figure
DASHES = {
    "dash": "5 4", "dot": "1.5 3", "dashdot": "6 3 1.5 3", "longdash": "8 4", "longdashdot": "8 3 1.5 3",
}  # fmt: skip
LIGHT = ("#fff", "#ffffff", "white", "rgb(255,255,255)", theme.EDGE)  # unseen on a light page
_SCALE = [[0.0, "#440154"], [0.25, "#3b528b"], [0.5, "#21918c"], [0.75, "#5ec962"], [1.0, "#fde725"]]


def drawn(trace: Any, panel: Panel, runs: bool) -> str:
    """A trace in its panel; nothing for one of another panel, one that is hidden, or of another kind."""
    if trace.visible in (False, "legendonly") or not hasattr(trace, "xaxis") or key(trace) != panel.key:
        return ""
    draw = {
        "scatter": _scatter, "scattergl": _scatter, "heatmap": _field, "contour": _field, "bar": _bars,
        "image": _image,
    }.get(trace.type)  # fmt: skip
    marks = draw(trace, panel, runs) if draw else ""
    return f'<g opacity="{trace.opacity:g}">{marks}</g>' if marks and trace.opacity is not None else marks


# ---------------------------------------------------------------- lines and points


def _scatter(trace: Any, panel: Panel, runs: bool) -> str:
    if trace.y is None and trace.x is None:
        return ""
    y = panel.down(trace.y if trace.y is not None else np.arange(len(trace.x)))
    x = panel.across(trace.x if trace.x is not None else np.arange(len(trace.y)))
    mode = trace.mode or "lines"
    marks = _area(trace, panel, x, y)
    if "lines" in mode and (trace.line.width is None or trace.line.width > 0):
        marks += _line(trace, x, y, runs)
    if "markers" in mode:
        marks += _points(trace, x, y)
    return marks


def _line(trace: Any, x: FLOATS, y: FLOATS, runs: bool) -> str:
    way = _way(x, y, trace.line.shape)
    if not way:
        return ""
    width = min(max(0.8 * (trace.line.width or 2), 1), 2.6)
    dash = DASHES.get(trace.line.dash or "")
    more = f' stroke-dasharray="{dash}"' if dash else ' class="run" pathLength="1"' if runs else ""
    color = trace.line.color or theme.COLORS[0]
    return f'<path d="{way}" fill="none" stroke="{_paint(color)}" stroke-width="{width:g}"{more}/>'


def _way(x: FLOATS, y: FLOATS, shape: str | None = None) -> str:
    """A path through the points, a gap where there is none; without points too near to be told apart, and
    of very many lines the first ones."""
    if shape == "hv":
        x, y = np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]
    elif shape == "vh":
        x, y = np.repeat(x, 2)[:-1], np.repeat(y, 2)[1:]
    if np.isfinite(x + y).all():
        step = max(1, len(x) // (4 * MOST_POINTS))
        x, y = x[::step], y[::step]
    told: list[str] = []
    last: tuple[float, float] | None = None
    for k, (a, b) in enumerate(
        zip(np.clip(x, -999, 999).tolist(), np.clip(y, -999, 999).tolist(), strict=True)
    ):
        if a != a or b != b:
            if len(told) > MOST_POINTS:
                break
            last = None
        elif last is None or abs(a - last[0]) + abs(b - last[1]) > 1.2 or k == len(x) - 1:
            told.append(f"{'L' if last else 'M'}{a:.1f} {b:.1f}")
            last = (a, b)
    return "".join(told) if len(told) > 1 else ""


def _area(trace: Any, panel: Panel, x: FLOATS, y: FLOATS) -> str:
    """What a trace fills: itself, or what lies between it and 0."""
    if trace.fill not in ("toself", "tozeroy", "tonexty"):
        return ""
    if trace.fill != "toself":
        zero = float(np.clip(panel.down(np.zeros(1)), 0, panel.height)[0])
        x, y = np.concatenate([x[:1], x, x[-1:]]), np.concatenate([[zero], y, [zero]])
    way = _way(x, y)
    color = _paint(trace.fillcolor or trace.line.color or theme.GRAY)
    return f'<path d="{way}Z" fill="{color}"/>' if way else ""


def _points(trace: Any, x: FLOATS, y: FLOATS) -> str:
    """Marks, some of them where there are many: of one look as the round or square ends of lines without
    length, which takes a fifth of the bytes of circles."""
    look = trace.marker
    own = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    own = own[:: -(-len(own) // MOST_MARKS) or 1]
    colors, rims = _colors(look, len(x)), _several(look.line.color, len(x))
    sizes, symbols = _several(look.size or 6, len(x)), _several(look.symbol or "circle", len(x))
    groups: dict[tuple[str, str, bool, str], list[str]] = {}
    for k in own.tolist():
        color, symbol = _paint(colors[k]), str(symbols[k])
        hollow = symbol.endswith("-open") or color.lower() in LIGHT
        rim = _paint(rims[k] or theme.GRAY)
        ink = color if not hollow or symbol.endswith("-open") else theme.GRAY if rim in LIGHT else rim
        size = f"{min(max(SMALLER * float(sizes[k]), 2.4), 16):.3g}"
        cap = "butt" if hollow else "square" if symbol.startswith("square") else "round"
        groups.setdefault((ink, size, hollow, cap), []).append(f"{x[k]:.1f} {y[k]:.1f}")
    return "".join(_alike(*look, places) for look, places in groups.items())


def _alike(ink: str, size: str, hollow: bool, cap: str, places: Sequence[str]) -> str:
    if hollow:
        ring = f'r="{float(size) / 2:.3g}" fill="none" stroke="{ink}" stroke-width="1.4"'
        return "".join('<circle cx="{}" cy="{}" {}/>'.format(*place.split(), ring) for place in places)
    way = "".join(f"M{place}h0" for place in places)
    return f'<path d="{way}" stroke="{ink}" stroke-width="{size}" stroke-linecap="{cap}"/>'


def _several(value: Any, count: int) -> Sequence[Any]:
    listed = value is not None and not isinstance(value, str) and np.ndim(value) > 0
    return list(value) if listed else [value] * count


def _colors(look: Any, count: int) -> Sequence[Any]:
    """The color of each mark; numbers go over the marker's scale."""
    colors = _several(look.color if look.color is not None else theme.COLORS[0], count)
    if colors and not isinstance(colors[0], str):
        values = np.asarray(colors, np.float64)
        rgba = painted(values[None], look.colorscale, look.cmin, look.cmax)[0]
        return [f"rgb({r},{g},{b})" for r, g, b, _ in rgba.tolist()]
    return colors


# ---------------------------------------------------------------- bars and fields


def _bars(trace: Any, panel: Panel, runs: bool) -> str:
    flat = trace.orientation == "h"
    along, long_ = (trace.y, trace.x) if flat else (trace.x, trace.y)
    axis, other = (panel.y, panel.x) if flat else (panel.x, panel.y)
    places = axis.numbers(along if along is not None else np.arange(len(long_)))
    base = trace.base if trace.base is not None else 0.0
    half = 0.4 * float(np.min(np.diff(np.unique(places)), initial=1.0)) if len(places) > 1 else 0.4
    starts = np.broadcast_to(np.asarray(base, np.float64), len(places))
    ends = starts + np.asarray(long_, np.float64)
    told, colors = [], _colors(trace.marker, len(places))
    for place, start, end, color in zip(places, starts, ends, colors, strict=True):
        low, high = (np.array([place - half, place + half]) - axis.low) / (axis.high - axis.low)
        a, b = other.share(np.array([start, end]))
        first, last = sorted((max(min(a, 1), 0), max(min(b, 1), 0)))
        box = (
            (first, 1 - high, last - first, high - low) if flat else (low, 1 - last, high - low, last - first)
        )
        size = (panel.width, panel.height) * 2
        told.append(
            '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" '.format(*np.multiply(box, size))
            + f'fill="{_paint(color)}"/>'
        )
    return "".join(told)


def _field(trace: Any, panel: Panel, runs: bool) -> str:
    """Colors over a grid; the bands of a contour with their edges."""
    z = np.asarray(decoded(trace.z), np.float64)
    x = panel.across(trace.x if trace.x is not None else np.arange(z.shape[1]))
    y = panel.down(trace.y if trace.y is not None else np.arange(z.shape[0]))
    low, high = trace.zmin, trace.zmax
    smooth = trace.type == "contour" or trace.zsmooth
    if trace.type == "contour":
        if trace.contours.type == "constraint" or trace.contours.coloring in ("none", "lines"):
            level = trace.contours.start if trace.contours.start is not None else trace.contours.value
            return _edge(z, x, y, float(level or 0.0), trace.line.color)
        z = _bands(_finer(z), low, high)
    elif smooth:
        z = _finer(z)
    else:
        z = np.repeat(np.repeat(z, _times(z), 0), _times(z), 1)
    return _placed(painted(z, trace.colorscale, low, high), x, y, cells=trace.type != "contour")


def _times(z: FLOATS) -> int:
    return max(1, SIDE // max(z.shape)) if max(z.shape) < 24 else 1


def _finer(z: FLOATS) -> FLOATS:
    filled = np.where(np.isfinite(z), z, np.nanmax(z, initial=0.0, where=np.isfinite(z)))
    return np.asarray(zoom(filled, SIDE / max(z.shape), order=1, grid_mode=True, mode="nearest"))


def _bands(z: FLOATS, low: float | None, high: float | None) -> FLOATS:
    first, last = (float(z.min()) if low is None else low), (float(z.max()) if high is None else high)
    step = (last - first) / LEVELS or 1.0
    return first + step * (np.floor(np.clip((z - first) / step, 0, LEVELS - 1)) + 0.5)


def _edge(z: FLOATS, x: FLOATS, y: FLOATS, level: float, color: str | None) -> str:
    """Where z crosses a level, as a line of the grid's own picture."""
    fine = _finer(z) > level
    edge = np.zeros(fine.shape, bool)
    edge[:, 1:] |= fine[:, 1:] != fine[:, :-1]
    edge[1:] |= fine[1:] != fine[:-1]
    rgba = np.zeros((*edge.shape, 4), np.uint8)
    rgba[edge] = _rgba(color or theme.GRAY)
    return _placed(rgba, x, y, cells=False)


def painted(z: FLOATS, scale: Any, low: float | None, high: float | None) -> NDArray[np.uint8]:
    """Colors [.., 4] of values over a color scale; nothing where there is no value."""
    seen = z[np.isfinite(z)]
    low = float(seen.min(initial=0.0) if low is None else low) if seen.size else 0.0
    high = float(seen.max(initial=1.0) if high is None else high) if seen.size else 1.0
    stops = list(scale or _SCALE)
    places = [float(place) for place, _ in stops]
    channels = np.array([_rgba(color) for _, color in stops], np.float64)
    with np.errstate(invalid="ignore"):
        share = np.clip((z - low) / ((high - low) or 1.0), 0, 1)
    rgba = np.stack([np.interp(share, places, channel) for channel in channels.T], -1)
    rgba[~np.isfinite(z)] = 0
    return rgba.round().astype(np.uint8)


def _image(trace: Any, panel: Panel, runs: bool) -> str:
    z = np.asarray(decoded(trace.z), np.uint8)
    full = np.concatenate([z, np.full((*z.shape[:2], 1), 255, np.uint8)], -1) if z.shape[-1] == 3 else z
    return _placed(full, panel.across(np.arange(z.shape[1])), panel.down(np.arange(z.shape[0])), cells=True)


def _placed(rgba: NDArray[np.uint8], x: FLOATS, y: FLOATS, cells: bool) -> str:
    """An image from the first to the last coordinate, half a cell beyond where it is made of cells."""
    half_x, half_y = ((a[-1] - a[0]) / max(len(a) - 1, 1) / 2 * cells for a in (x, y))
    x0, x1, y0, y1 = x[0] - half_x, x[-1] + half_x, y[0] - half_y, y[-1] + half_y
    if x1 < x0:
        x0, x1, rgba = x1, x0, rgba[:, ::-1]
    if y1 < y0:
        y0, y1, rgba = y1, y0, rgba[::-1]
    out = io.BytesIO()
    Image.fromarray(rgba).save(out, "PNG", optimize=True)
    told = base64.b64encode(out.getvalue()).decode()
    place = f'x="{x0:.1f}" y="{y0:.1f}" width="{x1 - x0:.1f}" height="{y1 - y0:.1f}"'
    return f'<image {place} preserveAspectRatio="none" href="data:image/png;base64,{told}"/>'


# ---------------------------------------------------------------- colors


def _paint(color: Any) -> str:
    """A color as SVG takes it; what is none becomes gray, so that no text of a figure gets into the page."""
    told = str(color)
    return told if re.fullmatch(r"#[0-9a-fA-F]{3,8}|rgba?\([\d., ]+\)|[a-z]{3,20}", told) else theme.GRAY


def _rgba(color: str) -> tuple[float, float, float, float]:
    if color.startswith("#"):
        short = color[1:]
        full = short if len(short) > 4 else "".join(2 * c for c in short)
        red, green, blue = (int(full[i : i + 2], 16) for i in (0, 2, 4))
        return red, green, blue, 255
    parts = [float(part) for part in re.findall(r"[\d.]+", color)]
    red_, green_, blue_ = parts[:3] if len(parts) >= 3 else (132.0, 132.0, 132.0)
    return red_, green_, blue_, 255 * parts[3] if len(parts) > 3 else 255
