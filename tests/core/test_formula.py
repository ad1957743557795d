"""Typed formulas: what they mean, where they are wrong, and that nothing typed can do anything else."""

from __future__ import annotations

import ast
import math
import pickle
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.formulas.formula import DEEPEST, MOST_CHARACTERS, MOST_NODES, Formula, FormulaError, parse
from mlcore.formulas.operations import FUNCTIONS, OPERATIONS

F64 = torch.float64
PYTHON: dict[str, Callable[..., float]] = {  # the same functions by Python's own library
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "exp": math.exp, "log": math.log, "sqrt": math.sqrt,
    "abs": abs, "tanh": math.tanh, "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "relu": lambda z: max(0.0, z), "min": min, "max": max,
}  # fmt: skip


def at(text: str, x: float, y: float) -> float:
    return float(parse(text)(torch.tensor([[x, y]], dtype=F64)))


def refused(text: str) -> FormulaError:
    with pytest.raises(FormulaError) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x", 0.5), ("2*x + y", 3.0), ("x^2", 0.25), ("x**2", 0.25), ("2^3^2", 512.0), ("-x^2", -0.25),
        ("2^-1", 0.5), ("x/y/2", 0.125), ("x - y - 1", -2.5), ("(x + y)*(x - y)", -3.75), ("pi", math.pi),
        ("e^x", math.exp(0.5)), ("ln(y)", math.log(2)), ("1e-3*y", 0.002), (".5 + 1.", 1.5), ("007*y", 14.0),
        ("min(x, y)", 0.5), ("max(x, y)", 2.0), ("+x", 0.5), ("--x", 0.5), ("x·y − 1 × 2 ÷ 4", 0.5),
        ("π", math.pi), ("y^4", 16.0), ("y^3", 8.0), ("2^0.5", math.sqrt(2)),
        ("sqrt(abs(-y))", math.sqrt(2)),
    ],
)  # fmt: skip
def test_signs_mean_what_mathematics_means(text: str, value: float) -> None:
    assert at(text, 0.5, 2.0) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("", "empty", "There is no formula yet"),
        ("  ", "empty", "x, y"),
        ("2x", "times", "At character 2 a sign is missing: write 2*x"),
        ("xy", "times", "write x*y"),
        ("3 4", "times", "write 3*4"),
        ("x(y)", "times", "At character 2 a sign is missing: write x*(...)"),
        ("(x + 1)(x - 1)", "times", "At character 8"),
        ("sinx", "brackets", "sin(x)"),
        ("sin x", "brackets", "sin(x)"),
        ("sin^2(x)", "brackets", "At character 1, sin"),
        ("x + cos", "brackets", "At character 5, cos"),
        ("siin(x)", "near", "Did you mean sin?"),
        ("zzz", "name", "At character 1, zzz is not known"),
        ("x $ y", "character", "Character 3, $"),
        ("x = y", "character", "Character 3, ="),
        ("((x)", "unclosed", "character 1"),
        ("x + y)", "unopened", "character 6"),
        ("x + * y", "missing", "before character 5, *"),
        ("sin()", "missing", "before character 5, )"),
        ("x +", "unfinished", "ends too early"),
        ("0,5*x", "comma", "The comma at character 2"),
        ("(x, y)", "comma", "The comma at character 3"),
        ("min(x)", "arguments", "min takes 2, not 1"),
        ("sin(x, y)", "arguments", "sin takes 1, not 2"),
        ("x + 1e999", "number", "character 5"),
        ("x" * 301, "long", "301 characters"),
        ("(" * 41 + "x" + ")" * 41, "deep", "character 41"),
        ("-" * 41 + "x", "deep", "character 41"),
        ("*".join(f"({'+'.join('x' * 9)})" for _ in range(10)), "large", "more than 150 parts"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, code: str, said: str) -> None:
    error = refused(text)
    assert error.code == code
    assert said in str(error)


@pytest.mark.parametrize(
    "attack",
    [
        "__import__('os').system('true')", "().__class__", "x.__class__", "lambda: x", "[x for x in y]",
        "x if y else 1",
        "f'{x}'", "x := 1", "not x", "x and y", "x < y", "x[0]", "{x}", "'x'", "print(x)", "x; y",
        "x\ny", "# x", "x @ y",
        "1j*x", "0x10", "1_0", "True", "None", "...", "*x", "sin(*x)", "sin(x=1)", "x\x00", "\ud800",
        "ｘ", "x²", "x // y", "x % y",
    ],
)  # fmt: skip
def test_python_is_not_spoken_here(attack: str) -> None:
    if attack == "x\ny":  # white space: two variables side by side
        assert refused(attack).code == "times"
    else:
        refused(attack)


def test_python_never_sees_what_is_too_long_or_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("Python's parser was asked")

    monkeypatch.setattr(ast, "parse", never)
    for text in ("x" * 301, "(" * 300, "lambda: 1", "x.real", "2x", "x +", "sin"):
        refused(text)


def test_an_error_crosses_to_another_process() -> None:
    error = pickle.loads(pickle.dumps(refused("2x")))
    assert (error.code, error.values["near"]) == ("times", "2*x")


# ---------------------------------------------------------------- any text at all


@settings(max_examples=400, derandomize=True, database=None)
@given(st.one_of(st.text(max_size=60), st.text("xy0123456789.+-*/^(), sincoexplgtabmr", max_size=80)))
def test_any_text_is_a_formula_or_a_sentence(text: str) -> None:
    found = tried(text)
    if isinstance(found, FormulaError):
        assert str(found)
        assert 1 <= found.values.get("position", 1) <= max(len(text), 1)
    else:
        value = found(torch.tensor([[0.3, -0.7], [2.0, 1.0]], dtype=F64))
        assert value.shape == (2,)


def tried(text: str) -> Formula | FormulaError:
    """Anything else that is raised fails the test."""
    try:
        return parse(text)
    except FormulaError as error:
        return error


def expressions() -> st.SearchStrategy[str]:
    """Formulas by their grammar, with every operation, in as many ways of writing as there are."""
    number = st.floats(0, 50).map(lambda v: f"{v:.4g}") | st.integers(0, 9).map(str)
    leaf = number | st.sampled_from(["x", "y", "pi", "e"])

    def more(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        one = st.sampled_from([name for name in FUNCTIONS if OPERATIONS[name].arguments == 1])
        two = st.sampled_from([name for name in FUNCTIONS if OPERATIONS[name].arguments == 2])
        signed = st.tuples(inner, st.sampled_from(["+", " - ", "*", " / ", "^", "**"]), inner)
        return st.one_of(
            signed.map("".join), signed.map(lambda parts: f"({''.join(parts)})"),
            st.tuples(one, inner).map(lambda p: f"{p[0]}({p[1]})"),
            st.tuples(two, inner, inner).map(lambda p: f"{p[0]}({p[1]}, {p[2]})"),
            inner.map(lambda text: f"-{text}"),
        )  # fmt: skip

    return st.recursive(leaf, more, max_leaves=12)


def by_python(text: str, x: float, y: float) -> float | None:
    """The value by Python's own arithmetic; None where it has none."""
    names = {"x": x, "y": y, "pi": math.pi, "e": math.e, **PYTHON}
    tree = ast.parse(text.replace("^", "**"), mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            node.value = float(node.value)  # 9^9^9 would have millions of digits
    source = compile(tree, "formula", "eval")
    try:
        value = eval(source, {"__builtins__": {}}, names)  # of our own grammar, never of a person
    except (ValueError, ZeroDivisionError, OverflowError, TypeError):  # the last one for complex numbers
        return None
    return value if isinstance(value, float | int) and math.isfinite(value) else None


@settings(max_examples=300, derandomize=True, database=None)
@given(expressions(), st.floats(-3, 3), st.floats(-3, 3))
def test_values_are_those_of_python(text: str, x: float, y: float) -> None:
    formula = tried(text)
    if isinstance(formula, FormulaError):
        assert formula.code in ("deep", "large", "long")
        return
    found = at(text, x, y)
    expected = by_python(text, x, y)
    if expected is not None and abs(expected) < 1e100:
        # a step of rounding may be blown up on the way: by as much as a change of x and y by it
        moved = [by_python(text, x * (1 + d), y * (1 - d)) for d in (1e-13, -1e-13)]
        if all(m is not None and abs(m - expected) < 1e-6 * (1 + abs(expected)) for m in moved):
            assert found == pytest.approx(expected, rel=1e-6, abs=1e-9)


# ---------------------------------------------------------------- gradients

SMOOTH = (
    "x^2*y + 3", "sin(x)*cos(y) + tan(x/3)", "exp(-x^2 - y^2)", "log(x + 4)*sqrt(y + 5)", "x^y + y^x",
    "x^3 - y^4 + x^0",
    "tanh(x*y) + sigmoid(x - y)", "x/(1 + y^2)", "abs(x - 9) + relu(y + 7)",
    "min(x, y + 9) + max(x*x, y - 9)",
    "2^x + x^2.5 + x^-1", "-(x - y)^2/2", "7", "x", "(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
)  # fmt: skip


@pytest.mark.parametrize("text", SMOOTH)
def test_gradients_are_those_of_autograd_and_of_differences(text: str) -> None:
    formula = parse(text)
    theta = 0.5 + 1.5 * torch.rand(50, 2, generator=torch.Generator().manual_seed(0), dtype=F64)
    leaf = theta.clone().requires_grad_()
    value = formula(leaf).sum() + 0 * leaf.sum()
    (auto,) = torch.autograd.grad(value, leaf)
    gradient = formula.gradient(theta)
    np.testing.assert_allclose(gradient, auto, rtol=1e-12, atol=1e-13)
    h = 1e-6
    for k in (0, 1):
        step = torch.zeros(2, dtype=F64)
        step[k] = h
        slope = (formula(theta + step) - formula(theta - step)) / (2 * h)
        np.testing.assert_allclose(gradient[:, k], slope, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_knows_its_slopes(name: str) -> None:
    operation = OPERATIONS[name]
    g = torch.Generator().manual_seed(1)
    given = [
        (0.2 + torch.rand(100, generator=g, dtype=F64)).requires_grad_() for _ in range(operation.arguments)
    ]
    out = operation.value(*given)
    expected = torch.autograd.grad(out.sum(), given)
    for slope, auto in zip(operation.slopes, expected, strict=True):
        np.testing.assert_allclose(slope(out, *given).detach().expand(100), auto, rtol=1e-12)


def test_at_kinks_and_zeros_the_gradient_is_a_number() -> None:
    origin = torch.zeros(1, 2, dtype=F64)
    for text in ("abs(x)", "relu(x)", "max(x, y)", "x^2", "x^0", "x^1.5", "y*x^2.5", "x^3 + y^4"):
        assert torch.isfinite(parse(text).gradient(origin)).all(), text
    assert parse("max(x, y)").gradient(origin).tolist() == [[0.5, 0.5]]


def test_where_there_is_no_value_there_is_a_hole() -> None:
    points = torch.tensor([[-1.0, 1.0], [0.0, 1.0], [1.0, 1.0]], dtype=F64)
    assert torch.isfinite(parse("log(x)")(points)).tolist() == [False, False, True]
    assert torch.isfinite(parse("1/x")(points)).tolist() == [True, False, True]
    assert torch.isfinite(parse("sqrt(x)*0 + y")(points)).tolist() == [False, True, True]


def test_equal_parts_are_computed_once() -> None:
    steps = parse("sin(x*y) + sin(x*y) + 2*pi*(x*y)").program.steps
    assert [step.name for step in steps].count("sin") == 1
    assert sum(step.name == "*" and step.moves for step in steps) == 2


def test_limits_hold_exactly() -> None:
    parse("(" * DEEPEST + "x" + ")" * DEEPEST)
    parse("x" + " " * (MOST_CHARACTERS - 1))
    most = "+".join(["x"] * 75)  # a sum is not deep, however long
    assert at(most, 1.0, 0.0) == 75
    with pytest.raises(FormulaError, match="more than 150"):
        parse(most + "+x")
    assert MOST_NODES == 150


def test_other_variables_can_be_chosen() -> None:
    formula = parse("t^2 + 1", ("t",))
    assert formula(torch.tensor([[3.0]], dtype=F64)).tolist() == [10.0]
    with pytest.raises(FormulaError, match="x is not known"):
        parse("x", ("t",))
