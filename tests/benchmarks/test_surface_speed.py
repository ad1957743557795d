"""Races and reliefs against going one by one, as ratios within one run: `make bench`."""

from __future__ import annotations

import pytest
import torch

from mlcore.base.device import computing
from mlcore.descents import races
from mlcore.descents.torch_optim import torch_optimizer
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.families.surfaces import SURFACES, objective, relief
from mlcore.training.descent import Walker, race
from tests.benchmarks.timing import alternate

pytestmark = pytest.mark.bench
RULES = {"sgd": 0.0005, "momentum": 0.0005, "nesterov": 0.0005, "rmsprop": 0.02, "adam": 0.05, "adamw": 0.05}
STARTS, STEPS, SURFACE = 64, 500, "beale"
SIDE, PICTURES = 401, ("booth", "rosenbrock", "himmelblau", "beale", "rastrigin")


def ours() -> torch.Tensor:
    theta = races.starts(SURFACE, STARTS, 0).repeat(len(RULES), 1)
    with computing():
        walkers = [
            Walker(theta[STARTS * i : STARTS * (i + 1)], optimizer=name, knobs={}, steps=STEPS,
                   lr=torch.full((1, 1), lr, dtype=torch.float64))
            for i, (name, lr) in enumerate(RULES.items())
        ]  # fmt: skip
        for _ in race(walkers, objective(SURFACE), theta):
            pass
    return theta.view(len(RULES), STARTS, 2)


def one(name: str, start: int) -> torch.Tensor:
    theta = races.starts(SURFACE, STARTS, 0)[start].requires_grad_()
    optimizer = torch_optimizer(name, [theta], RULES[name], OPTIMIZERS[name].settings({}))
    descend = objective(SURFACE)
    for _ in range(STEPS):
        optimizer.zero_grad()
        descend(theta).backward()
        optimizer.step()
    return theta.detach()


def test_six_rules_from_64_starts() -> None:
    for i, name in enumerate(RULES):  # the same work: the same ends
        torch.testing.assert_close(ours()[i, 5], one(name, 5), rtol=1e-6, atol=1e-9)
    times = alternate(ours=ours, torch=lambda: [one(name, 0) for name in RULES])
    ratio = times["torch"] * STARTS / times["ours"]
    print(f"\n{len(RULES)} rules x {STARTS} starts x {STEPS} steps: ours {times['ours']:.3f} s, "
          f"{ratio:.0f} times faster than torch.optim one by one")  # fmt: skip
    assert ratio >= 300


def test_five_surfaces_on_a_fine_grid() -> None:
    sample = 200
    lines = {name: torch.linspace(*SURFACES[name].box[:2], SIDE, dtype=torch.float64) for name in PICTURES}

    def point_by_point() -> None:
        for name, line in lines.items():
            for x in line[:sample]:
                objective(name)(torch.stack([x, x])).item()

    def grids() -> None:
        for name in PICTURES:
            relief(name, SURFACES[name].box, SIDE)

    times = alternate(ours=grids, points=point_by_point)
    ratio = times["points"] * SIDE * SIDE / sample / times["ours"]
    print(f"\n{len(PICTURES)} surfaces at {SIDE} x {SIDE}: ours {times['ours']:.3f} s, "
          f"{ratio:.0f} times faster than point by point")  # fmt: skip
    assert ratio >= 1000
