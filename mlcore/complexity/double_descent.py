"""Double descent where everything is known: least squares on p independent Gaussian features.

n examples with features x ~ N(0, I) and labels y = x . beta + noise; the fit sees the first p features and is
the smallest w of least cost (`least_norm.fit`). Since x has covariance I, the excess risk
E (x . w - x . beta)^2 is |w - beta|^2, features that the fit does not see included: no test examples needed.

Theory: for ridge = 0 exact for every n and p (Belkin, Hsu and Xu 2020, theorem 1; Breiman and Freedman 1983
below n); for ridge > 0 the limit of large n and p with p/n fixed (Hastie et al. 2022, theorem 5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from mlcore.base import spec as specs
from mlcore.base.device import computing
from mlcore.base.experiment import Report, run, silent, within
from mlcore.base.registry import Knob
from mlcore.complexity import least_norm

FLOATS = NDArray[np.float64]
TRUTHS = ("used", "even", "ranked")
REACH = 10  # up to so many features for each example
CHUNK = 4_000_000  # float64 numbers of features at a time: 32 MB


@dataclass(frozen=True)
class GaussianSpec:
    """S training sets of n examples. How |beta|^2 = 1 lies on the features is `truth`:

    used: evenly on the p features that the fit sees, whatever p; even: evenly on all there are;
    ranked: beta_j ~ 1/j, and the fit sees the greatest first.
    """

    examples: int = specs.number(Knob(40, 10, 100, symbol="n", integer=True), "gn")
    truth: str = specs.choice("used", TRUTHS, "gtruth")
    noise: float = specs.number(Knob(0.5, 0.0, 2.0, symbol=r"\sigma"), "gsig")
    ridge: float = specs.number(Knob(0.0, 0.0, 10.0, symbol=r"\lambda"), "glam")
    sets: int = specs.number(Knob(100, 10, 200, symbol="S", log=True, integer=True), "gsets")
    seed: int = specs.number(Knob(0, 0, 9999, integer=True), "gseed")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def features(self) -> int:
        """D: how many features there are."""
        return REACH * self.examples

    @property
    def seconds(self) -> float:
        """About how long all fits take."""
        return 1.5e-6 * self.sets * self.examples**2


@dataclass(frozen=True, eq=False)
class Measured:
    """What S fits with each of G numbers of features came to."""

    spec: GaussianSpec
    p: NDArray[np.int64]  # [G]
    risk: FLOATS  # [G, S] excess risk
    train: FLOATS  # [G, S] training cost


@dataclass(frozen=True, eq=False)
class Theory:
    """What is expected, the mean over all training sets; NaN where that is infinite."""

    exact: bool  # for these n and p; else in the limit of large ones
    p: NDArray[np.int64]  # [G]
    risk: FLOATS  # [G]
    train: FLOATS  # [G]
    best: FLOATS  # [G] with the best ridge for each p; always a limit


def sizes(n: int, most: int, count: int = 26) -> list[int]:
    """Numbers of features from 1 to `most`, their ratios alike, crowded where they pass n."""
    ratios = (most ** (k / (count - 1)) for k in range(count))
    near = (n + d for d in (-round(n / 8), -2, -1, 0, 1, 2, round(n / 8)))
    return sorted({p for p in (*map(round, ratios), *near) if 1 <= p <= most})


def beta(spec: GaussianSpec, p: int) -> Tensor:
    """The true coefficients [D] of a fit with p features, |beta| = 1."""
    j = torch.arange(1, spec.features + 1, dtype=torch.float64)
    size = {"used": (j <= p).double(), "even": torch.ones_like(j), "ranked": 1 / j}[spec.truth]
    unit: Tensor = size / size.norm()
    return unit


def draw(spec: GaussianSpec, sets: range) -> tuple[Tensor, Tensor]:
    """Features [S, n, D] and noise [S, n] of some of the training sets, each from a generator of its own."""
    drawn = []
    for i in sets:
        g = Generator().manual_seed(1000 * spec.seed + i)
        drawn.append(torch.randn(spec.examples, spec.features + 1, generator=g, dtype=torch.float64))
    both = torch.stack(drawn)
    return both[..., :-1], spec.noise * both[..., -1]


@run.register
@computing()
def measure(spec: GaussianSpec, report: Report = silent) -> Measured:
    """Fit every training set with every number of features, many sets at once."""
    p_s = sizes(spec.examples, spec.features)
    rows = max(1, CHUNK // (spec.examples * spec.features))
    parts = []
    for first in range(0, spec.sets, rows):
        end = min(first + rows, spec.sets)
        part = within(report, first / spec.sets, end / spec.sets)
        parts.append(_fit_all(spec, range(first, end), p_s, part))
    risk, train = (np.concatenate(part, axis=1) for part in zip(*parts, strict=True))
    return Measured(spec, np.array(p_s), risk, train)


def _fit_all(spec: GaussianSpec, sets: range, p_s: list[int], report: Report) -> tuple[FLOATS, FLOATS]:
    """Excess risk and training cost [G, S] of these sets."""
    x, noise = draw(spec, sets)
    risk, train = [], []
    for k, p in enumerate(p_s):
        report(k / len(p_s), None)
        true, seen = beta(spec, p), x[..., :p]
        y = (x @ true + noise)[..., None]  # [S, n, 1]
        w = least_norm.fit(seen, y, spec.ridge)
        unseen = true[p:].square().sum()
        risk.append((w[..., 0] - true[:p]).square().sum(-1) + unseen)
        train.append((y - seen @ w).square().mean((1, 2)))
    return torch.stack(risk).numpy(), torch.stack(train).numpy()


# ---------------------------------------------------------------- theory


def exact(n: int, p: int, signal: float, noise: float) -> float:
    """Mean of |w - beta|^2 over the features seen, |beta|^2 = signal there and noise^2 = noise; ridge = 0."""
    if p < n - 1:
        return noise * p / (n - p - 1)
    if p > n + 1:
        return noise * n / (p - n - 1) + signal * (1 - n / p)
    return math.nan  # the mean of a quantity that has none: 1/s^2 at the least singular value s


def limit(gamma: float, ridge: float, signal: float, noise: float) -> tuple[float, float]:
    """The same with a ridge > 0, and the training cost, for n and p large with p/n = gamma.

    m(z) = lim tr(X^T X / n - z)^-1 / p is the Stieltjes transform of Marchenko and Pastur at z = -ridge.
    """
    side = 1 - gamma + ridge
    root = math.sqrt(side * side + 4 * gamma * ridge)
    m = 2 / (side + root) if side > 0 else (root - side) / (2 * gamma * ridge)  # without cancellation
    slope = m * (1 + gamma * m) / root  # dm/dz
    bias = ridge * ridge * slope * signal
    train = ridge * ridge * (signal * (m - ridge * slope) + noise * gamma * slope) + noise * (1 - gamma)
    return bias + noise * gamma * (m - ridge * slope), train


def theory(spec: GaussianSpec) -> Theory:
    """At every number of features."""
    n, p_s = spec.examples, np.arange(1, spec.features + 1)
    rows = []
    for p in p_s.tolist():
        true = beta(spec, p).square()
        signal, unseen = float(true[:p].sum()), float(true[p:].sum())
        noise = spec.noise**2 + unseen  # a feature that the fit does not see is noise to it
        best = limit(p / n, max(noise * p / n / signal, 1e-12), signal, noise)[0]
        if spec.ridge > 0:
            risk, train = limit(p / n, spec.ridge, signal, noise)
        else:
            risk, train = exact(n, p, signal, noise), noise * max(0.0, 1 - p / n)
        rows.append((risk + unseen, train, best + unseen))
    risks, trains, bests = np.array(rows).T
    return Theory(spec.ridge == 0, p_s, risks, trains, bests)


# ---------------------------------------------------------------- why: the least singular value


@dataclass(frozen=True)
class SpectrumSpec:
    """The same training sets, each with its first p features."""

    gaussian: GaussianSpec = specs.part(GaussianSpec)
    p: int = specs.number(Knob(40, 1, 1000, integer=True), "gp")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def seconds(self) -> float:
        """About how long: all features are drawn, for the first to be the same; then some are decomposed."""
        own, n = self.gaussian, self.gaussian.examples
        return own.sets * n * (3e-8 * own.features + 9e-10 * self.p * min(n, self.p))


@dataclass(frozen=True, eq=False)
class Spectrum:
    """The singular values of X / sqrt(n) with p features, for every set, and their density in the limit."""

    p: int
    values: FLOATS  # [S, min(n, p)]
    at: FLOATS  # [M]
    density: FLOATS  # [M], of the values that are not 0


@run.register
@computing()
def spectrum(spec: SpectrumSpec, report: Report = silent) -> Spectrum:
    """What the fit divides by: where a value is near 0, the noise along its direction is blown up."""
    own, p, values = spec.gaussian, spec.p, []
    for i in range(own.sets):
        report(i / own.sets, None)
        x = draw(own, range(i, i + 1))[0][..., :p]
        values.append(torch.linalg.svdvals(x / math.sqrt(own.examples)))
    return Spectrum(p, torch.cat(values).numpy(), *marchenko_pastur(p / own.examples))


def marchenko_pastur(gamma: float, points: int = 241) -> tuple[FLOATS, FLOATS]:
    """Where singular values lie in the limit, [M], and their density there; gamma = p/n."""
    low, high = abs(1 - math.sqrt(gamma)), 1 + math.sqrt(gamma)
    at = np.linspace(low, high, points)
    with np.errstate(divide="ignore", invalid="ignore"):  # Marchenko and Pastur's law for s^2, told of s
        inside = np.sqrt(np.maximum((high**2 - at**2) * (at**2 - low**2), 0)) / (np.pi * gamma * at)
    density = inside * max(1.0, gamma)
    if low == 0:
        density[0] = high / np.pi  # the limit at s = 0, where p = n
    return at, density
