"""The three marks that hold a classifier's line: two on it, and one where z = 1."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mlcore.depth.linear_data import Plane
from mlcore.figures import classifiers as figures
from pages.ui import plot

FLOATS = NDArray[np.float64]
KEPT = "_linear_grips"  # of the session: where a hand put the two marks last
SLACK = 0.01  # of the picture: a line rounded as one would write it still lies on its marks
APART = 0.55  # of the picture's half: how far the marks stand from their middle


def held(data: Plane, theta: FLOATS) -> FLOATS:
    """The marks [3, 2] of a line w1, w2, b; NaN for those that the picture does not hold."""
    middle, half = _middle(data)
    if not np.hypot(*theta[:2]) > 0:
        return np.full((3, 2), np.nan)
    two = _pair(data, theta)
    found = np.vstack([two, two.mean(0) + theta[:2] / (theta[:2] @ theta[:2])])
    found[np.abs(found - middle).max(1) > half] = np.nan
    return found


def _middle(data: Plane) -> tuple[FLOATS, float]:
    left, right, low, high = figures.box(data)
    return np.array([left + right, low + high]) / 2, (right - left) / 2


def _pair(data: Plane, theta: FLOATS) -> FLOATS:
    """The two marks on the line [2, 2]: where a hand left them, if that is still on it."""
    middle, half = _middle(data)
    w, length = theta[:2], float(np.hypot(*theta[:2]))
    two: FLOATS | None = st.session_state.get(KEPT)
    if two is not None and np.abs(two - middle).max() <= half:
        off = float(np.abs(two @ w + theta[2]).max()) / length
        if off <= SLACK * half:
            return two
    foot = middle - w * (float(middle @ w) + theta[2]) / length**2
    aside = APART * half * np.array([-w[1], w[0]]) / length
    return np.stack([foot - aside, foot + aside])


def moved(data: Plane, theta: FLOATS, at: plot.Drag) -> tuple[float, float, float]:
    """The weights that a hand means. A mark on the line turns it and keeps its steepness; that of z = 1 says
    how steep it is, and in which direction."""
    here, marks = np.array([at.x, at.y]), _pair(data, theta)
    if at.trace == figures.TIP:
        middle = marks.mean(0)
        up = here - middle
        w = up / max(float(up @ up), 1e-6)
        half = float(np.linalg.norm(marks[1] - marks[0])) / 2
        aside = half * np.array([-w[1], w[0]]) / np.hypot(*w)
        two = np.stack([middle - aside, middle + aside])
    else:
        two = marks.copy()
        two[at.point] = here
        along = two[1] - two[0]
        if not np.hypot(*along) > 0:
            return float(theta[0]), float(theta[1]), float(theta[2])
        w = np.hypot(*theta[:2]) * np.array([along[1], -along[0]]) / np.hypot(*along)
    st.session_state[KEPT] = two
    return float(w[0]), float(w[1]), -float(w @ two.mean(0))
