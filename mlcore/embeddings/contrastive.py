"""Contrastive learning: an encoder that puts two views of an example near each other, and knows no label.

A multilayer perceptron maps a view to d numbers, whose direction on the unit sphere is the code. All that
differs between rows (loss, temperature, margin, seed) is walked in one batch; rows of the same seed have the
same first weights, minibatches and views.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from mlcore.base import spec as specs
from mlcore.base.device import off_device, on_device
from mlcore.base.experiment import Report
from mlcore.base.registry import Knob
from mlcore.components.similarity import unit
from mlcore.embeddings.augment import augmented
from mlcore.embeddings.autoencoder import DIGITS, Centered, centered
from mlcore.embeddings.pair_losses import (
    PAIR_LOSSES,
    Goal,
    alignment,
    among,
    cosines,
    descend_by,
    slope,
    uniformity,
)
from mlcore.families.networks import Network, with_ones
from mlcore.training.data import DataSpec
from mlcore.training.descent import adam
from mlcore.training.draws import generator
from mlcore.training.training import minibatch_rows, recorded_steps

FLOATS = NDArray[np.float32]
INIT = "he"
TAU = Knob(0.2, 0.02, 5.0, symbol=r"\tau", log=True)
MARGIN = Knob(0.0, -1.0, 1.0, symbol="m")


@dataclass(frozen=True)
class ContrastiveSpec:
    """One encoder and its training. Fields that do not apply are set back to their defaults.

    Features are standardized, but pixels are not: a background of 0 stays one when an image is shifted.
    """

    data: DataSpec = specs.part(DataSpec, DIGITS)
    loss: str = specs.choice("nt_xent", PAIR_LOSSES, "ctloss")
    tau: float = specs.number(TAU, "cttau")
    margin: float = specs.number(MARGIN, "ctm")
    negatives: bool = specs.flag(True, "ctneg")
    batch: int = specs.number(Knob(128, 4, 256, symbol="N", log=True, integer=True), "ctbatch")
    dimensions: int = specs.number(Knob(32, 2, 32, symbol="d", integer=True), "ctdim")
    units: int = specs.number(Knob(128, 4, 256, symbol="n", log=True, integer=True), "ctunits")
    shift: float = specs.number(Knob(0.5, 0.0, 3.0), "ctshift")  # pixels
    turn: float = specs.number(Knob(10.0, 0.0, 180.0), "ctturn")  # degrees
    noise: float = specs.number(Knob(0.3, 0.0, 2.0, symbol=r"\sigma"), "ctnoise")
    lr: float = specs.number(Knob(0.003, 1e-4, 0.1, symbol=r"\eta", log=True), "ctlr")
    steps: int = specs.number(Knob(600, 20, 3000, symbol="T", log=True, integer=True), "ctsteps")
    seed: int = specs.number(Knob(0, 0, 9000, integer=True), "ctseed")

    def __post_init__(self) -> None:
        specs.check(self)
        idle = ["margin"] if self.loss == "nt_xent" else ["tau"]
        idle += [] if self.negatives else ["margin"]
        idle += [] if self.image else ["shift"]
        specs.leave(self, idle)
        object.__setattr__(self, "data", replace(self.data, standardize=not self.image))

    @property
    def image(self) -> bool:
        return self.data.name == "digits"

    @property
    def goal(self) -> Goal:
        return Goal(self.loss, self.tau, self.margin, self.negatives)

    def network(self, features: int) -> Network:
        return Network((features, self.units, self.units, self.dimensions), "relu")

    def views(self, x: Tensor, seen: Centered, g: Generator) -> Tensor:
        """A view of each example x [B, D] float32, as the encoder is given it."""
        mean = seen.mean.to(x.dtype)
        return augmented(x, mean, seen.scale, self.shift, self.turn, self.noise, g)


def first_rows(spec: ContrastiveSpec, seeds: Sequence[int]) -> Tensor:
    """theta [R, P] before the first step, on the CPU."""
    network = spec.network(centered(spec.data).data.x.shape[1])
    return network.init(INIT, [generator(seed, "encoder") for seed in seeds])


class Batches:
    """The two views of every example of a minibatch, step by step, from one seed. On the CPU."""

    def __init__(self, spec: ContrastiveSpec, seen: Centered, seed: int) -> None:
        self.spec, self.seen, self.x = spec, seen, seen.data.x.float()
        self.rows = minibatch_rows(len(self.x), min(spec.batch, len(self.x)), spec.steps + 1, seed)
        self.g = generator(seed, "views")

    def next(self, t: int) -> Tensor:
        """Of step t, which follows t - 1: [2B, D]; rows i and B + i are views of the same example."""
        chosen = self.x[self.rows[t]]
        return self.spec.views(chosen.repeat(2, 1), self.seen, self.g)


class Moment(NamedTuple):
    """All rows at a recorded step; the tensors lie on the device, theta is the walk's own."""

    step: int
    theta: Tensor  # [R, P]
    cost: Tensor  # [R] of this step's views


def trained(
    spec: ContrastiveSpec, goals: Sequence[Goal], seeds: Sequence[int], report: Report
) -> Iterator[Moment]:
    """Adam in float32 on the device, a rate that falls to 0. Row g S + s goes down goals[g] with seeds[s]."""
    seen = centered(spec.data)
    network = spec.network(seen.data.x.shape[1])
    pick = [(g, s) for g in range(len(goals)) for s in range(len(seeds))]
    count = len(pick)
    pick += pick[-1:] * (count % 2)  # a product of one row would take another way through the BLAS
    theta = on_device(first_rows(spec, [seeds[s] for _, s in pick]), torch.float32)
    which = on_device(torch.tensor([s for _, s in pick]))
    ends = [sum(g <= k for g, _ in pick) for k in range(len(goals))]
    batches = [Batches(spec, seen, seed) for seed in seeds]
    chain = network.chain(theta, 2 * batches[0].rows.shape[1])
    last: list[Tensor] = []  # the cosines of the step

    def gradient(t: int) -> Tensor:
        x = on_device(torch.stack([one.next(t) for one in batches]))
        u, length, s = cosines(chain.forward(with_ones(x).index_select(0, which)))
        pairs, parts = among(s), zip([0, *ends], ends, goals, strict=False)
        last[:] = [s]
        return chain.backward(
            descend_by(u, length, torch.cat([slope(s[a:b], pairs, goal) for a, b, goal in parts]))
        )

    steps = recorded_steps(spec.steps)
    for moment in adam(theta, gradient, spec.lr, spec.steps, steps, report):
        s, pairs, parts = last[0], among(last[0]), zip([0, *ends], ends, goals, strict=False)
        costs = [PAIR_LOSSES[goal.loss](s[a:b], pairs, goal).mean(-1) for a, b, goal in parts]
        yield Moment(moment.step, theta[:count], torch.cat(costs)[:count])


# ---------------------------------------------------------------- what is measured


class Gauge:
    """Measures all rows at a step: on test examples, whose two views are drawn once."""

    def __init__(self, spec: ContrastiveSpec) -> None:
        self.batch, self.seen = spec.batch, centered(spec.data)
        seen = self.seen
        self.network = spec.network(seen.data.x.shape[1])
        x, g = seen.data.x_test.float(), generator(spec.seed, "views of the test")
        self.pair = on_device(torch.stack([spec.views(x, seen, g) for _ in range(2)]))
        self.train, self.test = (on_device(part, torch.float32) for part in (seen.train, seen.test))

    @property
    def few(self) -> int:
        """As many test examples as a minibatch has."""
        return min(self.batch, self.pair.shape[1])

    def codes(self, theta: Tensor, x: Tensor) -> Tensor:
        """theta [R, P], x [N, D] -> [R, N, d] of length 1."""
        return unit(self.network.predict(theta, x))

    def hidden(self, theta: Tensor, x: Tensor) -> Tensor:
        """The layer before the code, which SimCLR hands on: [R, N, n]."""
        before = Network(self.network.sizes[:-1], self.network.activation)
        return before.predict(theta[:, : before.size], x).clamp_min(0)

    def both(self, theta: Tensor) -> tuple[FLOATS, FLOATS]:
        """Alignment and uniformity [R] of the test views."""
        first, second = (self.codes(theta, x) for x in self.pair)
        found = alignment(first, second), uniformity(first)
        return array(found[0]), array(found[1])


def array(values: Tensor) -> FLOATS:
    """Back from the device, for a result."""
    return np.array(off_device(values), np.float32)
