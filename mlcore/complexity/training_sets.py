"""Many training sets where the laboratory has one: fresh from a known truth, or resampled from real data.

Fresh sets are independent draws of the same world: the expectation over D of the slide is a mean over them,
and labels at a test point are drawn many times. Of real data there is one set only. Sets resampled from it
(Efron 1979) share examples, so they are not independent; a test example has one label, so its noise cannot
be told from bias. Both are named for what they are.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from torch import Generator, Tensor

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.complexity.families import Sets
from mlcore.families.datasets import DATASETS
from mlcore.training.data import Data, DataSpec, load, mislabel
from mlcore.training.draws import generate, generator, truth_of, whole

DESIGNS = ("random", "fixed")
RESAMPLINGS = ("bootstrap", "subsample")
ALONG = 101  # test points on a line
TESTED = 200  # test points elsewhere, at most
LABELS = 100  # of every test point, at most
OF_REAL = ("examples", "test_share", "imbalance", "standardize", "seed")  # of data that is there, not drawn


@dataclass(frozen=True)
class SetsSpec:
    """S training sets of N examples. Fields that do not apply are set back to their defaults."""

    data: DataSpec = specs.part(DataSpec, DataSpec("sine"))
    size: int = specs.number(Knob(30, 5, 300, symbol="N", log=True, integer=True), "size")
    sets: int = specs.number(Knob(100, 2, 400, symbol="S", log=True, integer=True), "sets")
    design: str = specs.choice("random", DESIGNS, "design")
    resample: str = specs.choice("bootstrap", RESAMPLINGS, "resample")
    seed: int = specs.number(Knob(0, 0, 9999, integer=True), "seed")

    def __post_init__(self) -> None:
        specs.check(self)
        idle = {"resample": not self.real, "design": not self.line}
        specs.leave(self, (name for name, out in idle.items() if out))
        if not self.real:
            usual: dict[str, Any] = {f.name: f.default for f in fields(DataSpec) if f.name in OF_REAL}
            object.__setattr__(self, "data", replace(self.data, **usual))

    @property
    def real(self) -> bool:
        """Whether there is but one set of data, which can only be resampled."""
        return bool(DATASETS[self.data.name].real)

    @property
    def line(self) -> bool:
        """Whether x is one number and f(x) is known."""
        return "truth" in DATASETS[self.data.name].facts


@dataclass(frozen=True, eq=False)
class Drawing:
    """The training sets, and test points with as many labels as there are."""

    spec: SetsSpec
    sets: Sets
    at: Tensor  # [M, D] float64
    labels: Tensor  # [L, M, K]; L = S up to LABELS where labels can be drawn, else 1
    truth: Tensor | None  # [M, K] the mean of infinitely many labels, where it is known
    data: Data | None  # of real data: what was resampled


def shape(spec: SetsSpec) -> tuple[int, int]:
    """N and D of every set. Raises as `draw` does."""
    if not spec.real:
        return spec.size, int(DATASETS[spec.data.name].features)
    n, features = load(spec.data).x.shape
    return min(spec.size, n), features


def draw(spec: SetsSpec) -> Drawing:
    """The sets of `spec`: same spec, same bits. Raises `DataError` or `tables.TableError` for real data."""
    if spec.real:
        return _resampled(spec)
    return _curves(spec) if spec.line else _classes(spec)


def _generators(spec: SetsSpec, purpose: str, count: int) -> list[Generator]:
    """One for each set: how many sets there are changes none of them."""
    return [generator(spec.seed, f"{purpose} {i}") for i in range(count)]


def _curves(spec: SetsSpec) -> Drawing:
    """y = f(x) + noise. With a fixed design every set has the x of the first, and so have the test points."""
    truth = whole(truth_of(spec.data))
    drawn = [generate(spec.data, spec.size, g) for g in _generators(spec, "train", spec.sets)]
    x = torch.stack([x for x, _ in drawn])
    noise = torch.stack([y - truth(x) for x, y in drawn])  # the noise does not depend on where x is
    if spec.design == "fixed":
        x = x[:1].sort(1).values.expand_as(x)
    y = torch.stack([truth(row) for row in x]) + noise
    at = x[0] if spec.design == "fixed" else torch.linspace(-1, 1, ALONG, dtype=torch.float64)[:, None]
    others = [generate(spec.data, len(at), g) for g in _generators(spec, "labels", min(spec.sets, LABELS))]
    f = truth(at)
    labels = f + torch.stack([y - truth(x) for x, y in others])
    sets = Sets(x, y[..., None], 0, spec.seed)
    return Drawing(spec, sets, at, labels[..., None], f[:, None], None)


def _classes(spec: SetsSpec) -> Drawing:
    """Points of a plane; their clean class is the truth, label noise flips labels of training and test."""
    K, p = DATASETS[spec.data.name].classes, spec.data.label_noise
    drawn = []
    for g in _generators(spec, "train", spec.sets):
        x, y = generate(spec.data, spec.size, g)
        drawn.append((x, mislabel(y, K, p, g)))
    (g,) = _generators(spec, "test", 1)
    at, clean = generate(spec.data, TESTED, g)
    flips = _generators(spec, "labels", min(spec.sets, LABELS) if p else 1)
    labels = torch.stack([mislabel(clean, K, p, g) for g in flips])
    truth = (1 - p) * hot(clean, K) + p / (K - 1) * (1 - hot(clean, K))
    sets = Sets(torch.stack([x for x, _ in drawn]), hot(torch.stack([y for _, y in drawn]), K), K, spec.seed)
    return Drawing(spec, sets, at, hot(labels, K), truth, None)


def _resampled(spec: SetsSpec) -> Drawing:
    """Rows of the training examples, drawn anew for each set; the test examples are never among them."""
    data = load(spec.data)
    n, K = len(data.x), data.classes
    size, _ = shape(spec)
    rows = []
    for g in _generators(spec, spec.resample, spec.sets):
        every = torch.randint(n, (size,), generator=g), torch.randperm(n, generator=g)[:size]
        rows.append(every[RESAMPLINGS.index(spec.resample)])
    picked = torch.stack(rows)  # [S, N]
    y, y_test = (hot(y, K) if K else y[..., None] for y in (data.y, data.y_test))
    sets = Sets(data.x[picked], y[picked], K, spec.seed)
    return Drawing(spec, sets, data.x_test[:TESTED], y_test[None, :TESTED], None, data)


def hot(y: Tensor, classes: int) -> Tensor:
    """Classes [...] as one-hot rows [..., K] float64."""
    return torch.nn.functional.one_hot(y, classes).double()
