"""What a confusion matrix [..., K, K] says of every class: scikit-learn's definitions, counts as input.

    precision  of those called k, the share that is k         C_kk / sum_i C_ik
    recall     of those that are k, the share called k        C_kk / sum_j C_kj
    F1         their harmonic mean                            2 C_kk / (sum_i C_ik + sum_j C_kj)

The rows are the true classes. Where a denominator is 0 the ratio is 0, as with `zero_division=0`; a
precision has no value where `called` is 0, a recall where `support` is. The balanced accuracy
is the mean recall of the classes that have examples.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.training.inspection import classes, matrices
from mlcore.training.tasks import Task
from mlcore.training.training import UNIT, Run

LARGEST_OF_TWO, TIMES_FAIR = 0.6, 1.5
FLOATS = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ClassScores:
    """Of one matrix or of one per recorded step."""

    matrix: NDArray[np.integer]  # [..., K, K]

    @cached_property
    def support(self) -> NDArray[np.integer]:
        """[..., K] examples of every class."""
        return np.asarray(self.matrix.sum(-1))

    @cached_property
    def called(self) -> NDArray[np.integer]:
        """[..., K] how many examples were called so."""
        return np.asarray(self.matrix.sum(-2))

    @cached_property
    def hits(self) -> NDArray[np.integer]:
        right: NDArray[np.integer] = np.diagonal(self.matrix, axis1=-2, axis2=-1)
        return right

    @property
    def precision(self) -> FLOATS:
        return _ratio(self.hits, self.called)

    @property
    def recall(self) -> FLOATS:
        return _ratio(self.hits, self.support)

    @property
    def f1(self) -> FLOATS:
        return _ratio(2 * self.hits, self.called + self.support)

    @property
    def accuracy(self) -> FLOATS:
        return _ratio(self.hits.sum(-1), self.support.sum(-1))

    @property
    def balanced_accuracy(self) -> FLOATS:
        """[...]: that of an answer that ignores x is one by the number of classes with examples."""
        return _ratio(self.recall.sum(-1), (self.support > 0).sum(-1))


def _ratio(above: NDArray[Any], below: NDArray[Any]) -> FLOATS:
    some = below > 0
    ratio: FLOATS = np.where(some, above, 0) / np.where(some, below, 1)
    return ratio


def unbalanced(y: Tensor, classes: int) -> bool:
    """Whether the largest class has over 60 % of the examples (of two), or over 1.5 times its fair share."""
    share = float(torch.bincount(y, minlength=classes).max()) / len(y)
    return share > (LARGEST_OF_TWO if classes == 2 else TIMES_FAIR / classes)


def constant_balanced(y: Tensor) -> float:
    """Balanced accuracy of naming one class that is there, whichever."""
    return 1 / int((torch.bincount(y) > 0).sum())


def final_balanced(run: Run, task: Task, part: str) -> FLOATS:
    """[R'] balanced accuracy of the final rows on the examples of a part, "train" or "test"."""
    x, y = (task.x, task.data.y) if part == "train" else (task.x_test, task.data.y_test)
    found = []
    rows = max(UNIT, 2_000_000 // (len(x) * max(task.network.sizes)))
    for theta in torch.from_numpy(run.final).split(rows):  # type: ignore[no-untyped-call]
        found.append(matrices(y, classes(task.network.predict(theta, x)), task.data.classes))
    return ClassScores(np.concatenate(found)).balanced_accuracy
