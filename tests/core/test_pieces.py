"""Bends on the whole line, against fractions, grids, closed forms and the networks themselves."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.base.registry import Variant
from mlcore.components.untrained import draw, most_pieces
from mlcore.depth import sawtooth
from mlcore.depth.pieces import Pieces, counts, pieces, seen_on_a_grid
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.networks import Network

SIZES = [(1, 1, 1), (1, 12, 1), (1, 5, 4, 1), (1, 8, 8, 8, 1), (1, 3, 1, 6, 1), (1, 2, 2, 2, 2, 2, 1)]
BENT = ("relu", "leaky_relu")
Rows = list[list[list[Fraction]]]


def drawn(sizes: tuple[int, ...], activation: str, seed: int) -> tuple[Network, torch.Tensor]:
    network = Network(sizes, activation)
    return network, draw(network, "he", [seed], bias=1.0)[0]


def outputs(layers: Rows, x: Fraction, activated: int) -> list[Fraction]:
    """z of the layer behind `activated` ReLU layers, without rounding."""
    h = [x]
    for k, block in enumerate(layers[: activated + 1]):
        z = [sum((a * b for a, b in zip(h, column, strict=False)), column[-1]) for column in block]
        h = z if k == activated else [max(value, Fraction(0)) for value in z]
    return h


def bends_in_fractions(layers: Rows) -> list[Fraction]:
    """Another way: values at the places found so far, straight lines through pairs of them, no slopes."""
    places: list[Fraction] = []
    for layer in range(len(layers) - 1):
        if places:
            ends = [(places[0] - 2, places[0] - 1), *pairwise(places), (places[-1] + 1, places[-1] + 2)]
            spans = list(pairwise([None, *places, None]))
        else:
            ends, spans = [(Fraction(0), Fraction(1))], [(None, None)]
        more = set(places)
        for (a, b), (left, right) in zip(ends, spans, strict=True):
            for za, zb in zip(outputs(layers, a, layer), outputs(layers, b, layer), strict=True):
                if za != zb:
                    x = a - za * (b - a) / (zb - za)
                    if (left is None or x > left) and (right is None or x < right):
                        more.add(x)
        places = sorted(more)
    last = len(layers) - 1

    def slope(a: Fraction, b: Fraction) -> Fraction:
        return (outputs(layers, b, last)[0] - outputs(layers, a, last)[0]) / (b - a)

    seen = []
    for k, x in enumerate(places):
        left = (places[k - 1] + x) / 2 if k else x - 1
        right = (x + places[k + 1]) / 2 if k + 1 < len(places) else x + 1
        if slope(left, x) != slope(x, right):
            seen.append(x)
    return seen


@pytest.mark.parametrize("parts", [2, 10])
@settings(max_examples=120, derandomize=True, database=None, deadline=None)
@given(data=st.data())
def test_small_networks_bend_where_fractions_say(parts: int, data: st.DataObject) -> None:
    """Weights that are few small numbers, 0 among them: bends meet, units are dead, layers cancel.

    Tenths are no floats: what is 0 or meets in fractions does so but for rounding.
    """
    widths = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    network = Network((1, *widths, 1), "relu")
    theta = data.draw(st.lists(st.integers(-4, 4), min_size=network.size, max_size=network.size))
    row = torch.tensor(theta, dtype=torch.float64) / parts
    layers = [
        [[Fraction(v).limit_denominator(parts) for v in column] for column in block[0].T.tolist()]
        for block in network.blocks(row[None])
    ]
    expected = bends_in_fractions(layers)
    found = pieces(network, row)
    assert found.count == len(expected) + 1
    np.testing.assert_allclose(found.bends, [float(x) for x in expected], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("activation", BENT)
def test_the_pieces_are_the_network_and_a_fine_grid_finds_no_others(
    activation: str, sizes: tuple[int, ...]
) -> None:
    low, high, points = -5.0, 5.0, 200_001
    cell, same = (high - low) / (points - 1), 0
    for seed in range(12):
        network, row = drawn(sizes, activation, seed)
        found = pieces(network, row)
        far = np.random.default_rng(seed).standard_cauchy(500) * 10
        x = np.concatenate([np.linspace(low, high, 1000), far, found.place])
        y = network.predict(row[None], torch.from_numpy(x)[:, None])[0, :, 0].numpy()
        np.testing.assert_allclose(found(x), y, rtol=1e-11, atol=1e-11 * np.abs(y).max())
        inside = found.bends[(found.bends > low) & (found.bends < high)]
        by_grid = seen_on_a_grid(network, row, low, high, points)
        assert by_grid <= len(inside)
        apart = np.diff(inside, prepend=low, append=high).min() > 4 * cell
        jumps = np.abs(np.diff(found.slope))[found.seen]
        if apart and jumps.min(initial=1) > 1e-5 * np.abs(found.slope).max():
            assert by_grid == len(inside)
            same += 1
        assert found.count <= most_pieces(network)
    assert same > 5


@pytest.mark.parametrize("units", [1, 2, 3, 8, 30])
def test_one_layer_of_n_units_has_n_plus_1_pieces_and_every_unit_its_own(units: int) -> None:
    for seed in range(10):
        network, row = drawn((1, units, 1), "relu", seed)
        found, first = pieces(network, row), network.blocks(row[None])[0][0]
        assert found.count == units + 1 == most_pieces(network)
        order = found.unit.argsort()
        np.testing.assert_array_equal(found.unit[order], np.arange(1, units + 1))
        np.testing.assert_allclose(found.at[order], (-first[1] / first[0]).numpy(), rtol=1e-12)
        assert found.passed.all()
        assert set(found.layer) == {1}


@pytest.mark.parametrize("layers", range(1, 9))
def test_tents_reach_what_random_networks_do_not(layers: int) -> None:
    """Between 0 and 1 there are 2^L pieces; left of 0 it is 0, and from two layers on right of 1 as well."""
    network, theta = sawtooth.deep(layers)
    found = pieces(network, theta[0])
    assert found.bends.tolist() == (np.arange(2**layers + (layers > 1)) / 2**layers).tolist()
    assert len(pieces(network, theta[0], 0.0, 1.0).bends) + 1 == 2**layers
    network, theta = sawtooth.shallow(layers)
    assert pieces(network, theta[0]).bends.tolist() == (np.arange(2**layers) / 2**layers).tolist()


def test_a_unit_that_the_next_layer_cuts_off_is_told_apart() -> None:
    """relu(relu(x) - 1): the inner unit bends at 0, where nothing of it is passed on."""
    row = torch.tensor([1.0, 0.0, 1.0, -1.0, 1.0, 0.0], dtype=torch.float64)
    found = pieces(Network((1, 1, 1, 1), "relu"), row)
    assert found.at.tolist() == [0.0, 1.0]
    assert found.layer.tolist() == [1, 2]
    assert found.passed.tolist() == [False, True]
    assert found.bends.tolist() == [1.0]


@pytest.mark.parametrize("activation", BENT)
def test_without_biases_everything_bends_at_0_alone(activation: str) -> None:
    network = Network((1, 6, 6, 6, 1), activation)
    for row in draw(network, "he", range(10)):
        found = pieces(network, row)
        assert set(found.bends) <= {0.0}


def test_without_an_activation_or_a_hidden_layer_nothing_bends() -> None:
    for sizes, activation in (((1, 8, 8, 1), "identity"), ((1, 1), "relu")):
        network, row = drawn(sizes, activation, 0)
        found = pieces(network, row)
        assert (found.count, len(found.at)) == (1, 0)
        y = network.predict(row[None], torch.tensor([[-2.0], [5.0]], dtype=torch.float64))[0, :, 0]
        np.testing.assert_allclose(found(np.array([-2.0, 5.0])), y.numpy(), rtol=1e-12)


def test_a_part_of_the_line_has_the_bends_of_that_part() -> None:
    network, row = drawn((1, 8, 8, 1), "relu", 3)
    whole, part = pieces(network, row), pieces(network, row, -0.5, 0.7)
    inside = whole.bends[(whole.bends > -0.5) & (whole.bends < 0.7)]
    assert 0 < len(inside) < len(whole.bends)
    np.testing.assert_allclose(part.bends, inside, rtol=1e-12)
    x = np.linspace(-0.5, 0.7, 101)
    np.testing.assert_allclose(part(x), whole(x), rtol=1e-12, atol=1e-12)


def test_random_deep_networks_stay_near_their_number_of_units() -> None:
    """Hanin and Rolnick 2019: on average pieces grow with the units, whatever the depth."""
    for widths in ((24,), (12, 12), (8, 8, 8)):
        network = Network((1, *widths, 1), "relu")
        found = counts(network, draw(network, "he", range(60), bias=1.0))
        assert 0.3 * 24 < found.mean() < 1.5 * 24
        assert found.max() <= 4 * 24


def test_units_that_bend_at_one_place_make_one_bend() -> None:
    """relu(x) + relu(-x) = |x|, and relu(x) - relu(-x) = x does not bend at all."""
    for outer, count in ((1.0, 2), (-1.0, 1)):
        row = torch.tensor([1.0, -1.0, 0.0, 0.0, 1.0, outer, 0.0], dtype=torch.float64)
        found: Pieces = pieces(Network((1, 2, 1), "relu"), row)
        assert found.at.tolist() == [0.0, 0.0]
        assert found.count == count


def test_an_activation_may_bend_twice_and_not_go_through_0(monkeypatch: pytest.MonkeyPatch) -> None:
    """max(-1, min(z, 1)) + 2, which no training knows."""
    hard = Variant(
        "hard", lambda z: z.clamp(-1, 1) + 2, "", "", "",
        facts={"bends": (-1.0, 1.0), "derivative": lambda z, h: (z.abs() < 1).to(z.dtype)},
    )  # fmt: skip
    monkeypatch.setitem(ACTIVATIONS._variants, "hard", hard)
    for seed in range(8):
        network, row = drawn((1, 5, 4, 1), "hard", seed)
        found = pieces(network, row)
        x = np.linspace(-5, 5, 2001)
        y = network.predict(row[None], torch.from_numpy(x)[:, None])[0, :, 0].numpy()
        np.testing.assert_allclose(found(x), y, rtol=1e-11, atol=1e-11)
        assert (found.layer == 1).sum() == 10
        inside = found.bends[np.abs(found.bends) < 5]
        assert seen_on_a_grid(network, row, -5.0, 5.0, 200_001) == len(inside)


def test_rounding_makes_no_bends() -> None:
    """0.3 / 0.1 is not 3 in floats, and 0.1 + 0.2 - 0.3 is not 0."""
    assert 0.3 / 0.1 != 3
    row = torch.tensor([0.1, 1.0, -0.3, -3.0, 1.0, 1.0, 0.0], dtype=torch.float64)
    found = pieces(Network((1, 2, 1), "relu"), row)
    assert (len(found.place), found.count) == (1, 2)
    first, second = [[1.0] * 3, [0.0] * 3], [[0.1], [0.2], [-0.3], [1.0]]
    row = torch.cat([torch.tensor(block).double().flatten() for block in (first, second, [[1.0], [0.0]])])
    blocks = Network((1, 3, 1, 1), "relu").blocks(row)
    blocks[1][:3, 0] = torch.tensor([0.1, 0.2, -0.3], dtype=torch.float64)
    assert float(blocks[1][:3, 0].sum()) != 0
    found = pieces(Network((1, 3, 1, 1), "relu"), row)
    assert found.at.tolist() == [0.0, 0.0, 0.0]
    assert found.count == 1
