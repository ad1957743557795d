"""Double descent to look at: fits of few points on a line by more and more features, of the smallest norm.

Every training set has its own points, noise and, where they are random, features.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.complexity import least_norm
from mlcore.complexity.double_descent import sizes
from mlcore.training.draws import generator

FLOATS = NDArray[np.float64]
KINDS = ("cosine", "relu", "legendre")
REACH = 40  # up to so many features for each example
POINTS = 241  # where a fit is drawn and tested


@dataclass(frozen=True)
class LineSpec:
    """S training sets of n points of f(x) = sin(pi x) on [-1, 1], with noise."""

    kind: str = specs.choice("cosine", KINDS, "ckind")
    examples: int = specs.number(Knob(12, 5, 30, symbol="n", integer=True), "cn")
    noise: float = specs.number(Knob(0.2, 0.0, 1.0, symbol=r"\sigma"), "csig")
    ridge: float = specs.number(Knob(0.0, 0.0, 10.0, symbol=r"\lambda"), "clam")
    sets: int = specs.number(Knob(12, 1, 30, symbol="S", integer=True), "csets")
    seed: int = specs.number(Knob(50, 0, 9999, integer=True), "cseed")

    def __post_init__(self) -> None:
        specs.check(self)


@dataclass(frozen=True, eq=False)
class LineFits:
    """What S fits with each of G numbers of features look like on M points, and what they came to."""

    spec: LineSpec
    p: NDArray[np.int64]  # [G]
    x: FLOATS  # [S, n]
    y: FLOATS  # [S, n]
    at: FLOATS  # [M]
    truth: FLOATS  # [M]
    fit: FLOATS  # [G, S, M]
    risk: FLOATS  # [G, S] mean of (fit - truth)^2 over `at`
    train: FLOATS  # [G, S]


def truth(x: Tensor) -> Tensor:
    return torch.sin(math.pi * x)


def features(kind: str, x: Tensor, count: int, g: Generator) -> Tensor:
    """The first `count` features of each point: x [M] -> [M, count], each of mean square about 1 on [-1, 1].

    relu: a hinge max(0, +-(x - t)) with t uniform in [-1, 1]; cosine: cos(w x + b) with w ~ N(0, (2 pi)^2);
    legendre: the orthonormal polynomials of degree 0, 1, 2, ..., which are not random. Several hinges
    between two neighboring points are alike on the points, so that p hinges have a rank below p.
    """
    draw = torch.rand(3, count, generator=g, dtype=torch.float64)
    if kind == "legendre":
        return legendre(x, count)
    if kind == "cosine":
        speed = 2 * math.pi * torch.special.ndtri(draw[0].clamp(1e-12, 1 - 1e-12))
        return math.sqrt(2) * torch.cos(x[:, None] * speed + 2 * math.pi * draw[1])
    side = torch.where(draw[0] < 0.5, -1.0, 1.0)
    return math.sqrt(3) * torch.relu(side * (x[:, None] - (2 * draw[1] - 1)))


def legendre(x: Tensor, count: int) -> Tensor:
    """sqrt(2k + 1) P_k(x) for k < count, by the recurrence (k + 1) P_k+1 = (2k + 1) x P_k - k P_k-1."""
    P = [torch.ones_like(x), x]
    for k in range(1, count - 1):
        P.append(((2 * k + 1) * x * P[k] - k * P[k - 1]) / (k + 1))
    return torch.stack([math.sqrt(2 * k + 1) * P[k] for k in range(count)], dim=1)


def fits(spec: LineSpec) -> LineFits:
    """Fit every training set with every number of features."""
    at = torch.linspace(-1, 1, POINTS, dtype=torch.float64)
    p_s = sizes(spec.examples, REACH * spec.examples)
    x, y, seen, asked = (
        torch.stack(column) for column in zip(*(_set(spec, i, at) for i in range(spec.sets)), strict=True)
    )
    f = truth(at)
    fit, risk, train = [], [], []
    for p in p_s:
        A = seen[..., :p] / math.sqrt(p)
        w = least_norm.by_singular_values(A, y[..., None], spec.ridge)
        answer = (asked[..., :p] @ w)[..., 0] / math.sqrt(p)  # [S, M]
        fit.append(answer)
        risk.append((answer - f).square().mean(-1))
        train.append(((A @ w)[..., 0] - y).square().mean(-1))
    drawn = (torch.stack(values).numpy() for values in (fit, risk, train))
    return LineFits(spec, np.array(p_s), x.numpy(), y.numpy(), at.numpy(), f.numpy(), *drawn)


def _set(spec: LineSpec, i: int, at: Tensor) -> tuple[Tensor, ...]:
    """Points x, y [n] of training set i, and all features of them [n, P] and of `at` [M, P]."""
    g = generator(spec.seed, f"line {i}")
    n, most = spec.examples, REACH * spec.examples
    jitter = torch.rand(n, generator=g, dtype=torch.float64)
    x = 2 * (torch.arange(n) + 0.1 + 0.8 * jitter) / n - 1  # one in every n-th: no large gaps
    y = truth(x) + spec.noise * torch.randn(n, generator=g, dtype=torch.float64)
    wide = features(spec.kind, torch.cat([x, at]), most, g)
    return x, y, wide[:n], wide[n:]
