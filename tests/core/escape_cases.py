"""The figures of the room on local minima, for the checks that hold for all figures."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import plotly.graph_objects as go

from mlcore.escapes.escape_methods import USUAL, MethodSpec
from mlcore.escapes.escaping import Escape, EscapeSpec, escape
from mlcore.escapes.multimodal import MultimodalSpec, multimodal, relief
from mlcore.escapes.restarts import RestartSpec, restarts
from mlcore.escapes.success_rates import SolveSpec, Solving, solve
from mlcore.figures import escaping as figures
from mlcore.figures.words import Say

CALM = EscapeSpec(MultimodalSpec("ackley"), USUAL, steps=60, runs=40)
LOST = EscapeSpec(
    MultimodalSpec("styblinski_tang"), (MethodSpec("warm_restarts", (("peak", 50.0),)),), steps=60, runs=20
)
HOLES = EscapeSpec(MultimodalSpec("own", "log(x + 2) + x^2 + sin(3*y)"), USUAL[:2], steps=40, runs=20)
NAMES = [method.name for method in USUAL]


@cache
def ran(spec: EscapeSpec) -> tuple[Escape, ...]:
    return escape(spec)


def shares(spec: EscapeSpec, baseline: bool = True) -> Callable[[Say], go.Figure]:
    def draw(say: Say) -> go.Figure:
        base = ran(spec)[0].share if baseline else None
        return figures.shares(ran(spec), NAMES[: len(spec.methods)], base, say)

    return draw


def cloud(spec: EscapeSpec, which: int = 0) -> Callable[[Say], go.Figure]:
    def draw(say: Say) -> go.Figure:
        known = multimodal(spec.landscape)
        return figures.cloud(known, relief(known, 41), ran(spec)[which], say)

    return draw


def survey(spec: EscapeSpec) -> Callable[[Say], go.Figure]:
    return lambda say: figures.survey(multimodal(spec.landscape), relief(multimodal(spec.landscape), 41), say)


def found(name: str) -> Callable[[Say], go.Figure]:
    return lambda say: figures.restarts(restarts(RestartSpec(MultimodalSpec(name), 2000)), say)


@cache
def solving(spec: SolveSpec) -> Solving:
    return solve(spec)


def solved(along: str, parts: int) -> Callable[[Say], go.Figure]:
    spec = SolveSpec(along=along, examples=40, steps=50, replicas=20)
    return lambda say: figures.solved(solving(spec).parts[:parts], spec, spec.places, say)


CASES: dict[str, Callable[[Say], go.Figure]] = {
    "shares of methods": shares(CALM),
    "shares alone": shares(LOST, baseline=False),
    "cloud": cloud(CALM, 3),
    "cloud lost": cloud(LOST),
    "cloud holes": cloud(HOLES),
    "survey": survey(CALM),
    "survey holes": survey(HOLES),
    "solved widths": solved("width", 3),
    "solved batches": solved("batch", 99),
    "restarts": found("rastrigin"),
    "restarts never": lambda say: figures.restarts(
        restarts(RestartSpec(MultimodalSpec("own", "x"), 2000)), say
    ),
}
