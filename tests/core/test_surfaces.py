"""Surfaces: published minima, zero gradients, positive curvature, gradients against finite differences."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from torch import Generator, Tensor

from mlcore.families.surfaces import SURFACES, objective, relief
from mlcore.training.descent import slope

# A second source, written with plain numbers: (value, gradient) where the literature states them.
STATED = {
    ("rosenbrock", -1.2, 1.0): (24.2, (-215.6, -88.0)),
    ("beale", 0.0, 1.0): (14.203125, (0.0, 0.0)),
    ("himmelblau", -0.270845, -0.923039): (181.617, (0.0, 0.0)),  # the hill between the four minima
    ("goldstein_price", -0.6, -0.4): (30.0, (0.0, 0.0)),
    ("goldstein_price", 1.8, 0.2): (84.0, (0.0, 0.0)),
    ("styblinski_tang", 0.0, 0.0): (0.0, (2.5, 2.5)),
    ("levy13", 0.0, 0.0): (2.0, (-2.0, -2.0)),
    ("booth", 0.0, 0.0): (74.0, (-34.0, -38.0)),
}
CURVATURES = {  # of the Hessian at the first minimum, from its closed form
    "booth": (2.0, 18.0),
    "matyas": (0.04, 1.0),
    "rastrigin": (2 + 40 * math.pi**2,) * 2,
    "bowl": (0.2, 4.0),
    "double_well": (1.0, 2.0),
}


def knobs(name: str) -> dict[str, float]:
    return SURFACES[name].settings({})


def points(name: str, count: int) -> Tensor:
    """[count, 2] within the box, drawn from a seed."""
    left, right, low, high = SURFACES[name].box
    u = torch.rand(count, 2, generator=Generator().manual_seed(1), dtype=torch.float64)
    return torch.tensor([left, low]) + u * torch.tensor([right - left, high - low])


def minima(name: str) -> Tensor:
    return torch.tensor(SURFACES[name].minima, dtype=torch.float64)


def hessian(name: str, at: Tensor) -> Tensor:
    return torch.func.hessian(objective(name, **knobs(name)))(at)


def test_there_are_eleven_with_known_minima() -> None:
    published = {"booth", "matyas", "rosenbrock", "beale", "himmelblau", "rastrigin", "ackley"}
    published |= {"styblinski_tang", "goldstein_price", "six_hump_camel", "levy13"}
    assert published <= set(SURFACES)


@pytest.mark.parametrize("name", SURFACES)
def test_at_every_minimum_value_slope_and_curvature_are_as_declared(name: str) -> None:
    value = objective(name, **knobs(name))(minima(name))
    torch.testing.assert_close(value, torch.full_like(value, SURFACES[name].value), rtol=0, atol=1e-12)
    assert slope(objective(name, **knobs(name)), minima(name)).abs().max() < 1e-12
    for place in minima(name):
        assert torch.linalg.eigvalsh(hessian(name, place)).min() > 0


@pytest.mark.parametrize("name", CURVATURES)
def test_curvatures_at_the_minimum(name: str) -> None:
    found = torch.linalg.eigvalsh(hessian(name, minima(name)[0])).tolist()
    assert found == pytest.approx(CURVATURES[name], rel=1e-12)


@pytest.mark.parametrize("name", SURFACES)
def test_no_place_in_the_box_lies_lower_and_all_minima_are_declared(name: str) -> None:
    """From 32 places, scipy's Nelder-Mead, which asks for no gradient, finds nothing better or else."""
    function = objective(name, **knobs(name))
    ends = []
    for start in points(name, 32):
        found = minimize(lambda p: function(torch.tensor(p)).item(), start.numpy(), method="Nelder-Mead",
                         options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 2000})  # fmt: skip
        assert found.fun >= SURFACES[name].value - 1e-9
        if found.fun < SURFACES[name].value + 1e-8:
            ends.append(found.x)
    best = np.array(ends).reshape(-1, 2)
    apart = np.linalg.norm(best[:, None] - minima(name).numpy(), axis=-1)
    assert (apart.min(1) < 1e-3).all(), "another minimum of the same value"
    if name not in ("rastrigin", "ackley", "levy13"):  # 32 starts rarely meet their one basin
        assert (apart.min(0) < 1e-3).all(), "a declared minimum that nobody finds"


@pytest.mark.parametrize("name", SURFACES)
def test_the_slope_is_that_of_central_differences(name: str) -> None:
    function, places, h = objective(name, **knobs(name)), points(name, 200), 1e-5
    steps = h * torch.eye(2, dtype=torch.float64)
    differences = torch.stack(
        [(function(places + e) - function(places - e)) / (2 * h) for e in steps], dim=-1
    )
    found = slope(function, places)
    scale = found.abs().max()
    torch.testing.assert_close(found / scale, differences / scale, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", SURFACES)
def test_the_slope_in_closed_form_is_that_of_autograd(name: str) -> None:
    shifted = {knob: value * 1.7 for knob, value in knobs(name).items()}
    closed = objective(name, **shifted)
    far = 30 * points(name, 20) + 0.1
    for places in (points(name, 200), minima(name), far, points(name, 6).view(2, 3, 2)):
        by_autograd = slope(lambda theta: closed(theta), places)  # a function that carries no gradient
        torch.testing.assert_close(closed.gradient(places), by_autograd, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("case", STATED, ids=lambda case: f"{case[0]} {case[1]:g} {case[2]:g}")
def test_values_and_slopes_that_the_literature_states(case: tuple[str, float, float]) -> None:
    name, x, y = case
    value, gradient = STATED[case]
    at = torch.tensor([[x, y]], dtype=torch.float64)
    assert objective(name)(at).item() == pytest.approx(value, rel=1e-5, abs=1e-12)
    assert slope(objective(name), at)[0].tolist() == pytest.approx(gradient, rel=1e-9, abs=2e-3)


@pytest.mark.parametrize("name", [name for name in SURFACES if SURFACES[name].facts.get("saddles")])
def test_saddles_are_flat_and_curve_both_ways(name: str) -> None:
    for place in torch.tensor(SURFACES[name].saddles, dtype=torch.float64):
        assert slope(objective(name), place[None]).abs().max() < 1e-12
        low, high = torch.linalg.eigvalsh(hessian(name, place)).tolist()
        assert low < 0 < high


def test_rastrigin_has_its_121_local_minima() -> None:
    """In [-5.12, 5.12]^2: one near every pair of whole numbers, each caught from there by Newton's method."""
    axis = torch.arange(-5, 6, dtype=torch.float64)
    places = torch.cartesian_prod(axis, axis)
    for _ in range(20):
        curvature = 2 + 40 * math.pi**2 * torch.cos(2 * math.pi * places)
        places = places - slope(objective("rastrigin"), places) / curvature
    assert slope(objective("rastrigin"), places).abs().max() < 1e-10
    assert (places.abs() <= 5.12).all()
    assert len(torch.unique(places.round(decimals=6), dim=0)) == 121


def test_ackley_has_a_slope_at_its_tip() -> None:
    assert slope(objective("ackley"), torch.zeros(1, 2, dtype=torch.float64)).tolist() == [[0.0, 0.0]]
    near = torch.tensor([[1e-300, 0.0], [1e-9, 1e-9]], dtype=torch.float64)
    assert torch.isfinite(slope(objective("ackley"), near)).all()


@pytest.mark.parametrize("name", SURFACES)
def test_a_relief_is_the_surface_on_a_grid(name: str) -> None:
    seen = relief(name, SURFACES[name].box, 21, **knobs(name))
    row, column = 5, 13
    at = torch.tensor([seen.x[column], seen.y[row]])
    assert seen.value[row, column] == pytest.approx(objective(name, **knobs(name))(at).item(), rel=1e-12)
    assert (seen.height >= 0).all()
    order = np.argsort(seen.value, axis=None)
    assert (np.diff(seen.height.ravel()[order]) >= 0).all()  # heights keep the order of values
