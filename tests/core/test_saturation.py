"""Flat activations and dead units, against closed forms of the normal distribution and a loop over units."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.stats import norm
from torch import Generator

from mlcore.components.saturation import FLAT, NODES, dead, flat, flat_zones, saturated
from mlcore.components.untrained import draw
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.networks import Network

SCALES = (0.3, 1.0, 4.0, 20.0)
# Where the slope falls below 0.01, solved by hand.
SIGMOID = math.log((1 + math.sqrt(1 - 4 * FLAT)) / (1 - math.sqrt(1 - 4 * FLAT)))
TANH = math.atanh(math.sqrt(1 - FLAT))
SOFTPLUS = -math.log(1 / FLAT - 1)
CLOSED: dict[str, Callable[[float], float]] = {
    "relu": lambda s: 0.5,
    "leaky_relu": lambda s: 0.0,
    "identity": lambda s: 0.0,
    "sigmoid": lambda s: 2 * norm.sf(SIGMOID / s),
    "tanh": lambda s: 2 * norm.sf(TANH / s),
    "elu": lambda s: norm.cdf(math.log(FLAT) / s),
    "softplus": lambda s: norm.cdf(SOFTPLUS / s),
}
X = torch.randn(40, 3, generator=Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize("name", CLOSED)
def test_saturation_has_a_closed_form(name: str) -> None:
    found = saturated(name, SCALES)
    np.testing.assert_allclose(found, [CLOSED[name](s) for s in SCALES], rtol=0, atol=2 / NODES)


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name not in CLOSED])
def test_the_rest_agree_with_a_fine_sum(name: str) -> None:
    z = torch.linspace(-9, 9, 400_001, dtype=torch.float64)
    weight = torch.exp(-0.5 * z * z)
    for scale, found in zip(SCALES, saturated(name, SCALES), strict=True):
        assert found == pytest.approx(float((weight * flat(name, scale * z)).sum() / weight.sum()), abs=1e-3)


@pytest.mark.parametrize(("name", "expected"), [
    ("tanh", [(-6, -TANH), (TANH, 6)]), ("sigmoid", [(-6, -SIGMOID), (SIGMOID, 6)]), ("relu", [(-6, 0)]),
    ("elu", [(-6, math.log(FLAT))]), ("softplus", [(-6, SOFTPLUS)]), ("identity", []), ("leaky_relu", []),
])  # fmt: skip
def test_flat_zones_end_where_the_slope_does(name: str, expected: list[tuple[float, float]]) -> None:
    found = flat_zones(name, -6, 6)
    assert len(found) == len(expected)
    for zone, true in zip(found, expected, strict=True):
        assert zone == pytest.approx(true, abs=0.013)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_flat_zones_are_flat_inside(name: str) -> None:
    for a, b in flat_zones(name, -6, 6):
        assert flat(name, torch.linspace(a, b, 50, dtype=torch.float64)[1:-1]).all()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_dead_units_are_those_flat_at_every_example(name: str) -> None:
    network, seeds, shift = Network((3, 6, 5, 2), name), [3, 4], -1.5
    found = dead(network, "he", X, seeds, [shift])
    counts = np.zeros(2)
    for seed in seeds:
        h = X
        for layer, block in enumerate(network.blocks(draw(network, "he", [seed]))[:-1]):
            z = h @ block[0, :-1] + block[0, -1] + shift
            for unit in z.T:
                leaf = unit.clone().requires_grad_()
                (slope,) = torch.autograd.grad(ACTIVATIONS[name](leaf).sum(), leaf)
                counts[layer] += bool((slope.abs() < FLAT).all())
            h = ACTIVATIONS[name](z)
    np.testing.assert_allclose(found.share[0], counts / (len(seeds) * np.array([6, 5])))


def test_a_lower_bias_never_revives_a_relu() -> None:
    shifts = np.linspace(-6, 3, 19).tolist()
    share = dead(Network((3, 30, 30, 1), "relu"), "he", X, range(8), shifts).share
    assert (np.diff(share[:, 0]) <= 0).all()
    assert share[-1, 0] == 0
    assert share[0, 0] > 0.9


def test_a_leaky_relu_never_dies() -> None:
    assert not dead(Network((3, 20, 20, 1), "leaky_relu"), "he", X, range(4), [-50.0, 0.0, 50.0]).share.any()


def test_without_hidden_layers_there_is_nothing_to_die() -> None:
    assert dead(Network((3, 2), "relu"), "he", X, [0], [0.0, 1.0]).share.shape == (2, 0)
