"""Do probabilities keep their word? Of all answers given with 80 %, eight of ten should be right.

    confidence c = max_k softmax(z / T)_k
    ECE   = sum over bins of (share of the images) |accuracy - mean confidence|     (Naeini et al. 2015)
    NLL   = mean of -ln p of the true class
    Brier = mean over images of sum_k (p_k - [k is true])^2                         (Brier 1950, both sides)

Dividing logits by a temperature T > 0 changes no answer, only how sure it is (Guo et al. 2017). The NLL is
convex in 1 / T, so that one minimum is the only one. An ECE is never 0 where images are few: `promised` says
what it would be if all probabilities were true (Broecker and Smith 2007).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

FLOATS = NDArray[np.float64]
LOW, HIGH = 0.1, 10.0  # temperatures
DRAWS = 400  # of answers by chance


def probabilities(said: Tensor, temperature: float = 1.0) -> FLOATS:
    """softmax(z / T) of logits [M, 10], in float64."""
    found: FLOATS = torch.softmax(said.double() / temperature, -1).numpy()
    return found


def nll(said: Tensor, y: Tensor, temperature: float = 1.0) -> float:
    return float(cross_entropy(said.double() / temperature, y))


def brier(p: FLOATS, y: Tensor) -> float:
    """From 0 to 2: the sum runs over all classes, as Brier's own."""
    target = one_hot(y, p.shape[-1]).double().numpy()
    return float(np.square(p - target).sum(-1).mean())


@dataclass(frozen=True, eq=False)
class Reliability:
    """Answers by their confidence, in bins of equal width; a bin without any has NaN."""

    edges: FLOATS  # [B + 1] from 0 to 1
    count: NDArray[np.int64]  # [B]
    confidence: FLOATS  # [B] means
    accuracy: FLOATS  # [B]

    @property
    def ece(self) -> float:
        return float(np.nansum(self.count * np.abs(self.accuracy - self.confidence)) / self.count.sum())

    @property
    def over(self) -> float:
        """Mean confidence less accuracy: positive where the answers are too sure."""
        return float(np.nansum(self.count * (self.confidence - self.accuracy)) / self.count.sum())


def reliability(p: FLOATS, y: Tensor, bins: int) -> Reliability:
    """Of probabilities p [M, 10] and classes y [M]. A confidence on an edge counts below it: (0.8, 0.9]."""
    sure, right = p.max(-1), p.argmax(-1) == y.numpy()
    edges, place = np.linspace(0, 1, bins + 1), _place(sure, bins)
    count = np.bincount(place, minlength=bins)
    sums = [np.bincount(place, weights=values, minlength=bins) for values in (sure, right.astype(float))]
    with np.errstate(invalid="ignore"):
        return Reliability(edges, count, sums[0] / count, sums[1] / count)


def _place(sure: FLOATS, bins: int) -> NDArray[np.int64]:
    found: NDArray[np.int64] = np.clip(np.ceil(sure * bins).astype(np.int64) - 1, 0, bins - 1)
    return found


@dataclass(frozen=True, eq=False)
class Promised:
    """What would be seen if every confidence were true: answers right by chance, drawn many times."""

    ece: float  # mean
    most: float  # 95 % of the draws have less
    low: FLOATS  # [B] accuracy of a bin, the middle 95 % of the draws
    high: FLOATS  # [B]


def promised(p: FLOATS, bins: int, seed: int = 0) -> Promised:
    sure = p.max(-1)
    place, draws = _place(sure, bins), np.random.default_rng(seed).random((DRAWS, len(sure)))
    member = np.eye(bins)[place]  # [M, B]
    count, right = member.sum(0), (draws < sure) @ member  # [B], [DRAWS, B]
    ece = np.abs(right - sure @ member).sum(1) / len(sure)
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = np.quantile(right, (0.025, 0.975), axis=0) / count
    return Promised(float(ece.mean()), float(np.quantile(ece, 0.95)), low, high)


@dataclass(frozen=True)
class Fit:
    """The temperature of the least NLL; at an end of the range where the NLL still falls there."""

    temperature: float
    inside: bool


def fit(said: Tensor, y: Tensor) -> Fit:
    """On logits [M, 10] and classes y [M] that the network was not trained on: by Brent's method in 1 / T."""
    ends = (1 / HIGH, 1 / LOW)
    found = minimize_scalar(
        lambda b: nll(said, y, 1 / b), bounds=ends, method="bounded", options={"xatol": 1e-5}
    )
    best = min((*ends, float(found.x)), key=lambda b: nll(said, y, 1 / b))
    return Fit(1 / best, min(abs(best - end) for end in ends) > 1e-3)


@dataclass(frozen=True, eq=False)
class Sweep:
    """The three measures over temperatures."""

    temperature: FLOATS  # [H]
    nll: FLOATS
    brier: FLOATS
    ece: FLOATS


def over_temperatures(said: Tensor, y: Tensor, bins: int, count: int = 61) -> Sweep:
    temperatures = np.geomspace(LOW, HIGH, count)
    rows = []
    for temperature in temperatures:
        p = probabilities(said, temperature)
        rows.append((nll(said, y, temperature), brier(p, y), reliability(p, y, bins).ece))
    return Sweep(temperatures, *np.array(rows).T)
