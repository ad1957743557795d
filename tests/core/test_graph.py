"""Expressions as graphs: the backward sweep against paths, forward mode, autograd and differences."""

from __future__ import annotations

import math
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from mlcore.backpropagation.expressions import (
    EXAMPLES,
    MOST_INPUTS,
    OWN,
    ExpressionError,
    ExpressionSpec,
    inputs,
    write_out,
)
from mlcore.backpropagation.graph import MOST_NODES, Graph, build
from mlcore.backpropagation.jacobian import between, jacobian
from mlcore.backpropagation.layout import layered
from mlcore.backpropagation.moves import descend, input_gradient, nudge
from mlcore.backpropagation.sweeps import LATEX, backward_text, forward_text, moments, way_text
from mlcore.backpropagation.torch_graph import run
from mlcore.figures import graph as figures
from mlcore.formulas.formula import FormulaError
from mlcore.formulas.operations import OPERATIONS
from mlcore.script import graph as script

Expression = tuple[str, Callable[[dict[str, Tensor]], Tensor]]
NAMES = ("x", "y", "w1")
ONE = {"sin": torch.sin, "cos": torch.cos, "exp": torch.exp, "log": torch.log, "sqrt": torch.sqrt,
       "tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu, "tan": torch.tan}  # fmt: skip
TWO: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
    "^": lambda a, b: a**b,
}  # fmt: skip


def leaf() -> st.SearchStrategy[Expression]:
    number = st.integers(1, 5).map(
        lambda k: (str(k), lambda at, k=k: torch.tensor(float(k), dtype=torch.float64))
    )
    name = st.sampled_from(NAMES).map(lambda n: (n, lambda at, n=n: at[n]))
    return st.one_of(name, name, number)


def grown(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    one = st.tuples(st.sampled_from(list(ONE)), parts).map(
        lambda p: (f"{p[0]}({p[1][0]})", lambda at, p=p: ONE[p[0]](p[1][1](at)))
    )
    two = st.tuples(st.sampled_from(list(TWO)), parts, parts).map(
        lambda p: (f"({p[1][0]} {p[0]} {p[2][0]})", lambda at, p=p: TWO[p[0]](p[1][1](at), p[2][1](at)))
    )
    return st.one_of(one, two)


EXPRESSIONS = st.recursive(leaf(), grown, max_leaves=12)
POINTS = st.lists(st.floats(-2, 2).map(lambda v: round(v, 3)), min_size=3, max_size=3)


@settings(max_examples=2000, deadline=None, derandomize=True, database=None)
@given(EXPRESSIONS, POINTS)
def test_backward_is_the_sum_over_paths_is_forward_is_autograd(
    found: Expression, values: list[float]
) -> None:
    text, function = found
    names = inputs(text)
    at = {
        n: torch.tensor(v, dtype=torch.float64, requires_grad=True)
        for n, v in zip(NAMES, values, strict=True)
    }
    if not names or len(text) > 300:
        return
    graph = build(text, [float(at[name].detach()) for name in names])
    out = function(at)
    assert graph.values[-1] == pytest.approx(float(out.detach()), rel=1e-12, abs=1e-290, nan_ok=True)
    if graph.hole is not None:
        return
    slopes = torch.autograd.grad(out, [at[name] for name in names], allow_unused=True)
    for name, slope in zip(names, slopes, strict=True):
        i, expected = graph.at(name), 0.0 if slope is None else float(slope)
        if not math.isfinite(expected) or not math.isfinite(graph.gradient[i]):
            continue  # a slope without bound, such as that of a root at 0
        scale = max(1.0, *(abs(math.prod(e.local for e in way)) for way in graph.ways(i)))
        assert graph.gradient[i] == pytest.approx(expected, rel=1e-12, abs=1e-12 * scale)
        assert graph.tangents(name)[-1] == pytest.approx(expected, rel=1e-12, abs=1e-12 * scale)
        if graph.paths(i) <= 100:
            total = sum(way_text(graph, way)[2] for way in graph.ways(i))
            assert len(graph.ways(i)) == graph.paths(i)
            assert total == pytest.approx(expected, rel=1e-12, abs=1e-12 * scale)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(
    EXPRESSIONS, EXPRESSIONS, st.lists(st.floats(-2, 2).map(lambda v: round(v, 3)), min_size=3, max_size=3)
)
def test_a_jacobian_by_either_mode_is_that_of_autograd(
    one: Expression, other: Expression, values: list[float]
) -> None:
    text = f"({one[0]}) * ({other[0]})"
    names = inputs(text) if len(text) <= 300 else ()
    if not names:
        return
    at = [values[NAMES.index(name)] for name in names]
    graph = build(text, at)
    if graph.hole is not None:
        return
    outputs = [*graph.steps[-1].parts, graph.output]

    def function(point: Tensor) -> Tensor:
        given = dict(zip(names, point.unbind(), strict=True))
        first, second = (torch.as_tensor(part(given)) for _, part in (one, other))
        return torch.stack([first, second, first * second])

    expected = torch.func.jacrev(function)(torch.tensor(at, dtype=torch.float64)).numpy()
    found = jacobian(graph, outputs)
    if not (np.isfinite(expected).all() and np.isfinite(found.reverse).all()):
        return
    sizes = replace(graph, edges=tuple(replace(e, local=abs(e.local)) for e in graph.edges))
    scale = 1e-12 * np.maximum(1, jacobian(sizes, outputs).reverse)  # of what is added up, before it cancels
    assert (np.abs(found.forward - expected) <= scale).all()
    assert (np.abs(found.reverse - expected) <= scale).all()
    assert found.difference * np.abs(expected).max() <= 2 * scale.max()


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(EXPRESSIONS, st.randoms(use_true_random=False))
def test_a_sweep_needs_the_edges_on_some_path(found: Expression, r: random.Random) -> None:
    """Every path between an input and an output, one by one."""
    names = inputs(found[0]) if len(found[0]) <= 300 else ()
    if not names:
        return
    graph = build(found[0], [1.0] * len(names))
    outputs = sorted(r.sample(range(len(graph.steps)), r.randint(1, min(4, len(graph.steps)))))

    def on_the_way(node: int, end: int) -> set[int]:
        """The edges, by their place in the graph, of all paths from a node to another."""
        met: set[int] = set()
        for k, edge in enumerate(graph.edges):
            if edge.tail == node:
                beyond = on_the_way(edge.head, end)
                met |= beyond | ({k} if beyond or edge.head == end else set())
        return met

    ways = {(name, o): on_the_way(graph.at(name), o) for name in names for o in outputs}
    both = jacobian(graph, outputs)
    for k, name in enumerate(names):
        assert both.forward_products[k] == len(set().union(*(ways[name, o] for o in outputs)))
    for k, o in enumerate(outputs):
        assert both.reverse_products[k] == len(set().union(*(ways[name, o] for name in names)))
        edges = between(graph, [graph.at(names[0])], [o])
        assert {graph.edges.index(edge) for edge in edges} == ways[names[0], o]


@pytest.mark.parametrize(
    ("text", "outputs", "forward", "reverse"),
    [
        ("(x + a)*b + c", (6,), (3, 3, 2, 1), (6,)),  # the slide: three deep, and six edges in all
        ("x*y + sin(x)", (2, 3, 4), (4, 2), (2, 1, 5)),
        ("x*x", (1,), (2,), (2,)),
        ("x*y + sin(x)", (0, 3), (1, 0), (0, 1)),  # an input is an output for nothing
    ],
)
def test_products_counted_by_hand(
    text: str, outputs: tuple[int, ...], forward: tuple[int, ...], reverse: tuple[int, ...]
) -> None:
    found = jacobian(build(text, [2.0] * len(inputs(text))), outputs)
    assert (found.forward_products, found.reverse_products) == (forward, reverse)
    assert found.forward.shape == found.reverse.shape == (len(outputs), len(inputs(text)))


def test_what_does_not_lead_to_an_output_does_not_spoil_its_gradient() -> None:
    graph = build("x*y + log(x - 2)", (2.0, 3.0))  # the logarithm of 0
    product = next(i for i, step in enumerate(graph.steps) if step.name == "*")
    assert graph.gradients(product) == (3, 2, 1, 0, 0, 0, 0)
    assert jacobian(graph, [product]).reverse.tolist() == [[3, 2]]


@pytest.mark.parametrize("example", EXAMPLES)
def test_central_differences_agree(example: str) -> None:
    spec = ExpressionSpec(example)
    slopes = input_gradient(build(spec.text, spec.point))
    for i, slope in enumerate(slopes):
        ahead, behind = nudge(spec.text, spec.point, i, 1e-5), nudge(spec.text, spec.point, i, -1e-5)
        assert (ahead.after - behind.after) / 2e-5 == pytest.approx(slope, rel=1e-6, abs=1e-9)


PRINTED = {  # the slides; CS231n, Backpropagation, intuitions
    "(x + a)*b + c": ((1, 3, 2, 3), 11, (2, 2, 4, 1)),
    "a1*b1 + a2*b2 + a3*b3": ((1, 4, 2, 5, 3, 6), 32, (4, 1, 5, 2, 6, 3)),
    "dot(a, b)": ((1, 4, 2, 5, 3, 6), 32, (4, 1, 5, 2, 6, 3)),
    "sigmoid(w0*x0 + w1*x1 + w2)": (
        (2, -1, -3, -2, -3), 0.731059, (-0.196612, 0.393224, -0.393224, -0.589836, 0.196612)),
    "(x + y)*z": ((-2, 5, -4), -12, (-4, -4, 3)),
}  # fmt: skip


@pytest.mark.parametrize("text", PRINTED)
def test_the_printed_numbers(text: str) -> None:
    point, value, slopes = PRINTED[text]
    graph = build(text, point)
    assert graph.values[-1] == pytest.approx(value, abs=5e-7)
    assert input_gradient(graph) == pytest.approx(list(slopes), abs=5e-7)


def test_a_small_network_by_hand() -> None:
    spec = ExpressionSpec("network")
    u1, w1, w2, u2, w3, w4 = spec.point
    h1, h2 = math.tanh(w1 + 2 * w2), math.tanh(w3 + 2 * w4)
    off = u1 * h1 + u2 * h2 - 1
    back1, back2 = off * u1 * (1 - h1 * h1), off * u2 * (1 - h2 * h2)
    by_hand = [off * h1, back1, 2 * back1, off * h2, back2, 2 * back2]
    assert input_gradient(build(spec.text, spec.point)) == pytest.approx(by_hand, rel=1e-12)


# ---------------------------------------------------------------- what people type

PIECES = [
    "x", "y", "__class__", "import os", "sin", "log", "(", ")", "((", "+", "-", "*", "/", "^", "**", ",", "0",
    ".", "e", "pi", "lambda", "х", "ｘ", "\u200b", "'", '"', ";", "\n", "#", "max", "x x", "2x", "=", "[0]",
    "{}", "%s", "dot", "dot(", "dot(a, b)", "dot(x, y, 2)", "dot(x, x, ",
    "1e999", "9" * 40, "^" * 30, "(" * 60, "sin(" * 50, "x+" * 200, "🙂",
]  # fmt: skip


def test_hostile_strings_get_a_graph_or_a_sentence() -> None:
    r = random.Random(0)
    graphs, refused = 0, list[str]()
    for _ in range(5000):
        text = "".join(r.choice(PIECES) for _ in range(r.randint(1, 9)))
        try:
            names = inputs(text)
            graph = build(text, [r.uniform(-3, 3) for _ in names])
        except (FormulaError, ExpressionError) as error:
            refused.append(str(error))
            continue
        graphs += 1
        assert len(graph.steps) <= MOST_NODES
        assert len(names) <= MOST_INPUTS
    assert graphs > 50
    assert all(refused)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a+b+c+d+f+g+h+i+j", "inputs"),
        ("2*3", "constant"),
        ("velocity*2", "name"),
        ("+".join(f"x*{k}" for k in range(25)), "large"),
    ],
)
def test_what_cannot_be_drawn_gets_its_sentence(text: str, code: str) -> None:
    with pytest.raises(ExpressionError) as error:
        build(text, [1.0] * 9)
    assert error.value.code == code


@pytest.mark.parametrize("length", [*range(1, 5), None])
def test_a_dot_product_is_that_of_torch(length: int | None) -> None:
    size = 3 if length is None else length
    a, b = (
        torch.linspace(*ends, size, dtype=torch.float64, requires_grad=True) for ends in ((1, 2), (-3, 5))
    )
    text = "tanh(dot(u, v)/10)" if length is None else f"tanh( dot ( u,v ,{length})/10)"
    names = inputs(text)
    assert names == tuple(f"{name}{i}" for i in range(1, size + 1) for name in "uv")
    graph = build(text, [v for pair in zip(a.tolist(), b.tolist(), strict=True) for v in pair])
    out = torch.tanh(torch.dot(a, b) / 10)
    out.backward()  # type: ignore[no-untyped-call]
    assert graph.values[-1] == pytest.approx(out.item(), rel=1e-12)
    for name, leaf in (("u", a), ("v", b)):
        assert leaf.grad is not None
        slopes = [graph.gradient[graph.at(f"{name}{i}")] for i in range(1, size + 1)]
        assert slopes == pytest.approx(leaf.grad.tolist(), rel=1e-12)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("dot(a, b)", "a1*b1 + a2*b2 + a3*b3"),
        ("2*dot(w, w, 2)^2", "2*(w1*w1 + w2*w2)^2"),
        ("dot(a, b, 1) + dot(a, c, 1)*a1", "(a1*b1) + (a1*c1)*a1"),
        ("adot(x) + dots + dot1", "adot(x) + dots + dot1"),
        ("2dot(a, b, 1)", "2(a1*b1)"),
    ],
)
def test_a_dot_product_is_written_out(text: str, written: str) -> None:
    assert write_out(text).text == written
    assert len(write_out(text).columns) == len(written)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("dot", "dot"),
        ("dot*x", "dot"),
        ("dot(a)", "dot"),
        ("dot(a, b", "dot"),
        ("dot(a, b, 2, 2)", "dot"),
        ("dot(2, b)", "dot"),
        ("dot(a1, b)", "dot"),
        ("dot(sin, b)", "dot"),
        ("dot(e, b)", "dot"),
        ("dot(a + c, b)", "dot"),
        ("dot(weights, b)", "dot"),
        ("dot(dot(a, b), c)", "dot"),
        ("dot(à, b)", "dot"),
        ("dot(a, b, 0)", "length"),
        ("dot(a, b, 9)", "length"),
        ("dot(a, b, 2.5)", "length"),
        ("dot(a, b, n)", "length"),
        ("dot(a, b, ²)", "length"),
        ("dot(a, b, 2) + dot(a, c)", "lengths"),
        ("dot(a, b) + a", "vector"),
        ("dot(a, b, 5)", "inputs"),
        ("+".join(["dot(a, a, 8)"] * 20), "written"),
    ],
)
def test_a_misused_dot_product_gets_its_sentence(text: str, code: str) -> None:
    with pytest.raises(ExpressionError) as error:
        build(text, [1.0] * 8)
    assert error.value.code == code


@pytest.mark.parametrize(
    ("text", "position"),
    [("dot(a, b) + )", 13), ("x + dot(a, b, 2) x", 18), ("x? + dot(a, b)", 2), ("dot(a, b)*snh(x)", 11)],
)
def test_a_mistake_is_found_where_it_was_typed(text: str, position: int) -> None:
    with pytest.raises(FormulaError) as error:
        build(text, [1.0] * 8)
    assert error.value.values["position"] == position


def test_a_misspelled_function_is_no_input() -> None:
    with pytest.raises(FormulaError) as error:
        build("snh(x)", [1.0])
    assert error.value.code == "near"


def test_values_that_are_not_given_are_those_of_the_example() -> None:
    assert ExpressionSpec("slide", values=(5.0,)).point == (5, 3, 2, 3)
    assert ExpressionSpec(OWN, "u*v", (2.0,)).point == (2, 1)
    assert ExpressionSpec(OWN, "u", (2.0, 3.0)).point == (2,)


def test_an_operation_without_a_value_is_a_hole() -> None:
    graph = build("log(x)*y", [-1.0, 2.0])
    assert graph.symbols[graph.hole or -1] == "v1"


# ---------------------------------------------------------------- moments, drawing, script


def some_graphs() -> list[Graph]:
    texts = [(EXAMPLES[name].text, EXAMPLES[name].values) for name in EXAMPLES]
    texts += [("x*x", (3.0,)), ("x", (1.0,)), ("x^2 + x*y + y^x", (1.5, 0.5)), ("v1*v2 + x", (1.0, 2.0, 3.0))]
    return [build(text, point) for text, point in texts]


@pytest.mark.parametrize("graph", some_graphs(), ids=lambda g: g.symbols[-1])
def test_moments_go_forward_then_back_and_end_with_everything(graph: Graph) -> None:
    found = moments(graph)
    operations = [i for i, step in enumerate(graph.steps) if step.parts]
    moving = [i for i, step in enumerate(graph.steps) if step.moves]
    assert [m.node for m in found] == [None, *operations, *reversed(moving), None]
    assert found[-1].graded == frozenset(moving)
    for moment in found[1:-1]:
        i = moment.node
        assert i is not None
        if moment.backward:  # all that it adds up is known by then
            assert all(edge.head in moment.graded for edge in moment.edges)
            assert moment.text == backward_text(graph, i)
        else:
            assert all(graph.steps[e.tail].parts == () or e.tail < moment.valued for e in moment.edges)
            assert moment.text == forward_text(graph, i)
    assert len({graph.symbols[i] for i in moving}) == len(moving)


def test_the_line_of_a_moment_says_its_numbers() -> None:
    graph = build("x*y + sin(x)", (2.0, 3.0))
    assert forward_text(graph, graph.output) == "v3 = v1 + v2 = 6 + 0.9093 = 6.909"
    assert backward_text(graph, graph.at("x")) == (
        "∂v3/∂x = ∂v3/∂v1 · ∂v1/∂x + ∂v3/∂v2 · ∂v2/∂x = 1 · 3 + 1 · (−0.4161) = 2.584"
    )


def test_every_operation_has_its_formula_and_slopes() -> None:
    assert {name: len(slopes) for name, (_, slopes) in LATEX.items()} == {
        name: operation.arguments for name, operation in OPERATIONS.items()
    }


@pytest.mark.parametrize("graph", some_graphs(), ids=lambda g: g.symbols[-1])
def test_a_drawing_has_layers_and_no_two_nodes_in_one_place(graph: Graph) -> None:
    layout = figures.placed(graph)
    places = np.array(layout.places)
    apart = np.abs(places[:, None] - places[None])
    near = (apart[..., 0] < 0.99) & (apart[..., 1] < 0.99)
    assert near.sum() == len(places)
    for edge in graph.edges:
        route = layout.routes[edge.tail, edge.head]
        assert route[0] == layout.places[edge.tail]
        assert route[-1] == layout.places[edge.head]
        assert (np.diff([x for x, _ in route]) > 0.99).all()
    found = moments(graph)
    frames = figures.frames(graph, layout, found)
    assert (
        len(frames.values) == len(frames.gradients) == len(frames.locals) == len(found) == len(frames.lit[0])
    )
    picture = figures.drawing(graph, layout)
    assert list(picture.data[figures.VALUES].text) == frames.values[-1]
    assert list(picture.data[figures.GRADIENTS].text) == frames.gradients[-1]
    local = picture.data[figures.LOCALS]
    for edge, x, y in zip(graph.edges, local.x, local.y, strict=True):  # on the edge's own end
        start, end = np.array(figures.routes(graph, layout)[edge][-2:])
        share = (x - start[0]) / (end[0] - start[0])
        assert 0.2 < share < 0.8
        assert start + share * (end - start) == pytest.approx(np.array([x, y]), abs=1e-5)
    assert not any("" in texts for texts in (*frames.values, *frames.gradients, *frames.locals))


CHAINS = {
    "sigmoids": "sigmoid(" * 30 + "w*x" + ")" * 30,
    "one input everywhere": "+".join("x" * 58),
    "two inputs everywhere": "sin(w*" * 14 + "x" + "+b)" * 14,
    "numbers beside": "tanh(2*" * 18 + "x" + ")" * 18,
}


@pytest.mark.parametrize("text", CHAINS.values(), ids=CHAINS)
def test_a_long_chain_is_set_in_lines(text: str) -> None:
    graph = build(text, [1.0] * len(inputs(text)))
    layout = figures.placed(graph)
    assert len(graph.steps) > 30
    assert layout.layers <= 12
    assert layout.rows < 20
    places = np.array(layout.places)
    apart = np.abs(places[:, None] - places[None])
    assert ((apart[..., 0] < 0.99) & (apart[..., 1] < 0.99)).sum() == len(places)
    lines = 1
    for i in range(1, len(places)):  # as one reads: to the right, and at the end of a line to the next one
        if graph.steps[i].parts and graph.steps[i - 1].parts and i - 1 in graph.steps[i].parts:
            (x, y), (before, above) = places[i], places[i - 1]
            lines += x == 0
            assert (x == 0 and before == layout.layers - 1 and y < above - 0.99) or x == before + 1
    assert lines == math.ceil((1 + longest(graph)) / layout.layers)
    for edge in graph.edges:
        route = layout.routes[edge.tail, edge.head]
        assert (route[0], route[-1]) == (layout.places[edge.tail], layout.places[edge.head])
        for start, end in pairwise(route):  # along a layer, or straight across and down outside of them
            outside = start[0] == end[0] and not -0.49 < start[0] < layout.layers - 0.51
            assert outside or abs(start[1] - end[1]) < 1e-9 or end[0] - start[0] == pytest.approx(1)


def longest(graph: Graph) -> int:
    """Edges on the longest path to the output."""
    found = [0] * len(graph.steps)
    for edge in graph.edges:
        found[edge.head] = max(found[edge.head], found[edge.tail] + 1)
    return found[-1]


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(EXPRESSIONS)
def test_no_node_lies_on_another_or_on_the_way_of_an_edge(found: Expression) -> None:
    names = inputs(found[0]) if len(found[0]) <= 300 else ()
    if not names:
        return
    graph = build(found[0], [1.0] * len(names))
    layout = figures.placed(graph)
    assert len({(round(x, 6), round(y, 6)) for x, y in layout.places}) == len(layout.places)
    for edge in graph.edges:
        route = layout.routes[edge.tail, edge.head]
        assert (route[0], route[-1]) == (layout.places[edge.tail], layout.places[edge.head])
        for stop in route[1:-1]:
            assert min(math.dist(stop, place) for place in layout.places) > 0.45


def test_the_uses_of_one_input_share_a_line() -> None:
    graph = build("sigmoid(w*sigmoid(w*sigmoid(w*sigmoid(w*x))))", (1.5, 1.0))
    layout = figures.placed(graph)
    assert layout.rows <= 2
    uses = [layout.routes[edge.tail, edge.head] for edge in graph.uses[graph.at("w")]]
    assert all(set(uses[-1][:-1]) >= set(way[:-1]) for way in uses)


@pytest.mark.parametrize("graph", some_graphs(), ids=lambda g: g.symbols[-1])
def test_longer_numbers_ask_for_more_room(graph: Graph) -> None:
    layout = figures.placed(graph)
    long, wide = [-1.2345e-10] * len(graph.steps), figures.room(graph, layout)
    assert wide.rows == layout.rows
    assert figures.room(graph, layout, long).width >= figures.room(graph, layout, [0.0] * len(long)).width
    if layout.layers > 1:
        assert figures.room(graph, layout, long).width > 9 * figures.LETTER


def test_a_wide_graph_stays_apart() -> None:
    pairs = [(i, 40 + i // 2) for i in range(40)] + [(40 + i, 60) for i in range(20)]
    layout = layered(61, pairs)
    places = np.array(layout.places)
    apart = np.abs(places[:, None] - places[None])
    assert ((apart[..., 0] < 0.99) & (apart[..., 1] < 0.99)).sum() == 61


@pytest.mark.parametrize("graph", some_graphs(), ids=lambda g: g.symbols[-1])
def test_the_script_prints_the_same_numbers(graph: Graph) -> None:
    done = subprocess.run(
        [sys.executable, "-c", script.write(graph)], capture_output=True, text=True, check=True
    )
    told = dict(line.split(" = ") for line in done.stdout.splitlines())
    out = graph.symbols[graph.output]
    assert float(told.pop(out)) == pytest.approx(graph.values[-1], rel=1e-12)
    for name in graph.inputs:
        assert float(told.pop(f"d{out}/d{name}")) == pytest.approx(graph.gradient[graph.at(name)], rel=1e-12)
    assert told == {}


# ---------------------------------------------------------------- what a gradient is good for


@pytest.mark.parametrize("by", [0.1, 0.01, -0.01])
def test_a_nudge_errs_by_half_the_curvature_times_its_square(by: float) -> None:
    found = nudge("x*x*x", (2.0,), 0, by)
    assert found.error == pytest.approx(6 * by**2 + by**3, rel=1e-9)
    assert nudge("3*x + y", (2.0, 1.0), 0, by).error == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("learns", [(0, 1, 2, 3), (0, 2)])
def test_a_descent_is_that_of_torch(learns: tuple[int, ...]) -> None:
    spec = ExpressionSpec("neuron_loss")
    leaves = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in spec.point]
    w, x, b, y = leaves
    rule = torch.optim.SGD([leaves[i] for i in learns], lr=0.3)
    way = descend(spec.text, spec.point, learns, 0.3, 20)
    for t in range(21):
        rule.zero_grad()
        out = (torch.sigmoid(w * x + b) - y) ** 2 / 2
        assert way.outputs[t] == pytest.approx(float(out.detach()), rel=1e-12)
        assert way.points[t] == pytest.approx([float(v.detach()) for v in leaves], rel=1e-12)
        out.backward()  # type: ignore[no-untyped-call]
        rule.step()
    assert way.outputs[-1] < way.outputs[0]


def test_a_descent_ends_where_there_is_no_value() -> None:
    way = descend("log(x)", (0.5,), (0,), 1.0, 50)
    assert len(way.outputs) < 51


# ---------------------------------------------------------------- what PyTorch stores, and what it adds up


@pytest.mark.parametrize("graph", some_graphs(), ids=lambda g: g.symbols[-1])
def test_pytorch_finds_the_same_gradients_and_adds_them_up(graph: Graph) -> None:
    everything = range(len(graph.inputs))
    kept, cleared = run(graph, everything, passes=3, zero_grad=False), run(graph, everything, passes=3)
    once = input_gradient(graph)
    for k in range(3):
        assert kept.grads[k] == pytest.approx([(k + 1) * slope for slope in once], rel=1e-12)
        assert cleared.grads[k] == pytest.approx(once, rel=1e-12)
    for i, step in enumerate(graph.steps):
        if step.moves:
            assert kept.nodes[i] == pytest.approx(graph.gradient[i], rel=1e-12)
        else:
            assert kept.nodes[i] is None


def test_what_the_operations_of_pytorch_store() -> None:
    graph = build("(x + a)*b + c", (1, 3, 2, 3))
    stored = dict(zip(graph.symbols, run(graph, range(4)).stored, strict=True))
    assert (stored["v1"], sorted(stored["v2"]), stored["v3"]) == ((), [2, 4], ())
    graph = build("tanh(x) + exp(y) + sin(z)", (0.5, 1, 2))
    stored = dict(zip(graph.symbols, run(graph, range(3)).stored, strict=True))
    assert stored["v1"] == pytest.approx([math.tanh(0.5)])  # the result
    assert stored["v2"] == pytest.approx([math.e])
    assert next(v for i, v in enumerate(run(graph, range(3)).stored) if graph.steps[i].name == "sin") == (2,)


def test_nothing_flows_back_through_what_is_detached() -> None:
    graph = build("x*y + sin(x)", (2, 3))
    sine = next(i for i, step in enumerate(graph.steps) if step.name == "sin")
    assert run(graph, (0, 1)).grads[0] == pytest.approx((3 + math.cos(2), 2))
    assert run(graph, (0, 1), detached=sine).grads[0] == pytest.approx((3, 2))
    assert run(graph, (0, 1), detached=graph.output).grads == ((None, None),)
    assert run(graph, (1,)).grads[0] == (None, 2)
    assert run(graph, ()).nodes == (None,) * 5
