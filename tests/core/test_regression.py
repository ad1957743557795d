"""The whole landscape of a linear model against scikit-learn, autograd and its own quadratic."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression

from mlcore.descents.regression import PAIRS, RegressionSpec, fit, ground, other_units, problem, units, window

BOTH = [(pair, standardize) for pair in PAIRS for standardize in (False, True)]


@pytest.mark.parametrize(("pair", "standardize"), BOTH)
def test_the_cost_is_the_mean_square_and_its_derivatives_are_those_of_autograd(
    pair: str, standardize: bool
) -> None:
    cost = problem(pair, standardize)
    theta = torch.tensor([[0.3, -1.2], [2.0, 0.5]], dtype=torch.float64, requires_grad=True)
    x, y = cost.x[:, 0], cost.y[:, 0]
    expected = torch.stack([torch.nn.functional.mse_loss(w * x + b, y) for w, b in theta])
    assert torch.allclose(cost(theta), expected, rtol=1e-12)
    (gradient,) = torch.autograd.grad(cost(theta).sum(), theta)
    assert torch.allclose(cost.gradient(theta.detach()), gradient, rtol=1e-10)
    hessian = torch.autograd.functional.hessian(lambda p: cost(p[None])[0], theta[0].detach())
    assert cost.hessian == pytest.approx(hessian.numpy(), rel=1e-10, abs=1e-12)


@pytest.mark.parametrize(("pair", "standardize"), BOTH)
def test_descent_tends_to_least_squares(pair: str, standardize: bool) -> None:
    spec = RegressionSpec(pair, standardize, share=0.95, steps=500)
    found = fit(spec)
    oracle = LinearRegression().fit(found.problem.x.numpy(), found.problem.y[:, 0].numpy())
    assert found.solution == pytest.approx([oracle.coef_[0], oracle.intercept_], rel=1e-9, abs=1e-12)
    assert found.gap == pytest.approx(found.closed, rel=1e-6, abs=1e-11 * found.gap[0])
    assert (np.diff(found.gap) <= 1e-12 * found.gap[0]).all()
    ratio = (found.distance / np.linalg.norm(found.theta[0] - found.solution)) ** (1 / spec.steps)
    assert ratio < 1
    if standardize:
        assert found.distance < 1e-9
        assert found.condition == pytest.approx(1)  # columns x and 1 have length N and no product
    residual = found.problem.y[:, 0].numpy() - oracle.predict(found.problem.x.numpy())
    assert residual.sum() == pytest.approx(0, abs=1e-8 * np.abs(residual).sum())


@pytest.mark.parametrize("pair", PAIRS)
def test_the_bound_parts_convergence_from_divergence(pair: str) -> None:
    for share, grows in ((0.99, False), (1.01, True)):
        found = fit(RegressionSpec(pair, False, share=share, steps=400))
        assert found.lr == pytest.approx(share * found.bound)
        assert (found.gap[-1] > found.gap[0]) == grows
        assert (found.rate > 1) == grows


@pytest.mark.parametrize("pair", PAIRS)
def test_the_same_line_in_other_units_has_the_same_cost(pair: str) -> None:
    raw, standard = problem(pair, False), problem(pair, True)
    for line in ((0.0, 0.0), (0.7, -2.0), (-3.0, 4.0)):
        told = units(line, pair, False)
        assert units(told, pair, True) == pytest.approx(line, abs=1e-9)
        costs = [
            float(cost(torch.tensor([at], dtype=torch.float64))[0])
            for cost, at in ((raw, line), (standard, told))
        ]
        assert costs[0] == pytest.approx(costs[1] * float(raw.y.var(correction=0)), rel=1e-9)
    spec = RegressionSpec(pair)
    ours, other = fit(spec), other_units(spec)
    assert other.gap[0] * float(raw.y.var(correction=0)) == pytest.approx(ours.gap[0], rel=1e-9)
    assert fit(replace(spec, standardize=True)).solution == pytest.approx(other.solution)


@pytest.mark.parametrize(("pair", "standardize"), BOTH)
@pytest.mark.parametrize("start", [(0.0, 0.0), (30.0, -50.0)])
def test_the_window_shows_start_origin_and_solution(
    pair: str, standardize: bool, start: tuple[float, float]
) -> None:
    found = fit(RegressionSpec(pair, standardize, weight=start[0], bias=start[1], steps=1))
    left, right, low, high = window(found, start)
    for w, b in (start, (0.0, 0.0), tuple(found.solution)):
        assert left < w < right
        assert low < b < high
    land = ground(found, (left, right, low, high), 9)
    at = torch.tensor([[land.x[2], land.y[5]]])
    assert land.value[5, 2] == pytest.approx(float(found.problem(at)[0]))
    assert land.value.min() >= found.lowest * (1 - 1e-9)
