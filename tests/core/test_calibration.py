"""Calibration against scikit-learn, bins by hand, a temperature that is known, and convexity."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn import metrics
from sklearn.calibration import calibration_curve
from torch import Tensor

from mlcore.tasks import calibration as core

DRAWN = [(0, 1.0), (1, 2.5), (2, 0.4)]  # seed, and the temperature at which the logits are true


def answers(seed: int, temperature: float, count: int = 4000) -> tuple[Tensor, Tensor]:
    """Logits, and classes drawn from their softmax at a temperature: true at that temperature."""
    g = torch.Generator().manual_seed(seed)
    said = 4 * torch.randn(count, 10, generator=g)
    y = torch.multinomial(torch.softmax(said.double() / temperature, -1), 1, generator=g)[:, 0]
    return said, y


@pytest.mark.parametrize(("seed", "temperature"), DRAWN)
def test_nll_and_brier_are_scikit_learns(seed: int, temperature: float) -> None:
    said, y = answers(seed, temperature, 300)
    for T in (0.8, 1.0, 4.0):  # below, scikit-learn cuts probabilities
        p = core.probabilities(said, T)
        assert core.nll(said, y, T) == pytest.approx(metrics.log_loss(y, p, labels=range(10)))
        expected = metrics.brier_score_loss(y, p, labels=range(10), scale_by_half=False)
        assert core.brier(p, y) == pytest.approx(expected)


@pytest.mark.parametrize("bins", [5, 10, 17])
@pytest.mark.parametrize(("seed", "temperature"), DRAWN)
def test_bins_are_scikit_learns(seed: int, temperature: float, bins: int) -> None:
    said, y = answers(seed, temperature, 500)
    p = core.probabilities(said)
    found = core.reliability(p, y, bins)
    right = p.argmax(-1) == y.numpy()
    accuracy, confidence = calibration_curve(right, p.max(-1), n_bins=bins)
    some = found.count > 0
    np.testing.assert_allclose(found.accuracy[some], accuracy)
    np.testing.assert_allclose(found.confidence[some], confidence)
    assert found.count.sum() == 500
    assert found.ece == pytest.approx((found.count[some] * abs(accuracy - confidence)).sum() / 500)
    assert found.over == pytest.approx(p.max(-1).mean() - right.mean())


def test_the_error_by_hand() -> None:
    """Two answers with 0.6, one right; two with 0.9, both right: (2 * 0.1 + 2 * 0.1) / 4."""
    p = np.array([[0.6, 0.4], [0.6, 0.4], [0.1, 0.9], [0.1, 0.9]])
    found = core.reliability(p, torch.tensor([0, 1, 1, 1]), 10)
    assert found.ece == pytest.approx(0.1)
    assert found.over == pytest.approx(0.0)
    assert found.count.tolist() == [0, 0, 0, 0, 0, 2, 0, 0, 2, 0]  # an edge counts below
    assert found.accuracy[[5, 8]].tolist() == [0.5, 1.0]


@pytest.mark.parametrize(("seed", "temperature"), DRAWN)
def test_a_known_temperature_is_found_and_calibrates(seed: int, temperature: float) -> None:
    said, y = answers(seed, temperature)
    found = core.fit(said, y)
    assert found.inside
    assert found.temperature == pytest.approx(temperature, rel=0.06)
    p = core.probabilities(said, found.temperature)
    assert core.reliability(p, y, 10).ece < core.promised(p, 10).most
    if temperature != 1:
        before = core.probabilities(said)
        assert core.reliability(before, y, 10).ece > 3 * core.promised(before, 10).most
        assert (core.reliability(before, y, 10).over > 0) == (temperature > 1)


@pytest.mark.parametrize(("seed", "temperature"), DRAWN)
def test_the_fit_is_the_best_of_a_grid_and_the_nll_is_convex_in_the_inverse(
    seed: int, temperature: float
) -> None:
    said, y = answers(seed, temperature, 300)
    inverse = np.linspace(1 / core.HIGH, 1 / core.LOW, 400)
    nll = np.array([core.nll(said, y, 1 / b) for b in inverse])
    assert (np.diff(nll, 2) > -1e-12).all()
    found = core.fit(said, y)
    assert core.nll(said, y, found.temperature) <= nll.min() + 1e-9
    assert 1 / found.temperature == pytest.approx(inverse[nll.argmin()], abs=inverse[1] - inverse[0])


def test_an_end_of_the_range_is_no_minimum() -> None:
    z = torch.eye(10) * 3
    always, never = core.fit(z, torch.arange(10)), core.fit(z, (torch.arange(10) + 1) % 10)
    assert (always.temperature, always.inside) == (pytest.approx(core.LOW), False)
    assert (never.temperature, never.inside) == (pytest.approx(core.HIGH), False)


@pytest.mark.parametrize("temperature", [0.1, 0.5, 3.0, 10.0])
def test_a_temperature_changes_no_answer(temperature: float) -> None:
    said, _ = answers(0, 1.0, 500)
    here, usual = core.probabilities(said, temperature), core.probabilities(said)
    np.testing.assert_array_equal(here.argmax(-1), usual.argmax(-1))
    assert (core.probabilities(said, 0.9 * temperature).max(-1) >= here.max(-1) - 1e-15).all()


def test_what_true_probabilities_promise_is_kept() -> None:
    """Of 60 sets of answers that are true, about 95 of 100 lie below, and the mean is the mean."""
    found = []
    for seed in range(60):
        said, y = answers(seed, 1.0, 200)
        p = core.probabilities(said)
        promised = core.promised(p, 10, seed)
        found.append((core.reliability(p, y, 10).ece, promised.ece, promised.most))
    ece, mean, most = np.array(found).T
    assert (ece < most).mean() > 0.85
    assert ece.mean() == pytest.approx(mean.mean(), rel=0.1)
    assert (mean < most).all()


def test_bands_of_bins_hold_a_binomial() -> None:
    """All answers with one confidence: the band is that of so many coins."""
    from scipy import stats

    p = np.tile([0.75, 0.25], (40, 1))
    found = core.promised(p, 10)
    low, high = stats.binom.ppf((0.025, 0.975), 40, 0.75) / 40
    assert found.low[7] == pytest.approx(low, abs=0.03)
    assert found.high[7] == pytest.approx(high, abs=0.03)
    assert np.isnan(found.low[3])


def test_the_sweep_is_measured_temperature_by_temperature() -> None:
    said, y = answers(1, 2.5, 200)
    found = core.over_temperatures(said, y, 8)
    assert (found.temperature[0], found.temperature[-1]) == pytest.approx((core.LOW, core.HIGH))
    k = 40
    T = float(found.temperature[k])
    p = core.probabilities(said, T)
    assert found.nll[k] == pytest.approx(core.nll(said, y, T))
    assert found.brier[k] == pytest.approx(core.brier(p, y))
    assert found.ece[k] == pytest.approx(core.reliability(p, y, 8).ece)
