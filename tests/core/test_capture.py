"""Recorders and compilers: the same numbers as eager, the graphs they hold, and what freezing does."""

from __future__ import annotations

import logging
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.backpropagation.expressions import EXAMPLES, ExpressionError, ExpressionSpec, inputs, read
from mlcore.backpropagation.graph import build
from mlcore.base.experiment import Stopped, silent
from mlcore.capture import captures, control_flow, cost, process, recorders
from mlcore.capture.captures import CaptureSpec
from mlcore.capture.control_flow import ControlError, ControlSpec, Outcome, compare
from mlcore.capture.cost import Cost, Costs, CostSpec, pays, timed
from mlcore.capture.diagrams import Diagram, Node, short, way_back
from mlcore.capture.dynamo_log import Heard
from mlcore.capture.functions import elementwise, for_jax
from mlcore.capture.process import CaptureError, elsewhere
from mlcore.capture.recorders import RECORDERS, own_words
from mlcore.figures import capture as figures
from mlcore.formulas.formula import FormulaError, parse
from tests.core import child_functions
from tests.core.test_graph import EXPRESSIONS, Expression

ROOT = Path(__file__).parents[2]
NAMES = ("x", "y", "w1")
OFTEN = ("trace", "symbolic", "export", "joint", "jaxpr")


def double(values: Any) -> list[torch.Tensor]:
    return [torch.tensor(float(v), dtype=torch.float64) for v in values]


# ------------------------------------------------------------------ one function, many graphs


@pytest.mark.parametrize("recorder", RECORDERS)
@pytest.mark.parametrize("example", EXAMPLES)
def test_every_recorder_computes_what_eager_computes_and_holds_its_operations(
    example: str, recorder: str
) -> None:
    spec = CaptureSpec(ExpressionSpec(example))
    graph = build(spec.expression.text, spec.expression.point)
    found = captures.recorded(spec, recorder)
    assert found.installed
    assert found.problem == ""
    assert found.value == pytest.approx(graph.values[-1], rel=1e-13)
    moving = sum(bool(step.parts) and step.moves for step in graph.steps)
    if recorder == "joint":
        assert found.operations > moving
    else:
        assert found.operations == moving
    for diagram in found.diagrams:
        assert all(tail < head for tail, head in diagram.edges)
        assert diagram.nodes[-1].kind == "output"
        ends = {head for _, head in diagram.edges}
        assert all(
            (i in ends) == (node.kind not in ("input", "number")) for i, node in enumerate(diagram.nodes)
        )
        assert {node.name for node in diagram.nodes if node.kind == "input"} == set(graph.inputs)
    assert found.text


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(EXPRESSIONS, st.lists(st.floats(-2, 2).map(lambda v: round(v, 3)), min_size=3, max_size=3))
def test_recordings_of_random_expressions_compute_the_same(found: Expression, values: list[float]) -> None:
    text, function = found
    names = inputs(text)
    if not names or len(text) > 300:
        return
    at = dict(zip(NAMES, double(values), strict=True))
    wanted, example = float(function(at)), [at[name] for name in names]
    formula, _ = read(text)
    for recorder in OFTEN:
        own = elementwise(formula, names, for_jax()) if recorder == "jaxpr" else elementwise(formula, names)
        made = getattr(recorders, recorder)(own, example, names)
        assert float(made.run(*example)) == pytest.approx(wanted, rel=1e-11, abs=1e-290, nan_ok=True), (
            recorder
        )


def test_the_joint_graph_holds_the_gradient() -> None:
    formula, names = read("x*y + sin(x)")
    made = recorders.joint(elementwise(formula, names), double((2, 3)), names)
    backward = [node.name for node in made.diagrams[0].nodes if node.kind == "gradient"]
    assert {"ones_like", "cos"} <= set(backward)
    assert [node.name for node in made.diagrams[0].nodes if node.kind == "operation"] == ["mul", "sin", "add"]


def test_numbers_are_worked_out_before_as_python_would() -> None:
    names = ("x",)
    function = elementwise(parse("x + sqrt(4)*exp(0) - min(3, 2)", names), names)
    traced = torch.fx.symbolic_trace(recorders.SIGNED[1](function))
    assert [node.op for node in traced.graph.nodes] == [
        "placeholder",
        "call_function",
        "call_function",
        "output",
    ]
    assert float(function(torch.tensor(5.0))) == 5.0


@pytest.mark.parametrize(("a", "b"), [("x", "1/2"), ("1/2", "x"), ("x", "y")])
@pytest.mark.parametrize("name", ["min", "max"])
def test_min_and_max_take_numbers_on_either_side(name: str, a: str, b: str) -> None:
    names = ("x", "y")
    x, y = torch.tensor([0.0, 1.0]), torch.tensor([2.0, -2.0])
    for library in (None, for_jax()):
        formula = parse(f"{name}({a}, {b})", names)
        function = elementwise(formula, names, library) if library else elementwise(formula, names)
        given = (x, y) if library is None else (x.numpy(), y.numpy())
        np.testing.assert_array_equal(np.array(function(*given)), formula.program(x, y).numpy())


@pytest.mark.parametrize(
    ("words", "name"),
    [("AddBackward0", "add"), ("aten::mul", "mul"), ("aten.add.Tensor", "add"), ("torch.tanh", "tanh"),
     ("operator.truediv", "div"), ("logistic", "sigmoid"), ("integer_pow", "pow"), ("reduce_sum", "sum"),
     ("SigmoidBackward0", "sigmoid"), ("aten.sum.default", "sum"), ("torch.max", "max")],
)  # fmt: skip
def test_the_same_operation_has_one_name(words: str, name: str) -> None:
    assert short(words) == name


def test_the_way_back_is_what_the_value_does_not_need() -> None:
    nodes = (*(Node(name, "operation") for name in ("a", "value", "slope")), Node("output", "output"))
    back = way_back(Diagram(nodes, ((0, 1), (0, 2), (2, 3), (1, 3))))
    assert [node.kind for node in back.nodes] == ["operation", "operation", "gradient", "output"]


def test_without_jax_its_recorders_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jax", None)
    assert not captures.recorded(CaptureSpec(), "jaxpr").installed
    outcomes = {outcome.recorder: outcome for outcome in compare(ControlSpec())}
    assert not outcomes["jaxpr"].installed
    assert not outcomes["jax_cond"].installed
    assert outcomes["cond"].right


# ------------------------------------------------------------------ branches and loops on data


def outcomes(spec: ControlSpec) -> dict[str, Outcome]:
    return {outcome.recorder: outcome for outcome in compare(spec)}


def test_the_printed_numbers_of_the_frozen_branch() -> None:
    found = outcomes(ControlSpec())
    assert found["trace"].unseen == (-3, -3)
    assert found["eager"].unseen == (-2, -2)
    assert not found["trace"].right
    assert [name for name, outcome in found.items() if outcome.refused] == ["symbolic", "export", "jaxpr"]
    assert [name for name, outcome in found.items() if outcome.right] == [
        "eager",
        "dynamo",
        "cond",
        "jax_cond",
    ]
    assert "control flow" in found["symbolic"].problem
    assert "bool" in found["jaxpr"].problem


@pytest.mark.parametrize("seen", [(1.0, 2.0), (-1.0, -2.0)])
@pytest.mark.parametrize("unseen", [(3.0, -1.0), (-3.0, 1.0), (0.0, 0.0)])
@pytest.mark.parametrize("then", ["3*x", "tanh(x)"])
def test_a_trace_is_the_branch_that_it_saw(seen: Any, unseen: Any, then: str) -> None:
    found = outcomes(ControlSpec(then=then, seen=seen, unseen=unseen))
    taken = then if sum(seen) > 0 else "x - 1"
    frozen = parse(taken, ("x",)).program(torch.tensor(unseen, dtype=torch.float64))
    assert found["trace"].unseen == pytest.approx(frozen.tolist(), rel=1e-15)
    assert found["trace"].right == ((sum(seen) > 0) == (sum(unseen) > 0))
    for name in ("dynamo", "cond", "jax_cond"):
        assert found[name].right, name


@pytest.mark.parametrize(("seen", "rounds"), [(2.0, 1), (8.0, 3), (1.0, 0)])
def test_a_trace_of_a_loop_goes_round_as_often_as_it_saw(seen: float, rounds: int) -> None:
    found = outcomes(ControlSpec("loop", seen=(seen, seen), unseen=(16.0, 16.0)))
    assert found["trace"].unseen == (16 / 2**rounds,) * 2
    assert found["eager"].unseen == (1, 1)
    for name in ("dynamo", "cond", "jax_cond"):
        assert found[name].right, name


def test_the_compiler_tells_of_breaks_guards_and_recompilations() -> None:
    first, second, third = outcomes(ControlSpec())["dynamo"].calls
    assert (first.graphs, len(first.breaks), first.recompiled) == (2, 1, ())
    assert "Data-dependent branching" in first.breaks[0]
    assert "size=[2]" in first.guards[0]
    assert (second.graphs, second.breaks, second.result) == (1, (), (-2, -2))
    assert any("size mismatch at index 0. expected 2, actual 4" in words for words in third.recompiled)
    assert third.result == (-2, -2, -2, -2)
    assert not any("/" in words and ".py" in words.split("/")[-1] for words in first.breaks)


def test_nothing_listens_afterwards() -> None:
    outcomes(ControlSpec())
    loggers = [logging.getLogger(name) for name in list(logging.root.manager.loggerDict)]
    assert not any(isinstance(handler, Heard) for one in loggers for handler in one.handlers)
    assert logging.getLogger("torch._dynamo.guards.__guards").getEffectiveLevel() > logging.DEBUG


@pytest.mark.parametrize(
    ("spec", "error", "code"),
    [
        (ControlSpec("loop", body="2*x", seen=(2.0, 2.0)), ControlError, "endless"),
        (ControlSpec(then="log(-x)"), ControlError, "value"),
        (ControlSpec(then="3"), ExpressionError, "constant"),
        (ControlSpec(condition="y"), FormulaError, None),
        (ControlSpec(other="__import__('os').system('true')"), FormulaError, None),
    ],
)
def test_what_cannot_be_shown_gets_a_sentence(
    spec: ControlSpec, error: type[Exception], code: str | None
) -> None:
    with pytest.raises(error) as raised:
        control_flow.outcomes(spec)
    assert code in (None, raised.value.code)  # type: ignore[attr-defined]


def test_own_words_name_no_folders_and_end() -> None:
    told = own_words(RuntimeError('at File "/home/somebody/lab/functions.py", line 3\n' + "word " * 500))
    assert told.startswith("at File functions.py, line 3 word")
    assert len(told) <= 400
    assert told.endswith("…")


# ------------------------------------------------------------------ what building costs


@pytest.mark.parametrize(
    ("build", "run", "eager"), [(1, 0.5, 1), (0.99, 0.1, 0.4), (0, 1, 2), (7, 0.3, 0.31)]
)
def test_it_pays_from_the_first_run_on_that_makes_it_cheaper(build: float, run: float, eager: float) -> None:
    n = pays(build, run, eager)
    assert build + n * run <= n * eager + 1e-12
    assert n == 1 or build + (n - 1) * run > (n - 1) * eager - 1e-12


@pytest.mark.parametrize("run", [1.0, 1.5])
def test_what_is_no_faster_never_pays(run: float) -> None:
    assert math.isinf(pays(0.0, run, 1.0))


def test_times_are_told_apart() -> None:
    quick, slow = timed([lambda: time.sleep(0.001), lambda: time.sleep(0.01)])
    assert 5 < slow / quick < 11


def test_all_ways_compute_the_same_and_only_eager_builds_nothing() -> None:
    found = cost.costs(CostSpec(ExpressionSpec("network"), 500))  # which uses nothing compiled before
    by_way = {way.way: way for way in found.ways}
    assert by_way["eager"].build == 0
    for way in by_way.values():
        assert way.measured or way.missing == "compiler" or way.problem, way
        if way.measured and way.way != "eager":
            assert way.build > 0
            assert way.error < 2e-6  # of float32, through 14 operations
    assert by_way["trace"].measured
    assert by_way["jit"].measured
    assert by_way["compile"].kernels in (None, 1)  # 14 operations in one loop


def test_without_a_compiler_the_rest_is_measured() -> None:
    script = """
from mlcore.capture.cost import CostSpec, measure
found = measure(CostSpec(size=10))
print(found.warm_up, *((way.way, way.missing, way.measured) for way in found.ways))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=os.environ | {"CXX": "no-such-compiler"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split("\n")[-2] == (
        "0.0 ('eager', '', True) ('trace', '', True) ('compile', 'compiler', False) ('jit', '', True)"
    )


def test_the_picture_marks_where_lines_cross() -> None:
    ways = (
        Cost("eager", 0.0, 1e-3),
        Cost("trace", 0.01, 5e-4),
        Cost("compile", 5.0, 2e-3),
        Cost("jit", missing="jax"),
    )
    found = Costs(CostSpec(), ways, 1.0)
    picture = figures.totals(found, {way.way: way.way for way in ways})
    assert [trace.name for trace in picture.data] == ["eager", "trace", "compile", ""]
    mark = picture.data[3]
    assert float(mark.x[0]) == found.pays(ways[1]) == 20
    assert float(mark.y[0]) == pytest.approx(20 * 1e-3)
    np.testing.assert_allclose(picture.data[1].y, 0.01 + figures.RUNS * 5e-4, rtol=1e-6)


@pytest.mark.parametrize("example", EXAMPLES)
def test_diagrams_are_drawn_with_all_their_nodes_apart(example: str) -> None:
    for recorder in RECORDERS:
        for diagram in captures.recorded(CaptureSpec(ExpressionSpec(example)), recorder).diagrams:
            picture = figures.drawing(diagram, figures.placed(diagram))
            nodes, names = picture.data[1], picture.data[2]
            assert len(nodes.x) == len(diagram.nodes)
            assert all(bool(a) != bool(b) for a, b in zip(nodes.text, names.text, strict=True))
            xy = np.stack([nodes.x, nodes.y], 1)
            apart = np.linalg.norm(xy[:, None] - xy[None], axis=-1) + 9 * np.eye(len(xy))
            assert apart.min() > 0.4
            assert nodes.hovertext[-1] == "output"


# ------------------------------------------------------------------ the process for compilers


def test_the_process_answers_reports_and_stays() -> None:
    heard: list[Any] = []

    def report(share: float, part: Any) -> None:
        heard.append((share, part))

    spec, first = elsewhere(child_functions.answer, {"any": (1, 2)}, report, 60)
    _, second = elsewhere(child_functions.answer, 0, silent, 60)
    assert spec == {"any": (1, 2)}
    assert first == second != os.getpid()
    assert (0.5, "half") in heard


def test_what_takes_too_long_is_ended_and_the_next_is_answered() -> None:
    heard: list[Any] = []
    with pytest.raises(CaptureError) as raised:
        elsewhere(child_functions.hang, 0, lambda share, part: heard.append(part), 5)
    assert raised.value.code == "slow"
    assert_ends(next(part for part in heard if part))
    assert elsewhere(child_functions.answer, 7, silent, 60)[0] == 7


def test_who_no_longer_waits_ends_it() -> None:
    pids: list[int] = []

    def report(share: float, part: Any) -> None:
        if part:
            pids.append(part)
        if pids:
            raise Stopped

    with pytest.raises(Stopped):
        elsewhere(child_functions.hang, 0, report, 60)
    assert_ends(pids[0])


def assert_ends(pid: int) -> None:
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_crash_is_a_sentence_and_the_next_is_answered() -> None:
    with pytest.raises(CaptureError) as raised:
        elsewhere(child_functions.crash, 0, silent, 60)
    assert raised.value.code == "crashed"
    assert elsewhere(child_functions.answer, 7, silent, 60)[0] == 7


@pytest.mark.parametrize(
    ("spec", "error"), [("value", ValueError), ("refusal", CaptureError), ("odd", RuntimeError)]
)
def test_errors_come_back_as_they_are(spec: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        elsewhere(child_functions.complain, spec, silent, 60)
    _, pid = elsewhere(child_functions.answer, 0, silent, 60)
    assert psutil.pid_exists(pid)  # an error is an answer: the process stays


def test_it_ends_with_the_process_that_asked() -> None:
    script = "from mlcore.capture.process import elsewhere\nfrom tests.core import child_functions\n"
    script += "print(elsewhere(child_functions.answer, 0, lambda share, part: None, 60)[1])"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    until(lambda: not psutil.pid_exists(int(done.stdout)))


def until(true: Callable[[], bool]) -> None:
    for _ in range(300):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come true")


def test_both_functions_that_workers_run_give_what_is_computed_here() -> None:
    spec = CaptureSpec(ExpressionSpec("fork"))
    assert captures.captured(spec) == captures.capture(spec)
    assert control_flow.outcomes(ControlSpec())[1].unseen == (-3, -3)
    assert process._kept is not None
