"""Races on surfaces and maps of basins: by torch.optim, theory of quadratics, hand counts, known basins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.optimize import brentq

from mlcore.base.experiment import run
from mlcore.base.shares import Share
from mlcore.descents import basin_maps, torch_optim
from mlcore.descents.basins import FATES, Fate
from mlcore.descents.paths import PathSpec, RuleSpec, paths, usual_rate
from mlcore.descents.races import (
    SOLVED,
    Entrant,
    RaceSpec,
    ahead,
    choose,
    good,
    order,
    quantile,
    race,
    rates,
    standings,
    starts,
)
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.families.surfaces import SURFACES

TWINS = [name for name in OPTIMIZERS if "torch_optim" in OPTIMIZERS[name].facts]
SMALL = RaceSpec("himmelblau", starts=8, rates=3, decades=2.0, budget=60)
EVERY = tuple(map(Entrant, OPTIMIZERS))
INF = np.inf


@pytest.mark.parametrize("name", TWINS)
def test_every_row_ends_where_torch_ends(name: str) -> None:
    spec = replace(SMALL, rules=(Entrant("sgd"), Entrant(name)))
    found, start = race(spec), starts(spec.surface, spec.starts, spec.seed)
    for k, rate in enumerate(found.rate[1]):
        for i in (0, 5):
            x, y = start[i].tolist()
            way = PathSpec(spec.surface, x=x, y=y, rules=(RuleSpec(name, lr=rate),), steps=spec.budget)
            theirs = torch_optim.path(way, 0)
            assert theirs is not None
            value = SURFACES[spec.surface](*torch.from_numpy(theirs)[-1])
            gap = max(float(value), SOLVED) if np.isfinite(value) and np.abs(theirs[-1]).max() < 120 else INF
            assert found.gap[1, k, i] == pytest.approx(gap, rel=1e-6, abs=1e-12)
            if k == found.best[1] and i >= spec.tuning:
                np.testing.assert_allclose(
                    found.track[1, :, i - spec.tuning], theirs[found.step], rtol=1e-5, atol=1e-5
                )


@pytest.mark.parametrize(("a", "b"), [(0.02, 1.0), (0.1, 2.0), (0.5, 10.0), (0.01, 0.5)])
def test_the_best_rate_of_plain_descent_is_that_of_theory(a: float, b: float) -> None:
    """On curvatures l1 and l2 the slower of |1 - lr l1| and |1 - lr l2| is least at lr = 2 / (l1 + l2)."""
    knobs = (("a", a), ("b", b))
    spec = RaceSpec("bowl", knobs, (Entrant("sgd"),), starts=32, rates=21, decades=1.0, budget=150)
    found = race(spec)
    theory = 2 / (2 * a + 2 * b)
    (chosen,) = standings(found)
    assert abs(np.log10(chosen.rate / theory)) < 1.0 / 20  # a step of the sweep
    stable = found.rate[0] < 2 / (2 * b)
    grown = found.gap[0, :, :] > (found.curve[0, 0].max())
    assert not grown[stable].any()
    assert (found.gap[0, found.rate[0] > 2.6 / (2 * b)] > 1e3).all()


def test_a_row_does_not_depend_on_the_rules_and_starts_beside_it() -> None:
    spec = replace(SMALL, rules=EVERY)
    together = race(spec)
    for e, rule in enumerate(EVERY):
        alone = race(replace(spec, rules=(rule,)))
        np.testing.assert_allclose(alone.gap[0], together.gap[e], rtol=1e-9)
        np.testing.assert_array_equal(alone.which[0], together.which[e])
    more = race(replace(spec, starts=14))
    np.testing.assert_allclose(more.gap[..., :8], together.gap, rtol=1e-9)
    assert race(replace(spec, seed=1)).gap[0, 0, 0] != together.gap[0, 0, 0]


def test_every_rule_sweeps_as_many_rates_by_the_same_ratios() -> None:
    spec = replace(SMALL, rates=7, decades=3.0, rules=EVERY)
    for rule in EVERY:
        found, usual = rates(spec, rule.optimizer), usual_rate(PathSpec(spec.surface), rule.optimizer)
        assert found[3] == pytest.approx(usual)
        np.testing.assert_allclose(np.diff(np.log10(found)), 0.5)


def test_rates_are_chosen_on_the_first_half_and_shown_on_the_other() -> None:
    spec = RaceSpec(starts=11, rates=5, budget=50)
    found = race(spec)
    assert spec.tuning == 5
    for e, told in enumerate(standings(found)):
        middle = [sorted(row)[2] for row in found.gap[e, :, :5].tolist()]
        best = int(found.best[e])
        assert middle[best] == min(middle) == told.tuned
        shown = sorted(found.gap[e, best, 5:].tolist())
        assert told.gap == (shown[1], shown[2], shown[4])
        np.testing.assert_array_equal(found.curve[e, -1], found.gap[e, best, 5:])
        assert told.reached == Share(int((found.which[e, best, 5:] == 0).sum()), 6)
        assert told.lost.hits == int(np.isinf(shown).sum())
        assert told.edge == (best in (0, 4))
    ranked = order(found)
    tuned = [standings(found)[e].tuned for e in ranked]
    assert tuned == sorted(tuned)


def test_of_equal_medians_the_rate_that_is_sooner_solved_is_chosen() -> None:
    gap = np.array([[[SOLVED, SOLVED, 1.0], [SOLVED, SOLVED, INF], [0.1, 0.1, 0.1]]])
    solved = np.array([[[9.0, 9.0, INF], [7.0, 7.0, INF], [INF, INF, INF]]])
    assert choose(gap, solved).tolist() == [1]
    assert choose(np.array([[[INF, INF], [5.0, 5.0]]]), np.full((1, 2, 2), INF)).tolist() == [1]


def test_pairs_by_hand() -> None:
    gap = np.array(
        [[1.0, SOLVED, SOLVED, INF, 2.0, SOLVED, INF, 3.0], [2.0, SOLVED, SOLVED, 1.0, 2.0, SOLVED, INF, INF]]
    )
    solved = np.array([[INF, 10, 20, INF, INF, 30, INF, INF], [INF, 20, 10, INF, INF, 30, INF, INF]])
    assert ahead(gap, solved, 0, 1) == (Share(3, 5), 3)  # wins 0, 1, 7; loses 2, 3; 4, 5, 6 decide nothing
    assert ahead(gap, solved, 1, 0) == (Share(2, 5), 3)


@pytest.mark.parametrize(
    ("middle", "best", "range_"),
    [
        ([9, 1, 10, 11, 1], 1, (0, 2)),
        ([INF, 5, INF], 1, (1, 1)),
        ([1, 1, 1], 0, (0, 2)),
        ([INF, INF], 0, (0, 1)),
    ],
)
def test_good_rates_by_hand(middle: list[float], best: int, range_: tuple[int, int]) -> None:
    assert good(np.array(middle), best, 10.0) == range_


def test_quantiles_bear_infinities() -> None:
    values = np.array([INF, 1.0, INF, 2.0])
    assert [float(quantile(values, share)) for share in (0.25, 0.5, 0.75)] == [1.0, 2.0, INF]


def test_a_race_needs_a_rule() -> None:
    with pytest.raises(ValueError, match="at least one rule"):
        race(replace(SMALL, rules=()))


# ---------------------------------------------------------------- basins of attraction


def test_the_global_basin_of_rastrigin_is_where_theory_has_it() -> None:
    """Small steps run to the bottom of the well they start in; wells end where a coordinate's part peaks."""

    def slope(x: float) -> float:
        return 2 * x + 20 * np.pi * np.sin(2 * np.pi * x)

    edges = [brentq(slope, k + 0.4, k + 0.6) for k in range(5)]
    bottoms = np.array([brentq(slope, k - 0.25, k + 0.25) for k in range(6)])
    height = bottoms**2 + 10 - 10 * np.cos(2 * np.pi * bottoms)
    assert (2 * edges[0] / 10.24) ** 2 == pytest.approx(0.009634, abs=1e-6)
    (found,) = run(basin_maps.MapSpec("rastrigin", rules=(RuleSpec("sgd", lr=0.002),), side=51))
    well = np.searchsorted(edges, np.abs(found.x))  # the box is a square: of y too
    deep = (height[well][:, None] + height[well]).ravel()
    inside = ((well == 0)[:, None] & (well == 0)).ravel()
    np.testing.assert_array_equal(found.ends.which == 0, inside)
    np.testing.assert_allclose(found.gap[~inside], deep[~inside], rtol=1e-9)
    assert found.ends.count(Fate.CAUGHT) == (~inside).sum()


def test_the_watershed_of_a_double_well_is_its_axis() -> None:
    (found,) = run(basin_maps.MapSpec("double_well", rules=(RuleSpec("sgd", lr=0.1),), side=21))
    which = found.ends.which.reshape(21, 21)
    assert (which[:, :10] == 1).all()
    assert (which[:, 11:] == 0).all()
    assert [FATES[k] for k in found.ends.fate.reshape(21, 21)[:, 10]] == [Fate.HELD] * 21


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_map_agrees_with_the_paths_from_its_points(name: str) -> None:
    rules = (RuleSpec("sgd", lr=0.005), RuleSpec(name, lr=usual_rate(PathSpec("himmelblau"), name)))
    spec = basin_maps.MapSpec("himmelblau", rules=rules, side=11)
    both = run(spec)
    for b, a in ((0, 0), (3, 7), (10, 5)):
        path = paths(
            PathSpec("himmelblau", x=both[1].x[a], y=both[1].y[b], rules=rules[1:], steps=spec.budget)
        )[0]
        i = b * 11 + a
        assert FATES[both[1].ends.fate[i]] is path.fate
        if path.fate is Fate.REACHED:
            asked, near = path.distance[::2], 0.02 * 10  # at every second step
            since = int(both[1].since[i]) // 2
            assert (asked[since:] <= near).all()
            assert asked[since - 1] > near
            assert SURFACES["himmelblau"].minima[both[1].ends.which[i]] == (path.told["x"], path.told["y"])
        else:
            assert both[1].since[i] == -1
    other = both[0].ends.which != both[1].ends.which
    assert basin_maps.differ(*both) == pytest.approx(
        (other | (both[0].ends.fate != both[1].ends.fate)).mean()
    )


def test_no_rules_make_no_maps() -> None:
    assert run(basin_maps.MapSpec(rules=())) == ()
