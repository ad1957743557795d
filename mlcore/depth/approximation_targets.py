"""What a network is to approximate: on [0, 1] a formula in x or a drawing, on the unit square one in x and y.

A formula that has no value somewhere is refused: the theorem speaks of continuous functions. The bounds need
the largest |f'| and |f''|. These come from the formula's own derivatives on a fine grid; whether they are
bounded at all is asked of differences, for at a kink between two points of a grid every derivative is finite.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import torch
from torch import Tensor

from mlcore.base import points as drawings
from mlcore.base.refusal import Refusal, readable
from mlcore.depth.drawn_curve import DrawnCurve
from mlcore.formulas.formula import Formula, parse

OWN, DRAWN = "own", "drawn"
HAND = "drawn:"  # begins the text of a target that is drawn; a formula has no colon
WAVE = drawings.write(  # an example of a drawing
    (x, y, 0)
    for x, y in zip(
        (-1.8, -1.3, -0.7, -0.1, 0.4, 0.9, 1.3, 1.8),
        (-0.8, 0.9, 1.2, -0.4, -1.1, -0.9, 0.7, 0.4),
        strict=True,
    )
)
LINE = {
    "sine": "sin(2*pi*x)",
    "square": "x^2",
    "bump": "exp(-60*(x - 0.5)^2)",
    "chirp": "sin(20*x^2)",
    "kink": "abs(x - 0.3)",
    "root": "sqrt(x)",
}
PLANE = {
    "waves": "sin(2*pi*x)*cos(pi*y)",
    "bump": "exp(-20*((x - 0.5)^2 + (y - 0.5)^2))",
    "product": "x*y",
    "ridge": "tanh(8*(x + y - 1))",
}
CELLS = 1 << 14  # of the interval, where f and its differences are looked at
SIDE = 128  # cells along each side of the square
LARGEST = 1e6
GROWS = 1.2  # differences that grow by more than this as their points move together have no bound
JUMPS = 1.9  # first differences that grow so much: f is as far apart, however near the points
ROUNDING = 1e-5  # second differences below this part of max |f| are rounding
STRAIGHT = 0.9  # of the variance of log error, from where on a slope is told
FLOOR = 1e-12  # errors below this part of max |f| are rounding


class TargetError(Refusal):
    """A formula that is no target: `code` and `values` for the page, the sentence for everybody else."""

    SENTENCES: ClassVar[dict[str, str]] = {
        "hole": "The target has no value at {place}. It must have one everywhere between 0 and 1: change "
        "what stands under the root or the logarithm, or the divisor.",
        "undrawn": "The curve needs at least two points, one to the right of the other. Draw some.",
        "large": "At {place} the target is {value}. Values from -1,000,000 to 1,000,000 can be drawn: "
        "scale it down.",
    }


@dataclass(frozen=True, eq=False)
class Target:
    """f of points [..., D] -> [...]; D is 1, or 2 in the plane."""

    formula: Formula | DrawnCurve
    plane: bool
    reach: float  # max |f|
    spread: float  # max f - min f

    def __call__(self, x: Tensor) -> Tensor:
        return self.formula(x)

    @property
    def rounding(self) -> float:
        """An error below this is none."""
        return FLOOR * max(self.reach, 1e-300)


def grid(plane: bool, cells: int) -> Tensor:
    """Points that divide each side of the domain into so many cells: [M, D] float64."""
    side = torch.linspace(0, 1, cells + 1, dtype=torch.float64)
    return torch.cartesian_prod(side, side) if plane else side[:, None]


@lru_cache(maxsize=64)
def target(text: str, plane: bool = False) -> Target:
    """Raises `formula.FormulaError` for what is no formula, `TargetError` for what is no target."""
    formula = _function(text, plane)
    points = grid(plane, SIDE if plane else CELLS)
    value = formula(points)
    missing = (~torch.isfinite(value)).nonzero()
    if len(missing):
        raise TargetError("hole", place=_place(points[int(missing[0])]))
    far = int(value.abs().argmax())
    if abs(float(value[far])) > LARGEST:
        raise TargetError("large", place=_place(points[far]), value=f"{float(value[far]):.3g}")
    return Target(formula, plane, float(value.abs().max()), float(value.max() - value.min()))


def _function(text: str, plane: bool) -> Formula | DrawnCurve:
    drawing = text.removeprefix(HAND)
    if plane or drawing == text or not readable(drawings.read, drawing):
        return parse(text, ("x", "y") if plane else ("x",))
    try:
        return DrawnCurve(drawings.read(drawing))
    except ValueError:
        raise TargetError("undrawn") from None


def _place(point: Tensor) -> str:
    return ", ".join(f"{name} = {float(v):.4g}" for name, v in zip("xy", point, strict=False))


@dataclass(frozen=True)
class Steepness:
    """How f on the line may change; None where that has no bound, and then where it happens."""

    slope: float | None  # max |f'|
    curvature: float | None  # max |f''|
    place: float | None = None  # where the first of them without a bound grows
    continuous: bool = True  # as far as the grid can tell


@lru_cache(maxsize=64)
def steepness(text: str) -> Steepness:
    """Of a target on the line."""
    f, x = target(text), grid(False, CELLS)
    value = f(x)
    first, second = derivatives(f, x)
    steep, most_slope = _grows(value, 1, f.reach)
    if steep is not None:
        return Steepness(None, None, steep, continuous=_grows(value, 1, f.reach, JUMPS)[0] is None)
    bend, most_curvature = _grows(value, 2, f.reach)
    return Steepness(_most(first, most_slope), None if bend else _most(second, most_curvature), bend)


def _most(found: Tensor, differences: float) -> float:
    """The largest of a formula's derivatives, and of its differences where the formula has none."""
    here = found[torch.isfinite(found)].abs()
    largest = float(here.max()) if len(here) else 0.0
    return largest if len(here) == len(found) else max(largest, differences)


def derivatives(f: Target, x: Tensor) -> tuple[Tensor, Tensor]:
    """f' and f'' at x [M, 1]: the formula's own gradient, and autograd on that."""
    with torch.inference_mode(False), torch.enable_grad():
        leaf = x.detach().clone().requires_grad_()
        first = f.formula.gradient(leaf)[:, 0]
        if not first.requires_grad:  # f is a constant
            return first, torch.zeros_like(first)
        (second,) = torch.autograd.grad(first.sum(), leaf, allow_unused=True, materialize_grads=True)
    return first.detach(), second[:, 0]


def _grows(value: Tensor, order: int, reach: float, least: float = GROWS) -> tuple[float | None, float]:
    """Where differences of this order have no bound, or None; and the largest of them.

    Two neighbors are added, so that a kink counts in full wherever it lies between the points.
    """
    fine, coarse = _differences(value, 1 / CELLS, order), _differences(value[::2], 2 / CELLS, order)
    most, before = float(fine.max()), float(coarse.max())
    bounded = most <= ROUNDING * reach or most < least * before
    return None if bounded else (int(fine.argmax()) + order / 2 + 0.5) / CELLS, most


def _differences(value: Tensor, width: float, order: int) -> Tensor:
    found = torch.diff(value, n=order) / width**order
    return (found[1:] + found[:-1]).abs() / 2


def rate(widths: Sequence[int], errors: Sequence[float], floor: float, least: int = 8) -> float | None:
    """The slope of log error over log width, by least squares over widths from `least` on.

    None where that is no straight line: it explains less than STRAIGHT of the variance.
    """
    pairs = [
        (math.log(n), math.log(e)) for n, e in zip(widths, errors, strict=True) if n >= least and e > floor
    ]
    if len(pairs) < 3:
        return None
    (x, y) = (torch.tensor(column, dtype=torch.float64) for column in zip(*pairs, strict=True))
    x, y = x - x.mean(), y - y.mean()
    explained = float((x * y).sum() ** 2 / (x.square().sum() * y.square().sum()).clamp_min(1e-300))
    return float((x * y).sum() / x.square().sum()) if explained >= STRAIGHT else None
