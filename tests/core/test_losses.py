"""Losses against torch.nn.functional, their gradients against autograd, and what the lecture says of them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from mlcore.families.losses import LOSSES, chance, cost, cost_gradient, huber_center, suits

R, B = 3, 7
ONE_TWO_THREE_TEN = torch.tensor([[1.0], [2.0], [3.0], [10.0]], dtype=torch.float64)


def close(actual: Any, expected: Any, tolerance: float = 1e-12) -> None:
    torch.testing.assert_close(actual, expected, rtol=tolerance, atol=tolerance)


def log_probabilities(z: Tensor, y: Tensor) -> Tensor:
    classes = y.argmax(-1).expand(z.shape[:-1])
    return F.cross_entropy(z.flatten(0, -2), classes.flatten(), reduction="none").view(z.shape[:-1])


ENTROPIES: dict[str, Callable[..., Tensor]] = {  # loss of one example: p [R, B, K], y [R, B, K] -> [R, B]
    "cross_entropy": log_probabilities,
    "binary_cross_entropy": lambda z, y: F.binary_cross_entropy_with_logits(z, y, reduction="none").mean(-1),
    "mse": lambda p, y: F.mse_loss(p, y, reduction="none").mean(-1),
    "half_mse": lambda p, y: 0.5 * F.mse_loss(p, y, reduction="none").mean(-1),
    "mae": lambda p, y: F.l1_loss(p, y, reduction="none").mean(-1),
    "rmse": lambda p, y: F.mse_loss(p, y, reduction="none").mean(-1),
    "huber": lambda p, y, delta: F.huber_loss(p, y, reduction="none", delta=delta).mean(-1),
}


def targets(name: str, examples: int, outputs: int, g: torch.Generator) -> Tensor:
    """[examples, outputs] of the kind that the loss reads."""
    if "regression" in LOSSES[name].tasks:
        return torch.randn(examples, outputs, generator=g, dtype=torch.float64)
    labels = torch.randint(0, max(outputs, 2), (examples,), generator=g)
    return (F.one_hot(labels, outputs) if outputs > 1 else labels[:, None]).double()


def cases() -> Iterator[Any]:
    """Every loss, with as many outputs as it can have and its knobs at their ends and in between."""
    for name in LOSSES:
        tasks, knobs = LOSSES[name].tasks, LOSSES[name].knobs
        several = [1] if "binary" in tasks else [1, 3] if "regression" in tasks else [2, 3, 10]
        values = itertools.product(*([k.low, 0.3, k.default, k.high] for k in knobs.values()))
        for outputs, chosen in itertools.product(several, list(values)):
            yield pytest.param(
                name, outputs, dict(zip(knobs, chosen, strict=True)), id=f"{name}-{outputs}-{chosen}"
            )


CASES = list(cases())


def drawn(name: str, outputs: int) -> tuple[Tensor, Tensor]:
    """Predictions [R, B, K] and targets [R, B, K], far from any kink."""
    g = torch.Generator().manual_seed(outputs)
    y = targets(name, B, outputs, g).expand(R, B, outputs)
    return 2 * torch.randn(R, B, outputs, generator=g, dtype=torch.float64), y


@pytest.mark.parametrize(("name", "outputs", "knobs"), CASES)
def test_the_loss_of_every_example_is_that_of_torch(name: str, outputs: int, knobs: dict[str, float]) -> None:
    p, y = drawn(name, outputs)
    loss = LOSSES[name](p, y, **knobs)
    assert loss.shape == (R, B)
    close(loss, ENTROPIES[name](p, y, **knobs))
    close(LOSSES[name](p, y[0], **knobs), loss)  # targets without the axis of replicas are shared by all


@pytest.mark.parametrize(("name", "outputs", "knobs"), CASES)
def test_the_gradient_of_every_loss_is_that_of_autograd(
    name: str, outputs: int, knobs: dict[str, float]
) -> None:
    p, y = drawn(name, outputs)
    leaf = p.clone().requires_grad_()
    (expected,) = torch.autograd.grad(ENTROPIES[name](leaf, y, **knobs).sum(), leaf)
    close(LOSSES[name].gradient(p, y, **knobs), expected)


@pytest.mark.parametrize(("name", "outputs", "knobs"), CASES)
def test_the_gradient_of_the_cost_is_that_of_autograd(
    name: str, outputs: int, knobs: dict[str, float]
) -> None:
    p, y = drawn(name, outputs)
    before = p.clone(), y.clone()
    leaf = p.clone().requires_grad_()
    costs = cost(name, leaf, y, **knobs)
    assert costs.shape == (R,)
    (expected,) = torch.autograd.grad(costs.sum(), leaf)
    close(cost_gradient(name, p, y, **knobs), expected)
    assert torch.equal(p, before[0])
    assert torch.equal(y, before[1])


@pytest.mark.parametrize(("name", "outputs", "knobs"), CASES)
def test_the_cost_is_the_mean_loss_or_its_root(name: str, outputs: int, knobs: dict[str, float]) -> None:
    p, y = drawn(name, outputs)
    mean = ENTROPIES[name](p, y, **knobs).mean(-1)
    close(cost(name, p, y, **knobs), mean.sqrt() if name == "rmse" else mean)


@pytest.mark.parametrize("name", [n for n in LOSSES if "regression" in LOSSES[n].tasks])
def test_a_perfect_fit_costs_nothing_and_has_no_slope(name: str) -> None:
    y = ONE_TWO_THREE_TEN[None]
    knobs = LOSSES[name].settings({})
    assert cost(name, y, y, **knobs).tolist() == [0.0]
    assert not cost_gradient(name, y, y, **knobs).any()


def test_every_loss_has_a_twin_here() -> None:
    assert set(ENTROPIES) == set(LOSSES)


# ---------------------------------------------------------------- which task a loss can train


def test_which_loss_suits_which_task() -> None:
    offers = [("regression", 0), ("classification", 2), ("classification", 3)]
    suited = {name: [offer for offer in offers if suits(name, *offer)] for name in LOSSES}
    assert suited["cross_entropy"] == [("classification", 2), ("classification", 3)]
    assert suited["binary_cross_entropy"] == [("classification", 2)]
    for name in ("mse", "half_mse", "mae", "rmse", "huber"):
        assert suited[name] == offers


@pytest.mark.parametrize("name", LOSSES)
def test_the_columns_a_loss_needs(name: str) -> None:
    assert LOSSES[name].outputs(5) == (1 if name == "binary_cross_entropy" else 5)
    if suits(name, "regression", 0):
        assert LOSSES[name].outputs(0) == 1


# ---------------------------------------------------------------- mean, median and what lies between


def best_constant(name: str, y: Tensor, **knobs: float) -> list[float]:
    """All points of a fine grid at which a constant costs least, by brute force."""
    grid = torch.linspace(0, 12, 1201, dtype=torch.float64)
    costs = cost(name, grid[:, None, None].expand(-1, len(y), 1), y.expand(len(grid), -1, -1), **knobs)
    return grid[costs <= costs.min() + 1e-12].tolist()


def test_squares_are_minimized_by_the_mean_and_absolutes_by_any_median() -> None:
    for name in ("mse", "half_mse", "rmse"):
        assert best_constant(name, ONE_TWO_THREE_TEN) == pytest.approx([4.0])
    medians = best_constant("mae", ONE_TWO_THREE_TEN)
    assert (min(medians), max(medians)) == pytest.approx((2.0, 3.0))
    assert len(medians) == 101


def test_huber_goes_from_the_median_to_the_mean() -> None:
    centers = [huber_center(ONE_TWO_THREE_TEN, delta).item() for delta in (0.01, 1.0, 3.0, 5.0, 10.0)]
    assert centers == sorted(centers)
    assert 2 <= centers[0] <= 3
    assert centers[-1] == pytest.approx(4.0, abs=1e-9)
    assert best_constant("huber", ONE_TWO_THREE_TEN, delta=3.0) == pytest.approx([centers[2]], abs=5e-3)


NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


@settings(derandomize=True, database=None)
@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=50))
def test_rmse_lies_between_mae_and_root_n_times_mae(pairs: list[tuple[float, float]]) -> None:
    p, y = torch.tensor(pairs, dtype=torch.float64).T[:, None, :, None]
    mae, rmse, mse = (cost(name, p, y).item() for name in ("mae", "rmse", "mse"))
    assert rmse**2 == pytest.approx(mse, rel=1e-12, abs=1e-300)
    assert mae <= rmse * (1 + 1e-12) + 1e-150  # squares below 1e-300 are lost
    assert rmse <= math.sqrt(len(pairs)) * mae * (1 + 1e-12)


@settings(derandomize=True, database=None)
@given(NUMBERS, st.floats(0.01, 10.0))
def test_huber_lies_below_both_and_within_half_delta_squared_of_the_absolute(r: float, delta: float) -> None:
    p, y = torch.tensor([[[r]]], dtype=torch.float64), torch.zeros(1, 1, 1, dtype=torch.float64)
    huber = LOSSES["huber"](p, y, delta=delta).item()
    slack = 1e-12 * max(1.0, delta * abs(r))
    assert huber <= min(r * r / 2, delta * abs(r)) + slack
    assert huber >= delta * (abs(r) - delta / 2) - slack


def test_the_two_squares_of_the_lecture_differ_by_2_over_n_against_1() -> None:
    p, y = drawn("mse", 1)
    residual = p - y
    close(cost_gradient("mse", p, y), residual * (2 / B))
    close(LOSSES["half_mse"].gradient(p, y), residual)


# ---------------------------------------------------------------- cross-entropy


@pytest.mark.parametrize("classes", [2, 3, 10, 1000])
def test_a_uniform_prediction_costs_ln_k(classes: int) -> None:
    y = F.one_hot(torch.arange(classes)).double()[None]
    for level in (0.0, -3.0, 500.0):
        z = torch.full((1, classes, classes), level, dtype=torch.float64)
        assert cost("cross_entropy", z, y).item() == pytest.approx(math.log(classes), rel=1e-12)
    assert math.log(10) == pytest.approx(2.302585, abs=5e-7)


def test_binary_cross_entropy_is_cross_entropy_of_0_and_z() -> None:
    z = torch.linspace(-40, 40, 161, dtype=torch.float64)[None, :, None]
    for label in (0, 1):
        y = torch.full_like(z, label)
        pair = torch.cat([torch.zeros_like(z), z], -1)
        close(
            LOSSES["binary_cross_entropy"](z, y),
            LOSSES["cross_entropy"](pair, torch.cat([1 - y, y], -1)),
        )


@settings(derandomize=True, database=None)
@given(st.lists(st.floats(-50, 50), min_size=2, max_size=6), st.floats(-1000, 1000))
def test_softmax_does_not_feel_a_shift(logits: list[float], shift: float) -> None:
    z = torch.tensor([[logits]], dtype=torch.float64)
    y = F.one_hot(torch.tensor([[0]]), len(logits)).double()
    # z + shift is rounded to 1e-13 before the loss sees it.
    close(LOSSES["cross_entropy"](z + shift, y), LOSSES["cross_entropy"](z, y), 1e-11)
    close(LOSSES["cross_entropy"].gradient(z + shift, y), LOSSES["cross_entropy"].gradient(z, y), 1e-11)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", ["cross_entropy", "binary_cross_entropy"])
def test_at_a_thousand_everything_is_finite_and_exact(name: str, dtype: torch.dtype) -> None:
    outputs = 1 if name.startswith("binary") else 2
    z = torch.tensor([[[-1000.0], [1000.0]]], dtype=dtype)
    y = torch.ones_like(z)
    if outputs == 2:
        z, y = torch.cat([torch.zeros_like(z), z], -1), torch.cat([1 - y, y], -1)
    assert LOSSES[name](z, y).tolist() == [[1000.0, 0.0]]
    assert LOSSES[name].gradient(z, y)[..., -1].tolist() == [[-1.0, 0.0]]


def test_squares_on_a_sigmoid_hardly_learn_where_cross_entropy_does() -> None:
    z = torch.tensor([[[-10.0]]], dtype=torch.float64, requires_grad=True)
    y = torch.ones_like(z)
    (of_squares,) = torch.autograd.grad(cost("mse", torch.sigmoid(z), y).sum(), z)
    assert of_squares.item() == pytest.approx(-9.08e-5, abs=5e-8)
    assert cost_gradient("binary_cross_entropy", z.detach(), y).item() == pytest.approx(-0.99995, abs=5e-6)


# ---------------------------------------------------------------- the cost of chance


@pytest.mark.parametrize(("name", "outputs", "knobs"), CASES)
def test_no_other_constant_beats_chance(name: str, outputs: int, knobs: dict[str, float]) -> None:
    g = torch.Generator().manual_seed(outputs)
    y = targets(name, 200, outputs, g)
    if "regression" in LOSSES[name].tasks:
        y = y / torch.rand(y.shape, generator=g, dtype=torch.float64)  # heavy tails: mean and median part
    best = LOSSES[name].constant(y, **knobs)
    assert best.shape == (outputs,)
    least = chance(name, y, y, **knobs)
    directions = torch.randn(300, outputs, generator=g, dtype=torch.float64)
    for size in (1e-3, 0.03, 1.0, 30.0):
        others = (best + size * directions)[:, None].expand(-1, len(y), -1)
        assert (cost(name, others, y.expand_as(others), **knobs) >= least * (1 - 1e-9)).all()


def test_chance_is_learned_from_training_targets_and_paid_on_test_targets() -> None:
    test = torch.tensor([[0.0], [8.0]], dtype=torch.float64)
    assert chance("mse", ONE_TWO_THREE_TEN, test) == pytest.approx(16.0, rel=1e-12)  # (4 - 0)^2 and (8 - 4)^2
    assert chance("mse", ONE_TWO_THREE_TEN, ONE_TWO_THREE_TEN) == pytest.approx(
        12.5, rel=1e-12
    )  # the variance
    halves = torch.tensor([[0.0], [1.0]], dtype=torch.float64)
    assert chance("binary_cross_entropy", halves, halves) == pytest.approx(math.log(2), rel=1e-12)
    assert chance("cross_entropy", torch.eye(5), torch.eye(5)) == pytest.approx(math.log(5), rel=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize("name", ["cross_entropy", "binary_cross_entropy"])
def test_chance_is_a_number_even_where_training_saw_one_class(
    name: str, label: int, dtype: torch.dtype
) -> None:
    def read(labels: list[int]) -> Tensor:
        y = torch.tensor(labels)
        return (F.one_hot(y, 2) if name == "cross_entropy" else y[:, None]).to(dtype)

    assert chance(name, read([label] * 4), read([label] * 4)) == pytest.approx(0.0, abs=1e-5)
    surprised = chance(name, read([label] * 4), read([0, 1]))
    assert math.isfinite(surprised)
    assert surprised > 1.0
