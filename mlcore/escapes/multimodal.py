"""A bumpy landscape to get lost in: one of the surfaces or a typed formula, its minima, and who ends where.

Learning rates and temperatures are given in a landscape's own units, so that they mean the same on all of
them: 1/lambda, lambda the largest curvature in the box, and the height of its bumps, the standard deviation
of what the best quadratic bowl leaves of f.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.base.experiment import Report, silent
from mlcore.base.registry import Knob
from mlcore.descents.basins import hessian
from mlcore.families.surfaces import SURFACES, Relief, Surface, objective, sampled
from mlcore.formulas.formula import Formula, parse
from mlcore.training.descent import slope

FLOATS = NDArray[np.float64]
BUMPY = ("rastrigin", "ackley", "levy13", "styblinski_tang", "six_hump_camel")
OWN = "own"
Land = Formula | Surface
EXAMPLE = "(x^2 + y^2)/20 + sin(3*x)*cos(2*y)"
LONGEST_TEXT = 300
STEEP = 0.98  # lambda is this quantile over the box: a singularity is not the landscape's scale
SEARCH, GRID = 32, 48  # starts along each side when minima are looked for; points of the quadratic fit
BLOCK = 20  # steps between two looks at which rows still move: a look costs a step of Newton's
BLOCKS = 25  # looks; what still moves after them does not settle by itself
SETTLED = 120  # steps that slow down at the end, each by 4 %: to less than a hundredth
MOST = 800  # minima that are kept
NEAR, CLOSE = 0.005, 0.001  # of the box's width: so near, a row is at a minimum; two minima are one


@dataclass(frozen=True)
class MultimodalSpec:
    """Which landscape. The formula and its box are for `own`."""

    surface: str = specs.choice("rastrigin", (*BUMPY, OWN), "ground")
    formula: str = specs.text(EXAMPLE, "f", LONGEST_TEXT)
    left: float = specs.number(Knob(-5.0, -100.0, 99.0), "x1")
    right: float = specs.number(Knob(5.0, -99.0, 100.0), "x2")
    low: float = specs.number(Knob(-5.0, -100.0, 99.0), "y1")
    high: float = specs.number(Knob(5.0, -99.0, 100.0), "y2")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def alone(self) -> MultimodalSpec:
        """Without the formula where it is not used: equal landscapes are equal specs."""
        return self if self.surface == OWN else MultimodalSpec(self.surface)

    @property
    def effort(self) -> float:
        """How many times as long a look at it takes, about: formulas by their length."""
        return max(1.0, len(self.formula) / 60) if self.surface == OWN else 1.0

    @property
    def box(self) -> tuple[float, float, float, float]:
        """x from, x to, y from, y to; at least a tenth wide."""
        if self.surface != OWN:
            left, right, low, high = SURFACES[self.surface].box
            return left, right, low, high
        return self.left, max(self.right, self.left + 0.1), self.low, max(self.high, self.low + 0.1)


@dataclass(frozen=True, eq=False)
class Multimodal:
    """A surveyed landscape. M minima in the box, the lowest first; `lowest` of them are as low."""

    spec: MultimodalSpec
    objective: Land
    box: tuple[float, float, float, float]
    curvature: float  # lambda
    bumps: float  # height
    holes: float  # share of the box where there is no value
    minima: FLOATS  # [M, 2]
    value: FLOATS  # [M]
    lowest: int

    @property
    def width(self) -> float:
        return max(self.box[1] - self.box[0], self.box[3] - self.box[2])

    def away(self, theta: Tensor) -> Tensor:
        """How far each row [R, 2] is from the middle of the box, along x or y, in its widths."""
        middle = theta.new_tensor(self.box).view(2, 2).mean(1)
        return (theta - middle).abs().amax(-1) / self.width

    def place(self, unit: Tensor) -> Tensor:
        """Points of the unit square [..., 2] in the box."""
        left, right, low, high = self.box
        corner, size = unit.new_tensor([left, low]), unit.new_tensor([right - left, high - low])
        return corner + size * unit


def lattice(count: int) -> Tensor:
    """The middles of count x count cells of the unit square, [count^2, 2]."""
    at = (torch.arange(count, dtype=torch.float64) + 0.5) / count
    return torch.cartesian_prod(at, at)


@lru_cache(maxsize=64)
@torch.inference_mode(False)
def multimodal(spec: MultimodalSpec) -> Multimodal:
    """Survey a landscape. Raises `formula.FormulaError` for a formula that is none."""
    descend: Land = parse(spec.formula) if spec.surface == OWN else objective(spec.surface)
    empty = np.empty((0, 2)), np.empty(0)
    bare = Multimodal(spec, descend, spec.box, 1.0, 1.0, 0.0, *empty, 0)
    at = bare.place(lattice(GRID))
    value = descend(at)
    there = torch.isfinite(value)
    curvature = _steepness(descend, at[there], bare.width)
    holes = 1 - float(there.double().mean())
    known = Multimodal(spec, descend, spec.box, curvature, _bumps(at[there], value[there]), holes, *empty, 0)
    return _with_minima(known)


def _steepness(descend: Land, at: Tensor, width: float) -> float:
    """lambda: the largest curvature; at least so large that 1/lambda times a slope stays in the picture."""
    steep = curvatures(descend, at).abs().amax(-1)
    steep, slopes = steep[torch.isfinite(steep)], slope(descend, at).norm(dim=-1)
    slopes = slopes[torch.isfinite(slopes)]
    curved = float(steep.quantile(STEEP)) if len(steep) else 0.0
    tilted = float(slopes.median()) / (0.1 * width) if len(slopes) else 0.0
    return max(curved, tilted, 1e-9)


def _bumps(at: Tensor, value: Tensor) -> float:
    """The standard deviation of what the best quadratic bowl leaves of f."""
    if len(at) < 6:
        return 1.0
    x, y = at.unbind(-1)
    columns = torch.stack([torch.ones_like(x), x, y, x * x, x * y, y * y], dim=-1)
    fit = torch.linalg.lstsq(columns, value[:, None], driver="gelsd").solution
    left = float((value[:, None] - columns @ fit).std())
    return left if left > 1e-9 * float(value.abs().max()) else max(float(value.std()), 1e-9)


def curvatures(descend: Land, theta: Tensor) -> Tensor:
    """The two eigenvalues [R, 2] of the Hessian at every row, by autograd on the gradient."""
    (a, b), (_, d) = hessian(descend.gradient, theta).permute(1, 2, 0)
    middle, reach = (a + d) / 2, ((a - d) ** 2 / 4 + b * b).sqrt()
    return torch.stack([middle - reach, middle + reach], dim=-1)


def _with_minima(known: Multimodal) -> Multimodal:
    """The minima that descents from everywhere come to, and those that are published."""
    found = _polished(known, _down(known, known.place(lattice(SEARCH)), None))
    found = torch.cat([_published(known), found])
    left, right, low, high = known.box
    x, y = found.unbind(-1)
    found = found[(x >= left) & (x <= right) & (y >= low) & (y <= high)]
    found = found[_is_minimum(known, found, rising=True)]
    value = known.objective(found)
    order = value.argsort(stable=True)[: 4 * MOST]
    found, value = found[order], value[order]
    again = (torch.cdist(found, found) < CLOSE * known.width).tril(-1).any(-1)
    minima, depth = found[~again][:MOST].numpy(), value[~again][:MOST].numpy()
    lowest = int((depth <= depth[0] + 1e-6 * known.bumps).sum()) if len(depth) else 0
    return replace(known, minima=minima, value=depth, lowest=lowest)


def _published(known: Multimodal) -> Tensor:
    places = () if known.spec.surface == OWN else SURFACES[known.spec.surface].minima
    return torch.tensor(places, dtype=torch.float64).reshape(-1, 2)


def _polished(known: Multimodal, theta: Tensor) -> Tensor:
    """A few more of Newton's steps."""
    for _ in range(3):
        theta = theta - newton(known, theta)[0]
    return theta


def _is_minimum(known: Multimodal, theta: Tensor, rising: bool = False) -> Tensor:
    """Whether no point around a row, CLOSE to it, lies lower: holds at kinks too.

    Where it is `rising`, some lie higher: in a plain there is nothing to find.
    """
    angle = torch.arange(12, dtype=theta.dtype) * (2 * math.pi / 12)
    ring = torch.stack([angle.cos(), angle.sin()], dim=-1) * CLOSE * known.width
    value, around = known.objective(theta), known.objective(theta[:, None] + ring)
    rise, least = around - value[:, None], 1e-12 * known.bumps
    rises = (rise > least).any(-1) if rising else torch.ones_like(value, dtype=torch.bool)
    return torch.isfinite(value) & rises & ~(rise < -least).any(-1)


def _down(known: Multimodal, theta: Tensor, goals: Tensor | None) -> Tensor:
    """Plain descent with small steps, 1/(2 lambda), until rows stand still or are at one of `goals` [M, 2].

    A row that Newton's step would take to its minimum in one small step takes that. Rows that do not settle,
    as at a kink, slow down in the end.
    """
    theta, rate = theta.clone(), 0.5 / known.curvature
    far = 1e3 * (known.width + max(map(abs, known.box)))
    moving = torch.isfinite(theta).all(-1).nonzero()[:, 0]
    for _ in range(BLOCKS):
        if len(moving) == 0:
            return theta
        rows = theta[moving]
        for _ in range(BLOCK):
            rows = rows - rate * slope(known.objective, rows)
        if goals is None:
            going = torch.ones(len(rows), dtype=torch.bool)
        else:
            going = torch.cdist(rows, goals).amin(-1) > NEAR * known.width
        step, good = newton(known, rows[going])
        rows[going] -= step
        going[going.clone()] = ~good
        theta[moving] = rows
        moving = moving[going & (rows.abs().amax(-1) < far)]
    rows = theta[moving]
    for t in range(SETTLED):
        rows = rows - rate * 0.96**t * slope(known.objective, rows)
    theta[moving] = rows
    return theta


def newton(known: Multimodal, theta: Tensor) -> tuple[Tensor, Tensor]:
    """Newton's step [R, 2], and where [R] it leads to a minimum: short, with the ground curved upward."""
    if len(theta) == 0:
        return theta, torch.zeros(0, dtype=torch.bool)
    gradient = slope(known.objective, theta)
    (a, b), (_, d) = hessian(known.objective.gradient, theta).permute(1, 2, 0)
    det = a * d - b * b
    step = torch.stack([d * gradient[:, 0] - b * gradient[:, 1], a * gradient[:, 1] - b * gradient[:, 0]], -1)
    step = step / det[:, None]
    upward = (det > 0) & (a > 0)
    good = upward & (step.norm(dim=-1) < NEAR * known.width)
    return torch.where(good[:, None], step, 0.0), good


def ends(
    known: Multimodal, theta: Tensor, report: Report = silent, rows: int = 4096
) -> tuple[NDArray[np.int64], FLOATS]:
    """Which minimum each row of theta [R, 2] comes to by plain descent with small steps, and how low that is.

    -1 is none of them: another place outside of the box, and a hole or a valley without end, where there is
    no rest: NaN.
    """
    goals = torch.from_numpy(known.minima)
    which, value = [], []
    for i, part in enumerate(theta.split(rows)):  # type: ignore[no-untyped-call]
        report(i * rows / len(theta), None)
        down = _down(known, part, goals if len(goals) else None)
        if len(goals):
            nearest, at = torch.cdist(down, goals).min(-1)
        else:
            nearest, at = torch.full((len(down),), math.inf), torch.zeros(len(down), dtype=torch.int64)
        there = nearest < NEAR * known.width
        low = torch.from_numpy(known.value)[at] if len(goals) else torch.zeros(len(down))
        which.append(torch.where(there, at, -1))
        still = torch.where(_is_minimum(known, down), known.objective(down), math.nan)
        value.append(torch.where(there, low, still))
    return torch.cat(which).numpy(), torch.cat(value).double().numpy()


def reached(known: Multimodal, theta: Tensor, report: Report = silent) -> NDArray[np.bool_]:
    """Which rows are in the basin of a global minimum: they come to rest as low, but for 1 % of a bump."""
    if not len(known.value) or not len(theta):
        return np.zeros(len(theta), dtype=bool)
    _, value = ends(known, theta, report)
    return np.asarray(value <= known.value[0] + 0.01 * known.bumps)


def relief(known: Multimodal, count: int) -> Relief:
    """The landscape over count x count points of its box, for pictures."""
    found = sampled(known.objective, known.box, count)
    value = np.where(np.isfinite(found.value), found.value, np.nan)
    lowest = float(np.nanmin(value)) if np.isfinite(value).any() else 0.0
    return replace(found, value=value, lowest=lowest)
