"""A few examples with two views each on the circle or the sphere: what a loss says of them, and where it
sends them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.components.similarity import unit
from mlcore.embeddings.pair_losses import PAIR_LOSSES, Goal, among, cosines, descend_by, least, slope

FLOATS = NDArray[np.float64]
SPACES = ("circle", "sphere")
GOLDEN = 137.50776405003785  # degrees: places that nobody chose lie apart


def on_circle(angles: Sequence[float]) -> FLOATS:
    """Degrees [2N] -> unit vectors [2N, 2]."""
    turn = np.deg2rad(angles)
    return np.stack([np.cos(turn), np.sin(turn)], axis=-1)


def on_sphere(longitudes: Sequence[float], latitudes: Sequence[float]) -> FLOATS:
    """Degrees [2N] twice -> unit vectors [2N, 3]; latitude 90 is (0, 0, 1)."""
    around, up = np.deg2rad(longitudes), np.deg2rad(latitudes)
    return np.stack([np.cos(up) * np.cos(around), np.cos(up) * np.sin(around), np.sin(up)], axis=-1)


def completed(given: Sequence[float], count: int, tilt: bool = False) -> tuple[float, ...]:
    """The first `count` of the angles given, and more where there are too few; latitudes where `tilt`."""
    more = [round(GOLDEN * k % 360 if not tilt else 60 * np.sin(k), 1) for k in range(len(given), count)]
    return (*given[:count], *map(float, more))


@dataclass(frozen=True, eq=False)
class Placed:
    """2N views in their places. Rows i and N + i are a positive pair."""

    u: FLOATS  # [2N, d] of length 1
    cos: FLOATS  # [2N, 2N]
    terms: FLOATS  # [2N] whose mean is the loss
    push: FLOATS  # [2N, d] minus the gradient, tangent to the sphere: the way downhill
    slopes: FLOATS  # [2N, 2N] d loss / d cosine
    loss: float
    least: float  # no places cost less, in any number of dimensions
    fits: bool  # whether this sphere has room for the simplex that reaches it

    @property
    def examples(self) -> int:
        return len(self.u) // 2

    def hardest(self, view: int) -> int:
        """The negative that is nearest to a view."""
        other = np.where(np.arange(len(self.u)) % self.examples == view % self.examples, -2, self.cos[view])
        return int(other.argmax())


def place(u: FLOATS, goal: Goal) -> Placed:
    z = torch.from_numpy(u)[None]
    directions, length, s = cosines(z)
    pairs = among(s)
    terms = PAIR_LOSSES[goal.loss](s, pairs, goal)[0]
    of_s = slope(s, pairs, goal)
    push = -descend_by(directions, length, of_s)[0]
    count = len(u) // 2
    return Placed(
        u, s[0].numpy(), terms.numpy(), push.numpy(), of_s[0].numpy(), float(terms.mean()),
        least(count, goal), count <= u.shape[1] + 1,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Way:
    """Where gradient descent brings the views. T + 1 steps."""

    u: FLOATS  # [T + 1, 2N, d]
    loss: FLOATS  # [T + 1]


def descend(u: FLOATS, goal: Goal, lr: float, steps: int) -> Way:
    """u <- unit(u - 2N lr d loss / d u): the factor 2N gives a view the same pace among few and many."""
    now: Tensor = torch.from_numpy(u)[None]
    pairs, path, loss = among(now.new_empty(len(u), len(u))), [], []
    for t in range(steps + 1):
        directions, length, s = cosines(now)
        path.append(directions[0])
        loss.append(PAIR_LOSSES[goal.loss](s, pairs, goal).mean())
        if t < steps:
            now = unit(directions - len(u) * lr * descend_by(directions, length, slope(s, pairs, goal)))
    return Way(torch.stack(path).numpy(), torch.stack(loss).numpy())


# ---------------------------------------------------------------- pairs that nobody chose


@dataclass(frozen=True, eq=False)
class Random:
    """Cosines of random directions in d dimensions, and their distribution."""

    dimensions: int
    cos: FLOATS  # [M] drawn
    variance: float  # of them
    at: FLOATS  # [K] edges of cells
    density: FLOATS  # [K - 1] the drawn ones in each cell
    exact: FLOATS  # [K - 1] the true mean density of each cell


DRAWN, CELLS = 20_000, 40


def random_cosines(dimensions: int, seed: int = 0) -> Random:
    """DRAWN pairs of Gaussian vectors.

    (1 + cos) / 2 has the distribution Beta((d - 1) / 2, (d - 1) / 2), whence the variance 1 / d.
    """
    from scipy.stats import beta

    g = torch.Generator().manual_seed(seed)
    a, b = torch.randn(2, DRAWN, dimensions, generator=g, dtype=torch.float64)
    cos = (unit(a) * unit(b)).sum(-1).numpy()
    at = np.linspace(-1, 1, CELLS + 1)
    wide = 2 / CELLS
    below = beta.cdf((1 + at) / 2, (dimensions - 1) / 2, (dimensions - 1) / 2)
    counts = np.histogram(cos, at)[0]
    variance = float(np.square(cos).mean())
    return Random(dimensions, cos, variance, at, counts / (DRAWN * wide), np.diff(below) / wide)
