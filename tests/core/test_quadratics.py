"""Plain descent on quadratics against closed forms, published numbers, autograd and SciPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from mlcore.descents.quadratics import (
    EXACT,
    GOAL,
    SLOW,
    OneSpec,
    Regime,
    TwoSpec,
    best_rate,
    bowl,
    closed_form,
    rates,
    regime,
    steps_to,
    way,
    worst_factor,
)

CURVATURES = st.floats(0.05, 50.0)
SHARES = st.floats(0.002, 3.0)  # lr lambda


@pytest.mark.parametrize(
    ("lr", "last"), [(0.2, 0.060466), (0.05, 3.486784), (1.1, 61.917364)], ids=["usual", "small", "large"]
)
def test_numbers_of_d2l_in_one_dimension(lr: float, last: float) -> None:
    found = way(OneSpec(lr, 2.0, 10.0, 10))  # f = x^2
    assert found.theta[-1, 0] == pytest.approx(last, abs=6e-7)
    assert found.value == pytest.approx(found.theta[:, 0] ** 2, rel=1e-12)


@pytest.mark.parametrize(
    ("lr", "last"), [(0.4, (-0.943467, -0.000073)), (0.6, (-0.387814, -1673.365109))], ids=["0.4", "0.6"]
)
def test_numbers_of_d2l_in_two_dimensions(lr: float, last: tuple[float, float]) -> None:
    found = way(TwoSpec(lr))
    assert found.theta[-1] == pytest.approx(last, abs=6e-7)
    assert found.value == pytest.approx(0.1 * found.theta[:, 0] ** 2 + 2 * found.theta[:, 1] ** 2, rel=1e-12)


@settings(max_examples=40)
@given(CURVATURES, SHARES, st.floats(-12.0, 12.0), st.integers(1, 60))
def test_one_dimension_follows_its_power(curvature: float, z: float, start: float, steps: int) -> None:
    lr = min(max(z / curvature, 1e-4), 100.0)
    found = way(OneSpec(lr, curvature, start, steps))
    expected = [start * (1 - lr * curvature) ** t for t in range(steps + 1)]
    assert found.theta[:, 0] == pytest.approx(expected, rel=1e-9, abs=1e-13)


@settings(max_examples=40)
@given(st.floats(0.05, 20), st.floats(0.05, 20), st.integers(-90, 90), SHARES)
def test_components_of_a_turned_bowl_shrink_on_their_own(a: float, b: float, turn: int, z: float) -> None:
    spec = TwoSpec(z / max(a, b), a, b, turn, 3.0, 4.0, 30)
    found = way(spec)
    expected = closed_form(spec.lr, spec.eigenvalues, found.component[0], np.arange(31))
    assert np.abs(found.component) == pytest.approx(expected, rel=1e-7, abs=1e-11 * expected.max())
    assert np.linalg.norm(found.component, axis=1) == pytest.approx(np.linalg.norm(found.theta, axis=1))


@settings(max_examples=20)
@given(st.floats(0.05, 20), st.floats(0.05, 20), st.integers(-90, 90))
def test_gradient_and_hessian_are_those_of_autograd(a: float, b: float, turn: int) -> None:
    objective, vectors = bowl((a, b), turn)
    theta = torch.randn(5, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    leaf = theta.clone().requires_grad_()
    (expected,) = torch.autograd.grad(objective(leaf).sum(), leaf)
    assert torch.allclose(objective.gradient(theta), expected, rtol=1e-12, atol=1e-12)
    hessian = torch.autograd.functional.hessian(lambda p: objective(p[None])[0], theta[0]).numpy()
    for value, vector in zip((a, b), vectors.T, strict=True):
        assert hessian @ vector == pytest.approx(value * vector, rel=1e-9, abs=1e-10)
    if turn:
        radians = math.radians(turn)
        assert vectors[:, 0] == pytest.approx([math.cos(radians), math.sin(radians)])


@given(st.floats(0.02, 50), st.floats(0.02, 50))
def test_no_learning_rate_beats_the_best(a: float, b: float) -> None:
    low, high = sorted((a, b))
    lr, left = best_rate(low, high)
    assert worst_factor(np.array([lr]), (low, high))[0] == pytest.approx(left, abs=1e-12)
    found = minimize_scalar(
        lambda x: float(worst_factor(np.array([x]), (low, high))[0]), bounds=(0, 2 / high), method="bounded",
        options={"xatol": 1e-9 / high},
    )  # fmt: skip
    assert found.fun >= left - 1e-12
    assert found.fun == pytest.approx(left, abs=1e-5)
    condition = high / low
    assert left == pytest.approx((condition - 1) / (condition + 1), abs=1e-12)


def test_the_best_rate_for_curvatures_1_and_100() -> None:
    assert best_rate(1, 100) == pytest.approx((2 / 101, 0.9801980), abs=1e-7)


@pytest.mark.parametrize("eigenvalues", [(1.0,), (0.2, 4.0), (1.0, 1.0), (1.0, 100.0), (7.0, 3.0)])
def test_measured_rates_are_those_of_theory(eigenvalues: tuple[float, ...]) -> None:
    found = rates(eigenvalues)
    assert found.measured == pytest.approx(worst_factor(found.lr, eigenvalues), abs=1e-12)
    assert found.gap < 1e-12
    assert found.theory.min() == pytest.approx(
        worst_factor(np.array([best_rate(min(eigenvalues), max(eigenvalues))[0]]), eigenvalues)[0], abs=0.02
    )


@given(CURVATURES, SHARES)
def test_regimes_are_what_descents_do(curvature: float, z: float) -> None:
    lr = z / curvature
    x = [(1 - lr * curvature) ** t for t in range(4)]
    kind = regime(lr, curvature)
    assert (kind in (Regime.CRAWLS, Regime.MONOTONE)) == (x[1] > EXACT and abs(x[1]) < 1)
    assert (kind == Regime.DIVERGES) == (abs(x[1]) > 1 + EXACT)
    assert (kind == Regime.ZIGZAGS) == (-1 + EXACT < x[1] < -EXACT)
    assert (kind == Regime.CRAWLS) == (lr * curvature < SLOW)


@pytest.mark.parametrize("curvature", [0.01, 0.3, 1.0, 3.0, 7.0, 100.0])
def test_typed_numbers_meet_one_step_and_neither(curvature: float) -> None:
    assert regime(float(f"{1 / curvature:.10g}"), curvature) == Regime.ONE_STEP
    assert regime(float(f"{2 / curvature:.10g}"), curvature) == Regime.NEITHER


@given(st.floats(0.0, 0.9999))
def test_steps_to_the_goal_are_the_first_that_reach_it(rate: float) -> None:
    steps = steps_to(rate)
    assert rate**steps <= GOAL * (1 + 1e-6)
    assert steps == 1 or rate ** (steps - 1) > GOAL * (1 - 1e-6)


def test_without_progress_the_goal_is_never_reached() -> None:
    assert steps_to(1.0) == steps_to(1.5) == math.inf
    assert steps_to(0.0) == steps_to(0.01) == 1
    assert steps_to(1 - SLOW) == 90
