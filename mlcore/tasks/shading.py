"""Depth from shading: which loss should a network have where an image does not tell the scale of the world?

An image is the light on a relief; the depth is the relief times a scale that is drawn apart from it, as one
photograph may be of a house or of its model. The network says the logarithm of the depth of every pixel. No
network can know the scale, so none has a mean squared log error below its variance.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.base.device import computing, off_device, on_device
from mlcore.base.experiment import Report, run, silent
from mlcore.base.registry import Knob
from mlcore.families.networks import Network
from mlcore.tasks.rows import Cost, trained
from mlcore.training.draws import generator

PIXELS = 12  # along each side
LIGHT = (-0.5, -0.5, 0.7071)  # toward it: from the upper left, before the relief
TESTED, SHOWN = 300, 6
FLOATS = NDArray[np.float64]


@dataclass(frozen=True)
class ShadingSpec:
    """Networks that see depth; `spread` is the largest factor between the scale of a world and 1."""

    examples: int = specs.number(Knob(1000, 50, 2000, symbol="n", log=True, integer=True), "oreliefs")
    spread: float = specs.number(Knob(2.0, 1.0, 4.0), "ospread")
    units: int = specs.number(Knob(64, 8, 128, symbol="N", log=True, integer=True), "oneurons")
    rate: float = specs.number(Knob(0.002, 1e-4, 0.1, symbol=r"\eta", log=True), "opace")
    updates: int = specs.number(Knob(1000, 50, 2000, symbol="T", log=True, integer=True), "ocount")
    seeds: int = specs.number(Knob(5, 1, 10, symbol="S", integer=True), "otimes")
    seed: int = specs.number(Knob(0, 0, 9000, integer=True), "ofirst")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def network(self) -> Network:
        return Network((PIXELS**2, self.units, PIXELS**2), "relu")

    @property
    def floor(self) -> float:
        """Below it no root mean squared log error lies on average: the deviation of the log scale, which is
        uniform on [-ln spread, ln spread]."""
        return log(self.spread) / 3**0.5


def reliefs(count: int, spread: float, seed: int, part: str) -> tuple[Tensor, Tensor]:
    """Images [N, PIXELS^2] and logarithms of depth [N, PIXELS^2], float64: a tilted wall with two bumps."""
    g = generator(seed, f"reliefs {part}")

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(count, 1, 1, generator=g, dtype=torch.float64)

    at = torch.linspace(-1, 1, PIXELS, dtype=torch.float64)
    y, x = torch.meshgrid(at, at, indexing="ij")
    tilt_x, tilt_y = uniform(-0.5, 0.5), uniform(-0.5, 0.5)
    relief = 3 + tilt_x * x + tilt_y * y
    slope_x, slope_y = tilt_x.expand(-1, PIXELS, PIXELS), tilt_y.expand(-1, PIXELS, PIXELS)
    for _ in range(2):
        left, top, size, high = uniform(-0.6, 0.6), uniform(-0.6, 0.6), uniform(0.3, 0.6), uniform(0.4, 1.0)
        bump = high * torch.exp(-((x - left) ** 2 + (y - top) ** 2) / (2 * size**2))
        relief = relief - bump  # toward the viewer
        slope_x = slope_x + bump * (x - left) / size**2
        slope_y = slope_y + bump * (y - top) / size**2
    length = (1 + slope_x**2 + slope_y**2).sqrt()
    light = (LIGHT[0] * slope_x + LIGHT[1] * slope_y + LIGHT[2]) / length  # of normals (z_x, z_y, 1) / length
    scale = log(spread) * uniform(-1, 1)
    return light.clamp(min=0).flatten(1), (relief.log() + scale).flatten(1)


def squared(output: Tensor, true: Tensor) -> Tensor:
    """Of depths, as MSE has it."""
    return (output.exp() - true.exp()).square().mean(-1)


def squared_log(output: Tensor, true: Tensor) -> Tensor:
    return (output - true).square().mean(-1)


def half_invariant(output: Tensor, true: Tensor) -> Tensor:
    """The training loss of Eigen et al. 2014, equation 4."""
    off = output - true
    return off.square().mean(-1) - 0.5 * off.mean(-1).square()


def invariant(output: Tensor, true: Tensor) -> Tensor:
    """Blind to the scale altogether."""
    off = output - true
    return off.square().mean(-1) - off.mean(-1).square()


COSTS: dict[str, Cost] = {
    "mse": squared, "log_mse": squared_log, "eigen": half_invariant, "silog": invariant,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Glance:
    """The test images at one step: means over them, for L losses and S seeds."""

    step: int
    rmse: FLOATS  # [L, S] m
    log_rmse: FLOATS  # [L, S]
    silog: FLOATS  # [L, S]
    abs_rel: FLOATS  # [L, S] after the best scale of each image


@dataclass(frozen=True, eq=False)
class Seen:
    """All that was measured, and some test images with what the first seed's networks see in the end."""

    glances: tuple[Glance, ...]
    images: FLOATS  # [M, PIXELS^2]
    truth: FLOATS  # [M, PIXELS^2] logarithms of depth
    found: FLOATS  # [L, M, PIXELS^2]

    @property
    def last(self) -> Glance:
        return self.glances[-1]


@run.register
@computing()
def see(spec: ShadingSpec, report: Report = silent) -> Seen:
    """Train all rows at once; `report` gets a glance whenever the test images have been looked at."""
    x, y = reliefs(spec.examples, spec.spread, spec.seed, "train")
    x_test, y_test = reliefs(TESTED, spec.spread, spec.seed, "test")
    there = on_device(x_test - 0.5, torch.float32)
    seeds = [spec.seed + k for k in range(spec.seeds)]
    glances: list[Glance] = []
    said = y_test
    for moment in trained(spec.network, tuple(COSTS.values()), seeds, x - 0.5, y, spec.rate, spec.updates):
        said = off_device(spec.network.predict(moment.theta, there)).double()
        glances.append(glance(moment.step, said, y_test))
        report(moment.step / spec.updates, glances[-1])
    shown = said.view(len(COSTS), spec.seeds, TESTED, -1)[:, 0, :SHOWN]
    return Seen(
        tuple(glances), x_test[:SHOWN].numpy().copy(), y_test[:SHOWN].numpy().copy(), shown.numpy().copy()
    )


def glance(step: int, said: Tensor, true: Tensor) -> Glance:
    """said [R, N, M] and true [N, M], logarithms; one value for each image, then the mean over images. Of
    squares the root is taken last."""
    off = said - true
    shape = off - off.mean(-1, keepdim=True)

    def over(values: Tensor) -> FLOATS:
        found: FLOATS = values.mean((-2, -1)).view(len(COSTS), -1).numpy().copy()
        return found

    rmse = np.sqrt(over((said.exp() - true.exp()).square()))
    relative = over((shape.exp() - 1).abs())
    return Glance(step, rmse, np.sqrt(over(off.square())), np.sqrt(over(shape.square())), relative)
