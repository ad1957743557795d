"""k-means, step by step: assign each point to its nearest mean, move each mean to the middle of its points.

Neither can raise the inertia J = sum_i |x_i - m(i)|^2, so it ends after finitely many steps, in a minimum
that may be a local one (Lloyd 1982). Starts are rows of a batch: R of them go at once, each with draws of its
own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

FLOATS = NDArray[np.float64]
INTS = NDArray[np.int64]
STARTS = ("points", "plus")
MOST_STEPS = 300  # as scikit-learn
SAME = 1e-9  # of the inertia: ends nearer than this are one minimum


def start(x: FLOATS, k: int, way: str, seed: int) -> FLOATS:
    """The first means [k, 2]: different points of x [N, 2], or k-means++ (Arthur and Vassilvitskii 2007).

    k-means++ draws each next mean among the points, in proportion to the squared distance from those it has.
    """
    g = np.random.default_rng([seed, STARTS.index(way)])
    if way == "points":
        return x[g.permutation(len(x))[:k]]
    chosen = [int(g.integers(len(x)))]
    while len(chosen) < k:
        near = distances(x, x[None, chosen]).min(-1)[0]
        reach = near.cumsum()
        at = int(np.searchsorted(reach, g.random() * reach[-1], side="right"))
        chosen.append(min(at, len(x) - 1))  # where all points are taken, any does
    return x[chosen]


def distances(x: FLOATS, means: FLOATS) -> FLOATS:
    """Squared, from x [N, 2] to means [R, k, 2]: [R, N, k]."""
    found: FLOATS = sum((x[:, None, d] - means[:, None, :, d]) ** 2 for d in range(x.shape[1]))  # type: ignore[assignment]
    return found


@dataclass(frozen=True, eq=False)
class Batch:
    """Where R starts ended."""

    means: FLOATS  # [R, k, 2]
    labels: INTS  # [R, N]
    inertia: FLOATS  # [R]
    steps: INTS  # [R] until nothing changed


def lloyd(x: FLOATS, means: FLOATS) -> Batch:
    """From the first means [R, k, 2] until no point changes its cluster."""
    R, N = len(means), len(x)
    means, steps = means.copy(), np.zeros(R, np.int64)
    labels = np.full((R, N), -1, np.int64)
    going = np.arange(R)
    for step in range(MOST_STEPS):
        found = assign(x, means[going])
        changed = (found != labels[going]).any(1)
        labels[going] = found
        going = going[changed]
        steps[going] = step + 1
        if not len(going):
            break
        means[going], labels[going] = middles(x, labels[going], means[going])
    near = distances(x, means)
    inertia = np.take_along_axis(near, labels[..., None], -1)[..., 0].sum(-1)
    return Batch(means, labels, inertia, steps)


def assign(x: FLOATS, means: FLOATS) -> INTS:
    """The nearest mean of each point [R, N]."""
    found: INTS = distances(x, means).argmin(-1)
    return found


def middles(x: FLOATS, labels: INTS, means: FLOATS) -> tuple[FLOATS, INTS]:
    """The mean of the points of each cluster [R, k, 2], and the labels [R, N].

    A cluster without points gets the point that lies farthest from its own mean, as in scikit-learn.
    """
    R, k, D = means.shape
    labels = labels.copy()
    place = (np.arange(R)[:, None] * k + labels).ravel()
    count = np.bincount(place, minlength=R * k).reshape(R, k).astype(np.float64)
    sums = np.stack(
        [np.bincount(place, np.tile(x[:, d], R), minlength=R * k).reshape(R, k) for d in range(D)], -1
    )
    for r in np.flatnonzero((count == 0).any(1)):
        _fill(x, labels[r], means[r], sums[r], count[r])
    found: FLOATS = np.where(count[..., None] > 0, sums / count.clip(1)[..., None], means)
    return found, labels


def _fill(x: FLOATS, labels: INTS, means: FLOATS, sums: FLOATS, count: FLOATS) -> None:
    off = ((x - means[labels]) ** 2).sum(-1)
    farthest = iter(np.argsort(-off, kind="stable"))
    for empty in np.flatnonzero(count == 0):
        for i in farthest:
            if off[i] > 0 and count[labels[i]] > 1:
                sums[labels[i]] -= x[i]
                count[labels[i]] -= 1
                sums[empty], count[empty], labels[i] = x[i], 1, empty
                break


@dataclass(frozen=True, eq=False)
class Moves:
    """One start, half step by half step: 2T + 1 moments. At first nothing is assigned (-1, NaN)."""

    means: FLOATS  # [H, k, 2]
    labels: INTS  # [H, N]
    inertia: FLOATS  # [H]

    @property
    def changed(self) -> INTS:
        """[H] how many points changed their cluster."""
        before = np.concatenate([self.labels[:1], self.labels[:-1]])
        found: INTS = (before != self.labels).sum(1)
        return found


def moves(x: FLOATS, first: FLOATS) -> Moves:
    """The same as `lloyd` from these means [k, 2], with all that lies between."""
    means, labels = [first], [np.full(len(x), -1, np.int64)]
    for _ in range(MOST_STEPS):
        found = assign(x, means[-1][None])[0]
        if (found == labels[-1]).all():
            break
        (moved,), (filled,) = middles(x, found[None], means[-1][None])
        means += [means[-1], moved]
        labels += [found, filled]
    inertia = [np.nan] + [
        float(((x - m[own]) ** 2).sum()) for m, own in zip(means[1:], labels[1:], strict=True)
    ]
    return Moves(np.stack(means), np.stack(labels), np.array(inertia))


@dataclass(frozen=True, eq=False)
class Restarts:
    """R starts of one kind."""

    way: str
    batch: Batch

    @property
    def minima(self) -> int:
        """How many different inertias they ended at."""
        ends = np.sort(self.batch.inertia)
        return 1 + int((np.diff(ends) > SAME * ends[1:].clip(1e-300)).sum())

    def reached(self, least: float) -> int:
        """How many came down to `least`."""
        return int((self.batch.inertia <= least * (1 + SAME) + 1e-300).sum())


def restarts(x: FLOATS, k: int, way: str, seed: int, count: int) -> Restarts:
    """The starts of the seeds from `seed` on: each the same whoever goes beside it."""
    first = np.stack([start(x, k, way, seed + r) for r in range(count)])
    return Restarts(way, lloyd(x, first))


def agreement(labels: INTS, truth: INTS) -> float:
    """The adjusted Rand index: 1 where both divide the points alike, about 0 where by chance."""
    return float(adjusted_rand_score(truth, labels))
