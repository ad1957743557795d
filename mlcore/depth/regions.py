"""Into how many regions a piecewise linear network cuts the plane.

One hidden layer: a unit bends along a line, and n lines cut the plane into

    1 + n + sum over all points where lines meet of (lines through it - 1)

regions, at most 1 + n + n (n - 1) / 2 (Zaslavsky 1975; the sum is Euler's formula). Whether lines are
parallel or meet in one point is asked of fractions: a float is one, so that this is exact. Several layers:
within a region of the layers below every z of the next one is affine, so that its units cut this convex
polygon along lines.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.depth.lines import clipped
from mlcore.depth.pieces import straight
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.networks import Network

FLOATS = NDArray[np.float64]
ROUNDING = 1e-12  # of the largest z within the square: nearer to a bend is on it
Line = tuple[Fraction, Fraction, Fraction]  # a x + b y = c, and the first of a and b that is not 0 is 1


@dataclass(frozen=True)
class Arrangement:
    """Lines in the whole plane."""

    lines: int  # different ones
    parallel: int  # pairs of them that never meet
    points: int  # where they meet
    crowded: int  # points where more than two of them meet
    regions: int


def arrangement(network: Network, row: Tensor) -> Arrangement:
    """The lines along which one hidden layer bends; row is theta [P]."""
    first = network.blocks(row)[0].double()
    bends = ACTIVATIONS[network.activation].bends
    return arrange([(a, b, Fraction(bend) - Fraction(c)) for a, b, c in first.T.tolist() for bend in bends])


def arrange(equations: Sequence[tuple[float, float, float | Fraction]]) -> Arrangement:
    """Of lines a x + b y = c. Where a and b are 0 there is no line."""
    lines = sorted({line for equation in equations if (line := _line(*equation))})
    through: dict[tuple[Fraction, Fraction], set[int]] = defaultdict(set)
    parallel = 0
    for (i, (a, b, c)), (j, (d, e, f)) in combinations(enumerate(lines), 2):
        if (turn := a * e - b * d) == 0:
            parallel += 1
        else:
            through[(c * e - b * f) / turn, (a * f - c * d) / turn] |= {i, j}
    met = [len(at) for at in through.values()]
    regions = 1 + len(lines) + sum(count - 1 for count in met)
    return Arrangement(len(lines), parallel, len(met), sum(count > 2 for count in met), regions)


def _line(a: float, b: float, c: float | Fraction) -> Line | None:
    lead = Fraction(a) or Fraction(b)
    return (Fraction(a) / lead, Fraction(b) / lead, Fraction(c) / lead) if lead else None


def most_regions(inputs: int, widths: Sequence[int]) -> int:
    """No more regions are possible.

    n hyperplanes cut d dimensions into at most C(n, 0) + ... + C(n, d) regions. So each layer cuts each
    region of those below, whose image has no more dimensions than their narrowest layer (Montufar 2017).
    """
    total, dimensions = 1, inputs
    for width in widths:
        total *= sum(math.comb(width, j) for j in range(dimensions + 1))
        dimensions = min(dimensions, width)
    return total


# ---------------------------------------------------------------- deep networks


@dataclass(frozen=True, eq=False)
class Region:
    """Where every hidden unit stays on one straight piece of its activation."""

    corners: FLOATS  # [m, 2] in order around it
    pattern: tuple[tuple[int, ...], ...]  # of each layer: bends below z, for ReLU 1 where it is on
    slope: FLOATS  # [2]
    level: float  # the output is slope . x + level

    @property
    def area(self) -> float:
        x, y = self.corners.T
        return float(np.abs(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2

    @property
    def middle(self) -> FLOATS:
        """A point of it."""
        found: FLOATS = self.corners.mean(0)
        return found


@dataclass(frozen=True, eq=False)
class Edge:
    """Where a unit bends, within a region of the layers below it."""

    layer: int  # from 1
    unit: int  # from 1
    ends: FLOATS  # [2, 2]


@dataclass(frozen=True, eq=False)
class Division:
    """The square from -reach to reach, divided."""

    reach: float
    regions: tuple[Region, ...]
    edges: tuple[Edge, ...]

    @property
    def functions(self) -> int:
        """How many different affine functions the regions have."""
        rows = np.array([[*one.slope, one.level] for one in self.regions])
        scale = np.abs(rows).max(0, initial=1e-300)
        return len(np.unique(np.round(rows / scale, 10) + 0.0, axis=0))


@dataclass(frozen=True, eq=False)
class _Cell:
    """A region of the first layers in homogeneous coordinates, and what the next layer reads there.

    (X, Y, w) is the point (X/w, Y/w), with w = 0 at infinity: a part of the plane that has no end is a
    polygon like any other, and what is affine in x is linear in (X, Y, w).
    """

    corners: FLOATS  # [m, 3]
    pattern: tuple[tuple[int, ...], ...]
    B: FLOATS  # [3, n]


def divide(network: Network, row: Tensor, reach: float) -> Division:
    """The regions of a network of two inputs and one output within a square; row is theta [P]."""
    square = [[-reach, -reach, 1.0], [reach, -reach, 1.0], [reach, reach, 1.0], [-reach, reach, 1.0]]
    cells, edges = _cells(network, row, np.array(square))
    last = network.blocks(row)[-1].double().numpy()
    outputs = [_then(cell.B, last)[:, 0] for cell in cells]
    regions = [
        Region(cell.corners[:, :2], cell.pattern, output[:2], float(output[2]))
        for cell, output in zip(cells, outputs, strict=True)
    ]
    return Division(reach, tuple(regions), tuple(edges))


def in_the_plane(network: Network, row: Tensor) -> int:
    """How many regions the whole plane has: different patterns, as each belongs to one convex region."""
    found: set[tuple[tuple[int, ...], ...]] = set()
    for x, y in ((1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0), (1.0, -1.0)):
        quadrant = np.array([[0.0, 0.0, 1.0], [x, 0.0, 0.0], [0.0, y, 0.0]])
        found |= {cell.pattern for cell in _cells(network, row, quadrant)[0]}
    return len(found)


def _cells(network: Network, row: Tensor, corners: FLOATS) -> tuple[list[_Cell], list[Edge]]:
    """What all hidden layers make of a polygon, and along which edges."""
    cells, edges = [_Cell(corners, (), np.eye(3)[:, :2])], list[Edge]()
    for layer, block in enumerate(network.blocks(row)[:-1], 1):
        W = block.double().numpy()
        cells = [part for cell in cells for part in _cut(cell, W, network.activation, layer, edges)]
    return cells, edges


def _then(B: FLOATS, block: FLOATS) -> FLOATS:
    """z of the next layer in homogeneous coordinates: [3, n]."""
    z = B @ block[:-1]
    z[2] += block[-1]
    return z


def _cut(cell: _Cell, block: FLOATS, activation: str, layer: int, edges: list[Edge]) -> list[_Cell]:
    """The parts of a cell that the units of the next layer make; their edges are added to `edges`."""
    f = ACTIVATIONS[activation]
    B = _then(cell.B, block)
    still = ROUNDING * (np.abs(cell.corners) @ np.abs(B)).max(0)  # [n]
    parts = [cell.corners]
    for unit in range(B.shape[1]):
        for bend in f.bends:
            cut = []
            for corners in parts:
                above = corners @ B[:, unit] - bend * corners[:, 2]
                above[np.abs(above) <= still[unit]] = 0
                if above.min() < 0 < above.max():
                    cut += [clipped(corners, above), clipped(corners, -above)]
                    edges.append(Edge(layer, unit + 1, _ends(cut[-2], cut[-1])[:, :2]))
                else:
                    cut.append(corners)
            parts = cut
    return [_settled(part, cell, B, activation) for part in parts]


def _settled(corners: FLOATS, cell: _Cell, B: FLOATS, activation: str) -> _Cell:
    """A part of the cell, in which each unit is on one straight piece."""
    f, inside = ACTIVATIONS[activation], corners.mean(0)
    z = inside @ B / inside[2]
    pattern = tuple(int(n) for n in (z[:, None] > np.array(f.bends)).sum(1))
    steep, rest = straight(f, z)
    return _Cell(corners, (*cell.pattern, pattern), B * steep + np.outer([0.0, 0.0, 1.0], rest))


def _ends(one: FLOATS, other: FLOATS) -> FLOATS:
    """The edge that two neighbors share: both have the same two corners there."""
    shared: FLOATS = one[(one[:, None] == other).all(2).any(1)][:2]
    return shared


def patterns(network: Network, row: Tensor, x: FLOATS) -> NDArray[np.int8]:
    """By brute force, what each hidden unit does at each point: x [M, 2] -> [M, units]."""
    bends = torch.tensor(ACTIVATIONS[network.activation].bends)
    h, found = torch.from_numpy(x), []
    for block in network.blocks(row)[:-1]:
        z = h @ block[:-1] + block[-1]
        found.append((z[..., None] > bends).sum(-1))
        h = ACTIVATIONS[network.activation](z)
    codes: NDArray[np.int8] = torch.cat(found, 1).to(torch.int8).numpy()
    return codes


def seen_on_a_grid(network: Network, row: Tensor, reach: float, side: int) -> int:
    """Regions by brute force: the different patterns at the points of a grid."""
    along = np.linspace(-reach, reach, side)
    points = np.stack(np.meshgrid(along, along), -1).reshape(-1, 2)
    return len(np.unique(np.packbits(patterns(network, row, points).astype(bool), axis=1), axis=0))
