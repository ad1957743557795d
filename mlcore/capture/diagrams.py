"""The graph that a tracer or a compiler made, as nodes and edges: what it holds, in its own words.

Every recorder has a format of its own: nodes of autograd, TorchScript, torch.fx, a jaxpr. Here they become
one kind of diagram, which the figures draw.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch

MOST = 120  # nodes that are drawn


@dataclass(frozen=True)
class Node:
    """`name` is short and the same for the same operation whoever recorded it; `words` are its recorder's."""

    name: str
    kind: str  # "input", "number", "operation", "gradient" (an operation of the way back) or "output"
    words: str = ""


@dataclass(frozen=True)
class Diagram:
    """Every argument stands before what is made of it."""

    nodes: tuple[Node, ...]
    edges: tuple[tuple[int, int], ...]  # (tail, head), by head

    @property
    def operations(self) -> tuple[str, ...]:
        return tuple(node.words for node in self.nodes if node.kind in ("operation", "gradient"))


class Builder:
    """Collects nodes under any keys that a recorder has for its values."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.edges: list[tuple[int, int]] = []
        self.places: dict[Any, int] = {}

    def add(self, key: Any, name: str, kind: str, words: str = "", parts: Iterable[int] = ()) -> int:
        place = len(self.nodes)
        self.nodes.append(Node(name, kind, words))
        self.edges += [(tail, place) for tail in parts]
        self.places[key] = place
        return place

    def number(self, value: float) -> int:
        """A number has a node of its own wherever it is used, as in the graphs of expressions."""
        return self.add(object(), f"{float(value):.4g}", "number")

    def done(self, outputs: Iterable[int]) -> Diagram:
        """What the outputs are made of; what is recorded and never used is left out."""
        ends = list(outputs)
        if not ends:
            return Diagram((), ())
        self.add("output", "output", "output", parts=ends)
        wanted = {len(self.nodes) - 1}
        for tail, head in reversed(self.edges):  # the edges that reach a node come before those that leave it
            if head in wanted:
                wanted.add(tail)
        order = {old: new for new, old in enumerate(sorted(wanted))}
        edges = tuple((order[a], order[b]) for a, b in self.edges if a in order and b in order)
        return Diagram(tuple(self.nodes[i] for i in sorted(wanted)), edges)


def of_autograd(outputs: Iterable[torch.Tensor], names: Mapping[int, str]) -> Diagram:
    """The graph that ran: `grad_fn` after `grad_fn`, from the output back to the leaves.

    `names` calls the leaves, by the `id` of their tensors.
    """
    build = Builder()

    def place(function: Any) -> int:
        if function in build.places:
            return build.places[function]
        words = str(function.name())
        if hasattr(function, "variable"):
            return build.add(function, names.get(id(function.variable), "?"), "input", words)
        parts = [place(before) for before, _ in function.next_functions if before is not None]
        return build.add(function, short(words), "gradient", words, parts)

    return build.done([place(out.grad_fn) for out in outputs if out.grad_fn is not None])


def of_torchscript(graph: Any, names: Iterable[str]) -> Diagram:
    """Of a `torch.jit` graph. Numbers that only fill a signature (alpha=1, dim=None) are left out."""
    build = Builder()
    for value, name in zip(graph.inputs(), names, strict=False):
        build.add(value.debugName(), name, "input", f"%{value.debugName()}")
    for node in graph.nodes():
        kind, out = node.kind(), [value.debugName() for value in node.outputs()]
        if kind == "prim::Constant":
            held = node.output().toIValue()
            if isinstance(held, float | torch.Tensor) and getattr(held, "ndim", 0) == 0:
                build.places[out[0]] = build.number(float(held))
            continue
        parts = [build.places[v.debugName()] for v in node.inputs() if v.debugName() in build.places]
        build.add(out[0], short(kind), "operation", kind, parts)
    return build.done(build.places[v.debugName()] for v in graph.outputs() if v.debugName() in build.places)


def of_fx(
    graph: torch.fx.Graph, names: Iterable[str] = (), called: Mapping[str, str] | None = None
) -> Diagram:
    """Of a `torch.fx` graph, which the symbolic tracer, the export and TorchDynamo all write.

    `names` calls its inputs in their order, `called` by the names that the graph has for them.
    """
    build, inputs, ends = Builder(), iter(names), list[int]()
    for node in graph.nodes:
        if node.op == "placeholder":
            name = (called or {}).get(node.name) or next(inputs, node.name)
            build.add(node, name, "input", node.name)
        elif node.op == "get_attr":
            held = getattr(graph.owning_module, node.target, None)
            if isinstance(held, torch.Tensor) and held.numel() == 1:
                build.places[node] = build.number(float(held))
            elif held is not None:  # a branch or the body of a loop, a graph of its own
                name = re.sub(r"^while_loop_|_\d+$", "", node.name)
                build.add(node, name, "number", node.name)
        elif node.op == "output":
            ends = _parts(node.args, build)
        else:
            words = str(node.target) if isinstance(node.target, str) else _target(node.target)
            build.add(node, short(words), "operation", words, _parts(node.args, build))
    return build.done(ends)


def way_back(diagram: Diagram) -> Diagram:
    """The same; what its gradients alone need, and not its last output, is marked as the way back."""
    wanted = {diagram.edges[-1][0]}
    for tail, head in reversed(diagram.edges):
        if head in wanted:
            wanted.add(tail)
    nodes = (
        replace(node, kind="gradient") if node.kind == "operation" and i not in wanted else node
        for i, node in enumerate(diagram.nodes)
    )
    return replace(diagram, nodes=tuple(nodes))


def _parts(arguments: Any, build: Builder) -> list[int]:
    """Where the arguments of an fx node stand; numbers become nodes."""
    found: list[int] = []
    for value in arguments if isinstance(arguments, tuple | list) else (arguments,):
        if isinstance(value, tuple | list):
            found += _parts(value, build)
        elif isinstance(value, torch.fx.Node):
            found += [build.places[value]] if value in build.places else []
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found.append(build.number(value))
    return found


def _target(target: Any) -> str:
    """torch.add, operator.mul, aten.add.Tensor"""
    if isinstance(target, torch._ops.OpOverload | torch._ops.HigherOrderOperator):
        return str(target)
    module = (getattr(target, "__module__", None) or "torch").lstrip("_").split(".")[0]
    return f"{module}.{target.__name__}"


def of_jaxpr(closed: Any, names: Iterable[str]) -> Diagram:
    """Of a jaxpr. What JAX wraps in a call of its own (relu, say) is drawn as what it holds."""
    build = Builder()
    for variable, name in zip(closed.jaxpr.invars, names, strict=True):
        build.add(variable, name, "input", name)
    for variable, value in zip(closed.jaxpr.constvars, closed.consts, strict=True):
        build.places[variable] = build.number(float(value))
    ends = _equations(closed.jaxpr, build)
    return build.done(ends)


WRAPPED = ("jaxpr", "call_jaxpr")  # where jit and custom_jvp_call keep what they wrap


def _equations(jaxpr: Any, build: Builder) -> list[int]:
    """Add the equations of a jaxpr whose inputs are placed; where its outputs stand."""

    def at(atom: Any) -> int:
        return build.number(float(atom.val)) if hasattr(atom, "val") else build.places[atom]

    for equation in jaxpr.eqns:
        name = equation.primitive.name
        inner = next((equation.params[key] for key in WRAPPED if key in equation.params), None)
        if inner is not None:
            inner = getattr(inner, "jaxpr", inner)
            build.places.update(zip(inner.invars, map(at, equation.invars), strict=True))
            outs = _equations(inner, build)
            build.places.update(zip(equation.outvars, outs, strict=True))
            continue
        place = build.add(object(), short(name), "operation", name, [at(atom) for atom in equation.invars])
        build.places.update(dict.fromkeys(equation.outvars, place))
    return [at(atom) for atom in jaxpr.outvars]


SAME = {"logistic": "sigmoid", "truediv": "div", "integer_pow": "pow", "maximum": "max", "minimum": "min",
        "reduce_sum": "sum", "square": "pow", "__invert__": "neg"}  # fmt: skip


def short(words: str) -> str:
    """AddBackward0, aten::add, aten.add.Tensor, torch.add and operator.add are all add."""
    name = words.rsplit("::", 1)[-1]
    if name.startswith("aten."):
        name = name.split(".")[1]
    name = name.rsplit(".", 1)[-1] if "Backward" not in name else name.split("Backward")[0].lower()
    name = name.removesuffix("_").strip("_")
    return SAME.get(name, name)
