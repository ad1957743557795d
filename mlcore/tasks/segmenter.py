"""Which loss should a network have that says of every pixel whether it belongs to an object?

A small network of convolutions alone: layers of 3 x 3 pixels that lie 1, 2 and 4 apart, so that what is said
of a pixel depends on 15 x 15 pixels around it, and a last layer that reads each pixel's channels (Long et al.
2015; Yu and Koltun 2016).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.base.device import computing, off_device, on_device
from mlcore.base.experiment import Report, run, silent
from mlcore.base.masks import SIDE
from mlcore.base.registry import Knob
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.convolutions import KERNEL, OverImages, convolve
from mlcore.tasks.mask_scenes import mask_scenes
from mlcore.tasks.masks import GAMMA, NAMES, STRENGTH, Counts, balanced, mask_loss
from mlcore.tasks.rows import trained

SPREADS = (1, 2, 4)  # pixels between those that a kernel reads, layer by layer
TESTED, SHOWN = 100, 3  # scenes; of them in the picture
BATCH = 8  # scenes: 4608 pixels
THRESHOLDS = np.round(np.linspace(0.02, 0.98, 49), 2)
HALF = 24  # the place of 0.5 among them
FLOATS = NDArray[np.float64]
COUNTS = NDArray[np.int64]


@dataclass(frozen=True)
class PixelNetwork(OverImages):
    """`sizes` are channels: one in, one out; every example is an image of SIDE * SIDE pixels, and so is what
    is said of it, in logits."""

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """[fan_in + 1, channels] of each layer; the last one reads single pixels."""
        *kernels, last = pairwise(self.sizes)
        return [*((KERNEL**2 * a + 1, b) for a, b in kernels), (last[0] + 1, last[1])]

    @property
    def products(self) -> int:
        return SIDE**2 * self.size

    def row(self, blocks: list[Tensor], x: Tensor) -> Tensor:
        """Logits [N, SIDE^2] of images [N, SIDE^2]."""
        *kernels, last = blocks
        h = x.reshape(-1, 1, SIDE, SIDE)
        for block, spread in zip(kernels, SPREADS, strict=True):
            h = ACTIVATIONS[self.activation](convolve(h, block, spread))
        return (h.flatten(2).mT @ last[:-1] + last[-1:])[..., 0]


@dataclass(frozen=True)
class SegmenterSpec:
    """Networks that segment scenes, one loss against another."""

    examples: int = specs.number(Knob(200, 20, 500, symbol="n", log=True, integer=True), "mscenes")
    noise: float = specs.number(Knob(0.1, 0.0, 0.5, symbol=r"\sigma"), "mgrain")
    channels: int = specs.number(Knob(8, 2, 16, symbol="C", integer=True), "mchannels")
    strength: float = specs.number(STRENGTH, "mweights")
    gamma: float = specs.number(GAMMA, "mgamma")
    rate: float = specs.number(Knob(0.01, 1e-4, 0.1, symbol=r"\eta", log=True), "mrate")
    updates: int = specs.number(Knob(400, 20, 1000, symbol="T", log=True, integer=True), "mupdates")
    seeds: int = specs.number(Knob(3, 1, 5, symbol="S", integer=True), "mtimes")
    seed: int = specs.number(Knob(0, 0, 9000, integer=True), "mfirst")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def network(self) -> PixelNetwork:
        return PixelNetwork((1, *[self.channels] * len(SPREADS), 1), "relu")


@dataclass(frozen=True, eq=False)
class Glimpse:
    """The test scenes at one step: L losses, S seeds; of the first seed, what it says of some scenes."""

    step: int
    iou: FLOATS  # [L, S] over all pixels of all test scenes, at the threshold 1/2
    accuracy: FLOATS  # [L, S]
    said: NDArray[np.uint8]  # [L, SHOWN, SIDE, SIDE] probabilities in 255ths


@dataclass(frozen=True, eq=False)
class Segmented:
    """All that was measured: E thresholds, scenes of the `shown` pictures."""

    glimpses: tuple[Glimpse, ...]
    images: FLOATS  # [SHOWN, SIDE, SIDE]
    truth: NDArray[np.bool_]  # [SHOWN, SIDE, SIDE]
    test: Counts  # each [L, S, E] over all test scenes
    train: Counts  # each [L, S, E] over as many training scenes
    weights: tuple[float, float]  # of background and object
    objects: float  # share of the test pixels that are objects

    @property
    def last(self) -> Glimpse:
        return self.glimpses[-1]

    @property
    def tuned(self) -> COUNTS:
        """[L, S] the threshold, as its place, with the largest IoU on the training scenes."""
        found: COUNTS = self.train.iou.argmax(-1)
        return found


@run.register
@computing()
def segment(spec: SegmenterSpec, report: Report = silent) -> Segmented:
    """Train all rows at once; `report` gets a glimpse whenever the test scenes have been looked at."""
    images, masks = mask_scenes(spec.examples, spec.noise, spec.seed, "train")
    test_images, test_masks = mask_scenes(TESTED, spec.noise, spec.seed, "test")
    weights = balanced(float(masks.mean()), spec.strength)
    costs = tuple(mask_loss(name, weights, spec.gamma) for name in NAMES)
    seeds = [spec.seed + k for k in range(spec.seeds)]
    x, y = images.flatten(1) - 0.5, masks.flatten(1)
    there, again = (on_device(part, torch.float32) for part in (test_images.flatten(1) - 0.5, x[:TESTED]))
    glimpses: list[Glimpse] = []
    found = seen = torch.empty(0)
    for moment in trained(spec.network, costs, seeds, x, y, spec.rate, spec.updates, BATCH):
        found = off_device(spec.network.predict(moment.theta, there).sigmoid())
        glimpses.append(glimpse(moment.step, found, test_masks))
        if moment.step == spec.updates:
            seen = off_device(spec.network.predict(moment.theta, again).sigmoid())
        report(moment.step / spec.updates, glimpses[-1])
    return Segmented(
        tuple(glimpses), test_images[:SHOWN].numpy().copy(), test_masks[:SHOWN].numpy() > 0.5,
        over_thresholds(found, test_masks), over_thresholds(seen, masks[:TESTED]), weights,
        float(test_masks.mean()),
    )  # fmt: skip


def glimpse(step: int, said: Tensor, masks: Tensor) -> Glimpse:
    """said [R, N, SIDE^2], probabilities, against masks [N, SIDE, SIDE]."""
    counted = Counts.of((said > 0.5).numpy(), masks.flatten(1).numpy() > 0.5, (-2, -1))
    first = said.view(len(NAMES), -1, *said.shape[1:])[:, 0, :SHOWN]
    shown = (255 * first).round().to(torch.uint8).view(len(NAMES), -1, SIDE, SIDE).numpy().copy()
    shape = (len(NAMES), -1)
    return Glimpse(step, counted.iou.reshape(shape), counted.accuracy.reshape(shape), shown)


def over_thresholds(said: Tensor, masks: Tensor) -> Counts:
    """Pixels counted at every threshold: said [R, N, SIDE^2] -> [L, S, E]."""
    true = masks.flatten(1).numpy() > 0.5
    parts = [Counts.of((said > float(at)).numpy(), true, (-2, -1)) for at in THRESHOLDS]
    shape = (len(NAMES), -1, len(THRESHOLDS))
    stacked = (np.stack([getattr(part, name) for part in parts], -1) for name in ("tp", "fp", "fn", "tn"))
    return Counts(*(column.reshape(shape) for column in stacked))
