"""Least squares of the smallest norm against pinv, scikit-learn and descent; its risk against theory."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from sklearn.linear_model import Ridge

from mlcore.complexity import double_descent, least_norm
from mlcore.complexity.double_descent import (
    TRUTHS,
    GaussianSpec,
    SpectrumSpec,
    exact,
    limit,
    marchenko_pastur,
    measure,
    spectrum,
    theory,
)

SHAPES = [(8, 1), (8, 5), (8, 7), (8, 8), (8, 9), (8, 30), (1, 3)]


def problem(n: int, p: int, outputs: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    g = torch.Generator().manual_seed(100 * n + p)
    A = torch.randn(5, n, p, generator=g, dtype=torch.float64)
    return A, torch.randn(5, n, outputs, generator=g, dtype=torch.float64)


# ---------------------------------------------------------------- the fit


@pytest.mark.parametrize("solve", [least_norm.fit, least_norm.by_singular_values])
@pytest.mark.parametrize(("n", "p"), SHAPES)
def test_without_a_ridge_it_is_the_pseudoinverse(n: int, p: int, solve: object) -> None:
    A, y = problem(n, p)
    torch.testing.assert_close(solve(A, y), torch.linalg.pinv(A) @ y, rtol=1e-7, atol=1e-7)  # type: ignore[operator]


@pytest.mark.parametrize(("n", "p"), [(8, 4), (8, 8), (8, 20)])
def test_where_features_repeat_it_is_still_the_pseudoinverse(n: int, p: int) -> None:
    A, y = problem(n, p)
    A[:, :, 1], A[:, 3] = A[:, :, 0], A[:, 2]  # the same column and the same row twice
    A[0] = 0.0
    torch.testing.assert_close(least_norm.fit(A, y), torch.linalg.pinv(A) @ y, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("solve", [least_norm.fit, least_norm.by_singular_values])
@pytest.mark.parametrize("ridge", [1e-3, 1.0])
@pytest.mark.parametrize(("n", "p"), SHAPES)
def test_with_a_ridge_it_is_that_of_scikit_learn(n: int, p: int, ridge: float, solve: object) -> None:
    A, y = problem(n, p)
    w = solve(A, y, ridge)  # type: ignore[operator]
    for one, target, found in zip(A, y, w, strict=True):
        known = Ridge(alpha=n * ridge, fit_intercept=False).fit(one.numpy(), target.numpy()).coef_
        np.testing.assert_allclose(found.numpy().T, np.atleast_2d(known), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(("n", "p"), [(8, 5), (8, 8), (8, 30)])
def test_a_ridge_that_vanishes_leaves_the_smallest_norm(n: int, p: int) -> None:
    A, y = problem(n, p)
    gaps = [(least_norm.fit(A, y, r) - least_norm.fit(A, y)).norm().item() for r in (1e-5, 1e-7, 1e-9)]
    assert gaps[0] > 50 * gaps[1] > 50 * 50 * gaps[2]  # in proportion to the ridge


def test_descent_from_zero_ends_at_the_smallest_norm() -> None:
    A, y = problem(6, 15, outputs=1)
    w = torch.zeros(5, 15, 1, dtype=torch.float64)
    for _ in range(5000):
        w -= 0.02 * A.mT @ (A @ w - y)
    torch.testing.assert_close(w, least_norm.fit(A, y), rtol=1e-6, atol=1e-6)


# ---------------------------------------------------------------- risk and theory


@pytest.mark.parametrize("noise", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("truth", TRUTHS)
@pytest.mark.parametrize("n", [12, 40])
def test_means_lie_on_the_exact_theory(n: int, truth: str, noise: float) -> None:
    spec = GaussianSpec(examples=n, truth=truth, noise=noise, sets=200, seed=3)
    found, known = measure(spec), theory(spec)
    assert known.exact
    assert np.isnan(known.risk[n - 2 : n + 1]).all()  # p = n - 1, n, n + 1
    for values, expected in ((found.risk, known.risk), (found.train, known.train)):
        at = expected[found.p - 1]
        sure = np.abs(found.p - n) > 4  # nearer, a standard error says nothing
        error = values.std(axis=1, ddof=1) / math.sqrt(spec.sets)
        assert (np.abs(values.mean(1) - at) < 4.5 * error + 1e-9)[sure].all()
        assert np.isfinite(at[sure]).all()


@pytest.mark.parametrize(("n", "p"), [(12, 4), (20, 12), (8, 14), (6, 30)])
def test_the_exact_formula_is_the_mean_over_many_designs(n: int, p: int) -> None:
    """Given X the noise costs noise^2 times the sum of 1/s^2, and the rest |beta|^2 (1 - n/p)."""
    g = torch.Generator().manual_seed(n)
    s = torch.linalg.svdvals(torch.randn(20_000, n, p, generator=g, dtype=torch.float64))
    given = (0.3 * s.square().reciprocal().sum(1) + 0.7 * max(0.0, 1 - n / p)).numpy()
    error = given.std() / math.sqrt(len(given))
    assert error < 0.01 * given.mean()
    assert exact(n, p, 0.7, 0.3) == pytest.approx(given.mean(), abs=4.5 * error)


@pytest.mark.parametrize("truth", TRUTHS)
@pytest.mark.parametrize("ridge", [0.01, 0.3, 3.0])
def test_means_with_a_ridge_lie_near_their_limit(truth: str, ridge: float) -> None:
    spec = GaussianSpec(examples=100, truth=truth, ridge=ridge, sets=20)
    found, known = measure(spec), theory(spec)
    assert not known.exact
    many = found.p > 20  # the limit is of many features
    for values, expected in ((found.risk, known.risk), (found.train, known.train)):
        at = expected[found.p - 1]
        error = values.std(axis=1, ddof=1) / math.sqrt(spec.sets)
        assert (np.abs(values.mean(1) - at) < 4.5 * error + 0.03 * at)[many].all()


@pytest.mark.parametrize("gamma", [0.3, 1.0, 4.0])
@pytest.mark.parametrize("ridge", [1e-3, 0.5])
def test_the_limit_is_an_integral_over_marchenko_and_pastur(gamma: float, ridge: float) -> None:
    low, high = (1 - math.sqrt(gamma)) ** 2, (1 + math.sqrt(gamma)) ** 2

    def mean(value: object) -> float:  # over the eigenvalues of X^T X / n, of which some are 0
        def inside(angle: float) -> float:  # t = middle + half cos(angle): no roots at the ends
            t = (low + high) / 2 + (high - low) / 2 * math.cos(angle)
            half = (high - low) / 2 * math.sin(angle)
            return value(t) * half * half / (2 * math.pi * gamma * max(t, 1e-300))  # type: ignore[operator]

        zero = max(0.0, 1 - 1 / gamma) * value(0.0)  # type: ignore[operator]
        return float(quad(inside, 0, math.pi, limit=400)[0] + zero)

    signal, noise = 0.7, 0.4
    bias = signal * mean(lambda t: (ridge / (t + ridge)) ** 2)
    variance = noise * gamma * mean(lambda t: t / (t + ridge) ** 2)
    risk, train = limit(gamma, ridge, signal, noise)
    assert risk == pytest.approx(bias + variance, rel=1e-6)
    left = mean(lambda t: (ridge / (t + ridge)) ** 2 * (signal * t + noise * gamma))
    assert train == pytest.approx(left + noise * (1 - gamma), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("gamma", [0.2, 0.7, 1.5, 6.0])
def test_the_limit_without_a_ridge_is_that_of_the_exact_formula(gamma: float) -> None:
    n = 1_000_000
    assert limit(gamma, 1e-9, 0.8, 0.3)[0] == pytest.approx(exact(n, round(gamma * n), 0.8, 0.3), rel=1e-4)


def test_the_best_ridge_is_the_best_and_takes_the_peak_away() -> None:
    spec = GaussianSpec(examples=20)
    known = theory(spec)
    for p in (5, 20, 90):
        best = minimize_scalar(
            lambda r, p=p: limit(p / 20, r, 1.0, 0.25)[0], bounds=(1e-6, 20), method="bounded"
        )
        assert known.best[p - 1] == pytest.approx(best.fun, rel=1e-5)
    assert (np.diff(known.best) > 0).all()


def test_beyond_the_threshold_every_example_is_met() -> None:
    found = measure(GaussianSpec(examples=10, sets=20))
    assert (found.train[found.p >= 10] < 1e-12).all()
    assert (found.train[found.p < 10] > 1e-6).all()


def test_a_training_set_does_not_depend_on_how_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    few, many = (measure(GaussianSpec(examples=10, sets=sets)) for sets in (10, 25))
    monkeypatch.setattr(double_descent, "CHUNK", 3 * 10 * 100)
    pieces = measure(GaussianSpec(examples=10, sets=25))
    for other in (many, pieces):
        np.testing.assert_allclose(few.risk, other.risk[:, :10], rtol=1e-6)
    assert not np.allclose(measure(GaussianSpec(examples=10, sets=10, seed=1)).risk, few.risk)


@pytest.mark.parametrize("p", [5, 20, 60])
def test_singular_values_follow_their_law(p: int) -> None:
    seen = spectrum(SpectrumSpec(GaussianSpec(examples=20, sets=200), p))
    at, density = marchenko_pastur(p / 20, 4001)
    assert seen.values.shape == (200, min(20, p))
    assert np.trapezoid(density, at) == pytest.approx(1, abs=2e-3)
    assert (seen.values**2).mean() == pytest.approx(max(1, p / 20), rel=0.02)
    assert np.trapezoid(density * at**2, at) == pytest.approx(max(1, p / 20), rel=5e-3)
