"""One box sent downhill on every loss at once: a row of theta [losses, 4] for each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.tasks.boxes import BOX_LOSSES, Box, overlap
from mlcore.training.descent import Walker, walk

FLOATS = NDArray[np.float64]
NAMES = tuple(BOX_LOSSES)
RULES = ("sgd", "momentum", "adam")


@dataclass(frozen=True, eq=False)
class BoxDescent:
    """L losses, T + 1 moments."""

    names: tuple[str, ...]  # [L]
    box: FLOATS  # [T + 1, L, 4]
    value: FLOATS  # [T + 1, L] each loss at its own box
    iou: FLOATS  # [T + 1, L]

    def reaches(self, name: str, share: float) -> int | None:
        """The first step at which this loss has the IoU at `share`, if it ever has."""
        there = np.flatnonzero(self.iou[:, self.names.index(name)] >= share)
        return int(there[0]) if there.size else None


def objective(theta: Tensor, true: Tensor) -> Tensor:
    """theta [L, 4] -> [L]: each row by its own loss."""
    return torch.stack([variant(theta[k], true) for k, variant in enumerate(BOX_LOSSES.variants())])


def descend(start: Box, true: Box, optimizer: str, lr: float, steps: int) -> BoxDescent:
    """All losses from the same box by the same rule."""
    target = torch.tensor(true, dtype=torch.float64)
    theta = torch.tensor([start] * len(NAMES), dtype=torch.float64)
    rates = torch.full((len(NAMES), 1), lr, dtype=torch.float64)
    walker = Walker(theta, optimizer=optimizer, knobs={}, lr=rates, steps=steps)

    def gradient(t: int) -> Tensor:
        leaf = theta.detach().requires_grad_()
        (slope,) = torch.autograd.grad(objective(leaf, target).sum(), leaf)
        return slope

    boxes = torch.stack([moment.theta.clone() for moment in walk(walker, gradient, range(steps + 1))])
    value = torch.stack([variant(boxes[:, k], target) for k, variant in enumerate(BOX_LOSSES.variants())], 1)
    return BoxDescent(NAMES, boxes.numpy(), value.numpy(), overlap(boxes, target).numpy())
