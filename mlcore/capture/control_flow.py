"""A branch and a loop on data: what each recorder makes of a decision that it cannot see.

    branch    f(x) = then(x) if sum condition(x) > 0 else other(x)
    loop      f(x): while sum condition(x) > 0: x <- body(x)

Every recorder is shown the function with one input and run on another, where the decision may be another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import torch
from torch import Tensor

from mlcore.backpropagation.expressions import ExpressionError
from mlcore.base import spec as specs
from mlcore.base.experiment import Report, run, silent
from mlcore.base.refusal import Refusal
from mlcore.base.registry import Knob
from mlcore.capture import recorders
from mlcore.capture.diagrams import Diagram
from mlcore.capture.dynamo_log import Call, watched
from mlcore.capture.functions import TORCH, Function, branch, elementwise, for_jax, loop
from mlcore.capture.process import elsewhere
from mlcore.capture.recorders import REFUSALS, Recording, own_words
from mlcore.formulas.formula import MOST_CHARACTERS, Formula, names_in, parse

LIMIT = 60.0  # seconds
MOST_ROUNDS = 20  # of a loop: TorchDynamo gives up after 8 versions of a function anyway
CONTROLS = ("branch", "loop")
RECORDERS = ("eager", "trace", "symbolic", "export", "dynamo", "jaxpr", "cond", "jax_cond")
"""As in `recorders`; the last two are told of the decision, as an operation of the graph (torch.cond and
while_loop, jax.lax.cond and while_loop)."""
NUMBER = Knob(1.0, -100.0, 100.0)
MOST_NUMBERS = 4
X = ("x",)
USUAL = {"branch": ((1.0, 1.0), (-1.0, -1.0)), "loop": ((2.0, 2.0), (16.0, 16.0))}


class ControlError(Refusal):
    """A branch or a loop that cannot be shown."""

    SENTENCES: ClassVar[dict[str, str]] = {
        "endless": "The loop does not end within {most} rounds from {input}. Let the condition fall below 0.",
        "value": "From {input} the function has no value. Choose other numbers.",
    }


@dataclass(frozen=True)
class ControlSpec:
    """The function, the input that recorders are shown, and another."""

    control: str = specs.choice("branch", CONTROLS, "flow")
    condition: str = specs.text("x", "when", MOST_CHARACTERS)
    then: str = specs.text("3*x", "then", MOST_CHARACTERS)
    other: str = specs.text("x - 1", "else", MOST_CHARACTERS)
    until: str = specs.text("abs(x) - 1", "while", MOST_CHARACTERS)
    body: str = specs.text("x/2", "body", MOST_CHARACTERS)
    seen: tuple[float, ...] = specs.numbers((), NUMBER, "seen", most=MOST_NUMBERS, least=0)
    unseen: tuple[float, ...] = specs.numbers((), NUMBER, "unseen", most=MOST_NUMBERS, least=0)

    def __post_init__(self) -> None:
        """Inputs that are not given are those on which the decision of the default functions differs."""
        specs.check(self)
        for field, usual in zip(("seen", "unseen"), USUAL[self.control], strict=True):
            object.__setattr__(self, field, getattr(self, field) or usual)

    @property
    def parts(self) -> tuple[str, ...]:
        """The expressions that this function is made of."""
        if self.control == "branch":
            return self.condition, self.then, self.other
        return self.until, self.body


@dataclass(frozen=True)
class Outcome:
    """What became of the function with one recorder."""

    recorder: str
    diagrams: tuple[Diagram, ...] = ()
    text: str = ""
    seen: tuple[float, ...] = ()  # on the example
    unseen: tuple[float, ...] = ()  # on the other input
    right: bool = False  # both as eager
    problem: str = ""  # in its own words
    installed: bool = True
    calls: tuple[Call, ...] = ()  # of the compiler: what it did at each call

    @property
    def refused(self) -> bool:
        return bool(self.problem)


def read(spec: ControlSpec) -> tuple[Formula, ...]:
    """The expressions in x. Raises `FormulaError` and `ExpressionError`."""
    found = tuple(parse(text, X) for text in spec.parts)
    for text in spec.parts:
        if "x" not in names_in(text):
            raise ExpressionError("constant", example="3*x")
    return found


def function(spec: ControlSpec, library: object = TORCH) -> Function:
    made = [elementwise(formula, X, library) for formula in read(spec)]  # type: ignore[arg-type]
    return branch(*made) if spec.control == "branch" else loop(*made)


@run.register
def outcomes(spec: ControlSpec, report: Report = silent) -> tuple[Outcome, ...]:
    """Eager first. Raises `FormulaError`, `ExpressionError`, `ControlError` and `CaptureError`."""
    for numbers in (spec.seen, spec.unseen):
        _ends(spec, numbers)
    return elsewhere(compare, spec, report, LIMIT)


def compare(spec: ControlSpec, report: Report = silent) -> tuple[Outcome, ...]:
    """The same in this process."""
    example, unseen = (torch.tensor(v, dtype=torch.float64) for v in (spec.seen, spec.unseen))
    found: list[Outcome] = []
    for i, name in enumerate(RECORDERS):
        found.append(_outcome(spec, name, example, unseen, found[0] if found else None))
        report((i + 1) / len(RECORDERS), found[-1])
    return tuple(found)


def _ends(spec: ControlSpec, numbers: Sequence[float]) -> None:
    """Run the function with a bound on its rounds. Raises `ControlError`."""
    told = ", ".join(f"{v:g}" for v in numbers)
    x = torch.tensor(numbers, dtype=torch.float64)
    if spec.control == "branch":
        x = function(spec)(x)
    else:
        until, body = (elementwise(formula, X) for formula in read(spec))
        rounds = 0
        while until(x).sum() > 0:
            x, rounds = body(x), rounds + 1
            if rounds > MOST_ROUNDS:
                raise ControlError("endless", most=MOST_ROUNDS, input=told)
    if not torch.isfinite(x).all():
        raise ControlError("value", input=told)


def _outcome(spec: ControlSpec, name: str, example: Tensor, unseen: Tensor, truth: Outcome | None) -> Outcome:
    calls: tuple[Call, ...] = ()
    found = Outcome(name)
    try:
        if name == "dynamo":
            recording, calls = watched(function(spec), [example, unseen, torch.cat([unseen, unseen])])
        else:
            recording = _recording(spec, name, example, unseen)
        found = Outcome(name, recording.diagrams, recording.text, calls=calls)
        seen, other = (tuple(recording.run(x).tolist()) for x in (example, unseen))
    except ImportError:
        return Outcome(name, installed=False)
    except REFUSALS as error:
        return replace(found, problem=own_words(error))
    right = truth is None or (_close(seen, truth.seen) and _close(other, truth.unseen))
    return replace(found, seen=seen, unseen=other, right=right)


def _close(one: Sequence[float], other: Sequence[float]) -> bool:
    return len(one) == len(other) and all(
        abs(a - b) <= 1e-12 * max(1.0, abs(b)) for a, b in zip(one, other, strict=True)
    )


def _recording(spec: ControlSpec, name: str, example: Tensor, unseen: Tensor) -> Recording:
    if name == "cond":
        return recorders.export(told(spec), [example], X)
    if name == "jax_cond":
        return recorders.jaxpr(told_jax(spec), [example], X)
    made = function(spec, for_jax() if name == "jaxpr" else TORCH)
    if name == "eager":  # a graph of its own for every input
        here, there = (recorders.eager(made, [x], X) for x in (example, unseen))
        return Recording(here.diagrams + there.diagrams, f"{here.text}\n\n{there.text}", made)
    record: Callable[..., Recording] = getattr(recorders, name)
    return record(made, [example], X)


def told(spec: ControlSpec) -> Function:
    """The same decision as an operation of the graph, by torch."""
    from torch._higher_order_ops.while_loop import while_loop

    made = [elementwise(formula, X) for formula in read(spec)]
    if spec.control == "branch":
        condition, then, other = made
        return lambda x: torch.cond(condition(x).sum() > 0, then, other, (x,))
    until, body = made
    going: Function = while_loop
    return lambda x: going(lambda x: until(x).sum() > 0, lambda x: (body(x),), (x,))[0]


def told_jax(spec: ControlSpec) -> Function:
    """The same by JAX. Raises ImportError where it is not installed."""
    library = for_jax()
    from jax import lax

    made = [elementwise(formula, X, library) for formula in read(spec)]
    if spec.control == "branch":
        condition, then, other = made
        return lambda x: lax.cond(condition(x).sum() > 0, then, other, x)
    until, body = made
    return lambda x: lax.while_loop(lambda x: until(x).sum() > 0, body, x)
