"""Our rules by their counterparts in torch.optim: an independent opinion for tests and for the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.descents.paths import PathSpec
from mlcore.families.optimizers import OPTIMIZERS, renamed
from mlcore.families.schedules import SCHEDULES
from mlcore.families.surfaces import objective


def torch_optimizer(name: str, parameters: Sequence[Tensor], lr: float, knobs: Mapping[str, float]) -> Any:
    """The optimizer of torch.optim that does as our rule `name`, or None where it has none."""
    if "torch_optim" not in OPTIMIZERS[name].facts:
        return None
    make = getattr(torch.optim, OPTIMIZERS[name].torch_optim)
    return make(list(parameters), lr=lr, **renamed(name, knobs))


def path(spec: PathSpec, which: int) -> NDArray[np.float64] | None:
    """The path [T, 2] of the which-th rule of `spec` by torch.optim and autograd, or None."""
    rule = spec.rules[which]
    theta = torch.tensor([spec.x, spec.y], dtype=torch.float64, requires_grad=True)
    optimizer = torch_optimizer(rule.optimizer, [theta], rule.lr, dict(rule.knobs))
    if optimizer is None:
        return None
    decay, told = SCHEDULES[spec.schedule], dict(spec.schedule_knobs)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: decay(t, spec.steps, **told))
    descend = objective(spec.surface, **dict(spec.surface_knobs))
    points = [theta.detach().clone()]
    for _ in range(spec.steps):
        optimizer.zero_grad()
        descend(theta).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        scheduler.step()
        points.append(theta.detach().clone())
    return torch.stack(points).numpy()
