"""Where the gradient of each loss lies: over the probability of one pixel, and over a whole prediction.

The prediction is made: its logit at a pixel is the distance to the boundary of the true mask (positive
inside) in units of `softness` pixels, plus a bias. Everything is times the number of pixels M, so that a mean
over pixels shows what each pixel has of its own; gradients are by logits, where they enter the network.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from torch import Tensor

from mlcore.base.masks import Mask
from mlcore.tasks.masks import NAMES, Loss, mask_loss

EASY = 0.1  # background below this probability of an object is easy
GAMMAS = np.linspace(0, 5, 51)
PROBABILITIES = np.concatenate([[0.001, 0.003], np.linspace(0.01, 0.99, 99), [0.997, 0.999]])
SURE = 40.0  # a logit that is as good as certain
FLOATS = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Alone:
    """What one pixel changes, all others as predicted: L losses; pixel 0 is background, 1 an object."""

    value: FLOATS  # [L, 2, Q] M times the loss, less that of a certain and right pixel
    slope: FLOATS  # [L, 2, Q] M times the derivative by the pixel's logit


@dataclass(frozen=True, eq=False)
class Gradients:
    """A made prediction and the gradients of all losses."""

    probability: FLOATS  # [H, W]
    slope: FLOATS  # [L, H, W] M times the derivatives by the logits
    easy: NDArray[np.bool_]  # [H, W] background below EASY
    share: FLOATS  # [L] of the gradient's absolute sum that lies on easy background
    over: FLOATS  # [len(GAMMAS)] the same of the focal loss


def made(true: Mask, softness: float, bias: float) -> FLOATS:
    """Logits [H, W]. The boundary lies half a pixel beyond the last center."""
    inner, outer = distance_transform_edt(true), distance_transform_edt(~true)
    found: FLOATS = np.where(true, inner - 0.5, 0.5 - outer) / softness + bias
    return found


def slopes(loss: Loss, z: Tensor, y: Tensor) -> Tensor:
    """M times d loss / d z, for logits and mask [..., M]."""
    with torch.inference_mode(False), torch.enable_grad():
        leaf = z.clone().requires_grad_()
        (found,) = torch.autograd.grad(loss(leaf, y.clone()).sum(), leaf)
    return found * z.shape[-1]


def gradients(
    true: Mask, softness: float, bias: float, weights: tuple[float, float], gamma: float
) -> Gradients:
    logits = made(true, softness, bias)
    z, y = torch.from_numpy(logits).flatten(), torch.from_numpy(true).double().flatten()
    p = z.sigmoid().view(true.shape).numpy()
    easy = ~true & (p < EASY)
    found = torch.stack([slopes(mask_loss(name, weights, gamma), z, y) for name in NAMES])
    over = torch.stack([slopes(mask_loss("focal", weights, float(g)), z, y) for g in GAMMAS])
    return Gradients(p, found.view(-1, *true.shape).numpy(), easy, on(found, easy), on(over, easy))


def on(slope: Tensor, where: Mask) -> FLOATS:
    """[K] the share of the absolute sum of each gradient [K, M] that lies on these pixels; 0 where there is
    none at all."""
    size = slope.abs().numpy()
    whole = size.sum(-1)
    found: FLOATS = np.where(whole > 0, size[:, where.ravel()].sum(-1) / np.maximum(whole, 1e-300), 0.0)
    return found


def alone(true: Mask, softness: float, bias: float, weights: tuple[float, float], gamma: float) -> Alone:
    """For the background pixel and the object pixel of median probability, moved over PROBABILITIES."""
    z, y = torch.from_numpy(made(true, softness, bias)).flatten(), torch.from_numpy(true).double().flatten()
    at = torch.from_numpy(np.log(PROBABILITIES / (1 - PROBABILITIES)))
    value, slope = [], []
    for wanted in (0.0, 1.0):
        pixels = torch.nonzero(y == wanted)[:, 0]
        pixel = int(pixels[z[pixels].argsort()[len(pixels) // 2]])
        moved = z.repeat(len(at) + 1, 1)
        moved[:, pixel] = torch.cat([at, at.new_tensor([SURE * (2 * wanted - 1)])])
        many = y.expand(len(moved), -1)
        losses = [mask_loss(name, weights, gamma) for name in NAMES]
        every = torch.stack([loss(moved, many) for loss in losses]) * len(z)
        value.append(every[:, :-1] - every[:, -1:])
        slope.append(torch.stack([slopes(loss, moved[:-1], many[:-1])[:, pixel] for loss in losses]))
    return Alone(torch.stack(value, 1).numpy(), torch.stack(slope, 1).numpy())
