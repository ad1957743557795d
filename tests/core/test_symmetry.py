"""Two identities over random networks: layers that collapse, and units that change places."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from mlcore.components.symmetry import affine, collapse, examples, permuted, shuffle
from mlcore.components.untrained import draw
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.initializers import INITIALIZERS
from mlcore.families.networks import Network

SIZES = [(4, 3), (8, 16, 16, 8), (5, 2, 7, 3), (3, 1, 9, 9, 9, 4), (2, *(20,) * 6, 2)]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_layers_without_activations_are_one(sizes: tuple[int, ...]) -> None:
    network = Network(sizes, "identity")
    theta = draw(network, "torch_default", range(4), bias=0.5)
    weight, bias = affine(network, theta)
    x = examples(sizes[0], 1)
    torch.testing.assert_close(network.predict(theta, x), x @ weight + bias[:, None], rtol=1e-10, atol=1e-10)
    blocks = network.blocks(theta)
    for r in range(4):
        product = np.linalg.multi_dot([np.eye(sizes[0]), *(b[r, :-1].numpy() for b in blocks)])
        np.testing.assert_allclose(weight[r].numpy(), product, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("init", INITIALIZERS)
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_a_product_has_the_rank_of_its_narrowest_layer(sizes: tuple[int, ...], init: str) -> None:
    found = collapse(sizes, init, 0)
    assert found.residual < 1e-12
    assert found.rank == (0 if init == "zeros" else min(sizes))
    assert len(found.singular) == len(sizes) - 1
    for k, values in enumerate(found.singular, 2):
        kept = values > 1e-12 * max(values[0], 1e-300)
        assert kept.sum() == (0 if init == "zeros" else min(sizes[:k]))


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_hidden_units_have_no_order(activation: str, layer: int) -> None:
    network = Network((3, 6, 5, 2), activation)
    theta = draw(network, "he", range(3), bias=0.5)
    order = torch.arange(network.sizes[layer + 1]).roll(1)
    other = permuted(network, theta, layer, order)
    assert (other != theta).any(1).all()
    assert torch.equal(other.sort(1).values, theta.sort(1).values), "the same numbers in other places"
    x = examples(3, 0)
    torch.testing.assert_close(network.predict(other, x), network.predict(theta, x), rtol=1e-12, atol=1e-12)
    assert torch.equal(permuted(network, other, layer, order.argsort()), theta), "and back"


def test_theta_is_not_touched() -> None:
    network = Network((2, 4, 1), "tanh")
    theta = draw(network, "he", [0])
    before = theta.clone()
    permuted(network, theta, 0, torch.tensor([3, 2, 1, 0]))
    assert torch.equal(theta, before)


def test_a_shuffle_counts_orders_and_moves() -> None:
    found = shuffle((2, 4, 3, 1), "tanh", "he", 0)
    assert 10**found.equals == pytest.approx(math.factorial(4) * math.factorial(3))
    assert found.residual < 1e-12
    assert 0 < found.moved == (found.before != found.after).sum() < len(found.before)
    assert shuffle((2, 1), "tanh", "he", 0).moved == 0
