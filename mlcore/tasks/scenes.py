"""Made scenes: a small image with one bright rectangle, and its box exactly."""

from __future__ import annotations

import torch
from torch import Tensor

from mlcore.training.draws import generator

PIXELS = 16  # along each side
SIDES = (3.0, 10.0)  # of a rectangle, in pixels


def covered(low: Tensor, high: Tensor) -> Tensor:
    """[N, PIXELS]: which share of each pixel lies between low [N] and high [N]."""
    edge = torch.arange(PIXELS, dtype=low.dtype)
    return (torch.minimum(high[:, None], edge + 1) - torch.maximum(low[:, None], edge)).clamp(min=0)


def rectangles(boxes: Tensor) -> Tensor:
    """The share of every pixel that lies within a box: [N, 4] -> [N, PIXELS, PIXELS], rows from the top."""
    x1, y1, x2, y2 = boxes.unbind(1)
    return covered(y1, y2)[:, :, None] * covered(x1, x2)[:, None, :]


def scenes(count: int, noise: float, seed: int, part: str) -> tuple[Tensor, Tensor]:
    """Images [N, PIXELS, PIXELS] and boxes [N, 4] in pixels, float64: one `part` shares no draw with another.

    Rectangle and ground have a brightness of their own in every scene; every pixel has its noise.
    """
    g = generator(seed, f"scenes {part}")

    def uniform(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=g, dtype=torch.float64)

    size = SIDES[0] + (SIDES[1] - SIDES[0]) * uniform(count, 2)
    corner = uniform(count, 2) * (PIXELS - size)
    boxes = torch.cat([corner, corner + size], dim=1)
    ground, light = 0.3 * uniform(count, 1, 1), 0.6 + 0.4 * uniform(count, 1, 1)
    image = ground + (light - ground) * rectangles(boxes)
    grain = torch.randn(count, PIXELS, PIXELS, generator=g, dtype=torch.float64)
    return image + noise * grain, boxes
