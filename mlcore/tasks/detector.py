"""Which loss should a network that finds boxes be trained with? The same networks, once for each loss.

A multilayer perceptron reads an image and says the center and the size of a box.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import softplus

from mlcore.base import spec as specs
from mlcore.base.device import computing, off_device, on_device
from mlcore.base.experiment import Report, run, silent
from mlcore.base.registry import Knob
from mlcore.families.networks import Network
from mlcore.tasks.boxes import BOX_LOSSES, overlap
from mlcore.tasks.rows import Cost, trained
from mlcore.tasks.scenes import PIXELS, scenes

TRAINED = ("l2", "smooth_l1", "iou", "giou")  # the losses that are compared
TESTED = 400  # scenes
SHOWN = 6  # of them in the picture
FLOATS = NDArray[np.float64]


@dataclass(frozen=True)
class DetectorSpec:
    """Networks that find the one rectangle of a scene."""

    examples: int = specs.number(Knob(1000, 50, 2000, symbol="n", log=True, integer=True), "oscenes")
    noise: float = specs.number(Knob(0.1, 0.0, 0.5, symbol=r"\sigma"), "ograin")
    units: int = specs.number(Knob(64, 8, 128, symbol="N", log=True, integer=True), "ohidden")
    rate: float = specs.number(Knob(0.002, 1e-4, 0.1, symbol=r"\eta", log=True), "orate")
    updates: int = specs.number(Knob(1000, 50, 2000, symbol="T", log=True, integer=True), "oupdates")
    seeds: int = specs.number(Knob(5, 1, 10, symbol="S", integer=True), "oseeds")
    seed: int = specs.number(Knob(0, 0, 9000, integer=True), "oseed")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def network(self) -> Network:
        return Network((PIXELS**2, self.units, 4), "relu")


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The test scenes at one step: L losses, S seeds."""

    step: int
    iou: FLOATS  # [L, S] mean over the scenes
    half: FLOATS  # [L, S] share of the scenes with an IoU of at least 1/2


@dataclass(frozen=True, eq=False)
class Detector:
    """All that was measured, and what the first seed's networks say of some test scenes in the end."""

    checkpoints: tuple[Checkpoint, ...]
    chance: float  # mean IoU of the mean box of the training scenes
    images: FLOATS  # [M, PIXELS, PIXELS]
    truth: FLOATS  # [M, 4]
    found: FLOATS  # [L, M, 4]

    @property
    def last(self) -> Checkpoint:
        return self.checkpoints[-1]


def decode(output: Tensor) -> Tensor:
    """Boxes in pixels from four outputs: the center as it is, the size positive whatever the network says."""
    middle, half = PIXELS / 2 + 4 * output[..., :2], 4 * softplus(output[..., 2:])
    return torch.cat([middle - half, middle + half], dim=-1)


def cost(name: str) -> Cost:
    """One loss of what a network says, against true boxes."""
    return lambda output, true: BOX_LOSSES[name](decode(output), true)


COSTS = tuple(cost(name) for name in TRAINED)


@run.register
@computing()
def detect(spec: DetectorSpec, report: Report = silent) -> Detector:
    """Train all rows at once; `report` gets a checkpoint whenever the test scenes have been looked at."""
    images, boxes = scenes(spec.examples, spec.noise, spec.seed, "train")
    test_images, test_boxes = scenes(TESTED, spec.noise, spec.seed, "test")
    seeds = [spec.seed + k for k in range(spec.seeds)]
    x_test = on_device(test_images.flatten(1) - 0.5, torch.float32)
    x = images.flatten(1) - 0.5
    checkpoints: list[Checkpoint] = []
    said = test_boxes
    for moment in trained(spec.network, COSTS, seeds, x, boxes, spec.rate, spec.updates):
        told = decode(spec.network.predict(moment.theta, x_test))
        said = off_device(told).double()
        each = overlap(said, test_boxes).view(len(TRAINED), spec.seeds, -1)
        half = (each >= 0.5).double().mean(-1)
        checkpoints.append(Checkpoint(moment.step, each.mean(-1).numpy().copy(), half.numpy().copy()))
        report(moment.step / spec.updates, checkpoints[-1])
    usual = overlap(boxes.mean(0).expand_as(test_boxes), test_boxes).mean()
    shown = said.view(len(TRAINED), spec.seeds, TESTED, 4)[:, 0, :SHOWN]
    return Detector(
        tuple(checkpoints), float(usual), test_images[:SHOWN].numpy().copy(),
        test_boxes[:SHOWN].numpy().copy(), shown.numpy().copy(),
    )  # fmt: skip
