"""How far what was predicted lies from what is seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlcore.lessons.question import Question
from mlcore.lessons.tally import at

POINTS = 400


@dataclass(frozen=True)
class Apart:
    """A sketched curve and a trace, over the x that both have: the mean distance of their y, the same as a
    share of the question's range of y, and x where they lie farthest apart."""

    mean: float
    share: float
    farthest: float


def read_off(read: str, x: ArrayLike, y: ArrayLike) -> float | None:
    """The number of a trace that `read` names (see `question.READ`); None where it has none."""
    xs, ys = _numbers(x, y)
    if not len(ys) or read == "curve":
        return None
    chosen: dict[str, Any] = {
        "x_of_lowest": lambda: xs[ys.argmin()],
        "x_of_highest": lambda: xs[ys.argmax()],
        "lowest": ys.min,
        "highest": ys.max,
        "first": lambda: ys[0],
        "last": lambda: ys[-1],
    }
    return float(chosen[read]())


def apart(question: Question, curve: Any, x: ArrayLike, y: ArrayLike) -> Apart | None:
    """How far a sketched curve is from a trace; None where they have no x in common."""
    xs, ys = _numbers(x, y)
    if len(xs) < 2:
        return None
    order = np.argsort(xs, kind="stable")
    low, high = max(xs.min(), curve[0][0]), min(xs.max(), curve[-1][0])
    if not low < high:
        return None
    common = np.linspace(low, high, POINTS)
    seen = np.interp(common, xs[order], ys[order])
    distance = np.abs(at(curve, common) - seen.clip(question.low, question.high))  # no farther than the sheet
    mean = float(distance.mean())
    return Apart(mean, mean / (question.high - question.low), float(common[distance.argmax()]))


def _numbers(x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The points of a trace that are numbers; none where its axes hold something else."""
    try:
        xs, ys = (np.asarray(values, dtype=np.float64).ravel() for values in (x, y))
    except (TypeError, ValueError):
        return np.empty(0), np.empty(0)
    if len(xs) != len(ys):
        return np.empty(0), np.empty(0)
    seen = np.isfinite(xs) & np.isfinite(ys)
    return xs[seen], ys[seen]
