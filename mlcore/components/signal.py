"""Signals through a deep network before training: how large they arrive, and their gradients on the way back.

Layer l computes z_l = W_l h_(l-1) + b_l and h_l = f(z_l). The theory is that of wide layers, where z is
Gaussian (Poole et al. 2016; Schoenholz et al. 2017):

    E z_l^2 = q_l = fan_in Var(w) E h_(l-1)^2 + Var(b)          E h_l^2 = E f(sqrt(q_l) Z)^2
    E delta_(l-1)^2 = fan_out Var(w) E delta_l^2 E f'(sqrt(q_(l-1)) Z)^2,    delta_l = d cost / d z_l

For ReLU both factors are fan Var(w) / 2: a sixth, a half or one for PyTorch's default, Xavier and He.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from mlcore.base import spec as specs
from mlcore.base.device import computing
from mlcore.base.experiment import Report, run, silent
from mlcore.base.registry import Knob
from mlcore.components.untrained import GAIN, SEED, draw
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.initializers import INITIALIZERS
from mlcore.families.networks import Network

EXAMPLES = 32
LOST = 1e-30  # mean squares below drown in the rounding of float64
ARRIVES = 100.0  # a signal arrives if all layers together change its mean square by less than this factor
FLOATS = NDArray[np.float64]


@dataclass(frozen=True)
class SignalSpec:
    """Networks of `depth` hidden layers, all of one width, drawn from seeds and fed with normal numbers."""

    activation: str = specs.choice("tanh", ACTIVATIONS, "act")
    init: str = specs.choice("xavier", INITIALIZERS, "init")
    gain: float = specs.number(GAIN, "gain")
    depth: int = specs.number(Knob(30, 2, 50, symbol="L", integer=True), "depth")
    width: int = specs.number(Knob(100, 4, 128, symbol="n", integer=True), "width")
    nets: int = specs.number(Knob(8, 2, 48, symbol="R", integer=True), "nets")
    seed: int = specs.number(SEED, "seed")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def seconds(self) -> float:
        """About how long all networks take."""
        return self.nets * self.depth * (1.2e-4 + 7.5e-8 * self.width**2)


@dataclass(frozen=True, eq=False)
class Signal:
    """Mean squares over examples and units, measured and in theory. Below LOST they are NaN."""

    spec: SignalSpec
    forward: FLOATS  # [R, L + 1] of h_0, the examples, to h_L
    backward: FLOATS  # [R, L + 1] of delta_1 to delta_L and of delta at the output, which is drawn
    forward_theory: FLOATS  # [L + 1]
    backward_theory: FLOATS  # [L + 1]

    @property
    def forward_factor(self) -> float:
        """By what the signal grows from layer to layer: geometric mean over layers, median over networks."""
        return _factor(self.forward)

    @property
    def backward_factor(self) -> float:
        """By what the gradient grows from layer to layer on its way back."""
        return _factor(self.backward[:, ::-1])

    @property
    def forward_factor_theory(self) -> float:
        return _factor(self.forward_theory[None])

    @property
    def backward_factor_theory(self) -> float:
        return _factor(self.backward_theory[None, ::-1])


def fate(factor: float, layers: int) -> str:
    """ "vanishes", "explodes" or "arrives": what `layers` layers with this factor do to a mean square."""
    total = layers * math.log(factor) if factor > 0 else -math.inf
    return "arrives" if abs(total) <= math.log(ARRIVES) else "explodes" if total > 0 else "vanishes"


def _factor(squares: FLOATS) -> float:
    """From the first to the last column that is a number, per layer; 0 where already the second is none."""
    factors = []
    for row in squares:
        seen = np.flatnonzero(np.isfinite(row))
        last = seen[-1] if seen.size else 0
        factors.append((row[last] / row[0]) ** (1 / last) if last > 0 else 0.0)
    return float(np.median(factors))


@run.register
@computing()
def signal(spec: SignalSpec, report: Report = silent) -> Signal:
    """Send EXAMPLES random examples forward through each network, and random gradients back."""
    network = Network((spec.width,) * (spec.depth + 2), spec.activation)
    forward, backward = [], []
    for i, seed in enumerate(range(spec.seed, spec.seed + spec.nets)):  # one at a time: memory
        report(i / spec.nets, None)
        theta = draw(network, spec.init, [seed], spec.gain)
        g = Generator().manual_seed(seed + 3_000_000)
        x, delta = torch.randn(2, 1, EXAMPLES, spec.width, generator=g, dtype=torch.float64)
        hidden, deltas = flow(network, theta, x, delta)
        forward.append([mean_square(h) for h in hidden])
        backward.append([mean_square(d) for d in deltas])
    return Signal(spec, seen(forward), seen(backward), *map(seen, theory(spec)))


def flow(network: Network, theta: Tensor, x: Tensor, delta: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    """h_0 to h_L of examples x [R, B, D], and delta_1 to that at the output, which is given [R, B, K]."""
    f, blocks = ACTIVATIONS[network.activation], network.blocks(theta)
    hidden, deltas, slopes = [x], [delta], []
    for block in blocks[:-1]:
        z = hidden[-1] @ block[:, :-1] + block[:, -1:]
        hidden.append(f(z))
        slopes.append(f.derivative(z, hidden[-1]))
    for block, slope in zip(reversed(blocks), reversed(slopes), strict=False):
        deltas.append((deltas[-1] @ block[:, :-1].mT) * slope)
    return hidden, deltas[::-1]


def mean_square(values: Tensor) -> float:
    return float(values.square().mean())


def seen(squares: object) -> FLOATS:
    """The same without what drowns in rounding."""
    values = np.asarray(squares, np.float64)
    return np.where((values >= LOST) & np.isfinite(values), values, np.nan)


def theory(spec: SignalSpec) -> tuple[FLOATS, FLOATS]:
    """E h_l^2 [L + 1] and E delta_l^2 [L + 1] for infinitely wide layers, from 1 at either end."""
    rule, f = INITIALIZERS[spec.init], ACTIVATIONS[spec.activation]
    n = spec.width
    weights = n * rule.variance(n, n) * spec.gain**2
    biases = rule.facts.get("bias_variance", lambda i, o: 0.0)(n, n)
    forward, slopes = [1.0], []
    for _ in range(spec.depth):
        q = weights * forward[-1] + biases
        forward.append(expectation(lambda z: f(z).square(), q))
        slopes.append(expectation(lambda z: f.derivative(z, f(z)).square(), q))
    backward = [1.0]
    for slope in reversed(slopes):
        backward.append(backward[-1] * weights * slope)
    return np.array(forward), np.array(backward[::-1])


def expectation(function: Callable[[Tensor], Tensor], variance: float) -> float:
    """E function(sqrt(variance) Z) for a standard normal Z, by the trapezoidal rule.

    An even number of nodes: none at 0, where derivatives jump.
    """
    z = torch.linspace(-10, 10, 4000, dtype=torch.float64)
    weight = torch.exp(-0.5 * z * z)
    return float((weight * function(math.sqrt(variance) * z)).sum() / weight.sum())
