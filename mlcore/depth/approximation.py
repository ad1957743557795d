"""One hidden layer with weights written down, not learned: how a network of N units comes near to a curve.

    ReLU     y = f(x_0) + sum_i (s_i - s_{i-1}) relu(x - x_i)        straight lines between N + 1 values of f
    sigmoid  y = f(x_0) + sum_i (f(x_{i+1}) - f(x_i)) sigma(k (x - t_i)/h)          N steps between them

with x_i = i h, h = 1/N, s_i the slope of f from x_i to x_{i+1}, s_{-1} = 0 and t_i the middle of x_i and
x_{i+1}. Each is a row of theta, and `Network.predict` is what evaluates it.

Bounds. Linear interpolation errs by at most h^2/8 max |f''| (de Boor 1978). The steps are an average of the
f(x_i) whose weights are positive and add up to 1: those of x_i are the chance that x, moved by h/k times a
logistic random number, is rounded to x_i. Rounding moves it by h/2 at most, and |logistic| is 2 ln 2 on
average, so that they err by at most h (1/2 + 2 ln(2)/k) max |f'|.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from scipy.fft import dctn
from torch import Tensor

from mlcore.components.untrained import kinks, predict
from mlcore.depth.approximation_targets import Steepness, Target, grid, rate
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.networks import Network

WAYS = {"hats": "relu", "steps": "sigmoid"}  # how weights are constructed -> the activation
WIDTHS: tuple[int, ...] = tuple(2**k for k in range(9))
ASKED = 4096  # cells of the line on which errors are measured: 16 for each piece of the widest network
SQUARE = 64  # the same along each side of the square
SAMPLES = 512  # along each side of the square, for a cosine series that has terms for the widest network
FITTED = 256  # cells of the line on which a best fit is made
SEEN = (-1.0, 2.0)  # the part of the line that is drawn where the data end
ENDS = {  # an activation far away, a z + b: (a, b) for z to minus infinity, and for z to infinity
    "relu": ((0.0, 0.0), (1.0, 0.0)),
    "tanh": ((0.0, -1.0), (0.0, 1.0)),
    "sigmoid": ((0.0, 0.0), (0.0, 1.0)),
}


@dataclass(frozen=True, eq=False)
class Construction:
    """A network whose weights are written down."""

    way: str
    network: Network
    theta: Tensor  # [1, P]
    nodes: Tensor  # [N + 1] where it looks f up
    values: Tensor  # [N + 1]

    @property
    def units(self) -> int:
        return self.network.sizes[1]

    def weights(self) -> tuple[Tensor, Tensor, Tensor, float]:
        """W [N], c [N], w [N], b of y = b + sum w a(W x + c)."""
        hidden, last = self.network.blocks(self.theta[0])
        return hidden[0], hidden[1], last[:-1, 0], float(last[-1, 0])

    def grown(self, counts: Sequence[int]) -> Tensor:
        """The network with its first k units alone, for each k of counts: rows [K, P]."""
        rows = self.theta.repeat(len(counts), 1)
        last = self.network.blocks(rows)[1]
        for row, count in zip(last, counts, strict=True):
            row[count:-1] = 0
        return rows


def construct(f: Target, units: int, way: str = "hats", sharpness: float = 8.0) -> Construction:
    """The network of N = `units` units, on [0, 1]; `sharpness` is k, of the steps."""
    nodes = torch.linspace(0, 1, units + 1, dtype=torch.float64)
    values, h = f(nodes[:, None]), 1 / units
    rise = torch.diff(values)
    if way == "hats":
        W, c, w = torch.ones_like(rise), -nodes[:-1], torch.diff(rise / h, prepend=rise.new_zeros(1))
    else:
        W = torch.full_like(rise, sharpness / h)
        c, w = -W * (nodes[:-1] + h / 2), rise
    theta = torch.cat([W, c, w, values[:1]])[None]
    return Construction(way, Network((1, units, 1), WAYS[way]), theta, nodes, values)


def bound(steep: Steepness, units: int, way: str, sharpness: float) -> float | None:
    """What the error of a construction cannot exceed; None where f may change without bound."""
    h = 1 / units
    if way == "hats":
        return None if steep.curvature is None else h * h / 8 * steep.curvature
    return None if steep.slope is None else h * (0.5 + 2 * math.log(2) / sharpness) * steep.slope


def hats(nodes: Tensor, values: Tensor, x: Tensor) -> Tensor:
    """f(x_i) times the hat that is 1 at x_i and 0 at every other node: [N + 1, M]; their sum interpolates.

    A hat is three ReLUs: (relu(x - x_{i-1}) - 2 relu(x - x_i) + relu(x - x_{i+1})) / h.
    """
    h = nodes[1] - nodes[0]
    return values[:, None] * torch.relu(1 - (x - nodes[:, None]).abs() / h)


def answers(network: Network, theta: Tensor, x: Tensor) -> Tensor:
    """theta [R, P], x [M, D] -> [R, M]."""
    return predict(network, theta, x)[..., 0]


def points(plane: bool) -> Tensor:
    """Where errors are measured."""
    return grid(plane, SQUARE if plane else ASKED)


def errors(network: Network, theta: Tensor, f: Target) -> Tensor:
    """max |f - y| over the domain: [R]."""
    x = points(f.plane)
    return (answers(network, theta, x) - f(x)).abs().amax(1)


def pieces(network: Network, row: Tensor, low: float = SEEN[0], high: float = SEEN[1]) -> int:
    """Straight pieces of a ReLU network between low and high, counted exactly."""
    return len(kinks(network, row, low, high)) + 1


@dataclass(frozen=True)
class Curve:
    """The errors of one way to come by weights, over WIDTHS."""

    errors: tuple[float, ...]
    bounds: tuple[float, ...] | None
    rate: float | None  # slope of log error over log width


def over_widths(f: Target, steep: Steepness, way: str, sharpness: float) -> Curve:
    """Construct every width and measure it."""
    made = (construct(f, units, way, sharpness) for units in WIDTHS)
    found = tuple(float(errors(one.network, one.theta, f)) for one in made)
    bounds = [bound(steep, units, way, sharpness) for units in WIDTHS]
    known = None if None in bounds else tuple(float(b or 0) for b in bounds)
    return Curve(found, known, rate(WIDTHS, found, f.rounding))


# ---------------------------------------------------------------- two inputs


def ridges(f: Target, units: int) -> tuple[Network, Tensor]:
    """A network of sines on the square whose weights are written down: theta [1, P].

    The cosine series of f, of which the N largest terms are kept. Each product of two cosines is two ridges,
    cos a cos b = cos(a + b)/2 + cos(a - b)/2, and a ridge is what one unit is: cos z = sin(z + pi/2). So two
    inputs are many problems of one input.
    """
    W, w, b = _series(f)
    c = torch.full((units,), math.pi / 2, dtype=torch.float64)
    theta = torch.cat([W[:, :units].flatten(), c, w[:units], b])
    return Network((2, units, 1), "sine"), theta[None]


@lru_cache(maxsize=16)
@torch.inference_mode(False)
def _series(f: Target) -> tuple[Tensor, Tensor, Tensor]:
    """W [2, n], w [n], b [1]: f is about b + sum w cos(W x), the largest terms first."""
    middles = (torch.arange(SAMPLES, dtype=torch.float64) + 0.5) / SAMPLES
    value = f(torch.cartesian_prod(middles, middles)).view(SAMPLES, SAMPLES).numpy()
    series = torch.from_numpy(dctn(value)) / SAMPLES**2  # cos(pi j x) cos(pi k y) has series[j, k] ...
    series[0] /= 2  # ... where j and k are not 0
    series[:, 0] /= 2
    series = series[: SAMPLES // 2, : SAMPLES // 2]  # of higher ones the samples know little
    j, k = torch.meshgrid(*[torch.arange(SAMPLES // 2, dtype=torch.float64)] * 2, indexing="ij")
    both = (j > 0) & (k > 0)
    size = torch.where(both, series / 2, series)
    w = torch.cat([size.flatten()[1:], size[both]])
    W = math.pi * torch.stack([torch.cat([j.flatten()[1:], j[both]]), torch.cat([k.flatten()[1:], -k[both]])])
    most = w.abs().argsort(descending=True, stable=True)[: WIDTHS[-1]]
    return W[:, most], w[most], series[0, :1].clone()


def ridges_over_widths(f: Target) -> Curve:
    found = tuple(float(errors(*ridges(f, units), f)) for units in WIDTHS)
    return Curve(found, None, rate(WIDTHS, found, f.rounding))


# ---------------------------------------------------------------- outside of the data


def far_away(network: Network, theta: Tensor) -> Tensor:
    """What each network is far from the data, slope and level of a straight line: [R, 2 sides, 2].

    Left of all its bends a ReLU network is such a line exactly, and right of them; one of tanh or sigmoid
    comes as near as you like to a constant. For activations in ENDS.
    """
    hidden, last = network.blocks(theta)
    W, c, w, b = hidden[:, 0], hidden[:, 1], last[:, :-1, 0], last[:, -1, 0]
    ends = torch.tensor(ENDS[network.activation], dtype=theta.dtype)  # [2, 2]
    held = ACTIVATIONS[network.activation](c)  # of units that do not look at x
    lines = []
    for side in (-1, 1):
        slope, level = ends[(side * W > 0).long()].unbind(-1)  # [R, N]
        moving = W != 0
        whole = torch.where(moving, slope * c + level, held)
        lines.append(torch.stack([(w * slope * W).sum(1), (w * whole).sum(1) + b], -1))
    return torch.stack(lines, 1)


# ---------------------------------------------------------------- an activation that is a polynomial


def polynomial(f: Target, units: int, degree: int, seed: int = 0) -> Tensor:
    """The best fit of sum_i w_i (W_i x + c_i)^degree + b on the line, at `points`: [M].

    The hidden layer is drawn, the output layer is least squares. With more units than the degree the hidden
    layer does not matter: its units already span every polynomial of that degree.
    """
    draws = torch.Generator().manual_seed(seed)
    W, c = torch.randn(2, units, generator=draws, dtype=torch.float64)
    x = points(False)
    design = torch.cat([(2 * x - 1) * W + c, torch.ones_like(x)], 1) ** degree
    some = design[:: ASKED // FITTED]
    size = some.norm(dim=0)
    found = torch.linalg.lstsq(some / size, f(x)[:: ASKED // FITTED, None], driver="gelsd").solution
    fit: Tensor = (design / size @ found)[:, 0]
    return fit
