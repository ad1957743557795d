"""What a player moves: points, and the paths behind them."""

from __future__ import annotations

import numpy as np

from pages.ui import moving


def test_paths_grow_behind_the_points_where_they_are() -> None:
    tracks = np.random.default_rng(0).normal(size=(2, 5, 2))
    updates = moving.paths(list(tracks))
    assert [(one.trace, one.attribute, one.grow) for one in updates] == [
        (1, "x", True), (1, "y", True), (2, "x", True), (2, "y", True), (3, "x", False), (3, "y", False),
    ]  # fmt: skip
    for k, track in enumerate(tracks):
        for i in range(2):
            np.testing.assert_allclose(updates[2 * k + i].values, track[:, i], rtol=1e-6)
            np.testing.assert_allclose(updates[4 + i].values[:, k], track[:, i], rtol=1e-6)
    assert moving.paths([]) == []


def test_points_that_leave_every_picture_are_gaps() -> None:
    x, y = moving.points(0, np.array([[1.0, -1e7], [np.inf, 2.0]]), figure=1)
    np.testing.assert_array_equal(x.values, [1, np.nan])
    np.testing.assert_array_equal(y.values, [np.nan, 2])
    assert (x.figure, x.values.dtype) == (1, np.float32)
