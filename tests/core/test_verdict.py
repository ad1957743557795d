"""Every verdict by runs that deserve it, and no other verdict for them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlcore.base.experiment import run
from mlcore.families.datasets import DATASETS
from mlcore.families.models import ModelSpec
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.training.data import DataSpec
from mlcore.training.presets import PRESETS
from mlcore.training.tasks import TrainSpec, prepare
from mlcore.training.training import Run
from mlcore.training.verdict import Kind, Verdict, judge

SEEDS = 6
DESERVED = {
    "two moons": (TrainSpec(steps=300), Kind.LEARNED),
    "a straight line for two clouds": (TrainSpec(DataSpec("gaussians"), ModelSpec("linear")), Kind.LEARNED),
    "wrong labels, many weights": (
        TrainSpec(DataSpec("moons", examples=60, label_noise=0.3), ModelSpec(widths=(64, 64)), lr=0.01),
        Kind.OVERFIT,
    ),
    "a curve of degree 12 through twenty points": (
        TrainSpec(
            DataSpec("sine", examples=30), ModelSpec(widths=(128, 128)), loss="mse", lr=0.01, steps=4000
        ),
        Kind.OVERFIT,
    ),
    "a learning rate of nearly nothing": (TrainSpec(lr=1e-5, optimizer="sgd", steps=50), Kind.CHANCE),
    "a line for XOR": (TrainSpec(DataSpec("xor"), ModelSpec("linear"), lr=0.01, steps=300), Kind.CHANCE),
    "labels drawn by lot": (
        TrainSpec(
            DataSpec("xor", examples=30, label_noise=0.5), ModelSpec("linear"), batch_size=0, steps=200
        ),
        Kind.MEMORIZED,
    ),
    "SGD that leaps": (
        TrainSpec(loss="mse", optimizer="sgd", lr=30.0, batch_size=0, steps=200),
        Kind.DIVERGED,
    ),
}
# Learning rates far too large for two moons. Such runs are chaotic: of 48 seeds at least 43 are unstable.
UNSTABLE = {"sgd": 20.0, "momentum": 10.0, "adam": 10.0}


def judged(spec: TrainSpec) -> tuple[Run, list[Verdict]]:
    result = run(spec)
    return result, judge(result, prepare(spec))


@pytest.mark.parametrize("name", DESERVED)
def test_a_run_gets_the_verdict_that_it_deserves(name: str) -> None:
    spec, kind = DESERVED[name]
    _, verdicts = judged(replace(spec, replicas=SEEDS))
    assert [verdict.kind for verdict in verdicts] == [kind] * SEEDS


@pytest.mark.parametrize("optimizer", UNSTABLE)
def test_who_got_worse_on_its_own_examples_is_unstable_and_did_not_overfit(optimizer: str) -> None:
    spec = TrainSpec(optimizer=optimizer, lr=UNSTABLE[optimizer])
    result, verdicts = judged(replace(spec, replicas=SEEDS))
    assert sum(verdict.kind is Kind.UNSTABLE for verdict in verdicts) > SEEDS / 2
    for i, verdict in enumerate(verdicts):
        costs, v = result.records.train_cost[:, i], verdict.values
        climbed = costs[-1] > costs.min() + 0.25 * v["chance_train_cost"]
        assert (verdict.kind is Kind.UNSTABLE) == climbed
        if climbed:
            assert v["train_cost"] > v["low_cost"] == pytest.approx(costs.min())
            assert v["low_step"] == result.records.step[costs.argmin()]
        if verdict.kind is Kind.OVERFIT:
            assert costs[-1] < costs[result.records.step == v["best_step"]]


@pytest.mark.parametrize("lr", [0.001, 0.01])
@pytest.mark.parametrize("batch", [1, 4, 16, 0])
@pytest.mark.parametrize("data", ["moons", "gaussians", "spirals", "iris", "wine", "digits", "sine"])
def test_the_noise_of_small_batches_is_not_called_unstable(data: str, batch: int, lr: float) -> None:
    loss = "mse" if DATASETS[data].task == "regression" else "cross_entropy"
    _, verdicts = judged(
        TrainSpec(DataSpec(data, examples=200), loss=loss, batch_size=batch, lr=lr, steps=600, replicas=SEEDS)
    )
    assert Kind.UNSTABLE not in {verdict.kind for verdict in verdicts}


def test_a_test_cost_that_rose_together_with_the_train_cost_is_no_overfitting() -> None:
    """The last record of a run that learned, with both costs a little above their minima."""
    result, task = run(TrainSpec(steps=300)), prepare(TrainSpec(steps=300))
    costs = {name: getattr(result.records, name).copy() for name in ("train_cost", "test_cost")}
    for values in costs.values():
        values[-1] = values.min() + 0.1
    (verdict,) = judge(replace(result, records=result.records._replace(**costs)), task)
    assert verdict.kind is Kind.LEARNED
    costs["train_cost"][-1] = 0
    (verdict,) = judge(replace(result, records=result.records._replace(**costs)), task)
    assert verdict.kind is Kind.OVERFIT


def test_sgd_that_leaps_is_told_the_bound_that_it_left() -> None:
    """The bound 2 / lambda for SGD; beyond it the run diverges, and half of it is stable."""
    spec, _ = DESERVED["SGD that leaps"]
    _, (verdict,) = judged(spec)
    bound = verdict.values["bound"]
    assert bound == pytest.approx(2 / verdict.values["sharpness"])
    assert spec.lr > bound
    _, (calm,) = judged(replace(spec, lr=bound / 2))
    assert calm.kind not in (Kind.DIVERGED, Kind.UNSTABLE)


@pytest.mark.parametrize("name", PRESETS)
def test_what_is_offered_as_an_example_is_stable(name: str) -> None:
    _, verdicts = judged(replace(PRESETS[name], replicas=4))
    assert Kind.UNSTABLE not in {verdict.kind for verdict in verdicts}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_small_steps_are_stable_under_every_rule(optimizer: str) -> None:
    """With a whole batch and small steps the training cost falls from step to step."""
    _, verdicts = judged(TrainSpec(optimizer=optimizer, lr=1e-4, batch_size=0, steps=60, replicas=2))
    assert Kind.UNSTABLE not in {verdict.kind for verdict in verdicts}


def test_every_kind_is_deserved_by_some_run() -> None:
    assert {kind for _, kind in DESERVED.values()} | {Kind.UNSTABLE} == set(Kind)


@pytest.mark.parametrize("rise", [0.0, 0.1, 0.24, 0.26, 2.0])
def test_the_rule_is_what_it_says(rise: float) -> None:
    """A run whose last training cost is raised by a share of chance, ln 2 for two classes of equal size."""
    spec = TrainSpec(steps=300)
    result, task = run(spec), prepare(spec)
    costs = result.records.train_cost.copy()
    costs[-1] = costs.min() + rise * np.log(2)
    (verdict,) = judge(replace(result, records=result.records._replace(train_cost=costs)), task)
    assert (verdict.kind is Kind.UNSTABLE) == (rise > 0.25)
