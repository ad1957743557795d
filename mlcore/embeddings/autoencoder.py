"""An autoencoder on rows: x -> code -> x, trained to give back what it was given.

The code is the output of an affine layer, without an activation: with affine layers alone the best
autoencoder spans the first principal components (Baldi and Hornik 1989), and its error is the sum of the
eigenvalues that are left out. Errors are shares of the variance of x around the training mean.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.base.device import computing, off_device, on_device
from mlcore.base.experiment import Report, run, silent
from mlcore.base.registry import Knob
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.networks import Network, with_ones
from mlcore.training.data import Data, DataSpec, load
from mlcore.training.descent import adam
from mlcore.training.draws import generator
from mlcore.training.training import minibatch_rows, recorded_steps

KINDS = ("linear", "deep")
CODES = 16  # numbers of a code, at most
BATCH = 64
INIT = "xavier"
FLOATS = NDArray[np.float64]
DIGITS = DataSpec("digits", examples=1797)


@dataclass(frozen=True)
class AutoencoderSpec:
    """One autoencoder and its training. Fields that do not apply are set back to their defaults."""

    data: DataSpec = specs.part(DataSpec, DIGITS)
    kind: str = specs.choice("deep", KINDS, "aekind")
    code: int = specs.number(Knob(2, 1, CODES, symbol="c", integer=True), "aecode")
    units: int = specs.number(Knob(64, 4, 128, symbol="n", log=True, integer=True), "aeunits")
    activation: str = specs.choice("tanh", ACTIVATIONS, "aeact")
    noise: float = specs.number(Knob(0.0, 0.0, 2.0, symbol=r"\sigma"), "aenoise")
    lr: float = specs.number(Knob(0.01, 1e-4, 0.1, symbol=r"\eta", log=True), "aelr")
    steps: int = specs.number(Knob(1500, 100, 5000, symbol="T", log=True, integer=True), "aesteps")
    seed: int = specs.number(Knob(0, 0, 9999, integer=True), "aeseed")

    def __post_init__(self) -> None:
        specs.check(self)
        if self.kind == "linear":
            specs.leave(self, ("units", "activation"))

    def network(self, features: int) -> Autoencoder:
        hidden = (self.units,) if self.kind == "deep" else ()
        return Autoencoder((features, *hidden, self.code, *hidden, features), self.activation)


@dataclass(frozen=True)
class Autoencoder(Network):
    """A network whose middle layer, the code, has no activation."""

    @property
    def middle(self) -> int:
        """How many layers encode."""
        return (len(self.sizes) - 1) // 2

    @property
    def plain(self) -> bool:
        return False

    def predict(self, theta: Tensor, x: Tensor) -> Tensor:
        """theta [R, P], x [N, D] or [R, N, D] -> what is given back [R, N, D]. Differentiable."""
        return self.decode(theta, self.encode(theta, x))

    def encode(self, theta: Tensor, x: Tensor) -> Tensor:
        """x [N, D] or [R, N, D] -> code [R, N, c]."""
        return self._through(self.blocks(theta)[: self.middle], x.expand(len(theta), *x.shape[-2:]))

    def decode(self, theta: Tensor, code: Tensor) -> Tensor:
        """code [N, c] or [R, N, c] -> [R, N, D]."""
        return self._through(self.blocks(theta)[self.middle :], code.expand(len(theta), *code.shape[-2:]))

    def _through(self, blocks: list[Tensor], h: Tensor) -> Tensor:
        """Layers with an activation between them, and none behind the last."""
        for i, block in enumerate(blocks):
            h = torch.bmm(h, block[:, :-1]) + block[:, -1:]
            if i < len(blocks) - 1:
                h = ACTIVATIONS[self.activation](h)
        return h


@dataclass(frozen=True, eq=False)
class Centered:
    """The data as an autoencoder sees them: around the training mean, in units of one standard deviation
    over all features, so that distances keep their proportions. float64 on the CPU."""

    data: Data
    mean: Tensor  # [D]
    scale: float

    @property
    def train(self) -> Tensor:
        return (self.data.x - self.mean) / self.scale

    @property
    def test(self) -> Tensor:
        return (self.data.x_test - self.mean) / self.scale

    def back(self, x: Tensor) -> Tensor:
        """Into the units of the data set."""
        return self.data.raw(x * self.scale + self.mean)


def in_units(data: DataSpec) -> DataSpec:
    """Pixels share one unit: digits are never standardized, other data where their spec says so."""
    return replace(data, standardize=False) if data.name == "digits" else data


@lru_cache(maxsize=8)
@torch.inference_mode(False)
def centered(spec: DataSpec) -> Centered:
    """Raises `DataError` or `tables.TableError`."""
    data = load(in_units(spec))
    mean = data.x.mean(0)
    scale = float((data.x - mean).square().mean().sqrt()) or 1.0
    return Centered(data, mean, scale)


def drawn_noise(like: Tensor, seed: int) -> Tensor:
    """Gaussian noise of variance 1 for examples [N, D]."""
    return torch.randn(like.shape, generator=generator(seed, "noise"), dtype=torch.float64)


def unexplained(given: Tensor, back: Tensor) -> Tensor:
    """|x - back|^2 over |x|^2, x around the training mean: [N, D], [..., N, D] -> [...]."""
    found: Tensor = (back - given).square().sum((-1, -2)) / given.square().sum().clamp_min(1e-300)
    return found


@dataclass(frozen=True, eq=False)
class Encoded:
    """An autoencoder and how it came about. T recorded steps."""

    spec: AutoencoderSpec
    network: Autoencoder
    step: NDArray[np.int64]  # [T]
    theta: NDArray[np.float32]  # [T, P]
    train: FLOATS  # [T] share of the variance that is lost
    test: FLOATS  # [T]

    @property
    def seen(self) -> Centered:
        return centered(self.spec.data)

    def rows(self, moment: int = -1) -> Tensor:
        """theta [1, P] float64 at a recorded step."""
        return torch.from_numpy(self.theta[moment]).double()[None]


@run.register
@computing()
def autoencode(spec: AutoencoderSpec, report: Report = silent) -> Encoded:
    """Adam with a rate that falls to 0, on minibatches; `report` gets the errors so far."""
    seen = centered(spec.data)
    network = spec.network(seen.train.shape[1])
    theta = on_device(network.init(INIT, [generator(spec.seed, "autoencoder")]), torch.float32)
    x, test = (on_device(part[None], torch.float32) for part in (seen.train, seen.test))
    batch = min(BATCH, x.shape[1])
    rows = on_device(minibatch_rows(x.shape[1], batch, spec.steps + 1, spec.seed))
    noise = on_device(spec.noise * drawn_noise(seen.train, spec.seed)[None], torch.float32)
    passes = network.chain(theta, batch)

    def gradient(t: int) -> Tensor:
        wanted, spoiled = x[:, rows[t]], noise[:, (rows[t] + t) % x.shape[1]]  # other noise at every step
        back = passes.forward(with_ones(wanted + spoiled))
        return passes.backward(2 * (back - wanted) / back[0].numel())

    kept, lost = list[Tensor](), list[list[float]]()
    steps = recorded_steps(spec.steps)
    for _ in adam(theta, gradient, spec.lr, spec.steps, steps, report):
        kept.append(off_device(theta[0]).clone())
        backs = (unexplained(part[0], network.predict(theta, part)[0]) for part in (x, test))
        lost.append([float(off_device(found)) for found in backs])
    errors = np.array(lost).T
    return Encoded(spec, network, np.array(steps), torch.stack(kept).numpy(), errors[0], errors[1])
