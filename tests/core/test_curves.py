"""Losses along one axis against torch.nn.functional and differences; best constants against a search."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from torch import Tensor

from mlcore.components.curves import CENTERS, REACH, answers, centers, of_one, shapes
from mlcore.families.losses import LOSSES

VALUES = st.lists(st.floats(-9, 9).map(lambda v: round(v, 2)), min_size=2, max_size=9)
DELTA = 0.75


def softmax_of_two(z: Tensor, y: float) -> Tensor:
    return F.cross_entropy(torch.stack([0 * z, z]), torch.tensor(int(y)))


ONE: dict[str, Callable[[Tensor, float], Tensor]] = {  # the loss of a single prediction, a scalar
    "cross_entropy": softmax_of_two,
    "binary_cross_entropy": lambda z, y: F.binary_cross_entropy_with_logits(z, torch.tensor(y).double()),
    "mse": lambda p, y: (p - y) ** 2,
    "half_mse": lambda p, y: (p - y) ** 2 / 2,
    "mae": lambda p, y: (p - y).abs(),
    "rmse": lambda p, y: ((p - y) ** 2).sqrt(),
    "huber": lambda p, y: F.huber_loss(p, torch.tensor(y).double(), delta=DELTA),
}


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("target", [0.0, 1.0])
def test_every_loss_and_its_slope_are_those_of_torch(name: str, target: float) -> None:
    z = torch.linspace(-5.03, 5.04, 23, dtype=torch.float64)
    loss, slope = of_one(name, z, target, DELTA)
    for i, value in enumerate(z):
        leaf = value.clone().requires_grad_()
        expected = ONE[name](leaf, target)
        (by_autograd,) = torch.autograd.grad(expected, leaf)
        torch.testing.assert_close(loss[i], expected.detach(), rtol=1e-12, atol=1e-12)
        torch.testing.assert_close(slope[i], by_autograd, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_shapes_hold_every_loss_of_the_task_and_the_place_asked_for(task: str) -> None:
    found = shapes(task, 1.0, 2.25, DELTA)
    wanted = {"regression"} if task == "regression" else {"classification", "binary"}
    assert set(found.names) == {name for name in LOSSES if wanted & set(LOSSES[name].tasks)}
    assert (found.x[0], found.x[-1]) == (-REACH, REACH)
    for i, name in enumerate(found.names):
        loss, slope = of_one(name, torch.tensor([2.25], dtype=torch.float64), 1.0, DELTA)
        assert (found.at_loss[i], found.at_gradient[i]) == (float(loss), float(slope))
        steepness = np.diff(found.loss[i]) / np.diff(found.x)
        ends = np.sort(np.stack([found.gradient[i, :-1], found.gradient[i, 1:]]), axis=0)
        assert (ends[0] - 1e-9 <= steepness).all(), "a convex curve lies between its tangents"
        assert (steepness <= ends[1] + 1e-9).all()


def test_the_lectures_four_values() -> None:
    found = centers((1, 2, 3, 10), 2.0, -2, 12)
    assert found.best[0] == 4.0
    assert found.middle == (2.0, 3.0)
    mae = found.cost[1]
    flat = (found.c >= 2) & (found.c <= 3)
    assert np.ptp(mae[flat]) < 1e-12
    assert (mae[~flat] > mae[flat].max() + 1e-12).all(), "every median, and nothing else"
    assert 2.5 < found.best[2] < 4, "Huber lies between"


@settings(max_examples=60)
@given(VALUES, st.floats(0.2, 5))
def test_the_best_constants_are_those_of_numpy_and_of_a_search(values: list[float], delta: float) -> None:
    found = centers(tuple(values), delta, -10, 10)
    assert found.best[0] == pytest.approx(np.mean(values), abs=1e-12)
    assert found.best[1] == pytest.approx(np.median(values), abs=1e-12)
    y = torch.tensor(values, dtype=torch.float64)

    def huber(c: float) -> float:
        return float(F.huber_loss(torch.full_like(y, c), y, delta=delta))

    searched = minimize_scalar(huber, bounds=(-9.5, 9.5), method="bounded", options={"xatol": 1e-10}).fun
    assert huber(float(found.best[2])) <= searched + 1e-9
    assert found.least[2] == pytest.approx(huber(float(found.best[2])), abs=1e-12)
    assert (found.cost >= found.least[:, None] - 1e-9).all()


@given(VALUES)
@settings(max_examples=30)
def test_pulling_the_last_value_gives_the_answers_of_the_pulled_values(values: list[float]) -> None:
    found = centers(tuple(values), 1.0, -10, 10)
    for q in (0, 37, 120):
        pulled = torch.tensor([*values[:-1], found.moved[q]], dtype=torch.float64)[:, None]
        np.testing.assert_allclose(found.answer[:, q], answers(pulled, 1.0)[:, 0], atol=1e-12)


def test_only_the_mean_follows_an_outlier_to_the_end() -> None:
    near, far = (answers(torch.tensor([[1.0], [2.0], [3.0], [at]]).double(), 1.0)[:, 0] for at in (40, 4000))
    assert float(far[0] - near[0]) == pytest.approx(990)
    torch.testing.assert_close(far[1:], near[1:])
    assert len(CENTERS) == 3
