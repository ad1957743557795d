"""The noise ball against its recurrence, SciPy's intervals and its own replicas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mlcore.descents.noise_ball import (
    RATES,
    NoiseSpec,
    cloud,
    curve,
    drawn,
    interval,
    moments,
    spread,
    stationary,
)

SPECS = st.builds(
    NoiseSpec,
    lr=st.floats(0.01, 1.5),
    curvature=st.floats(0.1, 1.6),
    sigma=st.floats(0.1, 5.0),
    start=st.floats(-12, 12),
    steps=st.integers(5, 60),
)


@given(SPECS)
def test_mean_and_variance_follow_their_recurrence(spec: NoiseSpec) -> None:
    kept, mean, variance = 1 - spec.lr * spec.curvature, spec.start, 0.0
    for t in range(spec.steps + 1):
        told = spread(spec, t)
        assert told[0] == pytest.approx(mean, rel=1e-9, abs=1e-12)
        assert told[1] == pytest.approx(variance, rel=1e-7, abs=1e-14)
        mean, variance = kept * mean, kept**2 * variance + (spec.lr * spec.sigma) ** 2


@given(st.floats(0.01, 1.99), st.floats(0.1, 50.0), st.floats(0.1, 5.0))
def test_the_stationary_variance_stays(z: float, curvature: float, sigma: float) -> None:
    lr = z / curvature
    v = stationary(lr, curvature, sigma)
    assert (1 - lr * curvature) ** 2 * v + (lr * sigma) ** 2 == pytest.approx(v, rel=1e-9)


def test_from_two_on_nothing_settles() -> None:
    assert np.isinf(stationary([2.0, 2.5], 1.0, 1.0)).all()
    spec = NoiseSpec(lr=2.0, curvature=1.0, sigma=0.5)
    assert spread(spec, [0, 3, 10])[1] == pytest.approx([0, 3, 10])  # a random walk of steps lr sigma = 1


@settings(max_examples=8)
@given(SPECS)
def test_a_row_is_the_recurrence_with_its_noise(spec: NoiseSpec) -> None:
    found, noise = cloud(spec), drawn(spec, "cloud", spec.steps, spec.replicas)[..., 0].numpy()
    x = np.full(spec.replicas, spec.start)
    for t in range(spec.steps):
        assert found[t] == pytest.approx(x, rel=1e-9, abs=1e-12)
        x = x - spec.lr * (spec.curvature * x + spec.sigma * noise[t])
    assert found[-1] == pytest.approx(x, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("lr", [0.1, 0.8, 1.6])
def test_a_cloud_is_normal_with_the_told_mean_and_variance(lr: float) -> None:
    spec = NoiseSpec(lr=lr, replicas=2000, steps=40, seed=3)
    mean, variance = spread(spec, 40)
    seen = moments(cloud(spec))[1][-1]
    assert seen == pytest.approx(np.var(cloud(spec)[-1], ddof=1))
    assert interval(seen, 2000, 0.9999)[0] < variance < interval(seen, 2000, 0.9999)[1]
    assert stats.kstest(cloud(spec)[-1], stats.norm(mean, np.sqrt(variance)).cdf).pvalue > 0.001


@pytest.mark.parametrize("spec", [NoiseSpec(replicas=2000), NoiseSpec(curvature=20.0, sigma=3.0, seed=5)])
def test_the_curve_meets_theory_within_its_intervals(spec: NoiseSpec) -> None:
    found = curve(spec)
    assert found.lr * spec.curvature == pytest.approx(RATES)
    assert found.theory == pytest.approx(
        [lr * spec.sigma**2 / (spec.curvature * (2 - lr * spec.curvature)) for lr in found.lr]
    )
    assert found.hit >= 10  # of 13; fewer would happen once in 1000 times
    assert (np.abs(found.measured / found.theory - 1) < 5 * np.sqrt(2 / spec.replicas)).all()


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    draws = np.random.default_rng(0).normal(0, 2, (4000, 50)).var(1, ddof=1)
    low, high = interval(draws, 50)
    share = ((low <= 4) & (high >= 4)).mean()
    assert share == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / 4000))
    assert interval([1.0], 50)[0][0] < 1 < interval([1.0], 50)[1][0]


def test_seeds_and_purposes_draw_other_numbers() -> None:
    spec = NoiseSpec()
    same, other = drawn(spec, "cloud", 5, 5), drawn(replace(spec, seed=1), "cloud", 5, 5)
    assert (drawn(spec, "cloud", 5, 5) == same).all()
    assert not (other == same).any()
    assert not (drawn(spec, "curve", 5, 5) == same).any()
    assert np.array_equal(curve(spec).measured, curve(replace(spec, lr=0.7, start=1.0)).measured)
