"""Landscapes to escape on: their minima, their units, and which minimum a place belongs to."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mlcore.descents.basins import reached as near_published
from mlcore.escapes.multimodal import (
    BUMPY,
    OWN,
    MultimodalSpec,
    curvatures,
    ends,
    lattice,
    multimodal,
    newton,
    reached,
    relief,
)
from mlcore.families.surfaces import SURFACES, objective
from mlcore.training.descent import descend

F64 = torch.float64


def own(formula: str, half: float = 5.0) -> MultimodalSpec:
    return MultimodalSpec(OWN, formula, -half, half, -half, half)


@pytest.mark.parametrize("name", BUMPY)
def test_published_minima_are_the_lowest(name: str) -> None:
    known, variant = multimodal(MultimodalSpec(name)), SURFACES[name]
    assert known.lowest == len(variant.minima)
    found = sorted(map(tuple, known.minima[: known.lowest].tolist()))
    np.testing.assert_allclose(found, sorted(variant.minima), atol=1e-7)
    np.testing.assert_allclose(known.value[: known.lowest], variant.value, atol=1e-7)
    assert (np.diff(known.value) >= 0).all()


@pytest.mark.parametrize(
    ("name", "count"), [("rastrigin", 121), ("styblinski_tang", 4), ("six_hump_camel", 6)]
)
def test_all_minima_in_the_box_are_found(name: str, count: int) -> None:
    known = multimodal(MultimodalSpec(name))
    assert len(known.minima) == count
    theta = torch.from_numpy(known.minima)
    slopes = objective(name, **{}).gradient(theta).norm(dim=1)
    assert float(slopes.max()) < 1e-8 * known.curvature
    assert float(curvatures(known.objective, theta).min()) > 0


def test_the_same_landscape_typed_is_the_same_landscape() -> None:
    typed = own("20 + x^2 - 10*cos(2*pi*x) + y^2 - 10*cos(2*pi*y)", 5.12)
    ours, theirs = multimodal(MultimodalSpec("rastrigin")), multimodal(typed)
    assert theirs.curvature == pytest.approx(ours.curvature, rel=1e-9)
    assert theirs.bumps == pytest.approx(ours.bumps, rel=1e-9)
    np.testing.assert_allclose(theirs.value, ours.value, atol=1e-9)
    theta = ours.place(torch.rand(400, 2, generator=torch.Generator().manual_seed(3), dtype=F64))
    np.testing.assert_array_equal(reached(ours, theta), reached(theirs, theta))


def test_units_are_those_that_are_said() -> None:
    """x^2 / 2 + 4 sin y: curvatures 1 and |4 sin y|; no bowl can follow the sine."""
    known = multimodal(own("x^2/2 + 4*sin(y)", 6.0))
    assert known.curvature == pytest.approx(4.0, rel=0.01)
    y = known.place(lattice(48))[:, 1].numpy()
    rest = 4 * np.sin(y) - np.polyval(np.polyfit(y, 4 * np.sin(y), 2), y)
    assert known.bumps == pytest.approx(rest.std(ddof=1), rel=1e-6)


@pytest.mark.parametrize("name", ["rastrigin", "styblinski_tang"])
def test_who_is_in_the_global_basin_is_known_by_intervals(name: str) -> None:
    """Both are sums of one function of x and one of y: their basins are products of intervals."""
    middle = {"rastrigin": (-0.502546, 0.502546), "styblinski_tang": (-np.inf, 0.156731)}[name]
    known = multimodal(MultimodalSpec(name))
    theta = known.place(torch.rand(3000, 2, generator=torch.Generator().manual_seed(4), dtype=F64))
    inside = ((theta > middle[0]) & (theta < middle[1])).all(1).numpy()
    np.testing.assert_array_equal(reached(known, theta), inside)


@pytest.mark.parametrize("name", BUMPY)
def test_a_long_descent_comes_to_the_same_end(name: str) -> None:
    """Thousands of small steps without Newton's method, judged by the distance to the published minima."""
    known = multimodal(MultimodalSpec(name))
    theta = known.place(torch.rand(100, 2, generator=torch.Generator().manual_seed(5), dtype=F64))
    slow = descend(known.objective, theta, lr=0.5 / known.curvature, steps=3000, every=3000).theta[-1]
    expected = near_published(slow, name) >= 0
    assert (reached(known, theta) == expected).mean() >= 0.99


def test_ends_say_which_minimum() -> None:
    known = multimodal(MultimodalSpec("styblinski_tang"))
    theta = torch.tensor([[-1.0, -1.0], [-1.0, 1.0], [3.0, 3.0], [float("nan"), 0.0]], dtype=F64)
    which, value = ends(known, theta)
    assert which[0] == 0
    assert which[3] == -1
    assert len({*which.tolist()}) == 4
    np.testing.assert_allclose(value[:3], known.value[which[:3]])


def test_a_kink_and_a_cone_are_minima_too() -> None:
    for formula in ("abs(x) + abs(y)", "sqrt(x^2 + y^2)"):
        known = multimodal(own(formula))
        assert known.lowest == 1
        np.testing.assert_allclose(known.minima[0], 0, atol=1e-5)


@pytest.mark.parametrize(
    ("formula", "holes"),
    [
        ("5", 0.0),
        ("0*x", 0.0),
        ("x^3 + y", 0.0),
        ("x/0", 1.0),
        ("log(x) + x^2 + y^2", 0.5),
        ("-x^2 - y^2", 0.0),
    ],
)
def test_a_landscape_without_minima_has_none(formula: str, holes: float) -> None:
    known = multimodal(own(formula))
    assert len(known.minima) == known.lowest == 0
    assert known.holes == pytest.approx(holes)
    assert not reached(known, known.place(lattice(5))).any()
    assert relief(known, 11).value.shape == (11, 11)


def test_equal_depths_count_wherever_they_are() -> None:
    """sin x + sin y has four minima in the box and the same ones beyond its border."""
    known = multimodal(own("sin(x) + sin(y)"))
    assert known.lowest == len(known.minima) == 4
    assert reached(known, known.place(lattice(9))).all()


def test_who_slides_down_without_end_has_not_reached_the_minimum() -> None:
    """f falls for ever towards large x, soon below its only minimum near (-1, 0): y is 0 on that way."""
    known = multimodal(own("y^2/4 - 0.3*x - 2*exp(-4*(x+1)^2 - y^2)"))
    assert len(known.minima) == 1
    at = torch.tensor([[-1.0, 0.1], [-3.0, 0.0], [2.0, 0.0], [4.0, 3.0]], dtype=F64)
    assert reached(known, at).tolist() == [True, True, False, False]


def test_newton_is_only_trusted_near_a_minimum() -> None:
    known = multimodal(MultimodalSpec("styblinski_tang"))
    at = torch.tensor([[-2.9, -2.9], [0.15, 0.15], [-1.0, -1.0]], dtype=F64)  # minimum, maximum, slope
    step, good = newton(known, at)
    assert good.tolist() == [True, False, False]
    np.testing.assert_allclose((at - step)[0], -2.903534, atol=1e-5)
    assert step[1:].abs().max() == 0
