"""The numbers of a single step against the records of the run and against autograd."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from mlcore.base.experiment import Stopped, run
from mlcore.families.losses import cost
from mlcore.families.models import ModelSpec
from mlcore.training.data import DataSpec
from mlcore.training.stepping import Step, StepSpec, look
from mlcore.training.tasks import TrainSpec, prepare
from tests.core.devices import on_both

TRAIN = TrainSpec(model=ModelSpec(widths=(8, 4)), steps=200, batch_size=16, replicas=1, l2=1e-3)
TRAININGS = [
    TRAIN,
    replace(TRAIN, optimizer="momentum", lr=0.05, batch_size=0, l1=1e-4),
    replace(TRAIN, data=DataSpec("digits"), model=ModelSpec(widths=(16,))),
    replace(TRAIN, data=DataSpec("sine"), loss="mse", schedule="cosine"),
    replace(TRAIN, sweep="lr", replicas=3),
]


def numbers(step: Step) -> dict[str, Any]:
    return {name: value for name, value in vars(step).items() if name not in ("spec", "shapes")}


@pytest.mark.parametrize("train", TRAININGS, ids=lambda train: f"{train.data.name}-{train.optimizer}")
@pytest.mark.parametrize("k", [0, 49, 50, 137, 199])
def test_a_step_leads_from_one_record_to_the_next(train: TrainSpec, k: int) -> None:
    """Walking there in pieces, for the reports, changes no bit."""
    step: Step = look(StepSpec(train, k))
    records = run(train).records
    at = {int(t): theta for t, theta in zip(records.step, records.theta[:, 0], strict=True)}
    for t, theta in ((k, step.theta), (k + 1, step.theta + step.update)):
        if t in at:
            np.testing.assert_array_equal(theta.astype(np.float32), at[t])
    np.testing.assert_allclose(-step.lr * step.direction, step.update, atol=2e-6)


@pytest.mark.parametrize("train", TRAININGS, ids=lambda train: f"{train.data.name}-{train.optimizer}")
def test_cost_and_gradient_are_those_of_autograd(train: TrainSpec) -> None:
    step: Step = look(StepSpec(train, 60))
    task = prepare(step.spec.train)
    theta = torch.tensor(step.theta, dtype=torch.float32)[None].requires_grad_()
    x, y = (torch.tensor(v, dtype=torch.float32)[None] for v in (step.x, step.target))
    knobs = dict(train.loss_knobs)
    fit = cost(train.loss, task.network.predict(theta, x), y, **knobs)[0]
    weights = theta[0] * task.network.is_weight()
    objective = fit + train.l1 * weights.abs().sum() + 0.5 * train.l2 * weights.square().sum()
    objective.backward()
    assert (step.cost, step.objective) == pytest.approx((fit.item(), objective.item()), rel=1e-5)
    np.testing.assert_allclose(step.gradient, theta.grad[0], rtol=1e-4, atol=1e-6)
    assert step.loss.mean() == pytest.approx(step.cost, rel=1e-5)
    np.testing.assert_array_equal(step.x.astype(np.float32), task.x[step.rows])


def test_it_reports_on_the_way_and_ends_when_nobody_waits() -> None:
    shares: list[float] = []

    def report(share: float, part: Any) -> None:
        shares.append(share)
        if share > 0.5:
            raise Stopped

    with pytest.raises(Stopped):
        look(StepSpec(TRAIN, 199), report)
    assert shares == sorted(shares)
    assert len(shares) >= 3


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("train", TRAININGS, ids=lambda train: f"{train.data.name}-{train.optimizer}")
def test_a_gpu_takes_the_same_step(train: TrainSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    """After 20 steps of rounding in another order, within 2 %."""
    cpu, cuda = on_both(monkeypatch, lambda: numbers(look(StepSpec(train, 20))))
    for name, value in cpu.items():
        np.testing.assert_allclose(cuda[name], value, rtol=0.02, atol=1e-3, err_msg=name)
