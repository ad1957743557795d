"""Initializations: where theta starts. One layer is a block [fan_in + 1, fan_out], its last row the biases.

Drawn in float64 on a CPU generator, then moved, so that every device and precision starts from the same
numbers. Facts: `variance(fan_in, fan_out)` of a weight and, where biases do not start at 0, `bias_variance`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Generator, Tensor

from mlcore.base.registry import Registry

INITIALIZERS: Registry[Callable[[int, int, Generator], Tensor]] = Registry("initialization")


def _normal(fan_in: int, fan_out: int, g: Generator, variance: float) -> Tensor:
    """Weights N(0, variance), biases 0."""
    weights = math.sqrt(variance) * torch.randn(fan_in, fan_out, generator=g, dtype=torch.float64)
    return torch.cat([weights, torch.zeros(1, fan_out, dtype=torch.float64)])


@INITIALIZERS.add(
    title="He",
    formula=r"\mathcal{N}(0, 2/n_{in})",
    source="He et al. 2015, eq. 10",
    variance=lambda i, o: 2 / i,
)
def he(fan_in: int, fan_out: int, g: Generator) -> Tensor:
    return _normal(fan_in, fan_out, g, 2 / fan_in)


@INITIALIZERS.add(
    title="Xavier (Glorot)",
    formula=r"\mathcal{N}(0, 2/(n_{in} + n_{out}))",
    source="Glorot and Bengio 2010, eq. 12",
    variance=lambda i, o: 2 / (i + o),
)
def xavier(fan_in: int, fan_out: int, g: Generator) -> Tensor:
    return _normal(fan_in, fan_out, g, 2 / (fan_in + fan_out))


@INITIALIZERS.add(
    title="PyTorch default",
    formula=r"\mathcal{U}(-1/\sqrt{n_{in}}, 1/\sqrt{n_{in}})",
    source="torch.nn.Linear.reset_parameters",
    variance=lambda i, o: 1 / (3 * i),
    bias_variance=lambda i, o: 1 / (3 * i),
)
def torch_default(fan_in: int, fan_out: int, g: Generator) -> Tensor:
    uniform = torch.rand(fan_in + 1, fan_out, generator=g, dtype=torch.float64)
    return (2 * uniform - 1) / math.sqrt(fan_in)


@INITIALIZERS.add(title="Standard normal", formula=r"\mathcal{N}(0, 1)", source="", variance=lambda i, o: 1.0)
def normal(fan_in: int, fan_out: int, g: Generator) -> Tensor:
    return _normal(fan_in, fan_out, g, 1.0)


@INITIALIZERS.add(
    title="Zeros", formula=r"0", source="every hidden unit stays the same unit", variance=lambda i, o: 0.0
)
def zeros(fan_in: int, fan_out: int, g: Generator) -> Tensor:
    return torch.zeros(fan_in + 1, fan_out, dtype=torch.float64)
