"""The recorders: each makes a graph of a function in its own way, and something that can be run again.

eager      PyTorch as it is: the graph of the way back is made while the function runs
trace      torch.jit.trace: runs once on an example and keeps the operations it saw
symbolic   torch.fx: runs once on stand-ins without values
export     torch.export: runs once on tensors that have shapes but no values; a graph for other machines
dynamo     torch.compile's front end: reads the bytecode of Python, and guards what it took for granted
joint      make_fx on the gradient: the way there and the way back in one graph, before either runs
jaxpr      jax.make_jaxpr, where JAX is installed
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mlcore.capture.diagrams import Diagram, of_autograd, of_fx, of_jaxpr, of_torchscript, way_back
from mlcore.capture.functions import Function

Run = Callable[..., Tensor]
RECORDERS = ("eager", "trace", "symbolic", "export", "dynamo", "joint", "jaxpr")
REFUSALS = (RuntimeError, ValueError, TypeError, ArithmeticError, LookupError, AttributeError, AssertionError)
"""What recorders raise for a function that they cannot follow, or derive their own errors from."""

TENSORS = {"guard_filter_fn": torch.compiler.keep_tensor_guards_unsafe}
"""For torch.compile: guard the inputs alone. Else it also guards every step of the loop in `elementwise`,
which never change, and checks them at every call."""


@dataclass(frozen=True, eq=False)
class Recording:
    """What a recorder made of a function: graphs, their text, and a way to run them."""

    diagrams: tuple[Diagram, ...]
    text: str  # the graphs in the recorder's own words
    run: Run


def eager(function: Function, example: Sequence[Tensor], names: Sequence[str]) -> Recording:
    leaves = [x.clone().requires_grad_() for x in example]
    out = function(*leaves)
    called = {id(leaf): name for leaf, name in zip(leaves, names, strict=True)}
    diagram = of_autograd([out], called)
    text = "\n".join(node.words or node.name for node in reversed(diagram.nodes[:-1]))
    return Recording((diagram,), text, function)


def trace(function: Function, example: Sequence[Tensor], names: Sequence[str]) -> Recording:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        traced = torch.jit.trace(function, tuple(example), check_trace=False)  # type: ignore[no-untyped-call]
    text = re.sub(r" # \S*:\d+:\d+$", "", str(traced.graph), flags=re.MULTILINE)
    return Recording((of_torchscript(traced.graph, names),), text.strip(), traced)


def symbolic(function: Function, example: Sequence[Tensor], names: Sequence[str]) -> Recording:
    traced = torch.fx.symbolic_trace(SIGNED[len(example)](function))
    return Recording((of_fx(traced.graph, names),), _written(traced.graph), traced)


def export(function: Function, example: Sequence[Tensor], names: Sequence[str]) -> Recording:
    program = torch.export.export(Module(function), tuple(example))
    return Recording((of_fx(program.graph, names),), _written(program.graph), program.module())


def dynamo(function: Function, example: Sequence[Tensor], names: Sequence[str]) -> Recording:
    torch._dynamo.reset()
    seen = Seen()
    compiled = torch.compile(function, backend=seen, options=dict(TENSORS))
    compiled(*example)
    return seen.recording(compiled, {f"l_given_{i}_": name for i, name in enumerate(names)})


def joint(function: Function, example: Sequence[Tensor], names: Sequence[str]) -> Recording:
    from torch.fx.experimental.proxy_tensor import make_fx

    def both(*given: Tensor) -> Any:
        out, back, *_ = torch.func.vjp(function, *given)
        return *back(torch.ones_like(out)), out

    made = make_fx(both)(*example)
    made.graph.eliminate_dead_code()
    diagram = way_back(of_fx(made.graph, names))
    return Recording((diagram,), _written(made.graph), lambda *given: made(*given)[-1])


def jaxpr(function: Function, example: Sequence[Tensor], names: Sequence[str]) -> Recording:
    """`function` is one of JAX. Raises ImportError where it is not installed."""
    import jax

    jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]
    given = [jax.numpy.asarray(x.numpy()) for x in example]
    closed = jax.make_jaxpr(function)(*given)
    compiled = jax.jit(function)
    return Recording(
        (of_jaxpr(closed, names),), str(closed), lambda *given: of_jax(compiled(*(x.numpy() for x in given)))
    )


def of_jax(array: Any) -> Tensor:
    """An array of JAX as a tensor."""
    return torch.from_numpy(np.array(array))


class Seen:
    """A backend of torch.compile that keeps the graphs it is handed, and has them run as they are."""

    def __init__(self) -> None:
        self.graphs: list[torch.fx.Graph] = []

    def __call__(self, module: torch.fx.GraphModule, example: Any) -> Callable[..., Any]:
        self.graphs.append(module.graph)
        return module.forward

    def recording(self, compiled: Run, called: Mapping[str, str]) -> Recording:
        """What `compiled` has made so far; `called` names the inputs of its graphs."""
        diagrams = tuple(of_fx(graph, called=called) for graph in self.graphs)
        return Recording(diagrams, "\n\n".join(map(_written, self.graphs)), compiled)


class Module(torch.nn.Module):
    """A function as the module that an export asks for."""

    def __init__(self, function: Function) -> None:
        super().__init__()
        self.function = function

    def forward(self, *given: Tensor) -> Any:
        return self.function(*given)


SIGNED: dict[int, Callable[[Function], Function]] = {  # torch.fx needs a name for each input
    1: lambda f: lambda a: f(a),
    2: lambda f: lambda a, b: f(a, b),
    3: lambda f: lambda a, b, c: f(a, b, c),
    4: lambda f: lambda a, b, c, d: f(a, b, c, d),
    5: lambda f: lambda a, b, c, d, e: f(a, b, c, d, e),
    6: lambda f: lambda a, b, c, d, e, g: f(a, b, c, d, e, g),
    7: lambda f: lambda a, b, c, d, e, g, h: f(a, b, c, d, e, g, h),
    8: lambda f: lambda a, b, c, d, e, g, h, i: f(a, b, c, d, e, g, h, i),
}


def _written(graph: torch.fx.Graph) -> str:
    return str(graph).strip()


def own_words(error: BaseException, most: int = 400) -> str:
    """What a recorder says of a function that it refuses: its first sentences, without folders of files."""
    text = re.sub(r"\"?\S*/(\w[\w.-]*\.py)\"?", r"\1", str(error))
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith(("For more", "For C++", "See http"))]
    told = " ".join(lines)
    return told if len(told) <= most else told[: most - 1].rsplit(" ", 1)[0] + " …"
