"""Batched training against its peers, as ratios within one run: `make bench`.

Peers and product alternate, each on one thread; CPU seconds of the best round count, so a busy machine
disturbs both alike. The same work is the same number of optimizer updates on the same examples.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.neural_network import MLPRegressor
from torch import nn

from mlcore.base.experiment import run
from mlcore.families.models import ModelSpec
from mlcore.training.data import DataSpec
from mlcore.training.tasks import TrainSpec, prepare
from tests.benchmarks.timing import alternate

pytestmark = pytest.mark.bench
REPLICAS, UPDATES = 200, 500
SPEC = TrainSpec(
    data=DataSpec("sine", examples=200, test_share=0.5), model=ModelSpec(widths=(32, 32), activation="relu"),
    loss="mse", optimizer="adam", lr=1e-3, steps=UPDATES, replicas=REPLICAS, batch_size=0,
)  # fmt: skip


def examples() -> tuple[torch.Tensor, torch.Tensor]:
    task = prepare(SPEC)
    return task.x, task.y


def one_sklearn(batch: int) -> None:
    """One of the 200, with as many updates."""
    x, y = examples()
    epochs = UPDATES if batch == len(x) else UPDATES // -(-len(x) // batch)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        MLPRegressor(
            hidden_layer_sizes=(32, 32), batch_size=batch, max_iter=epochs, alpha=0, tol=0,
            n_iter_no_change=10**9, learning_rate_init=1e-3,
        ).fit(x.numpy(), y.numpy().ravel())  # fmt: skip


def torch_loop(
    net: nn.Module, optimizer: torch.optim.Optimizer, batch: int, updates: int,
    loss: Callable[..., torch.Tensor] = nn.functional.mse_loss, spec: TrainSpec = SPEC,
) -> None:  # fmt: skip
    task = prepare(spec)
    x, y = task.x, task.y
    for _ in range(updates):
        rows = slice(None) if batch == len(x) else torch.randint(len(x), (batch,))
        optimizer.zero_grad()
        loss(net(x[rows]), y[rows]).backward()
        optimizer.step()


def one_torch(batch: int) -> None:
    net = nn.Sequential(nn.Linear(1, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    torch_loop(net, torch.optim.Adam(net.parameters(), lr=1e-3), batch, UPDATES)


@pytest.mark.parametrize(("batch", "over_sklearn", "over_torch"), [(0, 12, 20), (16, 25, 50)])
def test_two_hundred_at_once(batch: int, over_sklearn: float, over_torch: float) -> None:
    full = batch or len(examples()[0])
    spec = replace(SPEC, batch_size=batch)
    ours = alternate(
        ours=lambda: run(spec),
        sklearn=lambda: [one_sklearn(full) for _ in range(4)],
        torch=lambda: [one_torch(full) for _ in range(2)],
    )
    sklearn = ours["sklearn"] / 4 * REPLICAS / ours["ours"]
    plain = ours["torch"] / 2 * REPLICAS / ours["ours"]
    print(f"\n200 x 1-32-32-1, {UPDATES} updates, batch {full}: ours {ours['ours']:.2f} s, "
          f"{sklearn:.1f} times faster than scikit-learn, {plain:.1f} than a PyTorch loop")  # fmt: skip
    assert sklearn >= over_sklearn
    assert plain >= over_torch


def test_one_tiny_net_alone() -> None:
    updates = 3000
    spec = TrainSpec(
        data=DataSpec("moons", examples=200, test_share=0.5),
        model=ModelSpec(widths=(8, 8, 8), activation="relu"),
        loss="binary_cross_entropy", optimizer="sgd", lr=1e-2, batch_size=10, steps=updates,
    )  # fmt: skip

    def tiny() -> None:
        net = nn.Sequential(
            nn.Linear(2, 8),
            nn.ReLU(),
            nn.Linear(8, 8),
            nn.ReLU(),
            nn.Linear(8, 8),
            nn.ReLU(),
            nn.Linear(8, 1),
        )
        loss = nn.functional.binary_cross_entropy_with_logits
        torch_loop(net, torch.optim.SGD(net.parameters(), lr=1e-2), 10, updates, loss, spec)

    times = alternate(ours=lambda: run(spec), torch=tiny)
    ratio = times["torch"] / times["ours"]
    print(f"\n2-8-8-8-1, batch 10, {updates} SGD steps: ours {times['ours']:.2f} s, {ratio:.1f} times faster")
    assert ratio >= 5.5


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_two_hundred_on_the_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    from mlcore.base import device

    def on(name: str) -> Callable[[], object]:
        def work() -> None:
            monkeypatch.setattr(device, "device", lambda: device.Device(name, name, "chosen"))
            run(SPEC)

        return work

    times = alternate(cpu=on("cpu"), cuda=on("cuda"))
    print(f"\n200 x 1-32-32-1 full batch: CPU {times['cpu']:.2f} s, CUDA {times['cuda']:.2f} s")
    assert np.isfinite(times["cuda"])
