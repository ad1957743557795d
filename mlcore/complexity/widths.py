"""Networks of one hidden layer, from a few units to far more than the examples need, each trained to its end.

Where the P parameters of a network are about as many as the n * K numbers it is to learn, it can just reach
them, and bends wherever it must; that is where test cost may have its peak (Belkin et al. 2019). Nothing here
is a theorem: where the peak lies depends on noise, on the steps taken and on the task.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.base.device import computing
from mlcore.base.experiment import Report, run, silent
from mlcore.base.registry import Knob
from mlcore.complexity import random_features
from mlcore.complexity.networks import fit
from mlcore.complexity.random_features import CLASSES, TASKS, FeatureSpec
from mlcore.families.losses import cost
from mlcore.families.networks import Network
from mlcore.training.draws import generator
from mlcore.training.training import recorded_steps

FLOATS = NDArray[np.float32]
INPUTS = {"digits": 64, "diabetes": 10}
START = 2000  # a step of the smallest network takes as long as this many more parameters
INIT = "torch_default"  # small outputs at first: with those of He the noise of the start itself is learned


@dataclass(frozen=True)
class WidthSpec:
    """S training sets, and on each a network of every width, by Adam on all examples at once."""

    task: str = specs.choice("digits", TASKS, "mtask")
    examples: int = specs.number(Knob(100, 20, 200, symbol="n", log=True, integer=True), "mn")
    noise: float = specs.number(Knob(0.2, 0.0, 1.0), "mnoise")  # as that of FeatureSpec
    l2: float = specs.number(Knob(0.0, 0.0, 1.0, symbol=r"\lambda_2"), "ml2")
    lr: float = specs.number(Knob(0.01, 1e-4, 0.1, symbol=r"\eta", log=True), "mlr")
    steps: int = specs.number(Knob(2000, 100, 10_000, symbol="T", log=True, integer=True), "msteps")
    sets: int = specs.number(Knob(8, 2, 32, symbol="S", log=True, integer=True), "msets")
    seed: int = specs.number(Knob(0, 0, 9999, integer=True), "mseed")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def threshold(self) -> int:
        """n * K: how many numbers the networks are to learn."""
        return self.examples * self.outputs

    @property
    def outputs(self) -> int:
        """K"""
        return CLASSES if self.task == "digits" else 1

    @property
    def data(self) -> FeatureSpec:
        """Where the training sets come from; of its features none is used."""
        return FeatureSpec(task=self.task, examples=self.examples, noise=self.noise, seed=self.seed)


@dataclass(frozen=True, eq=False)
class Width:
    """The S networks of one width, at T recorded steps."""

    units: int
    size: int  # P
    step: NDArray[np.int64]  # [T]
    train: FLOATS  # [T, S] training cost
    test: FLOATS  # [T, S] test cost, against labels without added noise
    wrong: FLOATS | None  # [T, S] the share of test examples put into a wrong class
    chance: float  # test cost of the mean label


@dataclass(frozen=True, eq=False)
class Widths:
    """All of them, small ones first."""

    spec: WidthSpec
    parts: tuple[Width, ...]


def ladder(spec: WidthSpec) -> list[tuple[int, int]]:
    """(hidden units, P): from well below the threshold to 16 times it, crowded where it passes."""
    outputs, threshold = spec.outputs, spec.threshold
    each = INPUTS.get(spec.task, spec.data.inputs) + 1 + outputs  # parameters of a hidden unit
    ratios = (0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 3.0, 5.0, 9.0, 16.0)
    units = sorted({max(1, round((ratio * threshold - outputs) / each)) for ratio in ratios})
    return [(h, h * each + outputs) for h in units]


def samples(spec: WidthSpec) -> list[Tensor]:
    """x [S, n, D], y [S, n, K], x_test [S, M, D], y_test [S, M, K], mean label [S, 1, K]."""
    drawn = (random_features.sample(spec.data, i)[:5] for i in range(spec.sets))
    return [torch.stack(column) for column in zip(*drawn, strict=True)]


def train(spec: WidthSpec, units: int, data: Sequence[Tensor], tell: Callable[[float], None]) -> Width:
    """The S networks of one width. `tell` gets the share of the steps that are taken."""
    x, y, x_test, y_test, center = data
    network = Network((x.shape[-1], units, y.shape[-1]), "relu")
    draws = [generator(spec.seed, f"width {units} {i}") for i in range(spec.sets)]
    step = recorded_steps(spec.steps)
    measured: list[Tensor] = []
    answers = fit(
        network, x, y, torch.cat([x, x_test], 1), draws, step,
        lambda: tell(step[len(measured) - 1] / spec.steps if measured else 0.0),
        classes=0, lr=spec.lr, l2=spec.l2, init=INIT, schedule="cosine",
    )  # fmt: skip
    for answer in answers:
        fitted, predicted = torch.split(answer, [x.shape[1], x_test.shape[1]], 1)
        wrong = ((predicted + center).argmax(-1) != (y_test + center).argmax(-1)).double().mean(-1)
        measured.append(torch.stack([cost("mse", fitted, y), cost("mse", predicted, y_test), wrong]))
        tell(step[len(measured) - 1] / spec.steps)
    found: FLOATS = torch.stack(measured, dim=1).float().numpy()  # [3, T, S]
    wrongs = found[2] if spec.task == "digits" else None
    chance = float(y_test.square().mean())
    return Width(units, network.size, np.array(step), found[0], found[1], wrongs, chance)


@run.register
@computing()
def widths(spec: WidthSpec, report: Report = silent) -> Widths:
    """Train every width in turn, small ones first. `report` gets each width when it is done."""
    data, plan = samples(spec), ladder(spec)
    all_of_it, before, parts = sum(START + size for _, size in plan), 0, []
    for units, size in plan:
        work = START + size

        def tell(share: float, before: int = before, work: int = work) -> None:
            report((before + share * work) / all_of_it, None)

        parts.append(train(spec, units, data, tell))
        before += work
        report(before / all_of_it, parts[-1])
    return Widths(spec, tuple(parts))
