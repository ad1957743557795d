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

from mlcore.base.fields import Knobs
from mlcore.families.surfaces import SURFACES, objective

FLOATS = NDArray[np.float64]
NEAR = 0.02  # of the box's width: so near, a minimum is reached
NEWTON_STEPS = 8  # each doubles the digits


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
    x, y = np.array(SURFACES[surface].minima).T
    with np.errstate(over="ignore"):  # of what diverges; hypot, which would not, takes three times as long
        distance: FLOATS = np.sqrt((theta[..., 0, None] - x) ** 2 + (theta[..., 1, None] - y) ** 2)
    return distance


def lost(theta: FLOATS, value: FLOATS, surface: str) -> NDArray[np.bool_]:
    """theta [..., 2], value [...] -> [...]: no number, or ten boxes away."""
    far = np.maximum(np.abs(theta[..., 0]), np.abs(theta[..., 1]))  # of an axis of two, max() is slow
    gone: NDArray[np.bool_] = ~np.isfinite(value) | ~(far <= 10 * width(surface) + 20)
    return gone


def reached(theta: FLOATS | Tensor, surface: str) -> NDArray[np.int64]:
    """theta [R, 2] -> [R]: the index of the global minimum within NEAR of the box's width; -1 for none."""
    near = apart(np.asarray(theta, np.float64), surface) <= NEAR * width(surface)  # not where it is no number
    which: NDArray[np.int64] = np.where(near.any(-1), near.argmax(-1), -1)  # two are never so near each other
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

    Newton's steps lead to where the slope is zero. If that is near, the signs of the Hessian's eigenvalues
    there tell a local minimum from a saddle; if it is farther than NEAR, the row is still on its way.
    """
    theta = np.asarray(theta, np.float64)
    descend, rows = objective(surface, **SURFACES[surface].settings(dict(knobs))), torch.from_numpy(theta)
    with torch.no_grad():
        value = descend(rows).numpy()
    gone, which = lost(theta, value, surface), reached(theta, surface)
    fate = np.full(len(theta), FATES.index(Fate.UNDERWAY), np.int8)
    fate[which >= 0], fate[gone] = FATES.index(Fate.REACHED), FATES.index(Fate.DIVERGED)
    flat = np.full(theta.shape, np.nan)
    (rest,) = np.nonzero((which < 0) & ~gone)
    if len(rest):
        found, bottom = _flat(theta[rest], surface, knobs)
        still = np.isfinite(found).all(1)
        fate[rest[still]] = np.where(bottom, FATES.index(Fate.CAUGHT), FATES.index(Fate.HELD))[still]
        flat[rest[still]] = found[still]
    return Ends(fate, which, flat)


def _flat(theta: FLOATS, surface: str, knobs: Knobs) -> tuple[FLOATS, NDArray[np.bool_]]:
    """Where the slope is zero near the rows theta [R, 2], and whether that is a minimum [R].

    Not a number where Newton's steps leave the neighborhood of NEAR, or do not come to an end in it.
    """
    descend = objective(surface, **SURFACES[surface].settings(dict(knobs)))
    size, place, bottom = width(surface), theta.copy(), np.zeros(len(theta), bool)
    near = np.arange(len(theta))  # rows that may still be there
    for _ in range(NEWTON_STEPS):
        slope = descend.gradient(torch.from_numpy(place[near])).numpy()
        curved, axes = np.linalg.eigh(curvature(place[near], surface, knobs))
        along = (slope[:, None] @ axes)[:, 0]
        with np.errstate(over="ignore", invalid="ignore"):  # where nothing is curved, a slope leads far away
            step = (axes @ (along / np.where(curved == 0, 1e-300, curved))[..., None])[..., 0]
        place[near] -= step
        bottom[near] = (curved > 0).all(1)
        close = np.linalg.norm(place[near] - theta[near], axis=1) < NEAR * size
        place[near[~close]] = np.nan
        near, step = near[close], step[close]
    ended = np.linalg.norm(step, axis=1) < 1e-6 * size
    place[near[~ended]] = np.nan
    return place, bottom
