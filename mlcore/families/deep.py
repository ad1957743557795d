"""Deep networks: layers of one width, with residual connections and layer normalization where asked.

With f the activation, and residual connections as in He et al. 2016, Identity Mappings:

    h_1 = [x, 1] W_1          h_{l+1} = h_l + [f(h_l), 1] W_{l+1}          y_hat = [f(h_L), 1] W_{L+1}

Without the summand h_l these are the layers of a multilayer perceptron. With normalization f reads LN(h)
instead of h: the units of an example get mean 0 and variance 1 (Ba et al. 2016), without learned scales.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import layer_norm

from mlcore.families.activations import ACTIVATIONS
from mlcore.families.networks import Chain, Network


@dataclass(frozen=True)
class DeepNetwork(Network):
    """A `Network` whose hidden layers have one width."""

    residual: bool = False
    normalized: bool = False

    @property
    def plain(self) -> bool:
        return not (self.residual or self.normalized)

    def chain(self, theta: Tensor, examples: int) -> Chain:
        """By hand where it is a multilayer perceptron, as the lesson has it; else by autograd."""
        return super().chain(theta, examples) if self.plain else Autograd(self, theta)

    def predict(self, theta: Tensor, x: Tensor) -> Tensor:
        """theta [R, P], x [N, D] or [R, N, D] -> prediction [R, N, K]. Differentiable."""
        f = ACTIVATIONS[self.activation]
        first, *blocks, last = self.blocks(theta)
        h = _affine(x.expand(theta.shape[0], *x.shape[-2:]), first)
        for block in blocks:
            step = _affine(f(self._normalize(h)), block)
            h = h + step if self.residual else step
        return _affine(f(self._normalize(h)), last)

    def _normalize(self, h: Tensor) -> Tensor:
        return layer_norm(h, h.shape[-1:]) if self.normalized else h


def _affine(h: Tensor, block: Tensor) -> Tensor:
    return torch.bmm(h, block[:, :-1]) + block[:, -1:]


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
