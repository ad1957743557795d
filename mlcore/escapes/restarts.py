"""Random restarts against their theory: of k independent starts one succeeds with probability 1 - (1 - p)^k.

A start succeeds if plain descent with small steps comes from it to a global minimum; p is the share of the
box that does. It is measured on some starts, and groups of k are formed of others: nothing makes them agree
but independence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from mlcore.base import spec as specs
from mlcore.base.device import computing
from mlcore.base.experiment import Report, run, silent
from mlcore.base.registry import Knob
from mlcore.base.shares import Share
from mlcore.escapes.multimodal import MultimodalSpec, multimodal, reached
from mlcore.training.draws import generator

FLOATS = NDArray[np.float64]
LADDER = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 310, 500, 700, 1000)
FEWEST = 30  # groups of a size, or it is left out
SURE = 0.95


@dataclass(frozen=True)
class RestartSpec:
    """A landscape and how many starts: a quarter of them measure p, the others are put into groups."""

    landscape: MultimodalSpec = specs.part(MultimodalSpec)
    starts: int = specs.number(Knob(20_000, 2000, 100_000, symbol="N", log=True, integer=True), "tries")
    seed: int = specs.number(Knob(0, 0, 8999, integer=True), "eseed")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def seconds(self) -> float:
        """About how long all descents take at most; on most landscapes it is much less."""
        return 6e-5 * self.starts * self.landscape.effort


@dataclass(frozen=True, eq=False)
class Restarts:
    """What N starts came to."""

    spec: RestartSpec
    single: Share  # of the starts that measure p
    k: NDArray[np.int64]  # [G]
    groups: tuple[Share, ...]  # [G] of groups of k: how many had a success

    @property
    def p(self) -> float:
        return self.single.value

    @property
    def needed(self) -> float:
        """k for a success in 95 of 100 groups; infinite where no start succeeded."""
        return needed(self.p)


def chance(p: ArrayLike, k: ArrayLike) -> FLOATS:
    """1 - (1 - p)^k"""
    found: FLOATS = -np.expm1(
        np.asarray(k, np.float64) * np.log1p(-np.minimum(np.asarray(p, np.float64), 1 - 1e-16))
    )
    return found


def needed(p: float, sure: float = SURE) -> float:
    """The smallest k with 1 - (1 - p)^k >= sure."""
    if p <= 0:
        return math.inf
    return 1.0 if p >= sure else float(math.ceil(math.log1p(-sure) / math.log1p(-p) - 1e-9))


@run.register
@computing()
def restarts(spec: RestartSpec, report: Report = silent) -> Restarts:
    """Descend from every start. Raises `formula.FormulaError`."""
    known = multimodal(spec.landscape.alone)
    chosen = generator(spec.seed, "restarts")
    unit = torch.rand(spec.starts, 2, generator=chosen, dtype=torch.float64)
    success = reached(known, known.place(unit), report)
    measuring = spec.starts // 4
    single, others = success[:measuring], success[measuring:]
    share = Share(int(single.sum()), measuring)
    most = needed(share.value, 0.999)
    ladder = [k for k in LADDER if k <= most and len(others) // k >= FEWEST]
    groups = []
    for k in ladder:
        grouped = others[: len(others) // k * k].reshape(-1, k)
        groups.append(Share(int(grouped.any(1).sum()), len(grouped)))
    return Restarts(spec, share, np.array(ladder), tuple(groups))
