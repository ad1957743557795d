"""The figures of the race room, for the checks that hold for all figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import plotly.graph_objects as go

from mlcore.descents.basin_maps import Basins, MapSpec, maps
from mlcore.descents.paths import PathSpec, RuleSpec, paths
from mlcore.descents.races import Entrant, Race, RaceSpec, race
from mlcore.families.surfaces import SURFACES, relief
from mlcore.figures import basin_maps as map_figures
from mlcore.figures import races as figures
from mlcore.figures.words import Say

CALM = RaceSpec(starts=8, rates=5, budget=30)
WILD = replace(CALM, rules=(Entrant("sgd"), Entrant("lion")), decades=12.0)  # the largest rates diverge
WELLS = MapSpec("rastrigin", rules=(RuleSpec("sgd", lr=0.002), RuleSpec("adam", lr=0.05)), side=31)
VALLEY = MapSpec("beale", rules=(RuleSpec("sgd", lr=0.02),), side=21, budget=40)  # some diverge, some go on


@cache
def raced(spec: RaceSpec) -> Race:
    return race(spec)


@cache
def mapped(spec: MapSpec) -> tuple[Basins, ...]:
    return maps(spec)


def sweep(spec: RaceSpec, level: float | None = None) -> Callable[[Say], go.Figure]:
    def draw(say: Say) -> go.Figure:
        found, called = raced(spec), [rule.optimizer for rule in spec.rules]
        values = found.gap[..., spec.tuning :]
        return figures.sweep(
            found.rate, values, found.best, spec.rules, called, say("figure.gap_end"), 50.0, 0, level, say
        )

    return draw


def course(spec: RaceSpec, level: float | None = None) -> Callable[[Say], go.Figure]:
    def draw(say: Say) -> go.Figure:
        found, called = raced(spec), [rule.optimizer for rule in spec.rules]
        return figures.course(
            found.step, found.curve, spec.rules, called, say("figure.gap"), 50.0, 1, level, say
        )

    return draw


def swarm(spec: RaceSpec) -> Callable[[Say], go.Figure]:
    below = relief(spec.surface, SURFACES[spec.surface].box, 31)
    return lambda say: figures.swarm(raced(spec), below, [rule.optimizer for rule in spec.rules], say)


def basins(spec: MapSpec, which: int, start: tuple[float, float] | None = None) -> Callable[[Say], go.Figure]:
    def draw(say: Say) -> go.Figure:
        found = mapped(spec)[which]
        if start is None:
            return map_figures.basins(spec, found, None, say)
        (path,) = paths(
            PathSpec(spec.surface, x=start[0], y=start[1], rules=(found.rule,), steps=spec.budget)
        )
        return map_figures.basins(spec, found, path, say)

    return draw


CASES: dict[str, Callable[[Say], go.Figure]] = {
    "sweep rates": sweep(CALM),
    "sweep rates diverged": sweep(WILD, 3.0),
    "course": course(CALM),
    "course diverged": course(WILD, 3.0),
    "swarm": swarm(CALM),
    "swarm diverged": swarm(WILD),
    "basins wells": basins(WELLS, 0, (3.0, -2.0)),
    "basins Adam": basins(WELLS, 1),
    "basins valley": basins(VALLEY, 0, (4.0, 2.0)),
}


def codes(figure: go.Figure) -> np.ndarray:
    """z of a map."""
    return np.asarray(figure.data[0].z)
