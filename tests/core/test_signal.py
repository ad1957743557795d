"""Signals through deep networks: the flow against autograd, the theory against quadrature and measurement."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats
from torch import Generator

from mlcore.components.signal import (
    ARRIVES,
    LOST,
    SignalSpec,
    _factor,
    expectation,
    fate,
    flow,
    seen,
    signal,
    theory,
)
from mlcore.components.untrained import draw
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.initializers import INITIALIZERS
from mlcore.families.networks import Backpropagation, Network, with_ones

RANDOM = [name for name in INITIALIZERS if name != "zeros"]
RATIOS = {"torch_default": 1 / 6, "xavier": 1 / 2, "he": 1.0}


@pytest.mark.parametrize("variance", [0.01, 1.0, 30.0])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_expectations_are_those_of_quadrature(name: str, variance: float) -> None:
    f, scale = ACTIVATIONS[name], math.sqrt(variance)

    def weighted(z: float) -> float:
        return float(f(torch.tensor([scale * z], dtype=torch.float64)).square()) * stats.norm.pdf(z)

    expected = sum(integrate.quad(weighted, a, a + 1, epsabs=1e-11)[0] for a in range(-9, 9))
    found = expectation(lambda z: f(z).square(), variance)
    # A kink costs the trapezoidal rule up to h^2 of the slope's jump; h is 0.005 here.
    assert found == pytest.approx(expected, rel=3e-5)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_flow_is_that_of_autograd(name: str) -> None:
    network = Network((5, 4, 6, 3), name)
    theta = draw(network, "xavier", [0, 1], bias=0.3)
    g = Generator().manual_seed(1)
    x, delta = torch.randn(2, 7, 5, generator=g).double(), torch.randn(2, 7, 3, generator=g).double()
    hidden, deltas = flow(network, theta, x, delta)
    h, z = x, []
    for block in network.blocks(theta):
        z.append((h @ block[:, :-1] + block[:, -1:]).requires_grad_())
        h = ACTIVATIONS[name](z[-1])
    expected = torch.autograd.grad((z[-1] * delta).sum(), z)
    assert len(hidden) == len(deltas) == 3
    for found, zs in zip(hidden[1:], z, strict=False):
        torch.testing.assert_close(found, ACTIVATIONS[name](zs).detach(), rtol=1e-12, atol=1e-12)
    for found, true in zip(deltas, expected, strict=True):
        torch.testing.assert_close(found, true, rtol=1e-10, atol=1e-12)


def test_the_flow_is_that_of_training() -> None:
    """The gradient of a bias is the sum of its deltas."""
    network = Network((5, 4, 6, 3), "tanh")
    theta, x = draw(network, "he", [0]), torch.randn(1, 7, 5, dtype=torch.float64)
    delta = torch.randn(1, 7, 3, dtype=torch.float64)
    chain = Backpropagation(network, theta, 7)
    chain.forward(with_ones(x))
    gradient = network.blocks(chain.backward(delta.clone()))
    for found, block in zip(flow(network, theta, x, delta)[1], gradient, strict=True):
        torch.testing.assert_close(found.sum(1), block[:, -1], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", RATIOS)
def test_relu_keeps_a_sixth_a_half_or_all(name: str) -> None:
    forward, backward = theory(SignalSpec("relu", name, depth=12))
    np.testing.assert_allclose(backward[:-1] / backward[1:], RATIOS[name], rtol=1e-12)
    if name != "torch_default":
        np.testing.assert_allclose(forward[1:] / forward[:-1], RATIOS[name], rtol=1e-12)
    else:  # its biases, of variance 1 / (3 n), put a floor under the signal: v = v / 6 + 1 / (6 n)
        assert theory(SignalSpec("relu", name, depth=50))[0][-1] == pytest.approx(1 / (5 * 100), rel=1e-12)


def test_torch_biases_have_the_declared_variance() -> None:
    biases = torch.cat(
        [INITIALIZERS["torch_default"](50, 40, Generator().manual_seed(s))[-1] for s in range(50)]
    )
    declared = INITIALIZERS["torch_default"].bias_variance(50, 40)
    assert biases.square().mean() == pytest.approx(declared, rel=5 * math.sqrt(0.8 / len(biases)))
    assert [name for name in RANDOM if "bias_variance" in INITIALIZERS[name].facts] == ["torch_default"]


@pytest.mark.parametrize("init", RANDOM)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_wide_layers_follow_the_theory(name: str, init: str) -> None:
    """Per layer, the measured factors are those of infinitely wide layers but for terms of order 1 / n."""
    found = signal(SignalSpec(name, init, 1.3, depth=5, width=100, nets=4))
    assert found.forward_factor == pytest.approx(found.forward_factor_theory, rel=0.06)
    assert found.backward_factor == pytest.approx(found.backward_factor_theory, rel=0.06)


def test_zeros_send_nothing() -> None:
    found = signal(SignalSpec("relu", "zeros", depth=4, width=8, nets=2))
    assert found.forward_factor == found.backward_factor == found.forward_factor_theory == 0
    assert np.isnan(found.forward[:, 1:]).all()
    assert np.isfinite(found.forward[:, 0]).all()


def test_a_network_has_its_own_seed() -> None:
    many, one = (signal(SignalSpec(depth=3, width=10, nets=n, seed=s)) for n, s in ((4, 0), (2, 2)))
    np.testing.assert_array_equal(many.forward[2:], one.forward)
    np.testing.assert_array_equal(many.backward[2:], one.backward)


@pytest.mark.parametrize(
    ("factor", "expected"), [(1.0, "arrives"), (0.5, "vanishes"), (2.0, "explodes"), (0.0, "vanishes")]
)
def test_the_fate_of_a_signal(factor: float, expected: str) -> None:
    assert fate(factor, 30) == expected
    edge = ARRIVES ** (1 / 30)
    assert (fate(edge * 0.999, 30), fate(edge * 1.001, 30), fate(1 / edge / 1.001, 30)) == (
        "arrives", "explodes", "vanishes",
    )  # fmt: skip


def test_a_factor_is_a_geometric_mean_as_far_as_there_are_numbers() -> None:
    squares = seen([[1.0, 0.5, 0.25, 0.125], [8.0, 4.0, 2.0, 0.0]])
    assert _factor(squares) == pytest.approx(0.5)
    assert np.isnan(seen([LOST / 2, np.inf])).all()
