"""Images of reliefs with exact depth, the four losses, and what networks make of them."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
import torch
from scipy.interpolate import CubicSpline
from torch import Tensor

from mlcore.base.experiment import Stopped, run
from mlcore.figures import shading as figures
from mlcore.tasks import depth_maps
from mlcore.tasks.rows import slope
from mlcore.tasks.shading import COSTS, LIGHT, PIXELS, Glance, ShadingSpec, glance, reliefs
from tests.core.regression_task_cases import SMALL_SHADING, depth_seen


def some(*shape: int, seed: int = 0) -> Tensor:
    g = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=g, dtype=torch.float64)


def test_the_light_is_that_of_the_reliefs_normals() -> None:
    """Normals by cubic splines through the relief; the image of a world does not change with its scale."""
    images, logs = reliefs(40, 1.0, 0, "train")
    relief = logs.exp().view(-1, PIXELS, PIXELS).numpy()
    at = np.linspace(-1, 1, PIXELS)
    slope_y, slope_x = (CubicSpline(at, relief, axis=axis)(at, 1) for axis in (1, 2))
    normal = np.stack([slope_x, slope_y, np.ones_like(relief)], -1)
    light = np.clip(normal @ np.array(LIGHT) / np.linalg.norm(normal, axis=-1), 0, None)
    inner = np.s_[:, 2:-2, 2:-2]
    own = images.view(-1, PIXELS, PIXELS).numpy()[inner]
    np.testing.assert_allclose(own, light[inner], atol=0.02)
    assert np.abs(own - light[inner]).mean() < 0.001
    assert np.linalg.norm(LIGHT) == pytest.approx(1, abs=1e-4)


def test_the_scale_is_drawn_apart_from_the_image() -> None:
    flat, still = reliefs(2000, 1.0, 0, "train")
    images, logs = reliefs(2000, 2.0, 0, "train")
    assert torch.equal(images, flat)
    scale = logs - still
    assert float(scale.std(1).max()) < 1e-12  # one factor for the whole image
    each = scale[:, 0]
    assert float(each.abs().max()) <= log(2)
    assert float(each.std()) == pytest.approx(ShadingSpec().floor, rel=0.03)
    assert abs(float(torch.corrcoef(torch.stack([each, images.mean(1)]))[0, 1])) < 0.08
    other, _ = reliefs(2000, 2.0, 0, "test")
    assert not torch.equal(other, images)


def test_losses_are_the_measures_of_depth() -> None:
    said, true = some(3, PIXELS**2, seed=1) / 3, some(3, PIXELS**2, seed=2) / 3
    for k in range(3):
        found, goal = said[k].exp().numpy(), true[k].exp().numpy()
        known = {
            "mse": depth_maps.rmse(found, goal) ** 2,
            "log_mse": depth_maps.silog(found, goal, 0.0) ** 2,
            "eigen": depth_maps.silog(found, goal, 0.5) ** 2,
            "silog": depth_maps.silog(found, goal) ** 2,
        }
        for name, cost in COSTS.items():
            assert float(cost(said[k], true[k])) == pytest.approx(known[name], rel=1e-10)


def test_the_scale_has_no_slope_in_the_invariant_loss() -> None:
    """A sum over the pixels of the gradient is the slope along the scale."""
    said, true = some(len(COSTS), 4, 9, seed=3), some(len(COSTS), 4, 9, seed=4)
    found = slope(said, true, tuple(COSTS.values())).sum(-1)
    names = list(COSTS)
    assert float(found[names.index("silog")].abs().max()) < 1e-15
    whole, half = found[names.index("log_mse")], found[names.index("eigen")]
    off = (said - true).mean(-1)
    torch.testing.assert_close(whole, 2 * off[names.index("log_mse")] / 4, rtol=1e-12, atol=1e-15)
    torch.testing.assert_close(half, off[names.index("eigen")] / 4, rtol=1e-12, atol=1e-15)


def test_a_glance_measures_every_row() -> None:
    said, true = some(2 * len(COSTS), 5, 9, seed=5) / 4, some(5, 9, seed=6) / 4
    found = glance(7, said, true)
    for row in range(2 * len(COSTS)):
        k, s = divmod(row, 2)
        pairs = [(said[row, n].exp().numpy(), true[n].exp().numpy()) for n in range(5)]
        known = np.sqrt(np.mean([depth_maps.silog(a, b) ** 2 for a, b in pairs]))
        assert found.silog[k, s] == pytest.approx(known)
        assert found.rmse[k, s] == pytest.approx(
            np.sqrt(np.mean([depth_maps.rmse(a, b) ** 2 for a, b in pairs]))
        )
        best = [depth_maps.abs_rel(depth_maps.rescaled(a, b), b) for a, b in pairs]
        assert found.abs_rel[k, s] == pytest.approx(np.mean(best))
        assert found.log_rmse[k, s] >= found.silog[k, s]


def test_no_network_gets_below_the_floor_and_the_invariant_loss_sees_the_shape_best() -> None:
    spec = ShadingSpec(examples=500, updates=500, units=48, seeds=3)
    found = run(spec)
    names = list(COSTS)
    assert found.last.log_rmse.min() > 0.95 * spec.floor
    assert found.last.log_rmse[names.index("log_mse")].max() < 1.2 * spec.floor
    shape = {name: found.last.silog[k] for k, name in enumerate(names)}
    assert (shape["silog"] < shape["eigen"]).all()
    assert (shape["eigen"] < shape["mse"]).all()


def test_where_the_scale_is_known_mse_sees_the_shape_too() -> None:
    known, unknown = (
        run(ShadingSpec(examples=300, updates=200, units=16, seeds=2, spread=s)) for s in (1.0, 2.0)
    )
    k = list(COSTS).index("mse")
    assert known.last.silog[k].mean() < unknown.last.silog[k].mean()
    assert known.last.log_rmse[k].mean() < 0.3 < unknown.last.log_rmse[k].mean()


def test_parts_are_the_glances_and_a_stop_ends_it() -> None:
    parts: list[Glance] = []
    run(SMALL_SHADING, lambda share, part: parts.append(part))
    assert [part.step for part in parts] == [one.step for one in depth_seen().glances]

    def stop(share: float, part: Glance) -> None:
        if part.step > 10:
            raise Stopped

    with pytest.raises(Stopped):
        run(SMALL_SHADING, stop)


def test_the_pictures_are_shapes_without_their_scale() -> None:
    found = depth_seen()
    drawn = np.asarray(figures.answers(found).data[0].z)
    first = drawn[:PIXELS, :PIXELS]
    truth = found.truth[0].reshape(PIXELS, PIXELS)
    np.testing.assert_allclose(first, truth - truth.mean(), atol=1e-6)
    second = drawn[2 * figures.PITCH : 2 * figures.PITCH + PIXELS, figures.PITCH : figures.PITCH + PIXELS]
    own = found.found[1, 1].reshape(PIXELS, PIXELS)
    np.testing.assert_allclose(second, own - own.mean(), atol=1e-6)
