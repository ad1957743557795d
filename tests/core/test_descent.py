"""Gradient descent against closed forms, matrix powers, least squares and published numbers."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from mlcore.families.losses import cost
from mlcore.families.networks import Network, with_ones
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.families.schedules import SCHEDULES
from mlcore.training.descent import Descent, Moment, Objective, Status, Walker, descend, race, slope, walk


def column(*values: float) -> Tensor:
    """[R, 1]"""
    return torch.tensor(values, dtype=torch.float64)[:, None]


def bowl(curvature: float | Tensor) -> Objective:
    """lambda |x|^2 / 2, whose gradient is lambda x."""
    return lambda theta: (0.5 * curvature * theta.square()).sum(-1)


def ripples(theta: Tensor) -> Tensor:
    return 0.5 * theta.square().sum(-1) + torch.sin(3 * theta).sum(-1)


def ones(rows: int, parameters: int = 1) -> Tensor:
    return torch.ones(rows, parameters, dtype=torch.float64)


def heavy_ball(
    origin: Tensor, beta: float | Tensor, lr: float | Tensor, steps: int, curvature: float | Tensor = 1.0
) -> Descent:
    return descend(
        bowl(curvature), origin, optimizer="momentum", knobs={"momentum": beta}, lr=lr, steps=steps
    )


def start(rows: int = 4, parameters: int = 3) -> Tensor:
    return torch.randn(rows, parameters, generator=Generator().manual_seed(0), dtype=torch.float64)


# ---------------------------------------------------------------- one step


@pytest.mark.parametrize("lr", [1e-4, 0.1, 3.0])
def test_a_step_is_minus_lr_times_the_gradient(lr: float) -> None:
    theta = start()
    moved = torch.from_numpy(descend(ripples, theta, lr=lr, steps=1).theta[1])
    gradient = theta + 3 * torch.cos(3 * theta)
    torch.testing.assert_close(moved - theta, -lr * gradient, rtol=1e-12, atol=1e-12)


def test_for_small_lr_the_value_falls_by_lr_times_the_squared_gradient() -> None:
    theta = start(1)
    squared = slope(ripples, theta).square().sum().item()
    gaps = []
    for lr in (1e-2, 1e-3, 1e-4):
        value = descend(ripples, theta, lr=lr, steps=1).value[:, 0]
        gaps.append(abs((value[0] - value[1]) / (lr * squared) - 1))
    assert gaps[0] < 0.2
    assert gaps[1] == pytest.approx(gaps[0] / 10, rel=0.2)  # what is left is of second order
    assert gaps[2] == pytest.approx(gaps[0] / 100, rel=0.2)


# ---------------------------------------------------------------- quadratics


def test_on_a_parabola_every_point_of_the_path_is_known() -> None:
    products = column(0.01, 0.3, 1.0, 1.7, 1.99, 2.0, 2.01, 2.5)  # lr * lambda, one a row
    curvature, steps = 0.37, 60
    path = descend(bowl(curvature), -1.3 * ones(8), lr=products / curvature, steps=steps)
    t = np.arange(steps + 1)[:, None]
    expected = (1 - products[:, 0].numpy()) ** t * -1.3
    # Rounding grows with every multiplication, and at lr lambda = 1 what should be 0 is rounding alone.
    np.testing.assert_allclose(path.theta[:, :, 0], expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(path.value, 0.5 * curvature * expected**2, rtol=1e-12, atol=1e-30)


def test_descent_diverges_exactly_when_lr_lambda_exceeds_2() -> None:
    lr = column(0.01, 1.0, 1.99, 2.0, 2.01, 3.0)
    x = abs(descend(bowl(1.0), ones(6), lr=lr, steps=500).theta[:, :, 0])
    assert (x[-1, :3] < 0.01).all()
    assert (x[:, 3] == 1.0).all()
    assert (x[-1, 4:] > 100).all()


def heavy_ball_matrix(product: float, beta: float) -> NDArray[np.float64]:
    """(x_t, x_{t-1}) -> (x_{t+1}, x_t) with lr * lambda = product."""
    return np.array([[1 + beta - product, -beta], [1.0, 0.0]])


@pytest.mark.parametrize("beta", [0.0, 0.3, 0.9])
def test_heavy_ball_is_a_matrix_power(beta: float) -> None:
    for product in (0.01, 0.5, 1.0, 1.9):
        x = heavy_ball(column(2.0), beta, lr=product, steps=40).theta[:, 0, 0]
        states = [np.linalg.matrix_power(heavy_ball_matrix(product, beta), t) @ [2.0, 2.0] for t in range(41)]
        np.testing.assert_allclose(x, [state[0] for state in states], rtol=0, atol=1e-12)


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9])
def test_heavy_ball_is_stable_up_to_2_plus_2_beta(beta: float) -> None:
    edge = 2 + 2 * beta
    lr = column(0.05 * edge, 0.5 * edge, 0.97 * edge, 1.03 * edge, 1.5 * edge)
    x = abs(heavy_ball(ones(5), beta, lr, steps=300).theta[-1, :, 0])
    assert (x[:3] < 1e-6).all()
    assert (x[3:] > 1e6).all()


@pytest.mark.parametrize("beta", [0.3, 0.9])
def test_an_oscillating_heavy_ball_shrinks_by_the_root_of_beta(beta: float) -> None:
    """Both moduli are sqrt(beta), so the form that the motion turns around falls by beta every step."""
    product = 1.0
    assert (1 + beta - product) ** 2 < 4 * beta  # oscillating
    path = heavy_ball(ones(1), beta, lr=product, steps=50)
    now, last = path.theta[1:, 0, 0], path.theta[:-1, 0, 0]
    form = now**2 - (1 + beta - product) * now * last + beta * last**2
    np.testing.assert_allclose(form[1:] / form[:-1], beta, rtol=1e-9)


EIGENVALUES = torch.tensor([1.0, 100.0], dtype=torch.float64)


def test_the_best_plain_descent_for_eigenvalues_1_and_100() -> None:
    lr = column(2 / 101, 0.98 * 2 / 101, 1.02 * 2 / 101)
    x = abs(descend(bowl(EIGENVALUES), ones(3, 2), lr=lr, steps=200).theta)
    np.testing.assert_allclose(x[1:, 0] / x[:-1, 0], 0.9801980, atol=5e-8)  # 99/101, both coordinates alike
    assert x[-1, 0].max() < x[-1, 1:].max(-1).min()


def test_the_best_heavy_ball_for_eigenvalues_1_and_100() -> None:
    lr, beta, rate = (2 / 11) ** 2, (9 / 11) ** 2, 9 / 11
    assert (lr, beta, rate) == pytest.approx((0.0330579, 0.6694215, 0.8181818), abs=5e-8)
    nearby = [(a, b) for a in (0.97 * lr, lr, 1.03 * lr) for b in (0.97 * beta, beta, 1.03 * beta)]
    nearby.sort(key=lambda pair: pair != (lr, beta))  # the best first
    rates, betas = column(*(a for a, _ in nearby)), column(*(b for _, b in nearby))
    path = heavy_ball(ones(9, 2), betas, rates, steps=1000, curvature=EIGENVALUES)
    # Both eigenvalues of both matrices are +-rate, twice: x_t = (1 + b t) (+-rate)^t. Such a double root
    # moves by the root of a rounding error, hence 1e-6.
    t = np.arange(61)
    for i, (eigenvalue, sign) in enumerate(((1.0, 1), (100.0, -1))):
        b = (1 - lr * eigenvalue) / (sign * rate) - 1
        np.testing.assert_allclose(
            path.theta[:61, 0, i], (1 + b * t) * (sign * rate) ** t, rtol=1e-6, atol=1e-12
        )
    distance = abs(path.theta[-1]).max(-1)  # the factor t hides a better rate for the first few hundred steps
    assert distance[0] < distance[1:].min()


def test_gradient_noise_keeps_a_parabola_warm() -> None:
    """Stationary variance lr sigma^2 / (lambda (2 - lr lambda)); the noise is drawn before the walk."""
    rows, steps, lr, curvature, sigma = 20_000, 150, 0.3, 0.8, 1.5
    noise = sigma * torch.randn(steps + 1, rows, 1, generator=Generator().manual_seed(0), dtype=torch.float64)
    theta = torch.zeros(rows, 1, dtype=torch.float64)
    walker = Walker(theta, optimizer="sgd", knobs={}, lr=column(lr), steps=steps)
    (_,) = walk(walker, lambda t: curvature * theta + noise[t], [steps])
    expected = lr * sigma**2 / (curvature * (2 - lr * curvature))
    assert abs(theta.square().mean().item() / expected - 1) < 5 * math.sqrt(2 / rows)  # five sigma


# ---------------------------------------------------------------- published numbers


@pytest.mark.parametrize(("lr", "printed"), [(0.2, 0.060466), (0.05, 3.486784), (1.1, 61.917364)])
def test_d2l_one_dimension(lr: float, printed: float) -> None:
    """Dive into Deep Learning 12.3.1: x^2 from 10, ten steps."""
    path = descend(lambda theta: theta.square().sum(-1), column(10.0), lr=lr, steps=10)
    assert path.theta[-1, 0, 0] == pytest.approx(printed, abs=5e-7)


@pytest.mark.parametrize(
    ("lr", "beta", "printed"),
    [
        (0.4, 0.0, (-0.943467, -0.000073)),
        (0.6, 0.0, (-0.387814, -1673.365109)),
        (0.6, 0.5, (0.007188, 0.002553)),
    ],
)
def test_d2l_momentum(lr: float, beta: float, printed: tuple[float, float]) -> None:
    """Dive into Deep Learning 12.6: 0.1 x1^2 + 2 x2^2 from (-5, -2), twenty steps."""
    valley = bowl(torch.tensor([0.2, 4.0], dtype=torch.float64))
    origin = torch.tensor([[-5.0, -2.0]], dtype=torch.float64)
    path = descend(valley, origin, optimizer="momentum", knobs={"momentum": beta}, lr=lr, steps=20)
    assert path.theta[-1, 0].tolist() == pytest.approx(printed, abs=5e-7)


# ---------------------------------------------------------------- linear regression


def regression() -> tuple[Objective, Tensor, Tensor]:
    """Mean squared error of a linear model on 40 examples of 3 features, with design and targets."""
    g = Generator().manual_seed(3)
    x = torch.randn(40, 3, generator=g, dtype=torch.float64) * torch.tensor([1.0, 0.5, 2.0])
    y = x @ torch.tensor([[1.0], [-2.0], [0.5]], dtype=torch.float64) + 0.3 * torch.randn(
        40, 1, generator=g, dtype=torch.float64
    )
    model = Network((3, 1), "identity")
    return lambda theta: cost("mse", model.predict(theta, x), y.expand(len(theta), -1, -1)), with_ones(x), y


def test_linear_regression_descends_to_least_squares() -> None:
    objective, design, y = regression()
    largest = torch.linalg.eigvalsh(2 / 40 * design.T @ design).max().item()
    path = descend(objective, start(3, 4), lr=1 / largest, steps=2000, every=2000)
    solution = torch.linalg.lstsq(design, y).solution
    for row in path.theta[-1]:
        np.testing.assert_allclose(row, solution[:, 0].numpy(), rtol=0, atol=1e-10)
        residual = y[:, 0] - design @ torch.from_numpy(row)
        assert (design.T @ residual).abs().max() < 1e-9  # orthogonal to every column


def test_the_largest_stable_lr_of_linear_regression_is_2_over_lambda_max() -> None:
    objective, design, y = regression()
    edge = 2 / torch.linalg.eigvalsh(2 / 40 * design.T @ design).max().item()
    path = descend(
        objective, start(1, 4).expand(2, -1), lr=column(0.99 * edge, 1.01 * edge), steps=3000, every=3000
    )
    least = (y - design @ torch.linalg.lstsq(design, y).solution).square().mean().item()
    assert path.value[-1, 0] == pytest.approx(least, rel=1e-9)
    assert path.value[-1, 1] > 1e6


# ---------------------------------------------------------------- what is recorded


@pytest.mark.parametrize(
    ("steps", "every", "expected"),
    [(5, 1, [0, 1, 2, 3, 4, 5]), (10, 4, [0, 4, 8, 10]), (8, 4, [0, 4, 8]), (3, 100, [0, 3]), (0, 1, [0])],
)
def test_the_first_the_last_and_every_kth_step_are_recorded(
    steps: int, every: int, expected: list[int]
) -> None:
    path = descend(ripples, start(), lr=0.01, steps=steps, every=every)
    assert path.step.tolist() == expected
    full = descend(ripples, start(), lr=0.01, steps=steps)
    np.testing.assert_array_equal(path.theta, full.theta[expected])
    np.testing.assert_array_equal(path.value, full.value[expected])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_descent_has_the_shapes_it_promises(dtype: torch.dtype) -> None:
    origin = start().to(dtype)
    kept = origin.clone()
    path = descend(ripples, origin, lr=0.01, steps=6, every=2)
    assert path.theta.shape == (4, 4, 3)
    assert path.value.shape == (4, 4)
    assert len(path.status) == 4
    assert (path.step.dtype, path.theta.dtype, path.value.dtype) == (np.int64, np.float64, np.float64)
    assert torch.equal(origin, kept)
    np.testing.assert_array_equal(path.theta[0], kept.double().numpy())
    np.testing.assert_allclose(path.value[0], ripples(kept).double().numpy(), rtol=1e-6)


def test_the_same_start_gives_the_same_path_bit_for_bit() -> None:
    one, other = (descend(ripples, start(), optimizer="adam", lr=0.05, steps=50) for _ in range(2))
    np.testing.assert_array_equal(one.theta, other.theta)


def test_rules_that_race_go_where_each_goes_alone() -> None:
    names = list(OPTIMIZERS)
    theta = start(3).repeat(len(names), 1)
    walkers = [
        Walker(theta[3 * i : 3 * i + 3], optimizer=name, knobs={}, lr=column(0.05), steps=30)
        for i, name in enumerate(names)
    ]
    seen = [torch.stack([walker.theta.clone() for walker in walkers]) for _ in race(walkers, ripples, theta)]
    assert len(seen) == 31
    for i, name in enumerate(names):
        alone = torch.from_numpy(descend(ripples, start(3), optimizer=name, lr=0.05, steps=30).theta)
        together = torch.stack([step[i] for step in seen])
        torch.testing.assert_close(together, alone, rtol=1e-12, atol=1e-14)
    assert torch.equal(theta.view(len(names), 3, -1), seen[-1])  # no step is taken after the last


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_moment_tells_the_step_that_follows_it(optimizer: str) -> None:
    theta = start()
    seen: list[tuple[Moment, Tensor, Tensor]] = []
    asked: list[int] = []

    def gradient(t: int) -> Tensor:
        asked.append(t)
        return slope(ripples, theta)

    lr = column(0.1, 0.2, 0.3, 0.4)
    walker = Walker(
        theta,
        optimizer=optimizer,
        knobs={},
        lr=lr,
        schedule="exponential",
        schedule_knobs={"gamma": 0.9},
        steps=8,
    )
    for moment in walk(walker, gradient, range(9)):
        assert moment.theta is theta
        seen.append((moment, theta.clone(), slope(ripples, theta)))
    assert [moment.step for moment, *_ in seen] == asked == list(range(9))
    assert torch.equal(theta, seen[-1][1])  # no step is taken after the last
    for (moment, here, g), (_, following, _) in pairwise(seen):
        torch.testing.assert_close(moment.gradient, g, rtol=0, atol=0)
        torch.testing.assert_close(moment.lr, lr * 0.9**moment.step, rtol=1e-12, atol=0)
        torch.testing.assert_close(following, here - moment.lr * moment.direction, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_is_asked_step_by_step_from_1(optimizer: str) -> None:
    rule, theta, steps = OPTIMIZERS[optimizer], start(), 12
    state = [torch.zeros_like(theta) for _ in rule.state]
    for t in range(1, steps + 1):
        direction, *state = rule(slope(ripples, theta), t, theta, *state, **rule.settings({}))
        theta = theta - 0.05 * direction
    path = descend(ripples, start(), optimizer=optimizer, lr=0.05, steps=steps)
    np.testing.assert_allclose(path.theta[-1], theta.numpy(), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_schedule_scales_every_step(schedule: str) -> None:
    steps, factor = 30, SCHEDULES[schedule]
    chosen = factor.settings({"every": 7, "period": 5, "steps": 9, "gamma": 0.95, "floor": 0.1})
    path = descend(bowl(1.0), column(1.0), lr=0.5, schedule=schedule, schedule_knobs=chosen, steps=steps)
    kept = [1 - 0.5 * factor(t, steps, **chosen) for t in range(steps)]
    np.testing.assert_allclose(path.theta[1:, 0, 0], np.cumprod(kept), rtol=1e-12)


# ---------------------------------------------------------------- how it ends


def test_a_row_that_diverges_says_so_and_leaves_its_neighbors_alone() -> None:
    path = descend(bowl(1.0), ones(3), lr=column(0.1, 3.0, 0.1), steps=3000, every=1000)
    assert path.status == (Status.FINISHED, Status.DIVERGED, Status.FINISHED)
    alone = descend(bowl(1.0), ones(1), lr=0.1, steps=3000, every=1000)
    np.testing.assert_array_equal(path.theta[:, [0]], alone.theta)
    np.testing.assert_array_equal(path.theta[:, [2]], alone.theta)


def test_a_value_that_is_no_number_is_a_divergence_and_not_an_error() -> None:
    outside = descend(lambda theta: torch.log(theta).sum(-1), column(1.0), lr=1.5, steps=1)  # ln(-0.5)
    assert np.isfinite(outside.theta).all()
    overflow = descend(lambda theta: theta.pow(4).sum(-1), column(10.0), lr=1.0, steps=50)
    assert outside.status == overflow.status == (Status.DIVERGED,)


def test_every_status_is_a_sentence() -> None:
    assert all(" " in status and status.islower() for status in Status)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_where_the_tensors_are_is_where_the_descent_runs() -> None:
    def run(device: str) -> Descent:
        return descend(ripples, start().to(device), optimizer="adam", lr=0.05, steps=20)

    np.testing.assert_allclose(run("cuda").theta, run("cpu").theta, rtol=0, atol=1e-10)
