"""Untrained networks: what is drawn, and where piecewise linear ones bend, against closed forms and grids."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from mlcore.components.untrained import (  # fmt: skip
    CONSTANT,
    EXACT,
    HIGH,
    LOW,
    Prior,
    PriorSpec,
    draw,
    kinks,
    most_pieces,
    piecewise,
    prior,
    rows,
    squares,
)
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.initializers import INITIALIZERS
from mlcore.families.models import ModelSpec
from mlcore.families.networks import Network

BENT = [name for name in ACTIVATIONS if piecewise(name)]
SIZES = [(1, 1, 1), (1, 20, 1), (1, 5, 4, 1), (1, 8, 8, 8, 1)]


def test_piecewise_linear_are_those_whose_slope_takes_few_values() -> None:
    z = torch.linspace(-5, 5, 1000, dtype=torch.float64)
    slopes = {name: len(torch.unique(f.derivative(z, f(z)))) for name, f in
              ((name, ACTIVATIONS[name]) for name in ACTIVATIONS)}  # fmt: skip
    assert {name for name, count in slopes.items() if count <= 2} == set(BENT)
    for name in BENT:
        assert slopes[name] == len(ACTIVATIONS[name].bends) + 1


@pytest.mark.parametrize("init", INITIALIZERS)
def test_gain_is_for_weights_and_the_spread_for_biases(init: str) -> None:
    network = Network((3, 7, 2), "relu")
    weight = network.is_weight().bool()
    plain, changed = draw(network, init, range(5)), draw(network, init, range(5), gain=3.0, bias=0.5)
    torch.testing.assert_close(changed[:, weight], 3 * plain[:, weight], rtol=1e-15, atol=0)
    assert torch.equal(draw(network, init, range(5), gain=3.0)[:, ~weight], plain[:, ~weight])
    noise = (changed - plain)[:, ~weight] / 0.5
    assert noise.unique().numel() == noise.numel(), "every bias of every network its own number"
    assert torch.equal(draw(network, init, [4], 3.0, 0.5)[0], changed[4]), "the seed alone decides"


def test_the_spread_of_biases_is_a_standard_deviation() -> None:
    network = Network((1, 100, 1), "relu")
    biases = draw(network, "he", range(200), bias=2.0)[:, ~network.is_weight().bool()].flatten()
    assert abs(biases.mean()) < 5 * 2 / len(biases) ** 0.5
    assert biases.std() == pytest.approx(2, rel=5 / (2 * len(biases)) ** 0.5)


def theta_of(*blocks: list[list[float]]) -> Tensor:
    return torch.cat([torch.tensor(block, dtype=torch.float64).flatten() for block in blocks])


@pytest.mark.parametrize("seed", range(20))
def test_one_layer_bends_where_each_unit_does(seed: int) -> None:
    """z = w x + b is 0 at x = -b / w."""
    network = Network((1, 12, 1), "relu")
    row = draw(network, "he", [seed], bias=1.0)[0]
    first = network.blocks(row[None])[0][0]
    expected = -first[1] / first[0]
    expected = expected[(expected > LOW) & (expected < HIGH)].sort().values
    torch.testing.assert_close(kinks(network, row, LOW, HIGH), expected, rtol=0, atol=1e-12)


def test_a_bend_that_the_next_layer_does_not_pass_on_is_none() -> None:
    """relu(relu(x) - 1) is straight at 0, where the inner one bends."""
    row = theta_of([[1.0], [0.0]], [[1.0], [-1.0]], [[1.0], [0.0]])
    assert kinks(Network((1, 1, 1, 1), "relu"), row, LOW, HIGH).tolist() == [1.0]


@pytest.mark.parametrize("depth", [1, 2, 3, 7])
def test_tent_maps_bend_at_every_dyadic_number(depth: int) -> None:
    """Telgarsky: 2 relu(x) - 4 relu(x - 1/2), composed with itself, folds [0, 1] 2^depth times."""
    fold, middle = [[1.0, 1.0], [0.0, -0.5]], [[2.0, 2.0], [-4.0, -4.0], [0.0, -0.5]]
    row = theta_of(fold, *[middle] * (depth - 1), [[2.0], [-4.0], [0.0]])
    network = Network((1, *[2] * depth, 1), "relu")
    expected = torch.arange(1, 2**depth, dtype=torch.float64) / 2**depth
    torch.testing.assert_close(kinks(network, row, 0.0, 1.0), expected, rtol=0, atol=1e-12)
    assert 2**depth <= most_pieces(network)


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("activation", BENT)
def test_it_is_straight_between_two_bends_and_bends_there(activation: str, sizes: tuple[int, ...]) -> None:
    network = Network(sizes, activation)
    for row in draw(network, "torch_default", range(6), gain=2.0, bias=1.0):
        places = kinks(network, row, LOW, HIGH)
        assert len(places) + 1 <= most_pieces(network)
        assert activation != "identity" or len(places) == 0
        ends = torch.cat([torch.tensor([LOW]), places, torch.tensor([HIGH])])
        inside = torch.stack([ends[:-1] + share * (ends[1:] - ends[:-1]) for share in (0.25, 0.5, 0.75)], 1)
        y = network.predict(row[None], inside.reshape(-1, 1))[0, :, 0].view(-1, 3)
        scale = network.predict(row[None], ends[:, None])[0].abs().max()
        assert (y[:, 0] - 2 * y[:, 1] + y[:, 2]).abs().max() < 1e-12 * scale
        slope = (y[:, 2] - y[:, 0]) / (inside[:, 2] - inside[:, 0])
        assert (slope.diff().abs() > 1e-8 * slope.abs().max()).all(), "it bends at every place"


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_with_biases_zero_nothing_bends_but_at_zero(sizes: tuple[int, ...]) -> None:
    network = Network(sizes, "relu")
    for row in draw(network, "he", range(6)):
        assert all(abs(place) < 1e-12 for place in kinks(network, row, LOW, HIGH).tolist())
        x = torch.linspace(-3, 3, 50, dtype=torch.float64)[:, None]
        torch.testing.assert_close(
            network.predict(row[None], 2.5 * x), 2.5 * network.predict(row[None], x), rtol=1e-12, atol=1e-12
        )


@pytest.mark.parametrize("kind", ["linear", "polynomial", "mlp"])
def test_functions_are_those_of_the_rows(kind: str) -> None:
    spec = PriorSpec(model=ModelSpec(kind, (6, 5), "relu", "he", 4), count=12, bias=0.5, seed=3)
    found, network = prior(spec), spec.model.network(1, 1)
    theta = rows(spec, network)
    assert found.y.shape == (12, len(found.x))
    for row, y in zip(theta, found.y, strict=True):
        if kind == "mlp":
            expected = network.predict(row[None], torch.from_numpy(found.x)[:, None])[0, :, 0].numpy()
        else:  # the last number is the constant
            expected = np.polyval([*row.numpy()[:-1][::-1], row.numpy()[-1]], found.x)
        np.testing.assert_allclose(y, expected, rtol=1e-10, atol=1e-10)
    assert len(found.kinks) == (min(12, EXACT) if kind == "mlp" else 0)


@pytest.mark.parametrize("degree", range(1, 8))
def test_a_polynomial_turns_less_often_than_its_degree(degree: int) -> None:
    turns = prior(PriorSpec(model=ModelSpec("polynomial", degree=degree, init="normal"), count=50)).turns
    assert turns.max() <= degree - 1
    assert degree < 3 or turns.max() > 0


def test_turns_and_constants_are_counted() -> None:
    x = np.linspace(LOW, HIGH, 1001)
    y = np.stack([np.sin(k * x) for k in (1, 2, 5)] + [0 * x + 2, 1 + 1e-4 * x, x])
    found = Prior(PriorSpec(), x, y, ())
    # cos(k x) changes sign at x = (m + 1/2) pi / k: 2, 4 and 10 times within (-3, 3)
    assert found.turns.tolist() == [2, 4, 10, 0, 0, 0]
    assert found.constant == pytest.approx(2 / 6)
    assert Prior(PriorSpec(), x, 0 * y, ()).constant == 1
    typical = np.sqrt(np.square(y).mean())
    assert (y.std(1) < CONSTANT * typical).sum() == 2


def test_deep_tanh_networks_say_little_and_a_gain_gives_them_voice() -> None:
    """Order and chaos: the deeper, the more a gain decides (Poole et al. 2016)."""
    deep = ModelSpec(widths=(64,) * 6)
    quiet, loud = (prior(PriorSpec(model=deep, gain=gain, count=20)) for gain in (0.7, 6.0))
    assert quiet.constant == 1
    assert loud.constant == 0
    assert loud.turns.mean() > 20 + quiet.turns.mean()


def test_squares_are_functions_of_two_numbers() -> None:
    spec = PriorSpec(count=10, seed=5)
    network = spec.model.network(2, 1)
    values = squares(spec, count=3, points=7)
    side = torch.linspace(LOW, HIGH, 7, dtype=torch.float64)
    assert values.shape == (3, 7, 7)
    for i, j in ((0, 0), (2, 5), (6, 1)):
        x = torch.stack([side[j], side[i]])[None]  # rows are x2, columns x1
        expected = network.predict(rows(spec, network)[:3], x)[:, 0, 0].numpy()
        np.testing.assert_allclose(values[:, i, j], expected, rtol=1e-5, atol=1e-6)
