"""The same networks trained once for each of several losses: rows are losses times seeds, all in one walk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Generator, Tensor

from mlcore.base.device import on_device
from mlcore.families.networks import Network, with_ones
from mlcore.training.descent import Moment, Walker, walk
from mlcore.training.training import minibatch_rows, recorded_steps

Cost = Callable[[Tensor, Tensor], Tensor]
"""`cost(output [S, B, K], target [S, B, ...]) -> [S, B]`: a loss of each example."""
BATCH = 32


def slope(output: Tensor, target: Tensor, costs: Sequence[Cost]) -> Tensor:
    """d cost / d output [R, B, K], each block of rows by its own loss, the mean over its examples."""
    with torch.inference_mode(False), torch.enable_grad():  # `computing` turns autograd off
        leaf, true = output.clone().requires_grad_(), target.clone()
        parts = zip(costs, leaf.chunk(len(costs)), true.chunk(len(costs)), strict=True)
        total = sum((cost(own, goal).mean(-1).sum() for cost, own, goal in parts), leaf.new_zeros(()))
        (found,) = torch.autograd.grad(total, leaf)
    return found


def trained(
    network: Network,
    costs: Sequence[Cost],
    seeds: Sequence[int],
    x: Tensor,
    y: Tensor,
    rate: float,
    steps: int,
    batch: int = BATCH,
) -> Iterator[Moment]:
    """Adam on examples x [N, D] with targets y [N, ...], by float32 on the device; pauses at recorded steps.

    Row l S + s has loss l and seed s. With one seed all losses have the same first weights and minibatches.
    """
    start = network.init("he", [Generator().manual_seed(seed) for seed in seeds])
    theta = on_device(start.repeat(len(costs), 1), torch.float32)
    x1, goal = with_ones(on_device(x, torch.float32)), on_device(y, torch.float32)
    batch, rows = min(batch, len(x)), len(costs) * len(seeds)
    deal = [minibatch_rows(len(x), batch, steps + 1, seed) for seed in seeds]
    index = on_device(torch.stack(deal, dim=1).repeat(1, len(costs), 1).flatten(1))  # [steps + 1, R B]
    chain = network.chain(theta, batch)

    def gradient(t: int) -> Tensor:
        output = chain.forward(x1.index_select(0, index[t]).view(rows, batch, -1))
        target = goal.index_select(0, index[t]).view(rows, batch, *y.shape[1:])
        return chain.backward(slope(output, target, costs))

    rates = on_device(torch.full((rows, 1), rate), torch.float32)
    walker = Walker(theta, optimizer="adam", knobs={}, lr=rates, steps=steps)
    return walk(walker, gradient, recorded_steps(steps))
