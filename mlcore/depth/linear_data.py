"""What linear models are fitted to: one or two features and a target, or two classes in a plane."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base import points
from mlcore.descents import regression
from mlcore.descents.regression import PAIRS, Problem
from mlcore.families.datasets import DATASETS
from mlcore.training.data import Data, DataSpec, load, moments
from mlcore.training.draws import draw

FLOATS = NDArray[np.float64]
HALF = "half_mse"  # the lecture's loss: 1/2 (y_hat - y)^2
CHOSEN = "chosen"  # a made or drawn set, instead of features of a real one


def fitting(task: str, features: int) -> list[str]:
    """The data sets of a task in so many dimensions that are made or drawn by hand."""
    own = (v for v in DATASETS.variants() if not v.real or by_hand(v.name))
    return [v.name for v in own if (v.task, v.features) == (task, features)]


def by_hand(name: str) -> bool:
    return "drawn" in DATASETS[name].facts


CURVES, PLANES = fitting("regression", 1), fitting("classification", 2)


@dataclass(frozen=True)
class Duo:
    """Which two features of which data set predict what: another feature of it, or its target."""

    data: str
    features: tuple[int, int]
    target: int | None = None


@dataclass(frozen=True)
class Sides:
    """Two features and two classes of a data set: the first is the negative side."""

    data: str
    features: tuple[int, int]
    classes: tuple[int, int]


ONE = (*(name for name, pair in PAIRS.items() if DATASETS[pair.data].real), CHOSEN)
DUOS = {
    "bmi_pressure": Duo("diabetes", (2, 3)),
    "bmi_lipid": Duo("diabetes", (2, 8)),
    "cholesterol": Duo("diabetes", (4, 5)),  # total and LDL: nearly the same, a narrow valley
    "petals": Duo("iris", (2, 0), 3),  # lengths of petal and sepal, width of petal
    "phenols": Duo("wine", (5, 11), 6),
}
SIDES = {
    "setosa": Sides("iris", (2, 3), (0, 1)),  # petals: a line parts them
    "virginica": Sides("iris", (2, 3), (1, 2)),  # petals: none does
    "cells": Sides("breast_cancer", (0, 1), (0, 1)),
    "wine": Sides("wine", (6, 9), (0, 1)),
}
TWO = (*SIDES, CHOSEN)


@lru_cache(maxsize=32)
@torch.inference_mode(False)  # whoever asks first: it is kept for those who differentiate, too
def line(source: str, data: DataSpec, standardize: bool) -> Problem:
    """One feature, the lecture's loss. Raises what `load` raises."""
    if source != CHOSEN:
        return replace(regression.problem(source, standardize), loss=HALF)
    x, y, names, _ = chosen(data)
    if standardize:
        x, y = standardized(x), standardized(y)
    return regression.linear(x, y, (*names, "y"), HALF)


Chosen = tuple[Tensor, Tensor, tuple[str, ...], tuple[str, ...]]


def chosen(data: DataSpec) -> Chosen:
    """Examples as they are, and the names of features and classes: of made data those for training, of points
    drawn by hand all, in the order in which they were drawn."""
    if by_hand(data.name):
        drawn = draw(data)
        return drawn.x, drawn.y, drawn.feature_names, drawn.class_names
    loaded = load(replace(data, standardize=False))
    return loaded.x, loaded.y, loaded.feature_names, loaded.class_names


def standardized(values: Tensor) -> Tensor:
    mean, std = moments(values)
    return (values - mean) / std


def redrawn(data: DataSpec, example: int, x: float, y: float) -> str:
    """The points of a drawn curve with one of them elsewhere, as a link carries them."""
    spots = [*points.read(data.points or DATASETS[data.name].example)]
    x, y = (min(max(v, -points.REACH), points.REACH) for v in (x, y))
    spots[example] = (x, y, spots[example][2])
    return points.write(spots)


@lru_cache(maxsize=32)
@torch.inference_mode(False)
def plane(duo: str) -> Problem:
    """Two features, standardized as their target is, and the lecture's loss."""
    of = DUOS[duo]
    loaded = everything(of.data, True)
    y = loaded.y if of.target is None else loaded.x[:, of.target]
    target = "" if of.target is None else loaded.feature_names[of.target]
    names = [loaded.feature_names[feature] for feature in of.features]
    return regression.linear(loaded.x[:, of.features], y, (*names, target), HALF)


def everything(name: str, standardize: bool) -> Data:
    """The training examples of a real data set."""
    return load(DataSpec(name, examples=DATASETS[name].examples, standardize=standardize))


@dataclass(frozen=True, eq=False)
class Plane:
    """Two classes in a plane, N training examples. All who ask share them: do not write."""

    x: FLOATS  # [N, 2]
    label: FLOATS  # [N] 0 or 1
    names: tuple[str, str]  # of the features
    classes: tuple[str, str]
    left_out: int = 0  # classes of the data set beyond these

    @property
    def sign(self) -> FLOATS:
        """[N] -1 or 1"""
        return 2 * self.label - 1

    @property
    def signed(self) -> FLOATS:
        """[N, 3] the augmented examples (x1, x2, 1) times their sign: right is what has w . z > 0."""
        return self.sign[:, None] * np.column_stack([self.x, np.ones(len(self.x))])

    @property
    def tensors(self) -> tuple[Tensor, Tensor]:
        return torch.from_numpy(self.x), torch.from_numpy(self.label)


@lru_cache(maxsize=32)
@torch.inference_mode(False)
def sides(source: str, data: DataSpec, standardize: bool) -> Plane:
    """Two classes in a plane. Raises what `load` raises."""
    features, classes = (0, 1), (0, 1)
    if source == CHOSEN:
        x, y, names, called = chosen(data)
    else:
        features, classes = SIDES[source].features, SIDES[source].classes
        loaded = everything(SIDES[source].data, False)
        x, y, names, called = loaded.x, loaded.y, loaded.feature_names, loaded.class_names
    here = torch.isin(y, torch.tensor(classes))
    x, y = x[here][:, features], y[here]
    if standardize:
        x = standardized(x)
    label = (y == classes[1]).double()
    axes, pair = (names[features[0]], names[features[1]]), (called[classes[0]], called[classes[1]])
    left_out = len(called) - 2 if source == CHOSEN else 0
    return Plane(x.numpy(), label.numpy(), axes, pair, left_out)
