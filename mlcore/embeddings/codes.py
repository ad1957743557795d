"""Codes of examples, wherever they come from, and how well they keep classes apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.embeddings.autoencoder import AutoencoderSpec, Centered, Encoded, centered, in_units
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.models import ModelSpec
from mlcore.training.principal import principal
from mlcore.training.tasks import TrainSpec, prepare
from mlcore.training.training import Run

SOURCES = ("autoencoder", "pca", "classifier")
NEAREST = 5  # neighbors that vote
FLOATS = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Codes:
    """Of the training and the test examples."""

    train: FLOATS  # [N, c]
    test: FLOATS  # [M, c]


@dataclass(frozen=True, eq=False)
class Flat:
    """How codes are drawn in a plane: as they are, or along the two axes along which they vary most."""

    mean: FLOATS  # [c]
    axes: FLOATS  # [c, 2]

    @classmethod
    def of(cls, codes: Codes) -> Flat:
        count = codes.train.shape[1]
        if count <= 2:
            return cls(np.zeros(count), np.eye(count, 2))
        return cls(codes.train.mean(0), principal(codes.train)[0][:, :2])

    def __call__(self, codes: FLOATS) -> FLOATS:
        """[N, c] -> [N, 2]"""
        found: FLOATS = (codes - self.mean) @ self.axes
        return found

    def back(self, place: FLOATS, near: FLOATS) -> FLOATS:
        """The code at a place [2] of the plane that is nearest to a code [c]."""
        found: FLOATS = near + self.axes @ (place - self(near[None])[0])
        return found


@dataclass(frozen=True, eq=False)
class Principal:
    """Principal components of the training examples: rows of `axes`, by falling eigenvalue."""

    axes: Tensor  # [k, D]
    eigenvalues: FLOATS  # [k] variances along the axes

    def codes(self, x: Tensor, count: int) -> Tensor:
        """Coordinates along the first axes: [N, D] -> [N, count]."""
        return x @ self.axes[:count].T

    def back(self, x: Tensor, count: int) -> Tensor:
        return self.codes(x, count) @ self.axes[:count]

    def left_out(self, count: int) -> float:
        """The share of the variance in the eigenvalues after the first `count`, which a linear code loses."""
        return float(self.eigenvalues[count:].sum() / (self.eigenvalues.sum() or 1.0))


def pca(seen: Centered) -> Principal:
    directions, variances = principal(seen.train.numpy())
    return Principal(torch.from_numpy(directions.T.copy()), variances)


def of_pca(spec: AutoencoderSpec) -> Codes:
    seen = centered(spec.data)
    found = pca(seen)
    return Codes(found.codes(seen.train, spec.code).numpy(), found.codes(seen.test, spec.code).numpy())


def of_autoencoder(encoded: Encoded, moment: int = -1) -> Codes:
    seen, theta = encoded.seen, encoded.rows(moment)
    return Codes(*(encoded.network.encode(theta, x)[0].numpy() for x in (seen.train, seen.test)))


def classifier(spec: AutoencoderSpec) -> TrainSpec:
    """A classifier whose last hidden layer is as wide as the code."""
    model = ModelSpec(widths=(spec.units, spec.code), activation=spec.activation)
    return TrainSpec(
        in_units(spec.data), model, steps=spec.steps, seed=spec.seed, lr=spec.lr, schedule="cosine"
    )


def of_classifier(spec: TrainSpec, trained: Run) -> Codes:
    """What its last hidden layer makes of the examples."""
    task = prepare(spec)
    theta = torch.from_numpy(trained.final[:1]).double()
    *hidden, _ = task.network.blocks(theta)

    def last(h: Tensor) -> FLOATS:
        for block in hidden:
            h = ACTIVATIONS[task.network.activation](h @ block[0, :-1] + block[0, -1])
        found: FLOATS = h.numpy()
        return found

    return Codes(last(task.data.x), last(task.data.x_test))


@dataclass(frozen=True)
class Separation:
    """How well classes lie apart. Test examples are judged, by their distances to training examples."""

    accuracy: float  # of NEAREST neighbors among the training codes
    silhouette: float  # of the test codes, -1 to 1; NaN where a class has no two of them


def separation(codes: Codes, labels: NDArray[np.int64], test_labels: NDArray[np.int64]) -> Separation:
    from sklearn.metrics import silhouette_score
    from sklearn.neighbors import KNeighborsClassifier

    nearest = KNeighborsClassifier(min(NEAREST, len(labels))).fit(codes.train, labels)
    accuracy = float(nearest.score(codes.test, test_labels))
    several = 1 < len(np.unique(test_labels)) < len(test_labels)
    return Separation(accuracy, float(silhouette_score(codes.test, test_labels)) if several else float("nan"))


# ---------------------------------------------------------------- neighbors in the original space


@dataclass(frozen=True, eq=False)
class Neighbors:
    """Training examples ranked by both measures, the nearest first, for one test example."""

    of: Tensor  # [D]
    cosine: FLOATS  # [N] cosine similarity of every training example
    distance: FLOATS  # [N] Euclidean distance
    norms: FLOATS  # [N] |x|
    norm: float  # |x| of the one asked about

    def nearest(self, by: str, count: int) -> NDArray[np.int64]:
        """Places among the training examples; ties in their order."""
        key = -self.cosine if by == "cosine" else self.distance
        return np.argsort(key, kind="stable")[:count]


def neighbors(seen: Centered, which: int, other: Tensor | None = None) -> Neighbors:
    """As measured, or standardized where the data are: a cosine asks for the direction from the origin.

    |a - b|^2 = |a|^2 + |b|^2 - 2 |a| |b| cos(a, b): at equal lengths both rank alike. Asked is the test
    example `which`, or `other` [D].
    """
    data = seen.data
    x, one = data.x, data.x_test[which] if other is None else other
    norms, norm = x.norm(dim=1), one.norm()
    cosine = (x @ one) / (norms * norm).clamp_min(1e-300)
    return Neighbors(one, cosine.numpy(), (x - one).norm(dim=1).numpy(), norms.numpy(), float(norm))
