"""Random features of a task and of points on a line: interpolation, the peak, and independent fits."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from mlcore.complexity import line_fits
from mlcore.complexity.line_fits import KINDS, LineSpec
from mlcore.complexity.random_features import REAL, TASKS, FeatureSpec, measure, sample, table, teacher


@pytest.mark.parametrize("task", TASKS)
def test_the_peak_is_where_features_are_as_many_as_examples(task: str) -> None:
    found = measure(FeatureSpec(task=task, examples=30, sets=9))
    median = np.median(found.test, axis=1)
    assert abs(int(found.p[median.argmax()]) - 30) <= 2
    assert median.max() > 4 * median[-1]
    assert (found.train[found.p >= 30] < 1e-12).all()
    assert (np.median(found.train, axis=1)[found.p < 30] > 1e-6).all()
    assert (np.diff(np.median(found.train, axis=1)[found.p < 30]) < 0).all()
    assert abs(int(found.p[np.median(found.norm, axis=1).argmax()]) - 30) <= 2
    tamed = measure(FeatureSpec(task=task, examples=30, sets=9, ridge=0.1))
    assert np.median(tamed.test, axis=1).max() < median.max() / 4


@pytest.mark.parametrize("task", TASKS)
def test_a_fit_is_that_of_scikit_learn(task: str) -> None:
    spec = FeatureSpec(task=task, examples=20, ridge=0.05, sets=5, seed=2)
    found, one = measure(spec), sample(spec, 3)
    for at in (4, len(found.p) - 1):
        p = int(found.p[at])
        phi, asked = (math.sqrt(2 / p) * torch.relu(x @ one.features[:, :p]) for x in (one.x, one.x_test))
        model = Ridge(alpha=20 * 0.05, fit_intercept=False).fit(phi, one.y)
        answer = torch.from_numpy(model.predict(asked)).view_as(one.y_test)
        assert found.test[at, 3] == pytest.approx(float((answer - one.y_test).square().mean()), rel=1e-8)
        assert found.norm[at, 3] == pytest.approx(float(np.linalg.norm(model.coef_)), rel=1e-8)
        if found.wrong is not None:
            right = (answer + one.center).argmax(1) == (one.y_test + one.center).argmax(1)
            assert found.wrong[at, 3] == pytest.approx(1 - float(right.double().mean()))


@pytest.mark.parametrize("task", TASKS)
def test_only_training_labels_are_spoiled(task: str) -> None:
    clean, noisy = (sample(FeatureSpec(task=task, examples=100, noise=noise), 0) for noise in (0.0, 0.5))
    torch.testing.assert_close(clean.x_test, noisy.x_test)
    torch.testing.assert_close(clean.y_test + clean.center, noisy.y_test + noisy.center)
    changed = (clean.y + clean.center) - (noisy.y + noisy.center)
    if task == "digits":
        assert float(changed.any(1).double().mean()) == pytest.approx(0.5, abs=0.15)
        assert (noisy.y + noisy.center).sum(1).numpy() == pytest.approx(1)
    else:
        assert float(changed.std()) == pytest.approx(0.5, rel=0.25)


def test_training_and_test_examples_of_a_real_set_are_others() -> None:
    for task in REAL:
        one = sample(FeatureSpec(task=task, examples=40, noise=0.0), 1)
        apart = torch.cdist(one.x, one.x_test)
        assert len(one.x) == 40
        assert float((apart.min(1).values < 1e-9).double().mean()) == 0
        assert len(table(task)[0]) > 400


@pytest.mark.parametrize("task", ["linear", "network"])
def test_a_teacher_speaks_with_variance_1(task: str) -> None:
    x = torch.randn(20_000, 20, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    y = teacher(FeatureSpec(task=task), x)
    assert float(y.std()) == pytest.approx(1, rel=0.05)
    assert float(y.mean()) == pytest.approx(0, abs=0.05)


# ---------------------------------------------------------------- on a line


def test_legendre_polynomials_are_orthonormal() -> None:
    at, weight = (torch.from_numpy(v) for v in np.polynomial.legendre.leggauss(60))
    P = line_fits.legendre(at, 50)
    torch.testing.assert_close(P.mT @ (weight[:, None] / 2 * P), torch.eye(50, dtype=torch.float64))
    assert line_fits.legendre(at, 1).shape == (60, 1)


@pytest.mark.parametrize("kind", ["cosine", "relu"])
def test_random_features_are_of_mean_square_1(kind: str) -> None:
    at = torch.linspace(-1, 1, 2001, dtype=torch.float64)
    made = line_fits.features(kind, at, 1000, torch.Generator().manual_seed(5))
    assert made.shape == (2001, 1000)
    assert float(made.square().mean()) == pytest.approx(1, rel=0.1)


@pytest.mark.parametrize("kind", KINDS)
def test_fits_pass_through_their_points_once_there_are_features_enough(kind: str) -> None:
    found = line_fits.fits(LineSpec(kind=kind, examples=8, sets=5))
    enough = found.p >= (8 if kind != "relu" else 100)
    assert (found.train[enough] < 1e-9).all()
    assert (found.train[found.p < 7] > 1e-9).all()
    last = np.stack([np.interp(x, found.at, fit) for x, fit in zip(found.x, found.fit[-1], strict=True)])
    if kind != "legendre":  # which is a spike at every point
        np.testing.assert_allclose(last, found.y, atol=0.05)
    assert found.risk[-1] == pytest.approx(((found.fit[-1] - found.truth) ** 2).mean(1))


def test_waves_are_wild_at_the_threshold_and_calm_beyond() -> None:
    found = line_fits.fits(LineSpec(sets=15))
    median = np.median(found.risk, axis=1)
    assert abs(int(found.p[median.argmax()]) - 12) <= 1
    assert median.max() > 20 * median[-1]
