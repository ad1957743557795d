"""Convolutional networks on rows: an example is a square image, a list of side * side pixels.

Layer by layer a kernel of 3 x 3 pixels slides over the image, f follows, and the size stays; then the largest
of every 2 x 2 pixels is kept, and an affine layer reads what is left (LeCun et al. 1998, LeNet):

    h_{l+1} = f(b_l + sum over offsets (i, j) in {-1, 0, 1}^2 of h_l[shifted by (i, j)] W_l[i, j])
    y_hat = [flat(pool(h_L)), 1] W_{L+1}

A kernel is a matrix of 9 * channels rows and a last one of biases, in the order of torch's `Conv2d`. So a
unit is a channel, its fan-in is 9 * channels, and initializations and penalties treat it as any other layer.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import isqrt

import torch
from torch import Tensor
from torch.nn.functional import conv2d, max_pool2d

from mlcore.families.activations import ACTIVATIONS
from mlcore.families.networks import Network

KERNEL = 3  # pixels of a kernel's side
POOL = 2  # pixels of a side of which the largest is kept


class OverImages(Network):
    """A network on images, which says in `row` what one row of theta does."""

    @property
    def plain(self) -> bool:
        return False

    def predict(self, theta: Tensor, x: Tensor) -> Tensor:
        """theta [R, P], x [N, D] or [R, N, D] -> prediction [R, N, K]. Differentiable.

        Row by row: torch's convolution fills a core with one network, and is slower for several at once. So
        each is also the same alone and among others.
        """
        x = x.expand(len(theta), *x.shape[-2:])
        rows = zip(theta.split(1), x, strict=True)  # type: ignore[no-untyped-call]
        return torch.stack([self.row([block[0] for block in self.blocks(row)], seen) for row, seen in rows])

    def row(self, blocks: list[Tensor], x: Tensor) -> Tensor:
        """The matrices of one network and its images [N, D] -> [N, K]."""
        raise NotImplementedError


@dataclass(frozen=True)
class Convolution(OverImages):
    """`sizes` counts all numbers of a layer, side * side * channels; the weights are shared among pixels."""

    channels: tuple[int, ...]  # of the convolutions; without any the pooled image itself is read

    @classmethod
    def of(cls, features: int, channels: tuple[int, ...], outputs: int, activation: str) -> Convolution:
        """Raises `ValueError` if the features are no square image with an even side."""
        side = isqrt(features)
        if side * side != features or side % POOL:
            raise ValueError(f"{features} features are no square image with an even side.")
        return cls((features, *(c * features for c in channels), outputs), activation, channels)

    @property
    def side(self) -> int:
        return isqrt(self.sizes[0])

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """[fan_in + 1, channels] of each convolution, and of the affine layer."""
        read = (1, *self.channels)
        flat = read[-1] * (self.side // POOL) ** 2
        kernels = [(KERNEL**2 * a + 1, b) for a, b in pairwise(read)]
        return [*kernels, (flat + 1, self.sizes[-1])]

    @property
    def products(self) -> int:
        """A kernel is used at every pixel."""
        *kernels, last = (a * b for a, b in self.shapes)
        return self.sizes[0] * sum(kernels) + last

    def row(self, blocks: list[Tensor], x: Tensor) -> Tensor:
        *kernels, last = blocks
        h = x.reshape(-1, 1, self.side, self.side)
        for block in kernels:
            h = ACTIVATIONS[self.activation](convolve(h, block))
        h = max_pool2d(h, POOL).flatten(1)
        return h @ last[:-1] + last[-1:]


def convolve(h: Tensor, block: Tensor, spread: int = 1) -> Tensor:
    """Images h [N, C, H, W] and a block [9 C + 1, C'] -> [N, C', H, W], zeros around the images.

    With `spread` s the nine pixels lie s apart, so that a kernel sees (2 s + 1)^2 (Yu and Koltun 2016)."""
    kernel = block[:-1].T.reshape(block.shape[1], h.shape[1], KERNEL, KERNEL)
    return conv2d(h, kernel, block[-1], padding=spread, dilation=spread)
