"""What is linear in its weights, on many training sets at once: polynomial features, and ridge on any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from mlcore.families.models import powers


def features(x: Tensor, degree: int) -> Tensor:
    """[S, N, D] -> [S, N, 1 + columns]: 1 and all monomials up to `degree`, in the order of their degree."""
    flat = x.flatten(0, 1)
    wide = powers(flat, degree) if degree else flat[:, :0]
    return torch.cat([torch.ones_like(flat[:, :1]), wide], 1).view(*x.shape[:2], -1)


def shrunk(F: Tensor, y: Tensor, at: Tensor, penalties: Sequence[float]) -> Iterator[Tensor]:
    """Ridge on features F [S, N, P] for every penalty: min |F w + b - y|^2 / N + lambda |w|^2, b free.

    At lambda = 0 the solution of least norm. at [S, M, P] -> [S, M, K] each. One SVD serves them all.
    """
    middle, mean = F.mean(1, keepdim=True), y.mean(1, keepdim=True)
    U, s, Vh = torch.linalg.svd(F - middle, full_matrices=False)
    s = torch.where(s > 1e-10 * s.amax(1, keepdim=True), s, 0.0)
    there, share = (at - middle) @ Vh.mT, U.mT @ (y - mean)
    for penalty in penalties:
        factor = torch.where(s > 0, s / (s.square() + F.shape[1] * penalty), 0.0)
        yield (there * factor[:, None]) @ share + mean
