"""Hard negatives: how NT-Xent shares its push among the negatives of a view, and what temperature does to it.

With p the softmax of the cosines of a view i over tau, the partner excluded from what is compared here:

    d loss_i / d s_ij = p_ij / tau for a negative j         d loss_i / d s_ip = -sum_j p_ij / tau

so negative j gets the share r_j = exp(s_ij / tau) / sum_k exp(s_ik / tau) of all push, and the pull of the
partner equals the sum of all pushes (Wang and Liu 2021, equations 4 to 6).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from mlcore.embeddings.pair_losses import Goal, among, slope

FLOATS = NDArray[np.float64]
TENTH = 0.1
GRID = np.geomspace(0.02, 5.0, 121)  # temperatures


@dataclass(frozen=True, eq=False)
class Push:
    """One view at angle 0, its partner and J negatives at angles, at one temperature and over all."""

    cos: FLOATS  # [J] of the negatives
    tau: float
    shares: FLOATS  # [J] of all push, by the formula
    measured: FLOATS  # [J] the same, by autograd on torch's cross-entropy
    pull: float  # |d loss / d s| of the partner
    over: FLOATS  # [M, J] shares over GRID
    effective: float  # 1 / sum of squared shares: how many negatives the push is spread over
    effective_over: FLOATS  # [M]


def push(partner: float, negatives: tuple[float, ...], tau: float) -> Push:
    """Angles in degrees."""
    cos = np.cos(np.deg2rad(negatives))
    shares, over = share(cos, tau), share(cos, GRID[:, None])
    slopes = autograd(math.cos(math.radians(partner)), cos, tau)
    measured = slopes[1:] / slopes[1:].sum()
    effective = 1 / np.square(over).sum(-1)
    one = float(1 / np.square(shares).sum())
    return Push(cos, tau, shares, measured, float(-slopes[0]), over, one, effective)


def share(cos: FLOATS, tau: FLOATS | float) -> FLOATS:
    """exp(cos / tau) over its sum: [J], temperatures [..., 1] -> [..., J]."""
    raised = np.exp((cos - cos.max()) / tau)
    found: FLOATS = raised / raised.sum(-1, keepdims=True)
    return found


def autograd(partner: float, cos: FLOATS, tau: float) -> FLOATS:
    """d cross-entropy / d cosine of the partner and of every negative [1 + J], by torch."""
    with torch.inference_mode(False), torch.enable_grad():
        s = torch.tensor([[partner, *cos]], dtype=torch.float64, requires_grad=True)
        loss = torch.nn.functional.cross_entropy(s / tau, torch.tensor([0]))
        (found,) = torch.autograd.grad(loss, s)
    slopes: FLOATS = found[0].numpy()
    return slopes


def hardest(u: NDArray[np.floating], goal: Goal) -> float:
    """The share of the push that the nearest tenth of its negatives gets, the mean over views u [2N, d]; NaN
    where nothing pushes."""
    z = torch.from_numpy(np.asarray(u, np.float64))
    s = z @ z.T
    pairs = among(s)
    found = slope(s, pairs, goal) * pairs.negative
    order = s.masked_fill(pairs.negative == 0, -math.inf).argsort(-1, descending=True)
    sizes = found.gather(-1, order)
    count = max(1, round(TENTH * (len(z) - 2)))
    total = sizes.sum(-1)
    pushed = total > 0
    if not bool(pushed.any()):
        return math.nan
    return float((sizes[:, :count].sum(-1)[pushed] / total[pushed]).mean())
