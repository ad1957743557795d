"""What depth makes cheap: saw-teeth and the square, as networks whose weights are written down.

The tent g(x) = 2 relu(x) - 4 relu(x - 1/2) folds [0, 1] once. Composed L times it is a saw-tooth of 2^L
linear pieces, by a network of L layers with 2 units each. One hidden layer of m units has at most m + 1
pieces, so that it needs 2^L - 1 units at least (Telgarsky 2016); with 2^L the saw-tooth is written down here.
And x^2 = x - sum_s g_s(x) / 4^s, g_s the tent composed s times: m terms err by 2^(-2m-2) (Yarotsky 2017).

All weights and all points asked about are dyadic, so that float64 computes these networks without rounding.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.families.networks import Network

FLOATS = NDArray[np.float64]
DEEPEST = 10
BETWEEN = 4  # points that are asked about on each piece
Built = tuple[Network, Tensor]  # and its theta [1, P]


def deep(layers: int) -> Built:
    """The saw-tooth of 2^L pieces: hidden units relu(x) and relu(x - 1/2), again and again."""
    tent = torch.tensor([[2.0], [-4.0]])  # of the two units of one layer, the tent
    fold = torch.tensor([[1.0, 1.0]])
    half = torch.tensor([[0.0, -0.5]])
    blocks = [torch.cat([fold, half]), *[torch.cat([tent @ fold, half])] * (layers - 1)]
    blocks.append(torch.cat([tent, torch.zeros(1, 1)]))
    return Network((1, *(2,) * layers, 1), "relu"), _row(blocks)


def shallow(layers: int) -> Built:
    """The same function with one hidden layer: a unit at 0 and one at each of the 2^L - 1 bends."""
    bends = torch.arange(2**layers) / 2**layers
    turns = 2.0 ** (layers + 1) * torch.tensor([1.0, -1.0]).repeat(2 ** (layers - 1))
    turns[0] /= 2  # from level to up; then from up to down and back
    slope = turns[:, None]
    first = torch.stack([torch.ones(len(bends)), -bends])
    return Network((1, len(bends), 1), "relu"), _row([first, torch.cat([slope, torch.zeros(1, 1)])])


def _row(blocks: list[Tensor]) -> Tensor:
    return torch.cat([block.flatten() for block in blocks]).double()[None]


def grid(layers: int) -> FLOATS:
    """Dyadic points of [0, 1]: the ends of all pieces, and some within each."""
    return np.linspace(0, 1, 2**layers * BETWEEN + 1)


def values(built: Built, x: FLOATS) -> FLOATS:
    """Of a network at points of the line."""
    network, theta = built
    found: FLOATS = network.predict(theta, torch.from_numpy(x)[:, None])[0, :, 0].numpy()
    return found


def pieces(x: FLOATS, y: FLOATS) -> int:
    """Linear pieces of a function with values y at dyadic x, by exhaustion: where its slope changes."""
    slopes = np.diff(y) / np.diff(x)
    return 1 + int((np.diff(slopes) != 0).sum())


def square(terms: int, x: FLOATS) -> FLOATS:
    """x - sum over s = 1..m of g_s(x) / 4^s: x^2 at multiples of 2^-m, and straight between."""
    found = x.copy()
    for s in range(1, terms + 1):
        found -= values(deep(s), x) / 4.0**s
    return found


def square_error(terms: int) -> float:
    """The largest distance from x^2 on [0, 1], measured at dyadic points, with the middles of pieces."""
    x = grid(terms)
    return float(np.abs(square(terms, x) - x * x).max())


def bound(terms: int) -> Fraction:
    """2^(-2m-2), exactly."""
    return Fraction(1, 4 ** (terms + 1))


def units(layers: int) -> tuple[int, int, int]:
    """(of the deep network, the least that one hidden layer needs by counting pieces, those it has here)."""
    network, _ = shallow(layers)
    return sum(deep(layers)[0].sizes[1:-1]), 2**layers - 1, network.sizes[1]
