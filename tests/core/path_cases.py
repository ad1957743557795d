"""The figures of the optimizer room, for the checks that hold for all figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import plotly.graph_objects as go

from mlcore.descents.paths import Path, PathSpec, RuleSpec, paths
from mlcore.families.surfaces import SURFACES, Relief, relief
from mlcore.figures import paths as figures
from mlcore.figures.words import Say

CALM = PathSpec(steps=30)
WILD = replace(CALM, rules=(RuleSpec("sgd", lr=5.0), RuleSpec("lion", lr=0.05)))  # the first diverges


@cache
def walked(spec: PathSpec) -> tuple[Path, ...]:
    return paths(spec)


def land(spec: PathSpec) -> Relief:
    return relief(spec.surface, figures.frame(spec), 31, **dict(spec.surface_knobs))


def names(spec: PathSpec) -> list[str]:
    return [f"{rule.optimizer}" for rule in spec.rules]


def above(spec: PathSpec) -> Callable[[Say], go.Figure]:
    return lambda say: figures.above(spec, land(spec), walked(spec), names(spec), say)


def in_relief(spec: PathSpec, camera: str) -> Callable[[Say], go.Figure]:
    return lambda say: figures.in_relief(spec, land(spec), walked(spec), names(spec), camera, say)


def curves(spec: PathSpec, title: str) -> Callable[[Say], go.Figure]:
    def draw(say: Say) -> go.Figure:
        values = [
            {"figure.gap": p.value - SURFACES[spec.surface].value, "figure.distance": p.distance}[title]
            for p in walked(spec)
        ]
        return figures.over_steps(walked(spec), values, say(title), names(spec), spec, say)

    return draw


def compass(spec: PathSpec, which: int) -> Callable[[Say], go.Figure]:
    return lambda say: figures.compass(spec, land(spec), walked(spec)[which], which, names(spec)[which], say)


CASES: dict[str, Callable[[Say], go.Figure]] = {
    "above": above(CALM),
    "above diverged": above(WILD),
    "above nobody": above(replace(CALM, rules=())),
    "relief": in_relief(CALM, "corner"),
    "relief diverged": in_relief(WILD, "top"),
    "over_steps gap": curves(CALM, "figure.gap"),
    "over_steps distance diverged": curves(WILD, "figure.distance"),
    "compass": compass(CALM, 3),
    "compass diverged": compass(WILD, 0),
    "memory m": lambda say: figures.memory(walked(CALM)[3].state["m"], "m", "m", False, say),
    "memory v": lambda say: figures.memory(walked(CALM)[3].state["v"], "v", "v", True, say),
    "memory rate diverged": lambda say: figures.memory(abs(walked(WILD)[0].rate), "rate", "η", True, say),
}
