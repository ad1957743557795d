"""How large signals and gradients are in every layer of a deep network before training, and in theory.

With q_l = E h_l^2 and g_l = E (d C / d h_l)^2, f the activation, s^2 = n Var(w), wide layers and Z normal:

    plain           q_{l+1} = v_l                   g_l = c_l g_{l+1}
    residual        q_{l+1} = q_l + v_l             g_l = (1 + c_l) g_{l+1}

    v_l = s^2 E f(sqrt(q_l) Z)^2 + Var(b)           c_l = s^2 E f'(sqrt(q_l) Z)^2

With normalization f reads LN(h), whose mean square is 1, and c_l = s^2 E f'(Z)^2 / q_l.
For ReLU and He s^2 = 2, so that v_l = q_l and c_l = 1: a residual block doubles both, a plain layer keeps
both, and with normalization a residual signal grows by 1 a layer instead (Schoenholz et al. 2017; Yang and
Schoenholz 2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from mlcore.base import spec as specs
from mlcore.base.device import computing
from mlcore.base.experiment import Report, run, silent
from mlcore.base.registry import Knob
from mlcore.components.signal import LOST, expectation, seen
from mlcore.depth.depths import KINDS, NORMS
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.deep import DeepNetwork
from mlcore.families.initializers import INITIALIZERS

EXAMPLES = 32
TOGETHER = 8  # networks
FLOATS = NDArray[np.float64]


@dataclass(frozen=True)
class LayersSpec:
    """R networks of L hidden layers of each kind, drawn from seeds and fed with normal numbers."""

    normalization: str = specs.choice("both", NORMS, "dnorm")
    activation: str = specs.choice("relu", ACTIVATIONS, "dact")
    init: str = specs.choice("he", INITIALIZERS, "dinit")
    layers: int = specs.number(Knob(32, 2, 64, symbol="L", integer=True), "dlayers")
    width: int = specs.number(Knob(64, 4, 128, symbol="n", log=True, integer=True), "dwidth")
    networks: int = specs.number(Knob(8, 2, 32, symbol="R", integer=True), "dnets")
    seed: int = specs.number(Knob(0, 0, 9000, integer=True), "dfirst")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def kinds(self) -> tuple[str, ...]:
        return NORMS[self.normalization]

    @property
    def seconds(self) -> float:
        """About how long all of it takes."""
        return len(self.kinds) * self.networks * self.layers * (1.2e-4 + 3e-8 * self.width**2)

    def network(self, kind: str) -> DeepNetwork:
        residual, normalized = KINDS[kind]
        return DeepNetwork((self.width,) * (self.layers + 2), self.activation, residual, normalized)


@dataclass(frozen=True, eq=False)
class Sizes:
    """Mean squares over examples and units, of layers 1 to L. What drowns in rounding is NaN."""

    kind: str
    signal: FLOATS  # [R, L] of h_l
    gradient: FLOATS  # [R, L] of d C / d h_l
    signal_theory: FLOATS  # [L]
    gradient_theory: FLOATS  # [L]


@run.register
@computing()
def layers(spec: LayersSpec, report: Report = silent) -> tuple[Sizes, ...]:
    """Send EXAMPLES random examples through each network, and a random gradient back. Some networks at a
    time: their states fill memory."""
    found = []
    for k, kind in enumerate(spec.kinds):
        network, columns = spec.network(kind), []
        for first in range(0, spec.networks, TOGETHER):
            report((k + first / spec.networks) / len(spec.kinds), None)
            seeds = range(spec.seed + first, spec.seed + min(first + TOGETHER, spec.networks))
            generators = [Generator().manual_seed(seed) for seed in seeds]
            theta = network.init(spec.init, generators)
            shape = 2, EXAMPLES, spec.width
            drawn = [torch.randn(shape, generator=g, dtype=torch.float64) for g in generators]
            columns.append(measured(network, theta, *torch.stack(drawn, dim=1)))
        signal, gradient = (seen(np.concatenate(parts)) for parts in zip(*columns, strict=True))
        found.append(Sizes(kind, signal, gradient, *map(seen, theory(spec, kind))))
    return tuple(found)


def measured(network: DeepNetwork, theta: Tensor, x: Tensor, delta: Tensor) -> tuple[FLOATS, FLOATS]:
    """Mean squares [R, L] of h_1 to h_L and of the gradients there, for `delta`, that of h_(L+1) = y_hat.

    To h_(L+1) a residual network adds h_L once more: its last layer is a block like the others here.
    """
    with torch.inference_mode(False), torch.enable_grad():  # `computing` turns autograd off
        *hidden, last = network.blocks(theta.clone())
        states = list(network.states(hidden, x.clone().requires_grad_()))
        out = network.read(last, states[-1])
        if network.residual:
            out = out + states[-1]
        gradients = torch.autograd.grad(out, states, delta.clone())
    return _mean_squares(states), _mean_squares(gradients)


def _mean_squares(layers: Sequence[Tensor]) -> FLOATS:
    return torch.stack([values.detach().square().mean((1, 2)) for values in layers], dim=1).numpy()


def theory(spec: LayersSpec, kind: str) -> tuple[FLOATS, FLOATS]:
    """q_l [L] of examples with mean square 1, and g_l [L] of a gradient with mean square 1 behind layer L."""
    rule, f, n = INITIALIZERS[spec.init], ACTIVATIONS[spec.activation], spec.width
    weights = n * rule.variance(n, n)
    biases = rule.facts.get("bias_variance", lambda i, o: 0.0)(n, n)
    residual, normalized = KINDS[kind]
    q, factors = [weights + biases], []
    for _ in range(spec.layers):
        read = 1.0 if normalized else q[-1]  # the mean square of what f reads
        added = weights * expectation(lambda z: f(z).square(), read) + biases
        slope = weights * expectation(lambda z: f.derivative(z, f(z)).square(), read)
        factors.append(residual + (slope / max(q[-1], LOST) if normalized else slope))
        q.append(residual * q[-1] + added)
    gradients = np.cumprod(factors[::-1])[::-1]
    return np.array(q[:-1]), np.array(gradients)
