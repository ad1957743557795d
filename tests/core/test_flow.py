"""Optical flow: exact frames, least squares against numpy's, errors and colors against known numbers."""

from __future__ import annotations

from dataclasses import replace
from math import degrees

import numpy as np
import pytest
from scipy.interpolate import RectBivariateSpline

from mlcore.tasks import flow as core
from mlcore.tasks.flow import AMOUNTS, LEVELS, MOTIONS, SIZE, FlowSpec, estimate, lucas_kanade, true_flow
from mlcore.tasks.flow_colors import ARCS, colors, disc, wheel

CLEAN = FlowSpec(noise=0.0)


@pytest.mark.parametrize("motion", MOTIONS)
@pytest.mark.parametrize("texture", core.TEXTURES)
def test_the_second_frame_has_the_first_where_the_flow_says(motion: str, texture: str) -> None:
    """The texture is known between the pixels: no interpolation hides in this."""
    spec = replace(CLEAN, motion=motion, texture=texture, amount=3.7, heading=200.0)
    matrix, shift = core.affine(spec)
    ends = core.grid() + true_flow(spec)
    back = (ends - shift) @ np.linalg.inv(matrix).T
    np.testing.assert_allclose(core.texture(spec, back), core.frame(spec, 0.0), atol=1e-9)
    at = (ends - shift)[10, 20] @ np.linalg.inv(matrix).T
    np.testing.assert_allclose(at, core.grid()[10, 20], atol=1e-10)


def test_motions_are_what_they_are_called() -> None:
    edge = (SIZE - 1) / 2
    field = {name: true_flow(replace(CLEAN, motion=name, amount=2.0, heading=90.0)) for name in MOTIONS}
    np.testing.assert_allclose(field["translation"], np.broadcast_to([0.0, 2.0], (SIZE, SIZE, 2)), atol=1e-12)
    at = core.grid()
    before, after = np.linalg.norm(at, axis=-1), np.linalg.norm(at + field["rotation"], axis=-1)
    np.testing.assert_allclose(after, before, atol=1e-10)
    np.testing.assert_allclose(field["zoom"], at * 2 / edge, atol=1e-12)
    np.testing.assert_allclose(field["shear"][..., 1], 0, atol=1e-12)
    np.testing.assert_allclose(field["shear"][..., 0], at[..., 1] * 2 / edge, atol=1e-12)


def test_a_translation_against_nothing_has_its_own_length_as_error() -> None:
    found = estimate(replace(CLEAN, motion="translation", amount=2.5))
    assert found.end_point(np.zeros_like(found.true)) == pytest.approx(2.5, abs=1e-12)
    assert found.end_point(found.true) == 0


def test_the_angular_error_is_that_of_vectors_in_space() -> None:
    g = np.random.default_rng(0)
    one, other = g.normal(size=(2, 30, 2))
    found = core.angular_error(one, other)
    for k in range(30):
        a, b = np.array([*one[k], 1.0]), np.array([*other[k], 1.0])
        known = degrees(np.arctan2(np.linalg.norm(np.cross(a, b)), a @ b))
        assert found[k] == pytest.approx(known, abs=1e-5)
    assert core.angular_error(np.array([1.0, 0.0]), np.array([0.0, 0.0])) == pytest.approx(45)


@pytest.mark.parametrize("window", [5, 9])
def test_each_window_is_a_least_squares_fit(window: int) -> None:
    """numpy's `lstsq` on the pixels of some windows, one after the other."""
    first, second = core.frame(CLEAN, 0.0), core.frame(CLEAN, 1.0)
    found = core.least_squares(first, second, window)
    slope_y, slope_x = np.gradient((first + second) / 2)
    half = window // 2
    for row, column in [(20, 20), (31, 12), (40, 50)]:
        part = np.s_[row - half : row + half + 1, column - half : column + half + 1]
        design = np.stack([slope_x[part].ravel(), slope_y[part].ravel()], axis=1)
        known, *_ = np.linalg.lstsq(design, -(second - first)[part].ravel(), rcond=None)
        np.testing.assert_allclose(found[row, column], known, atol=1e-8)


@pytest.mark.parametrize("motion", MOTIONS)
def test_small_motions_are_found(motion: str) -> None:
    """A window takes the flow within it for constant, which only that of a translation is."""
    found = estimate(replace(CLEAN, motion=motion, amount=0.2))
    share = 0.05 if motion == "translation" else 0.2
    assert found.end_point() < share * found.end_point(np.zeros_like(found.true))


def test_equal_frames_do_not_move() -> None:
    image = core.frame(CLEAN, 0.0)
    assert np.abs(lucas_kanade(image, image, 9, 3, 2)).max() < 1e-6


def test_a_pyramid_carries_farther() -> None:
    far = replace(CLEAN, motion="translation", amount=8.0, rounds=3)
    plain, deep = (estimate(replace(far, levels=levels)).end_point() for levels in (1, 3))
    assert plain > 4
    assert deep < 1


def test_stripes_show_only_the_motion_across_them() -> None:
    along = np.degrees(core.STRIPES) + 90
    hidden = estimate(replace(CLEAN, motion="translation", texture="stripes", amount=1.0, heading=along))
    assert hidden.poor[hidden.inside].mean() > 0.95
    assert hidden.end_point() == pytest.approx(1.0, abs=0.02)  # nothing is seen of it
    spec = replace(CLEAN, motion="translation", texture="stripes", amount=1.0, heading=along - 60)
    seen = estimate(spec)
    across = np.array([np.cos(core.STRIPES), np.sin(core.STRIPES)])
    normal = float(true_flow(spec)[0, 0] @ across)
    inside = seen.found[seen.inside] @ across
    assert float(np.median(inside)) == pytest.approx(normal, rel=0.1)
    waves = estimate(replace(spec, texture="waves"))
    assert waves.poor.mean() < 0.05
    assert waves.end_point() < 0.3 * seen.end_point()


def test_the_sweep_is_made_of_estimates() -> None:
    spec = replace(CLEAN, amount=5.0, levels=2)
    found, none = core.over_amounts(spec)
    assert found.shape == (len(LEVELS), len(AMOUNTS))
    own = estimate(replace(spec, amount=AMOUNTS[3], levels=LEVELS[2]))
    assert found[2, 3] == own.end_point()
    assert none[3] == own.end_point(np.zeros_like(own.true))
    assert (np.diff(none) > 0).all()


# ---------------------------------------------------------------- a picture of one's own


def photo(height: int = 200, width: int = 320) -> np.ndarray:
    """Smooth blobs and a dark bar, in [0, 1]."""
    y, x = np.mgrid[:height, :width] / min(height, width)
    blobs = 0.5 + 0.2 * np.sin(17 * x) * np.cos(23 * y) + 0.2 * np.sin(9 * x + 14 * y)
    return np.where(np.abs(x - 0.9) < 0.05, 0.1, blobs)


def test_a_frame_has_the_means_of_the_middle_square() -> None:
    own = photo(4 * SIZE, 6 * SIZE)
    middle = own[:, SIZE : 5 * SIZE].reshape(SIZE, 4, SIZE, 4).mean((1, 3))
    np.testing.assert_allclose(core.square(own), core.SHADES * (middle - 0.5), atol=1e-12)
    tall = core.square(own.T)
    np.testing.assert_allclose(tall, core.square(own).T, atol=1e-12)


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (37, 51), (64, 64), (255, 256)])
def test_a_frame_of_any_size_keeps_mean_and_range(shape: tuple[int, int]) -> None:
    g = np.random.default_rng(0)
    own = g.uniform(size=shape)
    found = core.square(own) / core.SHADES + 0.5
    side = min(shape)
    top, left = ((size - side) // 2 for size in shape)
    used = own[top : top + side, left : left + side]
    assert found.shape == (SIZE, SIZE)
    assert found.mean() == pytest.approx(used.mean(), abs=1e-12)
    assert used.min() - 1e-12 <= found.min() <= found.max() <= used.max() + 1e-12


@pytest.mark.parametrize("motion", MOTIONS)
def test_a_picture_moves_exactly(motion: str) -> None:
    """The second frame at y is scipy's other spline through the first, where y came from."""
    own = core.square(photo())
    spec = replace(CLEAN, texture=core.OWN, motion=motion, amount=2.6, heading=25.0)
    np.testing.assert_allclose(core.frame(spec, 0.0, own), own, atol=1e-9)
    matrix, shift = core.affine(spec)
    came = (core.grid() - shift) @ np.linalg.inv(matrix).T
    reach = np.arange(-40, SIZE + 40)
    mirrored = own[np.ix_(*[np.abs((reach + SIZE - 1) % (2 * SIZE - 2) - SIZE + 1)] * 2)]
    spline = RectBivariateSpline(reach - (SIZE - 1) / 2, reach - (SIZE - 1) / 2, mirrored)
    wanted = spline.ev(came[..., 1], came[..., 0])
    found = core.frame(spec, 1.0, own)
    np.testing.assert_allclose(found, wanted, atol=1e-6)


@pytest.mark.parametrize("motion", MOTIONS)
def test_the_motion_of_a_picture_is_found(motion: str) -> None:
    found = estimate(
        replace(CLEAN, texture=core.OWN, motion=motion, amount=1.0, rounds=3), core.square(photo())
    )
    assert found.end_point() < 0.25 * found.end_point(np.zeros_like(found.true))


def test_without_a_picture_there_are_waves() -> None:
    own, waves = estimate(replace(CLEAN, texture=core.OWN)), estimate(CLEAN)
    np.testing.assert_array_equal(own.second, waves.second)
    np.testing.assert_array_equal(own.found, waves.found)


@pytest.mark.parametrize("noise", [0.0, 0.02, 0.3])
def test_an_even_picture_shows_nothing(noise: float) -> None:
    spec = replace(CLEAN, texture=core.OWN, motion="translation", amount=2.0, noise=noise)
    found = estimate(spec, core.square(np.full((5, 5), 0.7)))
    assert found.blank[found.inside].mean() > 0.97
    if noise == 0:
        assert found.end_point() == pytest.approx(2.0, abs=1e-9)
    half = np.full((SIZE, SIZE), 0.7)
    half[:, : SIZE // 2] = photo(SIZE, SIZE // 2)
    blank = estimate(replace(spec, noise=0.02), core.square(half)).blank
    assert blank[:, 40:].mean() > 0.95
    assert blank[8:-8, 8:28].mean() < 0.05


def test_the_sweep_of_a_picture_is_made_of_estimates() -> None:
    spec, own = replace(CLEAN, texture=core.OWN, amount=5.0), core.square(photo())
    found, _ = core.over_amounts(spec, own)
    assert found[1, 2] == estimate(replace(spec, amount=AMOUNTS[2], levels=2), own).end_point()


# ---------------------------------------------------------------- colors


def test_the_wheel_has_the_corners_of_the_benchmark() -> None:
    ring, corners = wheel(), np.cumsum([0, *ARCS])[:-1]
    assert len(ring) == 55
    known = [[255, 0, 0], [255, 255, 0], [0, 255, 0], [0, 255, 255], [0, 0, 255], [255, 0, 255]]
    np.testing.assert_array_equal(ring[corners], known)
    assert ring[1].tolist() == [255, 17, 0]  # floor(255 * 1 / 15)


def reference(u: float, v: float) -> list[int]:
    """One pixel as `computeColor` of the Middlebury code has it, written for one."""
    ring, radius = wheel() / 255, float(np.hypot(u, v))
    place = (np.arctan2(-v, -u) / np.pi + 1) / 2 * 54
    below = int(place)
    above = 0 if below == 54 else below + 1
    found = []
    for k in range(3):
        hue = (1 - (place - below)) * ring[below][k] + (place - below) * ring[above][k]
        found.append(int(255 * (1 - radius * (1 - hue) if radius <= 1 else 0.75 * hue)))
    return found


@pytest.mark.parametrize(("u", "v"), [(0.5, 0.2), (-0.9, 0.3), (0.1, -0.7), (1.4, 0.3), (-0.3, -0.3)])
def test_a_flow_has_the_color_of_the_benchmark(u: float, v: float) -> None:
    assert colors(np.array([3 * u, 3 * v]), 3.0).tolist() == reference(u, v)


def test_rest_is_white_and_opposite_ways_differ() -> None:
    assert colors(np.zeros((2, 2, 2)), 1.0).tolist() == [[[255] * 3] * 2] * 2
    assert colors(np.zeros(2), 0.0).tolist() == [255] * 3
    right, left = (colors(np.array([x, 0.0]), 1.0) for x in (1.0, -1.0))
    assert np.abs(right - left).max() > 200


def test_the_drawn_wheel_is_the_field_of_its_places() -> None:
    field = disc(21)
    assert field[10, 20].tolist() == [1.0, 0.0]
    assert field[20, 10].tolist() == [0.0, 1.0]  # v grows downward
    assert field[0, 0].tolist() == [0.0, 0.0]
