"""The race on a network: equal starts for all, each training as it is alone, halves kept apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlcore.base.experiment import run
from mlcore.base.shares import Share
from mlcore.descents.network_races import (
    GridSpec,
    NetworkRaceSpec,
    ahead,
    network_race,
    part_of,
    ranks,
    tried,
)
from mlcore.descents.races import Entrant, quantile
from mlcore.families.models import ModelSpec
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.training.data import DataSpec
from mlcore.training.descent import Status
from mlcore.training.tasks import TrainingError, TrainSpec, prepare
from mlcore.training.training import train
from mlcore.training.verdict import judge

TRAIN = TrainSpec(DataSpec("moons", examples=60), ModelSpec(widths=(5,)), steps=25, batch_size=8, seed=3)
SMALL = NetworkRaceSpec(TRAIN, (Entrant("sgd"), Entrant("adam"), Entrant("lion")), rates=3, seeds=5)
SINE = replace(TRAIN, data=DataSpec("sine", examples=60), loss="mse")


def test_every_rule_and_rate_begins_with_the_same_weights_and_sees_the_same_examples() -> None:
    starts, norms = [], []
    for rule in SMALL.rules:
        records = train(SMALL.grid(rule)).records
        starts.append(records.theta[0].reshape(3, 5, -1))
        norms.append(records.gradient_norm[0].reshape(3, 5))  # of the first minibatch, before any step
    for start, norm in zip(starts, norms, strict=True):
        assert (start == starts[0][0]).all()
        np.testing.assert_allclose(norm, np.broadcast_to(norms[0][0], (3, 5)), rtol=1e-5)
    assert len(np.unique(starts[0][0][:, 0])) == 5  # and each seed has a start of its own


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_training_in_the_grid_is_that_of_its_rate_alone(name: str) -> None:
    """Bit for bit: four replicas a rate are whole units, so each keeps its slot."""
    rule = Entrant(name)
    spec = replace(SMALL, rules=(rule,), seeds=4)
    (one,) = run(spec).parts
    for k, rate in enumerate(spec.rates_of(rule)):
        alone = train(replace(TRAIN, optimizer=name, knobs=rule.knobs, lr=rate, replicas=4))
        np.testing.assert_array_equal(one.train[k], alone.records.train_cost[-1])
        np.testing.assert_array_equal(one.test[k], alone.records.test_cost[-1])


def test_rates_are_chosen_by_the_first_half_of_the_seeds_and_shown_by_the_other() -> None:
    found = network_race(SMALL)
    assert SMALL.tuning == 2
    for rule, one in zip(SMALL.rules, found.parts, strict=True):
        least = one.train[:, :2].min(axis=1)  # the lower of two is their median as an order statistic
        assert one.best == least.argmin()
        np.testing.assert_array_equal(one.train_way[-1], one.train[one.best, 2:])
        np.testing.assert_array_equal(one.test_way[-1], one.test[one.best, 2:])
        shown = SMALL.alone(rule, float(one.rate[one.best]))
        assert (shown.seed, shown.replicas) == (5, 3)
        alone = train(shown)
        np.testing.assert_allclose(one.train_way, alone.records.train_cost, rtol=1e-3, atol=1e-6)
        learned = sum(verdict.learned for verdict in judge(alone, prepare(shown)))
        assert one.learned == Share(learned, 3)
    by_first = [float(quantile(part.train[part.best, :2], 0.5)) for part in found.parts]
    assert [by_first[e] for e in ranks(found.parts, 2)] == sorted(by_first)
    ends = (part.train[part.best, 2:].tolist() for part in found.parts[:2])
    wins = sum(a < b for a, b in zip(*ends, strict=True))
    assert ahead(*found.parts[:2], 2) == Share(wins, 3)


def test_the_other_half_of_the_seeds_and_what_diverged_have_no_say() -> None:
    rule = SMALL.rules[0]
    found = train(SMALL.grid(rule))
    cost = np.full((len(found.records.step), 3, 5), 0.5, np.float32)
    cost[-1, 0, :2], cost[-1, 1, :2] = 0.3, 0.1  # the second rate has the least cost, but diverged
    cost[-1, 2, 2:] = 0.01  # the third is best where nobody chooses
    status = [Status.DIVERGED if i // 5 == 1 else Status.FINISHED for i in range(15)]
    doctored = replace(
        found, records=found.records._replace(train_cost=cost.reshape(-1, 15)), status=tuple(status)
    )
    one = tried(SMALL, rule, doctored, prepare(SMALL.grid(rule)))
    assert one.best == 0
    assert np.isinf(one.train[1]).all()
    assert np.isinf(one.test[1]).all()
    np.testing.assert_allclose(one.train[2], [0.5, 0.5, 0.01, 0.01, 0.01], rtol=1e-6)


def test_each_rule_is_reported_when_it_is_done() -> None:
    told = []
    found = network_race(SMALL, lambda share, part: told.append((share, part)))
    parts = [part for _, part in told if part is not None]
    assert [part.rule for part in parts] == list(SMALL.rules)
    assert tuple(parts) == found.parts
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_what_diverges_is_infinite_and_never_chosen() -> None:
    spec = NetworkRaceSpec(SINE, (Entrant("sgd"),), rates=7, seeds=4, decades=6.0)
    (one,) = network_race(spec).parts
    assert np.isinf(one.train[-1]).all()
    assert not np.isinf(one.train[one.best]).any()
    assert not one.edge


def test_rates_span_what_is_asked_around_a_usual_one() -> None:
    spec = replace(SMALL, rates=5, decades=4.0)
    assert spec.rates_of(Entrant("momentum")) == (0.001, 0.01, 0.1, 1.0, 10.0)
    assert spec.rates_of(Entrant("adam")) == (0.0001, 0.001, 0.01, 0.1, 1.0)


def test_what_of_a_training_a_race_does_not_use_does_not_make_another_race() -> None:
    same = replace(SMALL, train=replace(TRAIN, optimizer="sgd", lr=3.0, replicas=4, sweep="lr"))
    assert same == SMALL


def test_a_part_of_a_run_is_the_run_of_its_replicas() -> None:
    whole = train(replace(TRAIN, replicas=6))
    part = part_of(whole, replace(TRAIN, seed=5, replicas=3), 2)
    alone = train(part.spec)
    np.testing.assert_allclose(part.records.theta, alone.records.theta, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(part.final, alone.final, rtol=1e-4, atol=1e-5)


def test_what_cannot_be_trained_is_refused_before_anything_is() -> None:
    with pytest.raises(TrainingError):
        network_race(replace(SMALL, train=replace(TRAIN, seed=9997)))
    grid = SMALL.grid(Entrant("adam"))
    assert isinstance(grid, GridSpec)
    assert len(grid.seeds()) == grid.replicas == 15
