"""XOR: what a line cannot, the textbook's network, and how networks end."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression, LogisticRegression, Perceptron

from mlcore.base.experiment import run
from mlcore.depth import lines, xor
from mlcore.depth.lines import POINTS, XOR, fit, labelings, least_squares, separable
from mlcore.depth.xor import DATA, WIDTHS, Reason, XorSpec, moves, outputs, reasons, rises, textbook
from mlcore.families.activations import ACTIVATIONS
from mlcore.figures import xor as figures
from mlcore.training.tasks import prepare
from mlcore.training.training import train

SMALL = XorSpec(steps=200, networks=40)


def test_least_squares_says_one_half_everywhere() -> None:
    weights, bias = least_squares()
    known = LinearRegression().fit(POINTS, XOR)
    assert np.allclose(weights, known.coef_, atol=1e-12)
    assert bias == pytest.approx(known.intercept_, abs=1e-12) == pytest.approx(0.5)
    assert fit(weights, bias).squared_error == pytest.approx(0.25)
    assert fit(weights, bias).values == pytest.approx([0.5] * 4)


def test_the_best_logistic_cost_is_ln_2() -> None:
    model = LogisticRegression(C=1e6).fit(POINTS, XOR)
    chances = model.predict_proba(POINTS)[range(4), XOR]
    assert -np.log(chances).mean() == pytest.approx(math.log(2), abs=1e-9)


def test_a_line_makes_14_of_16_labelings_and_xor_is_none_of_them() -> None:
    made = labelings()
    impossible = {labels for labels, line in made.items() if line is None}
    assert impossible == {XOR, (1, 0, 0, 1)}
    for labels, line in made.items():
        if line is not None:
            assert ((POINTS @ line[:2] + line[2] > 0) == labels).all()
    assert lines.best()[0] == 3


@pytest.mark.parametrize("labels", itertools.product((0, 1), repeat=4))
def test_the_perceptron_agrees_about_what_can_be_parted(labels: tuple[int, ...]) -> None:
    if len(set(labels)) == 1:
        assert separable(labels) is not None
        return
    learned = Perceptron(max_iter=1000, tol=None).fit(POINTS, labels).score(POINTS, labels)
    assert (separable(labels) is not None) == (learned == 1)


def test_no_line_of_a_grid_has_four_points_right() -> None:
    grid = np.linspace(-3, 3, 31)
    right = [fit((a, b), c).correct for a in grid for b in grid for c in grid[::3]]
    assert max(right) == 3


def test_on_the_line_itself_is_neither() -> None:
    assert fit((0.0, 0.0), 0.5).correct == 0


def test_the_textbook_solves_xor_exactly() -> None:
    found = textbook()
    assert np.array_equal(found.hidden[0], POINTS)
    assert found.hidden[-1].tolist() == [[0, 0], [1, 0], [1, 0], [2, 1]]
    assert (found.output[-1] + 0.5).tolist() == list(XOR)
    assert found.right[0] < found.right[-1] == 4


@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu"])
def test_the_points_move_as_the_training_says(activation: str) -> None:
    training = XorSpec(activation, steps=200).one(2, 3)
    trained, task = train(training), prepare(training)
    found = moves(trained, task)
    theta = torch.from_numpy(trained.records.theta[:, 0]).double()
    known = task.network.predict(theta, xor.inputs(task))[..., 0].numpy()
    np.testing.assert_allclose(found.output, known, atol=1e-12)
    again = np.einsum("tph,th->tp", found.hidden, found.line[:, :2]) + found.line[:, 2:]
    np.testing.assert_allclose(again, known, atol=1e-12)
    np.testing.assert_array_equal(found.cost, trained.records.train_cost[:, 0])


def test_a_network_alone_is_the_same_as_among_the_others() -> None:
    together = train(SMALL.training(3))
    for network in (0, 7, 39):
        alone = train(SMALL.one(3, network))
        np.testing.assert_array_equal(alone.final[0], together.final[network])


def test_all_points_are_in_the_training_without_noise() -> None:
    data = prepare(SMALL.training(2)).data
    points = data.raw(data.x).round(decimals=12).unique(dim=0)
    assert sorted(points.tolist()) == sorted(POINTS.tolist())
    assert DATA.knobs == (("noise", 0.0),)


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_who_solves_it_and_why_the_others_did_not(activation: str) -> None:
    found = run(XorSpec(activation, steps=300, networks=60))
    assert [one.width for one in found] == list(WIDTHS)
    assert found[0].reasons == (Reason.NARROW,) * 60
    assert found[0].solved.hits == 0 < found[1].solved.hits < found[-1].solved.hits
    for one in found:
        training = XorSpec(activation, steps=300, networks=60).training(one.width)
        trained, task = train(training), prepare(training)
        score = torch.from_numpy(trained.records.train_score[-1])
        solved = [reason is Reason.SOLVED for reason in one.reasons]
        assert (score == 1).tolist() == solved  # an independent count: the accuracy of the training
        _, out = outputs(task.network, torch.from_numpy(trained.final).double(), xor.inputs(task))
        for i in one.ended(Reason.STUCK):
            assert trained.records.gradient_norm[-1, i] < xor.STILL
            assert not ((out[i] > 0) == torch.tensor(XOR, dtype=torch.bool)).all()


def test_dead_units_are_told() -> None:
    training = XorSpec(steps=50, networks=20).training(2)
    task, trained = prepare(training), train(training)
    hidden, _ = task.network.blocks(torch.from_numpy(trained.final))
    hidden[:5, -1] = -100.0  # both units are off on all four points
    found = reasons(trained, task)
    assert found[:5] == (Reason.DEAD,) * 5
    assert Reason.DEAD not in [found[i] for i in range(5, 20) if found[i] is Reason.SOLVED]


def test_which_activations_only_rise() -> None:
    falling = {name for name in ACTIVATIONS if not rises(name)}
    assert {"relu", "tanh", "sigmoid", "identity"} & set(ACTIVATIONS) & falling == set()
    z = torch.linspace(-5, 5, 1001, dtype=torch.float64)
    for name in ACTIVATIONS:
        assert (name in falling) == bool((torch.diff(ACTIVATIONS[name](z)) < -1e-12).any()), name


def test_one_unit_that_also_falls_is_enough() -> None:
    if "gelu" in ACTIVATIONS:
        (first, *_) = run(XorSpec("gelu", steps=400, networks=40))
        assert first.solved.value > 0.5


# ------------------------------------------------------------------ pictures


@pytest.mark.parametrize(("weights", "bias"), [((1.0, 1.0), 0.0), ((-2.0, 0.5), 0.3), ((0.0, 1.0), -0.6)])
def test_the_side_of_one_is_where_the_line_says_one(weights: tuple[float, float], bias: float) -> None:
    picture = figures.plane(weights, bias)
    side, line = picture.data[0], picture.data[1]
    w = np.array(weights)
    corners = np.stack([side.x, side.y], 1)
    assert (corners @ w + bias - 0.5 > -1e-6).all()
    np.testing.assert_allclose(np.stack([line.x, line.y], 1) @ w + bias, 0.5, atol=1e-4)
    inside = np.random.default_rng(0).uniform(figures.LOW, figures.HIGH, (20_000, 2))
    share = float((inside @ w + bias > 0.5).mean())
    x, y = corners.T
    area = abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))) / 2 / 4
    assert area == pytest.approx(share, abs=0.02)


def test_without_weights_there_is_no_line() -> None:
    picture = figures.plane((0.0, 0.0), 1.0)
    assert np.isnan(picture.data[1].x).all()
    assert len(picture.data[0].x) == 4  # it says 1 everywhere


def test_shares_and_ends_are_drawn_as_counted() -> None:
    found = run(SMALL)
    shares, ends = figures.shares({"ReLU": found}), figures.ends(found)
    np.testing.assert_allclose(shares.data[1].y, [one.solved.value for one in found], rtol=1e-6)
    total = np.sum([bar.y for bar in ends.data], axis=0)
    assert (total == SMALL.networks).all()


def test_a_line_through_corners_leaves_half_of_the_square() -> None:
    side = figures.plane((1.0, 1.0), -0.5).data[0]  # x1 + x2 = 1
    corners = set(zip(np.asarray(side.x).tolist(), np.asarray(side.y).tolist(), strict=True))
    assert corners == {(1.5, -0.5), (1.5, 1.5), (-0.5, 1.5)}
