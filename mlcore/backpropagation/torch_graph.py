"""The same graph by PyTorch itself: what it stores for the way back, and what becomes of `.grad`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from mlcore.backpropagation.graph import Graph
from mlcore.formulas.operations import Step

NAMES = {"min": "minimum", "max": "maximum", "+": "add", "-": "sub", "*": "mul", "/": "div", "^": "pow",
         "negative": "neg"}  # fmt: skip  # where torch's name is another
Grads = tuple[float | None, ...]


@dataclass(frozen=True)
class Kept:
    """What PyTorch keeps of a graph with n nodes."""

    stored: tuple[tuple[float, ...], ...]  # [n] the values that an operation stores for its way back
    grads: tuple[Grads, ...]  # after each backward pass, the `.grad` of every input; None where it has none
    nodes: Grads  # [n] the derivative of the output with respect to each node, as one pass finds it


def run(
    graph: Graph,
    requires: Collection[int],
    detached: int | None = None,
    passes: int = 1,
    zero_grad: bool = True,
) -> Kept:
    """Build the graph with torch's own operations and go backward through it.

    `requires` names the inputs, by their place, that have `requires_grad`; the value of the node `detached`
    goes on without its history. With `zero_grad` the gradients are forgotten before each pass.
    """
    leaves = [
        torch.tensor(graph.values[graph.at(name)], dtype=torch.float64, requires_grad=i in requires)
        for i, name in enumerate(graph.inputs)
    ]
    grads: list[Grads] = []
    for _ in range(passes):
        if zero_grad:
            for leaf in leaves:
                leaf.grad = None
        values, stored = _forward(graph, leaves, detached)
        if values[-1].requires_grad:
            values[-1].backward(retain_graph=True)  # type: ignore[no-untyped-call]  # for `_slopes`
        grads.append(tuple(map(_grad, leaves)))
    return Kept(stored, tuple(grads), _slopes(values))


def _forward(
    graph: Graph, leaves: Sequence[Tensor], detached: int | None
) -> tuple[list[Tensor], tuple[tuple[float, ...], ...]]:
    """The value of every node, and what each operation has stored."""
    values: list[Tensor] = []
    stored: list[tuple[float, ...]] = []
    for i, step in enumerate(graph.steps):
        packed: list[float] = []

        def pack(value: Tensor, into: list[float] = packed) -> Tensor:
            into.append(float(value))
            return value

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda value: value):
            value = _value(graph, step, values, leaves)
        values.append(value.detach() if i == detached else value)
        stored.append(tuple(packed))
    return values, tuple(stored)


def _value(graph: Graph, step: Step, values: Sequence[Tensor], leaves: Sequence[Tensor]) -> Tensor:
    if step.parts:
        function = getattr(torch, NAMES.get(step.name, step.name))
        found: Tensor = function(*(values[i] for i in step.parts))
        return found
    if step.name:
        return leaves[graph.inputs.index(step.name)]
    return torch.tensor(step.number, dtype=torch.float64)


def _slopes(values: Sequence[Tensor]) -> Grads:
    needed = [value for value in values if value.requires_grad]
    if not values[-1].requires_grad:
        return (None,) * len(values)
    found = dict(
        zip(map(id, needed), torch.autograd.grad(values[-1], needed, allow_unused=True), strict=True)
    )
    slopes = (found.get(id(value)) for value in values)
    return tuple(None if slope is None else float(slope) for slope in slopes)


def _grad(leaf: Tensor) -> float | None:
    return None if leaf.grad is None else float(leaf.grad)
