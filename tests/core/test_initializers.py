"""Initializations: the variances they declare, and what these do to a signal passing through ReLU layers."""

from __future__ import annotations

import math

import pytest
import torch
from scipy import stats
from torch import Generator, Tensor

from mlcore.families.initializers import INITIALIZERS

SIGMAS = 5  # a correct draw fails with probability 6e-7, and the seeds are fixed
RANDOM = [name for name in INITIALIZERS if INITIALIZERS[name].variance(2, 2) > 0]
RATIOS = {"torch_default": 1 / 6, "xavier": 1 / 2, "he": 1.0}


def draw(name: str, fan_in: int, fan_out: int, seed: int = 0) -> Tensor:
    return INITIALIZERS[name](fan_in, fan_out, Generator().manual_seed(seed))


@pytest.mark.parametrize("fans", [(1, 1), (3, 2), (1, 40), (64, 10)], ids=str)
@pytest.mark.parametrize("name", INITIALIZERS)
def test_a_layer_is_a_block_with_the_biases_last(name: str, fans: tuple[int, int]) -> None:
    block = draw(name, *fans)
    assert block.shape == (fans[0] + 1, fans[1])
    assert block.dtype == torch.float64
    if name != "torch_default":  # which draws its biases like its weights
        assert not block[-1].any()


@pytest.mark.parametrize("fans", [(2, 300), (300, 2), (100, 100)], ids=str)
@pytest.mark.parametrize("name", INITIALIZERS)
def test_weights_have_mean_zero_and_the_declared_variance(name: str, fans: tuple[int, int]) -> None:
    weights = torch.cat([draw(name, *fans, seed)[:-1].flatten() for seed in range(40)])
    variance, n = INITIALIZERS[name].variance(*fans), len(weights)
    # The mean of n draws has variance v/n; their second moment, v^2 (kurtosis - 1)/n with kurtosis at most 3.
    assert abs(weights.mean()) <= SIGMAS * math.sqrt(variance / n)
    assert abs(weights.square().mean() - variance) <= SIGMAS * variance * math.sqrt(2 / n)


def test_torch_default_is_distributed_as_in_nn_linear() -> None:
    fan_in, fan_out = 30, 200
    ours = draw("torch_default", fan_in, fan_out)
    torch.manual_seed(0)
    linear = torch.nn.Linear(fan_in, fan_out)
    bound = 1 / math.sqrt(fan_in)
    for mine, theirs in ((ours[:-1], linear.weight), (ours[-1], linear.bias)):
        values, twin = mine.flatten().numpy(), theirs.detach().double().flatten().numpy()
        assert max(abs(values).max(), abs(twin).max()) <= bound * (1 + 1e-6)  # the twin is float32
        assert stats.kstest(values, stats.uniform(-bound, 2 * bound).cdf).pvalue > 1e-3
        assert stats.ks_2samp(values, twin).pvalue > 1e-3


@pytest.mark.parametrize("name", RANDOM)
def test_second_moments_from_one_relu_layer_to_the_next(name: str) -> None:
    """E[h'^2] / E[h^2] = fan_in variance / 2: a sixth, a half, or kept, whatever h is.

    Given h, the z of one layer are n independent draws of about a Gaussian, so the ratio of one layer is
    unbiased with relative deviation sqrt(5 / n). The signal starts large, so that biases do not count.
    """
    n, seeds, layers = 128, 30, 3
    ratios = []
    for seed in range(seeds):
        g = Generator().manual_seed(seed)
        h = 100 * torch.randn(n, generator=g, dtype=torch.float64)
        for _ in range(layers):
            block = INITIALIZERS[name](n, n, g)
            after = torch.relu(h @ block[:-1] + block[-1])
            ratios.append((after.square().mean() / h.square().mean()).item())
            h = after
    expected = n * INITIALIZERS[name].variance(n, n) / 2
    assert expected == pytest.approx(RATIOS.get(name, expected), rel=1e-12)
    spread = expected * math.sqrt(5 / (n * seeds * layers))
    assert abs(sum(ratios) / len(ratios) - expected) <= SIGMAS * spread


@pytest.mark.parametrize("name", INITIALIZERS)
def test_the_generator_alone_decides(name: str) -> None:
    torch.manual_seed(1)
    first = draw(name, 4, 5, seed=3)
    torch.manual_seed(2)
    assert torch.equal(first, draw(name, 4, 5, seed=3))
    if name in RANDOM:
        assert not torch.equal(first, draw(name, 4, 5, seed=4))
