"""From logits to probabilities to cross-entropy: K classes, two classes, and one neuron that learns.

Temperature divides the logits before softmax; label smoothing gives every class eps / K of the target
(Szegedy et al. 2016). With both, the loss is -sum_k q_k ln softmax(z / T)_k and its gradient by the
logits (softmax(z / T) - q) / T.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.families.activations import sigmoid
from mlcore.families.losses import binary_cross_entropy, cross_entropy
from mlcore.training.descent import Descent, descend

FLOATS = NDArray[np.float64]
SHIFT = 1000.0  # added to all logits, to see that nothing changes


def smoothed(classes: int, true: int, smoothing: float) -> Tensor:
    """The target q [K]: 1 - eps for the true class, and eps shared by all."""
    q = torch.full((classes,), smoothing / classes, dtype=torch.float64)
    q[true] += 1 - smoothing
    return q


@dataclass(frozen=True, eq=False)
class Answer:
    """What K logits say, and what they cost."""

    logits: FLOATS  # [K]
    target: FLOATS  # [K] one-hot, or smoothed
    softmax: FLOATS  # [K] of logits / T: sums to 1
    sigmoid: FLOATS  # [K] of each logit alone: K separate questions, no common sum
    loss: float
    gradient: FLOATS  # [K] by the logits
    shifted: float  # the loss with every logit raised by SHIFT
    entropy: float  # of the target: what no prediction can go below


def answer(logits: tuple[float, ...], true: int, temperature: float = 1.0, smoothing: float = 0.0) -> Answer:
    """Softmax, cross-entropy and its gradient for one example of class `true` (counted from 0)."""
    z, q = torch.tensor(logits, dtype=torch.float64), smoothed(len(logits), true, smoothing)
    p = torch.softmax(z / temperature, -1)
    loss, shifted = (float(cross_entropy(v / temperature, q)) for v in (z, z + SHIFT))
    entropy = -float(torch.special.xlogy(q, q).sum())
    return Answer(
        z.numpy(), q.numpy(), p.numpy(), sigmoid(z).numpy(), loss, ((p - q) / temperature).numpy(),
        shifted, entropy,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Entropies:
    """Binary cross-entropy of one logit z beside categorical cross-entropy of the logits [0, z]."""

    z: FLOATS  # [M]
    binary: FLOATS  # [M] loss
    categorical: FLOATS  # [M] loss
    sigmoid: FLOATS  # [M] P(class 1)
    softmax: FLOATS  # [M] P(class 1)
    gradient: FLOATS  # [2, M] d/dz of both

    @property
    def apart(self) -> float:
        """The largest difference of losses, probabilities or gradients: zero, up to rounding."""
        pairs = (self.binary, self.categorical), (self.sigmoid, self.softmax), tuple(self.gradient)
        return max(float(np.abs(a - b).max()) for a, b in pairs)


def entropies(z: FLOATS, label: int) -> Entropies:
    """Both losses at logits z [M] of an example whose class is `label`, 0 or 1."""
    one = torch.from_numpy(np.asarray(z, np.float64))
    two, y = torch.stack([torch.zeros_like(one), one], -1), smoothed(2, label, 0.0)
    p, q = sigmoid(one), torch.softmax(two, -1)[:, 1]
    losses = binary_cross_entropy(one[:, None], y[1:]), cross_entropy(two, y)
    gradient = torch.stack([p - label, q - label])
    parts = (one, *losses, p, q, gradient)
    return Entropies(*(part.numpy() for part in parts))


@dataclass(frozen=True, eq=False)
class Neuron:
    """A neuron p = sigmoid(z), target 1, taught by squared error and by cross-entropy."""

    z: FLOATS  # [M]
    gradient: FLOATS  # [2, M] d loss / d z: squared error, cross-entropy
    at: FLOATS  # [2] the same at the start
    descent: Descent  # two rows of one parameter, z itself
    probability: FLOATS  # [T, 2]


def neuron_loss(theta: Tensor) -> Tensor:
    """theta [2, 1], the logit of two neurons whose target is 1 -> [2]: (1 - p)^2 and -ln p."""
    (squared, crossed), one = theta, theta.new_ones(1)
    return torch.stack([(1 - sigmoid(squared)).square().mean(), binary_cross_entropy(crossed, one)])


def neuron_gradient(z: Tensor) -> Tensor:
    """d loss / d z [2, ...]: 2 (p - 1) p (1 - p), which vanishes at both ends, and p - 1, which does not."""
    p = sigmoid(z)
    return torch.stack([2 * (p - 1) * p * (1 - p), p - 1])


def neuron(start: float, lr: float, steps: int) -> Neuron:
    """Both neurons descend from the logit `start`."""
    z = torch.linspace(-12, 12, 241, dtype=torch.float64)
    descent = descend(neuron_loss, torch.full((2, 1), start, dtype=torch.float64), lr=lr, steps=steps)
    at = neuron_gradient(torch.tensor(start, dtype=torch.float64))
    p = sigmoid(torch.from_numpy(descent.theta[..., 0]))
    return Neuron(z.numpy(), neuron_gradient(z).numpy(), at.numpy(), descent, p.numpy())
