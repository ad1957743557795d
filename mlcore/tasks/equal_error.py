"""Boxes of equal L2 error and different IoU: what the mean squared error cannot tell apart.

All boxes with the error of a given one lie on a sphere around the true box, in the space of four numbers. Two
of them are searched, that with the least and that with the largest IoU, and the great circle between them
is a family of boxes with one L2 error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.tasks.boxes import BOX_LOSSES, LEAST, Box, overlap

FLOATS = NDArray[np.float64]
TRIED = 4000  # directions of the sphere that the search begins with
REFINED = 12  # rounds around the best one, each with half the spread
FRAMES = 61


@dataclass(frozen=True, eq=False)
class Family:
    """Boxes of one L2 error, from the one with the least IoU to the one with the largest."""

    boxes: FLOATS  # [M, 4]
    losses: dict[str, FLOATS]  # name -> [M]

    @property
    def iou(self) -> FLOATS:
        return 1 - self.losses["iou"]


def family(box: Box, true: Box) -> Family | None:
    """The family of the error of `box`; None where there is no error."""
    target = torch.tensor(true, dtype=torch.float64)
    size = float((torch.tensor(box, dtype=torch.float64) - target).norm())
    if not size > 0:
        return None
    best = _searched(target, size, 1.0)
    worst = _searched(target, size, -1.0, best)
    rows = target + size * _arc(worst, best)
    rows = rows[_is_box(rows)]
    losses = {loss.name: loss(rows, target).numpy() for loss in BOX_LOSSES.variants()}
    return Family(rows.numpy(), losses)


def _is_box(rows: Tensor) -> Tensor:
    return ((rows[:, 2:] - rows[:, :2]) >= LEAST).all(1)


def _searched(target: Tensor, size: float, sign: float, from_here: Tensor | None = None) -> Tensor:
    """The unit vector [4] along which the IoU is largest (sign 1) or least (sign -1), at this distance; if an
    end of the circle is given, one to which all on the way are boxes, too."""
    g = torch.Generator().manual_seed(0)

    def score(directions: Tensor) -> Tensor:
        rows = target + size * directions
        fine = _is_box(rows)
        if from_here is not None:
            for share in (0.25, 0.5, 0.75):
                fine &= _is_box(target + size * _between(from_here, directions, share))
        return torch.where(fine, sign * overlap(rows, target), -torch.inf)

    def some(count: int) -> Tensor:
        return torch.randn(count, 4, generator=g, dtype=torch.float64)

    grown = torch.tensor([[-0.5, -0.5, 0.5, 0.5]], dtype=torch.float64)  # a box whatever the size
    tried = torch.cat([grown, torch.nn.functional.normalize(some(TRIED))])
    best = tried[int(score(tried).argmax())]
    for k in range(REFINED):
        near = torch.nn.functional.normalize(best + 0.3 * 0.5**k * some(TRIED // 10))
        near = torch.cat([best[None], near])
        best = near[int(score(near).argmax())]
    return best


def _between(first: Tensor, last: Tensor, share: float | Tensor) -> Tensor:
    """The unit vector at this share of the way on the great circle from one to another."""
    angle = torch.arccos((first * last).sum(-1, keepdim=True).clamp(-1, 1))
    curved = torch.sin(angle).clamp(min=1e-12)
    way = (torch.sin((1 - share) * angle) * first + torch.sin(share * angle) * last) / curved
    return torch.where(angle < 1e-6, first + 0 * way, way)


def _arc(first: Tensor, last: Tensor) -> Tensor:
    """[FRAMES, 4] unit vectors at equal steps on it."""
    return _between(first, last, torch.linspace(0, 1, FRAMES, dtype=torch.float64)[:, None])
