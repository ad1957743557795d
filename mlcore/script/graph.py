"""The PyTorch script of an expression's graph: a line for every node, then the backward pass."""

from __future__ import annotations

from mlcore.backpropagation.graph import Graph
from mlcore.script.formula import call, number


def write(graph: Graph) -> str:
    """A program that prints the output and, for each input, the derivative of the output."""
    names = [name if step.parts or step.name else number(step.number)
             for name, step in zip(graph.symbols, graph.steps, strict=True)]  # fmt: skip
    lines = ["import torch", ""]
    for name in graph.inputs:
        value = graph.values[graph.at(name)]
        lines.append(f"{name} = torch.tensor({value!r}, dtype=torch.float64, requires_grad=True)")
    lines.append("")
    for name, step in zip(names, graph.steps, strict=True):
        if step.parts:
            lines.append(f"{name} = {call(step.name, [names[i] for i in step.parts])}")
    out = names[graph.output]
    lines += ["", f"{out}.backward()", f'print("{out} =", {out}.item())']
    lines += [f'print("d{out}/d{name} =", {name}.grad.item())' for name in graph.inputs]
    return "\n".join(lines) + "\n"
