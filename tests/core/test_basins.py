"""Where rows ended: by known minima, differences of slopes and scipy's roots; shares by Wilson's formula."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.optimize import root

from mlcore.base.shares import Share
from mlcore.descents.basins import FATES, NEAR, Fate, curvature, ends, reached, width
from mlcore.families.surfaces import SURFACES, objective


def around(surface: str, radius: float) -> np.ndarray:
    """[minima * 8, 2]: eight points around every minimum, `radius` box widths away."""
    angle = np.arange(8) * np.pi / 4
    ring = radius * width(surface) * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return (np.array(SURFACES[surface].minima)[:, None] + ring).reshape(-1, 2)


@pytest.mark.parametrize("surface", SURFACES)
def test_every_minimum_is_reached_within_near_and_not_beyond(surface: str) -> None:
    which = np.repeat(np.arange(len(SURFACES[surface].minima)), 8)
    np.testing.assert_array_equal(reached(around(surface, 0.98 * NEAR), surface), which)
    np.testing.assert_array_equal(reached(torch.tensor(around(surface, 0.98 * NEAR)), surface), which)
    assert (reached(around(surface, 1.02 * NEAR), surface) == -1).all()
    assert (reached(np.array([[np.nan, 0.0], [np.inf, np.inf]]), surface) == -1).all()


@pytest.mark.parametrize("surface", SURFACES)
def test_curvatures_are_differences_of_slopes(surface: str) -> None:
    left, right, low, high = SURFACES[surface].box
    u = np.random.default_rng(0).random((20, 2))
    theta = np.array([left, low]) + u * np.array([right - left, high - low])
    found, step = curvature(theta, surface), 1e-5
    descend = objective(surface, **SURFACES[surface].settings({}))

    def slope(points: np.ndarray) -> np.ndarray:
        return descend.gradient(torch.tensor(points)).numpy()

    for k in (0, 1):
        e = step * np.eye(2)[k]
        column = (slope(theta + e) - slope(theta - e)) / (2 * step)
        np.testing.assert_allclose(found[:, :, k], column, rtol=1e-5, atol=1e-5 * np.abs(found).max())


def test_every_kind_of_end() -> None:
    rows = np.array([[0.05, -0.1], [1.02, -1.98], [0.5, 1.0], [0.25, 1.0], [1e4, 0.0], [np.nan, 0.0]])
    found = ends(rows, "rastrigin")
    fates = [FATES[k] for k in found.fate]
    assert fates == [Fate.REACHED, Fate.CAUGHT, Fate.HELD, Fate.UNDERWAY, Fate.DIVERGED, Fate.DIVERGED]
    assert found.which.tolist() == [0, -1, -1, -1, -1, -1]
    assert [found.count(fate) for fate in Fate] == [1, 1, 1, 2, 1]
    bottom = objective("rastrigin", **SURFACES["rastrigin"].settings({}))
    known = root(lambda p: bottom.gradient(torch.tensor(p)).numpy(), [1.0, -2.0], tol=1e-13).x
    np.testing.assert_allclose(found.flat[1], known, atol=1e-12)
    assert np.isnan(found.flat[[0, 3, 4, 5]]).all()


@pytest.mark.parametrize("surface", SURFACES)
def test_an_end_does_not_depend_on_the_rows_beside_it(surface: str) -> None:
    left, right, low, high = SURFACES[surface].box
    u = np.random.default_rng(1).random((40, 2))
    rows = np.array([left, low]) + u * np.array([right - left, high - low])
    rows = np.concatenate([rows, around(surface, 0.5 * NEAR), around(surface, 3 * NEAR)])
    together, alone = ends(rows, surface), [ends(row[None], surface) for row in rows]
    assert together.fate.tolist() == [int(end.fate[0]) for end in alone]
    np.testing.assert_allclose(together.flat, np.concatenate([end.flat for end in alone]), atol=1e-9)


@pytest.mark.parametrize(("hits", "of"), [(0, 7), (3, 7), (7, 7), (31, 64), (50, 64)])
def test_a_share_has_wilsons_interval(hits: int, of: int) -> None:
    z, p = 1.959963984540054, hits / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    share = Share(hits, of)
    assert share.value == p
    assert share.interval == pytest.approx((max(0, middle - half), min(1, middle + half)), abs=1e-9)
    assert share.decided == (not middle - half <= 0.5 <= middle + half)


def test_of_nobody_nothing_is_known() -> None:
    assert Share(0, 0).interval == (0.0, 1.0)
    assert math.isnan(Share(0, 0).value)
    assert not Share(0, 0).decided


@pytest.mark.parametrize(
    "surface", ["bowl", "double_well", "booth", "matyas", "rosenbrock", "beale", "himmelblau"]
)
def test_where_there_is_no_lesser_minimum_nobody_is_caught(surface: str) -> None:
    left, right, low, high = SURFACES[surface].box
    u = 3 * np.random.default_rng(2).random((3000, 2)) - 1  # three boxes wide
    rows = np.array([left, low]) + u * np.array([right - left, high - low])
    valley = around(surface, 0.05)
    assert ends(np.concatenate([rows, valley]), surface).count(Fate.CAUGHT) == 0
