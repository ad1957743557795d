"""What the link of the objective room holds: which view, and the numbers of every view."""

from __future__ import annotations

from dataclasses import dataclass

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.training.tasks import TrainSpec

VIEWS = ("shapes", "points", "outlier", "softmax", "binary", "slow", "cosine", "words", "race")
TASKS = ("regression", "classification")
LABELS = ("1", "0")
VALUE = Knob(0, 0, 10)  # of a target or a prediction
PLACE = Knob(0, -5, 25)  # of a value that may be an outlier
LOGIT = Knob(0, -6, 6)
TIP = Knob(0, -2, 2)  # of a vector


@dataclass(frozen=True)
class LossSpec:
    view: str = specs.choice("shapes", VIEWS, "view")
    # shapes
    task: str = specs.choice("regression", TASKS, "on")
    truth: float = specs.number(Knob(0.0, -3, 3, symbol="y"), "yt")
    label: str = specs.choice("1", LABELS, "yc")
    at: float = specs.number(Knob(2.0, -6, 6), "at")
    delta: float = specs.number(Knob(2.0, 0.1, 10, symbol=r"\delta", log=True), "delta")
    # points
    targets: tuple[float, ...] = specs.numbers((2, 4, 3, 6, 5, 8), VALUE, "ys", most=8, least=2)
    predictions: tuple[float, ...] = specs.numbers((2.5, 3.5, 3, 5, 9, 7.5), VALUE, "ps", most=8, least=2)
    # outlier
    values: tuple[float, ...] = specs.numbers((1, 2, 3, 10), PLACE, "vs", most=12, least=2)
    # softmax
    logits: tuple[float, ...] = specs.numbers((2, 1, -1), LOGIT, "zs", most=6, least=2)
    true: int = specs.number(Knob(1, 1, 6, integer=True), "tc")
    temperature: float = specs.number(Knob(1.0, 0.1, 10, symbol="T", log=True), "temp")
    smoothing: float = specs.number(Knob(0.0, 0, 0.9, symbol=r"\varepsilon"), "smooth")
    # binary
    z: float = specs.number(Knob(1.5, -8, 8, symbol="z"), "z")
    # slow
    start: float = specs.number(Knob(-6.0, -12, 12, symbol="z_0"), "z0")
    rate: float = specs.number(Knob(1.0, 0.1, 100, symbol=r"\eta", log=True), "nlr")
    updates: int = specs.number(Knob(200, 10, 1000, log=True, integer=True), "nt")
    # cosine
    a: tuple[float, ...] = specs.numbers((1.5, 0.5), TIP, "va", most=2, least=2)
    b: tuple[float, ...] = specs.numbers((0.2, 1.2), TIP, "vb", most=2, least=2)
    margin: float = specs.number(Knob(0.2, -1, 1, symbol="m"), "margin")
    # words
    inputs: tuple[float, ...] = specs.numbers((1, 2, 3, 4), VALUE, "bx", most=8, least=2)
    answers: tuple[float, ...] = specs.numbers((2, 3, 5, 9), VALUE, "by", most=8, least=2)
    weight: float = specs.number(Knob(1.5, -4, 4, symbol="w"), "w")
    bias: float = specs.number(Knob(0.5, -4, 4, symbol="b"), "bias")
    lambda1: float = specs.number(Knob(0.1, 0, 2, symbol=r"\lambda_1"), "lam1")
    lambda2: float = specs.number(Knob(0.5, 0, 2, symbol=r"\lambda_2"), "lam2")
    # race
    train: TrainSpec = specs.part(TrainSpec)

    def __post_init__(self) -> None:
        specs.check(self)
        object.__setattr__(self, "predictions", fitted(self.predictions, self.targets))
        object.__setattr__(self, "answers", fitted(self.answers, self.inputs))
        object.__setattr__(self, "true", min(self.true, len(self.logits)))


def fitted(values: tuple[float, ...], others: tuple[float, ...]) -> tuple[float, ...]:
    """`values` as many as `others`: a typed list may grow by one before its partner does."""
    return values[: len(others)] + others[len(values) :]
