"""Masks: how right one is, and what losses say of the probabilities behind it.

Measures count pixels: TP (objects found), FP (false alarms), FN (misses), TN. Losses take logits z [..., M]
of all M pixels of an image and the true mask y [..., M], 1 on objects, and give [...], a loss of each image;
autograd differentiates them.

Conventions: cross-entropy, weighted cross-entropy and focal loss are means over pixels. The focal loss is
that of Lin et al. 2017 without its weight alpha, so that gamma = 0 is cross-entropy. Soft Dice has the plain
sums below (Sudre et al. 2017), not the squares of Milletari et al. 2016, and nothing added against 0/0: with
an object in the scene it is never that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, binary_erosion, distance_transform_edt, generate_binary_structure
from torch import Tensor
from torch.nn.functional import softplus

from mlcore.base.masks import Mask
from mlcore.base.registry import Knob, Registry
from mlcore.families.losses import binary_cross_entropy

MASK_LOSSES: Registry[Callable[..., Tensor]] = Registry("mask_loss")
NEAR = 1.5  # pixels: boundaries that far apart still agree; that is one pixel in each of eight directions
Loss = Callable[[Tensor, Tensor], Tensor]
"""`loss(logits [..., M], mask [..., M]) -> [...]`."""
FOUR, EIGHT = generate_binary_structure(2, 1), generate_binary_structure(2, 2)


# ---------------------------------------------------------------- measures


@dataclass(frozen=True)
class Counts:
    """Pixels of one mask against the true one, or numbers of many, elementwise."""

    tp: NDArray[np.int64]
    fp: NDArray[np.int64]
    fn: NDArray[np.int64]
    tn: NDArray[np.int64]

    @classmethod
    def of(cls, found: NDArray[np.bool_], true: NDArray[np.bool_], axis: tuple[int, ...]) -> Counts:
        """Summed over `axis`."""
        return cls(
            (found & true).sum(axis), (found & ~true).sum(axis), (~found & true).sum(axis),
            (~found & ~true).sum(axis),
        )  # fmt: skip

    @property
    def accuracy(self) -> NDArray[np.float64]:
        return share(self.tp + self.tn, self.tp + self.fp + self.fn + self.tn)

    @property
    def precision(self) -> NDArray[np.float64]:
        """Of what was found, the share that is right; NaN where nothing was found."""
        return share(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> NDArray[np.float64]:
        return share(self.tp, self.tp + self.fn)

    @property
    def balanced(self) -> NDArray[np.float64]:
        """The mean of the shares of objects and of background that are right."""
        return (self.recall + share(self.tn, self.tn + self.fp)) / 2

    @property
    def dice(self) -> NDArray[np.float64]:
        """F1: the harmonic mean of precision and recall."""
        return share(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    @property
    def iou(self) -> NDArray[np.float64]:
        return share(self.tp, self.tp + self.fp + self.fn)


def share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    """NaN where there is nothing to have a share of."""
    found: NDArray[np.float64] = np.where(whole > 0, part / np.maximum(whole, 1), np.nan)
    return found


def boundary(mask: Mask) -> Mask:
    """The pixels of a mask that have a neighbor outside it; what lies beyond the image counts as inside."""
    found: Mask = mask & ~binary_erosion(mask, FOUR, border_value=1)
    return found


def boundary_f(found: Mask, true: Mask) -> float:
    """The F-score of boundaries (Csurka et al. 2013): precision is the share of found boundary pixels within
    NEAR of the true boundary, recall the reverse. 0 where one mask has no boundary, 1 where neither has."""
    own, wanted = boundary(found), boundary(true)
    if not own.any() or not wanted.any():
        return float(own.any() == wanted.any())
    precision = float((distance_transform_edt(~wanted)[own] <= NEAR).mean())
    recall = float((distance_transform_edt(~own)[wanted] <= NEAR).mean())
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


# ---------------------------------------------------------------- masks to begin with


def nothing(true: Mask) -> Mask:
    return np.zeros_like(true)


def truth(true: Mask) -> Mask:
    return true.copy()


def shifted(true: Mask) -> Mask:
    """By one pixel to the right."""
    found = np.zeros_like(true)
    found[:, 1:] = true[:, :-1]
    return found


def dilated(true: Mask) -> Mask:
    """Larger by one pixel in all eight directions."""
    found: Mask = binary_dilation(true, EIGHT)
    return found


def eroded(true: Mask) -> Mask:
    """Smaller by one pixel in all four directions."""
    found: Mask = binary_erosion(true, FOUR)
    return found


STARTS: dict[str, Callable[[Mask], Mask]] = {
    "nothing": nothing, "truth": truth, "shifted": shifted, "dilated": dilated, "eroded": eroded,
}  # fmt: skip


def stroked(mask: Mask, way: NDArray[np.float64], radius: float, on: bool) -> Mask:
    """The mask after a brush has gone along way [K, 2] (x, y in pixels): pixels whose centers lie within
    `radius` of it, or in which it has a point, are set `on`."""
    row, column = np.indices(mask.shape)
    centers = np.stack([column, row], axis=-1) + 0.5  # [H, W, 2]
    start, end = way, np.concatenate([way[1:], way[-1:]])
    along = end - start  # [K, 2]
    length = np.maximum((along**2).sum(-1), 1e-12)
    offset = centers[:, :, None] - start  # [H, W, K, 2]
    place = ((offset * along).sum(-1) / length).clip(0, 1)
    far = offset - place[..., None] * along
    found = mask.copy()
    found[((far**2).sum(-1) <= radius**2).any(-1)] = on
    for x, y in np.floor(way).astype(int):
        if 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1]:
            found[y, x] = on
    return found


# ---------------------------------------------------------------- losses

STRENGTH = Knob(1.0, 0.0, 1.0, help="0: all pixels weigh the same; 1: both classes weigh the same")
GAMMA = Knob(2.0, 0.0, 5.0, symbol=r"\gamma", help="how much less an easy pixel counts")


@MASK_LOSSES.add(
    title="Pixel cross-entropy",
    formula=r"-\tfrac1M \sum_i y_i \ln p_i + (1 - y_i) \ln (1 - p_i)",
    source="slide CrossEntropy Loss",
)
def cross_entropy(z: Tensor, y: Tensor) -> Tensor:
    return binary_cross_entropy(z, y)


@MASK_LOSSES.add(
    title="Class weights",
    formula=r"-\tfrac1M \sum_i w_1 y_i \ln p_i + w_0 (1 - y_i) \ln (1 - p_i)",
    source="Ronneberger et al. 2015, eq. 1",
)
def weighted(z: Tensor, y: Tensor, weights: tuple[float, float]) -> Tensor:
    """`weights` of background and object."""
    ground, thing = weights
    return ((ground + y * (thing - ground)) * pixel_losses(z, y)).mean(-1)


@MASK_LOSSES.add(
    title="Focal loss",
    formula=r"-\tfrac1M \sum_i (1 - p_{t,i})^\gamma \ln p_{t,i}",
    source="Lin et al. 2017, eq. 4",
)
def focal(z: Tensor, y: Tensor, gamma: float) -> Tensor:
    """p_t is the probability of the true class, 1 - p_t = exp(-softplus(z_t)): finite slopes everywhere."""
    true = (2 * y - 1) * z
    return (torch.exp(-gamma * softplus(true)) * softplus(-true)).mean(-1)


@MASK_LOSSES.add(
    title="Soft Dice",
    formula=r"1 - \frac{2 \sum_i p_i y_i}{\sum_i p_i + \sum_i y_i}",
    source="Sudre et al. 2017; Milletari et al. 2016",
)
def dice(z: Tensor, y: Tensor) -> Tensor:
    p = torch.sigmoid(z)
    return 1 - 2 * (p * y).sum(-1) / (p.sum(-1) + y.sum(-1))


def pixel_losses(z: Tensor, y: Tensor) -> Tensor:
    """The cross-entropy of every pixel, by itself."""
    return softplus(z) - y * z


NAMES = tuple(MASK_LOSSES)


def balanced(objects: float, strength: float) -> tuple[float, float]:
    """Weights of background and object where a share `objects` of all pixels are objects: in proportion to
    (share of the class)^-strength, their mean over all pixels 1."""
    ground, thing = (1 - objects) ** -strength, objects**-strength
    mean = (1 - objects) * ground + objects * thing
    return ground / mean, thing / mean


def mask_loss(name: str, weights: tuple[float, float], gamma: float) -> Loss:
    """A loss with what it needs, as a function of logits and mask."""
    if name == "weighted":
        return lambda z, y: weighted(z, y, weights)
    if name == "focal":
        return lambda z, y: focal(z, y, gamma)
    return MASK_LOSSES[name].function


def readings(
    mask: Mask, true: Mask, sure: float, weights: tuple[float, float], gamma: float
) -> dict[str, float]:
    """The losses of a mask whose pixels are said with probability `sure` to be what they are."""
    logit = log(sure / (1 - sure))
    z = torch.from_numpy(np.where(mask, logit, -logit)).flatten()
    y = torch.from_numpy(true).double().flatten()
    return {name: float(mask_loss(name, weights, gamma)(z, y)) for name in NAMES}
