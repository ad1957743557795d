"""Loss, cost and objective in numbers: what each example adds, and what the penalties add to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from mlcore.families.losses import LOSSES, cost, cost_gradient

FLOATS = NDArray[np.float64]
MEASURES = ("mse", "rmse", "mae", "huber")


@dataclass(frozen=True, eq=False)
class Measures:
    """V costs of the same N predictions. Names: `MEASURES`."""

    target: FLOATS  # [N]
    prediction: FLOATS  # [N]
    cost: FLOATS  # [V]
    loss: FLOATS  # [V, N] of each example; squared for RMSE, whose root is taken last
    share: FLOATS  # [V, N] of the sum of the losses; 0 where nothing is wrong
    gradient: FLOATS  # [V, N] d cost / d prediction


def measure(prediction: tuple[float, ...], target: tuple[float, ...], delta: float) -> Measures:
    """What the losses of a regression say of N predictions."""
    p, y = (torch.tensor(values, dtype=torch.float64)[:, None] for values in (prediction, target))
    knobs = [LOSSES[name].settings({"delta": delta}) for name in MEASURES]
    each = list(zip(MEASURES, knobs, strict=True))
    loss = torch.stack([LOSSES[name](p, y, **told) for name, told in each])
    costs = torch.cat([cost(name, p[None], y, **told) for name, told in each])
    slopes = torch.cat([cost_gradient(name, p[None], y, **told) for name, told in each])
    share = loss / loss.sum(1, keepdim=True).clamp_min(1e-300)
    return Measures(
        y[:, 0].numpy(), p[:, 0].numpy(), costs.numpy(), loss.numpy(), share.numpy(), slopes[..., 0].numpy()
    )


@dataclass(frozen=True, eq=False)
class Account:
    """One batch of B examples and a line y_hat = w x + b: from the loss of one to the objective of all."""

    x: FLOATS  # [B]
    target: FLOATS  # [B]
    prediction: FLOATS  # [B]
    loss: FLOATS  # [B]
    cost: float  # their mean
    l1: float  # lambda_1 |w|
    l2: float  # lambda_2 / 2 w^2; the bias pays nothing
    objective: float
    slope: float  # d objective / d w
    half_sum: float  # d/dw of the sum of (1/2)(y_hat - y)^2: the slide of the linear model
    mean: float  # d/dw of the mean of (y - y_hat)^2: the slide of MSE

    @property
    def residual(self) -> float:
        """objective - cost - penalties: zero, up to rounding."""
        return self.objective - self.cost - self.l1 - self.l2


def account(
    x: tuple[float, ...], y: tuple[float, ...], w: float, b: float, lambda1: float, lambda2: float
) -> Account:
    """Squared error of the line on the batch, and penalties on its weight.

    The objective and its slope come from autograd's one pass over the whole formula, not from the parts.
    """
    inputs, target = (torch.tensor(values, dtype=torch.float64) for values in (x, y))
    weight = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    prediction = weight * inputs + b
    loss = LOSSES["mse"](prediction[:, None], target[:, None])
    objective = (loss + lambda1 * weight.abs() + 0.5 * lambda2 * weight**2).mean()
    slopes = [
        float(torch.autograd.grad(value, weight, retain_graph=True)[0])
        for value in (objective, 0.5 * loss.sum(), loss.mean())
    ]
    return Account(
        inputs.numpy(), target.numpy(), prediction.detach().numpy(), loss.detach().numpy(),
        float(loss.detach().mean()), lambda1 * abs(w), 0.5 * lambda2 * w * w, float(objective.detach()),
        *slopes,
    )  # fmt: skip
