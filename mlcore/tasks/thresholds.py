"""One class against the rest: a score for every image, a threshold, and what both get right and wrong.

    true positive rate = recall = TP / (TP + FN)    false positive rate = FP / (FP + TN)
    precision = TP / (TP + FP)                      F1 = 2 TP / (2 TP + FP + FN)

The curves step from one score to the next lower one. The area under ROC is that under straight lines between
its points, which makes it the share of pairs in which the positive has the higher score, ties counted by half
(Mann and Whitney 1947). Average precision adds precision times the recall gained, without straight lines:
between two thresholds there are none in the plane of precision and recall (Davis and Goadrich 2006).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

FLOATS = NDArray[np.float64]
FARTHEST = 14.0  # of log-odds in a picture: a probability of a millionth


@dataclass(frozen=True)
class Counts:
    """What a threshold makes of all images; a ratio without a denominator is NaN."""

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def precision(self) -> float:
        return _ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def fallout(self) -> float:
        """The false positive rate."""
        return _ratio(self.fp, self.fp + self.tn)

    @property
    def f1(self) -> float:
        return _ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    @property
    def accuracy(self) -> float:
        return _ratio(self.tp + self.tn, self.tp + self.fp + self.fn + self.tn)


def _ratio(above: int, below: int) -> float:
    return above / below if below else float("nan")


@dataclass(frozen=True, eq=False)
class Scores:
    """A score for each image, and which of them are positive; both kinds are there."""

    score: FLOATS  # [M]
    positive: NDArray[np.bool_]  # [M]

    def at(self, threshold: float) -> Counts:
        """Positive is called what has a score of `threshold` or more."""
        called, own = self.score >= threshold, self.positive
        tp, fp = int((called & own).sum()), int((called & ~own).sum())
        return Counts(tp, fp, int(own.sum()) - tp, int((~own).sum()) - fp)

    @cached_property
    def _steps(self) -> tuple[FLOATS, NDArray[np.int64], NDArray[np.int64]]:
        """Every score that occurs, from the highest, and how many of both kinds it calls positive."""
        order = np.argsort(-self.score, kind="stable")
        ranked, own = self.score[order], self.positive[order]
        last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)  # of each group of equal scores
        hits = np.cumsum(own)[last]
        return ranked[last], hits, last + 1 - hits

    @property
    def thresholds(self) -> FLOATS:
        """[H]"""
        return self._steps[0]

    @property
    def roc(self) -> tuple[FLOATS, FLOATS]:
        """False and true positive rates [H + 1], from where nothing is called positive to where all is."""
        _, hits, false = self._steps
        return np.append(0.0, false / false[-1]), np.append(0.0, hits / hits[-1])

    @property
    def precision_recall(self) -> tuple[FLOATS, FLOATS]:
        """Precision and recall [H] each, at every score that occurs, from the highest."""
        _, hits, false = self._steps
        return hits / (hits + false), hits / hits[-1]

    @property
    def auc(self) -> float:
        false, true = self.roc
        return float(np.trapezoid(true, false))

    @property
    def average_precision(self) -> float:
        precision, recall = self.precision_recall
        return float((precision * np.diff(recall, prepend=0.0)).sum())

    @property
    def best_f1(self) -> float:
        """The threshold with the largest F1, the highest such."""
        scores, hits, false = self._steps
        return float(scores[np.argmax(2 * hits / (hits + false + hits[-1]))])


def one_against_rest(said: Tensor, y: Tensor, digit: int) -> Scores:
    """Log-odds of the softmax that an image is `digit`: logits [M, 10], classes y [M].

    ln p / (1 - p) = z_k - ln sum over the others of exp(z_j), exact where p rounds to 1.
    """
    z = said.double()
    others = z[:, [k for k in range(z.shape[1]) if k != digit]]
    return Scores((z[:, digit] - others.logsumexp(-1)).numpy(), (y == digit).numpy())


def log_odds(p: float) -> float:
    """Of a probability: infinite at 0, which every score reaches, and at 1, which none does."""
    with np.errstate(divide="ignore"):
        return float(np.log(p) - np.log1p(-p))


def probability(odds: float) -> float:
    return float(1 / (1 + np.exp(-odds)))
