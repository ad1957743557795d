"""Planes against the package `loss-landscapes`, as ratios within one run: `make bench`.

Both sides compute the same plane: 2-64-64-2, tanh and ReLU, 500 examples, float32. Ours as a worker does, on
two threads; the package on one and on all that there are, of which the quicker counts.
"""

from __future__ import annotations

import os
import time
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from mlcore.base.device import computing
from mlcore.families.models import ModelSpec
from mlcore.landscapes import planes
from mlcore.landscapes.evaluation import Evaluator
from mlcore.landscapes.landscape import interpolated, pairs
from mlcore.landscapes.planes import Plane
from mlcore.training.data import DataSpec
from mlcore.training.tasks import Task, TrainSpec, prepare
from mlcore.training.training import train
from tests.benchmarks.timing import alternate

pytestmark = pytest.mark.bench
THEIRS = 21  # points along a side that the package is timed on; its time grows with their number


def setting(activation: str) -> tuple[Task, TrainSpec, Plane]:
    spec = TrainSpec(
        DataSpec("moons", examples=714), ModelSpec(widths=(64, 64), activation=activation), steps=100
    )
    task = prepare(spec)
    assert len(task.x) == 500
    theta = train(spec).final[0].astype(np.float64)
    return task, spec, planes.random(task.network, "filter", theta, 0)


def ours(task: Task, spec: TrainSpec, plane: Plane, side: int, coarse: bool = False) -> Any:
    line = np.linspace(-1, 1, side)
    with computing():
        at = partial(Evaluator(task, spec).all, rows_at=plane.rows)
        return interpolated(line, line, side // 3 | 1, at) if coarse else at(pairs(line, line).reshape(-1, 2))


def theirs(task: Task, activation: str, plane: Plane, threads: int) -> Any:
    package = pytest.importorskip("loss_landscapes")
    metrics = pytest.importorskip("loss_landscapes.metrics")
    layers: list[nn.Module] = []
    for (a, _), (_, b) in zip(task.network.shapes, task.network.shapes, strict=True):
        layers += [nn.Linear(a - 1, b), {"tanh": nn.Tanh(), "relu": nn.ReLU()}[activation]]
    model = nn.Sequential(*layers[:-1])
    metric = metrics.Loss(nn.CrossEntropyLoss(), task.x, task.y.argmax(1))
    torch.set_num_threads(threads)
    try:
        with torch.no_grad():
            return package.random_plane(model, metric, 1.0, THEIRS, "filter", deepcopy_model=True)
    finally:
        torch.set_num_threads(1)


@pytest.mark.parametrize(("activation", "times_as_fast"), [("tanh", 2.5), ("relu", 2.2)])
def test_a_plane(activation: str, times_as_fast: float) -> None:
    task, spec, plane = setting(activation)
    side = 51
    times = alternate(
        time.perf_counter,
        exact=lambda: ours(task, spec, plane, side),
        first=lambda: ours(task, spec, plane, 101, coarse=True),
        one_thread=lambda: theirs(task, activation, plane, 1),
        all_threads=lambda: theirs(task, activation, plane, os.cpu_count() or 1),
    )
    point = min(times["one_thread"], times["all_threads"]) / THEIRS**2
    exact, first = point * side**2 / times["exact"], point * 101**2 / times["first"]
    print(f"\n{activation}, {side} x {side}: ours {times['exact']:.2f} s, {exact:.1f} times faster than "
          f"loss-landscapes; first view of 101 x 101: {times['first']:.2f} s, {first:.0f} times")  # fmt: skip
    assert exact >= times_as_fast
    assert first >= 12
