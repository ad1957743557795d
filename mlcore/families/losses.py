"""Losses, cost and objective: the lecture's three words, kept apart.

    loss       of one example                 loss(prediction, target)      [R, B, K] x 2 -> [R, B]
    cost       their mean over all examples   cost(variant, ...)            [R]
    objective  cost plus penalties            cost + l1 |w| + l2/2 |w|^2    [R]

Each variant carries `gradient(prediction, target)`, the derivative of the loss of one example by that
example's prediction, written by hand and held against autograd by the tests. Predictions are raw outputs
(logits for classification), targets are one-hot rows [B, K], a 0/1 column for binary cross-entropy, or a
column of values. Facts: `tasks` it can train, `outputs(classes)` the columns it needs, `root` whether the
cost is the square root of the mean (RMSE),
`constant(target)` the prediction [K] that is best when x is ignored: the cost of chance, `weighs` whether
its examples can carry the weight of their class.

`class_weights` [K] of a cost multiply the loss of every example by the weight of its class. The sum is still
divided by the number of examples, not by the sum of their weights as torch's `weight=` does it: so a
minibatch estimates the cost of all examples without bias.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from mlcore.base.device import constant
from mlcore.base.registry import Knob, Registry

LOSSES: Registry[Callable[..., Tensor]] = Registry("loss")
BOTH = ("regression", "classification")


def one_hot(classes: int) -> int:
    return max(1, classes)


def mean(y: Tensor) -> Tensor:
    return y.mean(0)


def huber_center(y: Tensor, delta: float) -> Tensor:
    """Where the Huber cost of a constant is least: a mean whose far examples weigh delta / |r| (IRLS)."""
    center = y.median(0).values
    for _ in range(100):
        weight = (delta / (y - center).abs().clamp_min(1e-12)).clamp_max(1.0)
        center = (weight * y).sum(0) / weight.sum(0)
    return center


@LOSSES.add(
    title="Cross-entropy (softmax)",
    formula=r"-\ln \operatorname{softmax}(z)_y = \ln \sum_k e^{z_k} - z_y",
    source="slide CrossEntropy Loss; Goodfellow et al. 2016, 6.2.2",
    tasks=("classification",),
    outputs=one_hot,
    constant=lambda y: torch.log(y.mean(0).clamp_min(1e-12)),
    weighs=True,
    gradient=lambda z, y: torch.softmax(z, -1) - y,
)
def cross_entropy(z: Tensor, y: Tensor) -> Tensor:
    # ln sum_k e^(z_k - z_y): the difference first, or a small cost would drown in the rounding of z
    return torch.logsumexp(z - (z * y).sum(-1, keepdim=True), -1)


@LOSSES.add(
    title="Binary cross-entropy (sigmoid)",
    formula=r"-y \ln \sigma(z) - (1 - y) \ln(1 - \sigma(z)) = \ln(1 + e^{z}) - y z",
    source="slide CrossEntropy Loss: sigmoid + CE",
    tasks=("binary",),
    outputs=lambda classes: 1,
    constant=lambda y: torch.logit(y.mean(0), eps=1e-6),
    weighs=True,
    # the sigmoid as the quickest in-place chain: where e^-z is inf, 1 / inf is the 0 it should be
    gradient=lambda z, y: torch.exp(-z).add_(constant(1.0, z.dtype, z.device)).reciprocal_().sub_(y),
)
def binary_cross_entropy(z: Tensor, y: Tensor) -> Tensor:
    # ln(1 + e^z) as max(z, 0) + ln(1 + e^-|z|): finite at z = 1000. The maximum is written (z + |z|) / 2, or
    # autograd would find the slope 1 - y at z = 0, where it is 1/2 - y
    size = z.abs()
    return (0.5 * (z + size) + torch.log1p(torch.exp(-size)) - y * z).mean(-1)


@LOSSES.add(
    title="Squared error (MSE)",
    formula=r"(\hat y - y)^2",
    source="slide MSE Loss",
    tasks=BOTH,
    outputs=one_hot,
    constant=mean,
    gradient=lambda p, y: (p - y) * (2 / p.shape[-1]),
)
def mse(p: Tensor, y: Tensor) -> Tensor:
    return (p - y).square().mean(-1)


@LOSSES.add(
    title="Half squared error",
    formula=r"\tfrac{1}{2} (\hat y - y)^2",
    source="slide Linear Model; d2l 3.1",
    tasks=BOTH,
    outputs=one_hot,
    constant=mean,
    gradient=lambda p, y: (p - y) / p.shape[-1],
)
def half_mse(p: Tensor, y: Tensor) -> Tensor:
    return 0.5 * (p - y).square().mean(-1)


@LOSSES.add(
    title="Absolute error (MAE)",
    formula=r"|\hat y - y|",
    source="slide Regression: MAE",
    tasks=BOTH,
    outputs=one_hot,
    constant=lambda y: y.median(0).values,
    gradient=lambda p, y: torch.sign(p - y) / p.shape[-1],
)
def mae(p: Tensor, y: Tensor) -> Tensor:
    return (p - y).abs().mean(-1)


@LOSSES.add(
    title="Root mean squared error (RMSE)",
    formula=r"\sqrt{\tfrac{1}{N} \sum_i (\hat y_i - y_i)^2}",
    source="slide Regression: RMSE",
    tasks=BOTH,
    outputs=one_hot,
    root=True,
    constant=mean,
    gradient=lambda p, y: (p - y) * (2 / p.shape[-1]),
)
def rmse(p: Tensor, y: Tensor) -> Tensor:
    return (p - y).square().mean(-1)  # of one example; the root is taken of their mean


@LOSSES.add(
    title="Huber",
    formula=r"\tfrac{1}{2} r^2 \text{ if } |r| \le \delta \text{ else } \delta (|r| - \tfrac{1}{2} \delta), "
    r"\quad r = \hat y - y",
    source="Huber 1964",
    tasks=BOTH,
    outputs=one_hot,
    knobs={
        "delta": Knob(1.0, 0.01, 10.0, symbol=r"\delta", help="where squared turns into absolute", log=True)
    },
    constant=huber_center,
    gradient=lambda p, y, delta: torch.clamp(p - y, -delta, delta) / p.shape[-1],
)
def huber(p: Tensor, y: Tensor, delta: float) -> Tensor:
    r = p - y
    near = torch.clamp(r, -delta, delta)
    return (near * (r - 0.5 * near)).mean(-1)  # both branches in one: near is r, or delta with the sign of r


def suits(loss: str, task: str, classes: int) -> bool:
    """Whether this loss can train on data of this task with so many classes."""
    tasks = LOSSES[loss].tasks
    return task in tasks or (task == "classification" and classes == 2 and "binary" in tasks)


def weighs(loss: str) -> bool:
    """Whether the classes of this loss can have weights."""
    return bool(LOSSES[loss].facts.get("weighs"))


def balanced_weights(counts: Tensor, strength: float) -> Tensor:
    """Weights [K] in proportion to n_k^-strength, their mean over the n examples 1; float64.

    Strength 0 is no weights, 1 is "balanced" of scikit-learn, n / (K n_k). A class without an example, which
    only a test set can have then, weighs as one with one example.
    """
    n = counts.double()
    weights = n.clamp_min(1) ** -strength
    return weights * (n.sum() / (n * weights).sum())


def example_weights(y: Tensor, class_weights: Tensor) -> Tensor:
    """The weight of the class of every target: one-hot rows or a 0/1 column [..., K] -> [...]."""
    w = class_weights.to(y.dtype)
    return w[0] + y[..., 0] * (w[1] - w[0]) if y.shape[-1] == 1 else (y * w).sum(-1)


def example_losses(loss: str, p: Tensor, y: Tensor, class_weights: Any = None, **knobs: float) -> Tensor:
    """The loss of every example, times the weight of its class: p, y [R, B, K] -> [R, B].

    The weights are a Tensor [K] or None; typed Any, for the callers' knobs are a dict of numbers.
    """
    found: Tensor = LOSSES[loss](p, y, **knobs)
    return found if class_weights is None else found * example_weights(y, class_weights)


def cost(loss: str, p: Tensor, y: Tensor, class_weights: Any = None, **knobs: float) -> Tensor:
    """Mean loss over the examples (its square root for RMSE): p, y [R, B, K] -> [R]."""
    mean = example_losses(loss, p, y, class_weights, **knobs).mean(-1)
    return mean.sqrt() if LOSSES[loss].facts.get("root") else mean


def cost_gradient(loss: str, p: Tensor, y: Tensor, class_weights: Any = None, **knobs: float) -> Tensor:
    """d cost / d prediction: p, y [R, B, K] -> [R, B, K]. The 1/B of the mean is in here."""
    facts = LOSSES[loss].facts
    share = constant(1 / p.shape[1], p.dtype, p.device)
    slope: Tensor = facts["gradient"](p, y, **knobs).mul_(share)
    if class_weights is not None:
        slope = slope.mul_(example_weights(y, class_weights)[..., None])
    if facts.get("root"):  # d sqrt(m) = dm / (2 sqrt(m)); at a perfect fit the slope is taken as 0
        level = cost(loss, p, y, class_weights, **knobs)
        slope = slope / (2 * level.clamp_min(1e-12))[:, None, None]
    return slope


def chance(loss: str, y: Tensor, y_test: Tensor, class_weights: Any = None, **knobs: float) -> float:
    """Cost on `y_test` of the constant prediction that is best on `y` ([N, K] each): x ignored."""
    if class_weights is None:
        best = LOSSES[loss].constant(y, **knobs)
    else:  # that of a cross-entropy depends on the shares of the classes alone, here the weighted ones
        w = example_weights(y, class_weights)[:, None]
        best = LOSSES[loss].constant((w * y).mean(0, keepdim=True) / w.mean(), **knobs)
    return float(cost(loss, best.expand(1, *y_test.shape), y_test[None], class_weights, **knobs))
