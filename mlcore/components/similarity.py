"""Cosine similarity and the losses that learn from it.

cos(a, b)   = a . b / (|a| |b|)                                    the slide CosineEmbedding Loss
loss        = 1 - cos where a pair belongs together (y = 1), max(0, cos - margin) where not (y = -1)
NT-Xent     = cross-entropy of the 2N - 1 cosines of a view, divided by a temperature: SimCLR's own
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.families.losses import cross_entropy

FLOATS = NDArray[np.float64]
TINY = 1e-12  # a vector of no length has no direction: its cosine with anything is 0


def unit(a: Tensor) -> Tensor:
    """a [..., d] -> the same direction with length 1 (0 stays 0)."""
    length: Tensor = a.norm(dim=-1, keepdim=True)
    return a / length.clamp_min(TINY)


def cosine(a: Tensor, b: Tensor) -> Tensor:
    """a, b [..., d] -> [...] in [-1, 1]."""
    return (unit(a) * unit(b)).sum(-1).clamp(-1, 1)


def embedding_loss(cos: Tensor, together: bool, margin: float) -> Tensor:
    """The cosine embedding loss of pairs with these cosines."""
    return 1 - cos if together else torch.clamp_min(cos - margin, 0)


def nt_xent(z: Tensor, temperature: float) -> Tensor:
    """SimCLR's loss of 2N views z [2N, d], rows i and N + i being views of the same example.

    Each view has a right answer, its partner, and 2N - 2 wrong ones (Chen et al. 2020).
    """
    count, u = len(z), unit(z)
    logits = (u @ u.T / temperature).fill_diagonal_(-math.inf)
    partner = torch.arange(count).roll(count // 2)
    others = ~torch.eye(count, dtype=torch.bool)  # a view is not compared with itself
    target = torch.nn.functional.one_hot(partner, count).to(z.dtype)
    rows = logits[others].view(count, -1), target[others].view(count, -1)
    return cross_entropy(*rows).mean()


@dataclass(frozen=True, eq=False)
class Likeness:
    """Two vectors of the plane, and what the loss says of them as a pair."""

    a: FLOATS  # [2]
    b: FLOATS  # [2]
    cos: float
    angle: float  # degrees, in [0, 180]
    loss: FLOATS  # [2] if they belong together, if not
    chord: float  # |a/|a| - b/|b||^2
    degrees: FLOATS  # [M] 0..180
    curve: FLOATS  # [2, M] both losses over the angle

    @property
    def residual(self) -> float:
        """chord - 2 (1 - cos): zero, up to rounding."""
        return self.chord - 2 * (1 - self.cos)


def likeness(a: tuple[float, ...], b: tuple[float, ...], margin: float) -> Likeness:
    """Compare two vectors of the plane."""
    va, vb = (torch.tensor(v, dtype=torch.float64) for v in (a, b))
    cos = cosine(va, vb)
    degrees = torch.linspace(0, 180, 361, dtype=torch.float64)
    both = [(cos, torch.cos(torch.deg2rad(degrees)))] * 2
    now, curve = zip(
        *([embedding_loss(c, together, margin) for c in pair]
          for pair, together in zip(both, (True, False), strict=True)), strict=True
    )  # fmt: skip
    return Likeness(
        va.numpy(), vb.numpy(), float(cos), math.degrees(math.acos(float(cos))), torch.stack(now).numpy(),
        float((unit(va) - unit(vb)).square().sum()), degrees.numpy(), torch.stack(curve).numpy(),
    )  # fmt: skip
