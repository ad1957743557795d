"""How to see the lowest points of a relief: they lie in pits, and what stands in front hides them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlcore.families.surfaces import Relief

Point = tuple[float, float, float]
FLOATS = NDArray[np.float64]
FAR = 2.2  # from the middle of the scene, in Plotly's units
HEIGHTS = (32, 40, 48, 56)  # degrees above the ground; the first ones show best how high things are
AROUND = (225, 315, 135, 45, 270, 180, 0, 90)  # degrees; corners first, x and y to the right and backward
POINTS = 200  # along a line of sight
MARK = 0.015  # half of a mark, of the box's width
RISES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 0.9, 1.1)  # of the relief's height: beyond 1 nothing hides


def corner(relief: Relief, spots: FLOATS, sides: Point) -> Point:
    """The lowest eye that sees the most of `spots` [M, 3]; `sides` are those of the scene's box, as Plotly's
    `aspectratio`."""
    eyes = [_eye(height, turn) for height in HEIGHTS for turn in AROUND]
    return max(eyes, key=lambda eye: int(seen(relief, spots, sides, eye).sum()))  # the first of the best


def rises(relief: Relief, spots: FLOATS, sides: Point, eye: Point) -> FLOATS:
    """[M] how much higher each of `spots` [M, 3] has to be for the eye to see a mark there as a whole."""
    around = np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]]) * MARK * _size(relief)[:2]
    marks = spots[:, None] + np.pad(around, ((0, 0), (0, 1)))  # [M, 5, 3]
    steps = np.array(RISES) * relief.height.max()
    up = np.array([0.0, 0.0, 1.0])
    clear = [seen(relief, (marks + k * up).reshape(-1, 3), sides, eye).reshape(-1, 5).all(1) for k in steps]
    found: FLOATS = steps[np.argmax([*clear[:-1], np.ones(len(spots), bool)], axis=0)]
    return found


def _eye(height: float, turn: float) -> Point:
    up, way = np.deg2rad([height, turn])
    return FAR * np.cos(up) * np.cos(way), FAR * np.cos(up) * np.sin(way), FAR * np.sin(up)


def _size(relief: Relief) -> FLOATS:
    return np.array([np.ptp(relief.x), np.ptp(relief.y), relief.height.max()])


def seen(relief: Relief, spots: FLOATS, sides: Point, eye: Point) -> NDArray[np.bool_]:
    """[M] whether nothing of the relief stands between the eye and each of `spots` [M, 3]."""
    low, size = np.array([relief.x[0], relief.y[0], 0.0]), _size(relief)
    start = ((spots - low) / size - 0.5) * sides  # [M, 3] where Plotly draws them
    share = np.linspace(0, 1, POINTS)[:, None, None]
    sight = ((start + share * (np.array(eye) - start)) / sides + 0.5) * size + low  # [POINTS, M, 3]
    x, y, z = np.moveaxis(sight, -1, 0)
    middle, reach = low[:2] + size[:2] / 2, 0.51 * size[:2]  # a little beyond the edge, between two points
    beyond = (np.abs(x - middle[0]) > reach[0]) | (np.abs(y - middle[1]) > reach[1])
    clear: NDArray[np.bool_] = ((z >= height_at(relief, x, y)) | beyond).all(axis=0)
    return clear


def height_at(relief: Relief, x: FLOATS, y: FLOATS) -> FLOATS:
    """The height over (x, y), linear between the points of the grid; outside, that of its edge."""
    ends = len(relief.x) - 1, len(relief.y) - 1
    a = np.interp(x, relief.x, np.arange(ends[0] + 1))
    b = np.interp(y, relief.y, np.arange(ends[1] + 1))
    i, j = np.minimum(a.astype(int), ends[0] - 1), np.minimum(b.astype(int), ends[1] - 1)
    u, v, h = a - i, b - j, relief.height
    left, right = (h[j, k] * (1 - v) + h[j + 1, k] * v for k in (i, i + 1))
    found: FLOATS = left * (1 - u) + right * u
    return found
