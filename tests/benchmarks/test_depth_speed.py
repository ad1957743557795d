"""From a line to a deep network: whole experiments of many networks against PyTorch, one network at a time.

A peer trains one network of each kind for a part of the steps; what all of them would take is that, times
how many there are. Ratios within one run: `make bench`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from mlcore.base.experiment import run
from mlcore.depth import xor
from mlcore.depth.approximation import WIDTHS
from mlcore.depth.approximation_sweep import TRAINED, SweepSpec, target
from mlcore.depth.approximation_targets import grid
from mlcore.depth.depths import DEPTHS, KINDS, DepthSpec
from mlcore.depth.xor import XorSpec
from mlcore.training.tasks import prepare
from tests.benchmarks.timing import alternate

pytestmark = pytest.mark.bench
PART = 50  # steps that a peer takes of one network


def steps_of(
    net: nn.Module, x: Tensor, y: Tensor, loss: Callable[..., Tensor], lr: float, steps: int = PART
) -> None:
    optimizer = torch.optim.Adam(net.parameters(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(net(x), y).backward()
        optimizer.step()


def told(what: str, times: dict[str, float], networks: int, peers: float) -> float:
    """The ratio, printed. `peers` is how many times as much as the peer did all the networks are."""
    ratio = times["torch"] * peers / times["ours"]
    print(f"\n{what}, {networks} networks: {times['ours']:.2f} s, {ratio:.0f} times faster than one by one")
    return ratio


def test_five_hundred_networks_on_xor() -> None:
    spec = XorSpec(networks=63)
    task = prepare(spec.training(2))

    def one_by_one() -> None:
        for width in xor.WIDTHS:
            net = nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Linear(width, 1))
            steps_of(net, task.x, task.y, nn.functional.binary_cross_entropy_with_logits, spec.lr)

    times = alternate(ours=lambda: run(spec), torch=one_by_one)
    networks = len(xor.WIDTHS) * spec.networks
    assert told("XOR, widths 1 to 8", times, networks, spec.networks * spec.steps / PART) >= 50


def test_every_width_of_an_approximation() -> None:
    spec = SweepSpec()
    f, x = target(spec.target, spec.plane), grid(False, TRAINED).float()
    y = f(x.double()).float()[:, None]

    def one_by_one() -> None:
        for units in WIDTHS:
            net = nn.Sequential(nn.Linear(1, units), nn.ReLU(), nn.Linear(units, 1))
            steps_of(net, x, y, nn.functional.mse_loss, spec.lr)

    times = alternate(ours=lambda: run(spec), torch=one_by_one)
    networks = len(WIDTHS) * spec.networks
    assert told("sine, widths 1 to 256", times, networks, spec.networks * spec.steps / PART) >= 5


class Block(nn.Module):
    def __init__(self, units: int, residual: bool, normalized: bool) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(units) if normalized else nn.Identity()
        self.linear, self.residual = nn.Linear(units, units), residual

    def forward(self, h: Tensor) -> Tensor:
        out = torch.relu(self.linear(self.norm(h)))
        return h + out if self.residual else out


def test_every_depth_plain_and_residual() -> None:
    spec = DepthSpec()
    tasks = prepare(spec.training(1, "plain"))
    features, classes = spec.ends
    part = 5

    def one_by_one() -> None:
        for depth in DEPTHS:
            for kind in spec.kinds:
                blocks = [Block(spec.units, *KINDS[kind]) for _ in range(depth - 1)]
                first = nn.Sequential(nn.Linear(features, spec.units), nn.ReLU())
                net = nn.Sequential(first, *blocks, nn.Linear(spec.units, classes))
                steps_of(net, tasks.x, tasks.data.y, nn.functional.cross_entropy, spec.lr, part)

    fewer = replace(spec, steps=max(20, part))
    times = alternate(ours=lambda: run(fewer), torch=one_by_one)
    networks = len(DEPTHS) * len(spec.kinds) * spec.networks
    assert told("moons, depths 1 to 64", times, networks, spec.networks * fewer.steps / part) >= 4
