"""Margins against a support vector machine and linear programs, Novikoff's theorem, logistic descent."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from mlcore.depth import linear_data as data
from mlcore.depth import logistic, margins, perceptron
from mlcore.depth.linear_data import CHOSEN, PLANES, SIDES, Plane
from mlcore.depth.lines import separable
from mlcore.figures import classifiers as figures
from mlcore.training.data import DataSpec

settings.register_profile("linear", derandomize=True, database=None, deadline=None)
FIXED = settings.get_profile("linear")


def of(name: str, scaled: bool = True) -> Plane:
    source, spec = (name, DataSpec()) if name in SIDES else (CHOSEN, DataSpec(name, examples=60))
    return data.sides(source, spec, scaled)


ALL = [(name, scaled) for name in (*SIDES, *PLANES) for scaled in (False, True)]


def sets(seed: int, gap: float, count: int = 40) -> np.ndarray:
    """Signed augmented examples on both sides of a line, at least `gap` away from it: [N, 3]."""
    g = np.random.default_rng(seed)
    x = g.uniform(-3, 3, (count, 2))
    turn = g.uniform(0, 2 * np.pi)
    side = x @ [np.cos(turn), np.sin(turn)] - g.uniform(-1, 1)
    kept = np.abs(side) > gap
    return np.where(side[kept] > 0, 1.0, -1.0)[:, None] * np.column_stack([x[kept], np.ones(kept.sum())])


# ---------------------------------------------------------------- margins


@FIXED
@given(seed=st.integers(0, 10**6), gap=st.floats(0.02, 1.0))
def test_the_margin_is_that_of_a_support_vector_machine_through_the_origin(seed: int, gap: float) -> None:
    """A machine without a bias of its own: each example is there with both signs."""
    z = sets(seed, gap)
    assume(len(z) > 3)
    found = margins.margin(z)
    assert found.normal is not None
    machine = SVC(C=1e10, kernel="linear", tol=1e-10).fit(np.vstack([z, -z]), [1] * len(z) + [0] * len(z))
    oracle = 1 / np.linalg.norm(machine.coef_)
    assert found.gamma == pytest.approx(oracle, rel=1e-4)
    assert found.gamma == pytest.approx((z @ found.normal).min(), rel=1e-9)
    assert np.linalg.norm(found.normal) == pytest.approx(1)
    assert -1e-9 < found.gap < 1e-9  # what is reached is what nothing exceeds
    assert found.radius == pytest.approx(np.linalg.norm(z, axis=1).max())


@pytest.mark.parametrize(("name", "scaled"), ALL)
def test_a_margin_is_found_exactly_where_a_linear_program_finds_a_line(name: str, scaled: bool) -> None:
    plane = of(name, scaled)
    found = margins.margin(plane.signed)
    assert found.separable == (separable(plane.label.astype(int), plane.x) is not None)
    if found.normal is not None:
        assert (plane.signed @ found.normal > 0).all()
    else:
        assert found.most < 1e-9 * found.radius
        assert found.bound == np.inf


@FIXED
@given(seed=st.integers(0, 10**6), flipped=st.integers(0, 3))
def test_mislabeled_points_are_judged_as_by_a_linear_program(seed: int, flipped: int) -> None:
    z = sets(seed, 0.05)
    assume(len(z) > 6)
    z[:flipped] *= -1
    found = margins.margin(z)
    assert found.separable == (separable((z[:, 2] > 0).astype(int), z[:, :2] * z[:, 2:]) is not None)


def test_xor_and_one_place_with_both_labels_have_no_margin() -> None:
    corners = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1.0]])
    xor = np.array([-1, 1, 1, -1])[:, None] * corners
    twice = np.array([[1.0, 2, 1], [-1.0, -2, -1], [3, 1, 1]])
    for z in (xor, twice):
        assert not margins.margin(z).separable
    anding = np.array([-1, -1, -1, 1])[:, None] * corners
    assert margins.margin(anding).separable
    alone = margins.margin(corners)  # one class: the bias alone is enough
    assert alone.gamma == pytest.approx(1.0)


def touched(z: np.ndarray) -> bool:
    """By a linear program: is there a w within a box with z w >= 0 and a positive sum?"""
    found = linprog(-z.sum(0), A_ub=-z, b_ub=np.zeros(len(z)), bounds=(-1, 1))
    return bool(found.fun < -1e-6)


@FIXED
@given(seed=st.integers(0, 10**6), count=st.integers(2, 9), side=st.integers(1, 3), classes=st.integers(1, 2))
def test_a_line_touches_where_a_linear_program_says_so(
    seed: int, count: int, side: int, classes: int
) -> None:
    """On a coarse grid, where points share places and lines."""
    g = np.random.default_rng(seed)
    x = np.column_stack([g.integers(-side, side + 1, (count, 2)), np.ones(count)])
    z = (2.0 * g.integers(0, classes, count) - 1)[:, None] * x
    found = margins.touching(z)
    assert (found is not None) == touched(z)
    if found is not None:
        assert (z @ found >= -1e-9).all()
        assert (z @ found > 1e-9).any()
    if margins.margin(z).separable:
        assert found is not None


def test_where_a_line_only_touches_the_weights_grow_and_there_is_no_minimum() -> None:
    x = np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 0.5], [2.0, 1.0], [-1.0, -0.2], [-1.5, 0.3]])
    plane = Plane(x, np.array([0.0, 1, 1, 1, 0, 0]), ("a", "b"), ("0", "1"))
    found = logistic.train(plane, (0.0, 0.0, 0.0), 1.0, 5000)
    assert not found.margin.separable
    assert found.best is None
    assert found.touching is not None
    assert (np.diff(found.size) > 0).all()
    assert logistic.entropy(plane, found.theta[-1] + 5 * found.touching) < found.cost[-1]
    assert len(figures.boundary(plane, found.theta[-1], np.zeros((3, 2)), found, ("a", "b")).data) == 8


# ---------------------------------------------------------------- perceptron


@FIXED
@given(seed=st.integers(0, 10**6), order=st.integers(0, 9999), gap=st.floats(0.05, 1.0))
def test_novikoff_no_more_mistakes_than_the_bound_in_any_order(seed: int, order: int, gap: float) -> None:
    z = sets(seed, gap)
    assume(len(z) > 3)
    found, known = perceptron.learn(z, perceptron.shuffled(len(z), order), 1000), margins.margin(z)
    assert known.normal is not None
    assert found.count <= known.bound * (1 + 1e-9)
    k = np.arange(found.count + 1)
    along = found.theta @ known.normal
    assert (along >= k * known.gamma * (1 - 1e-9)).all()  # the two halves of the proof
    assert (found.length <= np.sqrt(k) * known.radius * (1 + 1e-9)).all()
    if found.stopped:
        assert (z @ found.theta[-1] > 0).all()


def slowly(z: np.ndarray, order: np.ndarray, passes: int) -> tuple[list[int], list[int], np.ndarray, int]:
    """The rule as it is written, one example after the other."""
    w, examples, looks, clean, at = np.zeros(z.shape[1]), [], [], 0, 0
    for _ in range(passes):
        for i in order:
            if clean == len(z):
                return examples, looks, w, at
            if z[i] @ w <= 0:
                w = w + z[i]
                examples.append(int(i))
                looks.append(at)
                clean = 0
            else:
                clean += 1
            at += 1
    return examples, looks, w, at


@FIXED
@given(seed=st.integers(0, 10**6), flipped=st.integers(0, 2), passes=st.integers(1, 12))
def test_the_rule_is_the_one_that_looks_at_one_example_after_the_other(
    seed: int, flipped: int, passes: int
) -> None:
    z = sets(seed, 0.1, 20)
    assume(len(z) > 4)
    z[:flipped] *= -1
    order = perceptron.shuffled(len(z), seed)
    found = perceptron.learn(z, order, passes)
    examples, looks, w, at = slowly(z, order, passes)
    assert found.example.tolist() == examples
    assert found.look.tolist() == looks
    assert found.theta[-1] == pytest.approx(w)
    assert found.looks == at


@pytest.mark.parametrize("name", ["xor", "circles", "virginica"])
def test_it_never_stops_where_no_line_parts_the_classes(name: str) -> None:
    z = of(name).signed
    counts = []
    for passes in (10, 20, 40):
        found = perceptron.learn(z, perceptron.shuffled(len(z), 0), passes)
        assert not found.stopped
        assert found.looks == passes * len(z)
        counts.append(found.count)
        k = np.arange(found.count + 1)
        assert (found.length <= np.sqrt(k) * np.linalg.norm(z, axis=1).max() * (1 + 1e-9)).all()
    assert counts[0] < counts[1] < counts[2]
    for early, late in ((10, 20), (20, 40)):  # every pass adds some
        assert perceptron.learn(z, perceptron.shuffled(len(z), 0), late).look[-1] > early * len(z)


def test_it_stops_after_a_whole_round_without_a_mistake_and_gives_up_after_many() -> None:
    z = of("setosa", False).signed
    found = perceptron.learn(z, perceptron.shuffled(len(z), 0), 20)
    assert found.stopped
    assert found.looks == found.look[-1] + 1 + len(z)
    hopeless = of("cells").signed
    long = perceptron.learn(hopeless, perceptron.shuffled(len(hopeless), 0), 10_000)
    assert (long.count, long.stopped) == (perceptron.MOST, False)


# ---------------------------------------------------------------- logistic


@pytest.mark.parametrize("name", ["virginica", "cells", "wine", "moons"])
def test_where_no_line_parts_them_the_minimum_is_that_of_scikit_learn(name: str) -> None:
    plane = of(name)
    best = logistic.minimum(plane)
    oracle = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000).fit(plane.x, plane.label)
    assert best == pytest.approx([*oracle.coef_[0], oracle.intercept_[0]], rel=1e-4, abs=1e-4)
    found = logistic.train(plane, (0.0, 0.0, 0.0), 4.0, 20_000)
    assert found.lowest == pytest.approx(logistic.entropy(plane, best), rel=1e-12)
    assert found.lowest <= found.cost.min() + 1e-12
    assert found.cost[-1] == pytest.approx(found.lowest, rel=1e-3)
    assert found.margin.normal is None
    assert np.isnan(found.angle).all()


@pytest.mark.parametrize("name", ["setosa"])
def test_where_a_line_parts_them_the_weights_grow_like_log_t_and_turn_to_the_largest_margin(
    name: str,
) -> None:
    found = logistic.train(of(name), (0.0, 0.0, 0.0), 2.0, 20_000)
    assert found.best is None
    assert (np.diff(found.size[1:]) > 0).all()
    assert (np.diff(found.cost) < 0).all()
    late = found.step > 200
    per_decade = np.diff(found.size[late]) / np.diff(np.log10(found.step[late]))
    assert per_decade.max() < 1.6 * per_decade.min()  # a straight line over log t
    assert found.angle[-1] < found.angle[late][0]
    assert found.angle[-1] < 15
    doubled = logistic.entropy(of(name), 2 * found.theta[-1])
    assert doubled < found.cost[-1]


@pytest.mark.parametrize("name", ["setosa", "virginica", "moons"])
def test_cost_and_gradient_are_those_of_torch(name: str) -> None:
    plane = of(name)
    cost = logistic.problem(plane)
    theta = torch.tensor([[0.3, -1.2, 0.4], [9.0, 2.5, -30.0]], dtype=torch.float64, requires_grad=True)
    z = theta[:, :2] @ torch.from_numpy(plane.x).T + theta[:, 2:]
    label = torch.from_numpy(plane.label).expand_as(z)
    oracle = torch.nn.functional.binary_cross_entropy_with_logits(z, label, reduction="none").mean(1)
    assert torch.allclose(cost(theta.detach()), oracle.detach(), rtol=1e-10)
    (slope,) = torch.autograd.grad(oracle.sum(), theta)
    assert torch.allclose(cost.gradient(theta.detach()), slope, rtol=1e-8, atol=1e-12)
    for row, value in zip(theta.detach().numpy(), oracle.detach().numpy(), strict=True):
        assert logistic.entropy(plane, row) == pytest.approx(float(value), rel=1e-10)


@pytest.mark.parametrize("name", ["setosa", "virginica", "cells"])
def test_below_the_bound_no_step_raises_the_cost(name: str) -> None:
    plane = of(name)
    bound = logistic.bound(logistic.problem(plane))
    found = logistic.train(plane, (1.0, -2.0, 0.5), 0.99 * bound, 300)
    assert (np.diff(found.cost) <= 1e-12).all()


def test_steps_are_kept_evenly_on_a_logarithmic_axis() -> None:
    for steps in (10, 2000, 20_000):
        kept = logistic.recorded(steps)
        assert (kept[0], kept[1], kept[-1]) == (0, 1, steps)
        assert len(kept) <= logistic.RECORDS + 1
        assert kept == sorted(set(kept))


def test_accuracy_counts_what_lies_on_its_own_side() -> None:
    plane = of("virginica")
    theta = np.array([[1.0, 0.5, 0.1], [0.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    z = plane.x @ theta[:, :2].T + theta[:, 2]
    right = ((z > 0) == (plane.label[:, None] == 1)) & (z != 0)
    assert logistic.accuracy(plane, theta) == pytest.approx(right.mean(0))


# ---------------------------------------------------------------- pictures


def test_the_ring_is_on_the_next_mistake() -> None:
    plane = of("setosa", False)
    found = perceptron.learn(plane.signed, perceptron.shuffled(len(plane.x), 0), 20)
    places = figures.lit(plane, found, found.count)
    assert np.isnan(places[-1]).all()
    for k, i in enumerate(found.example):
        assert places[k] == pytest.approx(plane.x[i])
        assert plane.signed[i] @ found.theta[k] <= 0
        assert found.theta[k + 1] == pytest.approx(found.theta[k] + plane.signed[i])
    for row, ends in zip(found.theta, figures.rule_lines(plane, found, found.count), strict=True):
        if np.hypot(*row[:2]) > 0:
            assert ends @ row[:2] + row[2] == pytest.approx(np.zeros(2), abs=1e-9 * np.abs(ends).max())


def test_the_shades_are_probabilities_and_the_bounds_meet_at_the_bound() -> None:
    plane = of("setosa")
    trained = logistic.train(plane, (0.0, 0.0, 0.0), 1.0, 100)
    theta = np.array([1.5, -0.5, 0.2])
    picture = figures.boundary(plane, theta, np.zeros((3, 2)), trained, ("a", "b"))
    shade = picture.data[0]
    z = theta[0] * shade.x + theta[1] * shade.y[:, None] + theta[2]
    assert shade.z == pytest.approx(1 / (1 + np.exp(-z)), abs=1e-6)
    found = perceptron.learn(plane.signed, perceptron.shuffled(len(plane.x), 0), 20)
    known = margins.margin(plane.signed)
    _, above, below = figures.novikoff(found, known).data
    meets = np.interp(0, np.log(below.y / above.y), np.log(above.x))
    assert np.exp(meets) == pytest.approx(known.bound, rel=1e-3)
