"""What many answered: counts of the options, a histogram of the numbers, the band of the curves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlcore.lessons.problems import LessonError
from mlcore.lessons.question import Answer, Question

BINS = 20
GRID = 61
BAND = (0.1, 0.25, 0.5, 0.75, 0.9)  # quantiles

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Tally:
    """Answers of a class, `answers` of them.

    `choice`: `counts` [options]. `number`: `counts` [BINS] between `edges` [BINS + 1], and the median.
    `curve`: on x [GRID] the mean and the quantiles BAND of y, [GRID] and [5, GRID]; NaN where nobody drew.
    """

    kind: str
    answers: int
    counts: NDArray[np.int64]
    edges: Array
    median: float
    x: Array
    mean: Array
    band: Array


def tally(question: Question, answers: Iterable[Any]) -> Tally:
    """The distribution of the answers; what is no answer to this question is not counted."""
    valid = [answer for one in answers if (answer := _checked(question, one)) is not None]
    none = np.empty(0)
    found: dict[str, Any] = {"edges": none, "median": float("nan"), "x": none, "mean": none, "band": none}
    found["counts"] = np.zeros(0, dtype=np.int64)
    if question.kind == "choice":
        found["counts"] = np.bincount(np.array(valid, dtype=np.int64), minlength=len(question.options))
    elif question.kind == "number":
        values = np.array(valid, dtype=np.float64)
        found["counts"], found["edges"] = np.histogram(values, BINS, (question.low, question.high))
        found["median"] = float(np.median(values)) if valid else float("nan")
    else:
        found["x"] = x = np.linspace(question.x_low, question.x_high, GRID)
        found["mean"], found["band"] = _band(np.array([at(answer, x) for answer in valid]).reshape(-1, GRID))
    return Tally(question.kind, len(valid), **found)


def at(curve: Any, x: Array) -> Array:
    """y of a sketched curve at x, between its points along straight lines; NaN where it was not drawn."""
    points = np.array(curve, dtype=np.float64)  # [points, 2], by x
    return np.interp(x, points[:, 0], points[:, 1], left=np.nan, right=np.nan)


def _checked(question: Question, answer: Any) -> Answer | None:
    try:
        return question.check(answer)
    except LessonError:
        return None


def _band(curves: Array) -> tuple[Array, Array]:
    """Mean and quantiles over curves [answers, GRID]."""
    mean, band = np.full(GRID, np.nan), np.full((len(BAND), GRID), np.nan)
    drawn = ~np.isnan(curves).all(axis=0) if len(curves) else np.zeros(GRID, dtype=bool)
    mean[drawn] = np.nanmean(curves[:, drawn], axis=0) if drawn.any() else np.nan
    if drawn.any():
        band[:, drawn] = np.nanquantile(curves[:, drawn], BAND, axis=0)
    return mean, band
