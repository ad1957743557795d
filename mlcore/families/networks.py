"""Networks on rows: theta [R, P] holds R networks of one shape, one a row.

Layer l maps fan_in values and a constant 1 to fan_out values, so its block of theta is a matrix
W_l [fan_in + 1, fan_out] whose last row is the bias, and P is the sum of (fan_in + 1) * fan_out.

`network.predict(theta, x)` is differentiable by autograd; `network.chain(theta, examples)` gives the forward
and the backward pass that trainings use, written by hand for a multilayer perceptron.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Generator, Tensor

from mlcore.families.activations import ACTIVATIONS, Room
from mlcore.families.initializers import INITIALIZERS


class Chain(Protocol):
    """A forward and a backward pass, bound to theta [R, P], whose values may change between calls."""

    def forward(self, x1: Tensor) -> Tensor:
        """x1 [R, B, D + 1], the examples with a column of ones -> prediction [R, B, K]."""

    def backward(self, delta: Tensor) -> Tensor:
        """delta [R, B, K] = d cost / d prediction, after `forward` -> d cost / d theta [R, P]."""


@dataclass(frozen=True)
class Network:
    """Widths from input to output, and what stands between two layers."""

    sizes: tuple[int, ...]
    activation: str

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """[fan_in + 1, fan_out] of each layer."""
        return [(a + 1, b) for a, b in zip(self.sizes, self.sizes[1:], strict=False)]

    @property
    def size(self) -> int:
        return sum(a * b for a, b in self.shapes)

    @property
    def products(self) -> int:
        """Multiplications of one example's way through."""
        return self.size

    def blocks(self, theta: Tensor) -> list[Tensor]:
        """The matrices W_l [R, fan_in + 1, fan_out] within theta [R, P]: views, not copies."""
        parts = torch.split(theta, [a * b for a, b in self.shapes], dim=-1)
        return [part.view(*part.shape[:-1], *shape) for part, shape in zip(parts, self.shapes, strict=True)]

    def init(self, rule: str, generators: Sequence[Generator]) -> Tensor:
        """theta [R, P] float64 on the CPU; row i is drawn from generators[i] alone."""
        draw = INITIALIZERS[rule]
        rows = [torch.cat([draw(a - 1, b, g).flatten() for a, b in self.shapes]) for g in generators]
        return torch.stack(rows)

    def is_weight(self) -> Tensor:
        """[P] 1 for a weight, 0 for a bias: penalties leave biases alone."""
        ones = [torch.cat([torch.ones(a - 1, b), torch.zeros(1, b)]).flatten() for a, b in self.shapes]
        return torch.cat(ones)

    @property
    def plain(self) -> bool:
        """Whether it is a multilayer perceptron: layers in a row, and nothing else."""
        return True

    def chain(self, theta: Tensor, examples: int, back: bool = True) -> Chain:
        """The passes over B = `examples` examples at these rows of theta; `back`: the backward one, too.

        By hand where it is a multilayer perceptron, as the lesson has it; else by autograd.
        """
        if self.plain:
            return Backpropagation(self, theta, examples)
        return Autograd(self, theta) if back else Asked(self, theta)

    def predict(self, theta: Tensor, x: Tensor) -> Tensor:
        """theta [R, P], x [N, D] or [R, N, D] -> prediction [R, N, K]. Differentiable."""
        h = x.expand(theta.shape[0], *x.shape[-2:])
        blocks = self.blocks(theta)
        for i, block in enumerate(blocks):
            z = torch.bmm(h, block[:, :-1]).add_(block[:, -1:])  # baddbmm copies the bias first: slower
            h = ACTIVATIONS[self.activation](z) if i < len(blocks) - 1 else z
        return h


class Backpropagation:
    """The chain rule over R networks at once, written out; autograd is its oracle in the tests.

    Bound to one theta [R, P], whose values may change between calls, and to one number of examples B, so
    that views and buffers are made once. Forward, layer by layer:

        z_l = [h_l, 1] W_l          h_{l+1} = f(z_l)

    Backward, with delta_l = d cost / d z_l:

        d cost / d W_l = [h_l, 1]^T delta_l          delta_{l-1} = (delta_l W_l^T) * f'(z_{l-1})
    """

    def __init__(self, network: Network, theta: Tensor, examples: int) -> None:
        rows = theta.shape[0]
        activation = ACTIVATIONS[network.activation]
        derivative = activation.derivative
        self.activate = activation.facts.get("into") or (lambda z, out, room: out.copy_(activation(z)))
        self.through = activation.facts.get("through") or (lambda d, z, h: d.mul_(derivative(z, h)))
        W = network.blocks(theta)  # each [R, fan_in + 1, fan_out]
        W_T = [block[:, :-1].mT for block in W]  # without the biases: no delta flows into the 1
        h1 = [theta.new_ones(rows, examples, a) for a, _ in network.shapes]  # [h, 1], the 1s stay
        h = [v[..., :-1] for v in h1]
        z = self.z = [theta.new_empty(rows, examples, b) for _, b in network.shapes]
        room = [Room.like(theta, rows, examples, a - 1) for a, _ in network.shapes]
        delta = [buffer.shaped for buffer in room]  # the forward pass may use them: they are filled after it
        self.parts = [theta.new_empty(rows, a, b) for a, b in network.shapes]  # the gradient, layer by layer
        self.flat = [part.flatten(1) for part in self.parts]
        self.gradient = torch.empty_like(theta)
        self.first = W[0]
        self.up = list(zip(h[1:], h1[1:], room[1:], W[1:], z[1:], strict=True))
        h1_T = [v.mT for v in h1[1:]]
        # delta W^T; with one output there is nothing to sum: the same products, quicker
        chain = [torch.mul if b == 1 else torch.bmm for _, b in network.shapes[1:]]
        down = list(zip(h1_T, self.parts[1:], chain, W_T[1:], delta[1:], z[:-1], h[1:], strict=True))
        self.down = down[::-1]

    def forward(self, x1: Tensor) -> Tensor:
        """x1 [R, B, D + 1], the examples with a column of ones -> prediction [R, B, K]."""
        self.x1 = x1
        z = product(x1, self.first, self.z[0])
        for h, h1, room, block, above in self.up:
            self.activate(z, h, room)
            z = product(h1, block, above)
        return z

    def backward(self, delta: Tensor) -> Tensor:
        """delta [R, B, K] = d cost / d prediction, after `forward` -> d cost / d theta [R, P].

        The result is one buffer that the next call overwrites.
        """
        for h1_T, part, chain, block_T, below, z, h in self.down:
            product(h1_T, delta, part)
            delta = self.through(chain(delta, block_T, out=below), z, h)
        product(self.x1.mT, delta, self.parts[0])
        return torch.cat(self.flat, dim=1, out=self.gradient)


class Asked:
    """Only what a network says, for whoever needs no way back: nothing is kept for it."""

    def __init__(self, network: Network, theta: Tensor) -> None:
        self.network, self.theta = network, theta

    def forward(self, x1: Tensor) -> Tensor:
        """See `Chain`."""
        return self.network.predict(self.theta, x1[..., :-1])

    def backward(self, delta: Tensor) -> Tensor:
        raise TypeError("This chain was made without a way back: ask the network for one with it.")


class Autograd:
    """The passes of any network by autograd on its `predict`, where the backward pass is not the lesson."""

    def __init__(self, network: Network, theta: Tensor) -> None:
        self.network, self.theta = network, theta

    def forward(self, x1: Tensor) -> Tensor:
        """See `Chain`."""
        with torch.inference_mode(False), torch.enable_grad():  # `computing` turns autograd off
            self.leaf = self.theta.clone().requires_grad_()
            self.prediction = self.network.predict(self.leaf, x1[..., :-1].clone())
        return self.prediction.detach().clone()

    def backward(self, delta: Tensor) -> Tensor:
        """See `Chain`."""
        with torch.inference_mode(False):
            (gradient,) = torch.autograd.grad(self.prediction, self.leaf, delta.clone())
        return gradient


def product(a: Tensor, b: Tensor, out: Tensor) -> Tensor:
    """a [R, n, m] times b [R, m, k] into out [R, n, k], which is contiguous.

    One column is computed as one row, b^T a^T, whose numbers lie in the same order: MKL takes as long over
    one column as over 32, and a third to an eighth of that over one row.
    """
    if b.shape[-1] > 1:
        return torch.bmm(a, b, out=out)
    torch.bmm(b.mT, a.mT, out=out.view(len(out), 1, -1))
    return out


def with_ones(x: Tensor) -> Tensor:
    """[..., D] -> [..., D + 1] with a last column of ones, which the bias multiplies."""
    return torch.cat([x, x.new_ones(*x.shape[:-1], 1)], dim=-1)
