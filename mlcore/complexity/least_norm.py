"""Least squares with any number of coefficients: fewer than examples, as many, or many more.

    minimize   |A w - y|^2 / n + ridge |w|^2                A [n, p], one row per example

With ridge = 0 many w may cost the same, and the smallest of them is taken: the limit of a ridge that
vanishes, and where gradient descent from 0 ends. For p >= n it passes through every example. For the
same w, `sklearn.linear_model.Ridge` wants n * ridge as its alpha.
"""

from __future__ import annotations

import torch
from torch import Tensor

WEAK = 1e-4  # least pivot over largest; below, the Gram matrix has lost about 8 of 16 digits


def fit(A: Tensor, y: Tensor, ridge: float = 0.0) -> Tensor:
    """A [S, n, p] and y [S, n, K], S problems of K outputs -> w [S, p, K].

    By Cholesky on the smaller of the two Gram matrices, an order of magnitude faster than by singular values;
    these serve the few problems that are too nearly singular for it.
    """
    n, p = A.shape[-2:]
    tall = p <= n
    gram = A.mT @ A if tall else A @ A.mT
    gram.diagonal(dim1=-2, dim2=-1).add_(n * ridge)
    root, failed = torch.linalg.cholesky_ex(gram)
    w = torch.cholesky_solve(A.mT @ y, root) if tall else A.mT @ torch.cholesky_solve(y, root)
    pivots = root.diagonal(dim1=-2, dim2=-1)
    weak = (failed > 0) | ~(pivots.amin(-1) > WEAK * pivots.amax(-1))
    if weak.any():
        w[weak] = by_singular_values(A[weak], y[weak], ridge)
    return w


def by_singular_values(A: Tensor, y: Tensor, ridge: float = 0.0) -> Tensor:
    """The same without squaring A: A = U s V^T gives w = V diag(s / (s^2 + n ridge)) U^T y.

    A singular value that is only rounding counts as 0, as in `torch.linalg.pinv`.
    """
    n, p = A.shape[-2:]
    U, s, Vh = torch.linalg.svd(A, full_matrices=False)
    rounding = torch.finfo(A.dtype).eps * max(n, p) * s[..., :1]
    share = torch.where(s > rounding, s / (s.square() + n * ridge), 0.0)
    w: Tensor = Vh.mT @ (share[..., None] * (U.mT @ y))
    return w
