"""What a formula may do: operations on tensors with their local derivatives, and a program made of them.

A `Node` is a tree of operations; a `Program` is the same as a list of steps, equal parts once. Values go
forward through the steps and gradients backward (the chain rule, as in `models.Backpropagation`), all in
plain tensor operations: autograd may differentiate the gradient again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mlcore.base.device import constant
from mlcore.families.activations import FAR


@dataclass(frozen=True)
class Operation:
    """`value(*arguments)`, and for each argument `slope(result, *arguments)`, the derivative along it."""

    value: Callable[..., Tensor]
    slopes: tuple[Callable[..., Tensor], ...]

    @property
    def arguments(self) -> int:
        return len(self.slopes)


def _along_base(out: Tensor, a: Tensor, b: Tensor) -> Tensor:
    return torch.where(b == 0, 0.0, b * a ** (b - 1))  # a^0 is 1 at a = 0 too, where a^-1 is infinite


def _along_exponent(out: Tensor, a: Tensor, b: Tensor) -> Tensor:
    return torch.where(out == 0, 0.0, out * torch.log(a))


def _taken(out: Tensor, one: Tensor, other: Tensor) -> Tensor:
    """Of min and max along `one`: 1 where it is the result, 1/2 where both are."""
    return 0.5 * (one == out).to(out) + 0.5 * (other != out).to(out)


def _sigmoid(a: Tensor) -> Tensor:
    """As `activations.sigmoid`, without the seam of torch's; in float64 right down to e^-700."""
    far = 700.0 if a.dtype == torch.float64 else FAR
    return torch.exp(torch.clamp_max(-a, far)).add(1).reciprocal()


def _same(out: Tensor, a: Tensor, b: Tensor) -> Tensor:
    return torch.ones_like(out)


CHOICE = (_taken, lambda out, a, b: _taken(out, b, a))
OPERATIONS: dict[str, Operation] = {
    "+": Operation(lambda a, b: a + b, (_same, _same)),
    "-": Operation(lambda a, b: a - b, (_same, lambda out, a, b: -torch.ones_like(out))),
    "*": Operation(lambda a, b: a * b, (lambda out, a, b: b, lambda out, a, b: a)),
    "/": Operation(lambda a, b: a / b, (lambda out, a, b: 1 / b, lambda out, a, b: -out / b)),
    "^": Operation(lambda a, b: a**b, (_along_base, _along_exponent)),
    "negative": Operation(lambda a: -a, (lambda out, a: -torch.ones_like(out),)),
    "sin": Operation(torch.sin, (lambda out, a: torch.cos(a),)),
    "cos": Operation(torch.cos, (lambda out, a: -torch.sin(a),)),
    "tan": Operation(torch.tan, (lambda out, a: 1 + out * out,)),
    "exp": Operation(torch.exp, (lambda out, a: out,)),
    "log": Operation(torch.log, (lambda out, a: 1 / a,)),
    "sqrt": Operation(torch.sqrt, (lambda out, a: 0.5 / out,)),
    "abs": Operation(torch.abs, (lambda out, a: torch.sign(a),)),
    "tanh": Operation(torch.tanh, (lambda out, a: 1 - out * out,)),
    "sigmoid": Operation(_sigmoid, (lambda out, a: out * (1 - out),)),
    "relu": Operation(torch.relu, (lambda out, a: (a > 0).to(out),)),
    "min": Operation(torch.minimum, CHOICE),
    "max": Operation(torch.maximum, CHOICE),
}
FUNCTIONS = {name: operation for name, operation in OPERATIONS.items() if name.isalpha()}
del FUNCTIONS["negative"]  # written as a sign


@dataclass(frozen=True)
class Node:
    """An operation on other nodes. Without any: a variable, or, without a name, a number."""

    name: str = ""
    parts: tuple[Node, ...] = ()
    number: float = 0.0


SMALL: dict[float, Callable[[Node], Node]] = {  # powers that are products: several times as fast
    2.0: lambda a: Node("*", (a, a)),
    3.0: lambda a: Node("*", (Node("*", (a, a)), a)),
    4.0: lambda a: Node("*", (Node("*", (a, a)), Node("*", (a, a)))),
}


@dataclass(frozen=True)
class Step:
    """One entry of a program; `parts` says where its arguments stand in the list."""

    name: str
    parts: tuple[int, ...]
    number: float
    moves: bool  # with a variable

    def value(self, values: Sequence[Tensor]) -> Tensor:
        return OPERATIONS[self.name].value(*(values[i] for i in self.parts))


def _shape(given: Sequence[Tensor]) -> tuple[int, ...]:
    return np.broadcast_shapes(*(tuple(v.shape) for v in given))


class Program:
    """The steps of a tree; the last one is the result.

    `as_typed` leaves every operation as it is, and every number where it is written: else numbers are worked
    out, and small powers are products.
    """

    def __init__(self, tree: Node, variables: Sequence[str], as_typed: bool = False) -> None:
        self.variables, self.as_typed = tuple(variables), as_typed
        self.steps: list[Step] = []
        self._places: dict[Node, int] = {}
        self._place(tree)

    def _place(self, node: Node) -> int:
        """Where the value of `node` stands; what does not depend on a variable is worked out now."""
        if (
            not self.as_typed
            and node.name == "^"
            and node.parts[1].number in SMALL
            and not node.parts[1].name
        ):
            node = SMALL[node.parts[1].number](node.parts[0])
        if node not in self._places or (self.as_typed and not node.name):
            parts, number = tuple(map(self._place, node.parts)), node.number
            moves = node.name in self.variables or any(self.steps[i].moves for i in parts)
            step = Step(node.name, parts, number, moves)
            if parts and not moves and not self.as_typed:
                fixed = [constant(self.steps[i].number, torch.float64) for i in range(len(self.steps))]
                step = Step("", (), float(step.value(fixed)), False)
            self._places[node] = len(self.steps)
            self.steps.append(step)
        return self._places[node]

    def run(self, given: Sequence[Tensor]) -> list[Tensor]:
        """The value of every step, for one tensor for each variable."""
        values: list[Tensor] = []
        for step in self.steps:
            if step.parts:
                values.append(step.value(values))
            elif step.moves:
                values.append(given[self.variables.index(step.name)])
            else:
                values.append(constant(step.number, given[0].dtype))
        return values

    def __call__(self, *given: Tensor) -> Tensor:
        return self.run(given)[-1].expand(_shape(given))

    def gradient(self, *given: Tensor) -> list[Tensor]:
        """The derivative along each variable: from the last step back to the first."""
        values = self.run(given)
        shape = _shape(given)
        found = [given[0].new_zeros(shape) for _ in given]
        pulls: dict[int, Tensor] = {len(values) - 1: given[0].new_ones(shape)}
        for i in reversed(range(len(values))):
            step, pull = self.steps[i], pulls.get(i)
            if not step.moves or pull is None:
                continue
            if not step.parts:
                found[self.variables.index(step.name)] = pull
            arguments = [values[j] for j in step.parts]
            for along, j in enumerate(step.parts):
                if self.steps[j].moves:
                    share = pull * OPERATIONS[step.name].slopes[along](values[i], *arguments)
                    pulls[j] = pulls[j] + share if j in pulls else share
        return found
