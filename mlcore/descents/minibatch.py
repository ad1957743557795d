"""Minibatches: how far the mean gradient of B examples lies from the gradient g of all N.

Drawn without replacement, as an epoch deals them, a minibatch has the expected squared distance (Cochran
1977, Sampling Techniques, theorem 2.2)

    E |g_B - g|^2 = tr(S) / B * (N - B) / (N - 1)

tr(S) being the mean of |g_n - g|^2 over the N examples. At B = tr(S) / |g|^2, the gradient noise scale, the
noise of a step would be as long as the gradient, were N large (McCandlish et al. 2018, equation 2.9).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.base.device import computing
from mlcore.base.registry import Knob
from mlcore.families.losses import cost_gradient
from mlcore.families.networks import with_ones
from mlcore.training.cached import trained
from mlcore.training.data import DataSpec
from mlcore.training.draws import generator
from mlcore.training.tasks import TrainSpec, prepare

FLOATS = NDArray[np.float64]
SETS = ("moons", "spirals", "iris", "wine", "digits")
SIZES = tuple(2**k for k in range(7))  # of minibatches; every set has more than 64 examples to train on
DEVIATIONS = 1.96  # of a mean, to either side: 95 %


@dataclass(frozen=True)
class BatchSpec:
    """Minibatches drawn at one point of a training."""

    data: str = specs.choice("wine", SETS, "bdata")
    batch: int = specs.number(Knob(16, 1, 100, symbol="B", integer=True, log=True), "bb")
    steps: int = specs.number(Knob(0, 0, 1000, symbol="T", integer=True), "bt")  # of training, before
    draws: int = specs.number(Knob(400, 50, 2000, integer=True, log=True), "bdraws")
    seed: int = specs.number(Knob(0, 0, 9999, integer=True), "bseed")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def train(self) -> TrainSpec:
        """The training that the point lies on: every setting but these at its default."""
        return TrainSpec(DataSpec(self.data), steps=max(1, self.steps), seed=self.seed)


@dataclass(frozen=True, eq=False)
class Distances:
    """Mean |g_B - g|^2 over the sizes G of minibatches, and what theory needs."""

    measured: FLOATS  # [G] mean over the draws
    low: FLOATS  # [G] of its 95 % interval
    high: FLOATS  # [G]
    examples: int  # N
    signal: float  # |g|^2
    trace: float  # tr(S)

    def theory(self, batch: ArrayLike) -> FLOATS:
        """The expected squared distance at these sizes of minibatches."""
        B, N = np.asarray(batch, np.float64), self.examples
        return self.trace / B * (N - B) / (N - 1)

    @property
    def noise_scale(self) -> float:
        return self.trace / self.signal


@computing()
def gradients(spec: BatchSpec) -> Tensor:
    """The gradient of every example by itself [N, P], float64: N rows of one theta, an example each."""
    run, task = trained(spec.train), prepare(spec.train, torch.float64)
    theta = torch.from_numpy(run.final[0] if spec.steps else run.records.theta[0, 0]).double()
    chain = task.network.chain(theta.repeat(len(task.x), 1), 1)
    prediction = chain.forward(with_ones(task.x)[:, None])
    slope = cost_gradient(spec.train.loss, prediction, task.y[:, None], **task.loss_knobs)
    return chain.backward(slope)


@computing()
def distances(spec: BatchSpec) -> Distances:
    """Draw minibatches of every size and measure how far their gradients lie from that of all examples."""
    each = gradients(spec)
    mean, g = each.mean(0), generator(spec.seed, "minibatches")
    apart = each - mean
    products = apart @ apart.T  # [N, N]: |sum of a batch|^2 is a sum of these, whatever P is
    found = []
    for size in SIZES:
        order = torch.rand(spec.draws, len(each), generator=g, dtype=torch.float64).argsort(1)
        member = torch.zeros(spec.draws, len(each), dtype=torch.float64).scatter_(1, order[:, :size], 1)
        found.append(((member @ products) * member).sum(1) / size**2)
    seen = torch.stack(found).numpy()
    middle, wide = seen.mean(1), DEVIATIONS * seen.std(1, ddof=1) / spec.draws**0.5
    trace = float(products.diagonal().mean())
    return Distances(middle, middle - wide, middle + wide, len(each), float(mean.square().sum()), trace)
