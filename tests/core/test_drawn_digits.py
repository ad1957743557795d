"""A drawn digit becomes an image as those of the data set: size, place, ink, and networks that read it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from sklearn.datasets import load_digits
from sklearn.neighbors import NearestNeighbors

from mlcore.base import points
from mlcore.tasks import drawn_digits as core
from mlcore.tasks.drawn_digits import FINE, INK, Strokes
from mlcore.tasks.image_pair import unseen
from mlcore.training.inspection import predict
from mlcore.training.tasks import prepare
from tests.core.classification_task_cases import SMALL, trained

DIGITS = load_digits()


def ring(x: float, y: float, wide: float, high: float, start: float = 0.0, end: float = 1.0) -> np.ndarray:
    turn = 2 * np.pi * np.linspace(start, end, 25)
    return np.stack([x + wide * np.cos(turn), y + high * np.sin(turn)], 1)


def line(*places: tuple[float, float]) -> np.ndarray:
    return np.array(places, float)


BY_HAND: dict[int, Strokes] = {
    0: [ring(0, 0, 0.7, 1.3)],
    1: [line((-0.4, 0.8), (0, 1.3), (0, -1.3))],
    2: core.strokes(points.read(core.example())),
    3: [np.concatenate([ring(0, 0.65, 0.7, 0.65, 0.4, -0.25), ring(0, -0.65, 0.7, 0.65, 0.25, -0.4)])],
    4: [line((0.0, 1.3), (-0.8, -0.2), (0.8, -0.2)), line((0.4, 0.5), (0.4, -1.3))],
    5: [line((0.7, 1.3), (-0.6, 1.3), (-0.6, 0.2)), ring(-0.1, -0.45, 0.75, 0.75, 0.35, -0.4)],
    6: [np.concatenate([line((0.4, 1.3), (-0.5, 0.2)), ring(0, -0.6, 0.65, 0.65, 0.45, 1.45)])],
    7: [line((-0.7, 1.2), (0.7, 1.2), (-0.1, -1.3)), line((-0.4, 0.0), (0.6, 0.0))],
    8: [ring(0, 0.65, 0.55, 0.6, 0.75, -0.25), ring(0, -0.65, 0.65, 0.65, 0.25, 1.25)],
    9: [ring(0, 0.6, 0.6, 0.65, 0, 1), line((0.6, 0.6), (0.5, -1.3))],
}
NAMES = list(BY_HAND)


def moved(drawn: Strokes, scale: float, x: float, y: float) -> Strokes:
    return [one * scale + (x, y) for one in drawn]


@pytest.mark.parametrize("digit", NAMES)
def test_a_drawing_fills_the_square_with_as_much_ink_as_the_data(digit: int) -> None:
    black = core.fine(BY_HAND[digit])
    assert black.sum() == INK
    rows, columns = np.flatnonzero(black.any(1)), np.flatnonzero(black.any(0))
    assert rows[0] <= 1
    assert rows[-1] >= FINE - 2
    assert abs((columns[0] + columns[-1]) / 2 - (FINE - 1) / 2) <= 1.5


def test_the_ink_and_the_height_are_those_of_the_data() -> None:
    """Every image of the data set reaches from the first row to the last, or nearly so."""
    assert DIGITS.data.sum(1).mean() == pytest.approx(INK, abs=0.5)
    lit = (DIGITS.images > 0).any(2)
    assert (lit[:, 0] & lit[:, -1]).mean() > 0.99
    center = (DIGITS.images.sum(1) * np.arange(8)).sum(1) / DIGITS.images.sum((1, 2))
    assert center.mean() == pytest.approx(3.5, abs=0.2)


@pytest.mark.parametrize("digit", NAMES)
def test_where_and_how_large_one_draws_changes_nothing(digit: int) -> None:
    usual = core.gray(core.fine(BY_HAND[digit]))
    for scale, x, y in ((0.3, -1.0, 0.5), (1.4, 0.2, 0.1), (0.05, 1.5, 1.5)):
        assert np.abs(core.gray(core.fine(moved(BY_HAND[digit], scale, x, y))) - usual).max() <= 1


@pytest.mark.parametrize("digit", NAMES)
def test_a_mirror_image_is_the_mirror_image(digit: int) -> None:
    usual = core.fine(BY_HAND[digit])
    for flip, axis in (((-1, 1), 1), ((1, -1), 0)):
        other = core.fine([one * flip for one in BY_HAND[digit]])
        assert (other ^ np.flip(usual, axis)).mean() < 0.02  # ties fall otherwise


@pytest.mark.parametrize("digit", NAMES)
def test_pillow_draws_the_same(digit: int) -> None:
    """Lines of a thickness with round ends, drawn large, at the scale that was found."""
    black, drawn = core.fine(BY_HAND[digit]), BY_HAND[digit]
    every = np.concatenate(drawn)
    low, high = every.min(0), every.max(0)
    best = 0.0
    for half in np.linspace(2, 6, 33):
        times = 16
        scale = (FINE - 2 * half) / (high - low).max()
        paper = Image.new("L", (FINE * times, FINE * times))
        pen = ImageDraw.Draw(paper)
        for one in drawn:
            placed = (((one - (low + high) / 2) * (1, -1)) * scale + FINE / 2) * times
            for a, b in pairwise(placed):
                pen.line([*a, *b], fill=255, width=round(2 * half * times))
            for x, y in placed:
                r = half * times
                pen.ellipse([x - r, y - r, x + r, y + r], fill=255)
        other = np.asarray(paper)[times // 2 :: times, times // 2 :: times] > 0
        best = max(best, (black & other).sum() / (black | other).sum())
    assert best > 0.95


def test_blocks_are_counted() -> None:
    black = np.zeros((FINE, FINE), bool)
    black[4:8, 8:12] = True
    black[31, 31] = True
    found = core.gray(black).reshape(8, 8)
    assert found[1, 2] == 16
    assert found[7, 7] == 1
    assert found.sum() == 17


def test_a_tap_is_a_dot_and_nothing_is_white() -> None:
    dot = core.fine([np.array([[0.3, -0.2]])])
    assert dot.sum() == INK
    assert (dot ^ dot[:, ::-1]).mean() < 0.01  # ties fall otherwise
    assert (dot ^ dot.T).mean() < 0.01
    assert not core.fine([]).any()


def test_distances_are_those_to_the_nearest_point_of_a_dense_line() -> None:
    drawn = [line((3, 4), (20, 9), (20, 28)), line((5, 25), (5, 25))]
    dense = np.concatenate([
        a + (b - a) * np.linspace(0, 1, 2000)[:, None] for one in drawn for a, b in pairwise(one)
    ])  # fmt: skip
    side = np.arange(FINE) + 0.5
    pixels = np.stack(np.meshgrid(side, side), -1).reshape(-1, 2)
    near = NearestNeighbors(n_neighbors=1).fit(dense).kneighbors(pixels)[0][:, 0]
    np.testing.assert_allclose(core.distances(drawn).ravel(), near, atol=0.01)


def test_strokes_are_parted_added_and_taken_back() -> None:
    drawn: list[points.Point] = []
    for k in range(6):  # more than there are classes
        drawn = core.added(drawn, [(0.1 * k, 0.0), (0.1 * k, 1.0)])
    assert len(core.strokes(drawn)) == 6
    again = core.strokes(points.read(points.write(drawn)))
    np.testing.assert_allclose(np.stack(again), np.stack(core.strokes(drawn)))
    assert core.without_last(drawn) == drawn[:-2]
    assert core.without_last([]) == []
    full = core.added(drawn, [(0.0, 0.0)] * 500)
    assert len(full) == points.MOST


def test_the_nearest_are_those_of_scikit_learn() -> None:
    x = torch.from_numpy(DIGITS.data[:500])
    image = torch.from_numpy(core.gray(core.fine(BY_HAND[5])))
    found = core.nearest(image, x, 6)
    distance, place = NearestNeighbors(n_neighbors=6).fit(x).kneighbors(image[None].numpy())
    np.testing.assert_allclose(found.distance, distance[0], rtol=1e-5)
    assert set(found.place) == set(place[0])


def test_the_drawn_are_nearest_to_their_own_class() -> None:
    """Three neighbors among the data read 9 of 10 that were drawn without looking at the data."""
    hits = 0
    for digit, drawn in BY_HAND.items():
        found = core.nearest(torch.from_numpy(core.gray(core.fine(drawn))), torch.from_numpy(DIGITS.data), 3)
        hits += int(np.bincount(DIGITS.target[found.place]).argmax() == digit)
    assert hits >= 9


def test_softmax_over_steps_is_that_of_the_run() -> None:
    for name, found in trained().items():
        task, seen = prepare(SMALL.trainings[name]), unseen(SMALL.data)
        image = seen.x[3]
        p = core.over_steps(found, task, image.double())
        expected = torch.softmax(predict(found, task, task.data.x_test)[:, 3], -1).numpy()
        np.testing.assert_allclose(p, expected, atol=1e-5)
        assert p.shape == (len(found.records.step), 10)
        np.testing.assert_allclose(p.sum(1), 1, atol=1e-5)
