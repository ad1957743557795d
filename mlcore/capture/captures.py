"""One function, and the graph that every recorder makes of it."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from mlcore.backpropagation.expressions import ExpressionSpec, read
from mlcore.base import spec as specs
from mlcore.base.experiment import Report, run, silent
from mlcore.capture import recorders
from mlcore.capture.diagrams import Diagram
from mlcore.capture.functions import TORCH, elementwise, for_jax
from mlcore.capture.process import elsewhere
from mlcore.capture.recorders import RECORDERS, REFUSALS, own_words

LIMIT = 60.0  # seconds for all recorders; together they take less than one once they are imported


@dataclass(frozen=True)
class CaptureSpec:
    """An expression of numbers, recorded at its inputs' values."""

    expression: ExpressionSpec = specs.part(ExpressionSpec)

    def __post_init__(self) -> None:
        specs.check(self)


@dataclass(frozen=True)
class Capture:
    """What one recorder made of the function."""

    recorder: str
    diagrams: tuple[Diagram, ...] = ()
    text: str = ""  # the graphs in the recorder's own words
    value: float | None = None  # of what was recorded, run at the inputs' values
    problem: str = ""  # in its own words, where it made nothing
    installed: bool = True

    @property
    def operations(self) -> int:
        return sum(len(diagram.operations) for diagram in self.diagrams)


@run.register
def captured(spec: CaptureSpec, report: Report = silent) -> tuple[Capture, ...]:
    """In the order of RECORDERS. Raises `FormulaError`, `ExpressionError` and `CaptureError`."""
    read(spec.expression.text)
    return elsewhere(capture, spec, report, LIMIT)


def capture(spec: CaptureSpec, report: Report = silent) -> tuple[Capture, ...]:
    """The same in this process."""
    found = []
    for i, name in enumerate(RECORDERS):
        found.append(recorded(spec, name))
        report((i + 1) / len(RECORDERS), found[-1])
    return tuple(found)


def recorded(spec: CaptureSpec, name: str) -> Capture:
    formula, names = read(spec.expression.text)
    example = [torch.tensor(value, dtype=torch.float64) for value in spec.expression.point]
    try:
        function = elementwise(formula, names, for_jax() if name == "jaxpr" else TORCH)
    except ImportError:
        return Capture(name, installed=False)
    try:
        recording = getattr(recorders, name)(function, example, names)
        value = float(recording.run(*example))
    except REFUSALS as error:
        return Capture(name, problem=own_words(error))
    return Capture(name, recording.diagrams, recording.text, value)
