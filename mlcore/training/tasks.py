"""From a `TrainSpec` to tensors: the four components of the lecture, checked and made ready to train."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.base.device import on_device
from mlcore.base.refusal import Refusal, times
from mlcore.base.registry import Knob
from mlcore.families.datasets import DATASETS
from mlcore.families.losses import LOSSES, balanced_weights, suits, weighs
from mlcore.families.models import MOST_FEATURES, ModelSpec, columns, powers
from mlcore.families.networks import Network
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.families.schedules import SCHEDULES
from mlcore.training.data import Data, DataSpec, load, moments

MOST_WORK = 3e13  # multiplications; about ten minutes on one core
SWEEPS = ("seed", "lr", "l2")


@dataclass(frozen=True)
class TrainSpec:
    """The four components of the lecture and how long to go. Replicas differ along `sweep`."""

    data: DataSpec = specs.part(DataSpec)
    model: ModelSpec = specs.part(ModelSpec)
    loss: str = specs.choice("cross_entropy", LOSSES, "loss")
    loss_knobs: specs.Knobs = specs.knobs("loss", LOSSES, prefix="l_")
    class_weights: float = specs.number(Knob(0.0, 0.0, 1.0), "cw")  # see losses.balanced_weights
    optimizer: str = specs.choice("adam", OPTIMIZERS, "opt")
    knobs: specs.Knobs = specs.knobs("optimizer", OPTIMIZERS, prefix="o_")
    lr: float = specs.number(Knob(0.01, 1e-5, 100.0, symbol=r"\eta", log=True), "lr")
    schedule: str = specs.choice("constant", SCHEDULES, "sched")
    schedule_knobs: specs.Knobs = specs.knobs("schedule", SCHEDULES, prefix="s_")
    l1: float = specs.number(Knob(0.0, 0.0, 10.0, symbol=r"\lambda_1"), "l1")
    l2: float = specs.number(Knob(0.0, 0.0, 10.0, symbol=r"\lambda_2"), "l2")
    batch_size: int = specs.number(Knob(32, 0, 5000, symbol="B", integer=True), "b")  # 0: all examples
    steps: int = specs.number(Knob(600, 1, 20_000, symbol="T", log=True, integer=True), "steps")
    seed: int = specs.number(Knob(0, 0, 9999, integer=True), "seed")
    replicas: int = specs.number(Knob(1, 1, 256, symbol="R", log=True, integer=True), "r")
    sweep: str = specs.choice("seed", SWEEPS, "sweep")
    sweep_low: float = specs.number(Knob(1e-3, 1e-6, 100.0, log=True), "from")
    sweep_high: float = specs.number(Knob(1.0, 1e-6, 100.0, log=True), "to")

    def __post_init__(self) -> None:
        specs.check(self)
        if not weighs(self.loss):
            object.__setattr__(self, "class_weights", 0.0)
        if self.replicas == 1:
            object.__setattr__(self, "sweep", "seed")
        if self.sweep == "seed":
            specs.leave(self, ("sweep_low", "sweep_high"))

    def seeds(self) -> list[int]:
        """One seed per replica: consecutive where seeds are swept, else the same for all."""
        return [self.seed + i if self.sweep == "seed" else self.seed for i in range(self.replicas)]

    def along(self, name: str) -> Tensor:
        """[R] float64: the values of lr or l2 along the replicas, logarithmically spaced if swept."""
        if self.sweep != name:
            return torch.full((self.replicas,), float(getattr(self, name)), dtype=torch.float64)
        low, high = np.log10(self.sweep_low), np.log10(self.sweep_high)
        return torch.logspace(low, high, self.replicas, dtype=torch.float64)


class TrainingError(Refusal):
    """A training that cannot be: `code` and `values` for the page, the sentence for everybody else."""

    SENTENCES: ClassVar[dict[str, str]] = {
        "loss": "{loss} cannot train on {task} with {classes} classes. Choose another loss.",
        "columns": "Degree {degree} of {features} features makes {columns} columns; {most} are possible. "
        "Take a lower degree.",
        "image": "A convolution reads images, and {data} is none. Choose the digits, or another model.",
        "work": "This training would take {times} times the work that one job may do. "
        "Take fewer steps, replicas or examples per batch, or a smaller model.",
        "seed": "Seeds up to {last} would be needed, but they end at 9999. Start from a smaller seed.",
    }


@dataclass(frozen=True, eq=False)
class Task:
    """What the model is given: features after the polynomial, targets as the loss wants them."""

    data: Data
    network: Network
    x: Tensor  # [N, D] float32
    y: Tensor  # [N, K]
    x_test: Tensor
    y_test: Tensor
    shift: Tensor  # [D] of the polynomial's columns, after expansion
    scale: Tensor  # [D]
    degree: int
    loss_knobs: Mapping[str, Any]  # of the loss, with the weights [K] of the classes where there are some

    def knobs_on_device(self) -> dict[str, Any]:
        """`loss_knobs` for tensors that lie on the device."""
        knobs = dict(self.loss_knobs)
        if "class_weights" in knobs:
            knobs["class_weights"] = on_device(knobs["class_weights"], self.x.dtype)
        return knobs

    def features(self, x: Tensor) -> Tensor:
        """Points in the units of data.x [M, D] -> what the network reads."""
        return ((powers(x.double(), self.degree) - self.shift) / self.scale).to(self.x.dtype)


def prepare(spec: TrainSpec, dtype: torch.dtype = torch.float32) -> Task:
    """Load the data of `spec`, expand and encode it. Raises `TrainingError` for what cannot be trained."""
    data = load(spec.data)
    features, degree = data.x.shape[1], spec.model.power
    if not suits(spec.loss, data.task, data.classes):
        raise TrainingError("loss", loss=LOSSES[spec.loss].title, task=data.task, classes=data.classes)
    if spec.model.kind == "convolution" and "side" not in DATASETS[spec.data.name].facts:
        raise TrainingError("image", data=DATASETS[spec.data.name].title)
    if columns(features, degree) > MOST_FEATURES:
        made = columns(features, degree)
        raise TrainingError("columns", degree=degree, features=features, columns=made, most=MOST_FEATURES)
    outputs = LOSSES[spec.loss].outputs(data.classes)
    network = spec.model.network(features, outputs)
    batch = spec.batch_size or len(data.x)
    work = 6.0 * spec.replicas * batch * network.products * spec.steps
    if work > MOST_WORK:
        raise TrainingError("work", times=times(work, MOST_WORK))
    if spec.seeds()[-1] > 9999:
        raise TrainingError("seed", last=spec.seeds()[-1])
    wide = powers(data.x, degree)
    shift, scale = torch.zeros(wide.shape[1]), torch.ones(wide.shape[1])
    if degree > 1:  # powers differ by orders of magnitude; descent needs them alike
        shift, scale = moments(wide)

    def read(x: Tensor) -> Tensor:
        return ((powers(x, degree) - shift) / scale).to(dtype)

    def target(y: Tensor) -> Tensor:
        if data.task == "classification" and outputs > 1:
            return torch.nn.functional.one_hot(y, data.classes).to(dtype)
        return y.to(dtype)[:, None]

    tests = read(data.x_test), target(data.y_test)
    knobs: dict[str, Any] = dict(spec.loss_knobs)
    if spec.class_weights:  # of the training examples, for both costs
        counts = torch.bincount(data.y, minlength=data.classes)
        knobs["class_weights"] = balanced_weights(counts, spec.class_weights)
    return Task(data, network, read(data.x), target(data.y), *tests, shift, scale, degree, knobs)


def score(prediction: Tensor, target: Tensor, task: str) -> Tensor:
    """Accuracy for classification, R^2 for regression (NaN if targets are equal): [R, N, K] x 2 -> [R]."""
    if task == "regression":
        residual = (prediction - target).square().sum((1, 2))
        total = (target - target.mean(1, keepdim=True)).square().sum((1, 2))
        return torch.where(total > 0, 1 - residual / total, math.nan)
    if target.shape[-1] == 1:
        return ((prediction > 0) == (target > 0.5)).to(prediction.dtype).mean((1, 2))
    return (prediction.argmax(-1) == target.argmax(-1)).to(prediction.dtype).mean(1)
