"""A mixture of k Gaussians by expectation and maximization (Dempster et al. 1977; Bishop 2006, 9.2).

    E: r_ij = w_j N(x_i | m_j, S_j) / sum_l w_l N(x_i | m_l, S_l)
    M: weights, means and covariances of the points, each counted r_ij times

No step lowers the likelihood but for FLOOR, which is added to all variances so that no Gaussian shrinks to a
point.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

FLOATS = NDArray[np.float64]
FLOOR = 1e-6  # as scikit-learn's reg_covar
MOST_STEPS = 200
STILL = 1e-6  # a step that raises the log-likelihood of a point by less is the last


@dataclass(frozen=True, eq=False)
class Mixtures:
    """A mixture after each of T steps, the first being its start."""

    weight: FLOATS  # [T, k]
    mean: FLOATS  # [T, k, 2]
    covariance: FLOATS  # [T, k, 2, 2]
    likelihood: FLOATS  # [T] mean log-likelihood of a point

    def shares(self, x: FLOATS) -> FLOATS:
        """How much of each point each Gaussian of the last step takes [N, k]."""
        return np.exp(expect(x, self.weight[-1], self.mean[-1], self.covariance[-1])[0])


def fit(x: FLOATS, first: FLOATS, floor: float = FLOOR, still: float = STILL) -> Mixtures:
    """From these means [k, 2], equal weights, and for each the covariance of all points."""
    k, D = first.shape
    centered = x - x.mean(0)
    spread = centered.T @ centered / len(x) + floor * np.eye(D)
    found = [(np.full(k, 1 / k), first, np.tile(spread, (k, 1, 1)))]
    responsible, level = expect(x, *found[0])
    likelihood = [level]
    for _ in range(MOST_STEPS):
        found.append(maximize(x, responsible, floor))
        responsible, level = expect(x, *found[-1])
        likelihood.append(level)
        if abs(likelihood[-1] - likelihood[-2]) < still:
            break
    weight, mean, covariance = (np.stack(part) for part in zip(*found, strict=True))
    return Mixtures(weight, mean, covariance, np.array(likelihood))


def expect(x: FLOATS, weight: FLOATS, mean: FLOATS, covariance: FLOATS) -> tuple[FLOATS, float]:
    """log r [N, k], and the mean log-likelihood of a point."""
    factor = np.linalg.cholesky(covariance)  # [k, D, D]
    off = np.linalg.solve(factor, (x[None] - mean[:, None]).transpose(0, 2, 1))  # [k, D, N]
    size = 2 * np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(-1) + x.shape[1] * np.log(2 * np.pi)
    with np.errstate(divide="ignore"):
        joint = (np.log(weight) - 0.5 * size)[:, None] - 0.5 * (off**2).sum(1)
    each = logsumexp(joint, axis=0)
    return (joint - each).T, float(each.mean())


def maximize(x: FLOATS, log_responsible: FLOATS, floor: float) -> tuple[FLOATS, FLOATS, FLOATS]:
    """Weights [k], means [k, D] and covariances [k, D, D]."""
    r = np.exp(log_responsible)
    count = r.sum(0) + 10 * np.finfo(float).eps
    mean = r.T @ x / count[:, None]
    off = x[None] - mean[:, None]  # [k, N, D]
    covariance = np.einsum("nk,knd,kne->kde", r, off, off) / count[:, None, None] + floor * np.eye(x.shape[1])
    return count / count.sum(), mean, covariance


def ellipse(mean: FLOATS, covariance: FLOATS, points: int = 49, radius: float = 2.0) -> FLOATS:
    """Where a Gaussian is `radius` standard deviations from its mean: [..., points, 2]."""
    angle = np.linspace(0, 2 * np.pi, points)
    circle = radius * np.stack([np.cos(angle), np.sin(angle)])
    around: FLOATS = mean[..., None, :] + (np.linalg.cholesky(covariance) @ circle).swapaxes(-1, -2)
    return around
