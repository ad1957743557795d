"""Measures of masks against scikit-learn, losses and their slopes against closed forms, masks as text."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from sklearn import metrics

from mlcore.base import masks as texts
from mlcore.base import spec as specs
from mlcore.base.masks import SIDE, MaskError
from mlcore.base.refusal import readable
from mlcore.families.losses import balanced_weights
from mlcore.figures import masks as figures
from mlcore.tasks import mask_gradients, masks
from mlcore.tasks.masks import MASK_LOSSES, NAMES, STARTS, Counts, mask_loss
from tests.core.mask_cases import logits, random_mask, scene

FLOATS = NDArray[np.float64]
WEIGHTS = (0.6, 4.0)
SHARES = (0.0, 0.05, 0.3, 0.9, 1.0)


def counts(found: Any, true: Any) -> Counts:
    return Counts.of(found, true, (0, 1))


# ---------------------------------------------------------------- measures


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("seed", range(3))
def test_measures_are_those_of_scikit_learn(seed: int, share: float) -> None:
    true, found = random_mask(seed), random_mask(seed + 10, share)
    own, y, p = counts(found, true), true.ravel(), found.ravel()
    known = {
        "accuracy": metrics.accuracy_score(y, p),
        "balanced": metrics.balanced_accuracy_score(y, p),
        "precision": metrics.precision_score(y, p, zero_division=np.nan),
        "recall": metrics.recall_score(y, p),
        "dice": metrics.f1_score(y, p),
        "iou": metrics.jaccard_score(y, p),
    }
    for name, value in known.items():
        assert float(getattr(own, name)) == pytest.approx(value, abs=1e-12, nan_ok=True), name


@given(st.integers(0, 10**6), st.floats(0, 1), st.floats(0.01, 1))
def test_dice_is_a_function_of_iou(seed: int, share: float, objects: float) -> None:
    true = random_mask(seed, objects)
    true[0, 0] = True
    own = counts(random_mask(seed + 1, share), true)
    assert float(own.dice) == pytest.approx(2 * float(own.iou) / (1 + float(own.iou)), abs=1e-12)


def test_an_all_background_mask_has_high_accuracy_and_no_overlap() -> None:
    for seed in range(20):
        _, true = scene(seed)
        own = counts(STARTS["nothing"](true), true)
        assert float(own.accuracy) == 1 - true.mean() > 0.8
        assert float(own.iou) == float(own.dice) == float(own.recall) == 0
        assert float(own.balanced) == 0.5
        assert np.isnan(float(own.precision))


def by_hand(found: Any, true: Any) -> float:
    """The F-score of boundaries with all distances in one table."""

    def edge(mask: Any) -> FLOATS:
        wide = np.pad(mask, 1, constant_values=True)
        whole = wide[:-2, 1:-1] & wide[2:, 1:-1] & wide[1:-1, :-2] & wide[1:-1, 2:]
        return np.argwhere(mask & ~whole)

    far = cdist(edge(found), edge(true))
    precision, recall = ((far.min(axis) <= 1.5).mean() for axis in (1, 0))
    return float(2 * precision * recall / (precision + recall))


@pytest.mark.parametrize("start", ["truth", "shifted", "dilated", "eroded"])
def test_boundaries_agree_up_to_a_pixel(start: str) -> None:
    _, true = scene(3)
    found = STARTS[start](true)
    assert masks.boundary_f(found, true) == pytest.approx(by_hand(found, true), abs=1e-12)
    rough = random_mask(5)
    assert masks.boundary_f(rough, true) == pytest.approx(by_hand(rough, true), abs=1e-12)
    assert masks.boundary_f(rough, true) < 0.9
    assert masks.boundary_f(STARTS["nothing"](true), true) == 0


def test_the_edge_of_the_image_is_no_boundary() -> None:
    mask = np.zeros((SIDE, SIDE), bool)
    mask[:, :8] = True
    assert np.argwhere(masks.boundary(mask)).tolist() == [[row, 7] for row in range(SIDE)]
    assert masks.boundary_f(np.ones_like(mask), mask) == 0


def test_masks_to_begin_with_are_what_they_say() -> None:
    _, true = scene(1)
    assert (counts(STARTS["truth"](true), true).iou, masks.boundary_f(true, true)) == (1, 1)
    assert (STARTS["shifted"](true)[:, 5] == true[:, 4]).all()
    assert float(counts(STARTS["dilated"](true), true).recall) == 1
    assert float(counts(STARTS["eroded"](true), true).precision) == 1
    assert STARTS["eroded"](true).sum() < true.sum() < STARTS["dilated"](true).sum()


@pytest.mark.parametrize("radius", [0.3, 0.8, 1.6, 2.6])
def test_a_brush_sets_what_lies_near_its_way(radius: float) -> None:
    way = np.array([[3.2, 4.1], [9.7, 4.1], [12.4, 11.9]])
    fine = np.concatenate([np.linspace(a, b, 4000) for a, b in pairwise(way)])
    row, column = np.indices((SIDE, SIDE))
    centers = np.stack([column, row], -1).reshape(-1, 2) + 0.5
    near = cdist(centers, fine).min(1).reshape(SIDE, SIDE)
    found = masks.stroked(np.zeros((SIDE, SIDE), bool), way, radius, True)
    sure = np.abs(near - radius) > 0.01
    touched = np.zeros_like(found)
    touched[tuple(np.floor(way[:, ::-1]).astype(int).T)] = True
    assert (found == (near <= radius) | touched)[sure].all()
    rubbed = masks.stroked(np.ones((SIDE, SIDE), bool), way, radius, False)
    assert (rubbed == ~found).all()


def test_a_tap_sets_its_pixel_and_nothing_beyond_the_image() -> None:
    nothing = np.zeros((SIDE, SIDE), bool)
    assert np.argwhere(masks.stroked(nothing, np.array([[5.95, 7.02]]), 0.3, True)).tolist() == [[7, 5]]
    assert not masks.stroked(nothing, np.array([[-4.0, 30.0]]), 1.0, True).any()


# ---------------------------------------------------------------- losses


def closed(name: str, z: FLOATS, y: FLOATS, gamma: float) -> tuple[FLOATS, FLOATS]:
    """Values [N] and slopes by the logits [N, M] from the formulas, in numpy."""
    p = 1 / (1 + np.exp(-z))
    true = np.where(y == 1, p, 1 - p)  # p_t
    sign = 2 * y - 1
    w = np.where(y == 1, WEIGHTS[1], WEIGHTS[0]) if name == "weighted" else np.ones_like(y)
    if name == "dice":
        both, sums = (p * y).sum(-1, keepdims=True), (p + y).sum(-1, keepdims=True)
        slope = -2 * (y * sums - both) / sums**2 * p * (1 - p)
        return 1 - 2 * (both / sums)[:, 0], slope
    power = gamma if name == "focal" else 0.0
    loss = -w * (1 - true) ** power * np.log(true)
    # Lin et al. 2017, appendix B: d FL / d x_t = (1 - p_t)^gamma (gamma p_t ln p_t + p_t - 1)
    slope = w * sign * (1 - true) ** power * (power * true * np.log(true) + true - 1)
    return loss.mean(-1), slope / z.shape[-1]


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0, 5.0])
@pytest.mark.parametrize("name", NAMES)
def test_losses_and_slopes_are_their_formulas(name: str, gamma: float) -> None:
    z, y = logits(0, 4, 60), (logits(1, 4, 60) > 2).double()
    loss = mask_loss(name, WEIGHTS, gamma)
    value, slope = closed(name, z.numpy(), y.numpy(), gamma)
    np.testing.assert_allclose(loss(z, y).numpy(), value, rtol=1e-10)
    np.testing.assert_allclose(mask_gradients.slopes(loss, z, y).numpy() / 60, slope, rtol=1e-8, atol=1e-14)


def test_cross_entropy_is_the_log_loss_of_scikit_learn() -> None:
    z, y = logits(2, 50), (logits(3, 50) > 0).double()
    p = torch.sigmoid(z).numpy()
    weights = np.where(y.numpy() == 1, WEIGHTS[1], WEIGHTS[0])
    assert float(masks.cross_entropy(z, y)) == pytest.approx(metrics.log_loss(y, p), rel=1e-10)
    weighted = metrics.log_loss(y, p, sample_weight=weights, normalize=False) / 50
    assert float(masks.weighted(z, y, WEIGHTS)) == pytest.approx(weighted, rel=1e-10)


def test_focal_loss_without_gamma_is_cross_entropy() -> None:
    z, y = logits(4, 3, 40), (logits(5, 3, 40) > 1).double()
    torch.testing.assert_close(masks.focal(z, y, 0.0), masks.cross_entropy(z, y))
    torch.testing.assert_close(masks.weighted(z, y, (1.0, 1.0)), masks.cross_entropy(z, y))
    assert (masks.focal(z, y, 2.0) < masks.cross_entropy(z, y)).all()


@pytest.mark.parametrize("seed", range(3))
def test_soft_dice_of_sure_answers_is_one_minus_dice(seed: int) -> None:
    true, found = random_mask(seed), random_mask(seed + 10)
    z = torch.from_numpy(np.where(found, 60.0, -60.0)).flatten()
    own = float(masks.dice(z, torch.from_numpy(true).double().flatten()))
    assert own == pytest.approx(1 - metrics.f1_score(true.ravel(), found.ravel()), abs=1e-12)


@pytest.mark.parametrize("gamma", [0.0, 0.3, 2.0])
@pytest.mark.parametrize("name", NAMES)
def test_losses_and_slopes_stay_finite(name: str, gamma: float) -> None:
    """In float32, as trainings have them, for logits of any size."""
    z = torch.tensor([-1e3, -90.0, -20.0, 0.0, 20.0, 90.0, 1e3])
    for y in (torch.zeros(7), torch.ones(7)):
        y = y.clone()
        y[3] = 1.0
        loss = mask_loss(name, WEIGHTS, gamma)
        assert torch.isfinite(loss(z, y))
        assert torch.isfinite(mask_gradients.slopes(loss, z, y)).all()


@pytest.mark.parametrize("strength", [0.0, 0.3, 1.0])
def test_weights_are_those_of_the_other_losses(strength: float) -> None:
    known = balanced_weights(torch.tensor([90, 10]), strength)
    assert masks.balanced(0.1, strength) == pytest.approx(known.tolist(), rel=1e-12)


def test_every_loss_says_where_it_comes_from() -> None:
    for variant in MASK_LOSSES.variants():
        assert variant.formula
        assert variant.source


# ---------------------------------------------------------------- gradients


def test_a_made_prediction_parts_objects_from_background() -> None:
    _, true = scene(2)
    for softness in (0.3, 1.5, 4.0):
        found = mask_gradients.made(true, softness, 0.0)
        assert ((found > 0) == true).all()
    found = mask_gradients.made(true, 2.0, -1.0)
    assert found[true].max() > 0 > found[~true].min()
    shifted = mask_gradients.made(true, 2.0, 0.0) - 1.0
    np.testing.assert_allclose(found, shifted)


def test_shares_of_the_gradient_are_their_closed_forms() -> None:
    _, true = scene(2)
    found = mask_gradients.gradients(true, 3.0, -2.5, WEIGHTS, 2.0)
    p = 1 / (1 + np.exp(-mask_gradients.made(true, 3.0, -2.5)))
    assert (p[true] < 0.1).any()  # an object that is hardly seen is not easy
    np.testing.assert_allclose(found.probability, p, rtol=1e-12)
    size = np.abs(p - true)
    assert found.share[0] == pytest.approx(size[found.easy].sum() / size.sum(), rel=1e-10)
    assert (found.easy == (~true & (p < 0.1))).all()
    wrong = np.where(true, 1 - p, p)  # 1 - p_t
    gamma = 2.0
    focal = wrong**gamma * (wrong - gamma * (1 - wrong) * np.log(1 - wrong))
    np.testing.assert_allclose(np.abs(found.slope[NAMES.index("focal")]), focal, rtol=1e-8)
    assert found.share[NAMES.index("focal")] == pytest.approx(focal[found.easy].sum() / focal.sum(), rel=1e-8)


def test_gamma_takes_easy_background_out_of_the_gradient() -> None:
    _, true = scene(2)
    found = mask_gradients.gradients(true, 3.0, 0.0, WEIGHTS, 2.0)
    assert (np.diff(found.over) < 0).all()
    assert found.over[0] == pytest.approx(found.share[0], rel=1e-12)
    at = int(np.argmin(np.abs(mask_gradients.GAMMAS - 2.0)))
    assert found.over[at] == pytest.approx(found.share[NAMES.index("focal")], rel=1e-12)
    assert found.share[NAMES.index("weighted")] < found.share[0]


def test_one_pixel_alone_is_the_loss_of_that_pixel() -> None:
    """Means over pixels: M times the change is what the pixel has of its own."""
    _, true = scene(2)
    found = mask_gradients.alone(true, 2.0, 0.0, WEIGHTS, 2.0)
    p = mask_gradients.PROBABILITIES
    at = {name: k for k, name in enumerate(NAMES)}
    np.testing.assert_allclose(found.value[at["cross_entropy"], 1], -np.log(p), rtol=1e-8)
    np.testing.assert_allclose(found.value[at["cross_entropy"], 0], -np.log1p(-p), rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(found.value[at["weighted"], 1], -4.0 * np.log(p), rtol=1e-8)
    np.testing.assert_allclose(found.value[at["focal"], 0], -(p**2) * np.log1p(-p), rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(found.slope[at["cross_entropy"], 0], p, rtol=1e-8)
    np.testing.assert_allclose(found.slope[at["cross_entropy"], 1], p - 1, rtol=1e-8)
    assert (np.diff(found.value[at["dice"], 1]) < 0).all()
    assert (np.diff(found.value[at["dice"], 0]) > 0).all()


# ---------------------------------------------------------------- masks as text


@given(st.integers(0, 10**6), st.sampled_from(SHARES))
def test_every_mask_has_one_text(seed: int, share: float) -> None:
    mask = random_mask(seed, share)
    text = texts.write(mask)
    assert len(text) in (0, 96)
    assert (texts.read(text) == mask).all()
    assert (texts.typed(texts.listed(mask)) == mask).all()


@pytest.mark.parametrize("text", ["A" * 96, "B" * 95, "B" * 97, "B" * 95 + "!", "#", "가" * 96])
def test_nothing_else_is_read_from_a_link(text: str) -> None:
    assert not readable(texts.read, text)
    with pytest.raises(ValueError, match="mask"):
        texts.read(text)


LINES = ["." * SIDE] * SIDE
WRONG = {
    "rows": LINES[1:],
    "columns": ["." * 23, *LINES[1:]],
    "sign": [*LINES[:4], "x" + "." * 23, *LINES[5:]],
}


@pytest.mark.parametrize("code", WRONG)
def test_lines_that_are_no_mask_are_refused(code: str) -> None:
    with pytest.raises(MaskError) as refused:
        texts.typed("\n".join(WRONG[code]))
    assert refused.value.code == code


def test_zeros_and_ones_are_read_too() -> None:
    lines = ["1" + "0" * 23, "", *[" ".join("." * SIDE)] * 23]
    assert np.argwhere(texts.typed("\n".join(lines))).tolist() == [[0, 0]]


def test_a_spec_holds_no_mask_that_is_none() -> None:
    from dataclasses import dataclass

    @dataclass(frozen=True)
    class Painted:
        mask: str = specs.mask("mmask")

        def __post_init__(self) -> None:
            specs.check(self)

    text = texts.write(random_mask(0))
    assert specs.from_query(Painted, {"mmask": text}) == (Painted(text), [])
    found, problems = specs.from_query(Painted, {"mmask": text[1:]})
    assert (found.mask, problems[0].reason) == ("", "mask")
    with pytest.raises(specs.SpecError):
        Painted("B")


# ---------------------------------------------------------------- pictures


def test_the_picture_shows_hits_misses_and_false_alarms() -> None:
    image, true = scene(2)
    mask = random_mask(0)
    picture = figures.compared(image.numpy(), mask, true)
    own = counts(mask, true)
    assert [len(trace.x) for trace in picture.data[2:]] == [own.tp, own.fn, own.fp]
    codes = np.asarray(picture.data[1].z)
    assert [(codes == k).sum() for k in range(4)] == [own.tn, own.tp, own.fn, own.fp]
    alarms = np.stack([picture.data[4].y, picture.data[4].x], -1)
    assert {tuple(place) for place in np.floor(alarms).astype(int)} == set(
        map(tuple, np.argwhere(mask & ~true))
    )


def test_an_outline_goes_between_objects_and_background() -> None:
    true = np.zeros((SIDE, SIDE), bool)
    true[3:5, 7:10] = True
    line = figures.outline(true, 100.0)
    x, y = (np.asarray(part) for part in (line.x, line.y))
    assert np.isfinite(x).sum() == 2 * 10  # the edges of ten sides of pixels
    assert (np.nanmin(x), np.nanmax(x), np.nanmin(y), np.nanmax(y)) == (107, 110, 3, 5)
