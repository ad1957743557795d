"""Vanishing and exploding: the gradient along a chain of layers is a product of their local derivatives.

    h_l = f(z_l),   z_l = h_(l-1) W_l + b_l,   l = 1 .. L;   h_L is one number
    d h_L / d h_l = W_(l+1) diag f'(z_(l+1)) ... W_L f'(z_L)
    |d h_L / d h_l| <= max |f'| ||W_(l+1)|| ... max |f'| ||W_L||

With one unit a layer the factors are the numbers w_l f'(z_l). For a sigmoid, whose slope is 1/4 at most, ten
layers multiply a gradient by at most 4^-10 times the weights. Measured is by autograd.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from mlcore.base import spec as specs
from mlcore.base.device import computing
from mlcore.base.experiment import Report, run, silent
from mlcore.base.registry import Knob
from mlcore.components.signal import fate
from mlcore.components.untrained import GAIN, SEED, draw
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.initializers import INITIALIZERS
from mlcore.families.networks import Network

PASSES = 1e-8  # of a layer's bound: below, units are so saturated that a slope has lost half of its digits
FLOATS = NDArray[np.float64]


@dataclass(frozen=True)
class ChainSpec:
    """Random networks of `depth` layers, all of one width but for the last, which is a single unit."""

    activation: str = specs.choice("sigmoid", ACTIVATIONS, "vact")
    init: str = specs.choice("xavier", INITIALIZERS, "vinit")
    gain: float = specs.number(GAIN, "vgain")
    depth: int = specs.number(Knob(10, 2, 50, symbol="L", integer=True), "vdepth")
    width: int = specs.number(Knob(1, 1, 64, symbol="n", integer=True), "vwidth")
    nets: int = specs.number(Knob(30, 2, 100, symbol="R", integer=True), "vnets")
    seed: int = specs.number(SEED, "vseed")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def seconds(self) -> float:
        """About how long all networks take."""
        return self.nets * self.depth * (1.25e-4 + 8e-8 * self.width**2)


@dataclass(frozen=True, eq=False)
class Products:
    """R networks, each at an input of its own; sizes are Euclidean and spectral norms."""

    spec: ChainSpec
    measured: FLOATS  # [R, L + 1] |d h_L / d h_l| for l = 0 .. L, by autograd
    product: FLOATS  # [R, L + 1] the same, multiplied out
    norms: FLOATS  # [R, L] ||W_l||
    residual: float  # the largest distance between both gradients, in lengths of the gradient; or NaN
    blocked: int  # networks left out of that: a layer passes less than PASSES of what it could
    weights: FLOATS  # [L] of the first network, where layers have one unit; else empty
    z: FLOATS  # [L] the same

    @property
    def steepest(self) -> float:
        return float(ACTIVATIONS[self.spec.activation].steepest)

    @property
    def bound(self) -> FLOATS:
        """[R, L + 1] what no gradient can exceed."""
        return from_the_end(self.steepest * self.norms)

    @property
    def factors(self) -> FLOATS:
        """[R, L] by what layer l multiplies the size of a gradient on its way from h_l to h_(l-1).

        Without a number where nothing arrives.
        """
        before, after = self.measured[:, :-1], self.measured[:, 1:]
        return np.divide(before, after, out=np.full_like(before, np.nan), where=after > 0)

    @property
    def slopes(self) -> FLOATS:
        """[L] f'(z_l) of the first network, where layers have one unit."""
        f, z = ACTIVATIONS[self.spec.activation], torch.from_numpy(self.z)
        found: FLOATS = f.derivative(z, f(z)).numpy()
        return found

    @property
    def total(self) -> float:
        """The median of |d h_L / d h_0|."""
        return float(np.median(self.measured[:, 0]))

    @property
    def fate(self) -> str:
        """ "vanishes", "explodes" or "arrives", by the rule for signals, which goes by mean squares."""
        layers = self.spec.depth
        return fate(self.total ** (2 / layers), layers)


@run.register
@computing()
def products(spec: ChainSpec, report: Report = silent) -> Products:
    """Draw each network and an input, and find the gradient of its output by every h_l in both ways."""
    network = Network((spec.width,) * spec.depth + (1,), spec.activation)
    measured, product, norms = [], [], []
    away: list[float] = []
    blocked, steepest = 0, float(ACTIVATIONS[spec.activation].steepest)
    first: tuple[Tensor, Tensor] | None = None
    for i, seed in enumerate(range(spec.seed, spec.seed + spec.nets)):  # one at a time: memory
        report(i / spec.nets, None)
        blocks = [block[0] for block in network.blocks(draw(network, spec.init, [seed], spec.gain))]
        g = Generator().manual_seed(seed + 4_000_000)
        x = torch.randn(spec.width, generator=g, dtype=torch.float64)
        true, (z, by_hand) = autograd(blocks, spec.activation, x), multiplied(blocks, spec.activation, x)
        measured.append([float(slope.norm()) for slope in true])
        product.append([float(slope.norm()) for slope in by_hand])
        norms.append(spectral(blocks))
        if passes(measured[-1], steepest * np.array(norms[-1])):
            away += distances(by_hand, true)
        else:
            blocked += 1
        if first is None and spec.width == 1:
            first = torch.cat([block[0] for block in blocks]), torch.cat(z)
    weights, z_first = (v.numpy().copy() for v in first) if first else (np.empty(0), np.empty(0))
    return Products(
        spec, np.array(measured), np.array(product), np.array(norms), max(away, default=math.nan), blocked,
        weights, z_first,
    )  # fmt: skip


def from_the_end(factors: FLOATS) -> FLOATS:
    """[..., L] -> [..., L + 1] the products of the last factors, 1 where there is none."""
    ones = np.ones((*factors.shape[:-1], 1))
    product: FLOATS = np.cumprod(np.concatenate([ones, factors[..., ::-1]], axis=-1), axis=-1)
    return product[..., ::-1]


def passes(sizes: list[float], bounds: FLOATS) -> bool:
    """Whether no layer is blocked: sizes of a gradient [L + 1], bounds of a layer's factor [L]."""
    before, after = np.array(sizes[:-1]), np.array(sizes[1:])
    return bool((before >= PASSES * bounds * after).all())


def distances(one: list[Tensor], other: list[Tensor]) -> list[float]:
    """How far gradients lie from each other, in lengths of the other one."""
    return [float((a - b).norm()) / max(float(b.norm()), 1e-300) for a, b in zip(one, other, strict=True)]


def autograd(blocks: list[Tensor], activation: str, x: Tensor) -> list[Tensor]:
    """d h_L / d h_l for l = 0 .. L by autograd on the forward pass; x [n], blocks W_l over its biases."""
    with torch.inference_mode(False), torch.enable_grad():
        h = [x.clone().requires_grad_()]
        for block in blocks:
            block = block.clone()
            h.append(ACTIVATIONS[activation](h[-1] @ block[:-1] + block[-1]))
        return list(torch.autograd.grad(h[-1].sum(), h))


def multiplied(blocks: list[Tensor], activation: str, x: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    """z_1 to z_L, and d h_L / d h_l for l = 0 .. L as products of the Jacobians W_l diag f'(z_l)."""
    f, h, z, jacobians = ACTIVATIONS[activation], x, [], []
    for block in blocks:
        z.append(h @ block[:-1] + block[-1])
        h = f(z[-1])
        jacobians.append(block[:-1] * f.derivative(z[-1], h))
    slopes = [torch.ones(1, dtype=x.dtype)]
    for jacobian in reversed(jacobians):
        slopes.append(jacobian @ slopes[-1])
    return z, slopes[::-1]


def spectral(blocks: list[Tensor]) -> list[float]:
    """The largest factor by which each W_l stretches a vector, biases left out."""
    hidden = torch.linalg.matrix_norm(torch.stack([block[:-1] for block in blocks[:-1]]), ord=2)
    return [*hidden.tolist(), float(blocks[-1][:-1].norm())]
