"""The two sweeps over a graph in moments that can be watched, and what is written at each.

Forward, a moment for each operation: its value. Backward, a moment for each node that an input reaches, from
the output to the inputs: its gradient, the sum of what comes back along the edges that leave it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from mlcore.backpropagation.graph import Edge, Graph
from mlcore.base.numerals import numeral

WRITTEN: dict[str, str] = {
    "+": "{} + {}", "-": "{} − {}", "*": "{} · {}", "/": "{} / {}", "^": "{}^{}", "negative": "−{}",
}  # fmt: skip
LATEX: dict[str, tuple[str, tuple[str, ...]]] = {  # of arguments a, b and result v: the operation, its slopes
    "+": ("a + b", ("1", "1")),
    "-": ("a - b", ("1", "-1")),
    "*": (r"a \cdot b", ("b", "a")),
    "/": (r"\frac{a}{b}", (r"\frac{1}{b}", r"-\frac{a}{b^2}")),
    "^": ("a^{b}", ("b \\, a^{b - 1}", r"a^{b} \ln a")),
    "negative": ("-a", ("-1",)),
    "sin": (r"\sin a", (r"\cos a",)),
    "cos": (r"\cos a", (r"-\sin a",)),
    "tan": (r"\tan a", (r"1 + \tan^2 a",)),
    "exp": ("e^{a}", ("e^{a}",)),
    "log": (r"\ln a", (r"\frac{1}{a}",)),
    "sqrt": (r"\sqrt{a}", (r"\frac{1}{2 \sqrt{a}}",)),
    "abs": ("|a|", (r"\operatorname{sign} a",)),
    "tanh": (r"\tanh a", ("1 - v^2",)),
    "sigmoid": (r"\sigma(a)", ("v (1 - v)",)),
    "relu": (r"\max(0, a)", (r"[a > 0]",)),
    "min": (r"\min(a, b)", ("[a = v]", "[b = v]")),
    "max": (r"\max(a, b)", ("[a = v]", "[b = v]")),
}  # fmt: skip


@dataclass(frozen=True)
class Moment:
    """The values of the nodes before `valued` and the gradients of `graded` are known; and what is lit."""

    valued: int
    graded: frozenset[int]
    node: int | None = None
    edges: tuple[Edge, ...] = ()
    text: str = ""

    @property
    def backward(self) -> bool:
        return bool(self.graded)


def moments(graph: Graph) -> list[Moment]:
    """From the values of the inputs alone to all gradients; the last one looks at nothing in particular."""
    n, found, graded = len(graph.steps), [], frozenset[int]()
    first = next((i for i, step in enumerate(graph.steps) if step.parts), n)
    found.append(Moment(first, graded))
    for i, step in enumerate(graph.steps):
        if step.parts:
            reached = tuple(edge for edge in graph.edges if edge.head == i)
            found.append(Moment(i + 1, graded, i, reached, forward_text(graph, i)))
    for i in reversed(range(n)):
        if graph.steps[i].moves:
            graded |= {i}
            found.append(Moment(n, graded, i, graph.uses[i], backward_text(graph, i)))
    return [*found, Moment(n, graded)]


def operation(graph: Graph, i: int) -> str:
    """A node by its arguments: x + a."""
    return written(graph.steps[i].name, tuple(graph.symbols[j] for j in graph.steps[i].parts))


def forward_text(graph: Graph, i: int) -> str:
    """v1 = x + a = 1 + 3 = 4"""
    step = graph.steps[i]
    numbers = written(step.name, tuple(bracketed(graph.values[j]) for j in step.parts))
    return f"{graph.symbols[i]} = {operation(graph, i)} = {numbers} = {short(graph.values[i])}"


def backward_text(graph: Graph, i: int) -> str:
    """∂v3/∂x = ∂v3/∂v1 · ∂v1/∂x + ... = 2 · 1 + ... = 2: upstream times local, added where paths meet."""
    out, symbols = graph.symbols[graph.output], graph.symbols
    if i == graph.output:
        return f"∂{out}/∂{out} = 1"
    uses = graph.uses[i]
    names = " + ".join(f"∂{out}/∂{symbols[e.head]} · ∂{symbols[e.head]}/∂{symbols[i]}" for e in uses)
    numbers = " + ".join(f"{bracketed(graph.gradient[e.head])} · {bracketed(e.local)}" for e in uses)
    return f"∂{out}/∂{symbols[i]} = {names} = {numbers} = {short(graph.gradient[i])}"


def way_text(graph: Graph, way: tuple[Edge, ...]) -> tuple[str, str, float]:
    """A path: its nodes, the product of its local derivatives in numbers, and what that is."""
    if not way:
        return graph.symbols[graph.output], "1", 1.0
    nodes = " → ".join(graph.symbols[i] for i in (way[0].tail, *(edge.head for edge in way)))
    product = 1.0
    for edge in way:
        product *= edge.local
    return nodes, " · ".join(bracketed(edge.local) for edge in way), product


@lru_cache(maxsize=256)
def written(name: str, arguments: tuple[str, ...]) -> str:
    if name in WRITTEN:
        return WRITTEN[name].format(*arguments)
    return f"{name}({', '.join(arguments)})"


def short(value: float) -> str:
    """Four digits: what there is room for in a graph."""
    return numeral(value, 4)


def bracketed(value: float) -> str:
    text = short(value)
    return f"({text})" if text.startswith("−") else text
