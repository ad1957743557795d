"""Many encoders at once: with and without negatives, over the temperature, the batch and the margin.

Rows are settings times seeds; with one seed all settings have the same first weights and views.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base import spec as specs
from mlcore.base.device import computing
from mlcore.base.experiment import Report, quiet, run, silent, within
from mlcore.base.registry import Knob
from mlcore.embeddings.contrast import SHOWN
from mlcore.embeddings.contrastive import (
    MARGIN,
    ContrastiveSpec,
    Gauge,
    array,
    trained,
)
from mlcore.embeddings.hardness import hardest
from mlcore.embeddings.pair_losses import PAIR_LOSSES, Goal
from mlcore.embeddings.probes import probe

FLOATS = NDArray[np.float64]
OVER = ("temperature", "batch", "margin")
TEMPERATURES = (0.05, 0.1, 0.2, 0.35, 0.6, 1.0, 2.0)
BATCHES = (4, 8, 16, 32, 64, 128)
MARGINS = (-0.5, -0.25, 0.0, 0.25, 0.5, 0.75)
SEEDS = Knob(3, 1, 8, symbol="S", integer=True)


@dataclass(frozen=True)
class CollapseSpec:
    """Both losses, with negatives and without, on the circle, where nothing is hidden."""

    own: ContrastiveSpec = specs.part(ContrastiveSpec)
    seeds: int = specs.number(SEEDS, "ctseeds")

    def __post_init__(self) -> None:
        specs.check(self)
        usual = ContrastiveSpec()
        own = replace(self.own, loss=usual.loss, negatives=True, dimensions=2)
        object.__setattr__(self, "own", own)  # equal experiments are equal specs

    @property
    def goals(self) -> tuple[Goal, ...]:
        """With negatives first."""
        own = self.own
        return tuple(
            Goal(loss, own.tau, MARGIN.default, negatives)
            for negatives in (True, False) for loss in PAIR_LOSSES
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Glimpse:
    """All rows at one recorded step: G goals, S seeds."""

    step: int
    alignment: FLOATS  # [G, S]
    uniformity: FLOATS  # [G, S]
    codes: NDArray[np.float32]  # [G, M, 2] of the first seed


@dataclass(frozen=True, eq=False)
class Collapse:
    glimpses: tuple[Glimpse, ...]
    accuracy: FLOATS  # [G, S] of a linear probe of the code, on test examples
    labels: NDArray[np.int64]  # [M]
    chance: float


@run.register
@computing()
def collapse(spec: CollapseSpec, report: Report = silent) -> Collapse:
    """`report` gets a glimpse at every recorded step."""
    own, shape = spec.own, (len(spec.goals), spec.seeds)
    seeds = [own.seed + k for k in range(spec.seeds)]
    gauge, found = Gauge(own), list[Glimpse]()
    labels = gauge.seen.data.y_test.numpy()
    theta = torch.empty(0)
    for moment in trained(own, spec.goals, seeds, quiet(within(report, 0, 0.9))):
        theta = moment.theta
        near, even = (part.reshape(shape).astype(float) for part in gauge.both(theta))
        codes = array(gauge.codes(theta[:: spec.seeds], gauge.test[:SHOWN]))
        found.append(Glimpse(moment.step, near, even, codes))
        report(0.9 * moment.step / own.steps, found[-1])
    right = accuracies(gauge, theta).reshape(shape)
    most = float(np.bincount(labels).max() / len(labels))
    return Collapse(tuple(found), right, labels[:SHOWN].copy(), most)


def accuracies(gauge: Gauge, theta: Tensor) -> FLOATS:
    """Of a linear probe of the codes of each row [R]."""
    data = gauge.seen.data
    y, y_test = data.y.numpy(), data.y_test.numpy()
    train, test = (array(gauge.codes(theta, x)) for x in (gauge.train, gauge.test))
    return np.array([probe(a, y, b, y_test).value for a, b in zip(train, test, strict=True)])


# ---------------------------------------------------------------- over a setting


@dataclass(frozen=True)
class ContrastSweepSpec:
    """One setting varied, all others those of one encoder; temperatures are of NT-Xent, margins of the cosine
    embedding loss."""

    own: ContrastiveSpec = specs.part(ContrastiveSpec)
    over: str = specs.choice("temperature", OVER, "ctover")
    seeds: int = specs.number(SEEDS, "ctseeds")

    def __post_init__(self) -> None:
        specs.check(self)
        usual, own = ContrastiveSpec(), replace(self.own, negatives=True)
        if self.over == "temperature":
            own = replace(own, loss="nt_xent", tau=usual.tau)
        elif self.over == "margin":
            own = replace(own, loss="cosine_embedding", margin=usual.margin)
        else:
            own = replace(own, batch=usual.batch)
        object.__setattr__(self, "own", own)

    @property
    def values(self) -> tuple[float, ...]:
        return {"temperature": TEMPERATURES, "margin": MARGINS, "batch": BATCHES}[self.over]


@dataclass(frozen=True, eq=False)
class Setting:
    """What came of one value, for S seeds."""

    value: float
    accuracy: FLOATS  # [S] of a linear probe of the code, on test examples
    alignment: FLOATS  # [S]
    uniformity: FLOATS  # [S]
    hardest: FLOATS  # [S] the share of the push that the nearest tenth of the negatives gets


@run.register
@computing()
def sweep(spec: ContrastSweepSpec, report: Report = silent) -> tuple[Setting, ...]:
    """`report` gets every setting when it is measured. Temperatures and margins are rows of one batch."""
    own, found = spec.own, list[Setting]()
    if spec.over == "batch":
        walks = [(replace(own, batch=int(value)), [own.goal], [value]) for value in spec.values]
    else:
        goals = [goal(own, spec.over, value) for value in spec.values]
        walks = [(own, goals, list(spec.values))]
    seeds = [own.seed + k for k in range(spec.seeds)]
    for k, (one, goals, values) in enumerate(walks):
        first, last = k / len(walks), (k + 0.8) / len(walks)
        gauge, theta = Gauge(one), torch.empty(0)
        for moment in trained(one, goals, seeds, quiet(within(report, first, last))):
            theta = moment.theta
        for i, value in enumerate(values):
            rows = theta[i * spec.seeds : (i + 1) * spec.seeds]
            found.append(setting(gauge, rows, value, goals[i]))
            report(last + 0.2 * (i + 1) / (len(walks) * len(values)), found[-1])
    return tuple(found)


def goal(own: ContrastiveSpec, over: str, value: float) -> Goal:
    return own.goal._replace(tau=value) if over == "temperature" else own.goal._replace(margin=value)


def setting(gauge: Gauge, theta: Tensor, value: float, goal: Goal) -> Setting:
    near, even = (part.astype(float) for part in gauge.both(theta))
    pair = [array(gauge.codes(theta, x[: gauge.few])) for x in gauge.pair]
    share = [hardest(np.concatenate(two), goal) for two in zip(*pair, strict=True)]
    return Setting(value, accuracies(gauge, theta), near, even, np.array(share))
