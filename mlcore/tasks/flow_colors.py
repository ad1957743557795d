"""The color wheel of flow (Baker et al. 2011, after the code of the Middlebury benchmark): hue is direction,
strength is length."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FLOATS = NDArray[np.float64]
ARCS = (15, 6, 4, 11, 13, 6)  # red to yellow, to green, to cyan, to blue, to magenta, to red


def wheel() -> FLOATS:
    """[55, 3] in 0..255."""
    red, yellow, green = (255, 0, 0), (255, 255, 0), (0, 255, 0)
    corners = [red, yellow, green, (0, 255, 255), (0, 0, 255), (255, 0, 255), red]
    arcs = []
    for count, first, last in zip(ARCS, corners, corners[1:], strict=False):
        share = np.arange(count)[:, None] / count
        arcs.append(np.floor(255 * share) / 255 * (np.array(last) - first) + np.array(first))
    return np.concatenate(arcs)


def colors(flow: FLOATS, longest: float) -> NDArray[np.int32]:
    """[..., 3] in 0..255 of a flow [..., 2]: white at rest, full color at `longest`, darker beyond it."""
    u, v = np.moveaxis(flow, -1, 0) / max(longest, 1e-12)
    radius, ring = np.hypot(u, v), wheel() / 255
    place = (np.arctan2(-v, -u) / np.pi + 1) / 2 * (len(ring) - 1)
    below = np.floor(place).astype(int)
    above, share = (below + 1) % len(ring), (place - below)[..., None]
    hue = (1 - share) * ring[below] + share * ring[above]
    inside = 1 - radius[..., None] * (1 - hue)
    shown = np.where(radius[..., None] <= 1, inside, 0.75 * hue)
    found: NDArray[np.int32] = np.floor(255 * shown).astype(np.int32)
    return found


def disc(pixels: int) -> FLOATS:
    """The flow (x, y) at every place (x, y) of a disc of radius 1, 0 around it: the wheel is drawn of it."""
    at = np.linspace(-1, 1, pixels)
    field = np.stack(np.meshgrid(at, at), axis=-1)
    return np.where(np.linalg.norm(field, axis=-1, keepdims=True) <= 1, field, 0.0)
