"""Backpropagation in matrices: one pass forward and back through a network, line by line as Python runs it.

`sys.settrace` tells which lines of `Backpropagation.forward` and `.backward` ran, and each line is known by
what it wrote: beforehand every buffer holds a number that no pass writes. With delta_l = d cost / d z_l:

    z_l = [h_(l-1), 1] W_l          h_l = f(z_l)          h_0 = x
    d cost / d W_l = [h_(l-1), 1]^T delta_l          delta_(l-1) = (delta_l W_l^T) * f'(z_(l-1))
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from types import FrameType
from typing import Any, NamedTuple

import torch
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.base.device import computing
from mlcore.base.experiment import Report, run, silent
from mlcore.base.registry import Knob
from mlcore.families.losses import cost, cost_gradient
from mlcore.families.networks import Backpropagation, Network, with_ones
from mlcore.training.stepping import StepSpec, look
from mlcore.training.tasks import Task, TrainSpec, prepare

UNWRITTEN = -1.2345e300  # in a buffer that nobody has written yet
FORWARD, BACKWARD = Backpropagation.forward, Backpropagation.backward


@dataclass(frozen=True)
class PassSpec:
    """The first replica of a training after so many of its steps, with the minibatch of the next one."""

    train: TrainSpec = specs.part(TrainSpec)
    step: int = specs.number(Knob(0, 0, 19_999, integer=True), "k")

    def __post_init__(self) -> None:
        specs.check(self)
        object.__setattr__(self, "step", min(self.step, self.train.steps - 1))
        alone = replace(self.train, replicas=1) if self.train.sweep == "seed" else self.train
        object.__setattr__(self, "train", alone)

    @property
    def seconds(self) -> float:
        """About how long the steps before take, and all examples once."""
        sizes = (30, *self.train.model.hidden, 5)
        weights = sum(a * b for a, b in pairwise(sizes))
        batch = self.train.batch_size or 1000
        return 0.05 + 1e-6 * weights + self.step * (1.5e-4 + 3e-5 * len(sizes) + 4e-10 * batch * weights)


class Moment(NamedTuple):
    """A line of the listing, and what it wrote: a name of `Sizes`, and of which layer."""

    line: int
    what: str
    layer: int


@dataclass(frozen=True)
class Sizes:
    """Root mean squares of layers 1 to L, and norms of the gradients of W_1 to W_L."""

    z: tuple[float, ...]
    h: tuple[float, ...]  # of h_0 to h_(L-1)
    W: tuple[float, ...]
    delta: tuple[float, ...]
    slope: tuple[float, ...]  # of d cost / d W_l
    norm: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Pass:
    """What the lines did, in their order, and how large all of it is."""

    spec: PassSpec
    widths: tuple[int, ...]  # D, those of the hidden layers, K
    examples: int
    moments: tuple[Moment, ...]
    sizes: Sizes
    target: float  # root mean square of y
    cost: float
    residual: float  # how far autograd's gradient lies from this one, relative to its largest number
    plain: bool  # whether the training takes these passes itself

    @property
    def layers(self) -> int:
        return len(self.widths) - 1

    @property
    def norm(self) -> float:
        """Of the whole gradient."""
        return float(torch.tensor(self.sizes.norm, dtype=torch.float64).norm())


def listing() -> tuple[str, ...]:
    """The lines of both passes, as they stand in the source, without what their docstrings say."""
    return (*_source(FORWARD).values(), "", *_source(BACKWARD).values())


def _source(function: Callable[..., Any]) -> dict[int, str]:
    """The lines of a function by their number within it, from 0."""
    text = textwrap.dedent(inspect.getsource(function))
    lines, (definition,) = dict(enumerate(text.splitlines())), ast.parse(text).body
    assert isinstance(definition, ast.FunctionDef)
    if ast.get_docstring(definition) is not None:
        told = definition.body[0]
        for number in range(told.lineno - 1, told.end_lineno or told.lineno):
            del lines[number]
    return lines


class Passes:
    """Both passes at one theta [1, P] on one minibatch, followed line by line."""

    def __init__(
        self, network: Network, theta: Tensor, x: Tensor, y: Tensor, loss: str, **knobs: Any
    ) -> None:
        chain = Backpropagation(network, theta, x.shape[1])
        self.W, self.z, self.slopes = network.blocks(theta), chain.z, chain.parts
        layers = range(1, len(self.W) + 1)
        self.h = [x, *(h for h, *_ in chain.up)]
        below = [delta for *_, delta, _, _ in reversed(chain.down)]  # delta_1 to delta_(L-1)
        up = {("z", k): z for k, z in zip(layers, self.z, strict=True)}
        up |= {("h", k): h for k, h in zip(layers, self.h[1:], strict=False)}
        down = {("slope", k): part for k, part in zip(layers, self.slopes, strict=True)}
        down |= {("delta", k): delta for k, delta in zip(layers, below, strict=False)}
        down["gradient", 0] = chain.gradient
        there, way = Followed(FORWARD, up), Followed(BACKWARD, down, first=len(_source(FORWARD)) + 1)
        self.prediction = there(chain, with_ones(x))
        self.cost = float(cost(loss, self.prediction, y, **knobs))
        delta = cost_gradient(loss, self.prediction, y, **knobs)
        self.gradient = way(chain, delta)
        self.delta = [*below, delta]
        arrives = Moment(way.lines[0].line, "delta", len(self.W))
        self.moments = (
            Moment(there.lines[0].line, "x", 0), *there.wrote(), Moment(there.lines[-1].line, "cost", 0),
            arrives, *way.wrote(),
        )  # fmt: skip


class Followed:
    """A function whose lines are noted as they run, each with the buffers that it wrote."""

    def __init__(
        self, function: Callable[..., Tensor], buffers: Mapping[tuple[str, int], Tensor], first: int = 0
    ) -> None:
        self.function, self.code = function, function.__code__
        self.places = {self.code.co_firstlineno + n: first + i for i, n in enumerate(_source(function))}
        self.waiting = dict(buffers)
        self.lines: list[Moment] = []

    def __call__(self, *args: Any) -> Tensor:
        for buffer in self.waiting.values():
            buffer.fill_(UNWRITTEN)
        before = sys.gettrace()
        sys.settrace(self._called)
        try:
            return self.function(*args)
        finally:
            sys.settrace(before)

    def wrote(self) -> list[Moment]:
        return [moment for moment in self.lines if moment.what]

    def _called(self, frame: FrameType, event: str, arg: Any) -> Any:
        if frame.f_code is not self.code:
            return None
        self._note(frame)
        return self._ran

    def _ran(self, frame: FrameType, event: str, arg: Any) -> Any:
        """Before the next line and at the end: what has the last one written?"""
        written = [key for key, buffer in self.waiting.items() if not (buffer == UNWRITTEN).any()]
        for key in written:
            del self.waiting[key]
            self.lines[-1] = Moment(self.lines[-1].line, *key)
        if event == "line":
            self._note(frame)
        return self._ran

    def _note(self, frame: FrameType) -> None:
        self.lines.append(Moment(self.places[frame.f_lineno], "", 0))


@run.register
def both_ways(spec: PassSpec, report: Report = silent) -> Pass:
    """Take the training to the step, then both passes of its minibatch, in float64."""
    step = look(StepSpec(spec.train, spec.step), report)
    task = prepare(spec.train, torch.float64)
    network = Network(task.network.sizes, task.network.activation)
    theta, x, y = (torch.from_numpy(v)[None] for v in (step.theta, step.x, step.target))
    with computing():
        found = Passes(network, theta, x, y, spec.train.loss, **task.loss_knobs)
        true = autograd(network, theta, x, y, spec.train.loss, task)
        away = (found.gradient - true).abs().max() / true.abs().max().clamp_min(1e-300)
        return Pass(
            spec, network.sizes, x.shape[1], found.moments, sizes(found), rms(y), found.cost, float(away),
            task.network.plain,
        )  # fmt: skip


def autograd(network: Network, theta: Tensor, x: Tensor, y: Tensor, loss: str, task: Task) -> Tensor:
    """d cost / d theta [1, P] by autograd on the network's prediction."""
    with torch.inference_mode(False), torch.enable_grad():
        leaf, x, y = theta.clone().requires_grad_(), x.clone(), y.clone()
        level = cost(loss, network.predict(leaf, x), y, **task.loss_knobs)
        return torch.autograd.grad(level.sum(), leaf)[0]


def sizes(found: Passes) -> Sizes:
    columns = (found.z, found.h, found.W, found.delta, found.slopes)
    z, h, W, delta, slope = (tuple(map(rms, column)) for column in columns)
    return Sizes(z, h, W, delta, slope, tuple(float(part.norm()) for part in found.slopes))


def rms(values: Tensor) -> float:
    """Root mean square of all numbers."""
    return float(values.square().mean().sqrt())
