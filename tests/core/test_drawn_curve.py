"""A drawn curve as a target: scipy's interpolation, its slopes, and the bounds of constructed networks."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
from scipy.interpolate import PchipInterpolator

from mlcore.base import points
from mlcore.depth import approximation as core
from mlcore.depth.approximation import WAYS, WIDTHS
from mlcore.depth.approximation_targets import HAND, WAVE, TargetError, derivatives, grid, steepness, target
from mlcore.depth.drawn_curve import DrawnCurve
from mlcore.formulas.formula import FormulaError


def drawing(seed: int) -> list[points.Point]:
    r = random.Random(seed)
    return [(r.randint(-2000, 2000) / 1000, r.randint(-2000, 2000) / 1000, 0) for _ in range(3 + 5 * seed)]


@pytest.mark.parametrize("seed", range(8))
def test_it_is_scipys_monotone_cubic_through_the_points(seed: int) -> None:
    drawn = sorted(drawing(seed))
    x, y = (np.array([point[axis] for point in drawn]) for axis in (0, 1))
    assert len(set(x)) == len(x)
    x = (x - x[0]) / (x[-1] - x[0])
    theirs, along = PchipInterpolator(x, y), np.linspace(0, 1, 1001)
    f, at = DrawnCurve(drawn), torch.from_numpy(along)[:, None]
    np.testing.assert_allclose(f(at).numpy(), theirs(along), rtol=0, atol=1e-12)
    np.testing.assert_allclose(
        f.gradient(at)[:, 0].numpy(), theirs(along, 1), rtol=1e-9, atol=1e-9 * abs(theirs(along, 1)).max()
    )
    np.testing.assert_allclose(f(torch.from_numpy(x)[:, None]).numpy(), y, atol=1e-12)


def test_its_second_slope_is_autograds() -> None:
    x = grid(False, 500)[1:-1]
    f = target(HAND + WAVE)
    first, second = derivatives(f, x)
    width = 1e-6
    moved = (f.formula.gradient(x + width) - f.formula.gradient(x - width))[:, 0] / (2 * width)
    knots = DrawnCurve(points.read(WAVE)).knots
    smooth = (x - knots).abs().min(1).values > 2 * width  # at a knot f'' jumps
    torch.testing.assert_close(first, f.formula.gradient(x)[:, 0])
    torch.testing.assert_close(second[smooth], moved[smooth], rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("text", [WAVE, points.write(sorted(drawing(1))), points.write(drawing(4))])
@pytest.mark.parametrize("way", WAYS)
def test_constructed_networks_meet_their_bound_on_a_drawing(text: str, way: str) -> None:
    f, steep = target(HAND + text), steepness(HAND + text)
    assert steep.continuous
    assert steep.slope is not None
    curve = core.over_widths(f, steep, way, 50.0)
    assert curve.bounds is not None
    for units, error, bound in zip(WIDTHS, curve.errors, curve.bounds, strict=True):
        assert error <= 1.001 * bound, units  # the largest |f''| is that of a grid of 2^14 cells


def test_points_above_each_other_count_as_their_mean() -> None:
    f = DrawnCurve([(0, 1, 0), (1, 0, 0), (0, 0, 0), (1, 1, 0)])
    assert f(torch.tensor([[0.0], [0.5], [1.0]]).double()).tolist() == [0.5, 0.5, 0.5]


@pytest.mark.parametrize("drawn", [[], [(1, 1, 0)], [(1, 1, 0), (1, 0, 0)]])
def test_what_is_no_curve_gets_a_sentence(drawn: list[points.Point]) -> None:
    with pytest.raises(TargetError, match="at least two points"):
        target(HAND + points.write(drawn))


@pytest.mark.parametrize("text", [HAND, HAND + "gA", HAND + "x", "drawn"])
def test_a_formula_that_looks_like_a_drawing_is_none(text: str) -> None:
    with pytest.raises(FormulaError):
        target(text)
