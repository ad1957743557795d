"""Decision trees of every depth from one tree a training set: scikit-learn grows them, all answer at once.

CART grows greedily from the top (Breiman et al. 1984), so the tree of depth h is the beginning of every
deeper one: to answer with it, stop after h questions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

TICKS = 20  # trees between two looks at whether anybody still waits


@dataclass(frozen=True, eq=False)
class Forest:
    """The nodes of S trees in one row. Leaves point to themselves."""

    root: NDArray[np.int64]  # [S]
    left: NDArray[np.int64]  # [nodes]
    right: NDArray[np.int64]
    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    value: NDArray[np.float64]  # [nodes, K] the mean label of each node


def grow(x: Tensor, y: Tensor, depth: int, tick: Callable[[], None]) -> Forest:
    """One tree for each set, x [S, N, D] and y [S, N, K]. On one-hot labels the variance that a question
    takes away is the Gini impurity."""
    import sklearn
    from sklearn.tree import DecisionTreeRegressor

    inputs, labels = x.numpy().astype(np.float32), y.numpy()
    grown: list[Any] = []
    # Each check of parameters and inputs takes as long as a small tree
    with sklearn.config_context(skip_parameter_validation=True, assume_finite=True):
        draws = np.random.RandomState(0)  # among questions that are equally good
        model, begin = DecisionTreeRegressor(max_depth=max(1, depth), random_state=draws), draws.get_state()
        for s in range(len(inputs)):
            if s % TICKS == 0:
                tick()
            draws.set_state(begin)
            grown.append(model.fit(inputs[s], labels[s], check_input=False).tree_)
    sizes = [one.node_count for one in grown]
    root = np.cumsum([0, *sizes[:-1]])
    start = np.repeat(root, sizes)
    own = np.arange(len(start))

    def joined(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(one, name) for one in grown])

    left, right = joined("children_left"), joined("children_right")
    leaf = left < 0
    return Forest(
        root, np.where(leaf, own, left + start), np.where(leaf, own, right + start),
        np.where(leaf, 0, joined("feature")), joined("threshold"), joined("value")[:, :, 0],
    )  # fmt: skip


def answer(forest: Forest, at: Tensor, depths: Sequence[int]) -> Iterator[Tensor]:
    """What every tree says at at [S, M, D] after `depth` questions, for rising depths: [S, M, K]."""
    sets, points, _ = at.shape
    x = at.numpy().astype(np.float32).reshape(sets * points, -1)  # as scikit-learn compares
    node, rows, asked = np.repeat(forest.root, points), np.arange(sets * points), 0
    for depth in depths:
        for _ in range(depth - asked):
            yes = x[rows, forest.feature[node]] <= forest.threshold[node]
            node = np.where(yes, forest.left[node], forest.right[node])
        asked = max(asked, depth)
        yield torch.from_numpy(forest.value[node].reshape(sets, points, -1))
