"""The same points three ways: with labels, without, and as a world in which one is rewarded.

Supervised: the k nearest neighbors of a point vote on its class; wrong are labels of a test set.
Unsupervised: k-means with as many means as there are classes lowers its inertia, and nobody says which labels
were right.
Reinforcement: the plane in cells; entering one earns what its points are worth, and wrong is what a policy
earns less than the best.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from mlcore.tasks import clusters, planning
from mlcore.tasks.flat import FLOATS, INTS, Flat
from mlcore.tasks.worlds import World, earning

NEIGHBORS = 15
CELLS = 8  # along each side of the world
DISCOUNT = 0.9
TRIES = 10  # starts of k-means
GRID = 61  # points along each side at which the vote is drawn
MARGIN = 0.08


@dataclass(frozen=True, eq=False)
class Voted:
    """The answer to what the labels ask."""

    side: tuple[FLOATS, FLOATS]  # [GRID] each
    classes: INTS  # [GRID, GRID] the class of each point, rows along x2
    wrong: int  # of the test set
    of: int


@dataclass(frozen=True, eq=False)
class Grouped:
    labels: INTS  # [N]
    means: FLOATS  # [k, 2]
    inertia: float
    agreement: float  # with the labels that nobody gave: adjusted Rand index


@dataclass(frozen=True, eq=False)
class Earned:
    """The answer of the world of points."""

    world: World
    edges: tuple[FLOATS, FLOATS]  # [CELLS + 1] each
    reward: FLOATS  # [CELLS, CELLS] rows along x2
    value: FLOATS  # [S] of the best policy
    gains: FLOATS  # [S, 4]
    best: float  # the mean of value over the cells
    even: float  # and that of the policy that takes every action alike


def extent(x: FLOATS) -> tuple[FLOATS, FLOATS]:
    """The lowest and the highest place that is drawn, [2] each."""
    low, high = x.min(0), x.max(0)
    pad = MARGIN * np.maximum(high - low, 1e-9)
    return low - pad, high + pad


def supervised(points: Flat) -> Voted:
    model = KNeighborsClassifier(min(NEIGHBORS, len(points.x))).fit(points.x, points.y)
    low, high = extent(points.x)
    side = np.linspace(low[0], high[0], GRID), np.linspace(low[1], high[1], GRID)
    grid = np.stack(np.meshgrid(*side), -1).reshape(-1, 2)
    wrong = int((model.predict(points.x_test) != points.y_test).sum())
    return Voted(side, model.predict(grid).reshape(GRID, GRID), wrong, len(points.y_test))


def unsupervised(points: Flat) -> Grouped:
    k = min(points.classes, len(points.x))
    found = clusters.restarts(points.x, k, "plus", 0, TRIES).batch
    best = int(found.inertia.argmin())
    shared = clusters.agreement(found.labels[best], points.y)
    return Grouped(found.labels[best], found.means[best], float(found.inertia[best]), shared)


def reinforcement(points: Flat) -> Earned:
    """A point of the last class is worth 1, one of the first -1, others 0; a cell earns their mean."""
    low, high = extent(points.x)
    edges = tuple(np.linspace(low[d], high[d], CELLS + 1) for d in range(2))
    worth = (points.y == points.classes - 1).astype(float) - (points.y == 0)
    sums, count = (
        np.histogram2d(points.x[:, 1], points.x[:, 0], (edges[1], edges[0]), weights=w)[0]
        for w in (worth, None)
    )
    reward = sums / count.clip(1)
    world = earning(reward)
    found = planning.sweep(world, DISCOUNT, True)
    even = planning.evaluate(world, planning.even(world), DISCOUNT)
    means = float(found.limit.mean()), float(even.mean())
    return Earned(world, (edges[0], edges[1]), reward, found.limit, found.gains, *means)
