"""Masks, logits and a small training that several tests share, and every figure of the masks."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import plotly.graph_objects as go
import torch
from torch import Tensor

from mlcore.base.masks import Mask
from mlcore.figures import masks as figures
from mlcore.figures import segmenter
from mlcore.figures.words import Say
from mlcore.tasks import mask_gradients
from mlcore.tasks.mask_scenes import mask_scenes
from mlcore.tasks.segmenter import Segmented, SegmenterSpec, segment

SMALL = SegmenterSpec(examples=20, channels=4, updates=60, seeds=2)


@cache
def segmented() -> Segmented:
    return segment(SMALL)


def scene(seed: int = 0) -> tuple[Tensor, Mask]:
    images, masks = mask_scenes(1, 0.1, seed, "painted")
    return images[0], masks[0].numpy() > 0.5


def random_mask(seed: int, share: float = 0.3, side: int = 24) -> Mask:
    return np.random.default_rng(seed).random((side, side)) < share


def logits(seed: int, *shape: int) -> Tensor:
    g = torch.Generator().manual_seed(seed)
    return 3 * torch.randn(*shape, generator=g, dtype=torch.float64)


def pulled(k: int, say: Say) -> go.Figure:
    _, true = scene(2)
    return figures.pulls(mask_gradients.gradients(true, 3.0, -1.0, (0.6, 4.0), 2.0), true, say)[k]


def alone(k: int, say: Say) -> go.Figure:
    _, true = scene(2)
    found = mask_gradients.alone(true, 3.0, -1.0, (0.6, 4.0), 2.0)
    return figures.over_probability(found, say)[k]


def shared(say: Say) -> go.Figure:
    _, true = scene(2)
    return figures.shares(mask_gradients.gradients(true, 3.0, -1.0, (0.6, 4.0), 2.0), 2.0, say)


def painted(say: Say) -> go.Figure:
    image, _ = scene(2)
    return figures.painting(image.numpy(), random_mask(0), say)


def compared(say: Say, share: float = 0.3) -> go.Figure:
    image, true = scene(2)
    return figures.compared(image.numpy(), random_mask(0, share), true, say)


MEASURES = {
    "accuracy": 0.9,
    "balanced": 0.5,
    "precision": float("nan"),
    "f1": 0.0,
    "iou": 0.0,
    "boundary": 0.0,
}
CASES: dict[str, Callable[[Say], go.Figure]] = {
    "mask image: painting": painted,
    "mask image: compared": compared,
    "mask image: compared, nothing painted": lambda say: compared(say, 0.0),
    "mask measures": lambda say: figures.measured(MEASURES, MEASURES | {"iou": 0.5}, say),
    "mask image: scene": lambda say: figures.seen(scene(2)[0].numpy(), scene(2)[1], say),
    "mask image: prediction": lambda say: figures.predicted(np.full((24, 24), 0.3), scene(2)[1], say),
    "mask image: pull of cross-entropy": lambda say: pulled(0, say),
    "mask image: pull of Dice": lambda say: pulled(3, say),
    "mask losses of an object": lambda say: alone(0, say),
    "mask losses of the background": lambda say: alone(1, say),
    "mask shares": shared,
    "mask learning": lambda say: segmenter.learning(segmented().glimpses, 60, 0.1, say),
    "mask learning goes on": lambda say: segmenter.learning(segmented().glimpses[:1], 60, None, say),
    "mask image: network": lambda say: segmenter.painted(segmented(), 2, 0.4, say),
    "mask thresholds": lambda say: segmenter.over_thresholds(segmented(), 0, 0.5, say),
}
