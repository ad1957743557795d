"""What a person typed, as the code of a script: written from its tree, of known operations alone."""

from __future__ import annotations

from mlcore.backpropagation.torch_graph import NAMES
from mlcore.formulas.formula import Formula
from mlcore.formulas.operations import Node, Program
from mlcore.script.python import WIDTH

INFIX = {"+": "{} + {}", "-": "{} - {}", "*": "{} * {}", "/": "{} / {}", "^": "{} ** {}", "negative": "-{}"}


def function(formula: Formula, variables: tuple[str, ...]) -> str:
    """A function f of points [M, D], whose columns are the variables, to values [M]: in one line where it
    fits, else step by step."""
    names = ", ".join(variables) if len(variables) > 1 else f"({variables[0]},)"
    head = f"def f(points: Tensor) -> Tensor:\n    {names} = points.unbind(-1)\n"
    if not _moves(formula.tree):
        return f"{head}    return torch.full_like({variables[0]}, {_value(formula.tree)!r})"
    if len(line := f"    return {_written(formula.tree)}") <= WIDTH:
        return head + line
    steps, told, lines = Program(formula.tree, variables).steps, list[str](), list[str]()
    for i, step in enumerate(steps):
        if step.parts:
            lines.append(f"    v{i} = {call(step.name, [told[part] for part in step.parts])}")
        told.append(f"v{i}" if step.parts else step.name if step.moves else number(step.number))
    return "\n".join([head.rstrip(), *lines, f"    return {told[-1]}"])


def _written(node: Node, inside: bool = False) -> str:
    """The code of a node; in brackets if it stands inside of another operation."""
    if not node.parts:
        return node.name or repr(node.number)
    if node.name in INFIX:
        code = call(node.name, [_written(part, True) for part in node.parts])
        return f"({code})" if inside else code
    return call(node.name, [_written(part) if _moves(part) else number(_value(part)) for part in node.parts])


def call(name: str, arguments: list[str]) -> str:
    """An operation by its sign, or by torch's function for it."""
    if name == "^" and all(argument.replace(".", "").isalnum() for argument in arguments):
        return "**".join(arguments)  # as formatters write it where both are short
    if name in INFIX:
        return INFIX[name].format(*arguments)
    return f"torch.{NAMES.get(name, name)}({', '.join(arguments)})"


def number(value: float) -> str:
    """As a tensor, for torch's functions take no plain numbers."""
    return f"torch.tensor({value!r}, dtype=torch.float64)"


def _moves(node: Node) -> bool:
    """Whether a variable occurs in it."""
    return any(map(_moves, node.parts)) if node.parts else bool(node.name)


def _value(node: Node) -> float:
    """Of a node in which none does."""
    return Program(node, ()).steps[-1].number
