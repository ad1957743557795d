"""Deep networks: layers of one width, with residual connections and layer normalization where asked.

With f the activation, and residual connections as in He et al. 2016, Identity Mappings:

    h_1 = [x, 1] W_1          h_{l+1} = h_l + [f(h_l), 1] W_{l+1}          y_hat = [f(h_L), 1] W_{L+1}

Without the summand h_l these are the layers of a multilayer perceptron. With normalization f reads LN(h)
instead of h: the units of an example get mean 0 and variance 1 (Ba et al. 2016), without learned scales.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import layer_norm

from mlcore.families.activations import ACTIVATIONS
from mlcore.families.networks import Network


@dataclass(frozen=True)
class DeepNetwork(Network):
    """A `Network` whose hidden layers have one width."""

    residual: bool = False
    normalized: bool = False

    @property
    def plain(self) -> bool:
        return not (self.residual or self.normalized)

    def predict(self, theta: Tensor, x: Tensor) -> Tensor:
        """theta [R, P], x [N, D] or [R, N, D] -> prediction [R, N, K]. Differentiable."""
        *hidden, last = self.blocks(theta)
        return self.read(last, deque(self.states(hidden, x), maxlen=1).pop())

    def states(self, blocks: Sequence[Tensor], x: Tensor) -> Iterator[Tensor]:
        """h_1 to h_L [R, N, n], one after the other, by the matrices of the hidden layers."""
        f = ACTIVATIONS[self.activation]
        h = _affine(x.expand(blocks[0].shape[0], *x.shape[-2:]), blocks[0])
        yield h
        for block in blocks[1:]:
            step = _affine(f(self._normalize(h)), block)
            h = h + step if self.residual else step
            yield h

    def read(self, last: Tensor, h: Tensor) -> Tensor:
        """The prediction [R, N, K] from h_L, by the matrix of the output."""
        return _affine(ACTIVATIONS[self.activation](self._normalize(h)), last)

    def _normalize(self, h: Tensor) -> Tensor:
        return layer_norm(h, h.shape[-1:]) if self.normalized else h


def _affine(h: Tensor, block: Tensor) -> Tensor:
    return torch.bmm(h, block[:, :-1]) + block[:, -1:]
