"""What a network says before it has learned: the functions of hundreds of random initializations at once.

Before training, an architecture with its initialization is a probability distribution over functions. Its
draws are rows of theta, so one `predict` draws them all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.depth.pieces import pieces
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.models import ModelSpec, powers
from mlcore.families.networks import Network

LOW, HIGH = -3.0, 3.0  # the line, and the sides of the square, that the functions are drawn on
POINTS = 301
EXACT = 30  # functions whose pieces are found exactly
CONSTANT = 0.05  # of the typical |f|: a function that varies less is nearly constant
GAIN = Knob(1.0, 0.1, 10.0, symbol="g", log=True)
SEED = Knob(0, 0, 9000, integer=True)


@dataclass(frozen=True)
class PriorSpec:
    """Networks of one architecture, drawn and never trained.

    Weights are those of the initialization times `gain`; `bias` is the standard deviation of a normal number
    added to every bias, for most initializations start them at 0.
    """

    model: ModelSpec = specs.part(ModelSpec)
    gain: float = specs.number(GAIN, "gain")
    bias: float = specs.number(Knob(1.0, 0.0, 3.0, symbol=r"\sigma_b"), "bspread")
    count: int = specs.number(Knob(200, 10, 400, symbol="R", log=True, integer=True), "count")
    seed: int = specs.number(SEED, "seed")

    def __post_init__(self) -> None:
        specs.check(self)


def draw(network: Network, init: str, seeds: Sequence[int], gain: float = 1.0, bias: float = 0.0) -> Tensor:
    """theta [R, P] float64, one row for each seed. The biases have a generator of their own, so that
    turning them up leaves the weights as they were."""
    theta = network.init(init, [Generator().manual_seed(seed) for seed in seeds])
    weight = network.is_weight().double()
    theta *= 1 + (gain - 1) * weight
    if bias:
        others = [Generator().manual_seed(seed + 2_000_000) for seed in seeds]
        noise = torch.stack([torch.randn(network.size, generator=g, dtype=torch.float64) for g in others])
        theta += bias * noise * (1 - weight)
    return theta


@dataclass(frozen=True, eq=False)
class Prior:
    """R random functions of one number, and what can be counted about them."""

    spec: PriorSpec
    x: NDArray[np.float64]  # [M]
    y: NDArray[np.float64]  # [R, M]
    kinks: tuple[NDArray[np.float64], ...]  # of the first EXACT functions, where f is piecewise linear

    @property
    def constant(self) -> float:
        """The share of functions whose standard deviation over x is below CONSTANT of the typical |f|."""
        typical = math.sqrt(float(np.square(self.y).mean()))
        return float((self.y.std(1) <= CONSTANT * typical).mean())

    @property
    def turns(self) -> NDArray[np.int64]:
        """[R] how often each function changes between rising and falling, as far as M points show."""
        return np.array([_turns(row) for row in self.y])

    @property
    def pieces(self) -> NDArray[np.int64]:
        """The number of straight pieces of each function that `kinks` holds."""
        return np.array([len(places) + 1 for places in self.kinks], np.int64)


def _turns(y: NDArray[np.float64]) -> int:
    rise = np.diff(y)
    sign = np.sign(rise[np.abs(rise) > 1e-12 * (np.abs(y).max() or 1.0)])
    return int((sign[1:] != sign[:-1]).sum())


def most_pieces(network: Network) -> int:
    """Pieces that a ReLU network of one input can have at most: each unit of a layer cuts every piece of the
    layers before it once, so N units make of each piece at most N + 1."""
    return math.prod(width + 1 for width in network.sizes[1:-1])


def prior(spec: PriorSpec) -> Prior:
    """Draw all functions of `spec` over the line from LOW to HIGH."""
    model = spec.model
    network = model.network(1, 1)
    theta = rows(spec, network)
    x = torch.linspace(LOW, HIGH, POINTS, dtype=torch.float64)
    y = predict(network, theta, powers(x[:, None], model.power))[..., 0]
    found: list[NDArray[np.float64]] = []
    if model.power == 1 and piecewise(network.activation):
        found = [kinks(network, row, LOW, HIGH).numpy() for row in theta[:EXACT]]
    return Prior(spec, x.numpy(), y.numpy(), tuple(found))


def squares(spec: PriorSpec, count: int = 8, points: int = 41) -> NDArray[np.float32]:
    """[count, B, A] the first `count` functions of two numbers over the square from LOW to HIGH."""
    network = spec.model.network(2, 1)
    side = torch.linspace(LOW, HIGH, points, dtype=torch.float64)
    plane = torch.stack(torch.meshgrid(side, side, indexing="xy"), dim=-1).view(-1, 2)
    theta = rows(spec, network)[:count]
    y = predict(network, theta, powers(plane, spec.model.power))
    values: NDArray[np.float32] = y.view(-1, points, points).float().numpy()
    return values


def rows(spec: PriorSpec, network: Network) -> Tensor:
    seeds = range(spec.seed, spec.seed + spec.count)
    return draw(network, spec.model.init, seeds, spec.gain, spec.bias)


def predict(network: Network, theta: Tensor, x: Tensor) -> Tensor:
    """`network.predict`, a few rows at a time: faster in the cache, and memory is bounded."""
    few = max(1, 200_000 // (len(x) * max(network.sizes)))
    parts: tuple[Tensor, ...] = theta.split(few)  # type: ignore[no-untyped-call]
    return torch.cat([network.predict(part, x) for part in parts])


def piecewise(activation: str) -> bool:
    """Whether this activation, and so the whole network, is piecewise linear."""
    return "bends" in ACTIVATIONS[activation].facts


def kinks(network: Network, row: Tensor, low: float, high: float) -> Tensor:
    """Where a piecewise linear network of one input bends between low and high: [k]. row is theta [P]."""
    return torch.from_numpy(pieces(network, row, low, high).bends)
