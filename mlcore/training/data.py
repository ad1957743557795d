"""From a `DataSpec` to what a model sees: draw, thin out, mislabel, split, fill, standardize.

    draw -> imbalance -> label noise -> split -> (medians into missing cells) -> standardize

Each of the first four has its own generator, seeded from `spec.seed` and its name: turning label noise on
moves no point and leaves the split as it was, more imbalance takes away from what less of it had left.
What is learned from data (medians, means, standard deviations) is learned from the training rows alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Generator, Tensor

from mlcore.families.datasets import DATASETS
from mlcore.files import examples
from mlcore.files.store import DataError
from mlcore.training.data_spec import DataSpec
from mlcore.training.draws import Drawn, Notes, draw, generator, truth_of

__all__ = ["Data", "DataError", "DataSpec", "load"]


@dataclass(frozen=True, eq=False)
class Data:
    """The examples exactly as a model sees them, float64 on the CPU. All who ask share them: do not write."""

    spec: DataSpec
    task: str  # "classification" or "regression"
    classes: int  # K, 0 for regression
    feature_names: tuple[str, ...]  # [D]
    class_names: tuple[str, ...]  # [K]
    x: Tensor  # [N, D]
    y: Tensor  # [N] int64 classes, or float64
    x_test: Tensor  # [M, D]
    y_test: Tensor  # [M]
    clean: Tensor  # [N] y before label noise: an example was mislabeled where y != clean
    clean_test: Tensor  # [M]
    x_mean: Tensor  # [D] of the training rows, 0 where not standardized
    x_std: Tensor  # [D] dividing by N; 1 where not standardized or constant
    y_mean: float  # 0 and 1 for classes
    y_std: float
    train_rows: Tensor  # [N] int64, which examples of the data set (rows of the table) these are
    test_rows: Tensor  # [M]
    notes: Notes  # (code, values) of what was done that its owner should know

    def raw(self, x: Tensor) -> Tensor:
        """Points as the model sees them [..., D] in the units of the data set."""
        return x * self.x_std + self.x_mean

    def label(self, y: Tensor) -> Tensor:
        """Values as the model sees them in the units of the data set; classes stay as they are."""
        return y if self.task == "classification" else y * self.y_std + self.y_mean

    @property
    def truth(self) -> Callable[[Tensor], Tensor] | None:
        """The noise-free x [M, D] -> y [M] in the units that the model sees, where it is known."""
        return self._truth if "truth" in DATASETS[self.spec.name].facts else None

    def _truth(self, x: Tensor) -> Tensor:
        y = truth_of(self.spec)(self.raw(x))
        return (y - self.y_mean) / self.y_std


@lru_cache(maxsize=16)
@torch.inference_mode(False)  # whoever asks first: it is kept for those who differentiate, too
def load(spec: DataSpec) -> Data:
    """The data of `spec`: same spec, same bits. Raises `DataError` or `tables.TableError`."""
    drawn = draw(spec)
    y, kept, notes = relabel(spec, drawn)
    train, test = split(kept, spec.test_share, generator(spec.seed, "split"))
    x = drawn.x
    if x.isnan().any():
        x = torch.from_numpy(examples.fill(x.numpy(), train.numpy()))
    x_mean, x_std = torch.zeros_like(x[0]), torch.ones_like(x[0])
    y_mean, y_std, clean = 0.0, 1.0, drawn.y
    if spec.standardize:
        x_mean, x_std = moments(x[train])
        x = (x - x_mean) / x_std
    if spec.standardize and drawn.task == "regression":
        y_mean, y_std = map(float, moments(y[train]))
        y = clean = (y - y_mean) / y_std
    notes += tuple(
        ("class_untrained", {"cls": c}) for k, c in enumerate(drawn.class_names) if k not in y[train]
    )
    return Data(
        spec, drawn.task, len(drawn.class_names), drawn.feature_names, drawn.class_names,
        x[train], y[train], x[test], y[test], clean[train], clean[test],
        x_mean, x_std, y_mean, y_std, drawn.rows[train], drawn.rows[test], notes,
    )  # fmt: skip


def relabel(spec: DataSpec, drawn: Drawn) -> tuple[Tensor, Tensor, Notes]:
    """y [n] with label noise, which examples to keep [n], and the notes. Both are for classes alone."""
    if drawn.task == "classification":
        classes = len(drawn.class_names)
        kept = long_tail(drawn.y, classes, spec.imbalance, generator(spec.seed, "imbalance"))
        y = mislabel(drawn.y, classes, spec.label_noise, generator(spec.seed, "label noise"))
        return y, kept, drawn.notes
    # A spec drops them where it knows the task; that of a table may turn out only now.
    ignored: Notes = (("classes_only", {}),) if spec.label_noise or spec.imbalance else ()
    return drawn.y, torch.ones(len(drawn.y), dtype=torch.bool), drawn.notes + ignored


def long_tail(y: Tensor, classes: int, p: float, g: Generator) -> Tensor:
    """Which of y [n] to keep, bool [n]: of class k the share (1 - p)^(k / (K - 1)), and at least one."""
    kept, order = torch.zeros(len(y), dtype=torch.bool), torch.randperm(len(y), generator=g)
    for k in range(classes):
        members = order[y[order] == k]
        share = (1 - p) ** (k / (classes - 1))
        kept[members[: max(1, math.floor(share * len(members) + 0.5))]] = True
    return kept


def mislabel(y: Tensor, classes: int, p: float, g: Generator) -> Tensor:
    """y [n] with each label replaced with probability p by another class, all others equally likely."""
    wrong = torch.rand(len(y), generator=g, dtype=torch.float64) < p
    return (y + wrong * torch.randint(1, classes, (len(y),), generator=g)) % classes


def split(kept: Tensor, test_share: float, g: Generator) -> tuple[Tensor, Tensor]:
    """Positions to train on and to test on, shuffled, from those kept [n]. Raises `DataError` if too few."""
    order = torch.randperm(len(kept), generator=g)
    order = order[kept[order]]
    tests = max(1, round(test_share * len(order)))
    if len(order) - tests < 2:
        raise DataError("too_few", examples=len(order))
    return order[tests:], order[:tests]


def moments(values: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation over the examples [N, ...], dividing by N; 1 where all values are equal."""
    mean, std = values.mean(0), values.std(0, correction=0)
    level = (values == values[0]).all(0) | (std == 0)  # the std of equal values is seldom exactly 0
    return mean, torch.where(level, 1.0, std)
