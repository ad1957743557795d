"""Made scenes with exact masks: a few small objects on a textured ground.

A pixel belongs to an object if its center lies in it, so that the mask is known exactly. The image is the
light of ground and objects, blurred as a lens does it, with noise on every pixel. Objects are small: most
pixels are background, as in most pictures that are segmented.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import conv2d, pad

from mlcore.base.masks import SIDE
from mlcore.training.draws import generator

LEAST, MOST = 1, 3  # objects of a scene
AREA = (12.0, 45.0)  # of an object, in pixels
RIM = 3.0  # pixels between a center and the edge of the image
WAVES = 3  # of the ground's texture
TEXTURE = 0.1  # their amplitude
CONTRAST = (0.5, 0.8)  # of an object over the ground
BLUR = (0.15, 0.7, 0.15)  # of the lens, along rows and along columns


def mask_scenes(count: int, noise: float, seed: int, part: str) -> tuple[Tensor, Tensor]:
    """Images and masks (1 on objects) [N, SIDE, SIDE], float64: one `part` shares no draw with another."""
    g = generator(seed, f"mask scenes {part}")

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(count, 1, 1, generator=g, dtype=torch.float64)

    at = torch.arange(SIDE, dtype=torch.float64) + 0.5  # the centers of the pixels
    y, x = torch.meshgrid(at, at, indexing="ij")
    image = uniform(0.2, 0.4).expand(-1, SIDE, SIDE)
    for _ in range(WAVES):
        angle, length, phase = uniform(0, 2 * math.pi), uniform(4, 12), uniform(0, 2 * math.pi)
        way = x * torch.cos(angle) + y * torch.sin(angle)
        image = image + TEXTURE * torch.cos(2 * math.pi * way / length + phase)
    masks = torch.zeros_like(image)
    objects = uniform(LEAST, MOST + 1).floor()
    for k in range(MOST):
        left, top, turn = uniform(RIM, SIDE - RIM), uniform(RIM, SIDE - RIM), uniform(0, 2 * math.pi)
        kind, area, aspect, light = uniform(0, 3).floor(), uniform(*AREA), uniform(1, 2), uniform(*CONTRAST)
        u = (x - left) * torch.cos(turn) + (y - top) * torch.sin(turn)
        v = (y - top) * torch.cos(turn) - (x - left) * torch.sin(turn)
        here = inside(u, v, kind, area, aspect) & (objects > k)
        image = image + light * (here & (masks == 0))  # where two meet, the first one is seen
        masks = masks + (here & (masks == 0))
    grain = torch.randn(count, SIDE, SIDE, generator=g, dtype=torch.float64)
    return blurred(image) + noise * grain, masks


def inside(u: Tensor, v: Tensor, kind: Tensor, area: Tensor, aspect: Tensor) -> Tensor:
    """Which points (u, v) lie in a disc (kind 0), a rectangle (1) or an equilateral triangle (2) around 0."""
    disc = u * u + v * v <= area / math.pi
    box = (u.abs() <= (area * aspect).sqrt() / 2) & (v.abs() <= (area / aspect).sqrt() / 2)
    sides = torch.stack([u, -u / 2 + v * math.sqrt(3) / 2, -u / 2 - v * math.sqrt(3) / 2]).amax(0)
    triangle = sides <= (area / (3 * math.sqrt(3))).sqrt()
    return torch.where(kind == 0, disc, torch.where(kind == 1, box, triangle))


def blurred(images: Tensor) -> Tensor:
    """What a lens makes of images [N, H, W]; beyond the edge the picture goes on as it ends."""
    kernel = torch.tensor(BLUR, dtype=images.dtype)
    wide = pad(images[:, None], (1, 1, 1, 1), mode="replicate")
    return conv2d(wide, (kernel[:, None] * kernel)[None, None])[:, 0]
