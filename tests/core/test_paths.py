"""Paths of rules on surfaces: published numbers, closed forms, torch.optim, and how each path is judged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from mlcore.base.experiment import run
from mlcore.descents import torch_optim
from mlcore.descents.basins import Fate
from mlcore.descents.paths import PathSpec, RuleSpec, paths, sharpness, usual_rate
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.families.schedules import SCHEDULES
from mlcore.families.surfaces import SURFACES

D2L = PathSpec("bowl", x=-5.0, y=-2.0, steps=20)
TWINS = [name for name in OPTIMIZERS if "torch_optim" in OPTIMIZERS[name].facts]


def home(surface: str, **changes: object) -> PathSpec:
    x, y = SURFACES[surface].start
    return replace(PathSpec(surface, x=x, y=y), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "end"),
    [
        (RuleSpec("sgd", lr=0.4), (-0.943467, -0.000073)),
        (RuleSpec("sgd", lr=0.6), (-0.387814, -1673.365109)),
        (RuleSpec("momentum", (("momentum", 0.5),), lr=0.6), (0.007188, 0.002553)),
    ],
)
def test_the_numbers_that_d2l_prints(rule: RuleSpec, end: tuple[float, float]) -> None:
    """0.1 x1^2 + 2 x2^2 from (-5, -2), 20 steps (d2l 12.6)."""
    (path,) = paths(replace(D2L, rules=(rule,)))
    assert path.theta[-1].tolist() == pytest.approx(end, abs=5e-7)


@pytest.mark.parametrize("lr", [0.1, 0.3, 0.49])
def test_on_a_bowl_every_point_is_known(lr: float) -> None:
    (path,) = paths(replace(D2L, rules=(RuleSpec("sgd", lr=lr),), steps=50))
    t = np.arange(51)[:, None]
    known = (1 - lr * np.array([0.2, 4.0])) ** t * np.array([-5.0, -2.0])
    np.testing.assert_allclose(path.theta, known, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(path.value, (known**2 * [0.1, 2.0]).sum(1), rtol=1e-12, atol=1e-20)
    np.testing.assert_allclose(path.gradient, known * [0.2, 4.0], rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(path.distance, np.hypot(*known.T), rtol=1e-12)
    np.testing.assert_allclose(path.rate, lr, rtol=1e-12)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("name", TWINS)
def test_every_rule_walks_as_in_torch_under_every_schedule(name: str, schedule: str) -> None:
    spec = home("beale", schedule=schedule, steps=60)
    spec = replace(spec, rules=(RuleSpec("sgd", lr=0.001), RuleSpec(name, lr=usual_rate(spec, name))))
    theirs = torch_optim.path(spec, 1)
    assert theirs is not None
    np.testing.assert_allclose(run(spec)[1].theta, theirs, rtol=0, atol=1e-10)


def test_a_rule_without_a_twin_has_none() -> None:
    assert torch_optim.path(replace(PathSpec(), rules=(RuleSpec("lion"),)), 0) is None


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_what_is_kept_explains_every_step(name: str) -> None:
    (path,) = paths(home("himmelblau", rules=(RuleSpec(name, lr=0.01),), schedule="cosine", steps=40))
    moved = -path.lr[:-1, None] * path.direction[:-1]
    np.testing.assert_allclose(np.diff(path.theta, axis=0), moved, rtol=0, atol=1e-13)
    assert list(path.state) == list(OPTIMIZERS[name].state)
    assert all(kept.shape == (41, 2) and np.abs(kept[-1]).min() > 0 for kept in path.state.values())


def test_rules_do_not_disturb_each_other() -> None:
    spec = home("rosenbrock", steps=50)
    together = paths(spec)
    for i, rule in enumerate(spec.rules):
        (alone,) = paths(replace(spec, rules=(rule,)))
        np.testing.assert_allclose(alone.theta, together[i].theta, rtol=1e-12, atol=1e-14)


def test_no_rules_make_no_paths() -> None:
    assert paths(replace(PathSpec(), rules=())) == ()


# ---------------------------------------------------------------- how a path ended


@pytest.mark.parametrize(
    ("surface", "start", "rule", "fate"),
    [
        ("bowl", (-5, -2), RuleSpec("sgd", lr=0.4), Fate.REACHED),
        ("bowl", (-5, -2), RuleSpec("sgd", lr=0.6), Fate.DIVERGED),
        ("bowl", (-5, -2), RuleSpec("sgd", lr=0.001), Fate.UNDERWAY),
        ("rosenbrock", (-1.2, 1), RuleSpec("sgd", lr=1.0), Fate.DIVERGED),
        ("double_well", (0, 1), RuleSpec("sgd", lr=0.1), Fate.HELD),
        ("double_well", (0.01, 1), RuleSpec("sgd", lr=0.1), Fate.REACHED),
        ("rastrigin", (3.4, -2.6), RuleSpec("sgd", lr=0.002), Fate.CAUGHT),
        ("styblinski_tang", (0.5, -4.5), RuleSpec("momentum", lr=0.005), Fate.CAUGHT),
        ("booth", (1, 3), RuleSpec("sgd", lr=0.01), Fate.REACHED),
    ],
)
def test_fates(surface: str, start: tuple[float, float], rule: RuleSpec, fate: Fate) -> None:
    (path,) = paths(PathSpec(surface, x=start[0], y=start[1], rules=(rule,)))
    assert path.fate is fate
    assert "{" not in fate.value.format(**path.told)


def test_a_path_has_reached_the_minimum_from_the_told_step_on() -> None:
    (path,) = paths(home("bowl", rules=(RuleSpec("sgd", lr=0.4),)))
    step, near = int(path.told["step"]), 0.02 * 12
    assert path.distance[step - 1] > near
    assert (path.distance[step:] <= near).all()


@pytest.mark.parametrize("times", [0.98, 1.02])
@pytest.mark.parametrize(("name", "kept"), [("sgd", 0.0), ("momentum", 0.5), ("momentum", 0.9)])
def test_the_bound_on_the_learning_rate_is_sharp(name: str, kept: float, times: float) -> None:
    """On a curvature lambda: plain descent below 2 / lambda, the heavy ball below (2 + 2 mu) / lambda."""
    sharp = sharpness("bowl", (("a", 0.1), ("b", 2.0)), 0.0, 0.0)
    assert sharp == pytest.approx(4.0, rel=1e-12)
    knobs = (("momentum", kept),) if kept else ()
    rule = RuleSpec(name, knobs, lr=times * (2 + 2 * kept) / sharp)
    (path,) = paths(replace(D2L, rules=(rule,), steps=2000))
    assert (path.fate is Fate.DIVERGED) == (times > 1)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("surface", SURFACES)
def test_a_usual_rate_descends(surface: str, optimizer: str) -> None:
    spec = home(surface)
    rate = usual_rate(spec, optimizer)
    (path,) = paths(replace(spec, rules=(RuleSpec(optimizer, lr=rate),)))
    assert path.fate is not Fate.DIVERGED
    assert np.nanmin(path.value) < path.value[0]
    assert float(f"{rate:.0e}") == rate  # a round number


def test_paths_are_the_same_in_a_thread_that_tracks_gradients() -> None:
    with torch.enable_grad():
        here = paths(home("ackley", steps=20))
    assert all(
        np.array_equal(a.theta, b.theta) for a, b in zip(here, paths(home("ackley", steps=20)), strict=True)
    )
