"""The verdict: what underfits, fits and overfits by theory is said to, over families of specs."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.complexity.families import FAMILIES
from mlcore.complexity.fit_verdict import (
    NEGLIGIBLE,
    WITHIN,
    FitKind,
    best_constant,
    by_complexity,
    diagnose,
    examples,
    glance,
)
from mlcore.complexity.generalization import BiasVarianceSpec, Ensemble, bias_variance, nearest
from mlcore.complexity.selection import Validation, ValidationSpec, held_out, validate
from mlcore.complexity.training_sets import SetsSpec, draw
from mlcore.training.data import DataSpec

CHEAP = ("polynomial", "ridge", "nearest", "tree", "random_features")


@cache
def fitted(family: str = "polynomial", name: str = "sine", size: int = 30, seed: int = 0, count: int = 100,
           noise: float = 0.2) -> Ensemble:  # fmt: skip
    knobs = (("noise", noise),) if name in ("sine", "line") else ()
    return bias_variance(
        BiasVarianceSpec(SetsSpec(DataSpec(name, knobs=knobs), size, count, seed=seed), family)
    )


def verdict(ensemble: Ensemble, complexity: float) -> FitKind:
    return diagnose(ensemble, nearest(ensemble.complexity.tolist(), complexity)).kind


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("noise", [0.1, 0.2, 0.3])
def test_polynomials_on_a_sine(seed: int, noise: float) -> None:
    found = fitted(seed=seed, noise=noise)
    assert verdict(found, 0) is verdict(found, 1) is verdict(found, 2) is FitKind.UNDERFITS
    assert {verdict(found, 3), verdict(found, 5)} & {FitKind.FITS}
    assert verdict(found, 12) is verdict(found, 15) is FitKind.OVERFITS


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("family", "simple", "complicated"),
    [("nearest", 30, 1), ("ridge", 10.0, 1e-8), ("tree", 0, 12), ("random_features", 1, 30)],
)
def test_the_ends_of_every_family(family: str, simple: float, complicated: float, seed: int) -> None:
    found = fitted(family, seed=seed, noise=0.3)
    assert verdict(found, simple) is FitKind.UNDERFITS
    assert verdict(found, complicated) is FitKind.OVERFITS
    assert diagnose(found, found.best).kind is FitKind.FITS


@pytest.mark.parametrize("seed", range(3))
def test_a_line_is_underfitted_by_a_constant_alone(seed: int) -> None:
    found = fitted(name="line", seed=seed)
    kinds = [diagnose(found, i).kind for i in range(len(found.fits))]
    assert kinds[0] is FitKind.UNDERFITS
    assert FitKind.UNDERFITS not in kinds[1:]
    assert kinds[1] is FitKind.FITS


def test_without_noise_rounding_is_no_fault() -> None:
    """All degrees from 1 on are exact on a line, up to rounding that differs a hundredfold."""
    found = fitted(name="line", noise=0.0)
    assert found.average("error")[1:6].max() < 1e-10
    assert {diagnose(found, i).kind for i in range(1, 6)} == {FitKind.FITS}


@given(st.sampled_from(CHEAP), st.sampled_from(["sine", "moons", "gaussians", "diabetes", "iris"]),
       st.integers(10, 40), st.integers(0, 50), st.sampled_from(["brier", "cross_entropy"]))  # fmt: skip
@settings(max_examples=25)
def test_a_verdict_says_what_its_numbers_say(family: str, name: str, size: int, seed: int, loss: str) -> None:
    spec = BiasVarianceSpec(SetsSpec(DataSpec(name), size, 12, seed=seed), family, loss=loss)
    found = bias_variance(spec)
    constant = best_constant(found.fits[0], found.loss)
    least = min(constant, found.average("error").min())
    for at in range(len(found.fits)):
        told = diagnose(found, at)
        assert told.least == pytest.approx(least)
        assert told.error - told.least == pytest.approx(
            told.bias_growth + told.variance_growth, rel=1e-12, abs=1e-9
        )
        assert told.gap == pytest.approx(found.fits[at].test_cost.mean() - found.fits[at].train_cost.mean())
        near = told.error <= least + max(WITHIN * least, NEGLIGIBLE * constant)
        assert (told.kind is FitKind.FITS) == near
        if not near:
            grown = told.bias_growth if told.kind is FitKind.UNDERFITS else told.variance_growth
            assert grown == max(told.bias_growth, told.variance_growth) > 0
    for kind, at in examples(found).items():
        assert diagnose(found, at).kind is kind or at == found.best


@pytest.mark.parametrize("loss", ["squared_error", "brier", "cross_entropy"])
def test_the_best_constant_is_the_best(loss: str) -> None:
    name = "sine" if loss == "squared_error" else "iris"
    found = bias_variance(BiasVarianceSpec(SetsSpec(DataSpec(name), 20, 8), "nearest", loss=loss))
    labels = draw(found.spec.sets).labels.flatten(0, 1).numpy()
    rng, mean = np.random.default_rng(0), labels.mean(0)

    def cost(answer: np.ndarray) -> float:
        if loss == "cross_entropy":
            return float(-(labels * np.log(answer)).sum(1).mean())
        return float(np.square(labels - answer).sum(1).mean())

    least = best_constant(found.fits[0], found.loss)
    assert cost(mean) == pytest.approx(least)
    for _ in range(50):
        other = np.abs(mean + 0.1 * rng.standard_normal(mean.shape))
        assert cost(other / other.sum() if labels.shape[1] > 1 else other) >= least


def test_a_family_that_is_worse_than_a_constant_does_not_fit() -> None:
    """Pure noise: the labels of a flat world. Nothing can be learned, and least squares still answers."""
    found = fitted("random_features", "diabetes", 30)
    told = diagnose(found, found.best)
    assert told.constant < told.error
    assert told.best is None
    assert told.kind is FitKind.OVERFITS
    assert not told.worthwhile
    assert diagnose(fitted(), 3).worthwhile


# ---------------------------------------------------------------- one data set


def validated(ensemble: Ensemble) -> Validation:
    return validate(ValidationSpec(ensemble.spec))


@pytest.mark.parametrize("family", CHEAP)
def test_cross_validation_concludes_by_direction(family: str) -> None:
    found = fitted(family)
    seen = validated(found)
    order = by_complexity(family, seen.complexity.tolist())
    choice = order.index(seen.choice)
    for place, at in enumerate(order):
        told = glance(found.fits[found.complexity.tolist().index(seen.complexity[at])], seen)
        assert told is not None
        assert told.choice == seen.complexity[seen.choice]
        if told.kind is not FitKind.FITS:
            assert (told.kind is FitKind.UNDERFITS) == (place < choice)
        assert told.cost == seen.mean[at]


def test_folds_that_are_too_small_say_nothing() -> None:
    found = fitted("nearest")
    assert glance(found.fits[-1], validated(found)) is None  # k = 30 of 24 examples


def test_the_simplest_comes_first() -> None:
    assert by_complexity("nearest", [1, 2, 5]) == [2, 1, 0]
    assert by_complexity("polynomial", [0, 3, 7]) == [0, 1, 2]
    for family in FAMILIES:
        grid = list(FAMILIES[family].grid)
        assert sorted(by_complexity(family, grid)) == list(range(len(grid)))


def test_no_example_is_in_two_folds_of_real_data() -> None:
    """A bootstrap set repeats examples: in another fold they would make one neighbor look perfect."""
    spec = BiasVarianceSpec(SetsSpec(DataSpec("diabetes"), 200, 2, resample="bootstrap"), "nearest")
    one, many = held_out(spec, 5, [1.0, 20.0], lambda: None).mean(1)
    assert one > 1.2 * many
    cut = replace(spec, sets=replace(spec.sets, resample="subsample"))
    np.testing.assert_array_equal(held_out(cut, 5, [1.0, 20.0], lambda: None).mean(1), [one, many])
