"""Learning-rate schedules against those of torch.optim, step by step."""

from __future__ import annotations

import itertools
import math
import timeit
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest
import torch
from torch.optim import lr_scheduler

from mlcore.families.schedules import SCHEDULES

T = 200
CASES: list[tuple[str, dict[str, float], Callable[[Any], Any]]] = [
    ("constant", {}, lambda o: lr_scheduler.ConstantLR(o, factor=1.0)),
    ("step", {"every": 30, "gamma": 0.5}, lambda o: lr_scheduler.StepLR(o, 30, 0.5)),
    ("step", {"every": 1, "gamma": 0.9}, lambda o: lr_scheduler.StepLR(o, 1, 0.9)),
    ("exponential", {"gamma": 0.97}, lambda o: lr_scheduler.ExponentialLR(o, 0.97)),
    ("cosine", {"floor": 0.0}, lambda o: lr_scheduler.CosineAnnealingLR(o, T)),
    ("cosine", {"floor": 0.3}, lambda o: lr_scheduler.CosineAnnealingLR(o, T, eta_min=0.3)),
    (
        "warm_restarts",
        {"period": 10, "mult": 2, "floor": 0.1},
        lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 10, 2, eta_min=0.1),
    ),
    (
        "warm_restarts",
        {"period": 7, "mult": 1, "floor": 0.0},
        lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 7, 1),
    ),
    (
        "warm_restarts",
        {"period": 1, "mult": 1, "floor": 0.2},
        lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 1, 1, eta_min=0.2),
    ),
    ("warm_up", {"steps": 50}, lambda o: lr_scheduler.LinearLR(o, 1 / 50, total_iters=49)),
    ("warm_up", {"steps": 1}, lambda o: lr_scheduler.LambdaLR(o, lambda t: 1.0)),
]


@pytest.mark.filterwarnings("ignore:.*lr_scheduler.step().*:UserWarning")
@pytest.mark.parametrize(("name", "knobs", "twin"), CASES, ids=[f"{n}-{k}" for n, k, _ in CASES])
def test_factors_are_those_of_torch(
    name: str, knobs: Mapping[str, float], twin: Callable[[Any], Any]
) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    schedule = twin(optimizer)
    for t in range(T):
        # Some of torch's multiply from step to step: their rounding adds up over 200 of them.
        assert SCHEDULES[name](t, T, **knobs) == pytest.approx(schedule.get_last_lr()[0], abs=1e-12)
        optimizer.step()
        schedule.step()


def test_every_schedule_has_a_twin_here() -> None:
    assert {name for name, _, _ in CASES} == set(SCHEDULES)


def test_warm_restarts_are_at_10_and_30() -> None:
    factors = [SCHEDULES["warm_restarts"](t, T, period=10, mult=2, floor=0.0) for t in range(71)]
    assert [t for t, factor in enumerate(factors) if factor == 1.0] == [0, 10, 30, 70]


def test_a_late_step_after_many_restarts_takes_no_longer() -> None:
    def seconds(mult: int) -> float:
        ask = partial(SCHEDULES["warm_restarts"], 19_999, 20_000, period=1, mult=mult, floor=0.0)
        return min(timeit.repeat(ask, number=5, repeat=5))

    assert seconds(1) < 50 * seconds(2)


def test_cosine_ends_at_its_floor() -> None:
    assert SCHEDULES["cosine"](T, T, floor=0.25) == pytest.approx(0.25, abs=1e-15)
    assert SCHEDULES["cosine"](T // 2, T, floor=0.0) == pytest.approx(0.5, abs=1e-15)


@pytest.mark.parametrize("name", SCHEDULES)
def test_factors_are_finite_and_within_0_and_1_for_every_setting(name: str) -> None:
    knobs = SCHEDULES[name].knobs
    corners = itertools.product(*((k.low, k.default, k.high) for k in knobs.values()))
    for corner in corners:
        chosen = dict(zip(knobs, corner, strict=True))
        for steps in (1, 7, 20_000):
            for t in {0, 1, steps // 2, steps - 1, steps}:
                factor = SCHEDULES[name](t, steps, **chosen)
                assert math.isfinite(factor), (chosen, t, steps)
                assert 0.0 <= factor <= 1.0, (chosen, t, steps)
