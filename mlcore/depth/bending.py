"""What each activation can and cannot bend.

Layers without activations are one affine map. With f(z) = z^2, L hidden layers are a polynomial of degree
2^L, however wide they are, and polynomials of bounded degree do not come near to every continuous function:
one hidden layer does exactly if its activation is no polynomial (Leshno et al. 1993).

How far a function is from the polynomials of degree d is measured by its Chebyshev series, cut off behind d:
at most a few times worse than the best polynomial (Trefethen 2013, ch. 16), and exact for polynomials.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.fft import dct
from torch import Tensor

from mlcore.components.symmetry import affine, collapse
from mlcore.components.untrained import draw, piecewise
from mlcore.depth.approximation_targets import Target
from mlcore.depth.pieces import pieces
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.networks import Network

FLOATS = NDArray[np.float64]
Function = Callable[[FLOATS], FLOATS]
SQUARE = "square"  # no activation to train with: its layers grow without bound
NAMES = (*ACTIVATIONS, SQUARE)
SHOWN = 3.0  # functions are drawn from -SHOWN to SHOWN
NEAR, FAR = 1e3, 1e5  # a polynomial has one degree on the smaller interval and on the larger one
HIGHEST = 64  # degree that is asked about
NODES = 1024
NOTHING = 1e-11  # of the largest value: nearer to a polynomial is to be one
OUT = 1e6  # far out
WIDTHS = tuple(2**k for k in range(8))
FITTED, BETWEEN = 512, 4  # cells of the interval for least squares, and points in each for errors
STEEPNESS = 5.0  # standard deviation of W in units of 1 / half the interval


def function(activation: str) -> Callable[[Tensor], Tensor]:
    return torch.square if activation == SQUARE else ACTIVATIONS[activation].function


def answers(network: Network, row: Tensor, activation: str, x: Tensor) -> Tensor:
    """The network with any activation of NAMES: row is theta [P], x [M, D] -> [M, K]."""
    f, (first, *others) = function(activation), network.blocks(row)
    z = x @ first[:-1] + first[-1]
    for block in others:
        z = f(z) @ block[:-1] + block[-1]
    return z


# ---------------------------------------------------------------- layers with and without an activation


@dataclass(frozen=True, eq=False)
class Stack:
    """k layers without activations, which are one, and the same weights with an activation between them."""

    linear: FLOATS  # [M, K]
    bent: FLOATS  # [M, K]
    weight: FLOATS  # [D, K] of the one layer
    bias: FLOATS  # [K]
    residual: float  # between one layer and all, over random examples: see `collapse`
    rank: int
    explained: float  # of the variance of `bent`, by the best affine map


def stack(sizes: Sequence[int], activation: str, init: str, bias: float, seed: int, x: FLOATS) -> Stack:
    """At x [M, D]."""
    network, at = Network(tuple(sizes), "identity"), torch.from_numpy(x)
    theta = draw(network, init, [seed], bias=bias)
    weight, rest = affine(network, theta)
    together = collapse(sizes, init, seed, bias)
    linear = network.predict(theta, at)[0].numpy()
    bent = answers(network, theta[0], activation, at).numpy()
    matrix, share = weight[0].numpy(), explained(x, bent)
    return Stack(linear, bent, matrix, rest[0].numpy(), together.residual, together.rank, share)


def explained(x: FLOATS, y: FLOATS) -> float:
    """The share of the variance of y [M, K] that least squares explain by an affine map of x [M, D].

    A constant is one itself, whatever its rounding.
    """
    design = np.column_stack([x, np.ones(len(x))])
    left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    varied = float(np.square(y - y.mean(0)).sum())
    constant = varied <= float(np.square(1e-12 * y).sum())
    return 1.0 if constant else 1 - float(np.square(left).sum()) / varied


# ---------------------------------------------------------------- what kind of function it is


class Kind(StrEnum):
    """What a function is far out. The value is the sentence."""

    CONSTANT = "a constant"
    LINE = "a straight line"
    POWER = "a power of x"
    TURNS = "neither: it keeps turning"


@dataclass(frozen=True)
class End:
    """On one side, far out."""

    kind: Kind
    value: float  # of a constant; the slope of a line; the exponent of a power


@dataclass(frozen=True)
class Nature:
    """What kind of function one random network is."""

    activation: str
    degree: int | None  # None where it is no polynomial
    pieces: int | None  # None where it is not piecewise linear
    ends: tuple[End, End]  # on the left and on the right


def one(
    widths: Sequence[int], activation: str, init: str, bias: float, seed: int
) -> tuple[Network, Tensor, Function]:
    """One random network of one input and one output: its shape, its row theta [P], its function."""
    known = "identity" if activation == SQUARE else activation
    network = Network((1, *widths, 1), known)
    row = draw(network, init, [seed], bias=bias)[0]

    def values(x: FLOATS) -> FLOATS:
        found: FLOATS = answers(network, row, activation, torch.from_numpy(x)[:, None])[:, 0].numpy()
        return found

    return network, row, values


def nature(widths: Sequence[int], activation: str, init: str, bias: float, seed: int) -> Nature:
    network, row, f = one(widths, activation, init, bias, seed)
    straight = activation != SQUARE and piecewise(activation)
    count = pieces(network, row).count if straight else None
    degree = degree_of(f) if count is None or count == 1 else None
    return Nature(activation, degree, count, (end(f, -OUT), end(f, OUT)))


def distances(f: Function, reach: float, highest: int = HIGHEST) -> FLOATS:
    """max |f - p| over [-reach, reach] by max |f|, p of degree 0, 1, ... `highest`: [highest + 1]."""
    angle = np.pi * (np.arange(NODES) + 0.5) / NODES
    y = f(reach * np.cos(angle))
    size = max(float(np.abs(y).max()), 1e-300)
    series = dct(y / size) / NODES
    series[0] /= 2
    parts = series[: highest + 1, None] * np.cos(np.arange(highest + 1)[:, None] * angle)
    found: FLOATS = np.abs(y / size - parts.cumsum(0)).max(1)
    return found


def degree_of(f: Function) -> int | None:
    """The degree of the polynomial that f is, or None: that degree is the same on any interval."""
    near, far = (distances(f, reach) <= NOTHING for reach in (NEAR, FAR))
    if not near.any() or not far.any() or near.argmax() != far.argmax():
        return None
    return int(near.argmax())


def end(f: Function, out: float) -> End:
    """What f is at `out` and two and three times as far."""
    a, b, c = f(out * np.array([1.0, 2.0, 3.0]))
    size = max(abs(a), abs(b), abs(c), 1e-300)
    if max(abs(b - a), abs(c - b)) <= 1e-12 * size:
        return End(Kind.CONSTANT, float(a))
    if abs(a - 2 * b + c) <= 1e-9 * size:
        return End(Kind.LINE, float((c - a) / (2 * out)))
    exponent = float(np.log2(abs(b / a))) if a and b else np.nan
    if exponent > 1 and abs(exponent - np.log(abs(c / b)) / np.log(1.5)) < 1e-3:
        return End(Kind.POWER, exponent)
    return End(Kind.TURNS, np.nan)


# ---------------------------------------------------------------- what width brings


def fitted(target: Target, activation: str, widths: Sequence[int] = WIDTHS, seed: int = 0) -> FLOATS:
    """max |f - y| on [0, 1], the hidden layer drawn and the last layer solved, for each width: [widths].

    The units are the first ones of one draw, so that a wider layer has all units of a narrower one. Unit i
    bends at t: z = W (2 x - 1 - t). W is normal, and t goes through the interval by the golden section, which
    leaves no gap and no two units in one place.
    """
    draws = torch.Generator().manual_seed(seed)
    start = torch.rand(1, generator=draws, dtype=torch.float64)
    W = STEEPNESS * torch.randn(WIDTHS[-1], generator=draws, dtype=torch.float64)[: max(widths)]
    t = 2 * torch.frac(start + torch.arange(len(W)) * (math.sqrt(5) - 1) / 2) - 1
    x = torch.linspace(0, 1, FITTED * BETWEEN + 1, dtype=torch.float64)[:, None]
    design = torch.cat([torch.ones_like(x), function(activation)(W * (2 * x - 1 - t))], 1)
    y, found = target(x), []
    for units in widths:
        columns = design[:, : units + 1]
        some = columns[::BETWEEN]
        size = some.norm(dim=0).clamp_min(1e-300)
        solved = torch.linalg.lstsq(some / size, y[::BETWEEN, None], driver="gelsd").solution
        found.append(float(((columns / size @ solved)[:, 0] - y).abs().max()))
    return np.array(found)
