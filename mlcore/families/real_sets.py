"""Real data sets that come with scikit-learn: no download, the same numbers everywhere."""

from __future__ import annotations

import torch
from torch import Generator, Tensor


def some_rows(count: int, n: int, g: Generator) -> Tensor:
    """All `count` rows in their order, or `n` of them drawn without replacement: int64 [min(n, count)]."""
    return torch.arange(count) if n >= count else torch.randperm(count, generator=g)[:n]


def bundled(name: str, n: int, g: Generator) -> tuple[Tensor, Tensor]:
    """`n` examples of one of scikit-learn's sets, or all it has: x [n, D] float64, y [n]."""
    import sklearn.datasets

    x, y = map(torch.from_numpy, getattr(sklearn.datasets, f"load_{name}")(return_X_y=True))
    rows = some_rows(len(x), n, g)
    return x[rows], y[rows]


def names(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the features and of the classes (none for regression)."""
    import sklearn.datasets

    bunch = getattr(sklearn.datasets, f"load_{name}")()
    return tuple(map(str, bunch.feature_names)), tuple(map(str, bunch.get("target_names", ())))
