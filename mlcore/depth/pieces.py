"""Where a piecewise linear network of one input bends: on the whole line, without a grid.

Between two neighboring bends of the layers below, every z of a layer is a straight line a x + c. It meets a
bend of the activation at one place at most, x = (bend - c) / a, and this place is a bend if it lies between
those two. So the places of layer after layer are found, and with them a and c of everything between them.
One hidden layer of N units has at most N + 1 pieces; a layer of N units cuts each piece into at most N + 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base.registry import Variant
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.networks import Network

FLOATS = NDArray[np.float64]
INTS = NDArray[np.int64]
BOOLS = NDArray[np.bool_]
CLOSE = 1e-11  # of max(1, |x|): places that are nearer to each other are one
ROUNDING = 1e-13  # of the sizes of its terms: a sum below is 0
BENT = 1e-10  # of the sizes of the terms of a slope: a change below is none


@dataclass(frozen=True, eq=False)
class Pieces:
    """A function of straight pieces, and which hidden units bend it."""

    place: FLOATS  # [k] where any unit bends, ascending
    slope: FLOATS  # [k + 1] of the output between two places
    level: FLOATS  # [k + 1] y = slope x + level
    seen: BOOLS  # [k] whether the output bends there, too
    at: FLOATS  # [m] the bends of single units, layer by layer
    layer: INTS  # [m] from 1
    unit: INTS  # [m] from 1
    passed: BOOLS  # [m] whether the output bends there

    @property
    def bends(self) -> FLOATS:
        """Where the output bends."""
        return self.place[self.seen]

    @property
    def count(self) -> int:
        return int(self.seen.sum()) + 1

    def __call__(self, x: FLOATS) -> FLOATS:
        """The function by its pieces alone."""
        which = np.searchsorted(self.place, x)
        values: FLOATS = self.slope[which] * x + self.level[which]
        return values


def pieces(network: Network, row: Tensor, low: float = -math.inf, high: float = math.inf) -> Pieces:
    """Of a network of one input and one output with a piecewise linear activation; row is theta [P].

    What lies outside of low and high is not looked at.
    """
    f = ACTIVATIONS[network.activation]
    *hidden, last = (block.double().numpy() for block in network.blocks(row))
    place: FLOATS = np.empty(0)
    slope, level = np.ones((1, 1)), np.zeros((1, 1))  # [k + 1, n] of what a layer reads
    none = np.empty(0, np.int64)
    found: list[tuple[FLOATS, INTS, INTS]] = [(np.empty(0), none, none)]
    for layer, block in enumerate(hidden, 1):
        a, size = _product(slope, block[:-1])
        c = _product(level, block[:-1])[0] + block[-1]
        a[np.abs(a) <= ROUNDING * size] = 0
        ends = np.concatenate([[low], place, [high]])
        where, unit = _crossings(ends, a, c, f.bends)
        found.append((where, np.full(len(where), layer), unit + 1))
        finer = _merged(place, where)
        inside = _inside(np.concatenate([[low], finer, [high]]))
        parent = np.searchsorted(place, inside)
        a, c = a[parent], c[parent]
        steep, rest = straight(f, a * inside[:, None] + c)
        place, slope, level = finer, steep * a, steep * c + rest
    outer, size = _product(slope, last[:-1])
    seen = np.abs(np.diff(outer[:, 0])) > BENT * size.max()
    at, layers, units = (np.concatenate(column) for column in zip(*found, strict=True))
    passed = seen[_nearest(place, at)] if len(place) else np.empty(0, bool)
    return Pieces(place, outer[:, 0], level @ last[:-1, 0] + last[-1, 0], seen, at, layers, units, passed)


def counts(network: Network, rows: Tensor) -> INTS:
    """The number of pieces of each network, theta [R, P] -> [R]."""
    return np.array([pieces(network, row).count for row in rows])


def straight(f: Variant, z: FLOATS) -> tuple[FLOATS, FLOATS]:
    """(s, t): around z the piecewise linear f is s z + t."""
    at = torch.from_numpy(z)
    h = f(at)
    steep = f.derivative(at, h)
    return steep.numpy(), (h - steep * at).numpy()


def seen_on_a_grid(network: Network, row: Tensor, low: float, high: float, points: int) -> int:
    """Bends by brute force: how often the slope changes between neighbors of a grid.

    A bend within a cell changes the slope twice in a row, so that a run of changes is one bend; two bends
    in neighboring cells are taken for one.
    """
    x = torch.linspace(low, high, points, dtype=torch.float64)
    y = network.predict(row[None], x[:, None])[0, :, 0].numpy()
    rises = np.diff(y)
    # y is rounded to 2e-16 of what it is added up from, which may be larger than y itself
    changed = np.abs(np.diff(rises)) > 1e-12 * max(float(np.abs(y).max()), 1e-300)
    return int((np.diff(changed.astype(np.int8), prepend=0) > 0).sum())


def _product(a: FLOATS, b: FLOATS) -> tuple[FLOATS, FLOATS]:
    """a b, and how large the terms may be that each of its numbers is added up from."""
    product = (torch.from_numpy(a) @ torch.from_numpy(b)).numpy()  # on one thread, unlike numpy's
    return product, np.abs(a).max(1, keepdims=True) * np.abs(b).sum(0)


def _crossings(ends: FLOATS, a: FLOATS, c: FLOATS, bends: Iterable[float]) -> tuple[FLOATS, INTS]:
    """Where a x + c meets a bend between two neighbors of `ends`, and which unit it is (from 0)."""
    low, high = ends[:-1, None], ends[1:, None]
    where, unit = [np.empty(0)], [np.empty(0, np.int64)]
    for bend in bends:
        with np.errstate(divide="ignore", invalid="ignore"):
            x = (bend - c) / a
        inside = (low < x) & (x < high) & np.isfinite(x)  # 0 / 0: a unit that does not look at x
        where.append(x[inside])
        unit.append(np.nonzero(inside)[1])
    return np.concatenate(where), np.concatenate(unit)


def _merged(place: FLOATS, more: FLOATS) -> FLOATS:
    """Both in order, what lies too near to its neighbor left out."""
    every = np.sort(np.concatenate([place, more]))
    apart = np.diff(every, prepend=-np.inf) > CLOSE * np.maximum(1, np.abs(every))
    kept: FLOATS = every[apart]
    return kept


def _inside(ends: FLOATS) -> FLOATS:
    """A point between each two neighbors, of which the first and the last may be infinite."""
    far = 2 + 2 * np.abs(ends[np.isfinite(ends)]).max(initial=0)
    near = ends.clip(-far, far)
    found: FLOATS = (near[:-1] + near[1:]) / 2
    return found


def _nearest(place: FLOATS, x: FLOATS) -> INTS:
    right = np.searchsorted(place, x).clip(0, len(place) - 1)
    left = (right - 1).clip(0)
    found: INTS = np.where(np.abs(place[left] - x) < np.abs(place[right] - x), left, right)
    return found
