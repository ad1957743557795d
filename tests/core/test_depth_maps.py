"""Depth maps and their measures: closed forms, invariances, and what minimizes what."""

from __future__ import annotations

from dataclasses import replace
from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_percentage_error, root_mean_squared_error

from mlcore.figures import depth_maps as figures
from mlcore.tasks import depth_maps as core
from mlcore.tasks.depth_maps import (
    COLUMNS,
    MAPS,
    MEASURES,
    ROWS,
    SCALES,
    MapSpec,
    compare,
    depth_map,
    predicted,
)

NOISY = MapSpec("boxes", scale=1.3, shift=0.4, noise=0.2)
TRUE = np.array([1.0, 2.0, 4.0])
FOUND = np.array([1.1, 2.0, 6.0])


def test_measures_of_three_pixels_by_hand() -> None:
    found = core.measures(FOUND, TRUE)
    assert found["rmse"] == pytest.approx(sqrt((0.01 + 4) / 3))
    assert found["abs_rel"] == pytest.approx((0.1 + 0 + 0.5) / 3)
    g = [log(1.1), 0.0, log(1.5)]
    assert found["silog"] == pytest.approx(sqrt(sum(x * x for x in g) / 3 - (sum(g) / 3) ** 2))
    assert found["delta"] == pytest.approx(2 / 3)


@pytest.mark.parametrize("scene", MAPS)
def test_measures_are_scikit_learns_where_it_has_them(scene: str) -> None:
    spec = replace(NOISY, scene=scene)
    true = depth_map(spec)
    found = predicted(spec, true)
    flat = true.ravel(), found.ravel()
    assert core.rmse(found, true) == pytest.approx(root_mean_squared_error(*flat), rel=1e-12)
    assert core.abs_rel(found, true) == pytest.approx(mean_absolute_percentage_error(*flat), rel=1e-12)
    assert core.silog(found, true) == pytest.approx(float(np.std(np.log(found / true))), rel=1e-9)


def test_the_scale_invariant_error_is_that_of_all_pairs() -> None:
    """Equation 2 of Eigen et al. 2014: over all pairs of pixels, half the mean squared difference."""
    g = np.log(FOUND / TRUE)
    pairs = np.square(g[:, None] - g[None]).sum() / (2 * len(g) ** 2)
    assert core.silog(FOUND, TRUE) ** 2 == pytest.approx(pairs)
    assert core.silog(FOUND, TRUE, 0.0) == pytest.approx(sqrt(np.square(g).mean()))


@given(st.floats(0.1, 10))
def test_a_scale_changes_everything_but_silog(scale: float) -> None:
    true = depth_map(NOISY)
    found = predicted(NOISY, true)
    assert core.silog(scale * found, true) == pytest.approx(core.silog(found, true), abs=1e-7)
    assert core.silog(scale * true, true) == pytest.approx(0, abs=1e-7)
    assert core.abs_rel(scale * true, true) == pytest.approx(abs(scale - 1), abs=1e-12)
    assert core.rmse(scale * true, true) == pytest.approx(abs(scale - 1) * sqrt(np.square(true).mean()))
    np.testing.assert_allclose(core.rescaled(scale * found, true), core.rescaled(found, true))


def test_the_best_scale_is_best_in_log_space() -> None:
    true = depth_map(NOISY)
    found = predicted(NOISY, true)
    best = core.silog(core.rescaled(found, true), true, 0.0)
    assert best == pytest.approx(core.silog(found, true))
    for nudge in (0.99, 1.01):
        assert core.silog(nudge * core.rescaled(found, true), true, 0.0) > best


def test_the_mean_is_the_constant_with_the_least_rmse() -> None:
    own = compare(NOISY)
    for nudge in (-0.01, 0.01):
        assert core.rmse(own.flat + nudge, own.true) > own.measures["flat"]["rmse"]


@pytest.mark.parametrize("scene", MAPS)
def test_scenes_have_positive_depth_and_something_to_see(scene: str) -> None:
    found = depth_map(MapSpec(scene))
    assert found.shape == (ROWS, COLUMNS)
    assert found.min() >= 1
    assert found.max() <= 10
    assert found.std() > 0.5


def test_the_sphere_is_one() -> None:
    """Its front, its rim and a place between lie on a sphere of radius 3 around a center 6 m away."""
    found = depth_map(MapSpec("sphere"))
    y, x = np.indices(found.shape)
    across, down = 3 * (x - COLUMNS / 2 + 0.5) / 18, 3 * (y - ROWS / 2 + 0.5) / 18
    on = found < 6
    np.testing.assert_allclose((across**2 + down**2 + (found - 6) ** 2)[on], 9, atol=1e-9)
    assert on.mean() == pytest.approx(np.pi * 18**2 / (ROWS * COLUMNS), abs=0.01)


def test_a_prediction_is_wrong_in_the_known_way() -> None:
    true = depth_map(NOISY)
    still = predicted(replace(NOISY, noise=0.0), true)
    np.testing.assert_allclose(still, 1.3 * true + 0.4)
    g = np.log(predicted(NOISY, true) / still)
    assert g.std() == pytest.approx(0.2, rel=0.05)
    assert predicted(MapSpec("ramp", scale=0.5, shift=-2.0), depth_map(MapSpec("ramp"))).min() == core.NEAREST
    assert compare(MapSpec(scale=1.0)).measures["found"] == {"rmse": 0, "abs_rel": 0, "silog": 0, "delta": 1}


def test_rmse_prefers_the_flat_answer_to_a_shape_that_is_right() -> None:
    own = compare(MapSpec("boxes", scale=1.5)).measures
    assert own["found"]["rmse"] > own["flat"]["rmse"]
    assert own["found"]["silog"] < 1e-9 < own["flat"]["silog"]


def test_the_far_pixels_have_most_of_the_squared_error_of_a_scale() -> None:
    own = compare(MapSpec("ramp", scale=1.2))
    order = np.sort(own.true.ravel())
    far = order[-(order.size // 4) :]
    assert own.far_share == pytest.approx(np.square(far).sum() / np.square(order).sum())
    assert own.far_share_log == pytest.approx(0.25)


def test_the_sweep_is_measures_of_scaled_predictions() -> None:
    rows, true = core.over_scales(NOISY), depth_map(NOISY)
    found = predicted(NOISY, true)
    for k in (0, 20, 60):
        one = core.measures(SCALES[k] * found, true)
        for name in MEASURES:
            share = true.mean() if name == "rmse" else 1
            assert rows[name][k] == pytest.approx(one[name] / share, abs=1e-9)
    assert np.ptp(rows["silog"]) < 1e-9
    picture = figures.scales(rows, core.measures(found, true))
    np.testing.assert_allclose(picture.data[2].y, rows["silog"], rtol=1e-6)
    assert picture.data[0].x[30] == pytest.approx(1)
    assert (picture.data[4].x == 1).all()
