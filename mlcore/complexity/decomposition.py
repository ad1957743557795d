"""What the expected error is made of: variance, noise and bias squared, closing to rounding.

    E[(h_D(x) - y)^2] = E[(h_D(x) - h_bar(x))^2] + E[(y_bar(x) - y)^2] + E[(h_bar(x) - y_bar(x))^2]

The slide's identity holds exactly, not only in the limit, if all four expectations are means over the same
draws: S members h_D (one for each training set) and L labels y at every x, where every member meets every
label. Nothing is divided by a count less one. Three losses come apart like this:

    squared_error   for a value
    brier           the same for probabilities and one-hot labels, summed over the classes (Brier 1950)
    cross_entropy   E[CE] = H(pi) + KL(pi || p~) + E KL(p~ || p), with pi the mean label and the mean member
                    p~ proportional to exp(E ln p) (Heskes 1998)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.base.refusal import Refusal

FLOATS = NDArray[np.float64]
PARTS = ("variance", "noise", "bias_squared")  # as the slide has them
WHOLE = ("squared_error", "brier", "cross_entropy")
REFUSED = ("absolute_error", "zero_one")
LOSSES = WHOLE + REFUSED
MEETINGS = 100_000  # numbers in a core's cache while members meet labels


class DecompositionError(Refusal):
    """A loss that does not come apart: `code` for the page, the sentence for everybody else."""

    SENTENCES: ClassVar[dict[str, str]] = {
        "absolute_error": "Absolute error has no such identity: |h - y| is no sum of a part of h alone and "
        "a part of y alone, for the two may cancel. Take squared error.",
        "zero_one": "0-1 loss has no such identity: where most members are wrong, more variance makes fewer "
        "errors. Take the Brier score or cross-entropy.",
    }


@dataclass(frozen=True, eq=False)
class BiasVariance:
    """The four expectations at each of M points x; the mean over them is the number of the slide.

    Finite numbers of members and labels make bias_squared too large, by what their own means are uncertain.
    The `unbiased_` parts put that where it comes from, into variance and noise; they have the same sum.
    """

    error: FLOATS  # [M] the mean loss of every member on every label, counted, not added up
    variance: FLOATS  # [M]
    noise: FLOATS  # [M]
    bias_squared: FLOATS  # [M]
    unbiased_variance: FLOATS  # [M] for a squared loss variance S / (S - 1)
    unbiased_noise: FLOATS  # [M] for a squared loss noise L / (L - 1)
    unbiased_bias_squared: FLOATS  # [M] may fall below 0, as an unbiased estimate of 0 must
    mean: FLOATS  # [M, K] h_bar: the mean member
    label: FLOATS  # [M, K] y_bar: the mean label

    @property
    def residual(self) -> FLOATS:
        """[M] error - (variance + noise + bias_squared), in units of the error where that is above 1.

        Nothing but rounding, unless a shortcut was taken.
        """
        gap = self.error - (self.variance + self.noise + self.bias_squared)
        return gap / np.maximum(1.0, self.error)

    def average(self) -> dict[str, float]:
        """The mean over x of the error and its three parts, as they are and unbiased."""
        names = ("error", *PARTS, *(f"unbiased_{part}" for part in PARTS))
        return {name: float(getattr(self, name).mean()) for name in names}


def decompose(
    members: Tensor,  # [S, M, K] float64
    labels: Tensor,  # [L, M, K]
    loss: str = "squared_error",
    *,
    truth: Tensor | None = None,  # [M, K]
    paired: bool = False,
) -> BiasVariance:
    """Take the error of S members on L labels apart, at every x on its own.

    The usual shortcuts, to see what they cost: with `truth`, the bias is taken to that and not to the mean
    label; `paired`, member s meets label s mod L alone. Raises `DecompositionError` for other losses.
    """
    if loss not in WHOLE:
        raise DecompositionError(loss)
    ready, each, center, divergence, entropy = RULES[loss]
    mean, label = center(members), labels.mean(0)
    # The expected divergence of a member from the mean member, and of a label from the mean label
    variance = divergence(mean, members).mean(0)
    noise = entropy(labels, label)
    bias = divergence(label if truth is None else truth, mean)
    meet = _paired if paired else _every
    error = meet(each, ready(members), labels)
    few = _jackknife(members, labels if truth is None else truth[None], loss)
    unbiased = variance + few[0], noise + few[1], bias - few[0] - few[1]
    return BiasVariance(*(v.numpy() for v in (error, variance, noise, bias, *unbiased, mean, label)))


def settle(members: Tensor, labels: Tensor, loss: str, counts: list[int]) -> list[dict[str, float]]:
    """The averages that the first 2, 4, 8, ... members and labels would have given."""
    return [decompose(members[:n], labels[: min(n, len(labels))], loss).average() for n in counts]


def _every(each: Callable[[Tensor, Tensor], Tensor], members: Tensor, labels: Tensor) -> Tensor:
    """The mean loss [M] over all pairs, a few members at a time to bound memory."""
    # With K outermost in memory, sums over it are three times as fast
    members, labels = (v.movedim(-1, 0).contiguous().movedim(0, -1) for v in (members, labels))
    few = max(1, MEETINGS // labels.numel())
    parts: tuple[Tensor, ...] = members.split(few)  # type: ignore[no-untyped-call]
    sums = [each(part[:, None], labels[None]).mean(1).sum(0) for part in parts]
    return torch.stack(sums).sum(0) / len(members)


def _paired(each: Callable[[Tensor, Tensor], Tensor], members: Tensor, labels: Tensor) -> Tensor:
    return each(members, labels[torch.arange(len(members)) % len(labels)]).mean(0)


def _jackknife(members: Tensor, labels: Tensor, loss: str) -> tuple[Tensor, Tensor]:
    """What finite S and L each add to bias_squared on average, [M]: leave out one in turn (Quenouille 1956).

    For a squared loss these are variance / (S - 1) and noise / (L - 1), without bias themselves.
    """
    _, _, center, divergence, _ = RULES[loss]
    mean, label = center(members), labels.mean(0)
    bias = divergence(label, mean)
    of_members = of_labels = torch.zeros_like(bias)
    if len(members) > 1:
        fewer = center(members, without_each=True)  # [S, M, K]
        of_members = (len(members) - 1) * (divergence(label, fewer).mean(0) - bias)
    if len(labels) > 1:
        less = (labels.sum(0) - labels) / (len(labels) - 1)
        of_labels = (len(labels) - 1) * (divergence(less, mean).mean(0) - bias)
    return of_members, of_labels


# ---------------------------------------------------------------- losses: [..., K] x 2 -> [...]


def same(p: Tensor) -> Tensor:
    return p


def squared(p: Tensor, y: Tensor) -> Tensor:
    return (p - y).square_().sum(-1)


def average(members: Tensor, without_each: bool = False) -> Tensor:
    return (members.sum(0) - members) / (len(members) - 1) if without_each else members.mean(0)


def spread(labels: Tensor, label: Tensor) -> Tensor:
    return squared(labels, label).mean(0)


def cross(log_p: Tensor, y: Tensor) -> Tensor:
    return -(log_p * y).sum(-1)


def geometric(members: Tensor, without_each: bool = False) -> Tensor:
    """The normalized geometric mean p~, the member from which all others diverge least on average."""
    return torch.softmax(average(members.log(), without_each), -1)


def kl(p: Tensor, q: Tensor) -> Tensor:
    """KL(p || q)."""
    p = p.clamp_min(0)  # a difference of sums may round to just below
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).sum(-1)


def entropy(labels: Tensor, label: Tensor) -> Tensor:
    return -torch.xlogy(label, label).sum(-1)


# what of a member meets a label; their loss; mean member; divergence of an estimate from a center; noise
RULES: dict[str, tuple[Any, Any, Any, Any, Any]] = {
    "squared_error": (same, squared, average, squared, spread),
    "brier": (same, squared, average, squared, spread),
    "cross_entropy": (torch.log, cross, geometric, kl, entropy),
}


def losses(loss: str, p: Tensor, y: Tensor) -> Tensor:
    """The loss of each answer on its label: [..., K] x 2 -> [...]."""
    ready, each, *_ = RULES[loss]
    found: Tensor = each(ready(p), y)
    return found
