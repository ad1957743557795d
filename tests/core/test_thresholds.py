"""Thresholds and curves against scikit-learn, the share of ordered pairs, and softmax in float64."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sklearn import metrics

from mlcore.tasks import thresholds as core
from mlcore.tasks.thresholds import Counts, Scores


def cases() -> list[Scores]:
    """Apart, mixed, reversed, with ties, all equal, and with one positive."""
    found = []
    for seed, (lift, digits) in enumerate([(8.0, 9), (1.0, 9), (-2.0, 9), (1.0, 0), (0.5, 1)]):
        random = np.random.default_rng(seed)
        positive = random.random(200) < 0.1 + 0.2 * (seed % 2)
        found.append(Scores(np.round(random.normal(size=200) + lift * positive, digits), positive))
    found.append(Scores(np.zeros(10), np.arange(10) < 3))
    found.append(Scores(np.arange(10.0), np.arange(10) == 4))
    return found


CASES = cases()


@pytest.mark.parametrize("found", CASES)
def test_roc_is_scikit_learns(found: Scores) -> None:
    false, true, thresholds = metrics.roc_curve(found.positive, found.score, drop_intermediate=False)
    np.testing.assert_allclose(found.roc, (false, true), atol=1e-12)
    np.testing.assert_array_equal(found.thresholds, thresholds[1:])
    assert found.auc == pytest.approx(metrics.auc(false, true), abs=1e-12)


@pytest.mark.parametrize("found", CASES)
def test_the_area_is_the_share_of_ordered_pairs(found: Scores) -> None:
    gap = found.score[found.positive][:, None] - found.score[~found.positive]
    assert found.auc == pytest.approx(((gap > 0) + (gap == 0) / 2).mean(), abs=1e-12)


@pytest.mark.parametrize("found", CASES)
def test_precision_and_recall_are_scikit_learns(found: Scores) -> None:
    precision, recall, thresholds = metrics.precision_recall_curve(found.positive, found.score)
    np.testing.assert_allclose(found.precision_recall, (precision[-2::-1], recall[-2::-1]), atol=1e-12)
    np.testing.assert_array_equal(found.thresholds, thresholds[::-1])
    average = metrics.average_precision_score(found.positive, found.score)
    assert found.average_precision == pytest.approx(average, abs=1e-12)


@pytest.mark.parametrize("found", CASES)
def test_a_threshold_counts_as_scikit_learn_does(found: Scores) -> None:
    for threshold in [*np.unique(found.score)[::7], float(found.score.max()) + 1, -math.inf, math.inf]:
        here, called = found.at(float(threshold)), found.score >= threshold
        tn, fp, fn, tp = metrics.confusion_matrix(found.positive, called, labels=[False, True]).ravel()
        assert here == Counts(tp, fp, fn, tn)
        assert here.accuracy == pytest.approx(metrics.accuracy_score(found.positive, called))
        assert here.recall == pytest.approx(metrics.recall_score(found.positive, called))
        assert here.f1 == pytest.approx(metrics.f1_score(found.positive, called, zero_division=0))
        assert here.fallout == pytest.approx(fp / (fp + tn))
        if called.any():
            assert here.precision == pytest.approx(metrics.precision_score(found.positive, called))
        else:
            assert math.isnan(here.precision)


@pytest.mark.parametrize("found", CASES)
def test_every_point_of_the_curves_is_a_threshold(found: Scores) -> None:
    (false, true), (precision, recall) = found.roc, found.precision_recall
    for k, threshold in enumerate(found.thresholds):
        here = found.at(threshold)
        assert (here.fallout, here.recall) == pytest.approx((false[k + 1], true[k + 1]))
        assert (here.precision, here.recall) == pytest.approx((precision[k], recall[k]))


@pytest.mark.parametrize("found", CASES)
def test_no_threshold_has_a_larger_f1(found: Scores) -> None:
    best = found.at(found.best_f1).f1
    assert best == pytest.approx(max(found.at(t).f1 for t in found.thresholds))


def test_scores_are_the_log_odds_of_the_softmax() -> None:
    z = 6 * torch.randn(50, 10, generator=torch.Generator().manual_seed(0))
    y = torch.arange(50) % 10
    for digit in (0, 4, 9):
        found = core.one_against_rest(z, y, digit)
        p = torch.softmax(z.double(), -1)[:, digit].numpy()
        np.testing.assert_allclose(found.score, np.log(p) - np.log1p(-p), rtol=1e-6)
        np.testing.assert_array_equal(found.positive, y.numpy() == digit)
    sure = core.one_against_rest(torch.tensor([[100.0, *[0.0] * 9]]), torch.tensor([0]), 0)
    assert sure.score[0] == pytest.approx(100 - math.log(9))  # where p is 1 to rounding


@pytest.mark.parametrize("p", [1e-6, 0.1, 0.5, 0.987, 1 - 1e-6])
def test_log_odds_and_probability_are_inverse(p: float) -> None:
    assert core.probability(core.log_odds(p)) == pytest.approx(p)
    assert core.log_odds(p) == pytest.approx(math.log(p / (1 - p)))


def test_the_ends_call_all_or_none_positive() -> None:
    found = CASES[1]
    assert found.at(core.log_odds(0.0)).recall == 1
    assert found.at(core.log_odds(0.0)).fallout == 1
    none = found.at(core.log_odds(1.0))
    assert (none.tp, none.fp) == (0, 0)
