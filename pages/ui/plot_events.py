"""What a viewer does to a picture, as Python hears it: clicks, dragged marks, and where one looks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import plotly.graph_objects as go


@dataclass(frozen=True)
class Click:
    """A place that was clicked, in data coordinates.

    On 2-D axes `x`, `y` are where the pointer was, on a mark or on empty ground (on a category axis the
    position, on a date axis milliseconds); in a scene they are the vertex under it. `trace` and `point` name
    the mark under the pointer, if there was one, and `z` its value; on a grid `point` is (row, column).
    """

    figure: int
    trace: int | None
    x: float
    y: float
    z: float | None
    point: int | tuple[int, int] | None


@dataclass(frozen=True)
class Handle:
    """Marks that a viewer may move: all points of one trace, along "x", "y" or "xy".

    Fix the ranges of the axes, or they run away from the hand.
    """

    figure: int
    trace: int
    along: Literal["x", "y", "xy"] = "xy"


@dataclass(frozen=True)
class Drag:
    """A mark that is being moved, in data coordinates; `done` once it was let go."""

    figure: int
    trace: int
    point: int
    x: float
    y: float
    done: bool


@dataclass(frozen=True)
class Pen:
    """Draws on the one pair of axes of a figure: a point of this color after every `space` pixels of its way,
    at most `most` of them. Fix the ranges of the axes."""

    figure: int
    color: str
    space: float = 14.0
    most: int = 300


@dataclass(frozen=True)
class Stroke:
    """What was drawn from where the pen was set down to where it was lifted; a tap is one point."""

    id: int  # grows from stroke to stroke
    points: tuple[tuple[float, float], ...]  # in data coordinates


@dataclass(frozen=True)
class Zoom:
    """The part of the axes that a viewer chose to look at, by a box, a shift or a button of the picture.

    `whole` says that the viewer wants all there is; then x and y are only what the picture made of it.
    """

    figure: int
    x: tuple[float, float]
    y: tuple[float, float]
    whole: bool


def click_of(sent: Any, figures: Sequence[go.Figure]) -> Click | None:
    """The click as the browser sent it, or None: what is forged must not reach the page."""
    match sent:
        case {"figure": int(figure), "trace": trace, "x": x, "y": y, "z": z, "point": point}:
            x, y, z = (_finite(value) for value in (x, y, z))
        case _:
            return None
    if figure not in range(len(figures)) or x is None or y is None:
        return None
    if not (isinstance(trace, int) and trace in range(len(figures[figure].data))):
        return Click(figure, None, x, y, None, None)
    match point:
        case [int(row), int(column)] if row >= 0 and column >= 0:
            return Click(figure, trace, x, y, z, (row, column))
        case int() if point >= 0:
            return Click(figure, trace, x, y, z, point)
    return Click(figure, trace, x, y, z, None)


def drag_of(sent: Any, figures: Sequence[go.Figure], handles: Sequence[Handle]) -> Drag | None:
    """The drag as the browser sent it, or None: only what has a handle moves, and only within its axes."""
    match sent:
        case {"figure": int(figure), "trace": int(trace), "point": int(point), "x": x, "y": y, "done": done}:
            x, y = _finite(x), _finite(y)
        case _:
            return None
    if x is None or y is None or (figure, trace) not in {(h.figure, h.trace) for h in handles}:
        return None
    if not 0 <= point < len(figures[figure].data[trace].x):
        return None
    return Drag(figure, trace, point, x, y, done is True)


def strokes_of(sent: Any, figures: Sequence[go.Figure], pen: Pen | None, heard: int) -> list[Stroke]:
    """The strokes as the browser sent them, in their order, without those up to the one `heard` before."""
    match sent:
        case {"figure": int(figure), "strokes": [*strokes]} if pen and figure == pen.figure < len(figures):
            found = [stroke for one in strokes if (stroke := _stroke(one, pen)) and stroke.id > heard]
            return sorted({stroke.id: stroke for stroke in found}.values(), key=lambda stroke: stroke.id)
    return []


def _stroke(sent: Any, pen: Pen) -> Stroke | None:
    match sent:
        case {"id": int(number), "x": [*xs], "y": [*ys]} if 0 < len(xs) == len(ys) <= pen.most:
            places = [(_finite(x), _finite(y)) for x, y in zip(xs, ys, strict=True)]
        case _:
            return None
    points = tuple((x, y) for x, y in places if x is not None and y is not None)
    return Stroke(number, points) if len(points) == len(places) and number < 2**53 else None


def zoom_of(sent: Any, zooms: Sequence[int]) -> Zoom | None:
    """The zoom as the browser sent it, or None: only figures in `zooms` have one, and it has an extent."""
    match sent:
        case {"figure": int(figure), "x": [left, right], "y": [low, high], "whole": whole}:
            sides = [_finite(side) for side in (left, right, low, high)]
        case _:
            return None
    a, b, c, d = sides
    if figure not in zooms or a is None or b is None or c is None or d is None or not (a < b and c < d):
        return None
    return Zoom(figure, (a, b), (c, d), whole is True)


def _finite(value: Any) -> float | None:
    try:
        return float(value) if isinstance(value, int | float) and math.isfinite(value) else None
    except OverflowError:  # JSON knows integers of any length
        return None
