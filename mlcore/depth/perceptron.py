"""Rosenblatt's perceptron (1958): w <- w + sign_i (x_i, 1) at every example that is not on its side.

Novikoff (1962): where a unit vector u has the margin gamma and no example is longer than R, after k mistakes
k gamma <= u . w <= |w| <= sqrt(k) R, so that k <= R^2 / gamma^2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FLOATS = NDArray[np.float64]
MOST = 20_000  # mistakes that are made before it is given up


@dataclass(frozen=True, eq=False)
class Mistakes:
    """Everything that a perceptron did. K mistakes."""

    theta: FLOATS  # [K + 1, P] after each mistake; the first is 0
    example: NDArray[np.int64]  # [K] on which example
    look: NDArray[np.int64]  # [K] when: so many examples were looked at before
    looks: int  # at how many examples it looked in all
    passes: int  # over all examples, the last one included
    stopped: bool  # a whole pass without a mistake: from there on nothing changes

    @property
    def count(self) -> int:
        return len(self.example)

    @property
    def length(self) -> FLOATS:
        """[K + 1] |w|"""
        found: FLOATS = np.linalg.norm(self.theta, axis=1)
        return found


def learn(z: FLOATS, order: NDArray[np.int64], passes: int) -> Mistakes:
    """From w = 0, over the signed augmented examples z [N, P] in this order, again and again."""
    z, count = z[order], len(order)
    theta: list[FLOATS] = [np.zeros(z.shape[1])]
    where: list[int] = []
    when: list[int] = []
    at, clean, most = 0, 0, passes * count  # examples looked at, and those in a row that were right
    while clean < count and at < most and len(where) < MOST:
        begin = at % count
        wrong = np.flatnonzero(z[begin:] @ theta[-1] <= 0)  # the first of them is the next mistake
        right = int(wrong[0]) if len(wrong) else count - begin
        right = min(right, count - clean, most - at)
        at, clean = at + right, clean + right
        if len(wrong) and wrong[0] == right and clean < count and at < most:
            where.append(int(order[at % count]))
            when.append(at)
            theta.append(theta[-1] + z[at % count])
            at, clean = at + 1, 0
    found = np.array(where, np.int64), np.array(when, np.int64)
    return Mistakes(np.array(theta), *found, at, -(-at // count), clean >= count)


def shuffled(count: int, seed: int) -> NDArray[np.int64]:
    """The order in which the examples come."""
    return np.random.default_rng(seed).permutation(count)
