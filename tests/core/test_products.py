"""Vanishing and exploding: products in plain Python and NumPy, against autograd, below the bound."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Generator

from mlcore.backpropagation.products import ChainSpec, autograd, multiplied, products, spectral
from mlcore.components.signal import ARRIVES
from mlcore.components.untrained import draw
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.initializers import INITIALIZERS
from mlcore.families.networks import Network
from mlcore.figures import products as figures

RANDOM = [name for name in INITIALIZERS if name != "zeros"]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_no_slope_is_steeper_than_declared_and_one_is_as_steep(name: str) -> None:
    z = torch.cat([torch.linspace(-20, 20, 400_001), torch.tensor([2.3993573])]).double().requires_grad_()
    (slopes,) = torch.autograd.grad(ACTIVATIONS[name](z).sum(), z)
    steepest = float(slopes.abs().max())
    assert steepest <= ACTIVATIONS[name].steepest * (1 + 1e-14)
    assert steepest == pytest.approx(ACTIVATIONS[name].steepest, rel=1e-8)


def test_a_chain_of_sigmoids_in_plain_python() -> None:
    spec = ChainSpec(depth=10, nets=3, seed=5)
    found = products(spec)
    for row, seed in enumerate((5, 6, 7)):
        theta = draw(Network((1,) * 11, "sigmoid"), "xavier", [seed])[0].tolist()
        h = float(torch.randn(1, generator=Generator().manual_seed(seed + 4_000_000), dtype=torch.float64))
        factors = []
        for w, b in zip(theta[::2], theta[1::2], strict=True):
            h = 1 / (1 + math.exp(-(w * h + b)))
            factors.append(abs(w) * h * (1 - h))
        sizes = [math.prod(factors[k:]) for k in range(11)]
        np.testing.assert_allclose(found.measured[row], sizes, rtol=1e-12)
        np.testing.assert_allclose(found.product[row], sizes, rtol=1e-12)
        np.testing.assert_allclose(found.factors[row], factors, rtol=1e-12)
        np.testing.assert_allclose(found.norms[row], np.abs(theta[::2]), rtol=1e-14)
        most = 4.0**-10 * math.prod(map(abs, theta[::2]))
        assert found.bound[row, 0] == pytest.approx(most, rel=1e-12), "4^-10 times the weights"
        assert sizes[0] < most
    np.testing.assert_allclose(np.abs(found.weights * found.slopes), found.factors[0], rtol=1e-12)


def test_jacobians_of_wide_layers_in_numpy() -> None:
    network = Network((6,) * 4 + (1,), "tanh")
    blocks = [block[0] for block in network.blocks(draw(network, "he", [3], 1.2, bias=0.3))]
    x = torch.randn(6, generator=Generator().manual_seed(0), dtype=torch.float64)
    h, jacobians = x.numpy(), []
    for block in blocks:
        W, b = block[:-1].numpy(), block[-1].numpy()
        h = np.tanh(h @ W + b)
        jacobians.append(W * (1 - h**2))
    suffix: list[NDArray[np.float64]] = [np.eye(1)]
    for jacobian in reversed(jacobians):
        suffix.append(jacobian @ suffix[-1])
    for k, (ours, true) in enumerate(
        zip(multiplied(blocks, "tanh", x)[1], autograd(blocks, "tanh", x), strict=True)
    ):
        np.testing.assert_allclose(ours, suffix[4 - k][:, 0], rtol=1e-12)
        np.testing.assert_allclose(true, suffix[4 - k][:, 0], rtol=1e-12)
    norms = [np.linalg.svd(block[:-1].numpy(), compute_uv=False)[0] for block in blocks]
    np.testing.assert_allclose(spectral(blocks), norms, rtol=1e-12)


@pytest.mark.parametrize("width", [1, 2, 17])
@pytest.mark.parametrize("init", RANDOM)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_product_is_the_gradient_and_stays_below_the_bound(name: str, init: str, width: int) -> None:
    found = products(ChainSpec(name, init, 1.5, depth=8, width=width, nets=6))
    assert found.residual < 1e-9 or found.blocked == 6
    apart = np.abs(found.product - found.measured) > 1e-9 * found.measured
    assert apart.any(axis=1).sum() <= found.blocked
    assert found.blocked <= 2 or init == "normal" or name == "relu"
    assert (found.measured <= found.bound * (1 + 1e-12)).all()
    assert (found.measured[:, -1] == 1).all()
    assert found.measured.shape == found.bound.shape == (6, 9)


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_central_differences_agree(name: str) -> None:
    network = Network((3, 3, 1), name)
    blocks = [block[0] for block in network.blocks(draw(network, "normal", [1]))]
    x = torch.tensor([0.3, -0.2, 0.9], dtype=torch.float64)

    def output(at: torch.Tensor) -> float:
        h = at
        for block in blocks:
            h = ACTIVATIONS[name](h @ block[:-1] + block[-1])
        return float(h)

    steps = torch.eye(3, dtype=torch.float64) * 1e-6
    differences = [(output(x + step) - output(x - step)) / 2e-6 for step in steps]
    rounding = 1e-9  # of values below 1, 1e-16, over 2e-6, and some
    np.testing.assert_allclose(multiplied(blocks, name, x)[1][0], differences, rtol=1e-8, atol=rounding)


@pytest.mark.parametrize(
    ("spec", "fate"),
    [
        (ChainSpec(), "vanishes"),
        (ChainSpec("relu", "he", depth=10, width=64), "arrives"),
        (ChainSpec("identity", "normal", depth=10, width=32), "explodes"),
        (ChainSpec("relu", "zeros"), "vanishes"),
        (ChainSpec(depth=50, width=1, gain=0.1), "vanishes"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_the_fate_of_a_gradient(spec: ChainSpec, fate: str) -> None:
    found = products(spec)
    assert found.fate == fate
    total = float(np.median(found.measured[:, 0]))
    limit = math.sqrt(ARRIVES)
    assert fate == ("arrives" if 1 / limit < total < limit else "explodes" if total > 1 else "vanishes")


def test_a_chain_whose_unit_is_off_passes_nothing() -> None:
    """Without biases a ReLU behind one that is off stands at its kink, where the slope is taken as 0."""
    found = products(ChainSpec("relu", "he", depth=12, nets=20))
    np.testing.assert_allclose(found.product, found.measured, rtol=1e-11)
    off = found.measured[:, 0] == 0
    assert off.sum() > 10
    assert found.blocked == off.sum()
    assert np.isnan(found.factors[off]).any(axis=1).all()
    assert found.fate == "vanishes"
    assert products(ChainSpec("relu", "zeros", nets=2)).total == 0


def test_saturated_networks_are_counted_and_not_compared() -> None:
    found = products(ChainSpec("tanh", "normal", 7.0, depth=3, width=1, nets=60))
    blocked = (found.factors < 1e-8 * found.norms).any(axis=1) | np.isnan(found.factors).any(axis=1)
    assert 5 < found.blocked == blocked.sum() < 30
    assert found.residual < 1e-7
    apart = np.abs(found.product - found.measured) > 1e-6 * found.measured
    assert apart.any(axis=1).sum() > 0, "what would be compared otherwise"


@pytest.mark.parametrize("gain", [0.1, 10.0])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_farthest_settings_give_numbers(name: str, gain: float) -> None:
    found = products(ChainSpec(name, "normal", gain, depth=50, width=64, nets=2))
    assert np.isfinite(found.measured).all()
    assert np.isfinite(found.bound).all()
    assert (found.measured <= found.bound * (1 + 1e-11)).all()
    assert found.fate in ("vanishes", "explodes", "arrives")
    assert figures.along(found).layout.yaxis.range
    assert figures.factors(found).layout.yaxis.range


def test_a_network_has_its_own_seed() -> None:
    many, one = (products(ChainSpec("tanh", width=5, nets=n, seed=s)) for n, s in ((5, 0), (2, 3)))
    np.testing.assert_array_equal(many.measured[3:], one.measured)


def test_the_pictures_show_the_numbers() -> None:
    found = products(ChainSpec(nets=7))
    every, median, first, multiplied_out, bound = figures.along(found).data
    rows = np.asarray(every.y).reshape(7, 12)
    np.testing.assert_allclose(rows[:, :-1], found.measured, rtol=1e-6)
    assert np.isnan(rows[:, -1]).all(), "a gap between networks"
    np.testing.assert_allclose(median.y, np.median(found.measured, 0), rtol=1e-6)
    np.testing.assert_allclose(first.y, found.measured[0], rtol=1e-6)
    np.testing.assert_allclose(multiplied_out.y, found.product[0], rtol=1e-6)
    np.testing.assert_allclose(bound.y, np.median(found.bound, 0), rtol=1e-6)
    factor, norm, most, slope = figures.factors(found).data
    np.testing.assert_allclose(factor.y, found.factors[0], rtol=1e-6)
    np.testing.assert_allclose(most.y, 0.25 * found.norms[0], rtol=1e-6)
    np.testing.assert_allclose(norm.y, found.norms[0], rtol=1e-6)
    np.testing.assert_allclose(slope.y, found.slopes, rtol=1e-6)
    assert len(figures.factors(products(ChainSpec(width=4, nets=2))).data) == 3


def test_gradients_below_the_range_of_a_float32_are_drawn() -> None:
    found = products(ChainSpec(depth=50, gain=0.2, nets=4))
    assert found.total < 1e-60
    figure = figures.along(found)
    np.testing.assert_array_equal(figure.data[2].y, found.measured[0])
    low, high = figure.layout.yaxis.range
    assert low < math.log10(found.measured.min()) < 0 < high
