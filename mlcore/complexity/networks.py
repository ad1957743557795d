"""Networks trained on a training set each: rows of theta whose examples differ, full batch, Adam."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Generator, Tensor

from mlcore.base.device import computing, off_device, on_device
from mlcore.families.losses import cost_gradient
from mlcore.families.networks import Backpropagation, Network, with_ones
from mlcore.training.descent import Walker, walk

__all__ = ["Network", "fit"]
CACHE = 400_000  # float32 numbers that the rows walking together touch in a step
TICKS = 50  # steps between two looks at whether anybody still waits
LEAST = 1e-12  # of a probability, so that its logarithm is a number


def fit(
    network: Network,
    x: Tensor,  # [S, N, D]
    y: Tensor,  # [S, N, K]
    at: Tensor,  # [S, M, D]
    generators: Sequence[Generator],  # S
    record: Sequence[int],
    tick: Callable[[], None],
    *,
    classes: int,
    lr: float,
    l2: float = 0.0,
    jitter: float = 0.0,
    init: str = "xavier",
    schedule: str = "constant",
) -> Iterator[Tensor]:
    """Train network s on set s; at every step in `record` what all answer at `at`: [S, M, K] float64.

    Values, or probabilities where there are `classes`. `jitter` is the standard deviation of noise
    that every step adds to x anew (Bishop 1995: for small noise a Tikhonov penalty).
    """
    theta = network.init(init, generators)
    few = max(2, CACHE // (4 * x.shape[1] * sum(network.sizes) + 8 * network.size))
    parts = [slice(first, first + few) for first in range(0, len(x), few)]
    walks = [
        _walk(network, theta[part], x[part], y[part], at[part], generators[part], record, tick,
              classes, lr, l2, jitter, schedule)
        for part in parts
    ]  # fmt: skip
    for _ in record:
        yield torch.cat([next(walk) for walk in walks])


def _walk(
    network: Network, theta: Tensor, x: Tensor, y: Tensor, at: Tensor, generators: Sequence[Generator],
    record: Sequence[int], tick: Callable[[], None], classes: int, lr: float, l2: float, jitter: float,
    schedule: str,
) -> Iterator[Tensor]:  # fmt: skip
    theta, target, there = (on_device(v, torch.float32).contiguous() for v in (theta, y, at))
    x1 = on_device(with_ones(x), torch.float32)
    noisy = x1.clone()
    loss = "cross_entropy" if classes else "mse"
    back = Backpropagation(network, theta, x.shape[1])
    penalty = l2 * on_device(network.is_weight(), torch.float32)

    def gradient(t: int) -> Tensor:
        if t % TICKS == 0:
            tick()
        if jitter:
            drawn = [torch.randn(x.shape[1:], generator=g) for g in generators]
            noisy[..., :-1] = x1[..., :-1] + jitter * on_device(torch.stack(drawn))
        g = back.backward(cost_gradient(loss, back.forward(noisy), target))
        return g.addcmul_(penalty, theta) if l2 else g

    rate = theta.new_full((len(theta), 1), lr)
    walker = Walker(theta, optimizer="adam", knobs={}, lr=rate, schedule=schedule, steps=max(record))
    moments = walk(walker, gradient, record)
    for _ in record:
        with computing():
            next(moments)
            answer = off_device(network.predict(theta, there)).double()
        yield torch.softmax(answer, -1).clamp_min(LEAST) if classes else answer
