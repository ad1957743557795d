"""What is captured: a typed expression, a branch or a loop, as functions that PyTorch and JAX can run.

A function is a loop over the steps of a `Program`: text is parsed into steps and never compiled as Python.
Numbers stay Python numbers, as in a program that a student would write.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from mlcore.formulas.formula import Formula
from mlcore.formulas.operations import OPERATIONS, Program

Function = Callable[..., Any]
"""Tensors of one shape -> a tensor of that shape."""
SIGNS: dict[str, Function] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "^": operator.pow,
    "negative": operator.neg,
}  # fmt: skip
ALONE = ("sin", "cos", "tan", "exp", "log", "sqrt", "abs", "tanh", "sigmoid", "relu")


def _lesser(a: Any, b: Any) -> Any:
    """The smaller, where one may be a number of Python."""
    if isinstance(a, float):
        a, b = b, a
    return torch.clamp(a, max=b) if isinstance(b, float) else torch.minimum(a, b)


def _greater(a: Any, b: Any) -> Any:
    if isinstance(a, float):
        a, b = b, a
    return torch.clamp(a, min=b) if isinstance(b, float) else torch.maximum(a, b)


TORCH: Mapping[str, Function] = {
    **SIGNS,
    **{name: getattr(torch, name) for name in ALONE},
    "min": _lesser,
    "max": _greater,
}


def for_jax() -> Mapping[str, Function]:
    """The same operations by JAX. Raises ImportError where it is not installed."""
    import jax
    import jax.numpy as jnp

    own = {name: getattr(jnp, name) for name in ALONE if name not in ("sigmoid", "relu")}
    return {**SIGNS, **own, "sigmoid": jax.nn.sigmoid, "relu": jax.nn.relu, "min": jnp.minimum,
            "max": jnp.maximum}  # fmt: skip


def elementwise(formula: Formula, names: Sequence[str], library: Mapping[str, Function] = TORCH) -> Function:
    """The formula as a function of one array for each name.

    What depends on no input is worked out beforehand, as Python would with plain numbers.
    """
    steps = Program(formula.tree, names, as_typed=True).steps
    numbers: list[float | None] = []
    for step in steps:
        known = [torch.tensor(numbers[i], dtype=torch.float64) for i in step.parts if numbers[i] is not None]
        if step.moves:
            numbers.append(None)
        else:
            numbers.append(float(OPERATIONS[step.name].value(*known)) if step.parts else step.number)
    plan = tuple(
        (library[step.name] if step.parts else None, step.parts, number,
         names.index(step.name) if step.moves and not step.parts else -1)
        for step, number in zip(steps, numbers, strict=True)
    )  # fmt: skip

    def function(*given: Any) -> Any:
        values: list[Any] = []
        for call, parts, number, place in plan:
            if number is not None:
                values.append(number)
            elif call is None:
                values.append(given[place])
            else:
                values.append(call(*[values[i] for i in parts]))
        return values[-1]

    return function


def branch(condition: Function, then: Function, other: Function) -> Function:
    """f(x) = then(x) if the sum of condition(x) is above 0, else other(x)."""

    def function(x: Any) -> Any:
        if condition(x).sum() > 0:
            return then(x)
        return other(x)

    return function


def loop(condition: Function, body: Function) -> Function:
    """x <- body(x) while the sum of condition(x) is above 0."""

    def function(x: Any) -> Any:
        while condition(x).sum() > 0:
            x = body(x)
        return x

    return function
