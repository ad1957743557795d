"""Same spec, same bits: alone and among others, in chunks of any size, on any number of threads.

`test_reproducibility.py` runs this file again under every vector length that torch has on this machine.
"""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
import torch

from mlcore.base.experiment import run
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.datasets import DATASETS
from mlcore.families.losses import LOSSES, suits
from mlcore.families.models import ModelSpec
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.training import training
from mlcore.training.data import DataSpec
from mlcore.training.tasks import TrainSpec
from tests.core.runs import same

SMALL = TrainSpec(model=ModelSpec(widths=(7, 5)), steps=40)


def random_spec(r: random.Random) -> TrainSpec:
    """A spec of any shape that the page could ask for, small enough to train in a test."""
    name = r.choice(["moons", "spirals", "iris", "wine", "sine", "diabetes"])
    task = DATASETS[name].task
    loss = r.choice([loss for loss in LOSSES if suits(loss, task, DATASETS[name].classes)])
    widths = tuple(r.randint(1, 70) for _ in range(r.randint(0, 3)))
    return TrainSpec(
        data=DataSpec(name, examples=r.choice([30, 75, 150])),
        model=ModelSpec(widths=widths, activation=r.choice(list(ACTIVATIONS))),
        loss=loss, optimizer=r.choice(list(OPTIMIZERS)), batch_size=r.choice([0, 1, 7, 16, 33]),
        l2=r.choice([0.0, 0.01]), steps=12, lr=0.02,
    )  # fmt: skip


@pytest.mark.parametrize("case", range(24))
def test_a_replica_has_the_same_bits_alone_and_among_others(case: int) -> None:
    r = random.Random(case)
    spec = random_spec(r)
    many = run(replace(spec, replicas=21))
    i = r.randrange(21)
    same(run(replace(spec, seed=i)), many, i)


@pytest.mark.parametrize("rows", [2, 8, 14, 64])
def test_the_size_of_a_chunk_changes_no_bit(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    spec = replace(SMALL, replicas=30)
    whole = run(spec)
    monkeypatch.setattr(training, "chunk_rows", lambda task, spec: rows)
    again = run(spec)
    assert all(np.array_equal(a, b) for a, b in zip(whole.records, again.records, strict=True))


def test_the_number_of_threads_changes_no_bit() -> None:
    one = run(replace(SMALL, replicas=9))
    torch.set_num_threads(2)
    try:
        same(one, run(replace(SMALL, replicas=9)))
    finally:
        torch.set_num_threads(1)


def test_two_hundred_hold_each_one() -> None:
    many = run(replace(SMALL, replicas=200))
    for i in (0, 3, 101, 199):
        same(run(replace(SMALL, seed=i)), many, i)
