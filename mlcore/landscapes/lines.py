"""The straight line between the ends of two trainings, and the barrier on it, with units matched or not.

Networks whose hidden units stand in another order are one function. Matching orders the units of the second
like those of the first before the line is drawn (weight matching: Ainsworth et al. 2023, 3.2); the
second network's function and cost stay what they were.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from mlcore.base import spec as specs
from mlcore.base.device import computing
from mlcore.base.experiment import Report, run, silent
from mlcore.base.registry import Knob
from mlcore.components.symmetry import permuted
from mlcore.families.convolutions import Convolution
from mlcore.families.deep import DeepNetwork
from mlcore.families.networks import Network
from mlcore.landscapes.evaluation import QUANTITIES, Evaluator
from mlcore.landscapes.landscape import PARTS, LandscapeError
from mlcore.training.cached import trained
from mlcore.training.tasks import TrainSpec, prepare

POINTS = 61  # of a line
BEYOND = 0.25  # how far it goes on at both ends
ROUNDS = 20  # of matching; it ends by itself much earlier
FLOATS = NDArray[np.float32]


@dataclass(frozen=True)
class LineSpec:
    """From the end of a training to the ends of `pairs` others, that differ in their seeds alone."""

    train: TrainSpec = specs.part(TrainSpec, TrainSpec(steps=300))
    pairs: int = specs.number(Knob(8, 1, 24, integer=True), "pairs")
    what: str = specs.choice("cost", QUANTITIES[:2], "what")
    part: str = specs.choice("train", PARTS, "over")

    def __post_init__(self) -> None:
        specs.check(self)
        object.__setattr__(self, "train", replace(self.train, replicas=1))


@dataclass(frozen=True, eq=False)
class Lines:
    """S lines, each seen at M points: t = 0 is the first training's end, t = 1 the other's."""

    spec: LineSpec
    seeds: tuple[int, ...]  # [S] of the others
    t: NDArray[np.float64]  # [M]
    plain: FLOATS  # [S, M]
    matched: FLOATS  # [S, M] with the units of the other in the order that is nearest
    moved: NDArray[np.int64]  # [S] units that matching put in another place
    distance: FLOATS  # [S, 2] between both ends: plain, matched
    classes: int  # 0 for regression: scores are R^2

    def barrier(self, values: FLOATS) -> NDArray[np.float64]:
        """[S] how far a line rises above the straight connection of its ends' values, at most."""
        within = (self.t >= 0) & (self.t <= 1)
        first, last = (values[:, np.argmin(np.abs(self.t - end))][:, None] for end in (0, 1))
        bent = (1 - self.t) * first + self.t * last
        rise = values - bent if self.spec.what == "cost" else bent - values
        highest: NDArray[np.float64] = rise[:, within].max(1)
        return highest


@run.register
@computing()
def lines(spec: LineSpec, report: Report = silent) -> Lines:
    """Raises `LandscapeError` where a training diverged, for residual networks and convolutions."""
    task = prepare(spec.train)
    if isinstance(task.network, DeepNetwork) and task.network.residual:
        raise LandscapeError("skip")
    if isinstance(task.network, Convolution):
        raise LandscapeError("channels")
    done = trained(replace(spec.train, replicas=1 + spec.pairs), report, of=0.6)
    if not np.isfinite(done.final).all():
        raise LandscapeError("diverged")
    ends = torch.from_numpy(done.final)
    evaluator = Evaluator(task, spec.train, spec.part, spec.what)
    t = np.linspace(-BEYOND, 1 + BEYOND, POINTS)
    share, seen, moved, distance = 0.6, [], [], []
    for other in ends[1:]:
        ordered, count = match(task.network, ends[0], other)
        for end in (other, ordered):
            line = (1 - t[:, None]) * done.final[0] + t[:, None] * end.numpy()
            pieces = []
            for piece in evaluator.pieces(line):
                report(share, None)
                pieces.append(piece)
            seen.append(np.concatenate(pieces))
            distance.append(float((end - ends[0]).norm()))
            share += 0.2 / spec.pairs
        moved.append(count)
    seeds = tuple(spec.train.seed + i + 1 for i in range(spec.pairs))
    values = np.stack(seen).reshape(spec.pairs, 2, -1)
    far = np.array(distance, np.float32).reshape(-1, 2)
    return Lines(spec, seeds, t, values[:, 0], values[:, 1], np.array(moved), far, task.data.classes)


def match(network: Network, first: torch.Tensor, second: torch.Tensor) -> tuple[torch.Tensor, int]:
    """The second row [P] with its hidden units in an order like the first's, and how many of them moved.

    One layer at a time the best order is an assignment; going on until no layer changes ends in an order
    that no single layer can improve, not always in the nearest of all.
    """
    target = [block[0].double() for block in network.blocks(first[None])]
    found, orders = second[None].double(), [torch.arange(n) for n in network.sizes[1:-1]]
    for _ in range(ROUNDS):
        changed = False
        for layer, now in enumerate(orders):
            blocks = [block[0] for block in network.blocks(found)]
            alike = target[layer].T @ blocks[layer]  # what units read, biases too,
            alike += target[layer + 1][:-1] @ blocks[layer + 1][:-1].T  # and by whom they are read
            order = torch.from_numpy(linear_sum_assignment(alike.numpy(), maximize=True)[1])
            if not torch.equal(order, torch.arange(len(now))):
                found, changed = permuted(network, found, layer, order), True
                orders[layer] = now[order]
        if not changed:
            break
    moved = sum(int((order != torch.arange(len(order))).sum()) for order in orders)
    return found[0].to(second.dtype), moved
