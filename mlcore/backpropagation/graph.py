"""An expression as a graph, with every number that the chain rule needs to be seen.

    forward     v_i = f_i(its arguments), from the inputs to the output
    backward    gradient_i = d output / d v_i = sum over i -> j of  gradient_j * d v_j / d v_i,
                from the output to the inputs, where it is 1

An edge carries its local derivative d v_j / d v_i; what flows back along it is upstream times local, and
where paths meet the parts are added. (Slides "Backpropagation and chain-rule"; Baydin et al. 2018, Automatic
differentiation in machine learning, tables 2 and 3.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import torch

from mlcore.backpropagation.expressions import ExpressionError, read
from mlcore.formulas.operations import OPERATIONS, Program, Step

MOST_NODES, MOST_PATHS = 60, 100
LETTERS = "vhqrst"


@dataclass(frozen=True)
class Edge:
    """From an argument to what is made of it. x*x has two edges from x, with `place` 0 and 1."""

    tail: int
    head: int
    place: int
    local: float  # d head / d tail, the other arguments fixed
    moves: bool  # whether the tail depends on an input: along others no gradient is sent


@dataclass(frozen=True, eq=False)
class Graph:
    """n nodes, every argument before what is made of it; the last one is the output."""

    inputs: tuple[str, ...]
    steps: tuple[Step, ...]  # [n]
    values: tuple[float, ...]  # [n]
    edges: tuple[Edge, ...]  # by head, then place

    @property
    def output(self) -> int:
        return len(self.steps) - 1

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """[n] what a node is called: an input by its name, a number by itself, others v1, v2, ..."""
        taken = {name[0] for name in self.inputs if name[1:].isdigit()}
        letter = next(letter for letter in LETTERS if letter not in taken)
        found, count = [], 0
        for step in self.steps:
            if step.parts:
                count += 1
                found.append(f"{letter}{count}")
            else:
                found.append(step.name or f"{step.number:.4g}")
        return tuple(found)

    def at(self, name: str) -> int:
        """Where an input stands."""
        return next(i for i, step in enumerate(self.steps) if step.name == name and not step.parts)

    @cached_property
    def uses(self) -> tuple[tuple[Edge, ...], ...]:
        """[n] the edges that leave a node."""
        return tuple(tuple(e for e in self.edges if e.tail == i) for i in range(len(self.steps)))

    @cached_property
    def hole(self) -> int | None:
        """The first node without a value, such as the logarithm of -1."""
        return next((i for i, v in enumerate(self.values) if v != v or abs(v) == float("inf")), None)

    def paths(self, node: int) -> int:
        """How many ways lead from a node to the output."""
        return self._paths[node]

    @cached_property
    def _paths(self) -> tuple[int, ...]:
        count = [0] * len(self.steps)
        count[self.output] = 1
        for edge in reversed(self.edges):
            count[edge.tail] += count[edge.head]
        return tuple(count)

    def ways(self, node: int, most: int = MOST_PATHS) -> list[tuple[Edge, ...]]:
        """The paths from a node to the output, at most so many of them: the edges of each."""
        if node == self.output:
            return [()]
        found: list[tuple[Edge, ...]] = []
        for edge in self.uses[node]:
            for rest in self.ways(edge.head, most - len(found)):
                found.append((edge, *rest))
            if len(found) >= most:
                break
        return found

    def tangents(self, name: str) -> tuple[float, ...]:
        """[n] d node / d input, forward from one input: dual numbers (Baydin et al. 2018, table 2)."""
        found, depend = [0.0] * len(self.steps), {self.at(name)}
        found[self.at(name)] = 1.0
        for edge in self.edges:
            if edge.tail in depend:  # the others count for nothing, even times infinity
                depend.add(edge.head)
                found[edge.head] += found[edge.tail] * edge.local
        return tuple(found)

    def gradients(self, node: int) -> tuple[float, ...]:
        """[n] d node / d each, back from any node; 0 for those that do not lead to it, and for numbers."""
        found, lead = [0.0] * len(self.steps), {node}
        found[node] = 1.0
        for edge in reversed(self.edges):  # all edges that leave a node come after those that reach it
            if edge.head in lead and edge.moves:
                lead.add(edge.tail)
                found[edge.tail] += found[edge.head] * edge.local
        return tuple(found)

    @cached_property
    def gradient(self) -> tuple[float, ...]:
        """[n] d output / d node."""
        return self.gradients(self.output)


def build(text: str, point: Sequence[float]) -> Graph:
    """The graph of an expression at a point, a number for every input.

    Raises `formula.FormulaError` and `ExpressionError`.
    """
    names, program = _program(text)
    given = [torch.tensor(value, dtype=torch.float64) for value in point]
    if len(given) != len(names):
        raise ValueError(f"{len(names)} inputs need as many values, not {len(given)}.")
    values = program.run(given)
    edges = tuple(
        Edge(i, head, place, _local(step, place, values, values[head]), program.steps[i].moves)
        for head, step in enumerate(program.steps)
        for place, i in enumerate(step.parts)
    )
    return Graph(names, tuple(program.steps), tuple(map(float, values)), edges)


@lru_cache(maxsize=64)
def _program(text: str) -> tuple[tuple[str, ...], Program]:
    formula, names = read(text)
    program = Program(formula.tree, names, as_typed=True)
    if len(program.steps) > MOST_NODES:
        raise ExpressionError("large", count=len(program.steps), most=MOST_NODES)
    return names, program


def _local(step: Step, place: int, values: Sequence[torch.Tensor], out: torch.Tensor) -> float:
    arguments = [values[i] for i in step.parts]
    return float(OPERATIONS[step.name].slopes[place](out, *arguments))
