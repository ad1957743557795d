"""Digits by two networks of nearly as many parameters: all pixels joined to all units, or small kernels.

Both train on the same images in the same minibatches, by the rule and rate of `presets.CONVOLUTION`. Images
that neither trains nor tests are kept for a third purpose: what is fitted after the training, as a
temperature, may see neither part (Guo et al. 2017 call them validation set).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor
from torch.nn.functional import cross_entropy

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.base.shares import Share
from mlcore.families.models import ModelSpec
from mlcore.families.networks import Network
from mlcore.families.real_sets import bundled
from mlcore.training.data import DataSpec, load
from mlcore.training.presets import CONVOLUTION
from mlcore.training.tasks import Task, TrainSpec
from mlcore.training.training import Run

DIGITS, SIDE, CLASSES = 1797, 8, 10
NETWORKS = ("convolution", "mlp")
REACH = 2  # pixels that images are shifted at most
WIDEST = 128  # units of a hidden layer
FLOATS = NDArray[np.float32]


@dataclass(frozen=True)
class PairSpec:
    """A convolution, an MLP of nearly as many parameters, and how both are trained.

    `layers` is how many hidden layers the MLP has.
    """

    examples: int = specs.number(Knob(1500, 100, 1700, symbol="n", integer=True), "cimages")
    channels: tuple[int, ...] = specs.sizes((16, 32), "cch", most=3, low=1, high=32)
    layers: int = specs.number(Knob(2, 1, 2, integer=True), "clayers")
    lr: float = specs.number(Knob(0.005, 1e-4, 0.1, symbol=r"\eta", log=True), "clr")
    l2: float = specs.number(Knob(0.01, 0.0, 0.1, symbol=r"\lambda_2"), "cl2")
    steps: int = specs.number(Knob(800, 20, 2000, symbol="T", log=True, integer=True), "csteps")
    replicas: int = specs.number(Knob(2, 1, 4, symbol="R", integer=True), "cseeds")
    seed: int = specs.number(Knob(0, 0, 9000, integer=True), "cfirst")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def data(self) -> DataSpec:
        return DataSpec("digits", examples=self.examples, test_share=0.2, standardize=False)

    @property
    def trainings(self) -> dict[str, TrainSpec]:
        """What each of `NETWORKS` trains."""
        own = replace(CONVOLUTION.model, channels=self.channels)
        widths = matched(own.size(SIDE * SIDE, CLASSES), self.layers)
        models = {"convolution": own, "mlp": ModelSpec(widths=widths, activation="relu", init="he")}
        return {name: replace(
            CONVOLUTION, data=self.data, model=model, lr=self.lr, l2=self.l2, steps=self.steps,
            replicas=self.replicas, seed=self.seed,
        ) for name, model in models.items()}  # fmt: skip


@lru_cache(maxsize=64)
def matched(size: int, layers: int) -> tuple[int, ...]:
    """Widths of one or two hidden layers, equal or one apart, with which an MLP has nearest to `size`
    parameters."""
    alike = [(a, b) for a in range(1, WIDEST + 1) for b in (max(1, a - 1), a)]
    some = alike if layers == 2 else [(a,) for a in range(1, WIDEST + 1)]
    sizes = [Network((SIDE * SIDE, *widths, CLASSES), "relu").size for widths in some]
    return min(zip(sizes, some, strict=True), key=lambda one: (abs(one[0] - size), one))[1]


@dataclass(frozen=True, eq=False)
class Images:
    """Digits and what they are."""

    x: Tensor  # [M, 64] float32, 0 to 16
    y: Tensor  # [M] int64

    def shifted(self, dx: int, dy: int) -> Images:
        return Images(shifted(self.x, dx, dy), self.y)


def unseen(spec: DataSpec) -> Images:
    """The test images."""
    data = load(spec)
    return Images(data.x_test.float(), data.y_test)


@lru_cache(maxsize=8)
@torch.inference_mode(False)
def held_out(spec: DataSpec) -> Images:
    """The digits that `spec` neither trains on nor tests."""
    data = load(spec)
    x, y = bundled("digits", DIGITS, Generator())
    rest = torch.ones(len(x), dtype=torch.bool)
    rest[torch.cat([data.train_rows, data.test_rows])] = False
    return Images(x[rest].float(), y[rest])


def shifted(x: Tensor, dx: int, dy: int) -> Tensor:
    """Images x [M, 64] moved dx pixels to the right and dy down; white comes in, what leaves is gone."""
    images = x.reshape(-1, SIDE, SIDE)
    found = torch.zeros_like(images)
    (to_x, from_x), (to_y, from_y) = (
        (slice(max(0, d), SIDE + min(0, d)), slice(max(0, -d), SIDE + min(0, -d))) for d in (dx, dy)
    )
    found[:, to_y, to_x] = images[:, from_y, from_x]
    return found.reshape(len(x), -1)


def logits(run: Run, task: Task, x: Tensor, at: int | None = None) -> Tensor:
    """What the replicas say of x [M, 64]: [R, M, 10] at the end, [R', M, 10] at the recorded step `at`."""
    theta = run.final if at is None else run.records.theta[at]
    return task.network.predict(torch.from_numpy(theta), x)


def right(said: Tensor, y: Tensor) -> NDArray[np.bool_]:
    """Which of the images were called what they are: logits [..., M, 10], y [M] -> [..., M]."""
    found: NDArray[np.bool_] = (said.argmax(-1) == y).numpy()
    return found


def over_shifts(run: Run, task: Task, seen: Images) -> FLOATS:
    """Accuracy of the first replica on images shifted by dy (row) and dx (column) of -2 to 2: [5, 5]."""
    span = range(-REACH, REACH + 1)
    theta = torch.from_numpy(run.final[:1])
    every = torch.cat([shifted(seen.x, dx, dy) for dy in span for dx in span])
    said = torch.cat([task.network.predict(theta, part)[0] for part in torch.split(every, len(seen.x))])
    hits = right(said.view(len(span), len(span), len(seen.x), -1), seen.y)
    return np.asarray(hits.mean(-1), np.float32)


@dataclass(frozen=True, eq=False)
class Ranked:
    """Images by their loss, the largest first."""

    place: NDArray[np.int64]  # [k] among the images
    loss: FLOATS  # [k] cross-entropy
    true: NDArray[np.int64]  # [k]
    p_true: FLOATS  # [k] probability of the true class
    called: NDArray[np.int64]  # [k]
    p_called: FLOATS  # [k]


def hardest(said: Tensor, y: Tensor, count: int) -> Ranked:
    """The images of the largest losses, from logits [M, 10] and classes y [M]."""
    loss = cross_entropy(said, y, reduction="none")
    first = torch.argsort(loss, descending=True, stable=True)[:count]
    p = torch.softmax(said[first], -1)
    best, called = p.max(-1)
    own = p.gather(-1, y[first, None])[:, 0]
    return Ranked(*(part.numpy() for part in (first, loss[first], y[first], own, called, best)))


def only_first(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Share:
    """Of the images on which exactly one is right [M], those on which it is the first (McNemar 1947).

    Were both equally good, it would be about half of them.
    """
    return Share(int((first & ~second).sum()), int((first ^ second).sum()))
