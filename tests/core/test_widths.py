"""Networks over widths: against torch.nn and torch.optim, reported one by one, stopped, and the peak."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from mlcore.base.experiment import Stopped, run
from mlcore.complexity.widths import INIT, Width, Widths, WidthSpec, ladder, samples, train
from mlcore.families.networks import Network
from mlcore.training.draws import stream

SMALL = WidthSpec(task="network", examples=20, steps=100, sets=2)


@pytest.mark.parametrize("l2", [0.0, 0.1])
def test_a_network_learns_as_torch_does(l2: float) -> None:
    spec = WidthSpec(task="network", examples=20, steps=120, sets=3, l2=l2)
    data = [part.float() for part in samples(spec)]
    found = train(spec, 5, data, lambda share: None)
    network = Network((20, 5, 1), "relu")
    for i in range(spec.sets):
        start = network.init(INIT, [torch.Generator().manual_seed(stream(spec.seed, f"width 5 {i}"))])
        first, second = network.blocks(start.float())
        model = torch.nn.Sequential(torch.nn.Linear(20, 5), torch.nn.ReLU(), torch.nn.Linear(5, 1))
        for layer, block in ((model[0], first[0]), (model[2], second[0])):
            layer.weight.data, layer.bias.data = block[:-1].T.clone(), block[-1].clone()
        groups = [
            {"params": [model[0].weight, model[2].weight], "weight_decay": l2},
            {"params": [model[0].bias, model[2].bias]},
        ]
        adam = torch.optim.Adam(groups, lr=spec.lr)
        factor = torch.optim.lr_scheduler.LambdaLR(adam, lambda t: 0.5 + 0.5 * math.cos(math.pi * t / 120))
        for _ in range(spec.steps):
            adam.zero_grad()
            (model(data[0][i]) - data[1][i]).square().mean().backward()
            adam.step()
            factor.step()
        with torch.no_grad():
            ends = [(model(data[k][i]) - data[k + 1][i]).square().mean().item() for k in (0, 2)]
        assert [found.train[-1, i], found.test[-1, i]] == pytest.approx(ends, rel=2e-3)


def test_widths_are_reported_as_they_are_done() -> None:
    told: list[tuple[float, Any]] = []
    result = run(SMALL, lambda share, part: told.append((share, part)))
    assert isinstance(result, Widths)
    parts = [part for _, part in told if part is not None]
    assert parts == list(result.parts)
    assert [(part.units, part.size) for part in parts] == ladder(SMALL)
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    for part in parts:
        assert part.train.shape == part.test.shape == (len(part.step), 2)
        assert part.step[-1] == 100
        assert part.wrong is None


def test_it_ends_when_nobody_waits() -> None:
    parts: list[Width] = []

    def report(share: float, part: Any) -> None:
        if part is not None:
            parts.append(part)
        if share > 0.3:
            raise Stopped

    with pytest.raises(Stopped):
        run(SMALL, report)
    assert 0 < len(parts) < len(ladder(SMALL))


@pytest.mark.parametrize("task", ["digits", "diabetes", "network"])
def test_the_ladder_knows_the_networks(task: str) -> None:
    spec = WidthSpec(task=task, examples=30, sets=2)
    x, y = samples(spec)[:2]
    steps = ladder(spec)
    assert [Network((x.shape[-1], h, y.shape[-1]), "relu").size for h, _ in steps] == [P for _, P in steps]
    assert spec.threshold == y[0].numel()
    assert steps[0][1] < spec.threshold < 8 * spec.threshold < steps[-1][1]


def test_noisy_labels_make_a_peak_that_stopping_early_takes_away() -> None:
    spec = WidthSpec(task="linear", examples=40, noise=0.7, steps=1500, sets=6)
    result = run(spec)
    test = np.array([np.median(part.test[-1]) for part in result.parts])
    best = np.array([np.median(part.test, axis=1).min() for part in result.parts])
    top = int(test.argmax())
    assert 0.5 < result.parts[top].size / spec.threshold < 2.5
    assert test[top] > 2 * test[-1]
    assert best[top] < test[top] / 2
    assert result.parts[-1].train[-1].max() < 1e-6 < result.parts[0].train[-1].min()
