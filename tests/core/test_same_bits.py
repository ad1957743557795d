"""Same spec, same bits: alone and among others, in chunks of any size, on any number of threads.

`test_reproducibility.py` runs this file again under every vector length that torch has on this machine.
"""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from mlcore.base.device import computing
from mlcore.base.experiment import run
from mlcore.families.activations import ACTIVATIONS, Room
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


@pytest.mark.parametrize("threads", [2, 3, 5])
@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "gelu"])
def test_the_number_of_threads_changes_no_bit(activation: str, threads: int) -> None:
    """Also of tensors that torch would divide between threads, those of more than 32768 numbers."""
    data = DataSpec("moons", examples=331, test_share=0.1)
    spec = TrainSpec(data, ModelSpec(widths=(61,), activation=activation), steps=9, batch_size=0, replicas=21)
    one = run(spec)
    torch.set_num_threads(threads)
    try:
        assert np.array_equal(one.final, run(spec).final)
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(1)


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if "into" in ACTIVATIONS[name].facts])
def test_a_quick_activation_rounds_alike_wherever_a_number_stands(name: str) -> None:
    """Alone and in a tensor of any length, at any of its places, forward and backward."""
    f, g = ACTIVATIONS[name], torch.Generator().manual_seed(0)
    z, delta = (torch.randn(2000, generator=g) for _ in range(2))

    def there_and_back(z: Tensor, delta: Tensor) -> Tensor:
        h = torch.empty(len(z), 2)[:, 0]  # as in a network: every row of h is followed by a 1
        f.into(z, h, Room.like(z, len(z)))
        return torch.stack([h, f.through(delta.clone(), z, h)])

    with computing():
        alone = [there_and_back(*pair) for pair in zip(z.split(1), delta.split(1), strict=True)]
        each = torch.cat(alone, dim=1)
        for length in (*range(2, 70), 255, 1000):
            pieces = zip(z.split(length), delta.split(length), strict=True)
            assert torch.equal(torch.cat([there_and_back(*pair) for pair in pieces], dim=1), each), length


def test_two_hundred_hold_each_one() -> None:
    many = run(replace(SMALL, replicas=200))
    for i in (0, 3, 101, 199):
        same(run(replace(SMALL, seed=i)), many, i)
