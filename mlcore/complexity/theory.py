"""What theory says of linear smoothers before anything is drawn: y_hat = H y on a fixed design.

    bias^2 = mean(((H - I) f)^2)          variance = sigma^2 tr(H H^T) / N

(Hastie et al. 2009, 7.6). For least squares with p coefficients tr(H H^T) = p, for k nearest neighbors N / k,
for ridge 1 + the sum of (s^2 / (s^2 + N lambda))^2 over the singular values s of the centered features.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.complexity.families import FAMILIES, Sets
from mlcore.complexity.generalization import BiasVarianceSpec, grid
from mlcore.complexity.least_squares import features
from mlcore.complexity.training_sets import draw
from mlcore.families.models import columns

SMOOTHERS = ("polynomial", "ridge", "nearest")


@dataclass(frozen=True, eq=False)
class Theory:
    """The expected parts of a smoother's error at its own training points, over its complexities."""

    complexity: NDArray[np.float64]  # [C]
    variance: NDArray[np.float64]  # [C] by the closed form of the family
    bias_squared: NDArray[np.float64]  # [C]
    noise: float  # sigma^2


def smoother(family: str, x: Tensor, values: list[float], **knobs: float) -> Tensor:
    """H [C, N, N] of each complexity at x [N, D]: what a family answers when the labels are unit vectors."""
    sets = Sets(x[None], torch.eye(len(x), dtype=torch.float64)[None])
    return torch.cat(list(FAMILIES[family](sets, x[None], values, lambda: None, **knobs)))


def freedom(family: str, x: Tensor, values: list[float], **knobs: float) -> Tensor:
    """tr(H H^T) [C] in closed form. Raises KeyError for a family that is no linear smoother."""
    n, d = x.shape
    if family == "polynomial":
        return torch.tensor([1.0 + columns(d, int(degree)) for degree in values], dtype=torch.float64)
    if family == "nearest":
        return n / torch.tensor(values, dtype=torch.float64)
    if family != "ridge":
        raise KeyError(f"{family} is no linear smoother")
    wide = features(x[None], int(knobs["degree"]))[0, :, 1:]
    s2 = torch.linalg.svdvals(wide - wide.mean(0)).square()
    return torch.stack([1 + (s2 / (s2 + n * penalty)).square().sum() for penalty in values])


def expected(spec: BiasVarianceSpec) -> Theory | None:
    """The expectations behind `spec`, where its family is a smoother and its data have a fixed design, a
    known f and Gaussian noise; else None."""
    knobs = dict(spec.sets.data.knobs)
    gaussian = spec.sets.line and not knobs.get("outliers") and "dof" not in knobs
    if spec.family not in SMOOTHERS or spec.sets.design != "fixed" or not gaussian:
        return None
    drawing = draw(spec.sets)
    x, own = drawing.at, dict(spec.knobs)
    assert drawing.truth is not None
    values = grid(spec.family, *x.shape)
    H = smoother(spec.family, x, values, **own)
    bias = ((H @ drawing.truth - drawing.truth).square()).mean((1, 2))
    noise = knobs["noise"] ** 2
    variance = noise * freedom(spec.family, x, values, **own) / len(x)
    return Theory(np.array(values), variance.numpy(), bias.numpy(), noise)
