"""Gradients of minibatches against autograd, every minibatch there is, and the law of sampling."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch

from mlcore.descents.minibatch import SETS, SIZES, BatchSpec, Distances, distances, gradients
from mlcore.families.losses import cost
from mlcore.training.cached import trained
from mlcore.training.tasks import prepare

SPECS = [BatchSpec(data, steps=steps, seed=k) for k, data in enumerate(SETS) for steps in (0, 40)]


def name(spec: BatchSpec) -> str:
    return f"{spec.data}-{spec.steps}"


@pytest.mark.parametrize("spec", SPECS, ids=name)
def test_the_gradient_of_each_example_is_that_of_autograd(spec: BatchSpec) -> None:
    task, run, found = prepare(spec.train, torch.float64), trained(spec.train), gradients(spec)
    row = torch.from_numpy(run.final[0] if spec.steps else run.records.theta[0, 0]).double()
    for n in (0, 7, len(task.x) - 1):
        leaf = row[None].clone().requires_grad_()
        value = cost(spec.train.loss, task.network.predict(leaf, task.x[n : n + 1]), task.y[None, n : n + 1])
        (expected,) = torch.autograd.grad(value.sum(), leaf)
        torch.testing.assert_close(found[n], expected[0], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("examples", [5, 9])
@pytest.mark.parametrize("size", [1, 2, 4])
def test_the_law_is_the_mean_over_every_minibatch_there_is(examples: int, size: int) -> None:
    each = gradients(BatchSpec())[:examples].numpy()
    g = each.mean(0)
    every = [each[list(rows)].mean(0) for rows in combinations(range(examples), size)]
    seen = np.mean([((one - g) ** 2).sum() for one in every])
    trace = float(((each - g) ** 2).sum(1).mean())
    nothing = np.zeros(len(SIZES))
    law = Distances(nothing, nothing, nothing, examples, float((g**2).sum()), trace)
    assert float(law.theory(size)) == pytest.approx(seen, rel=1e-10)
    assert float(law.theory(examples)) == 0


@pytest.mark.parametrize("spec", SPECS, ids=name)
def test_drawn_minibatches_lie_as_far_as_the_law_says(spec: BatchSpec) -> None:
    """Within four standard errors, which one mean in 16,000 leaves, and most within their own interval."""
    found = distances(replace(spec, draws=2000))
    error = (found.high - found.measured) / 1.96
    assert (np.abs(found.measured - found.theory(SIZES)) < 4 * error).all()
    assert found.examples == len(prepare(spec.train).x) > SIZES[-1]


def test_training_leaves_the_noise_and_takes_the_gradient_away() -> None:
    before, after = (distances(BatchSpec("wine", steps=steps)) for steps in (0, 200))
    assert after.noise_scale > 10 * before.noise_scale
