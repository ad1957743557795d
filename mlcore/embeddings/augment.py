"""Views: augmented copies of examples. What changes between two of them is what a code shall not keep.

Images of digits are shifted, turned and spoiled with noise; points of a plane are turned about their mean and
spoiled; anything else is spoiled alone. All is drawn from a generator of the CPU.
"""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor

SIDE = 8  # pixels of a digit


def warped(image: Tensor, angle: Tensor, right: Tensor, down: Tensor) -> Tensor:
    """Images [B, SIDE^2] turned about their middle by angles [B] and then shifted by pixels [B] each.

    Every pixel looks where it comes from, between four pixels (bilinear); outside an image there is 0.
    """
    middle = (SIDE - 1) / 2
    at = torch.arange(SIDE, dtype=image.dtype) - middle
    y, x = (v.flatten() for v in torch.meshgrid(at, at, indexing="ij"))
    x, y = x - right[:, None], y - down[:, None]  # [B, SIDE^2] before the shift
    cos, sin = angle.cos()[:, None], angle.sin()[:, None]
    x, y = cos * x + sin * y + middle, cos * y - sin * x + middle  # and before the turn
    paper = torch.nn.functional.pad(image.view(-1, SIDE, SIDE), (1, 1, 1, 1)).flatten(1)
    left, top = x.floor(), y.floor()
    found = torch.zeros_like(x)
    for i in (0, 1):
        for j in (0, 1):
            column, row = left + i, top + j
            weight = (1 - (x - column).abs()) * (1 - (y - row).abs())
            place = (row.clamp(-1, SIDE) + 1) * (SIDE + 2) + column.clamp(-1, SIDE) + 1
            found = found + weight * paper.gather(1, place.long())
    return found


def turned(x: Tensor, angle: Tensor) -> Tensor:
    """Points [B, 2] turned about the origin by angles [B]."""
    cos, sin = angle.cos(), angle.sin()
    return torch.stack([cos * x[:, 0] - sin * x[:, 1], sin * x[:, 0] + cos * x[:, 1]], dim=1)


def augmented(
    x: Tensor, mean: Tensor, scale: float, shift: float, turn: float, noise: float, g: Generator
) -> Tensor:
    """A view of each example x [B, D], drawn from g, around `mean` [D] and in units of `scale`: [B, D].

    At most `shift` pixels to each side, `turn` degrees to each side; `noise` is a standard deviation.
    """
    most = torch.tensor([[math.radians(turn)], [shift], [shift]], dtype=x.dtype)
    angle, right, down = most * (2 * torch.rand(3, len(x), generator=g, dtype=x.dtype) - 1)
    if x.shape[1] == SIDE * SIDE:
        x = warped(x, angle, right, down)
    elif x.shape[1] == 2:
        x = mean + turned(x - mean, angle)
    return (x - mean) / scale + noise * torch.randn(x.shape, generator=g, dtype=x.dtype)
