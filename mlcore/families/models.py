"""Models by name: what stands between x and the prediction, as people choose it.

A linear model is a network without hidden layers; a polynomial model is a linear one on powers of x; a deep
network has up to 64 layers of one width; a convolution slides over images. All are networks on rows
(`networks.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import combinations_with_replacement

import torch
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.convolutions import Convolution
from mlcore.families.deep import DeepNetwork
from mlcore.families.initializers import INITIALIZERS
from mlcore.families.networks import Network

USED: dict[str, tuple[str, ...]] = {  # the fields of a `ModelSpec` that each kind of model reads
    "linear": (),
    "polynomial": ("degree",),
    "mlp": ("widths", "activation"),
    "deep": ("layers", "units", "activation", "residual", "normalized"),
    "convolution": ("channels", "activation"),
}
KINDS = tuple(USED)
MOST_FEATURES = 512  # columns a polynomial may expand to


@dataclass(frozen=True)
class ModelSpec:
    """What stands between x and the prediction. Only `hidden` and `power` say what is used."""

    kind: str = specs.choice("mlp", KINDS, "model")
    widths: tuple[int, ...] = specs.sizes((16, 16), "h", most=6, low=1, high=128)
    activation: str = specs.choice("tanh", ACTIVATIONS, "act")
    init: str = specs.choice("xavier", INITIALIZERS, "init")
    degree: int = specs.number(Knob(3, 1, 12, symbol="d", integer=True), "deg")
    # of a deep network: how many hidden layers, units of each, and what is added to the layers
    layers: int = specs.number(Knob(8, 1, 64, symbol="L", integer=True), "layers")
    units: int = specs.number(Knob(32, 1, 128, integer=True), "units")
    residual: bool = specs.flag(True, "skip")
    normalized: bool = specs.flag(False, "norm")
    channels: tuple[int, ...] = specs.sizes((16, 32), "ch", most=4, low=1, high=64)

    def __post_init__(self) -> None:
        specs.check(self)
        used = {"kind", "init", *USED[self.kind]} - (set() if self.hidden else {"activation"})
        specs.leave(self, (f.name for f in fields(self) if f.name not in used))

    @property
    def hidden(self) -> tuple[int, ...]:
        """Widths of the hidden layers, from input to output."""
        deep = (self.units,) * self.layers
        return {"mlp": self.widths, "deep": deep, "convolution": self.channels}.get(self.kind, ())

    @property
    def power(self) -> int:
        """The highest total degree of the features that the network reads."""
        return self.degree if self.kind == "polynomial" else 1

    def network(self, features: int, outputs: int) -> Network:
        sizes = (columns(features, self.power), *self.hidden, outputs)
        if self.kind == "deep":
            return DeepNetwork(sizes, self.activation, self.residual, self.normalized)
        if self.kind == "convolution":
            return Convolution.of(features, self.channels, outputs, self.activation)
        return Network(sizes, self.activation)

    def size(self, features: int, outputs: int) -> int:
        """P: how many numbers one row of theta has."""
        return self.network(features, outputs).size


def columns(features: int, degree: int) -> int:
    """How many columns `powers` makes: the monomials of total degree 1..degree."""
    count, total = 1, 0
    for d in range(1, degree + 1):
        count = count * (features + d - 1) // d
        total += count
    return total


def powers(x: Tensor, degree: int) -> Tensor:
    """All monomials of x [N, D] of total degree 1..degree -> [N, columns(D, degree)]."""
    if degree == 1:
        return x
    picks = (c for d in range(1, degree + 1) for c in combinations_with_replacement(range(x.shape[1]), d))
    return torch.stack([x[:, list(pick)].prod(dim=1) for pick in picks], dim=1)
