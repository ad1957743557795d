"""What a network's weights do not say: layers without activations are one, and units have no order.

Both are identities, so results carry their residual, which is rounding.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from mlcore.components.untrained import draw
from mlcore.families.networks import Network

EXAMPLES = 200
FLOATS = NDArray[np.float64]


def affine(network: Network, theta: Tensor) -> tuple[Tensor, Tensor]:
    """One matrix [R, D, K] and bias [R, K] that do what all layers of a network without activations do.

    (x W_1 + b_1) W_2 + b_2 = x (W_1 W_2) + (b_1 W_2 + b_2), and so on.
    """
    first, *blocks = network.blocks(theta)
    weight, bias = first[:, :-1], first[:, -1:]
    for block in blocks:
        weight, bias = weight @ block[:, :-1], bias @ block[:, :-1] + block[:, -1:]
    return weight, bias[:, 0]


def permuted(network: Network, theta: Tensor, layer: int, order: Tensor) -> Tensor:
    """theta [R, P] with the units of hidden layer `layer` (0 is the first) in another order.

    The columns that compute them move, and with them the rows that read them: the function stays.
    """
    blocks = [block.clone() for block in network.blocks(theta)]
    blocks[layer] = blocks[layer][..., order]
    reading = blocks[layer + 1]
    blocks[layer + 1] = torch.cat([reading[:, order], reading[:, -1:]], dim=1)
    return torch.cat([block.flatten(1) for block in blocks], dim=1)


@dataclass(frozen=True, eq=False)
class Collapse:
    """Layers without activations, and the one layer that they are."""

    sizes: tuple[int, ...]
    residual: float  # the largest difference between their outputs, over the largest output
    singular: list[FLOATS]  # of the product of the first 1, 2, ... matrices, the largest first
    rank: int  # of the whole product


def collapse(sizes: Sequence[int], init: str, seed: int, bias: float = 1.0) -> Collapse:
    """Multiply the layers of one random network without activations into one, and compare on random x."""
    network = Network(tuple(sizes), "identity")
    theta = draw(network, init, [seed], bias=bias)
    weight, rest = affine(network, theta)
    x = examples(sizes[0], seed)
    layers = network.predict(theta, x)
    residual = float(
        (layers - (x @ weight + rest[:, None])).abs().max() / layers.abs().max().clamp_min(1e-300)
    )
    singular = []
    for k in range(2, len(sizes) + 1):
        first = Network(network.sizes[:k], "identity")
        singular.append(torch.linalg.svdvals(affine(first, theta[:, : first.size])[0][0]).numpy())
    return Collapse(network.sizes, residual, singular, int(torch.linalg.matrix_rank(weight[0])))


@dataclass(frozen=True, eq=False)
class Shuffle:
    """A network before and after its hidden units changed places."""

    before: FLOATS  # [P]
    after: FLOATS  # [P]
    moved: int  # parameters that are another number now
    residual: float  # the largest change of an output, over the largest output
    equals: float  # log10 of how many rows of theta are the same function by order alone


def shuffle(sizes: Sequence[int], activation: str, init: str, seed: int) -> Shuffle:
    """Shuffle the units of every hidden layer of one random network and compare on random x."""
    network = Network(tuple(sizes), activation)
    before = after = draw(network, init, [seed], bias=1.0)
    g = Generator().manual_seed(seed)
    for layer, width in enumerate(sizes[1:-1]):
        after = permuted(network, after, layer, torch.randperm(width, generator=g))
    x = examples(sizes[0], seed)
    old, new = network.predict(before, x), network.predict(after, x)
    residual = float((old - new).abs().max() / old.abs().max().clamp_min(1e-300))
    orders = sum(math.lgamma(width + 1) for width in sizes[1:-1]) / math.log(10)
    moved = int((before != after).sum())
    return Shuffle(before[0].numpy(), after[0].numpy(), moved, residual, orders)


def examples(features: int, seed: int) -> Tensor:
    """x [EXAMPLES, features], normal numbers."""
    g = Generator().manual_seed(seed + 3_000_000)
    return torch.randn(EXAMPLES, features, generator=g, dtype=torch.float64)
