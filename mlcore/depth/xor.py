"""XOR with one hidden layer: where the four points go, and how many networks find the way.

The training is one of the training room's, on XOR without noise and all examples at once, so that each of
these networks can be opened there by its seed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.base.experiment import Report, quiet, run, silent, within
from mlcore.base.registry import Knob
from mlcore.base.shares import Share
from mlcore.depth.lines import POINTS, XOR
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.initializers import INITIALIZERS
from mlcore.families.models import ModelSpec
from mlcore.families.networks import Network
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.training.data import DataSpec
from mlcore.training.tasks import Task, TrainSpec, prepare
from mlcore.training.training import Run, train

WIDTHS = tuple(range(1, 9))
FLAT = 1e-6  # a unit whose slope is below this on all four points learns nothing
STILL = 1e-3  # a gradient below this has come to rest
DATA = DataSpec("xor", examples=40, test_share=0.1, knobs=(("noise", 0.0),))
FLOATS = NDArray[np.float64]


class Reason(StrEnum):
    """How a network ended. The value is the sentence; other languages translate by name."""

    SOLVED = "all four points are right"
    NARROW = "one hidden unit that only rises bends no line back: three points are right at most"
    DEAD = "too few hidden units still learn: on all four points the slope of the others is zero"
    STUCK = "its gradient has come to rest where some points are wrong: a plateau or a local minimum"
    SLOW = "it was still learning when the steps ended"


@dataclass(frozen=True)
class XorSpec:
    """R networks of every hidden width from 1 to 8, trained on XOR."""

    activation: str = specs.choice("relu", ACTIVATIONS, "xact")
    init: str = specs.choice("he", INITIALIZERS, "xinit")
    optimizer: str = specs.choice("adam", OPTIMIZERS, "xopt")
    lr: float = specs.number(Knob(0.05, 1e-3, 10.0, symbol=r"\eta", log=True), "xlr")
    steps: int = specs.number(Knob(400, 50, 2000, symbol="T", log=True, integer=True), "xsteps")
    networks: int = specs.number(Knob(200, 20, 256, symbol="R", log=True, integer=True), "xr")
    seed: int = specs.number(Knob(0, 0, 9000, integer=True), "xseed")

    def __post_init__(self) -> None:
        specs.check(self)

    def training(self, width: int) -> TrainSpec:
        """The training of all networks of one width."""
        model = ModelSpec(widths=(width,), activation=self.activation, init=self.init)
        return TrainSpec(
            DATA, model, loss="binary_cross_entropy", optimizer=self.optimizer, lr=self.lr, batch_size=0,
            steps=self.steps, seed=self.seed, replicas=self.networks,
        )  # fmt: skip

    def one(self, width: int, network: int) -> TrainSpec:
        """One of them alone, the same in every bit."""
        return replace(self.training(width), replicas=1, seed=self.seed + network)


@dataclass(frozen=True, eq=False)
class Width:
    """What the networks of one width came to."""

    width: int
    reasons: tuple[Reason, ...]  # [R]
    cost: FLOATS  # [R] in the end

    @property
    def solved(self) -> Share:
        return Share(self.reasons.count(Reason.SOLVED), len(self.reasons))

    def ended(self, reason: Reason) -> list[int]:
        """Which networks ended so."""
        return [i for i, one in enumerate(self.reasons) if one is reason]


@run.register
def xor(spec: XorSpec, report: Report = silent) -> tuple[Width, ...]:
    """Width after width; `report` gets each when it is done."""
    found = []
    for k, width in enumerate(WIDTHS):
        training = spec.training(width)
        trained = train(training, quiet(within(report, k / len(WIDTHS), (k + 1) / len(WIDTHS))))
        cost = trained.records.train_cost[-1].astype(np.float64)
        found.append(Width(width, reasons(trained, prepare(training)), cost))
        report((k + 1) / len(WIDTHS), found[-1])
    return tuple(found)


def reasons(trained: Run, task: Task) -> tuple[Reason, ...]:
    """How each network ended."""
    theta = torch.from_numpy(trained.final).double()
    z, out = outputs(task.network, theta, inputs(task))
    right = ((out > 0) == torch.tensor(XOR, dtype=torch.bool)).all(1)
    f = ACTIVATIONS[task.network.activation]
    alive = (f.derivative(z, f(z)).abs() > FLAT).any(1).sum(1)  # [R]
    still = torch.from_numpy(trained.records.gradient_norm[-1]) < STILL
    least = 2 if rises(task.network.activation) else 1
    failed = Reason.NARROW if z.shape[-1] < least else Reason.DEAD
    return tuple(
        Reason.SOLVED if r else failed if a < least else Reason.STUCK if s else Reason.SLOW
        for r, a, s in zip(right.tolist(), alive.tolist(), still.tolist(), strict=True)
    )


def rises(activation: str) -> bool:
    """Whether it never falls: one such unit is a line, seen through a curve that keeps its order."""
    f, z = ACTIVATIONS[activation], torch.linspace(-10, 10, 2001, dtype=torch.float64)
    return bool((f.derivative(z, f(z)) >= 0).all())


def inputs(task: Task) -> Tensor:
    """The four points as the network reads them [4, 2]."""
    return (torch.from_numpy(POINTS) - task.data.x_mean) / task.data.x_std


def outputs(network: Network, theta: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """z of the hidden layer [R, M, n] and the output [R, M] of theta [R, P] with one hidden layer."""
    hidden, last = network.blocks(theta)
    z = x @ hidden[:, :-1] + hidden[:, -1:]
    return z, (ACTIVATIONS[network.activation](z) @ last[:, :-1] + last[:, -1:])[..., 0]


@dataclass(frozen=True, eq=False)
class Moves:
    """The four points on their way through hidden space, T moments of them."""

    step: NDArray[np.int64]  # [T]
    hidden: FLOATS  # [T, 4, 2]
    line: FLOATS  # [T, 3] (v1, v2, c): the output is v1 h1 + v2 h2 + c, and 1 where it is above 0
    output: FLOATS  # [T, 4]
    cost: FLOATS  # [T] NaN where nothing is trained

    @property
    def right(self) -> NDArray[np.int64]:
        """[T] how many of the four points are on their side."""
        found: NDArray[np.int64] = ((self.output > 0) == np.array(XOR, bool)).sum(1)
        return found


def moves(trained: Run, task: Task) -> Moves:
    """Of the first network of a training with two hidden units."""
    theta = torch.from_numpy(trained.records.theta[:, 0]).double()
    z, out = outputs(task.network, theta, inputs(task))
    last = task.network.blocks(theta)[1][..., 0]  # [T, 3]
    hidden = ACTIVATIONS[task.network.activation](z)
    cost = trained.records.train_cost[:, 0].astype(np.float64)
    return Moves(trained.records.step, hidden.numpy(), last.numpy(), out.numpy(), cost)


TEXTBOOK: dict[str, Any] = {"W": ((1.0, 1.0), (1.0, 1.0)), "c": (0.0, -1.0), "w": (1.0, -2.0), "b": 0.0}


def textbook(moments: int = 41) -> Moves:
    """The weights of Goodfellow et al. 2016, 6.1: h = relu(x W + c), y = h w + b, which is XOR exactly.

    The points go straight from where they are to where the hidden layer puts them; y = 1/2 is the line.
    """
    hidden = np.maximum(0, POINTS @ np.array(TEXTBOOK["W"]) + TEXTBOOK["c"])
    share = np.linspace(0, 1, moments)[:, None, None]
    places = (1 - share) * POINTS + share * hidden
    line = np.array([*TEXTBOOK["w"], TEXTBOOK["b"] - 0.5])
    output = places @ line[:2] + line[2]
    none = np.full(moments, np.nan)
    return Moves(np.arange(moments), places, np.tile(line, (moments, 1)), output, none)
