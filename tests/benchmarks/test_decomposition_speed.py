"""Bias and variance against mlxtend: the same bootstrap sets, the same estimators, 200 rounds.

`make bench`. Both sides run on one thread; CPU seconds of the best of some rounds, taken in turns.
"""

from __future__ import annotations

import time
import warnings

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures
from sklearn.tree import DecisionTreeRegressor
from torch import Tensor

from mlcore.complexity import networks
from mlcore.complexity.decomposition import decompose
from mlcore.complexity.families import FAMILIES, Sets
from mlcore.complexity.generalization import BiasVarianceSpec, Fit, bias_variance
from mlcore.complexity.training_sets import SetsSpec
from mlcore.training.data import DataSpec
from tests.benchmarks.timing import seconds

pytestmark = pytest.mark.bench
mlxtend = pytest.importorskip("mlxtend.evaluate", reason="a peer of `make bench` alone")
ROUNDS, N, M, STEPS = 200, 100, 100, 500


def world() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x, x_test = rng.uniform(-1, 1, (N, 1)), np.linspace(-0.95, 0.95, M)[:, None]
    return x, np.sin(np.pi * x[:, 0]) + 0.2 * rng.normal(size=N), x_test, np.sin(np.pi * x_test[:, 0])


def sets(x: np.ndarray, y: np.ndarray) -> Sets:
    """The sets that mlxtend draws from seed 0."""
    rng = np.random.RandomState(0)
    rows = np.stack([rng.choice(N, size=N, replace=True) for _ in range(ROUNDS)])
    return Sets(torch.from_numpy(x[rows]), torch.from_numpy(y[rows])[..., None])


def ours(family: str, grid: list[float], **knobs: float) -> list[tuple[float, float, float]]:
    x, y, x_test, y_test = world()
    at = torch.from_numpy(x_test).expand(ROUNDS, -1, -1)
    variant = FAMILIES[family]
    answers = variant(sets(x, y), at, grid, lambda: None, **variant.settings(knobs))
    return [parts(answer, y_test) for answer in answers]


def parts(answer: Tensor, y_test: np.ndarray) -> tuple[float, float, float]:
    found = decompose(answer, torch.from_numpy(y_test)[None, :, None]).average()
    return found["error"], found["bias_squared"], found["variance"]


def theirs(estimator: object, rounds: int = ROUNDS) -> tuple[float, float, float]:
    x, y, x_test, y_test = world()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return mlxtend.bias_variance_decomp(
            estimator, x, y, x_test, y_test, loss="mse", num_rounds=rounds, random_seed=0
        )


def polynomial(degree: int) -> object:
    return make_pipeline(PolynomialFeatures(degree), LinearRegression(fit_intercept=False))


def test_fifteen_degrees_are_a_hundred_times_faster() -> None:
    degrees = list(range(1, 16))
    for mine, other in zip(
        ours("polynomial", degrees)[:9], map(theirs, map(polynomial, degrees[:9])), strict=True
    ):
        np.testing.assert_allclose(mine, other, rtol=1e-6)
    peer = seconds(lambda: [theirs(polynomial(degree)) for degree in degrees])
    own = min(seconds(lambda: ours("polynomial", degrees)) for _ in range(5))
    print(f"\npolynomials, degrees 1 to 15: {peer / own:.0f} x mlxtend ({peer:.2f} s, {own:.4f} s)")
    assert peer / own >= 100


def test_eight_depths_are_ten_times_faster() -> None:
    depths = list(range(1, 9))
    mine = ours("tree", depths)[:3]
    for here, depth in zip(mine, depths[:3], strict=True):
        np.testing.assert_allclose(
            here, theirs(DecisionTreeRegressor(max_depth=depth, random_state=0)), rtol=1e-9
        )
    peer = seconds(lambda: [theirs(DecisionTreeRegressor(max_depth=depth)) for depth in depths])
    own = min(seconds(lambda: ours("tree", depths)) for _ in range(3))
    print(f"\ntrees, depths 1 to 8: {peer / own:.1f} x mlxtend ({peer:.2f} s, {own:.3f} s)")
    assert peer / own >= 10


def test_networks_are_eight_times_faster() -> None:
    """200 networks 1-32-1, 500 full-batch steps of Adam each; of the peer's rounds a tenth is measured."""
    x, y, x_test, y_test = world()
    at = torch.from_numpy(x_test).expand(ROUNDS, -1, -1)
    drawn = sets(x, y)
    shape = networks.Network((1, 32, 1), "tanh")

    def batch() -> None:
        (answer,) = networks.fit(
            shape, drawn.x, drawn.y, at, drawn.generators(), [STEPS], lambda: None, classes=0, lr=0.01
        )
        parts(answer, y_test)

    model = MLPRegressor(
        hidden_layer_sizes=(32,), activation="tanh", batch_size=N, max_iter=STEPS, alpha=0, tol=0,
        n_iter_no_change=10**9, learning_rate_init=0.01,
    )  # fmt: skip
    peer = 10 * seconds(lambda: theirs(model, ROUNDS // 10))
    own = min(seconds(batch) for _ in range(3))
    print(f"\nnetworks 1-32-1: {peer / own:.1f} x mlxtend ({peer:.1f} s, {own:.2f} s)")
    assert peer / own >= 8


def test_five_widths_arrive_one_by_one() -> None:
    """200 sets, 1,000 steps, widths 1, 2, 4, 8, 32: the first one is there after a fraction of the time."""
    spec = BiasVarianceSpec(SetsSpec(DataSpec("sine"), sets=200), "mlp_width", (("steps", 1000.0),))
    arrived: list[float] = []

    def report(share: float, part: Fit | None) -> None:
        if part is not None:
            arrived.append(time.process_time() - start)

    start = time.process_time()
    bias_variance(spec, report)
    print(
        "\nfive widths, CPU seconds until each is there: " + ", ".join(f"{second:.2f}" for second in arrived)
    )
    assert len(arrived) == 5
    assert arrived[0] < arrived[-1] / 3
