"""Training on rows: same spec, same bits; and it does what the equations say."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import r2_score

from mlcore.base import spec as specs
from mlcore.base.device import computing
from mlcore.base.experiment import Stopped, run
from mlcore.families.losses import cost
from mlcore.families.models import ModelSpec
from mlcore.files import store
from mlcore.training import training
from mlcore.training.data import DataSpec, load
from mlcore.training.descent import Status, slope
from mlcore.training.presets import PRESETS
from mlcore.training.tasks import TrainingError, TrainSpec, prepare, score
from mlcore.training.training import Records, Run, minibatch_blocks, minibatch_rows, recorded_steps
from mlcore.training.verdict import Kind, beats, chance_of, judge
from tests.core.devices import on_both
from tests.core.runs import same

SMALL = TrainSpec(model=ModelSpec(widths=(7, 5)), steps=40)


def test_the_spec_survives_a_link_a_file_and_a_pickle() -> None:
    spec = replace(
        SMALL, lr=0.3, optimizer="lion", schedule="cosine", data=DataSpec("spirals", label_noise=0.1)
    )
    by_link, problems = specs.from_query(TrainSpec, specs.to_query(spec))
    by_file, more = specs.from_json(TrainSpec, specs.to_json(spec))
    assert not problems
    assert not more
    assert by_link == by_file == pickle.loads(pickle.dumps(spec)) == spec
    same(run(by_link), run(spec))


def test_one_sgd_step_is_minus_lr_times_the_gradient() -> None:
    spec = replace(SMALL, optimizer="sgd", lr=0.1, batch_size=0, steps=1)
    result = training.train(spec, dtype=torch.float64)
    task = prepare(spec, torch.float64)
    start = torch.from_numpy(result.records.theta[0]).double().requires_grad_()
    c = cost(spec.loss, task.network.predict(start, task.x), task.y[None])
    (g,) = torch.autograd.grad(c.sum(), start)
    moved = result.records.theta[1, 0] - result.records.theta[0, 0]
    assert np.abs(moved + 0.1 * g[0].numpy()).max() < 1e-12


def test_for_small_lr_the_cost_falls_by_lr_times_the_squared_gradient() -> None:
    ratios = []
    for lr in (1e-2, 1e-3, 1e-4):
        spec = replace(SMALL, optimizer="sgd", lr=lr, batch_size=0, steps=1)
        r = training.train(spec, dtype=torch.float64).records
        ratios.append(float((r.train_cost[0, 0] - r.train_cost[1, 0]) / (lr * r.gradient_norm[0, 0] ** 2)))
    errors = [abs(ratio - 1) for ratio in ratios]
    assert errors[0] > 5 * errors[1] > 25 * errors[2]  # first order: the error falls with lr itself


def test_what_a_training_leaves_behind_can_be_differentiated() -> None:
    """Trainings run without autograd's books; data that they load first is kept for others, too."""
    load.cache_clear()
    spec = replace(SMALL, steps=2, batch_size=0)
    final = torch.from_numpy(run(spec).final)
    task = prepare(spec)
    assert load(spec.data) is task.data
    line = torch.ones(task.data.x.shape[1], dtype=torch.float64, requires_grad=True)
    (task.data.x @ line).sum().backward()
    leaf = final.clone().requires_grad_()
    cost(spec.loss, task.network.predict(leaf, task.x), task.y[None]).sum().backward()
    with computing():
        inside = slope(
            lambda theta: cost(spec.loss, task.network.predict(theta, task.x), task.y[None]), final
        )
    assert torch.equal(inside, leaf.grad)


def test_minibatches_meet_every_example_once_an_epoch() -> None:
    table = minibatch_rows(examples=50, batch=7, steps=100, seed=3)
    stream = table.flatten()
    for epoch in range(len(stream) // 50):
        assert sorted(stream[50 * epoch : 50 * (epoch + 1)].tolist()) == list(range(50))


@pytest.mark.parametrize(("batch", "ahead"), [(7, 1), (7, 13), (50, 3), (120, 2)])
def test_blocks_deal_the_same_rows(batch: int, ahead: int) -> None:
    blocks = torch.cat(list(minibatch_blocks(50, batch, 40, 3, ahead)))
    assert torch.equal(blocks, minibatch_rows(50, batch, 40, 3))


def test_recorded_steps_hold_both_ends_and_rise() -> None:
    for steps in (1, 2, 79, 80, 81, 600, 20_000):
        record = recorded_steps(steps)
        assert record[0] == 0
        assert record[-1] == steps
        assert record == sorted(set(record))
        assert len(record) <= training.RECORDS + 1


def test_objective_adds_penalties_to_weights_alone() -> None:
    """With a zero gradient from the data, L2 shrinks each weight by lr * l2 and leaves biases alone."""
    spec = replace(SMALL, optimizer="sgd", lr=0.5, l2=0.1, batch_size=0, steps=1)
    with_l2 = training.train(spec, dtype=torch.float64).records.theta
    without = training.train(replace(spec, l2=0.0), dtype=torch.float64).records.theta
    mask = prepare(spec).network.is_weight().double().numpy()
    expected = -0.5 * 0.1 * mask * without[0, 0]
    assert np.abs(with_l2[1, 0] - without[1, 0] - expected).max() < 1e-12


def test_sweeps_are_rows() -> None:
    spec = replace(SMALL, replicas=5, sweep="lr", sweep_low=1e-3, sweep_high=1e-1)
    swept = run(spec)
    for i, lr in enumerate(spec.along("lr").tolist()):
        alone = run(replace(SMALL, lr=lr))
        assert np.allclose(alone.final[0], swept.final[i], rtol=1e-6, atol=1e-7)
    spec = replace(SMALL, replicas=3, sweep="l2", sweep_low=1e-3, sweep_high=1.0)
    assert np.allclose(run(replace(SMALL, l2=1.0)).final[0], run(spec).final[2], rtol=1e-6, atol=1e-7)


def test_divergence_is_data_with_its_reason() -> None:
    spec = TrainSpec(loss="mse", optimizer="sgd", lr=30.0, batch_size=0, steps=200)
    result = run(spec)
    (verdict,) = judge(result, prepare(spec))
    assert result.status == (Status.DIVERGED,)
    assert verdict.kind is Kind.DIVERGED
    assert verdict.values["lr"] > verdict.values["bound"]


@pytest.mark.parametrize("seed", range(8))
def test_who_learned_beats_chance_on_what_was_not_seen(seed: int) -> None:
    """Half of the labels are wrong: a line through few examples learns what does not hold beyond them."""
    spec = TrainSpec(DataSpec("moons", examples=30, label_noise=0.5, seed=seed), ModelSpec("linear"), lr=0.1)
    result, task = run(replace(spec, steps=200, replicas=8)), prepare(spec)
    level = chance_of(result, task)
    for verdict in judge(result, task):
        assert verdict.values["chance_cost"] == level.test_cost
        assert verdict.learned == beats(
            verdict.values["test_cost"], verdict.values["test_score"], level.test_cost, level.test_score
        )
        assert (verdict.kind is Kind.LEARNED) <= verdict.learned
        assert (verdict.kind is Kind.MEMORIZED) <= (not verdict.learned)


def test_a_test_cost_that_is_no_number_is_not_learned() -> None:
    result, task = run(SMALL), prepare(SMALL)
    for lost in (slice(None), slice(3, None)):
        records = result.records._replace(test_cost=result.records.test_cost.copy())
        records.test_cost[lost] = np.nan
        records = records._replace(test_score=np.full_like(records.test_score, np.nan))
        (verdict,) = judge(replace(result, records=records), task)
        assert verdict.kind is Kind.MEMORIZED


def test_a_column_that_only_test_examples_change_is_not_blown_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Powers of a feature without spread are divided by 1, as `data.moments` has it."""
    monkeypatch.setenv("MLCORE_STORE", str(tmp_path))
    lines = [
        "city,age,yes",
        *(f"{'Jeju' if i == 3 else 'Seoul'},{20 + 7 * i % 41},{i * i % 2}" for i in range(40)),
    ]
    table, rare = store.put("\n".join(lines).encode()), 0
    for seed in range(12):
        task = prepare(
            TrainSpec(DataSpec("csv", examples=40, table=table, seed=seed), ModelSpec("polynomial"))
        )
        rare += bool((task.data.x == task.data.x[0]).all(0).any())
        assert task.x_test.abs().max() < 100
    assert rare > 0


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e6])
def test_r_squared_is_that_of_scikit_learn_in_any_unit(scale: float) -> None:
    target = scale * torch.tensor([[[1.0], [2.0], [4.0]]], dtype=torch.float64)
    guess = target + scale * torch.tensor([[[0.1], [-0.3], [0.2]]], dtype=torch.float64)
    expected = r2_score(target[0, :, 0], guess[0, :, 0])
    assert score(guess, target, "regression").item() == pytest.approx(expected)
    assert score(guess[:, :1], target[:, :1], "regression").isnan().all()


def test_what_was_reported_before_a_stop_is_a_run() -> None:
    parts: list[Records] = []

    def report(share: float, part: Records) -> None:
        parts.append(part)
        if share > 0.5:
            raise Stopped

    with pytest.raises(Stopped):
        run(SMALL, report)
    whole, kept = run(SMALL), Run.partial(SMALL, parts)
    count = len(kept.records.step)
    assert 1 < count < len(whole.records.step)
    assert kept.status == (Status.STOPPED,)
    assert all(np.array_equal(a, b[:count]) for a, b in zip(kept.records, whole.records, strict=True))
    assert Run.partial(SMALL, [whole.records]).status == whole.status


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        (TrainSpec(data=DataSpec("sine")), "loss"),
        (TrainSpec(data=DataSpec("iris"), loss="binary_cross_entropy"), "loss"),
        (TrainSpec(data=DataSpec("digits"), model=ModelSpec("polynomial", degree=3)), "columns"),
        (TrainSpec(model=ModelSpec(widths=(128,) * 6), replicas=256, steps=20_000, batch_size=0), "work"),
        (TrainSpec(seed=9990, replicas=20), "seed"),
    ],
)
def test_what_cannot_be_trained_gets_a_sentence(spec: TrainSpec, code: str) -> None:
    with pytest.raises(TrainingError) as refusal:
        run(spec)
    assert refusal.value.code == code
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize("name", PRESETS)
def test_presets_learn_what_they_should(name: str) -> None:
    wanted = {"spirals": 0.90, "digits": 0.96, "iris": 0.90, "sine": 0.85, "diabetes": 0.35}
    result = run(PRESETS[name])
    assert result.records.test_score[-1, 0] >= wanted.get(name, 0.95)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("name", ["moons", "digits", "sine"])
def test_a_gpu_starts_alike_and_agrees(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Same start and data order; rounding differs, so costs agree to 2 % after 100 steps (TF32 off)."""
    spec = replace(PRESETS[name], steps=100)
    cpu, cuda = on_both(monkeypatch, lambda: run(spec).records)
    assert np.array_equal(cpu.theta[0], cuda.theta[0])
    assert np.allclose(cpu.train_cost, cuda.train_cost, rtol=0.02, atol=1e-4)
