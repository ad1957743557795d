"""The verdict on a run: one word per replica, and the numbers of the rule that chose it.

Chance is the best constant prediction: its cost, and its score (accuracy of naming the largest class, R^2 of
0). A replica beats chance on some examples if its cost there is below 95 % of that of chance, or its score
closes more than a tenth of the gap between that of chance and 1. What is no number beats nothing.

Where classes are unbalanced, it must also close a tenth of the gap of the balanced accuracy, from that of
naming one class to 1: who always names the largest class beats nothing, whatever its cost. Of replicas whose
final rows were not kept (a stopped run of many), the accuracy must close it instead.

Rules, tried in this order:

    diverged   the status of the run says so; for SGD the reason is lr > 2 / lambda, lambda the largest
               eigenvalue of the Hessian of the objective at the start
    unstable   the training cost ends above its minimum by more than 10 % of it and 25 % of chance
    chance     it does not beat chance on the training examples
    overfit    the test cost ends above its minimum by more than 10 % of it and 2 % of chance, and the
               training cost is lower than it was at that minimum
    memorized  it does not beat chance on the test examples
    learned    otherwise
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base.shares import Share
from mlcore.families.losses import chance, cost
from mlcore.training.class_scores import constant_balanced, final_balanced, unbalanced
from mlcore.training.descent import Objective, Status
from mlcore.training.tasks import Task
from mlcore.training.training import Run

NEAR_CHANCE = 0.95
GAP = 0.10
RISE = 0.10
RISE_OF_CHANCE = 0.02
# Measured on eight data sets: with usual learning rates a run ends at most 19 % of chance above its minimum,
# by the noise of small batches; runs whose rate is far too large end 34 % and more above it.
CLIMB_OF_CHANCE = 0.25
POWER_STEPS = 60


class Kind(StrEnum):
    LEARNED = "it learned"
    OVERFIT = "it overfits"
    MEMORIZED = "it learned its examples and nothing beyond them"
    UNSTABLE = "its descent is unstable"
    CHANCE = "it is stuck at chance"
    DIVERGED = "it diverged"


@dataclass(frozen=True)
class Verdict:
    """`values` are the numbers that the sentence quotes: costs, steps, the learning rate and its bound."""

    kind: Kind
    learned: bool  # beats chance on examples it has not seen, overfitted or not
    values: Mapping[str, float]


@dataclass(frozen=True)
class Chance:
    """What ignoring x costs and scores: the line that learning has to get under."""

    train_cost: float
    test_cost: float
    train_score: float  # accuracy of always naming the training set's largest class; 0 (R^2) for regression
    test_score: float


def chance_of(run: Run, task: Task) -> Chance:
    train, test = (chance(run.spec.loss, task.y, y, **task.loss_knobs) for y in (task.y, task.y_test))
    if task.data.task == "regression":
        return Chance(train, test, 0.0, 0.0)
    largest = torch.bincount(task.data.y).argmax()
    shares = [float((y == largest).double().mean()) for y in (task.data.y, task.data.y_test)]
    return Chance(train, test, *shares)


def beats(cost: float, score: float, chance_cost: float, chance_score: float) -> bool:
    return cost < NEAR_CHANCE * chance_cost or closes(score, chance_score)


def closes(score: float, chance_score: float) -> bool:
    return score > chance_score + GAP * (1 - chance_score)


def judge(run: Run, task: Task) -> list[Verdict]:
    """One verdict per replica."""
    level, balanced = chance_of(run, task), balanced_scores(run, task)
    return [_judge(run, task, level, i, balanced) for i in range(len(run.status))]


def balanced_scores(run: Run, task: Task) -> dict[str, NDArray[np.float64]] | None:
    """Balanced accuracies [R'] of the final rows and those of naming one class, for unbalanced classes."""
    data = task.data
    if data.task == "regression" or not unbalanced(data.y, data.classes):
        return None
    scores = {part: final_balanced(run, task, part) for part in ("train", "test")}
    constants = (np.full(len(run.final), constant_balanced(y)) for y in (data.y, data.y_test))
    return scores | dict(zip(("chance_train", "chance"), constants, strict=True))


def _judge(
    run: Run, task: Task, level: Chance, i: int, balanced: Mapping[str, NDArray[np.float64]] | None
) -> Verdict:
    records = run.records
    if run.status[i] is Status.DIVERGED:
        return Verdict(Kind.DIVERGED, False, divergence(run, task, i))
    test = records.test_cost[:, i].astype(float)
    train = records.train_cost[:, i].astype(float)
    best, low = (int(np.where(np.isnan(cost), np.inf, cost).argmin()) for cost in (test, train))
    values = {
        "train_cost": float(train[-1]),
        "test_cost": float(test[-1]),
        "train_score": float(records.train_score[-1, i]),
        "test_score": float(records.test_score[-1, i]),
        "chance_train_cost": level.train_cost,
        "chance_cost": level.test_cost,
        "chance_score": level.test_score,
        "best_cost": float(test[best]),
        "best_step": float(records.step[best]),
        "low_cost": float(train[low]),
        "low_step": float(records.step[low]),
    }
    v = values
    learned = beats(v["test_cost"], v["test_score"], level.test_cost, level.test_score)
    fitted = beats(v["train_cost"], v["train_score"], level.train_cost, level.train_score)
    if balanced is not None:
        if i < len(balanced["train"]):
            values |= {f"{name}_balanced": float(scores[i]) for name, scores in balanced.items()}
            learned &= closes(v["test_balanced"], v["chance_balanced"])
            fitted &= closes(v["train_balanced"], v["chance_train_balanced"])
        else:
            learned &= closes(v["test_score"], level.test_score)
            fitted &= closes(v["train_score"], level.train_score)
    if _rose(train, low, CLIMB_OF_CHANCE * level.train_cost):
        kind = Kind.UNSTABLE
    elif not fitted:
        kind = Kind.CHANCE
    elif _rose(test, best, RISE_OF_CHANCE * level.test_cost) and train[-1] < train[best]:
        kind = Kind.OVERFIT
    else:
        kind = Kind.LEARNED if learned else Kind.MEMORIZED
    return Verdict(kind, learned, values)


def _rose(costs: NDArray[np.float64], least: int, tolerance: float) -> bool:
    """Whether the last of the costs [T] is above the least by more than 10 % of it and a tolerance."""
    return bool(costs[-1] - costs[least] > max(RISE * costs[least], tolerance))


def divergence(run: Run, task: Task, i: int) -> dict[str, float]:
    """When the numbers left every bound, and how lr compares with 2 / lambda at the start."""
    costs = run.records.train_cost[:, i]
    with np.errstate(invalid="ignore", over="ignore"):
        gone = ~np.isfinite(costs) | (costs > 1000 * max(float(costs[0]), 1e-3))
    lr = float(run.spec.along("lr")[i])
    found = {"step": float(run.records.step[gone.argmax()]), "lr": lr}
    if run.spec.optimizer in ("sgd", "momentum") and i < run.records.theta.shape[1]:
        start = torch.from_numpy(run.records.theta[0, i]).double()
        sharpness = largest_eigenvalue(objective(run, task, i), start)
        mu = dict(run.spec.knobs).get("momentum", 0.0)
        if sharpness > 0:  # a quadratic of this curvature is unstable beyond 2 (1 + mu) / lambda
            found |= {"sharpness": sharpness, "bound": 2 * (1 + mu) / sharpness}
    return found


def objective(run: Run, task: Task, i: int) -> Objective:
    """Replica i's objective over all training examples, theta [R, P] -> [R], in float64."""
    x, y, mask = task.x.double(), task.y.double(), task.network.is_weight().double()
    l1, l2 = run.spec.l1, float(run.spec.along("l2")[i])

    def value(theta: Tensor) -> Tensor:
        prediction = task.network.predict(theta, x)
        fit = cost(run.spec.loss, prediction, y.expand(len(theta), -1, -1), **task.loss_knobs)
        weights = theta * mask
        return fit + l1 * weights.abs().sum(1) + 0.5 * l2 * weights.square().sum(1)

    return value


def largest_eigenvalue(objective: Objective, theta: Tensor) -> float:
    """The largest eigenvalue of the Hessian at theta [P], by power iteration on Hessian-vector products.

    Shifted once if the eigenvalue of largest magnitude is negative.
    """

    def product(v: Tensor) -> Tensor:
        leaf = theta.detach().requires_grad_()
        with torch.enable_grad():
            (g,) = torch.autograd.grad(objective(leaf[None]).sum(), leaf, create_graph=True)
            (hv,) = torch.autograd.grad(g @ v, leaf)
        return hv

    def power(shift: float) -> float:
        v = torch.randn(len(theta), generator=torch.Generator().manual_seed(0), dtype=theta.dtype)
        value = 0.0
        for _ in range(POWER_STEPS):
            v = v / v.norm().clamp_min(1e-300)
            hv = product(v) - shift * v
            value, v = float(v @ hv), hv
        return value + shift

    value = power(0.0)
    return value if value >= 0 else power(value)


def share(verdicts: Sequence[Verdict]) -> tuple[int, int, float, float]:
    """How many learned, of how many, and the 95 % Wilson interval of that share (Wilson 1927)."""
    learned = Share(sum(verdict.learned for verdict in verdicts), len(verdicts))
    return learned.hits, learned.of, *learned.interval
