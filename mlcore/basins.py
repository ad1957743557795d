"""Where rows ended on a surface: at a global minimum, caught by a lesser one, held by a saddle, or lost.

`reached` answers for any rows theta [R, 2], whatever moved them; `ends` also says what became of the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.fields import Knobs
from mlcore.surfaces import SURFACES, objective

FLOATS = NDArray[np.float64]
NEAR = 0.02  # of the box's width: so near, a minimum is reached


class Fate(StrEnum):
    """How a path ended. The value is the sentence; other languages translate by name."""

    REACHED = "came within {near:.2g} of the minimum ({x:.4g}, {y:.4g}) at step {step}, and stayed"
    CAUGHT = "is caught by the local minimum near ({x:.4g}, {y:.4g}), {gap:.3g} above the global one"
    HELD = "is held by the saddle near ({x:.4g}, {y:.4g}), {gap:.3g} above the minimum"
    DIVERGED = "diverged at step {step}: the numbers left every bound"
    UNDERWAY = "is still on its way: {distance:.3g} from the nearest minimum"


FATES = tuple(Fate)


@dataclass(frozen=True, eq=False)
class Ends:
    """What became of R rows."""

    fate: NDArray[np.int8]  # [R] its place in FATES
    which: NDArray[np.int64]  # [R] the minimum that was reached, in the surface's order; -1: none
    flat: FLOATS  # [R, 2] where the slope is zero, for those caught or held; else not a number

    def count(self, fate: Fate) -> int:
        return int((self.fate == FATES.index(fate)).sum())


def width(surface: str) -> float:
    """The longer side of the surface's box."""
    left, right, low, high = SURFACES[surface].box
    return float(max(right - left, high - low))


def apart(theta: FLOATS, surface: str) -> FLOATS:
    """theta [..., 2] -> [..., minima], the distance to each minimum."""
    minima = np.array(SURFACES[surface].minima)
    distance: FLOATS = np.hypot(*np.moveaxis(theta[..., None, :] - minima, -1, 0))
    return distance


def lost(theta: FLOATS, value: FLOATS, surface: str) -> NDArray[np.bool_]:
    """theta [..., 2], value [...] -> [...]: no number, or ten boxes away."""
    far = np.maximum(np.abs(theta[..., 0]), np.abs(theta[..., 1]))  # of an axis of two, max() is slow
    gone: NDArray[np.bool_] = ~np.isfinite(value) | ~(far <= 10 * width(surface) + 20)
    return gone


def reached(theta: FLOATS | Tensor, surface: str) -> NDArray[np.int64]:
    """theta [R, 2] -> [R]: the index of the global minimum within NEAR of the box's width; -1 for none."""
    distance = np.nan_to_num(apart(np.asarray(theta, np.float64), surface), nan=np.inf)
    nearest = distance.argmin(-1)
    near = distance.min(-1) <= NEAR * width(surface)
    which: NDArray[np.int64] = np.where(near, nearest, -1)
    return which


def curvature(theta: FLOATS, surface: str, knobs: Knobs = ()) -> FLOATS:
    """theta [R, 2] -> the Hessians [R, 2, 2]; eigenvalues are the curvatures along the principal axes."""
    descend = objective(surface, **SURFACES[surface].settings(dict(knobs)))
    found: FLOATS = hessian(descend.gradient, torch.tensor(theta, dtype=torch.float64)).numpy()
    return found


def hessian(gradient: Callable[[Tensor], Tensor], theta: Tensor) -> Tensor:
    """theta [R, 2] -> [R, 2, 2], by autograd on a gradient in closed form."""
    with torch.inference_mode(False), torch.enable_grad():  # whatever goes on around
        leaf = theta.clone().requires_grad_()
        slopes = [s.sum() + 0 * leaf.sum() for s in gradient(leaf).unbind(-1)]  # one may be constant
        rows = [torch.autograd.grad(s, leaf, retain_graph=True)[0] for s in slopes]  # rows do not meet
    return torch.stack(rows, dim=1)


def ends(theta: FLOATS | Tensor, surface: str, knobs: Knobs = ()) -> Ends:
    """What became of the rows theta [R, 2].

    Newton's step leads to where the slope is zero, if that is near: there the signs of the Hessian's
    eigenvalues tell a local minimum from a saddle. Where the step is long, a row is still on its way.
    """
    theta = np.asarray(theta, np.float64)
    descend = objective(surface, **SURFACES[surface].settings(dict(knobs)))
    rows = torch.from_numpy(theta)
    with torch.no_grad():
        value, gradient = descend(rows).numpy(), descend.gradient(rows).numpy()
    gone, which = lost(theta, value, surface), reached(theta, surface)
    fate = np.full(len(theta), FATES.index(Fate.UNDERWAY), np.int8)
    fate[which >= 0], fate[gone] = FATES.index(Fate.REACHED), FATES.index(Fate.DIVERGED)
    flat = np.full(theta.shape, np.nan)
    (rest,) = np.nonzero((which < 0) & ~gone)
    if len(rest):
        hessian = curvature(theta[rest], surface, knobs)
        newton = (np.linalg.pinv(hessian, hermitian=True) @ gradient[rest, :, None])[..., 0]
        still = np.linalg.norm(newton, axis=1) < NEAR * width(surface)
        bottom = (np.linalg.eigvalsh(hessian) > 0).all(1)
        fate[rest[still & bottom]] = FATES.index(Fate.CAUGHT)
        fate[rest[still & ~bottom]] = FATES.index(Fate.HELD)
        flat[rest[still]] = (theta[rest] - newton)[still]
    return Ends(fate, which, flat)
