"""The same widths, trained: what gradient descent finds of what the theorem says is there.

All seeds of a width are rows of one theta, trained together on all points at once by Adam with a rate that
falls to 0. Inputs and targets are standardized while training; the result is written back in units of x, so
that it is evaluated as the constructed networks are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.base.device import computing, off_device, on_device
from mlcore.base.experiment import Report, run, silent, within
from mlcore.base.registry import Knob
from mlcore.depth import approximation as core
from mlcore.depth.approximation import WIDTHS
from mlcore.depth.approximation_targets import HAND, LINE, Target, grid, target
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.losses import cost_gradient
from mlcore.families.networks import Backpropagation, Network, with_ones
from mlcore.formulas.formula import MOST_CHARACTERS
from mlcore.training.descent import adam
from mlcore.training.draws import generator

FLOATS = NDArray[np.float64]
TRAINABLE = ("relu", "tanh", "sigmoid")
TRAINED, TRAINED_SIDE = 256, 16  # cells along the line, along each side of the square: training points
FITTED, FITTED_SIDE = 1024, 32  # the same for least squares: several points for each unit
STRETCH = math.sqrt(12)  # of a uniform number, to standardize it
INIT = "torch_default"  # whose biases are spread out: with biases of 0 all ReLUs would bend in the middle
START = 60  # a step of the narrowest network takes as long as this many more units


@dataclass(frozen=True)
class SweepSpec:
    """R networks with one hidden layer of every width from 1 to 256, trained on one target."""

    target: str = specs.text(LINE["sine"], "af", MOST_CHARACTERS)
    plane: bool = specs.flag(False, "aplane")
    activation: str = specs.choice("relu", TRAINABLE, "aact")
    lr: float = specs.number(Knob(0.03, 1e-3, 0.3, symbol=r"\eta", log=True), "alr")
    steps: int = specs.number(Knob(600, 100, 5000, symbol="T", log=True, integer=True), "asteps")
    networks: int = specs.number(Knob(5, 1, 20, symbol="R", log=True, integer=True), "ar")
    seed: int = specs.number(Knob(0, 0, 9000, integer=True), "aseed")
    drawn: str = specs.points("apts")  # instead of the formula, on the line

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def text(self) -> str:
        """The target, as `target` reads it."""
        return HAND + self.drawn if self.drawn and not self.plane else self.target


@dataclass(frozen=True, eq=False)
class Width:
    """The R networks of one width when their training has ended, in units of x."""

    units: int
    theta: FLOATS  # [R, P]
    errors: FLOATS  # [R] max |f - y|
    solved: FLOATS  # [1, P] hidden layer drawn, output layer by least squares
    solved_error: float

    def network(self, spec: SweepSpec) -> Network:
        return Network((1 + spec.plane, self.units, 1), spec.activation)


@run.register
def sweep(spec: SweepSpec, report: Report = silent) -> tuple[Width, ...]:
    """Train width after width, narrow ones first; `report` gets each when it is done."""
    f = target(spec.text, spec.plane)
    everything, before, found = sum(START + units for units in WIDTHS), 0, []
    for units in WIDTHS:
        after = before + START + units
        own = within(report, before / everything, after / everything)
        network = Network((1 + spec.plane, units, 1), spec.activation)
        rows = torch.cat([train(network, f, spec, own), solved(network, f, spec.seed)])
        worst = core.errors(network, rows, f)
        found.append(Width(units, rows[:-1].numpy(), worst[:-1].numpy(), rows[-1:].numpy(), float(worst[-1])))
        report(after / everything, found[-1])
        before = after
    return tuple(found)


@computing()
def train(network: Network, f: Target, spec: SweepSpec, report: Report = silent) -> Tensor:
    """The R networks of one width: theta [R, P] float64, in units of x."""
    x = grid(f.plane, TRAINED_SIDE if f.plane else TRAINED)
    y = f(x)
    level, size = float(y.mean()), float(y.std()) or 1.0
    draws = [generator(spec.seed + i, f"width {network.sizes[1]}") for i in range(spec.networks)]
    theta = on_device(network.init(INIT, draws), torch.float32)
    rows = len(theta)
    x1 = on_device(with_ones(STRETCH * (x - 0.5)).expand(rows, -1, -1), torch.float32).contiguous()
    wanted = on_device(((y - level) / size)[:, None].expand(rows, -1, -1), torch.float32).contiguous()
    passes = Backpropagation(network, theta, len(x))

    def gradient(t: int) -> Tensor:
        return passes.backward(cost_gradient("mse", passes.forward(x1), wanted))

    for _ in adam(theta, gradient, spec.lr, spec.steps, [spec.steps], report):
        pass
    return in_units(network, off_device(theta).double(), level, size)


def in_units(network: Network, theta: Tensor, level: float, size: float) -> Tensor:
    """The same functions of x and of f that theta [R, P] are of both standardized."""
    rows = theta.clone()
    hidden, last = network.blocks(rows)
    hidden[:, :-1] *= STRETCH
    hidden[:, -1] -= 0.5 * hidden[:, :-1].sum(1)
    last *= size
    last[:, -1] += level
    return rows


@computing()
def solved(network: Network, f: Target, seed: int) -> Tensor:
    """One network whose hidden layer is drawn as a training begins and stays so: theta [1, P].

    What is left is linear, so that least squares finds the best output layer.
    """
    theta = network.init(INIT, [generator(seed, f"width {network.sizes[1]}")])
    theta = in_units(network, theta, 0.0, 1.0)
    x = grid(f.plane, FITTED_SIDE if f.plane else FITTED)
    hidden, last = network.blocks(theta)
    h = ACTIVATIONS[network.activation](x @ hidden[0, :-1] + hidden[0, -1:])
    last[0] = torch.linalg.lstsq(with_ones(h), f(x)[:, None], driver="gelsd").solution
    return theta
