"""Random ReLU features of a task: a network of one hidden layer whose first layer stays as it was drawn.

    phi_j(x) = sqrt(2/p) max(0, u_j . x),   u_j ~ N(0, I/D),   j = 1..p       prediction = w . phi(x) + mean y

so that |phi(x)|^2 is about |x|^2/D = 1 for every p, and a ridge means the same for each. Every training set
has its own examples, noise and features. (Rahimi and Recht 2007; Belkin et al. 2019; Mei and Montanari 2022.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor
from torch.nn.functional import one_hot

from mlcore.base import spec as specs
from mlcore.base.device import computing
from mlcore.base.experiment import Report, run, silent, within
from mlcore.base.registry import Knob
from mlcore.complexity import least_norm
from mlcore.complexity.double_descent import REACH, sizes
from mlcore.families.real_sets import bundled
from mlcore.training.data import mislabel
from mlcore.training.draws import generator

FLOATS = NDArray[np.float64]
TASKS = ("linear", "network", "digits", "diabetes")
REAL = TASKS[2:]
CLASSES = 10  # of the digits
UNITS = 10  # hidden units of the teacher network
TESTS = 400  # at most so many test examples
CHUNK = 4_000_000  # float64 numbers of features at a time: 32 MB


@dataclass(frozen=True)
class FeatureSpec:
    """S training sets of n examples. Only labels of training examples are spoiled: by `noise` standard
    deviations of y, or, of classes, with this probability.
    """

    task: str = specs.choice("network", TASKS, "ftask")
    examples: int = specs.number(Knob(60, 20, 200, symbol="n", log=True, integer=True), "fn")
    inputs: int = specs.number(Knob(20, 2, 50, symbol="D", integer=True), "fd")  # of the tasks with a teacher
    noise: float = specs.number(Knob(0.3, 0.0, 1.0), "fnoise")
    ridge: float = specs.number(Knob(0.0, 0.0, 10.0, symbol=r"\lambda"), "flam")
    sets: int = specs.number(Knob(20, 5, 100, symbol="S", log=True, integer=True), "fsets")
    seed: int = specs.number(Knob(0, 0, 9999, integer=True), "fseed")

    def __post_init__(self) -> None:
        specs.check(self)
        if self.task in REAL:
            object.__setattr__(self, "inputs", 20)  # equal experiments are equal specs

    @property
    def seconds(self) -> float:
        """About how long all fits take."""
        return 4.4e-8 * self.sets * (self.examples + TESTS) * REACH * self.examples


class Sample(NamedTuple):
    """One training set as the fit sees it, and what it is tested on."""

    x: Tensor  # [n, D] centered, |x|^2 about D
    y: Tensor  # [n, K] with noise, less its mean
    x_test: Tensor  # [M, D]
    y_test: Tensor  # [M, K] without the noise that was added, less the same mean
    center: Tensor  # [1, K] that mean
    features: Tensor  # [D, P] the directions u_j


@dataclass(frozen=True, eq=False)
class Curves:
    """What S fits with each of G numbers of features came to."""

    spec: FeatureSpec
    p: NDArray[np.int64]  # [G]
    test: FLOATS  # [G, S] squared error against the labels without added noise
    train: FLOATS  # [G, S] training cost
    norm: FLOATS  # [G, S] |w|
    wrong: FLOATS | None  # [G, S] the share of test examples put into a wrong class
    chance: float  # test cost of the mean label


@run.register
@computing()
def measure(spec: FeatureSpec, report: Report = silent) -> Curves:
    """Fit every training set with every number of features, several sets at once."""
    p_s = sizes(spec.examples, REACH * spec.examples)
    rows = max(1, CHUNK // ((spec.examples + TESTS) * p_s[-1]))
    parts = []
    for first in range(0, spec.sets, rows):
        end = min(first + rows, spec.sets)
        samples = [sample(spec, i) for i in range(first, end)]
        part = within(report, first / spec.sets, end / spec.sets)
        parts.append(_fit_all(spec, samples, p_s, part))
    test, train, norm, wrong, chance = (torch.cat(part, dim=1).numpy() for part in zip(*parts, strict=True))
    told = wrong if spec.task == "digits" else None
    return Curves(spec, np.array(p_s), test, train, norm, told, float(chance.mean()))


def _fit_all(spec: FeatureSpec, samples: list[Sample], p_s: list[int], report: Report) -> list[Tensor]:
    """Test and training cost, norm, share of wrong classes [G, S], and the cost of chance [1, S]."""
    x, y, x_test, y_test, center, u = (torch.stack(column) for column in zip(*samples, strict=True))
    seen, asked = (torch.relu(points @ u) for points in (x, x_test))  # [S, n, P], [S, M, P]
    found: list[tuple[Tensor, ...]] = []
    for k, p in enumerate(p_s):
        report(k / len(p_s), None)
        scale = math.sqrt(2 / p)
        w = least_norm.fit(scale * seen[..., :p], y, spec.ridge)  # [S, p, K]
        fitted, answer = (scale * (part[..., :p] @ w) for part in (seen, asked))
        costs = ((z - t).square().mean((1, 2)) for z, t in ((answer, y_test), (fitted, y)))
        wrong = ((answer + center).argmax(-1) != (y_test + center).argmax(-1)).double().mean(-1)
        found.append((*costs, w.square().sum((1, 2)).sqrt(), wrong))
    return [*map(torch.stack, zip(*found, strict=True)), y_test.square().mean((1, 2))[None]]


# ---------------------------------------------------------------- tasks


def sample(spec: FeatureSpec, i: int) -> Sample:
    """Training set i with its features."""
    g = generator(spec.seed, f"set {i}")
    x, y, x_test, y_test = (_real if spec.task in REAL else _taught)(spec, g)
    middle, center = x.mean(0), y.mean(0, keepdim=True)
    size = (x - middle).square().mean().sqrt()
    x, x_test = (x - middle) / size, (x_test - middle) / size
    u = torch.randn(x.shape[1], REACH * spec.examples, generator=g, dtype=torch.float64)
    return Sample(x, y - center, x_test, y_test - center, center, u / math.sqrt(x.shape[1]))


def _taught(spec: FeatureSpec, g: Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """x ~ N(0, I) and what the teacher says, whom all training sets share."""
    n = spec.examples
    both = torch.randn(n + TESTS, spec.inputs, generator=g, dtype=torch.float64)
    y = teacher(spec, both)[:, None]
    return both[:n], y[:n] + spec.noise * torch.randn(n, 1, generator=g, dtype=torch.float64), both[n:], y[n:]


def teacher(spec: FeatureSpec, x: Tensor) -> Tensor:
    """One direction, or a network of a few ReLUs: x [M, D] -> [M], with mean 0 and variance 1 on N(0, I)."""
    g = generator(spec.seed, "teacher")
    units = 1 if spec.task == "linear" else UNITS
    v = torch.randn(spec.inputs, units, generator=g, dtype=torch.float64)
    v /= v.norm(dim=0)
    if spec.task == "linear":
        return (x @ v)[:, 0]
    signs = torch.randn(units, generator=g, dtype=torch.float64).sign()
    many = torch.relu(torch.randn(4096, spec.inputs, generator=g, dtype=torch.float64) @ v) @ signs
    return (torch.relu(x @ v) @ signs - many.mean()) / many.std()


def _real(spec: FeatureSpec, g: Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Some examples of a bundled set to train on, others to test on, drawn anew for every training set."""
    x, y = table(spec.task)
    order = torch.randperm(len(x), generator=g)
    train, test = order[: spec.examples], order[spec.examples :][:TESTS]
    if spec.task == "digits":
        spoiled = mislabel(y[train], CLASSES, spec.noise, g)
        target, right = (one_hot(labels, CLASSES).double() for labels in (spoiled, y[test]))
        return x[train], target, x[test], right
    y = (y - y.mean())[:, None] / y.std()
    spoiled = y[train] + spec.noise * torch.randn(len(train), 1, generator=g, dtype=torch.float64)
    return x[train], spoiled, x[test], y[test]


@cache
@torch.inference_mode(False)  # it outlives whoever asks first
def table(task: str) -> tuple[Tensor, Tensor]:
    """All examples of a bundled set."""
    return bundled(task, 10_000, Generator())
