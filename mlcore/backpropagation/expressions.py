"""The expressions of the backpropagation room: those that it offers, and one that a person types.

The inputs of a typed expression are the names in it that mean nothing else, in the order of their first
appearance. The dot product of two vectors is written out before anything else reads the text:

    dot(a, b)       a1*b1 + a2*b2 + a3*b3
    dot(a, b, 2)    a1*b1 + a2*b2
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from mlcore.base import spec as specs
from mlcore.base.refusal import Refusal
from mlcore.base.registry import Knob
from mlcore.formulas.formula import MOST_CHARACTERS, Formula, FormulaError, names_in, parse

MOST_INPUTS, LONGEST_NAME = 8, 6
LENGTH = 3  # of a vector, unless another one is given
DOT = re.compile(  # a name that is another one; or dot with what stands in its brackets
    r"(?!dot(?![A-Za-z0-9]))[A-Za-z][A-Za-z0-9]*|(?P<dot>dot)\s*(?:\((?P<given>[^()]*)\))?", re.ASCII
)
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
        "dot": "{given} is no dot product. It takes the names of two vectors, as in dot(a, b), each of them "
        "letters alone, {most} at most; then, if you like, how long they are, as in dot(a, b, 2).",
        "length": "{given} is no length of a vector. Write a whole number from 1 to {most}: dot(a, b, 2).",
        "lengths": "The vector {name} has {one} numbers in one place and {other} in another. Give both the "
        "same length.",
        "vector": "{name} is a vector here. Outside of dot, write one of its numbers: {example}.",
        "written": "Written out, the expression has {length} characters; there is room for {most}. "
        "Write a shorter one.",
        "large": "The graph has {count} nodes; there is room for {most}. Write a shorter expression.",
    }


@dataclass(frozen=True)
class Example:
    """An expression with the values of its inputs."""

    text: str
    values: tuple[float, ...]


EXAMPLES: dict[str, Example] = {
    "slide": Example("(x + a)*b + c", (1, 3, 2, 3)),
    "dot": Example("dot(a, b)", (1, 4, 2, 5, 3, 6)),
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


@dataclass(frozen=True)
class Written:
    """An expression with its dot products written out."""

    text: str
    columns: tuple[int, ...]  # where each of its characters comes from in what was typed, from 1


@lru_cache(maxsize=64)
def write_out(text: str) -> Written:
    """Every dot product as a sum of products. Raises `ExpressionError`."""
    if len(text) > MOST_CHARACTERS:
        raise FormulaError("long", length=len(text), most=MOST_CHARACTERS)
    pieces, columns, end, lengths = list[str](), list[int](), 0, dict[str, int]()
    for found in (match for match in DOT.finditer(text) if match["dot"]):
        one, other, length = _vectors(found)
        for name in (one, other):
            if lengths.setdefault(name, length) != length:
                raise ExpressionError("lengths", name=name, one=lengths[name], other=length)
        total = " + ".join(f"{one}{i}*{other}{i}" for i in range(1, length + 1))
        whole = found.group().strip() == text.strip()
        pieces += [text[end : found.start()], total if whole else f"({total})"]
        columns += [*range(end + 1, found.start() + 1), *[found.start() + 1] * len(pieces[-1])]
        end = found.end()
    rest = text[end:]
    if alone := [name for name in names_in("".join(pieces[::2]) + rest) if name in lengths]:
        raise ExpressionError("vector", name=alone[0], example=f"{alone[0]}1")
    written = "".join(pieces) + rest
    if len(written) > MOST_CHARACTERS:
        raise ExpressionError("written", length=len(written), most=MOST_CHARACTERS)
    return Written(written, (*columns, *range(end + 1, len(text) + 1)))


def _vectors(found: re.Match[str]) -> tuple[str, str, int]:
    """The names of two vectors, and how long both are."""
    names = [part.strip() for part in (found["given"] or "").split(",")]
    length = names.pop() if len(names) == 3 else str(LENGTH)
    named = all(name.isalpha() and names_in(name) == (name,) and len(name) < LONGEST_NAME for name in names)
    if len(names) != 2 or not named:
        raise ExpressionError("dot", given=found.group().strip(), most=LONGEST_NAME - 1)
    if not (length.isascii() and length.isdigit() and len(length) == 1 and 1 <= int(length) <= MOST_INPUTS):
        raise ExpressionError("length", given=length, most=MOST_INPUTS)
    return names[0], names[1], int(length)


def inputs(text: str) -> tuple[str, ...]:
    """The inputs of an expression. Raises `formula.FormulaError` and `ExpressionError`."""
    names = names_in(write_out(text).text)
    if too_long := [name for name in names if len(name) > LONGEST_NAME]:
        raise ExpressionError("name", name=too_long[0], most=LONGEST_NAME)
    if len(names) > MOST_INPUTS:
        raise ExpressionError("inputs", count=len(names), names=", ".join(names), most=MOST_INPUTS)
    return names


def read(text: str) -> tuple[Formula, tuple[str, ...]]:
    """The expression with its inputs. Raises `formula.FormulaError` and `ExpressionError`."""
    names, written = inputs(text), write_out(text)
    try:
        formula = parse(written.text, names or ("x",))
    except FormulaError as error:
        raise _as_typed(error, written) from None
    if not names:
        raise ExpressionError("constant", example=EXAMPLES["slide"].text)
    return formula, names


def _as_typed(error: FormulaError, written: Written) -> FormulaError:
    """The same with its position among the characters that were typed."""
    at = error.values.get("position")
    if at is None:
        return error
    return FormulaError(error.code, **error.values | {"position": written.columns[at - 1]})
