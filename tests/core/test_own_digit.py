"""A photo of a digit: rendered from the data set itself, it comes back as what it was."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import ndimage
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

from mlcore.files.picture import Picture, read
from mlcore.tasks import own_digit
from mlcore.tasks.own_digit import BLOCK, GRID, SIDE, DigitError, counted, digit

DIGITS = load_digits()
ASKED = np.arange(0, 1700, 17)  # 100 of them
REST = np.setdiff1d(np.arange(len(DIGITS.data)), ASKED)


def bitmap(image: np.ndarray) -> np.ndarray:
    """Bits [32, 32] whose counts are the numbers of an image [8, 8]: in each block where it is darkest."""
    smooth = ndimage.zoom(image, BLOCK, order=3, mode="nearest", grid_mode=True)
    blocks = smooth.reshape(SIDE, BLOCK, SIDE, BLOCK).swapaxes(1, 2).reshape(SIDE * SIDE, -1)
    rank = np.argsort(np.argsort(-blocks, axis=1, kind="stable"), axis=1)
    found = (rank < image.reshape(-1, 1)).reshape(SIDE, SIDE, BLOCK, BLOCK).swapaxes(1, 2)
    return found.reshape(GRID, GRID)


def rendered(image: np.ndarray, light: float = 0.0, up: int = 4, pad: int = 30, seed: int = 0) -> np.ndarray:
    """Gray [H, W]: dark ink on paper, where the light falls off by the share `light`, and grain."""
    mark = np.kron(bitmap(image), np.ones((up, up)))
    mark = ndimage.gaussian_filter(np.pad(mark, pad), up / 3)
    y, x = np.mgrid[: mark.shape[0], : mark.shape[1]] / len(mark)
    gray = (0.9 - 0.7 * mark) * (1 - light * x - 0.5 * light * y)
    return np.clip(gray + 0.01 * np.random.default_rng(seed).normal(size=gray.shape), 0, 1)


def picture(gray: np.ndarray) -> Picture:
    height, width = gray.shape
    return Picture("", "PNG", width, height, 1, np.repeat(gray[..., None], 3, axis=2))


@cache
def neighbors() -> KNeighborsClassifier:
    return KNeighborsClassifier(3).fit(DIGITS.data[REST], DIGITS.target[REST])


def test_counts_of_bits_are_the_numbers_of_the_data_set() -> None:
    for image in DIGITS.images[:20]:
        assert counted(bitmap(image)).tolist() == image.ravel().tolist()


@pytest.mark.parametrize(("light", "inverted"), [(0.0, False), (0.3, False), (0.3, True), (0.5, False)])
def test_digits_of_the_data_set_come_back(light: float, inverted: bool) -> None:
    found = []
    for k in ASKED:
        gray = rendered(DIGITS.images[k], light, seed=k)
        found.append(digit(picture(1 - gray if inverted else gray)).numpy())
    assert np.abs(np.array(found) - DIGITS.data[ASKED]).mean() < 1.1  # of 16
    same = neighbors().predict(found) == neighbors().predict(DIGITS.data[ASKED])
    assert same.sum() >= 96


def test_a_photo_by_a_turned_camera_is_the_same_digit() -> None:
    """Through a JPEG file: its pixels lie on their side, and EXIF says so."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    for k in (3, 120, 700):
        shades = (255 * rendered(DIGITS.images[k], 0.3)).astype(np.uint8)
        file = io.BytesIO()
        Image.fromarray(np.rot90(shades)).save(file, "JPEG", quality=90, exif=exif)
        found = digit(read(file.getvalue()))
        assert np.abs(found.numpy() - DIGITS.data[k]).mean() < 1.5
        lying = digit(picture(np.rot90(shades) / 255))
        assert np.abs(lying.numpy() - DIGITS.data[k]).mean() > 3


def test_place_and_size_do_not_matter() -> None:
    gray = rendered(DIGITS.images[5], pad=60)
    whole = digit(picture(gray))
    moved = np.pad(gray, ((0, 70), (90, 0)), constant_values=0.9)
    assert (digit(picture(moved)) - whole).abs().mean() < 0.5
    larger = rendered(DIGITS.images[5], up=6, pad=30)
    assert (digit(picture(larger)) - whole).abs().mean() < 0.5


def test_what_comes_back_is_what_the_data_set_has() -> None:
    found = digit(picture(rendered(DIGITS.images[8])))
    assert found.shape == (64,)
    assert found.dtype == torch.float64
    assert found.min() == 0
    assert found.max() == 16
    assert (found == found.round()).all()
    rows = found.reshape(SIDE, SIDE)
    assert rows[0].max() > 0
    assert rows[-1].max() > 0  # as high as the grid


def seven(width: int, size: int = 240) -> np.ndarray:
    """A 7 by a pen of this width on even paper."""
    gray = np.full((size, size), 0.85)
    for t in np.linspace(0, 1, 400):
        for y, x in ((60, 80 + 80 * t), (60 + 120 * t, 160 - 50 * t)):
            gray[int(y) : int(y) + width, int(x) : int(x) + width] = 0.1
    return gray


def test_a_thin_pen_is_widened_to_those_of_the_data_set() -> None:
    thin, thick = (digit(picture(seven(width))) for width in (3, 18))
    assert 0.7 < float(thin.sum() / thick.sum()) < 1.3
    assert (thin - thick).abs().mean() < 2.5
    nearest = neighbors().predict(np.stack([thin.numpy(), thick.numpy()]))
    assert nearest.tolist() == [7, 7]


def test_dust_and_the_edge_of_the_paper_are_left_out() -> None:
    gray = seven(12)
    clean = digit(picture(gray))
    spoiled = gray.copy()
    spoiled[20:24, 200:204] = 0.1  # dust
    spoiled[:, :9] = 0.05  # a dark table beside the paper
    assert (digit(picture(spoiled)) - clean).abs().mean() < 0.7


@pytest.mark.parametrize(
    ("gray", "code"),
    [
        (np.full((50, 50), 0.5), "no_ink"),
        (np.clip(0.5 + 0.01 * np.random.default_rng(0).normal(size=(90, 90)), 0, 1), "no_ink"),
        (np.tile(np.linspace(0, 1, 200), (200, 1)), "no_ink"),  # light alone
        (np.zeros((1, 1)), "small"),
        (np.zeros((3, 11)), "small"),
    ],
)
def test_what_is_no_digit_gets_a_sentence(gray: np.ndarray, code: str) -> None:
    with pytest.raises(DigitError) as caught:
        digit(picture(gray))
    assert caught.value.code == code
    assert str(caught.value) == DigitError.SENTENCES[code].format(**caught.value.values)


@pytest.mark.parametrize("shape", [(1, 256), (256, 1), (13, 13), (12, 256), (256, 256)])
@pytest.mark.parametrize("seed", range(4))
def test_any_picture_is_an_image_or_a_sentence(shape: tuple[int, int], seed: int) -> None:
    g = np.random.default_rng(seed)
    gray = (
        ndimage.gaussian_filter(g.uniform(size=shape), seed)
        if seed
        else g.integers(0, 2, shape).astype(float)
    )
    try:
        found = digit(picture(np.clip(4 * (gray - 0.5) + 0.5, 0, 1)))
    except DigitError:
        return
    assert ((found >= 0) & (found <= 16)).all()
    assert found.max() > 0


def test_the_best_threshold_parts_two_groups() -> None:
    values = np.array([0.0, 0.1, 0.2, 1.0, 1.1, 1.2, 1.3])
    level, apart = own_digit.otsu(values)
    assert 0.2 < level < 1.0
    assert apart == pytest.approx(1.15 - 0.1)
    g = np.random.default_rng(1)
    several = np.concatenate([g.normal(0, 1, 60), g.normal(4, 1, 30)])
    level, _ = own_digit.otsu(several)

    def within(at: float) -> float:
        return sum(part.var() * len(part) for part in (several[several <= at], several[several > at]))

    tries = np.sort(several)[:-1]
    assert within(level) == pytest.approx(min(within(at) for at in tries))


def test_the_paper_is_found_under_the_ink() -> None:
    gray = seven(14)
    y, x = np.mgrid[:240, :240] / 240
    light = 1 - 0.4 * x - 0.2 * y**2
    assert np.abs(own_digit.paper(gray * light) - 0.85 * light).max() < 0.01
