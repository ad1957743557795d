"""Where an activation stops passing gradients: saturated inputs, and units dead on all examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.components.untrained import draw
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.networks import Backpropagation, Network, with_ones

FLAT = 0.01  # a slope |f'| below this passes hardly any gradient
NODES = 20_001
FLOATS = NDArray[np.float64]


def flat(activation: str, z: Tensor) -> Tensor:
    """Whether |f'(z)| < FLAT, element by element."""
    f = ACTIVATIONS[activation]
    passed: Tensor = f.derivative(z, f(z)).abs()
    return passed < FLAT


def saturated(activation: str, scales: Sequence[float]) -> FLOATS:
    """[S] the share of z ~ N(0, s^2) at which the activation is flat, to 1 / NODES, for every s of scales."""
    levels = (torch.arange(NODES, dtype=torch.float64) + 0.5) / NODES
    z = torch.special.ndtri(levels)  # quantiles of N(0, 1): each stands for the same share
    return np.array([float(flat(activation, s * z).double().mean()) for s in scales])


def flat_zones(activation: str, low: float, high: float, points: int = 2001) -> list[tuple[float, float]]:
    """The intervals of [low, high] in which the activation is flat, to (high - low) / points."""
    z = torch.linspace(low, high, points, dtype=torch.float64)
    inside = flat(activation, z).int()
    change = torch.diff(inside, prepend=inside.new_zeros(1), append=inside.new_zeros(1))
    begins, ends = (torch.nonzero(change == sign).flatten() for sign in (1, -1))
    return [(float(z[a]), float(z[b - 1])) for a, b in zip(begins, ends, strict=True) if b - a > 1]


@dataclass(frozen=True, eq=False)
class Dead:
    """How many units of untrained networks are dead: flat at every example, so that nothing moves them."""

    shift: FLOATS  # [S] added to the bias of every hidden unit
    share: FLOATS  # [S, L] of the units of each hidden layer, over all networks


def dead(
    network: Network, init: str, x: Tensor, seeds: Sequence[int], shifts: Sequence[float], gain: float = 1.0
) -> Dead:
    """Units of networks drawn from `seeds` that pass no gradient for any of the examples x [N, D]."""
    theta = draw(network, init, seeds, gain)
    bias = 1 - network.is_weight().double()
    x1 = with_ones(x).expand(len(theta), -1, -1)
    shares = []
    for shift in shifts:
        chain = Backpropagation(network, theta + shift * bias, len(x))
        chain.forward(x1)
        shares.append([float(flat(network.activation, z).all(1).double().mean()) for z in chain.z[:-1]])
    return Dead(np.asarray(shifts, np.float64), np.array(shares).reshape(len(shifts), -1))
