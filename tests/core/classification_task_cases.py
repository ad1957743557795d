"""The figures of the classification tasks, for the checks that all figures pass."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import plotly.graph_objects as go

from mlcore.base import points
from mlcore.base.experiment import run
from mlcore.figures import calibration, digits, thresholds, words
from mlcore.tasks import calibration as calibrated
from mlcore.tasks import drawn_digits, image_pair
from mlcore.tasks import thresholds as cut
from mlcore.tasks.image_pair import NETWORKS, PairSpec
from mlcore.training.tasks import prepare
from mlcore.training.training import Run

SMALL = PairSpec(examples=400, channels=(4, 6), steps=80, replicas=2)


@cache
def trained() -> dict[str, Run]:
    return {name: run(spec) for name, spec in SMALL.trainings.items()}


def said(name: str, at: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    seen = image_pair.unseen(SMALL.data)
    found = trained()[name]
    return image_pair.logits(found, prepare(found.spec), seen.x, at)[0], seen.y  # type: ignore[return-value]


def scored(at: int | None = None) -> cut.Scores:
    return cut.one_against_rest(*said("mlp", at), 8)  # type: ignore[arg-type]


def reliable(temperature: float, say: words.Say) -> go.Figure:
    z, y = said("mlp")
    p = calibrated.probabilities(z, temperature)  # type: ignore[arg-type]
    found = calibrated.reliability(p, y, 10)  # type: ignore[arg-type]
    return calibration.reliability(found, calibrated.promised(p, 10), say)


def swept(say: words.Say) -> go.Figure:
    found = calibrated.over_temperatures(*said("mlp"), 10)  # type: ignore[arg-type]
    return calibration.sweep(found, 0.7, 1.8, say)


def longer(k: int) -> Callable[[words.Say], go.Figure]:
    step = np.arange(8.0)
    return lambda say: calibration.over_steps(step, 1 / (1 + step), 0.9 / (1 + step), 10 / (1 + step), say)[k]


def names(say: words.Say) -> dict[str, str]:
    return dict(zip(NETWORKS, (say("figure.layer").format(number=1), say("figure.fit")), strict=True))


def learned(say: words.Say) -> go.Figure:
    runs = trained()
    scores = {name: (found.records.step, found.records.test_score) for name, found in runs.items()}
    return digits.learning(scores, names(say), say)


def softmax(say: words.Say) -> go.Figure:
    p = np.random.default_rng(0).dirichlet(np.ones(10), 2)
    return digits.probabilities(dict(zip(NETWORKS, p, strict=True)), names(say), say)


def over_steps(say: words.Say) -> go.Figure:
    p = np.random.default_rng(1).dirichlet(np.ones(10), 6)
    return digits.over_steps(np.array([0, 2, 8, 30, 100, 400]), p, say("figure.fit"), say)


DRAWN = drawn_digits.strokes(points.read(drawn_digits.example()))
CASES: dict[str, Callable[[words.Say], go.Figure]] = {
    "digits with captions": lambda say: digits.gallery(
        image_pair.unseen(SMALL.data).x[:7].numpy(), [str(k) for k in range(7)], say=say
    ),
    "accuracy over shifts": lambda say: digits.shifts(np.linspace(0, 1, 25).reshape(5, 5), (1, -2), say),
    "accuracy of both": learned,
    "scores of a digit": lambda say: thresholds.histogram(scored(6), 0.0, 8, say),
    "scores beyond the threshold": lambda say: thresholds.histogram(scored(), -np.inf, 8, say),
    "roc": lambda say: thresholds.roc(scored(6), scored(6).at(0.0), say),
    "precision and recall": lambda say: thresholds.precision_recall(scored(6), scored(6).at(0.0), say),
    "no precision": lambda say: thresholds.precision_recall(scored(), scored().at(np.inf), say),
    "reliability": lambda say: reliable(1.0, say),
    "reliability of sure answers": lambda say: reliable(0.2, say),
    "measures over temperatures": swept,
    "nll over steps": longer(0),
    "temperature over steps": longer(1),
    "digits on a board": lambda say: digits.board(DRAWN, say),
    "digits not drawn yet": lambda say: digits.board([], say),
    "digits as values": lambda say: digits.image(drawn_digits.gray(drawn_digits.fine(DRAWN)), say),
    "softmax": softmax,
    "softmax over steps": over_steps,
}
