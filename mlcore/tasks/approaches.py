"""One task, three ways: a rule that somebody writes, a learner on features that somebody made, a network.

The task is to tell two handwritten digits apart, then all ten. Features are numbers between 0 and 1 (holes: a
count) that a person would name when asked what makes a seven a seven.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.base.device import computing, off_device, on_device
from mlcore.base.experiment import Report, run, silent
from mlcore.base.registry import Knob
from mlcore.base.shares import Share
from mlcore.families.losses import cost_gradient
from mlcore.families.networks import Network, with_ones
from mlcore.formulas.formula import Formula, parse
from mlcore.training.data import DataSpec, load
from mlcore.training.descent import adam
from mlcore.training.draws import generator
from mlcore.training.training import minibatch_rows

NAMES = ("ink", "top", "bottom", "left", "right", "middle", "symmetry", "width", "holes")
SIDE, DARK = 8, 16.0  # of an image
PAPER = 0.3  # ink below this part is paper, where holes are counted
BROAD = 0.15  # mean ink from which on a column counts as written
RULE = "top - bottom"
BATCH, LR, INIT = 32, 0.01, "xavier"
FLOATS = NDArray[np.float64]
DIGIT = Knob(1, 0, 9, integer=True)


def features(pixels: Tensor) -> FLOATS:
    """Images [N, 64] of 0 to 16 -> the features NAMES [N, 9]."""
    from scipy.ndimage import label

    image = pixels.double().numpy().reshape(-1, SIDE, SIDE) / DARK
    ink = image.sum((1, 2))
    mirrored = np.abs(image - image[:, :, ::-1]).sum((1, 2)) / (2 * np.maximum(ink, 1e-9))
    holes = [label(np.pad(one < PAPER, 1, constant_values=True))[1] - 1 for one in image]
    parts = [image, image[:, :2], image[:, 6:], image[:, :, :3], image[:, :, 5:], image[:, 3:5]]
    means = [part.mean((1, 2)) for part in parts]
    width = (image.mean(1) > BROAD).mean(1)
    found: FLOATS = np.stack([*means, 1 - mirrored, width, np.array(holes, float)], 1)
    return found


@dataclass(frozen=True, eq=False)
class Examples:
    """Of some digits: pixels 0 to 16 [N, 64], features [N, 9], classes [N] counted from 0; train and test."""

    digits: tuple[int, ...]
    pixels: tuple[Tensor, Tensor]
    features: tuple[FLOATS, FLOATS]
    classes: tuple[NDArray[np.int64], NDArray[np.int64]]


@lru_cache(maxsize=16)
@torch.inference_mode(False)
def examples(digits: tuple[int, ...]) -> Examples:
    data = load(DataSpec("digits", examples=1797, standardize=False))
    pixels, classes = [], []
    for x, y in ((data.x, data.y), (data.x_test, data.y_test)):
        kept = torch.isin(y, torch.tensor(digits))
        pixels.append(x[kept])
        classes.append(np.searchsorted(digits, y[kept].numpy()))
    found = [features(x) for x in pixels]
    return Examples(digits, (pixels[0], pixels[1]), (found[0], found[1]), (classes[0], classes[1]))


# ---------------------------------------------------------------- a rule


def rule(text: str) -> Formula:
    """A formula in the features. Raises `FormulaError`."""
    return parse(text, NAMES)


@dataclass(frozen=True, eq=False)
class Ruled:
    """What a rule says of the examples: the second digit where its value is above 0."""

    value: tuple[FLOATS, FLOATS]  # [N] train, test; NaN where it has none, which is never right
    right: tuple[NDArray[np.bool_], NDArray[np.bool_]]

    def share(self, part: int) -> Share:
        return Share(int(self.right[part].sum()), len(self.right[part]))


def judge(text: str, digits: tuple[int, int]) -> Ruled:
    """Raises `FormulaError`. `digits` in rising order; the rule speaks for the larger one."""
    found, formula = examples(digits), rule(text)
    values = [formula(torch.from_numpy(one)).expand(len(one)).numpy() for one in found.features]
    values = [np.where(np.isfinite(value), value, np.nan) for value in values]
    right = [
        np.where(np.isnan(value), False, (value > 0) == (cls == 1))
        for value, cls in zip(values, found.classes, strict=True)
    ]
    return Ruled((values[0], values[1]), (right[0], right[1]))


# ---------------------------------------------------------------- learners


@dataclass(frozen=True)
class Way:
    """One way to solve the task: what was learned, and how well test examples are told."""

    learned: int  # numbers found from examples
    test: Share
    train: Share


@lru_cache(maxsize=32)
def on_features(digits: tuple[int, ...]) -> Way:
    """Logistic regression on the features (scikit-learn), standardized."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    found = examples(digits)
    learner = make_pipeline(StandardScaler(), LogisticRegression(C=10, max_iter=2000))
    learner.fit(found.features[0], found.classes[0])
    right = [learner.predict(x) == y for x, y in zip(found.features, found.classes, strict=True)]
    last = learner[-1]
    return Way(last.coef_.size + last.intercept_.size, _share(right[1]), _share(right[0]))


@dataclass(frozen=True)
class PixelSpec:
    """A network on the pixels of two digits, or of all ten."""

    first: int = specs.number(DIGIT, "aia")
    second: int = specs.number(Knob(7, 0, 9, integer=True), "aib")
    every: bool = specs.flag(False, "aiall")
    units: int = specs.number(Knob(32, 2, 128, symbol="n", log=True, integer=True), "aiunits")
    steps: int = specs.number(Knob(500, 50, 3000, symbol="T", log=True, integer=True), "aisteps")
    seed: int = specs.number(Knob(0, 0, 9999, integer=True), "aiseed")

    def __post_init__(self) -> None:
        specs.check(self)
        if self.every:  # then the pair says nothing
            specs.leave(self, ("first", "second"))

    @property
    def digits(self) -> tuple[int, ...]:
        """In rising order; another one where both are the same."""
        pair = (self.first, self.second if self.second != self.first else (self.first + 1) % 10)
        return tuple(range(10)) if self.every else (min(pair), max(pair))


@run.register
@computing()
def on_pixels(spec: PixelSpec, report: Report = silent) -> Way:
    """One hidden layer of ReLUs, Adam, minibatches."""
    found = examples(spec.digits)
    network = Network((SIDE * SIDE, spec.units, len(spec.digits)), "relu")
    theta = on_device(network.init(INIT, [generator(spec.seed, "pixels")]), torch.float32)
    x, x_test = (on_device(part[None] / DARK, torch.float32) for part in found.pixels)
    hot = torch.nn.functional.one_hot(torch.from_numpy(found.classes[0]), len(spec.digits))
    y = on_device(hot[None], torch.float32)
    rows = on_device(minibatch_rows(x.shape[1], min(BATCH, x.shape[1]), spec.steps + 1, spec.seed))
    passes = network.chain(theta, rows.shape[1])

    def gradient(t: int) -> Tensor:
        prediction = passes.forward(with_ones(x[:, rows[t]]))
        return passes.backward(cost_gradient("cross_entropy", prediction, y[:, rows[t]]))

    for _ in adam(theta, gradient, LR, spec.steps, [spec.steps], report):
        pass
    answers = [off_device(network.predict(theta, part)[0].argmax(-1)).numpy() for part in (x, x_test)]
    right = [said == known for said, known in zip(answers, found.classes, strict=True)]
    return Way(network.size, _share(right[1]), _share(right[0]))


def _share(right: NDArray[np.bool_]) -> Share:
    return Share(int(right.sum()), len(right))
