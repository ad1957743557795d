"""The points of a data set in a plane: as they are, or on their first two principal components.

Standardized as for a training; labels beside them, for whoever may see them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlcore.families.datasets import DATASETS
from mlcore.training.data import DataSpec, load
from mlcore.training.principal import principal

FLOATS = NDArray[np.float64]
INTS = NDArray[np.int64]
MOST = 400  # points; the first of a data set are as random as any
NAMES = tuple(v.name for v in DATASETS.variants() if v.task == "classification" and v.features >= 2)


@dataclass(frozen=True, eq=False)
class Flat:
    """Points in a plane. All who ask share them: do not write."""

    x: FLOATS  # [N, 2]
    y: INTS  # [N] classes
    x_test: FLOATS  # [M, 2]
    y_test: INTS  # [M]
    classes: int
    left_out: int  # training examples beyond MOST
    features: int  # D of the data set
    explained: float  # the share of its variance that the plane keeps


def flat(spec: DataSpec) -> Flat:
    """Raises `DataError` as `load` does."""
    data = load(spec)
    x, x_test = data.x.numpy(), data.x_test.numpy()
    share = 1.0
    if x.shape[1] > 2:
        directions, variance = principal(x)
        x, x_test = ((v - x.mean(0)) @ directions[:, :2] for v in (x, x_test))
        share = float(variance[:2].sum() / variance.sum())
    y, y_test = data.y.numpy(), data.y_test.numpy()
    more = max(0, len(x) - MOST)
    return Flat(x[:MOST], y[:MOST], x_test, y_test, data.classes, more, data.x.shape[1], share)
