"""A digit that a hand draws, made an image as those of the data set, and what it is most like.

The images of Alpaydin and Kaynak 1998 are 32 x 32 black or white pixels of a digit scaled to fill the square,
counted in blocks of 4 x 4: 8 x 8 values of 0 to 16. Strokes go the same way. They have no thickness of their
own: they get that which blackens as many pixels as a digit of the data set does on average.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base import points
from mlcore.base.points import CLASSES, Point
from mlcore.tasks.own_digit import blocks
from mlcore.training.inspection import predict, probabilities
from mlcore.training.tasks import Task
from mlcore.training.training import Run

FINE, BLOCK = 32, 4  # pixels of a side, and those that become one
INK = 313  # black ones of a digit: the mean of all 1,797
ROUNDS = 6  # of finding scale and thickness, which depend on each other
FLOATS = NDArray[np.float64]
Strokes = list[FLOATS]  # each [k, 2], x to the right and y up


def strokes(drawn: Sequence[Point]) -> Strokes:
    """Points as a link has them: whoever lifts the pen goes on with another class."""
    return [np.array([p[:2] for p in part], float) for _, part in groupby(drawn, key=lambda p: p[2])]


def added(drawn: Sequence[Point], stroke: Sequence[tuple[float, float]]) -> list[Point]:
    """One stroke more, as far as a link has room."""
    cls = (drawn[-1][2] + 1) % CLASSES if drawn else 0
    return [*drawn, *((x, y, cls) for x, y in stroke)][: points.MOST]


def without_last(drawn: Sequence[Point]) -> list[Point]:
    """One stroke less."""
    kept = list(drawn)
    while kept and kept[-1][2] == drawn[-1][2]:
        kept.pop()
    return kept


def fine(drawn: Strokes) -> NDArray[np.bool_]:
    """Strokes as [32, 32] pixels, row 0 on top: the drawing fills the height, or the width where it is wider.

    Black are the INK pixels nearest to a stroke; how far the last of them lies is half the thickness.
    """
    if not drawn:
        return np.zeros((FINE, FINE), bool)
    every = np.concatenate(drawn)
    low, high = every.min(0), every.max(0)
    span, half = float((high - low).max()), FINE / 10
    for _ in range(ROUNDS):
        scale = max(0.0, FINE - 2 * half) / span if span else 0.0
        placed = [((one - (low + high) / 2) * (1, -1)) * scale + FINE / 2 for one in drawn]
        distance = distances(placed)
        half = float(np.partition(distance.ravel(), INK - 1)[INK - 1])
    black = np.zeros(FINE * FINE, bool)
    black[np.argsort(distance.ravel(), kind="stable")[:INK]] = True
    return black.reshape(FINE, FINE)


def distances(drawn: Strokes) -> FLOATS:
    """From the middle of each pixel [32, 32] to the nearest point of any stroke, in pixels."""
    side = np.arange(FINE) + 0.5
    pixels = np.stack(np.meshgrid(side, side), -1).reshape(-1, 1, 2)  # [N, 1, (x, y)]
    parts = [(a, b) for one in drawn for a, b in (pairwise(one) if len(one) > 1 else [(one[0], one[0])])]
    start, end = (np.array([part[i] for part in parts]) for i in (0, 1))
    along = end - start
    length = (along**2).sum(-1)
    share = ((pixels - start) * along).sum(-1) / np.where(length > 0, length, 1.0)
    nearest = start + np.clip(share, 0, 1)[..., None] * along
    found: FLOATS = np.sqrt(((pixels - nearest) ** 2).sum(-1)).min(1)
    return found.reshape(FINE, FINE)


def gray(black: NDArray[np.bool_]) -> NDArray[np.int64]:
    """[32, 32] pixels -> [64] counts of black ones in blocks of 4 x 4."""
    return blocks(black, BLOCK).ravel()


@dataclass(frozen=True, eq=False)
class Alike:
    """The images nearest to one, by Euclidean distance, the nearest first."""

    place: NDArray[np.int64]  # [k]
    distance: NDArray[np.float32]  # [k]


def nearest(image: Tensor, x: Tensor, count: int) -> Alike:
    """To `image` [64] among x [N, 64]."""
    distance = (x.float() - image.float()).norm(dim=1)
    first = torch.argsort(distance, stable=True)[:count]
    return Alike(first.numpy(), distance[first].numpy())


def over_steps(run: Run, task: Task, image: Tensor) -> NDArray[np.float32]:
    """Probabilities of the ten classes for `image` [64] at every recorded step: [T, 10]."""
    found: NDArray[np.float32] = probabilities(predict(run, task, image[None]))[:, 0].numpy()
    return found


def example() -> str:
    """A two, drawn as one would: an arc, a slope, a base."""
    turn = np.linspace(np.pi, -0.25 * np.pi, 14)
    arc = np.stack([0.8 * np.cos(turn), 0.75 + 0.75 * np.sin(turn)], 1)
    way = [*arc.tolist(), [-0.85, -1.4], [0.95, -1.4]]
    return points.write((round(x, 3), round(y, 3), 0) for x, y in way)
