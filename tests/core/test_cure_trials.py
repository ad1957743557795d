"""Cures: what each changes, what theory says that it does, and what must fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.ensemble import BaggingRegressor
from sklearn.tree import DecisionTreeRegressor

from mlcore.base import spec as specs
from mlcore.base.experiment import Stopped, run
from mlcore.complexity.cure_trials import CureSpec, CureTrials, Outcome, bagged, choose, try_cures
from mlcore.complexity.cures import BAGS, CURES, Candidate, suitable
from mlcore.complexity.families import FAMILIES
from mlcore.complexity.fit_verdict import FitKind
from mlcore.complexity.generalization import BiasVarianceSpec, bias_variance, grid
from mlcore.complexity.training_sets import SetsSpec, draw, shape
from mlcore.training.data import DataSpec

NAMES = ("sine", "moons", "diabetes")
QUICK = {"mlp_width": (("steps", 30.0),), "mlp_steps": (("width", 3.0),)}


def plain(family: str, name: str = "sine", size: int = 30, sets: int = 40) -> BiasVarianceSpec:
    return BiasVarianceSpec(SetsSpec(DataSpec(name), size, sets), family, QUICK.get(family, ()))


@cache
def treated(family: str, complexity: float, against: str, name: str = "sine") -> CureTrials:
    return run(CureSpec(plain(family, name, sets=100), complexity, against))


def after(found: CureTrials, name: str) -> Outcome:
    return next(outcome for outcome in found.outcomes if outcome.name == name)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", NAMES)
def test_every_candidate_of_every_cure_can_be_set(family: str, name: str) -> None:
    """Each is a spec that the laboratory accepts, differs from the present one, and survives its link."""
    base = plain(family, name)
    now = Candidate(base, grid(family, *shape(base.sets))[-1])
    for cure in suitable(base, FitKind.FITS):
        for candidate in CURES[cure](now):
            assert candidate != now
            query = specs.to_query(CureSpec(candidate.ensemble, candidate.complexity))
            back, problems = specs.from_query(CureSpec, query)
            assert problems == []
            assert back.ensemble == candidate.ensemble
            assert candidate.complexity in FAMILIES[candidate.ensemble.family].grid


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("family", FAMILIES)
def test_parts_add_up_for_every_cure_of_every_family(family: str, name: str) -> None:
    base = plain(family, name, size=16, sets=5)
    complexity = grid(family, *shape(base.sets))[1]
    seen: list[Outcome] = []
    found = try_cures(CureSpec(base, complexity, "fits"), lambda share, part: seen.append(part))
    assert [part for part in seen if part] == list(found.outcomes)
    assert set(found.impossible) | {o.name for o in found.outcomes} == {"", *suitable(base, FitKind.FITS)}
    for outcome in found.outcomes:
        total = outcome.variance + outcome.noise + outcome.bias_squared
        assert outcome.error == pytest.approx(total, rel=1e-9)
    assert [o.error for o in found.ranked] == sorted(o.error for o in found.outcomes[1:])
    (as_it_is,) = [fit for fit in bias_variance(base).fits if fit.complexity == complexity]
    assert found.before.error == pytest.approx(as_it_is.parts.error.mean(), rel=1e-9)
    assert found.before.train_cost == pytest.approx(as_it_is.train_cost.mean(), rel=1e-9)


def test_an_overfit_is_cured() -> None:
    found = treated("polynomial", 9, "overfits")
    before = found.before
    for name in ("more_data", "simpler", "penalty", "mean_member"):
        assert after(found, name).error < 0.2 * before.error, name
    assert after(found, "more_data").model.ensemble.sets.size == 120
    assert after(found, "more_data").variance < before.variance / 4
    assert after(found, "simpler").model.complexity in (3, 4, 5)
    ridge = after(found, "penalty").model.ensemble
    assert (ridge.family, dict(ridge.knobs)) == ("ridge", {"degree": 9})
    assert "richer" not in {outcome.name for outcome in found.outcomes}


def test_the_mean_member_keeps_bias_and_noise_alone() -> None:
    found = treated("polynomial", 9, "overfits")
    alone, before = after(found, "mean_member"), found.before
    assert alone.variance == 0
    assert np.isnan(alone.train_cost)
    assert alone.error == pytest.approx(before.bias_squared + before.noise)
    assert not alone.model.settable


def test_more_data_do_not_cure_an_underfit() -> None:
    """Bias^2 of a constant on a sine is 1/2, of a line 1/2 - 3/pi^2: whatever N."""
    for degree, bias in ((0, 0.5), (1, 0.5 - 3 / np.pi**2)):
        found = treated("polynomial", degree, "underfits")
        for name in ("more_data", "bagging", "mean_member"):
            assert after(found, name).error > 0.85 * found.before.error
            assert after(found, name).bias_squared == pytest.approx(bias, abs=0.03)
        assert after(found, "richer").error < 0.3 * found.before.error
        assert found.ranked[0].name == "richer"


def test_neighbors_of_one_are_cured_by_more_of_them_and_by_bags() -> None:
    found = treated("nearest", 1, "overfits")
    for name in ("simpler", "bagging", "more_data"):
        assert after(found, name).error < found.before.error
    assert after(found, "bagging").variance < 0.7 * found.before.variance
    assert after(found, "more_data").variance == pytest.approx(0.04, rel=0.1)  # sigma^2 / k stays


def test_real_data_are_bagged_by_their_own_members() -> None:
    found = treated("tree", 12, "overfits", "diabetes")
    bag = after(found, "bagging")
    assert bag.variance == 0
    assert bag.error == pytest.approx(found.before.bias_squared + found.before.noise)
    assert bag.error < 0.6 * found.before.error
    assert "mean_member" not in {*found.impossible, *(o.name for o in found.outcomes)}


def test_early_stopping_is_the_same_network_with_less_time() -> None:
    base = plain("mlp_width")
    early = CURES["stop_early"](Candidate(base, 8))
    assert {candidate.ensemble.family for candidate in early} == {"mlp_steps"}
    knobs = dict(early[0].ensemble.knobs)
    assert knobs["width"] == 8
    assert knobs["lr"] == dict(base.knobs)["lr"]
    assert max(candidate.complexity for candidate in early) < 30


def test_a_cure_at_its_end_is_impossible() -> None:
    base = plain("random_features", size=300, sets=4)
    found = try_cures(CureSpec(base, 400, "fits"))
    assert set(found.impossible) == {"more_data", "richer", "regularize_less"}


def test_the_bags_are_those_of_scikit_learn() -> None:
    """Over many bags both means agree: 300 bootstrap trees on one set, ours and theirs."""
    base = plain("tree", sets=2)
    drawing = draw(base.sets)
    ours, own = bagged(Candidate(base, 3, bags=300), drawing, lambda: None)
    theirs = BaggingRegressor(DecisionTreeRegressor(max_depth=3), 300, random_state=0)
    theirs.fit(drawing.sets.x[0].numpy(), drawing.sets.y[0, :, 0].numpy())
    apart = ours[0, :, 0].numpy() - theirs.predict(drawing.at.numpy())
    assert np.abs(apart).mean() < 0.03
    assert np.abs(own[0, :, 0].numpy() - theirs.predict(drawing.sets.x[0].numpy())).mean() < 0.03
    assert not torch.equal(bagged(Candidate(base, 3, bags=BAGS), drawing, lambda: None)[0], ours)


def test_the_best_of_the_candidates_is_that_of_cross_validation() -> None:
    from mlcore.complexity.selection import ValidationSpec, validate

    base = plain("polynomial")
    seen = validate(ValidationSpec(base))
    candidates = [Candidate(base, float(degree)) for degree in (7, 2, 3, 12, 1)]
    cost: dict[float, Any] = dict(zip(seen.complexity, seen.mean, strict=True))
    assert choose(candidates, lambda: None).complexity == min((7, 2, 3, 12, 1), key=cost.__getitem__)
    two: Sequence[Candidate] = CURES["penalty"](Candidate(plain("random_features"), 40))
    assert len({candidate.ensemble for candidate in two}) == len(two)
    assert choose(two, lambda: None) in two


def test_a_stop_ends_it() -> None:
    def report(share: float, part: Outcome | None) -> None:
        if part is not None and part.name:
            raise Stopped

    with pytest.raises(Stopped):
        try_cures(replace(CureSpec(plain("polynomial")), complexity=9), report)
