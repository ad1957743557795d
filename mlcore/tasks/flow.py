"""Optical flow between two made frames: the exact flow, Lucas and Kanade's least squares, and two errors.

The texture is a sum of plane waves, known between the pixels too, and a motion is affine, y = M x + t about
the middle of the frame. So the second frame is the texture at M^-1 (y - t), without any interpolation, and
the flow y - x is known exactly.

A picture becomes a texture as well: the cubic spline through its pixels is a function of the plane, continued
by its mirror images. The first frame is the picture itself, the second that function at M^-1 (y - t), and the
flow is as exact as before. Fields are [H, W, 2] with (u, v) in pixels, x to the right and y downward.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, pi, radians, sin

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mlcore.base import spec as specs
from mlcore.base.registry import Knob

FLOATS = NDArray[np.float64]
SIZE = 64  # pixels along each side
MARGIN = 8  # pixels at the edge where windows lack neighbors: not counted
WAVES = 40
LENGTHS = (8.0, 40.0)  # of the waves, in pixels
STRIPES = radians(75)  # the one direction in which the striped texture varies
POOR = 0.02  # a window whose smaller eigenvalue is below this share of the larger sees one direction only
MOTIONS = ("translation", "rotation", "zoom", "shear")
OWN = "own"
TEXTURES = ("waves", "stripes", OWN)  # the last is a person's picture; waves where there is none
ROUNDING = 1e-20  # mean squared slope that an even area may have
BLANK = 1e-3  # mean squared slope along the best direction, in shades a pixel: less of it is an even area
SHADES = 5.0  # from black to white in a picture: a photo then varies about as much as the waves


@dataclass(frozen=True)
class FlowSpec:
    """Two frames and how the flow between them is estimated."""

    motion: str = specs.choice("rotation", MOTIONS, "omotion")
    amount: float = specs.number(Knob(1.5, 0.0, 12.0), "oamount")  # pixels: at the edge where not everywhere
    heading: float = specs.number(Knob(30.0, 0.0, 360.0), "oheading")  # degrees, of a translation
    texture: str = specs.choice("waves", TEXTURES, "otexture")
    noise: float = specs.number(Knob(0.02, 0.0, 0.5, symbol=r"\sigma"), "onoise")
    window: int = specs.number(Knob(9, 3, 21, integer=True), "owindow")
    levels: int = specs.number(Knob(1, 1, 3, integer=True), "olevels")
    rounds: int = specs.number(Knob(1, 1, 5, integer=True), "orounds")
    seed: int = specs.number(Knob(0, 0, 9000, integer=True), "otexseed")

    def __post_init__(self) -> None:
        specs.check(self)


@dataclass(frozen=True, eq=False)
class Flow:
    """Two frames, the true flow and the estimate."""

    first: FLOATS  # [H, W]
    second: FLOATS  # [H, W]
    true: FLOATS  # [H, W, 2]
    found: FLOATS  # [H, W, 2]
    poor: NDArray[np.bool_]  # [H, W] where a window of the first frame varies in one direction only
    blank: NDArray[np.bool_]  # [H, W] where it hardly varies at all

    @property
    def inside(self) -> tuple[slice, slice]:
        return (slice(MARGIN, -MARGIN),) * 2

    @staticmethod
    def lengths(flow: FLOATS) -> tuple[float, float]:
        """How far a pixel moves, in pixels: on average, and at most."""
        found = np.linalg.norm(flow, axis=-1)
        return float(found.mean()), float(found.max())

    def end_point(self, flow: FLOATS | None = None) -> float:
        """The mean end-point error of the estimate, or of another flow, without the margin."""
        of = self.found if flow is None else flow
        return float(end_point_error(of, self.true)[self.inside].mean())

    def angular(self) -> float:
        """The mean angular error in degrees."""
        return float(angular_error(self.found, self.true)[self.inside].mean())


# ---------------------------------------------------------------- frames


def grid() -> FLOATS:
    """[H, W, 2]: x and y of every pixel from the middle of the frame."""
    at = np.arange(SIZE) - (SIZE - 1) / 2
    return np.stack(np.meshgrid(at, at), axis=-1)


def affine(spec: FlowSpec) -> tuple[FLOATS, FLOATS]:
    """M [2, 2] and t [2]. But for a translation, `amount` is how far the middle of an edge moves."""
    share = spec.amount / ((SIZE - 1) / 2)
    if spec.motion == "translation":
        way = radians(spec.heading)
        return np.eye(2), spec.amount * np.array([cos(way), sin(way)])
    matrix = {
        "rotation": np.array([[cos(share), -sin(share)], [sin(share), cos(share)]]),
        "zoom": (1 + share) * np.eye(2),
        "shear": np.array([[1.0, share], [0.0, 1.0]]),
    }
    return matrix[spec.motion], np.zeros(2)


def true_flow(spec: FlowSpec) -> FLOATS:
    matrix, shift = affine(spec)
    at = grid()
    return at @ matrix.T + shift - at


def texture(spec: FlowSpec, at: FLOATS, own: FLOATS | None = None) -> FLOATS:
    """Its value [...] at any places [..., 2]: standard deviation about 1. `own` is a picture as `square`
    makes it, for the texture OWN."""
    if spec.texture == OWN and own is not None:
        return between(own, at)
    draw = np.random.default_rng([spec.seed, 7])
    length, phase, way = draw.uniform(*LENGTHS, WAVES), *draw.uniform(0, 2 * pi, (2, WAVES))
    if spec.texture == "stripes":
        way = np.full(WAVES, STRIPES)
    waves = 2 * pi / length * np.stack([np.cos(way), np.sin(way)])  # [2, WAVES]
    found: FLOATS = np.cos(at @ waves + phase).sum(-1) * np.sqrt(2 / WAVES)
    return found


def square(gray: FLOATS) -> FLOATS:
    """The middle of a picture [h, w] in [0, 1] as a frame [H, W]: means over what becomes one pixel. Where it
    has fewer pixels than a frame, each becomes a block."""
    side = min(gray.shape)
    top, left = ((size - side) // 2 for size in gray.shape)
    edges, pixels = np.linspace(0, side, SIZE + 1)[:, None], np.arange(side)
    shares = np.clip(np.minimum(edges[1:], pixels + 1) - np.maximum(edges[:-1], pixels), 0, None)
    weights = shares * SIZE / side  # [H, side] of each pixel in each one of the frame
    found: FLOATS = weights @ gray[top : top + side, left : left + side] @ weights.T
    return SHADES * (found - 0.5)


def between(own: FLOATS, at: FLOATS) -> FLOATS:
    """A picture [H, W] at places [..., 2] from its middle: the cubic spline through its pixels, and beyond
    its edges mirror images."""
    columns, rows = np.moveaxis(at, -1, 0) + (SIZE - 1) / 2
    found: FLOATS = ndimage.map_coordinates(own, [rows, columns], order=3, mode="mirror")
    return found


def frame(spec: FlowSpec, share: float, own: FLOATS | None = None) -> FLOATS:
    """The texture after this share of the motion, without noise: 0 the first frame, 1 the second."""
    matrix, shift = affine(spec)
    partly = np.eye(2) + share * (matrix - np.eye(2))  # the straight way of every point
    return texture(spec, (grid() - share * shift) @ np.linalg.inv(partly).T, own)


# ---------------------------------------------------------------- the estimate


def estimate(spec: FlowSpec, own: FLOATS | None = None) -> Flow:
    """Both frames with their noise, and the flow by least squares. `own` as in `texture`."""
    grain = np.random.default_rng([spec.seed, 8]).normal(size=(2, SIZE, SIZE)) * spec.noise
    first, second = frame(spec, 0.0, own) + grain[0], frame(spec, 1.0, own) + grain[1]
    found = lucas_kanade(first, second, spec.window, spec.levels, spec.rounds)
    least = BLANK + spec.noise**2  # twice the squared slope of the noise itself
    return Flow(first, second, true_flow(spec), found, *unseen(first, spec.window, least))


def lucas_kanade(first: FLOATS, second: FLOATS, window: int, levels: int = 1, rounds: int = 1) -> FLOATS:
    """Lucas and Kanade 1981, from coarse to fine: at each level the second frame is taken back by the flow
    so far, and least squares in a window around every pixel say what is left, `rounds` times."""
    pyramid = [(first, second)]
    for _ in range(levels - 1):
        pyramid.append((halved(pyramid[-1][0]), halved(pyramid[-1][1])))
    flow = np.zeros((*pyramid[-1][0].shape, 2))
    for k, (a, b) in enumerate(reversed(pyramid)):
        flow = flow if k == 0 else 2 * doubled(flow, a.shape)
        for _ in range(rounds):
            flow = flow + least_squares(a, taken_back(b, flow), window)
    return flow


def least_squares(first: FLOATS, second: FLOATS, window: int) -> FLOATS:
    """[H, W, 2]: the d with the least sum of (I_x u + I_y v + I_t)^2 over the window of each pixel. Where a
    window says nothing about a direction, the shortest d: no motion along it."""
    slope_y, slope_x = np.gradient((first + second) / 2)
    slope = np.stack([slope_x, slope_y], axis=-1)
    left = np.einsum("hwi,hwj->hwij", slope, slope)
    right = -slope * (second - first)[..., None]
    over = (window, window)
    normal = ndimage.uniform_filter(left, (*over, 1, 1), mode="nearest")
    target = ndimage.uniform_filter(right, (*over, 1), mode="nearest")
    normal[np.trace(normal, axis1=-2, axis2=-1) < ROUNDING] = 0  # what is level but for rounding says nothing
    found: FLOATS = np.einsum("hwij,hwj->hwi", np.linalg.pinv(normal, rcond=POOR, hermitian=True), target)
    return found


def unseen(image: FLOATS, window: int, least: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where the window around a pixel varies in one direction only, the aperture problem; and where its mean
    squared slope is below `least` in every direction: even areas, which look the same wherever they go."""
    slope_y, slope_x = np.gradient(image)
    slope = np.stack([slope_x, slope_y], axis=-1)
    normal = ndimage.uniform_filter(
        np.einsum("hwi,hwj->hwij", slope, slope), (window, window, 1, 1), mode="nearest"
    )
    small, large = np.moveaxis(np.linalg.eigvalsh(normal), -1, 0)
    blank: NDArray[np.bool_] = large < least
    return (small < POOR * large) & ~blank, blank


def taken_back(image: FLOATS, flow: FLOATS) -> FLOATS:
    """The image at x + flow(x), by cubic splines."""
    rows, columns = np.indices(image.shape)
    at = [rows + flow[..., 1], columns + flow[..., 0]]
    found: FLOATS = ndimage.map_coordinates(image, at, order=3, mode="nearest")
    return found


def halved(image: FLOATS) -> FLOATS:
    """Every second pixel of the smoothed image."""
    smooth: FLOATS = ndimage.gaussian_filter(image, 1.0, mode="nearest")
    return smooth[::2, ::2]


def doubled(flow: FLOATS, shape: tuple[int, ...]) -> FLOATS:
    """The same field on twice as many pixels: pixel 2 i of the fine one is pixel i of the coarse one."""
    at = [index / 2 for index in np.indices(shape)]
    parts = [ndimage.map_coordinates(flow[..., k], at, order=1, mode="nearest") for k in range(2)]
    return np.stack(parts, axis=-1)


# ---------------------------------------------------------------- errors


def end_point_error(flow: FLOATS, true: FLOATS) -> FLOATS:
    """The distance of the ends of both arrows."""
    found: FLOATS = np.linalg.norm(flow - true, axis=-1)
    return found


def angular_error(flow: FLOATS, true: FLOATS) -> FLOATS:
    """The angle in degrees between (u, v, 1) and its true counterpart (Barron et al. 1994)."""
    dot = 1 + (flow * true).sum(-1)
    sizes = np.sqrt((1 + (flow**2).sum(-1)) * (1 + (true**2).sum(-1)))
    found: FLOATS = np.degrees(np.arccos(np.clip(dot / sizes, -1, 1)))
    return found


# ---------------------------------------------------------------- how far it carries

AMOUNTS = (0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0)
LEVELS = (1, 2, 3)


def over_amounts(spec: FlowSpec, own: FLOATS | None = None) -> tuple[FLOATS, FLOATS]:
    """The mean end-point error [levels, amounts] of the same motion at other sizes, and that of no motion
    at all [amounts]."""
    none, found = np.zeros(len(AMOUNTS)), np.zeros((len(LEVELS), len(AMOUNTS)))
    for i, amount in enumerate(AMOUNTS):
        for k, levels in enumerate(LEVELS):
            made = estimate(replace(spec, amount=amount, levels=levels), own)
            found[k, i], none[i] = made.end_point(), made.end_point(np.zeros_like(made.true))
    return found, none
