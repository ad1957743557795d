"""The expressions of the backpropagation room: those that it offers, and one that a person types.

The inputs of a typed expression are the names in it that mean nothing else, in the order of their first
appearance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mlcore.base import spec as specs
from mlcore.base.refusal import Refusal
from mlcore.base.registry import Knob
from mlcore.formulas.formula import MOST_CHARACTERS, Formula, names_in, parse

MOST_INPUTS, LONGEST_NAME = 8, 6
VALUE = Knob(1.0, -100.0, 100.0)
OWN = "own"


class ExpressionError(Refusal):
    """An expression that can be read but not shown as a graph."""

    SENTENCES: ClassVar[dict[str, str]] = {
        "inputs": "The expression has {count} inputs: {names}. There is room for {most}. "
        "Write numbers for some.",
        "constant": "The expression has no input, so there is nothing to differentiate. "
        "Name one, as in {example}.",
        "name": "The name {name} is too long for a picture. Use at most {most} characters.",
        "large": "The graph has {count} nodes; there is room for {most}. Write a shorter expression.",
    }


@dataclass(frozen=True)
class Example:
    """An expression with the values of its inputs."""

    text: str
    values: tuple[float, ...]


EXAMPLES: dict[str, Example] = {
    "slide": Example("(x + a)*b + c", (1, 3, 2, 3)),
    "dot": Example("a1*b1 + a2*b2 + a3*b3", (1, 4, 2, 5, 3, 6)),
    "neuron": Example("sigmoid(w0*x0 + w1*x1 + w2)", (2, -1, -3, -2, -3)),
    "neuron_loss": Example("(sigmoid(w*x + b) - y)^2/2", (0.5, 2, -1, 1)),
    "fork": Example("x*y + sin(x)", (2, 3)),
    "chain": Example("sigmoid(w*sigmoid(w*sigmoid(w*sigmoid(w*sigmoid(w*x)))))", (1.5, 1)),
    "softmax": Example("log(exp(z1) + exp(z2) + exp(z3)) - z1", (2, 1, -1)),
    "network": Example(
        "(u1*tanh(w1*1 + w2*2) + u2*tanh(w3*1 + w4*2) - 1)^2/2", (0.8, 0.5, -0.3, -0.6, 0.2, 0.4)
    ),
}  # fmt: skip


@dataclass(frozen=True)
class ExpressionSpec:
    """An expression and the values of its inputs; those that are not given are the example's, or 1."""

    example: str = specs.choice("slide", (*EXAMPLES, OWN), "expr")
    typed: str = specs.text("", "ex", MOST_CHARACTERS)
    values: tuple[float, ...] = specs.numbers((), VALUE, "in", most=MOST_INPUTS, least=0)

    def __post_init__(self) -> None:
        specs.check(self)
        if self.example != OWN:
            object.__setattr__(self, "typed", "")

    @property
    def text(self) -> str:
        return self.typed if self.example == OWN else EXAMPLES[self.example].text

    @property
    def inputs(self) -> tuple[str, ...]:
        """Raises `formula.FormulaError` and `ExpressionError`."""
        return inputs(self.text)

    @property
    def point(self) -> tuple[float, ...]:
        """A value for every input."""
        usual = () if self.example == OWN else EXAMPLES[self.example].values
        count = len(self.inputs)
        given = self.values + usual[len(self.values) :] + (VALUE.default,) * count
        return tuple(map(float, given[:count]))


def inputs(text: str) -> tuple[str, ...]:
    """The inputs of an expression. Raises `formula.FormulaError` and `ExpressionError`."""
    names = names_in(text)
    if too_long := [name for name in names if len(name) > LONGEST_NAME]:
        raise ExpressionError("name", name=too_long[0], most=LONGEST_NAME)
    if len(names) > MOST_INPUTS:
        raise ExpressionError("inputs", count=len(names), names=", ".join(names), most=MOST_INPUTS)
    return names


def read(text: str) -> tuple[Formula, tuple[str, ...]]:
    """The expression with its inputs. Raises `formula.FormulaError` and `ExpressionError`."""
    names = inputs(text)
    formula = parse(text, names or ("x",))
    if not names:
        raise ExpressionError("constant", example=EXAMPLES["slide"].text)
    return formula, names
