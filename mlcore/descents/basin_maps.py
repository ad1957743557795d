"""Basins of attraction: from every point of a grid, where one rule or another ends, and how soon.

All starts of all rules are rows of one batch. A row has arrived at the recorded step from which on it lies
within basins.NEAR of the minimum that it ends at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from mlcore.base import spec as specs
from mlcore.base.device import computing
from mlcore.base.experiment import Report, run, silent
from mlcore.base.registry import Knob
from mlcore.descents import basins
from mlcore.descents.basins import Ends
from mlcore.descents.paths import RuleSpec
from mlcore.families.surfaces import SURFACES, objective
from mlcore.training.descent import Walker, race

FLOATS = NDArray[np.float64]
RECORDS = 100  # moments at which it is asked who has arrived
USUAL = (RuleSpec("sgd", lr=0.005), RuleSpec("momentum", lr=0.005))


@dataclass(frozen=True)
class MapSpec:
    """A grid of side x side starts over the surface's box, T gradients for each."""

    surface: str = specs.choice("himmelblau", SURFACES, "land")
    surface_knobs: specs.Knobs = specs.knobs("surface", SURFACES, prefix="m_")
    rules: tuple[RuleSpec, ...] = specs.several(RuleSpec, USUAL, "pair", most=2)
    side: int = specs.number(Knob(61, 11, 121, integer=True), "side")
    budget: int = specs.number(Knob(200, 10, 2000, symbol="T", log=True, integer=True), "walk")

    def __post_init__(self) -> None:
        specs.check(self)


@dataclass(frozen=True, eq=False)
class Basins:
    """Where one rule went from every start, start (x[a], y[b]) at b * A + a."""

    rule: RuleSpec
    x: FLOATS  # [A]
    y: FLOATS  # [B]
    ends: Ends  # of B * A rows
    gap: FLOATS  # [B * A] of the local minima that caught a row, above the global one; else not a number
    since: NDArray[np.int64]  # [B * A] gradients until it had arrived; -1: it never did


@run.register
@computing()
def maps(spec: MapSpec, report: Report = silent) -> tuple[Basins, ...]:
    """One for each rule of `spec`."""
    if not spec.rules:
        return ()
    left, right, low, high = SURFACES[spec.surface].box
    x, y = (torch.linspace(*ends, spec.side, dtype=torch.float64) for ends in ((left, right), (low, high)))
    start = torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1).view(-1, 2)  # [B * A, 2]
    theta = start.repeat(len(spec.rules), 1)
    walkers = [
        Walker(rows, optimizer=rule.optimizer, knobs=dict(rule.knobs), steps=spec.budget,
               lr=torch.full((1, 1), rule.lr, dtype=torch.float64))
        for rule, rows in zip(spec.rules, theta.view(len(spec.rules), -1, 2), strict=True)
    ]  # fmt: skip
    step = np.unique(np.linspace(0, spec.budget, RECORDS + 1).round().astype(int))
    since, at = np.zeros(len(theta), np.int64), np.full(len(theta), -1)
    for t in race(walkers, objective(spec.surface, **dict(spec.surface_knobs)), theta):
        if t in step:
            now = basins.reached(theta, spec.surface)
            since[now != at], at = t, now
            report(t / spec.budget, None)
    parts = zip(
        spec.rules, theta.numpy().reshape(len(walkers), -1, 2), since.reshape(len(walkers), -1), strict=True
    )
    return tuple(_basins(spec, rule, x.numpy(), y.numpy(), *part) for rule, *part in parts)


def _basins(
    spec: MapSpec, rule: RuleSpec, x: FLOATS, y: FLOATS, theta: FLOATS, since: NDArray[np.int64]
) -> Basins:
    ends = basins.ends(theta, spec.surface, spec.surface_knobs)
    caught = ends.fate == basins.FATES.index(basins.Fate.CAUGHT)
    value = objective(spec.surface, **dict(spec.surface_knobs))(torch.from_numpy(ends.flat)).numpy()
    gap = np.where(caught, value - SURFACES[spec.surface].value, np.nan)
    return Basins(rule, x, y, ends, gap, np.where(ends.which >= 0, since, -1))


def differ(one: Basins, other: Basins) -> float:
    """The share of starts that two rules do not bring to the same end: another fate, or another minimum."""
    apart = (one.ends.fate != other.ends.fate) | (one.ends.which != other.ends.which)
    return float(apart.mean())
