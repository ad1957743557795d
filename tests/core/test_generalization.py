"""Bias and variance from specs to parts: the identity closes on every setting, theory meets measurement."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from mlcore.base.experiment import Stopped, run
from mlcore.complexity import training_sets
from mlcore.complexity.decomposition import REFUSED, DecompositionError
from mlcore.complexity.families import FAMILIES
from mlcore.complexity.generalization import BiasVarianceSpec, Ensemble, Fit, bias_variance, grid, nearest
from mlcore.complexity.selection import LearningSpec, ValidationSpec, learn, validate
from mlcore.complexity.theory import SMOOTHERS, expected, freedom, smoother
from mlcore.complexity.training_sets import SetsSpec, draw
from mlcore.families.datasets import DATASETS
from mlcore.training.data import DataSpec, load

NAMES = [name for name in DATASETS if name != "csv"]
QUICK = {"mlp_width": (("steps", 20.0),), "mlp_steps": ()}
SMALL = SetsSpec(sets=6, size=14)
FIXED = SetsSpec(DataSpec("sine"), size=25, sets=400, design="fixed")


@given(
    st.sampled_from(list(FAMILIES)), st.sampled_from(NAMES), st.sampled_from(["brier", "cross_entropy"]),
    st.integers(5, 20), st.integers(2, 6), st.booleans(), st.floats(0, 0.4), st.integers(0, 99),
    st.sampled_from(training_sets.RESAMPLINGS), st.sampled_from(training_sets.DESIGNS),
)  # fmt: skip
@settings(max_examples=60)
def test_the_identity_closes_on_every_setting(
    family: str, name: str, loss: str, size: int, count: int, plane: bool, flip: float, seed: int,
    resample: str, design: str,
) -> None:  # fmt: skip
    sets = SetsSpec(
        DataSpec(name, examples=120, label_noise=flip, seed=seed), size, count, design, resample, seed
    )
    spec = BiasVarianceSpec(sets, family, QUICK.get(family, ()), loss, plane)
    if family.startswith("mlp"):
        spec = replace(
            spec, knobs=tuple({**dict(spec.knobs), **({"steps": 20} if "width" in family else {})}.items())
        )
    found = bias_variance(spec)
    assert found.fits
    for fit in found.fits:
        assert np.abs(fit.parts.residual).max() < 1e-12
        assert np.isfinite(fit.test_cost).all()
        assert fit.test_cost.mean() == pytest.approx(fit.parts.error.mean(), rel=1e-9)
        assert (fit.plane is not None) == (plane and DATASETS[name].features == 2)


@pytest.mark.parametrize("loss", REFUSED)
def test_a_loss_without_the_identity_is_refused(loss: str) -> None:
    with pytest.raises(DecompositionError):
        bias_variance(BiasVarianceSpec(SMALL, loss=loss))


def test_results_are_the_same_again_and_more_sets_leave_the_first_ones() -> None:
    spec = BiasVarianceSpec(SMALL)
    one, two = run(spec), run(spec)
    np.testing.assert_array_equal(one.fits[3].answers, two.fits[3].answers)
    more = run(replace(spec, sets=replace(SMALL, sets=12)))
    np.testing.assert_allclose(more.fits[3].answers[:6], one.fits[3].answers, atol=1e-6)


def test_each_complexity_is_reported_and_a_stop_ends_it() -> None:
    seen: list[Fit] = []

    def report(share: float, part: Fit | None) -> None:
        if part is not None:
            seen.append(part)
        if len(seen) == 3:
            raise Stopped

    with pytest.raises(Stopped):
        bias_variance(BiasVarianceSpec(SMALL), report)
    assert [fit.complexity for fit in seen] == [0, 1, 2]


# ---------------------------------------------------------------- training sets


@pytest.mark.parametrize("name", NAMES)
def test_sets_have_the_size_asked_for_and_differ(name: str) -> None:
    drawn = draw(SetsSpec(DataSpec(name), size=20, sets=5))
    assert drawn.sets.x.shape[:2] == (5, 20) == drawn.sets.y.shape[:2]
    assert not torch.equal(drawn.sets.x[0], drawn.sets.x[1])
    assert drawn.labels.shape[1:] == (len(drawn.at), drawn.sets.y.shape[2])
    assert (drawn.truth is None) == DATASETS[name].real


def test_a_fixed_design_draws_new_noise_alone() -> None:
    drawn = draw(FIXED)
    assert (drawn.sets.x == drawn.sets.x[0]).all()
    assert torch.equal(drawn.at, drawn.sets.x[0])
    noise = drawn.sets.y[..., 0] - torch.sin(torch.pi * drawn.at[:, 0])
    assert noise.std() == pytest.approx(0.2, rel=0.03)
    assert abs(np.corrcoef(noise.numpy())[np.triu_indices(400, 1)]).mean() < 0.25  # of 25 numbers each


@pytest.mark.parametrize("resample", training_sets.RESAMPLINGS)
def test_resampled_sets_hold_training_examples_alone(resample: str) -> None:
    spec = SetsSpec(DataSpec("diabetes"), size=40, sets=8, resample=resample)
    drawn = draw(spec)
    data = load(spec.data)
    rows = {tuple(row) for row in data.x.tolist()}
    for x in drawn.sets.x:
        own = [tuple(row) for row in x.tolist()]
        assert set(own) <= rows
        assert (len(set(own)) < len(own)) == (resample == "bootstrap")
    assert not {tuple(row) for row in drawn.at.tolist()} & rows


def test_label_noise_is_the_noise_of_classes() -> None:
    """Flipped with probability p, a label's Brier noise is 2 p (1 - p) and its entropy H(p).

    Of 100 labels a hundredth less, and at 200 points its mean is known to 1 %.
    """
    p = 0.2
    spec = BiasVarianceSpec(SetsSpec(DataSpec("moons", label_noise=p), sets=100), "nearest", (), "brier")
    assert bias_variance(spec).average("noise")[0] == pytest.approx(0.99 * 2 * p * (1 - p), rel=0.04)
    entropy = -p * np.log(p) - (1 - p) * np.log(1 - p)
    found = bias_variance(replace(spec, loss="cross_entropy"))
    assert found.average("noise")[0] == pytest.approx(entropy, rel=0.04)


# ---------------------------------------------------------------- theory meets measurement


@pytest.mark.parametrize("family", SMOOTHERS)
@pytest.mark.parametrize("noise", [0.1, 0.7])
def test_measured_parts_lie_on_the_closed_forms(family: str, noise: float) -> None:
    """400 sets of a fixed design: along each direction a variance is known to sqrt(2 / 400) of itself."""
    sets = replace(FIXED, data=DataSpec("sine", knobs=(("noise", noise),)))
    spec = BiasVarianceSpec(sets, family)
    theory, found = expected(spec), bias_variance(spec)
    assert theory is not None
    np.testing.assert_allclose(found.average("unbiased_variance"), theory.variance, rtol=0.16)
    np.testing.assert_allclose(found.average("noise"), noise**2, rtol=0.1)
    slack = 6 * noise * np.sqrt(theory.bias_squared / 400) + 6 * noise**2 / 100
    assert (np.abs(found.average("unbiased_bias_squared") - theory.bias_squared) < slack).all()


def test_least_squares_has_variance_sigma_squared_p_over_n() -> None:
    theory = expected(BiasVarianceSpec(FIXED))
    assert theory is not None
    np.testing.assert_allclose(theory.variance, 0.04 * np.arange(1, 17) / 25, rtol=1e-12)


def test_neighbors_have_variance_sigma_squared_over_k() -> None:
    theory = expected(BiasVarianceSpec(FIXED, "nearest"))
    assert theory is not None
    np.testing.assert_allclose(theory.variance, 0.04 / theory.complexity, rtol=1e-12)


@pytest.mark.parametrize("family", SMOOTHERS)
def test_the_closed_form_is_the_trace(family: str) -> None:
    x = draw(FIXED).at
    values = grid(family, *x.shape)
    knobs = FAMILIES[family].settings({})
    H = smoother(family, x, values, **knobs)
    trace = (H @ H.mT).diagonal(dim1=1, dim2=2).sum(1)
    np.testing.assert_allclose(freedom(family, x, values, **knobs), trace, rtol=1e-6)


def test_theory_is_silent_where_it_has_nothing_to_say() -> None:
    assert expected(BiasVarianceSpec(SMALL)) is None  # x differs from set to set
    assert expected(BiasVarianceSpec(FIXED, "tree")) is None
    heavy = replace(FIXED, data=DataSpec("heavy_tail"))
    assert expected(BiasVarianceSpec(heavy)) is None


# ---------------------------------------------------------------- equal experiments are equal specs

OTHER = {"examples": 77, "test_share": 0.5, "imbalance": 0.7, "standardize": False, "seed": 5}


def drawn(spec: SetsSpec, data: DataSpec) -> list[Tensor | None]:
    """The numbers of `spec` with exactly this data, nothing set back."""
    raw = copy(spec)
    object.__setattr__(raw, "data", data)
    found = draw(raw)
    return [found.sets.x, found.sets.y, found.at, found.labels, found.truth]


@pytest.mark.parametrize("name", [name for name in NAMES if not DATASETS[name].real])
@pytest.mark.parametrize("field", OTHER)
def test_what_drawn_data_do_not_use_makes_no_other_experiment(name: str, field: str) -> None:
    usual = DataSpec(name)
    other = replace(usual, **{field: OTHER[field]})
    for design in training_sets.DESIGNS if DATASETS[name].task == "regression" else ["random"]:
        spec = SetsSpec(usual, 12, 3, design)
        assert SetsSpec(other, 12, 3, design) == spec
        for one, two in zip(drawn(spec, usual), drawn(spec, other), strict=True):
            assert one is two is None or torch.equal(one, two)


@pytest.mark.parametrize("name", NAMES)
def test_what_data_use_is_kept(name: str) -> None:
    """All fields of real data; of drawn data the rest: label noise and the knobs."""
    real, classes = DATASETS[name].real, DATASETS[name].task == "classification"
    used = (OTHER if real else {}) | ({"label_noise": 0.3} if classes else {})
    usual = DataSpec(name)
    used |= {"knobs": tuple((k, DATASETS[name].knobs[k].high) for k, _ in usual.knobs)}
    for field, value in used.items():
        other = replace(usual, **{field: value})
        kept = SetsSpec(other, 12, 3)
        assert kept.data == other
        if other != usual and (classes or field != "imbalance"):
            pairs = zip(drawn(kept, usual), drawn(kept, other), strict=True)
            assert not all(one is two or torch.equal(one, two) for one, two in pairs)


# ---------------------------------------------------------------- one data set


@pytest.mark.parametrize("name", ["sine", "moons", "diabetes"])
@pytest.mark.parametrize("folds", [2, 5, 7])
def test_folds_are_held_out_once(name: str, folds: int) -> None:
    """k = 1 remembers its examples: at a held-out one it must not be right by memory."""
    ensemble = BiasVarianceSpec(SetsSpec(DataSpec(name), size=30, sets=2), "nearest")
    found = validate(ValidationSpec(ensemble, folds))
    assert found.cost.shape == (len(found.complexity), folds)
    assert found.mean[0] > 0.001
    # more neighbors than a fold leaves are not tried
    assert found.complexity.max() <= 30 - 30 // folds


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", ["sine", "moons", "diabetes"])
def test_more_folds_than_examples_leave_out_one_at_a_time(family: str, name: str) -> None:
    knobs = {"mlp_width": (("steps", 10.0),)}.get(family, ())
    ensemble = BiasVarianceSpec(SetsSpec(DataSpec(name), size=5, sets=2), family, knobs)
    found, every = validate(ValidationSpec(ensemble, 10)), validate(ValidationSpec(ensemble, 5))
    assert found.folds == every.folds == 5
    assert np.isfinite(found.cost).all()
    np.testing.assert_array_equal(found.cost, every.cost)
    assert found.complexity.tolist() == grid(family, 4, draw(ensemble.sets).at.shape[1])


def test_cross_validation_is_scikit_learns() -> None:
    from sklearn.model_selection import cross_val_score
    from sklearn.neighbors import KNeighborsRegressor

    sets = SetsSpec(DataSpec("sine"), size=30, sets=2)
    found = validate(ValidationSpec(BiasVarianceSpec(sets, "nearest"), 5))
    drawn = draw(sets)
    order = torch.randperm(30, generator=torch.Generator().manual_seed(sets.seed)).view(5, 6)
    splits = [(np.setdiff1d(np.arange(30), out), out) for out in order.numpy()]
    for i, k in enumerate(found.complexity):
        scores = cross_val_score(
            KNeighborsRegressor(int(k)), drawn.sets.x[0].numpy(), drawn.sets.y[0, :, 0].numpy(),
            cv=splits, scoring="neg_mean_squared_error",
        )  # fmt: skip
        np.testing.assert_allclose(found.cost[i], -scores, rtol=1e-9)


def test_more_examples_bring_train_and_test_together() -> None:
    ensemble = BiasVarianceSpec(SetsSpec(DataSpec("sine"), sets=60), "polynomial")
    found = learn(LearningSpec(ensemble, 5, 300))
    gap = np.median(found.test_cost, 1) - np.median(found.train_cost, 1)
    assert gap[0] > 10 * abs(gap[-1])
    assert np.median(found.test_cost[-1]) == pytest.approx(found.noise, rel=0.1)
    assert found.size[0] >= 6  # fewer examples determine no polynomial of degree 5


def test_a_result_finds_its_best_complexity() -> None:
    found: Ensemble = bias_variance(BiasVarianceSpec(replace(SMALL, sets=60, size=30)))
    assert found.complexity[found.best] in (3, 4, 5)  # sine within [-1, 1]
    assert nearest(found.complexity, 3.2) == 3
    ridge = bias_variance(BiasVarianceSpec(SMALL, "ridge"))
    assert ridge.complexity[nearest(ridge.complexity, 2e-3)] == pytest.approx(10**-2.5)
