"""Boxes and what their losses say. A box is a row (x1, y1, x2, y2): left, top, right, bottom, y downward.

Losses take boxes [..., 4] and give [...]; autograd differentiates them. L1, L2 and smooth L1 are means over
the four numbers, as the lecture's MSE. The IoU losses are those of `torchvision.ops`, CIoU's weight alpha
included, which counts as a constant when it is differentiated (Zheng et al. 2020).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base.registry import Registry

FLOATS = NDArray[np.float64]
Box = tuple[float, float, float, float]
SIDE = 10.0  # of the plane
LEAST = 0.1  # a side that a box has at least
BETA = 1.0  # where smooth L1 turns from a square to a line
BOX_LOSSES: Registry[Callable[[Tensor, Tensor], Tensor]] = Registry("box_loss")
OVERLAPPING = ("iou", "giou", "diou", "ciou")  # the losses that ask how much two boxes share


def area(box: Tensor) -> Tensor:
    """0 for a box whose sides a descent has turned inside out."""
    sides = (box[..., 2:] - box[..., :2]).clamp(min=0)
    return sides[..., 0] * sides[..., 1]


def shared(box: Tensor, true: Tensor) -> Tensor:
    """The area of the intersection, 0 where there is none."""
    low, high = torch.maximum(box[..., :2], true[..., :2]), torch.minimum(box[..., 2:], true[..., 2:])
    sides = (high - low).clamp(min=0)
    return sides[..., 0] * sides[..., 1]


def hull(box: Tensor, true: Tensor) -> Tensor:
    """The smallest box around both."""
    low, high = torch.minimum(box[..., :2], true[..., :2]), torch.maximum(box[..., 2:], true[..., 2:])
    return torch.cat([low, high], dim=-1)


def union(box: Tensor, true: Tensor) -> Tensor:
    return area(box) + area(true) - shared(box, true)


def overlap(box: Tensor, true: Tensor) -> Tensor:
    """Intersection over union."""
    return shared(box, true) / union(box, true)


def apart(box: Tensor, true: Tensor) -> Tensor:
    """The squared distance of the centers over the squared diagonal of the hull."""
    between = (box[..., :2] + box[..., 2:] - true[..., :2] - true[..., 2:]) / 2
    around = hull(box, true)
    diagonal = around[..., 2:] - around[..., :2]
    return (between * between).sum(-1) / (diagonal * diagonal).sum(-1)


def shape(box: Tensor) -> Tensor:
    """The angle whose tangent is width over height."""
    return torch.atan((box[..., 2] - box[..., 0]) / (box[..., 3] - box[..., 1]))


@BOX_LOSSES.add(title="L1", formula=r"\tfrac14 \sum_i |\hat b_i - b_i|", source="mean absolute error")
def l1(box: Tensor, true: Tensor) -> Tensor:
    return (box - true).abs().mean(-1)


@BOX_LOSSES.add(title="L2", formula=r"\tfrac14 \sum_i (\hat b_i - b_i)^2", source="mean squared error")
def l2(box: Tensor, true: Tensor) -> Tensor:
    return (box - true).square().mean(-1)


@BOX_LOSSES.add(
    title="Smooth L1",
    formula=r"\tfrac14 \sum_i \begin{cases} \tfrac12 e_i^2 & |e_i| < 1 \\ |e_i| - \tfrac12 & \text{else} "
    r"\end{cases}, \quad e = \hat b - b",
    source="Girshick 2015, Fast R-CNN",
)
def smooth_l1(box: Tensor, true: Tensor) -> Tensor:
    size = (box - true).abs()
    return torch.where(size < BETA, size * size / (2 * BETA), size - BETA / 2).mean(-1)


@BOX_LOSSES.add(
    title="IoU", formula=r"1 - \frac{|\hat B \cap B|}{|\hat B \cup B|}", source="Yu et al. 2016, UnitBox"
)
def iou(box: Tensor, true: Tensor) -> Tensor:
    return 1 - overlap(box, true)


@BOX_LOSSES.add(
    title="GIoU",
    formula=r"1 - \text{IoU} + \frac{|C| - |\hat B \cup B|}{|C|}",
    source="Rezatofighi et al. 2019; C is the smallest box around both",
)
def giou(box: Tensor, true: Tensor) -> Tensor:
    around, both = area(hull(box, true)), union(box, true)
    return 1 - shared(box, true) / both + (around - both) / around


@BOX_LOSSES.add(
    title="DIoU",
    formula=r"1 - \text{IoU} + \frac{d^2}{c^2}",
    source="Zheng et al. 2020; d between the centers, c the diagonal of C",
)
def diou(box: Tensor, true: Tensor) -> Tensor:
    return 1 - overlap(box, true) + apart(box, true)


@BOX_LOSSES.add(
    title="CIoU",
    formula=r"1 - \text{IoU} + \frac{d^2}{c^2} + \alpha v, \quad "
    r"v = \tfrac{4}{\pi^2} \left(\arctan \tfrac{w}{h} - \arctan \tfrac{\hat w}{\hat h}\right)^2, \; "
    r"\alpha = \frac{v}{1 - \text{IoU} + v}",
    source="Zheng et al. 2020",
)
def ciou(box: Tensor, true: Tensor) -> Tensor:
    kept = overlap(box, true)
    v = (4 / math.pi**2) * (shape(true) - shape(box)).square()
    alpha = (v / (1 - kept + v + 1e-7)).detach()
    return 1 - kept + apart(box, true) + alpha * v


# ---------------------------------------------------------------- one pair of boxes


@dataclass(frozen=True, eq=False)
class Reading:
    """What one loss says of a predicted box."""

    name: str
    value: float
    gradient: FLOATS  # [4]
    gain: float  # how fast the IoU rises on the way downhill, per unit of length; 0 without a gradient


@dataclass(frozen=True, eq=False)
class Measured:
    """A predicted box against the true one."""

    box: Box
    true: Box
    readings: tuple[Reading, ...]

    def of(self, name: str) -> Reading:
        return next(one for one in self.readings if one.name == name)

    @property
    def iou(self) -> float:
        return 1 - self.of("iou").value

    @property
    def touching(self) -> bool:
        """Whether they share an area."""
        return self.iou > 0


def measure(box: Box, true: Box) -> Measured:
    """Every loss of one box, and where it sends it."""
    target = torch.tensor(true, dtype=torch.float64)
    slopes, values = {}, {}
    for variant in BOX_LOSSES.variants():
        leaf = torch.tensor(box, dtype=torch.float64, requires_grad=True)
        value = variant(leaf, target)
        (slopes[variant.name],) = torch.autograd.grad(value, leaf)
        values[variant.name] = float(value.detach())
    rising = -slopes["iou"]
    readings = []
    for name, slope in slopes.items():
        length = float(slope.norm())
        gain = float(-(rising @ slope)) / length if length > 0 else 0.0
        readings.append(Reading(name, values[name], slope.numpy(), gain))
    return Measured(box, true, tuple(readings))


def along(box: Box, true: Box, shifts: FLOATS, names: Sequence[str] = OVERLAPPING) -> FLOATS:
    """[names, M]: the losses of the predicted box when it is moved by shifts [M] along x."""
    moved = torch.tensor(box, dtype=torch.float64) + torch.from_numpy(shifts)[:, None] * torch.tensor(
        [1.0, 0.0, 1.0, 0.0], dtype=torch.float64
    )
    target = torch.tensor(true, dtype=torch.float64)
    return np.stack([BOX_LOSSES[name](moved, target).numpy() for name in names])


def ordered(numbers: Sequence[float]) -> Box:
    """A box of four numbers: inside the plane, left before right, top above bottom, no side below LEAST."""

    def side(a: float, b: float) -> tuple[float, float]:
        low, high = sorted((min(max(a, 0.0), SIDE), min(max(b, 0.0), SIDE)))
        if high - low >= LEAST:
            return low, high
        low = min(low, SIDE - LEAST)
        return low, low + LEAST

    (x1, x2), (y1, y2) = side(numbers[0], numbers[2]), side(numbers[1], numbers[3])
    return x1, y1, x2, y2


CORNERS = ((0, 1), (2, 1), (2, 3), (0, 3))  # which two of the four numbers each corner has
MIDDLE = len(CORNERS)


def places(box: Sequence[float] | NDArray[Any]) -> FLOATS:
    """The four corners, then the middle: [5, 2]."""
    corners = [(box[i], box[j]) for i, j in CORNERS]
    return np.array([*corners, ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)])


def moved(box: Box, point: int, x: float, y: float) -> Box:
    """The box after a hand has taken one of its `places` to (x, y): a corner stops before the one opposite
    it, and the middle takes the whole box along as far as the plane goes."""
    found = list(box)
    if point == MIDDLE:
        for axis, at in ((0, x), (1, y)):
            half = (box[axis + 2] - box[axis]) / 2
            middle = min(max(at, half), SIDE - half)
            found[axis], found[axis + 2] = middle - half, middle + half
    else:
        for number, at in zip(CORNERS[point], (x, y), strict=True):
            other = box[(number + 2) % 4]
            low, high = (0.0, other - LEAST) if number < 2 else (other + LEAST, SIDE)
            found[number] = min(max(at, low), high)
    return found[0], found[1], found[2], found[3]
