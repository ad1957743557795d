"""Losses of 2N views: what they ask of every pair, their gradients in closed form, and how low they can get.

Rows i and N + i of z [..., 2N, d] are views of the same example, a positive pair; all other pairs are
negative. Losses see directions alone, u = z / |z|, and the cosines s = u u^T. Each is a mean over 2N views.

    NT-Xent            -ln exp(s_ip / tau) / sum_{j != i} exp(s_ij / tau)       Chen et al. 2020, equation 1
    cosine embedding   1 - s_ip, plus the mean over negatives of max(0, s_ij - margin)

The second is torch's CosineEmbeddingLoss, of the slide, over all positive pairs plus the same over all
negative ones, so that neither outnumbers the other. Without negatives NT-Xent loses its denominator and the
cosine embedding loss its second summand.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from mlcore.base.registry import Registry
from mlcore.components.similarity import TINY

PAIR_LOSSES: Registry[Callable[..., Tensor]] = Registry("pair_loss")


class Goal(NamedTuple):
    """What one row of a batch goes down."""

    loss: str = "nt_xent"
    tau: float = 0.3
    margin: float = 0.0
    negatives: bool = True


class Among(NamedTuple):
    """Which of 2N x 2N pairs are what, as numbers 0 and 1 [2N, 2N]."""

    itself: Tensor  # bool
    positive: Tensor
    negative: Tensor


def among(like: Tensor) -> Among:
    """For cosines [..., 2N, 2N] of this type, on their device."""
    count = like.shape[-1]
    at = torch.arange(count, device=like.device)
    itself = at[:, None] == at
    positive = at[:, None] == (at + count // 2) % count
    return Among(itself, positive.to(like.dtype), (~(itself | positive)).to(like.dtype))


@PAIR_LOSSES.add(
    title="NT-Xent",
    formula=r"\ell_i = -\ln \frac{e^{s_{ip} / \tau}}{\sum_{j \ne i} e^{s_{ij} / \tau}}",
    source="Chen et al. 2020, equation 1",
)
def nt_xent(s: Tensor, pairs: Among, goal: Goal) -> Tensor:
    """Cosines s [..., 2N, 2N] -> a term for each view [..., 2N]."""
    right = (s * pairs.positive).sum(-1) / goal.tau
    if not goal.negatives:
        return -right
    return (s / goal.tau).masked_fill(pairs.itself, -math.inf).logsumexp(-1) - right


@PAIR_LOSSES.add(
    title="Cosine embedding loss",
    formula=r"\ell_i = 1 - s_{ip} + \frac{1}{2N - 2} \sum_{j \ne i, p} \max(0, s_{ij} - m)",
    source="torch.nn.CosineEmbeddingLoss",
)
def cosine_embedding(s: Tensor, pairs: Among, goal: Goal) -> Tensor:
    """Cosines s [..., 2N, 2N] -> a term for each view [..., 2N]."""
    together = 1 - (s * pairs.positive).sum(-1)
    if not goal.negatives:
        return together
    apart = ((s - goal.margin).clamp_min(0) * pairs.negative).sum(-1) / max(1, s.shape[-1] - 2)
    return together + apart


def slope(s: Tensor, pairs: Among, goal: Goal) -> Tensor:
    """d loss / d s [..., 2N, 2N], every cosine s_ij taken for a variable of its own.

    Of NT-Xent: the softmax of all others of a view, less 1 at its partner, over 2N tau. So each negative
    pushes by its own share of the softmax, and the partner pulls by the sum of all shares.
    """
    count = s.shape[-1]
    if goal.loss == "nt_xent":
        if not goal.negatives:
            return (-pairs.positive / (count * goal.tau)).expand_as(s)
        share = (s / goal.tau).masked_fill(pairs.itself, -math.inf).softmax(-1)
        return (share - pairs.positive) / (count * goal.tau)
    together = (-pairs.positive / count).expand_as(s)
    if not goal.negatives:
        return together
    return together + pairs.negative * (s > goal.margin) / (count * max(1, count - 2))


def cosines(z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """z [R, 2N, d] -> directions u [R, 2N, d], lengths [R, 2N, 1] and cosines [R, 2N, 2N]."""
    length = z.norm(dim=-1, keepdim=True).clamp_min(TINY)
    u = z / length
    return u, length, torch.bmm(u, u.mT)


def descend_by(u: Tensor, length: Tensor, of_s: Tensor) -> Tensor:
    """d loss / d z [R, 2N, d] from d loss / d s.

    u_i stands in row i and in column i of s; and of a step along u_i itself a direction knows nothing.
    """
    of_u = torch.bmm(of_s + of_s.mT, u)
    return (of_u - (of_u * u).sum(-1, keepdim=True) * u) / length


def cost(z: Tensor, goal: Goal) -> Tensor:
    """The loss of each row: z [R, 2N, d] -> [R]."""
    s = cosines(z)[2]
    found: Tensor = PAIR_LOSSES[goal.loss](s, among(s), goal).mean(-1)
    return found


def gradient(z: Tensor, goal: Goal) -> Tensor:
    """d cost / d z: [R, 2N, d] -> [R, 2N, d]."""
    u, length, s = cosines(z)
    return descend_by(u, length, slope(s, among(s), goal))


# ---------------------------------------------------------------- how low


def least(examples: int, goal: Goal) -> float:
    """No 2N views cost less, in any number of dimensions.

    It is reached where both views of each example agree and the N examples form a simplex, all cosines
    -1 / (N - 1), for which d >= N - 1 dimensions are needed; that of the cosine embedding loss also
    elsewhere, where the margin is larger than those cosines. For NT-Xent: Jensen's inequality twice, as no N
    unit vectors have a mean cosine below -1 / (N - 1).
    """
    if examples < 2 or not goal.negatives:
        return (0.0 if goal.negatives else -1 / goal.tau) if goal.loss == "nt_xent" else 0.0
    simplex = -1 / (examples - 1)
    if goal.loss == "nt_xent":
        return math.log1p((2 * examples - 2) * math.exp((simplex - 1) / goal.tau))
    return max(0.0, simplex - goal.margin)


def polygon(examples: int, goal: Goal) -> float:
    """The loss of N examples at the corners of a regular polygon on the circle, both views at the corner."""
    turn = torch.arange(examples, dtype=torch.float64) * (2 * math.pi / examples)
    z = torch.stack([turn.cos(), turn.sin()], dim=-1).repeat(2, 1)
    return float(cost(z[None], goal)[0])


# ---------------------------------------------------------------- what a code looks like


def alignment(first: Tensor, second: Tensor) -> Tensor:
    """Mean |u - u'|^2 over positive pairs: unit vectors [..., M, d] twice -> [...]. Wang and Isola 2020."""
    found: Tensor = (first - second).square().sum(-1).mean(-1)
    return found


def uniformity(u: Tensor) -> Tensor:
    """ln of the mean of exp(-2 |u - u'|^2) over all pairs of different examples: [R, M, d] -> [R].

    0 where all are one; the lowest value belongs to the uniform distribution (Wang and Isola 2020).
    """
    count = u.shape[-2]
    near = torch.exp(4 * (torch.bmm(u, u.mT) - 1).clamp(-2, 0))  # |u - u'|^2 = 2 (1 - cos)
    return torch.log((near.sum((-1, -2)) - count) / (count * (count - 1)))


def uniform(dimensions: int) -> float:
    """The same of the uniform distribution on the sphere in d dimensions:

    E exp(4 cos - 4) = exp(-4) Gamma(d/2) 2^(1 - d/2) I_{d/2 - 1}(4) with the modified Bessel function I.
    """
    from scipy.special import gammaln, ive

    order = dimensions / 2 - 1  # ive is I times exp(-4)
    return float(gammaln(dimensions / 2) - order * math.log(2) + math.log(ive(order, 4.0)))
