"""Experiments that may take seconds: they tell how far they are, stop when asked, and travel."""

from __future__ import annotations

import pickle
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from mlcore.backpropagation.products import ChainSpec
from mlcore.base.experiment import Stopped, run, silent, within
from mlcore.complexity.double_descent import GaussianSpec, SpectrumSpec
from mlcore.complexity.random_features import FeatureSpec
from mlcore.components.signal import SignalSpec
from mlcore.escapes.escaping import EscapeSpec
from mlcore.escapes.multimodal import MultimodalSpec
from mlcore.escapes.restarts import RestartSpec
from mlcore.tasks.learners import LearnSpec

SPECS = (
    EscapeSpec(MultimodalSpec("rastrigin"), steps=200, runs=20),
    RestartSpec(MultimodalSpec("rastrigin"), 20_000),
    GaussianSpec(examples=10, sets=10),
    SpectrumSpec(GaussianSpec(examples=10, sets=10), 20),
    FeatureSpec("digits", examples=20, sets=5),
    SignalSpec(depth=5, width=10, nets=8),
    ChainSpec(depth=5, nets=8),
    LearnSpec(episodes=30, agents=10),
)
NAMES = [type(spec).__name__ for spec in SPECS]


@pytest.mark.parametrize("spec", SPECS, ids=NAMES)
def test_progress_is_told_often_and_a_stop_is_heard(spec: Any) -> None:
    told: list[float] = []

    def report(share: float, part: object) -> None:
        told.append(share)
        if len(told) == 4:
            raise Stopped

    with pytest.raises(Stopped):
        run(spec, report)
    assert told == sorted(told)
    assert 0 <= told[0] < told[-1] < 0.95, "soon enough to be worth it"


@pytest.mark.parametrize("spec", SPECS, ids=NAMES)
def test_a_result_travels_and_does_not_depend_on_who_listens(spec: Any) -> None:
    heard: list[float] = []
    listened = run(spec, lambda share, part: heard.append(share))
    assert max(heard) <= 1
    sent = pickle.loads(pickle.dumps(listened, protocol=5))
    assert same(sent, run(spec, silent))


def same(one: Any, other: Any) -> bool:
    """Whether two results are equal in every bit."""
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if hasattr(one, "__dataclass_fields__"):
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    return bool(one == other)


def test_a_part_of_an_experiment_reports_within_the_whole() -> None:
    told: list[float] = []
    part = within(lambda share, _: told.append(share), 0.5, 0.75)
    for share in (0.0, 0.5, 1.0):
        part(share, None)
    assert told == [0.5, 0.625, 0.75]
