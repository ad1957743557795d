"""The noise ball: descent with noisy gradients does not come to rest, it fills a ball around the minimum.

On curvature lambda with gradient noise of variance sigma^2

    x_{t+1} = (1 - lr lambda) x_t - lr sigma xi_t

has the mean (1 - lr lambda)^t x_0 and a variance that settles at lr sigma^2 / (lambda (2 - lr lambda)).
Every replica is a row with noise of its own, drawn beforehand; at one step the replicas are independent
and normal, so that their variance has an exact chi-square interval.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.base.device import computing
from mlcore.base.registry import Knob
from mlcore.descents.quadratics import BOX, CURVATURE, bowl
from mlcore.training.descent import Walker, walk
from mlcore.training.draws import generator

FLOATS = NDArray[np.float64]
RATES = tuple(np.linspace(0.15, 1.95, 13).tolist())  # lr lambda of the curve
SETTLED = 0.001  # of the stationary variance: no more is missing when a variance is measured
SURE = 0.95  # how often an interval holds the true variance


@dataclass(frozen=True)
class NoiseSpec:
    """Replicas of one descent with noisy gradients."""

    lr: float = specs.number(Knob(0.3, 1e-3, 100.0, symbol=r"\eta", log=True), "qlr")
    curvature: float = specs.number(CURVATURE, "qlam")
    sigma: float = specs.number(Knob(1.0, 0.01, 10.0, symbol=r"\sigma", log=True), "sigma")
    start: float = specs.number(Knob(3.0, -BOX, BOX, symbol="x_0"), "qx0")
    replicas: int = specs.number(Knob(500, 50, 2000, symbol="R", integer=True, log=True), "qr")
    steps: int = specs.number(Knob(40, 5, 200, symbol="T", integer=True, log=True), "qt")
    seed: int = specs.number(Knob(0, 0, 9999, integer=True), "qseed")

    def __post_init__(self) -> None:
        specs.check(self)


def stationary(lr: ArrayLike, curvature: float, sigma: float) -> FLOATS:
    """The variance at which the cloud settles; infinite from lr lambda = 2 on."""
    lr = np.asarray(lr, np.float64)
    room = curvature * (2 - lr * curvature)
    with np.errstate(divide="ignore"):
        return np.where(room > 0, lr * sigma**2 / np.maximum(room, 0), np.inf)


def spread(spec: NoiseSpec, t: ArrayLike) -> tuple[FLOATS, FLOATS]:
    """Mean and variance of the cloud at the steps t: the variance is a geometric series of the noise."""
    t = np.asarray(t, np.float64)
    kept = 1 - spec.lr * spec.curvature
    with np.errstate(over="ignore", invalid="ignore"):
        mean = kept**t * spec.start
        series = t if abs(kept) == 1 else (1 - kept ** (2 * t)) / (1 - kept**2)
        return mean, (spec.lr * spec.sigma) ** 2 * series


def interval(variance: ArrayLike, count: int, sure: float = SURE) -> tuple[FLOATS, FLOATS]:
    """Where the true variance is, `sure` often, if `count` independent normal numbers have this one."""
    above, below = stats.chi2.ppf([(1 + sure) / 2, (1 - sure) / 2], count - 1)
    variance = np.asarray(variance, np.float64)
    return variance * (count - 1) / above, variance * (count - 1) / below


# ---------------------------------------------------------------- what is run


def drawn(spec: NoiseSpec, name: str, steps: int, rows: int) -> Tensor:
    """xi [T, R, 1], standard normal, from the seed and the purpose."""
    g = generator(spec.seed, f"noise ball {name}")
    return torch.randn(steps, rows, 1, generator=g, dtype=torch.float64)


def descents(spec: NoiseSpec, lr: Tensor, noise: Tensor, record: range) -> FLOATS:
    """Positions [T', R] at the steps of `record`, of rows with rates lr [R, 1] and noise [T, R, 1]."""
    theta = torch.full_like(lr, spec.start)
    objective, steps = bowl((spec.curvature,))[0], len(noise)
    walker = Walker(theta, optimizer="sgd", knobs={}, lr=lr, steps=steps)

    def gradient(t: int) -> Tensor:
        return objective.gradient(theta) + spec.sigma * noise[min(t, steps - 1)]  # at the end nothing moves

    return torch.stack([moment.theta[:, 0].clone() for moment in walk(walker, gradient, record)]).numpy()


@computing()
def cloud(spec: NoiseSpec) -> FLOATS:
    """All replicas at all steps: [T + 1, R]."""
    lr = torch.full((spec.replicas, 1), spec.lr, dtype=torch.float64)
    noise = drawn(spec, "cloud", spec.steps, spec.replicas)
    return descents(spec, lr, noise, range(spec.steps + 1))


def moments(found: FLOATS) -> tuple[FLOATS, FLOATS]:
    """Mean and unbiased variance of replicas [..., R]; no numbers where the cloud has left every bound."""
    with np.errstate(over="ignore", invalid="ignore"):
        mean: FLOATS = found.mean(-1)
        return mean, found.var(-1, ddof=1)


@dataclass(frozen=True, eq=False)
class Curve:
    """The stationary variance over learning rates."""

    lr: FLOATS  # [G]
    measured: FLOATS  # [G] of the replicas at the last step
    low: FLOATS  # [G] of its interval
    high: FLOATS  # [G]
    theory: FLOATS  # [G]
    steps: int

    @property
    def hit(self) -> int:
        """How many intervals hold the theory."""
        return int(((self.low <= self.theory) & (self.theory <= self.high)).sum())


@computing()
def curve(spec: NoiseSpec) -> Curve:
    """Replicas of every learning rate of RATES, all rows of one batch, until the slowest has settled.

    They start at 0: how far away the start was is forgotten anyway.
    """
    lr = np.array(RATES) / spec.curvature
    slowest = np.abs(1 - np.array(RATES)).max()
    steps = int(np.ceil(np.log(SETTLED) / (2 * np.log(slowest))))
    rows = torch.from_numpy(lr.repeat(spec.replicas))[:, None]
    noise = drawn(spec, "curve", steps, len(rows))
    from_zero = NoiseSpec(curvature=spec.curvature, sigma=spec.sigma, start=0.0)
    last = descents(from_zero, rows, noise, range(steps, steps + 1))[0].reshape(len(lr), -1)
    measured = moments(last)[1]
    low, high = interval(measured, spec.replicas)
    return Curve(lr, measured, low, high, stationary(lr, spec.curvature, spec.sigma), steps)
