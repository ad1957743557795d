"""Momentum on a quadratic against NumPy's eigenvalues, SciPy's minimum, torch.optim and published numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from mlcore.descents import stability
from mlcore.descents.quadratics import bowl
from mlcore.descents.stability import (
    MomentumSpec,
    ball,
    boundary,
    companion,
    envelope_rate,
    optimum,
    plain,
    plane,
    radius,
    rate,
    recurrence,
)
from mlcore.training.descent import descend

BETAS = st.floats(0.0, 0.999)


@given(st.floats(0.001, 6.0), BETAS, st.floats(0.1, 50.0))
def test_the_radius_is_that_of_numpy(z: float, beta: float, curvature: float) -> None:
    lr = z / curvature
    expected = np.abs(np.linalg.eigvals(companion(lr, beta, curvature))).max()
    assert radius(lr, beta, curvature) == pytest.approx(expected, abs=3e-7)  # roots near a double one


@given(st.floats(0.001, 6.0), BETAS)
def test_heavy_ball_is_stable_exactly_below_its_boundary(z: float, beta: float) -> None:
    assert (radius(z, beta, 1.0) < 1) == (z < boundary(beta, 1.0)) or abs(z - 2 - 2 * beta) < 1e-9


@given(st.floats(0.001, 0.999), st.floats(0.001, 0.999))
def test_complex_roots_have_the_modulus_of_the_root_of_beta(beta: float, where: float) -> None:
    left, right = (1 - beta**0.5) ** 2, (1 + beta**0.5) ** 2  # where they are complex
    z = left + where * (right - left)
    assert radius(z, beta, 1.0) == pytest.approx(beta**0.5, rel=1e-6)
    roots = np.linalg.eigvals(companion(z, beta, 1.0))
    assert np.abs(roots) == pytest.approx([beta**0.5] * 2, rel=1e-6)


def test_the_optimum_for_curvatures_1_and_100() -> None:
    assert optimum(1, 100) == pytest.approx((0.0330579, 0.6694215, 0.8181818), abs=5e-8)
    assert plain(1, 100) == pytest.approx((2 / 101, 0.0, 0.9801980), abs=5e-8)


@pytest.mark.parametrize(("low", "high"), [(1.0, 100.0), (0.2, 4.0), (1.0, 3.0), (5.0, 7.0)])
def test_no_pair_beats_the_optimum(low: float, high: float) -> None:
    lr, beta, best = optimum(low, high)
    assert rate(lr, beta, (low, high)) == pytest.approx(best, abs=1e-7)
    lrs, betas = np.meshgrid(np.linspace(0, 4 / high, 200)[1:], np.linspace(0, 0.999, 200))
    assert rate(lrs, betas, (low, high)).min() >= best - 1e-7
    found = minimize(
        lambda p: float(rate(p[0] / high, p[1], (low, high))), [lr * high * 1.05, beta * 0.95],
        method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-12},
    )  # fmt: skip
    assert found.fun == pytest.approx(best, abs=1e-4)


@settings(max_examples=25)
@given(st.floats(0.05, 4.2), BETAS, st.integers(1, 60))
def test_the_ball_rolls_as_torch_and_as_its_companion_matrix(z: float, beta: float, steps: int) -> None:
    found = ball((1.0, 20.0), z / 20, beta, steps)
    leaf = torch.ones(2, dtype=torch.float64, requires_grad=True)
    rule = torch.optim.SGD([leaf], lr=z / 20, momentum=beta)
    for _ in range(steps):
        rule.zero_grad()
        (0.5 * (leaf * leaf * torch.tensor([1.0, 20.0])).sum()).backward()  # type: ignore[no-untyped-call]
        rule.step()
    assert found.theta[-1, 0] == pytest.approx(leaf.detach().numpy(), rel=1e-8, abs=1e-10)
    for k, curvature in enumerate((1.0, 20.0)):
        last = np.linalg.matrix_power(companion(z / 20, beta, curvature), steps) @ np.ones(2)
        known = recurrence(z / 20, beta, (curvature,), steps)[-1]
        assert known == pytest.approx(last[0], rel=1e-6, abs=1e-9)
        assert found.theta[-1, 0, k] == pytest.approx(last[0], rel=1e-6, abs=1e-9)


def test_d2l_s_ball() -> None:
    start = torch.tensor([[-5.0, -2.0]], dtype=torch.float64)
    found = descend(
        bowl((0.2, 4.0))[0], start, optimizer="momentum", knobs={"momentum": 0.5}, lr=0.6, steps=20
    )
    assert found.theta[-1, 0] == pytest.approx((0.007188, 0.002553), abs=6e-7)


@pytest.mark.parametrize(("low", "high"), [(1.0, 100.0), (0.2, 4.0), (1.0, 1.0)])
def test_the_measured_plane_is_that_of_theory(low: float, high: float) -> None:
    found = plane(low, high)
    assert found.measured.size > 2500
    assert found.gap < 0.012  # a double root: 3^(2/400) = 1.0055, twice where an oscillation is slow
    assert found.usual_gap < 1e-3
    at = [float(rate(*found.worst, (low, high))), float(np.sqrt(found.worst[1]))]
    assert at[0] == pytest.approx(at[1], abs=0.1)  # near a double root: where roots become complex
    assert found.wrong_side == 0
    stable = np.add.outer(-boundary(found.momentum, high), found.lr) < 0
    clear = np.abs(found.theory - 1) > found.gap
    assert np.array_equal((found.measured < 1)[clear], stable[clear])
    best = np.unravel_index(found.measured.argmin(), found.measured.shape)
    lr, beta, least = optimum(low, high)
    if low < high:
        assert abs(found.lr[best[1]] - lr) * high < 0.25
        assert abs(found.momentum[best[0]] - beta) < 0.06
    assert found.measured.min() >= least - found.gap


def test_the_rows_of_the_plane_are_descents_of_their_own() -> None:
    found = plane(1.0, 10.0)
    for b, a in ((0, 0), (20, 30), (45, 63)):
        alone = ball((1.0, 10.0), found.lr[a], found.momentum[b], 400)
        size = np.abs(alone.theta[:, 0]).max(1)[:, None]
        assert found.measured[b, a] == pytest.approx(envelope_rate(size)[0], rel=1e-12)


@pytest.mark.parametrize("left", [0.0, 0.01, 0.3, 0.9, 1.0, 1.02, 3.0])
@pytest.mark.parametrize("turn", [0.0, 0.3, 1.7, np.pi])
def test_the_envelope_of_an_oscillation_is_measured(left: float, turn: float) -> None:
    t = np.arange(stability.TRIED + 1)
    size = np.abs(left**t * np.cos(turn * t))[:, None]
    assert envelope_rate(size)[0] == pytest.approx(left, rel=0.01)


def test_a_double_root_is_measured_a_little_too_large() -> None:
    t = np.arange(401)
    found = envelope_rate(((1 + t) * 0.8**t)[:, None])[0]
    assert 0.8 < found < 0.8 * 3 ** (2 / 400) * 1.001


def test_curvatures_stand_in_order() -> None:
    assert MomentumSpec(100.0, 1.0) == MomentumSpec(1.0, 100.0)
