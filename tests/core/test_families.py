"""Every family against a library or a closed form, one member at a time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from torch import Tensor, nn

from mlcore.base.experiment import Stopped
from mlcore.complexity import families, networks
from mlcore.complexity.families import FAMILIES, FLOOR, Sets
from mlcore.complexity.generalization import grid
from mlcore.complexity.least_squares import features, shrunk

S, N, M = 5, 24, 17
ROOT = Path(__file__).parents[2]


def some(d: int, classes: int = 0, n: int = N, seed: int = 0) -> tuple[Sets, Tensor]:
    g = torch.Generator().manual_seed(seed)
    x = 2 * torch.rand(S, n, d, generator=g, dtype=torch.float64) - 1
    at = (2 * torch.rand(M, d, generator=g, dtype=torch.float64) - 1).expand(S, -1, -1)
    if classes:
        y = torch.nn.functional.one_hot(torch.randint(classes, (S, n), generator=g), classes).double()
    else:
        y = torch.randn(S, n, 1, generator=g, dtype=torch.float64)
    return Sets(x, y, classes, seed), at


def ask(family: str, sets: Sets, at: Tensor, values: list[float], **knobs: float) -> list[np.ndarray]:
    variant = FAMILIES[family]
    answers = variant(sets, at, values, lambda: None, **variant.settings(knobs))
    return [answer.numpy() for answer in answers]


def against(
    model: Callable[[float], object],
    sets: Sets,
    at: Tensor,
    values: list[float],
    got: list[np.ndarray],
    tol: float,
) -> None:
    """Fit the peer to every set and every complexity on its own."""
    for value, answer in zip(values, got, strict=True):
        for s in range(S):
            peer = model(value).fit(sets.x[s].numpy(), sets.y[s].numpy())
            expected = np.asarray(peer.predict(at[s].numpy())).reshape(M, -1)
            np.testing.assert_allclose(answer[s], expected, rtol=tol, atol=tol)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_polynomials_are_least_squares(d: int) -> None:
    sets, at = some(d)
    values = grid("polynomial", N, d)[:9]

    def peer(degree: float) -> object:
        return make_pipeline(PolynomialFeatures(int(degree)), LinearRegression(fit_intercept=False))

    against(peer, sets, at, values, ask("polynomial", sets, at, values), 1e-7)


@pytest.mark.parametrize("d", [1, 2])
def test_training_error_of_nested_least_squares_never_rises(d: int) -> None:
    sets, _ = some(d)
    values = grid("polynomial", N, d)
    cost = [((a - sets.y.numpy()) ** 2).mean(1) for a in ask("polynomial", sets, sets.x, values)]
    assert (np.diff(np.stack(cost), axis=0) <= 1e-12).all()
    assert (cost[-1] < cost[0]).all()


def test_a_polynomial_survives_examples_that_repeat() -> None:
    """As in a bootstrap: 4 different x determine a cubic and no more; higher degrees answer the same."""
    sets, at = some(1)
    twice = Sets(sets.x[:, torch.arange(N) % 4], sets.y[:, torch.arange(N) % 4])
    answers = ask("polynomial", twice, at, [3, 7, 12])
    np.testing.assert_allclose(answers[1], answers[0], atol=1e-6)
    np.testing.assert_allclose(answers[2], answers[0], atol=1e-6)


@pytest.mark.parametrize(("d", "degree"), [(1, 9), (2, 3), (3, 1)])
def test_ridge_is_scikit_learns(d: int, degree: int) -> None:
    sets, at = some(d)
    values = [1e-3, 1e-2, 1.0]
    wide = Sets(features(sets.x, degree)[..., 1:], sets.y)
    there = features(at, degree)[..., 1:]
    against(
        lambda v: Ridge(alpha=N * v), wide, there, values, ask("ridge", sets, at, values, degree=degree), 1e-7
    )


def test_without_a_penalty_ridge_is_the_solution_of_least_norm() -> None:
    g = torch.Generator().manual_seed(3)
    F = torch.randn(S, 10, 30, generator=g, dtype=torch.float64)  # more features than examples
    y, at = torch.randn(S, 10, 2, generator=g, dtype=torch.float64), F[:, :4] + 0.1
    zero, tiny = shrunk(F, y, at, [0.0, 1e-12])
    middle = F.mean(1, keepdim=True)
    expected = (at - middle) @ torch.linalg.pinv(F - middle) @ (y - y.mean(1, keepdim=True)) + y.mean(
        1, keepdim=True
    )
    torch.testing.assert_close(zero, expected, rtol=0, atol=1e-9)
    torch.testing.assert_close(tiny, zero, rtol=0, atol=1e-6)
    own = next(shrunk(F, y, F, [0.0]))
    torch.testing.assert_close(own, y, rtol=0, atol=1e-9)  # it passes through every example


def test_random_features_pass_through_all_examples_beyond_n() -> None:
    sets, _ = some(2)
    few, many = ask("random_features", sets, sets.x, [5, 200])
    assert np.abs(many - sets.y.numpy()).max() < 1e-6 < np.abs(few - sets.y.numpy()).max()


def test_neighbors_are_scikit_learns() -> None:
    sets, at = some(3)
    values = grid("nearest", N, 3)
    peer = lambda k: KNeighborsRegressor(int(k))  # noqa: E731
    against(peer, sets, at, values, ask("nearest", sets, at, values), 1e-12)


@pytest.mark.parametrize(("d", "values"), [(1, [1, 2, 3, 5, 8]), (2, [1, 2])])
def test_trees_are_scikit_learns_at_every_depth(d: int, values: list[float]) -> None:
    """Deep down several features split equally well, and scikit-learn takes any of them."""
    sets, at = some(d)
    peer = lambda h: DecisionTreeRegressor(max_depth=int(h), random_state=0)  # noqa: E731
    against(peer, sets, at, values, ask("tree", sets, at, values), 1e-12)


@pytest.mark.parametrize("family", ["nearest", "tree"])
def test_classes_are_counted_and_none_is_impossible(family: str) -> None:
    sets, at = some(2, classes=3)
    value = 4
    (got,) = ask(family, sets, at, [value])
    for s in range(S):
        x, y = sets.x[s].numpy(), sets.y[s].argmax(-1).numpy()
        peer = (
            KNeighborsClassifier(value) if family == "nearest"
            else DecisionTreeClassifier(max_depth=value, random_state=0)
        ).fit(x, y)  # fmt: skip
        expected = np.zeros((M, 3))
        expected[:, peer.classes_] = peer.predict_proba(at[s].numpy())  # a set may lack a class
        np.testing.assert_allclose(got[s], expected * (1 - 3 * FLOOR) + FLOOR, atol=1e-12)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("classes", [2, 3])
def test_answers_to_classes_are_probabilities(family: str, classes: int) -> None:
    sets, at = some(2, classes)
    knobs = {"steps": 20} if family == "mlp_width" else {}
    for answer in ask(family, sets, at, grid(family, N, 2)[:3], **knobs):
        assert answer.shape == (S, M, classes)
        assert answer.min() > 0
        np.testing.assert_allclose(answer.sum(-1), 1, atol=1e-6)


@pytest.mark.parametrize("classes", [0, 2])
@pytest.mark.parametrize("l2", [0.0, 0.1])
def test_a_network_is_trained_as_torch_would(classes: int, l2: float) -> None:
    sets, at = some(2, classes)
    shape = networks.Network((2, 7, max(1, classes)), "tanh")
    fit = networks.fit(
        shape, sets.x, sets.y, at, sets.generators(), [30], lambda: None, classes=classes, lr=0.02, l2=l2
    )
    (got,) = fit
    for s in (0, S - 1):
        (start,) = shape.init("xavier", [sets.generators()[s]]).float()
        theta = nn.Parameter(start.clone())
        optimizer = torch.optim.Adam([theta], lr=0.02)
        x, y = sets.x[s].float(), sets.y[s].float()
        for _ in range(30):
            p = shape.predict(theta[None], x)[0]
            cost = nn.functional.cross_entropy(p, y) if classes else nn.functional.mse_loss(p, y)
            optimizer.zero_grad()
            (cost + l2 / 2 * (theta.square() * shape.is_weight()).sum()).backward()
            optimizer.step()
        expected = shape.predict(theta[None], at[s].float())[0].detach().double()
        expected = torch.softmax(expected, -1) if classes else expected
        torch.testing.assert_close(got[s], expected, rtol=0, atol=2e-3)


def test_noise_on_x_smooths_what_is_learned() -> None:
    sets, at = some(1)
    rough, smooth = (
        ask("mlp_width", sets, at, [32], steps=400, jitter=jitter)[0] for jitter in (0.0, 0.5)
    )  # fmt: skip
    assert smooth.std(1).mean() < 0.7 * rough.std(1).mean()


@pytest.mark.parametrize("family", FAMILIES)
def test_how_many_others_there_are_changes_no_member(family: str) -> None:
    sets, at = some(1)
    fewer = Sets(sets.x[:3], sets.y[:3], 0, sets.seed)
    value = [grid(family, N, 1)[2]]
    knobs = {"steps": 50} if family == "mlp_width" else {}
    (many,), (few,) = ask(family, sets, at, value, **knobs), ask(family, fewer, at[:3], value, **knobs)
    np.testing.assert_allclose(few, many[:3], atol=1e-5)


@pytest.mark.parametrize("family", ["polynomial", "ridge", "random_features", "nearest"])
@pytest.mark.parametrize(("n", "d", "classes"), [(24, 1, 0), (101, 1, 0), (33, 8, 0), (40, 13, 3)])
def test_how_many_sets_are_in_work_together_changes_no_bit(
    family: str, n: int, d: int, classes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sets, at = some(d, classes, n)
    values = grid(family, n, d)[::2]
    together = ask(family, sets, at, values)
    monkeypatch.setattr(families, "AT_ONCE", 1)
    assert len(families.portions(sets, 1)) == 2  # of 2 and of 3 sets
    for few, all_of_them in zip(ask(family, sets, at, values), together, strict=True):
        np.testing.assert_array_equal(few, all_of_them)


MEMORY = """
import re, sys
from pathlib import Path
import torch
from mlcore.complexity.families import FAMILIES
from mlcore.complexity.generalization import BiasVarianceSpec, grid, predictions
from mlcore.complexity.training_sets import SetsSpec, draw
from mlcore.training.data import DataSpec

def held(line):
    return int(re.search(rf"{line}:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024

torch.set_num_threads(1)
for count in (2, 80):  # the first for what is loaded on the way
    spec = BiasVarianceSpec(SetsSpec(DataSpec("moons"), 300, count), sys.argv[1], plane=True)
    drawing = draw(spec.sets)
    Path("/proc/self/clear_refs").write_text("5")  # the highest mark begins anew
    before = held("VmRSS")
    for _ in predictions(spec, drawing, grid(spec.family, 300, 2)[-3:], lambda: None):
        pass
print(held("VmHWM") - before)
"""


@pytest.mark.parametrize("family", ["polynomial", "ridge", "random_features"])
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux tells the highest mark")
def test_many_large_sets_take_little_memory(family: str) -> None:
    """80 sets of 300 examples and the plane: all at once they took 350 to 960 MiB, and 400 much more."""
    ran = subprocess.run([sys.executable, "-c", MEMORY, family], capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    assert 0 < float(ran.stdout) < 280


@pytest.mark.parametrize("family", FAMILIES)
def test_what_else_is_tried_changes_no_complexity(family: str) -> None:
    sets, at = some(1)
    every = grid(family, N, 1)
    values = [*every[:3], every[-1]]
    knobs = {"steps": 50} if family == "mlp_width" else {}
    together = ask(family, sets, at, values, **knobs)
    for value, expected in zip(values, together, strict=True):
        (alone,) = ask(family, sets, at, [value], **knobs)
        np.testing.assert_allclose(alone, expected, atol=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_long_fit_can_be_stopped(family: str) -> None:
    def stop() -> None:
        raise Stopped

    sets, at = some(1)
    variant = FAMILIES[family]
    with pytest.raises(Stopped):
        list(variant(sets, at, grid(family, N, 1), stop, **variant.settings({})))
