"""Boxes: their losses against counted areas, closed forms, finite differences and a slope by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from mlcore.families.optimizers import OPTIMIZERS
from mlcore.tasks import box_descent, boxes, equal_error
from mlcore.tasks.boxes import BOX_LOSSES, LEAST, MIDDLE, SIDE, Box, measure, moved, ordered, overlap, places

UNIT = (2.0, 2.0, 4.0, 4.0)
NEAR, FAR = (1.5, 2.0, 5.0, 6.0), (6.0, 7.0, 9.0, 9.5)
PAIRS = [(NEAR, (3.5, 3.0, 8.0, 8.0)), ((3.0, 3.5, 6.0, 9.0), (2.0, 1.0, 9.0, 7.0)), (UNIT, FAR)]
corner = st.floats(0, SIDE)
box = st.tuples(corner, corner, corner, corner).map(ordered)


def row(*numbers: float) -> Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


def loss(name: str, one: Box, other: Box) -> float:
    return float(BOX_LOSSES[name](row(*one), row(*other)))


def counted(one: Box, other: Box, cells: int = 2000) -> tuple[float, float, float]:
    """The areas of intersection, union and hull, by counting the cells of a grid."""
    at = (np.arange(cells) + 0.5) * SIDE / cells
    inside = []
    for x1, y1, x2, y2 in (one, other):
        inside.append(np.outer((y1 < at) & (at < y2), (x1 < at) & (at < x2)))
    first, second = inside
    either = first | second
    rows, columns = either.any(1), either.any(0)
    low, high = np.flatnonzero(rows)[[0, -1]], np.flatnonzero(columns)[[0, -1]]
    cell = (SIDE / cells) ** 2
    around = (low[1] - low[0] + 1) * (high[1] - high[0] + 1) * cell
    return float((first & second).sum() * cell), float(either.sum() * cell), float(around)


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_areas_are_those_of_a_fine_grid(one: Box, other: Box) -> None:
    both, either, around = counted(one, other)
    assert float(boxes.shared(row(*one), row(*other))) == pytest.approx(both, abs=0.05)
    assert float(boxes.union(row(*one), row(*other))) == pytest.approx(either, abs=0.05)
    assert 1 - loss("iou", one, other) == pytest.approx(both / either, abs=0.003)
    assert 1 - loss("giou", one, other) == pytest.approx(
        both / either - (around - either) / around, abs=0.003
    )


def test_half_an_overlap_of_equal_boxes_is_a_third() -> None:
    assert float(overlap(row(0, 0, 2, 2), row(1, 0, 3, 2))) == pytest.approx(1 / 3, abs=1e-15)
    dice = 2 * 2 / 8
    assert dice == pytest.approx(2 * (1 / 3) / (1 + 1 / 3))


def test_known_numbers_of_two_unlike_boxes() -> None:
    """(0, 0, 2, 2) and (1, 1, 4, 3): they share 1, cover 9, the hull is 4 by 3."""
    one, other = (0.0, 0.0, 2.0, 2.0), (1.0, 1.0, 4.0, 3.0)
    kept, between, diagonal = 1 / 9, (2.5 - 1) ** 2 + (2 - 1) ** 2, 4**2 + 3**2
    v = 4 / math.pi**2 * (math.atan(3 / 2) - math.atan(1)) ** 2
    alpha = v / (1 - kept + v)
    assert loss("iou", one, other) == pytest.approx(1 - kept)
    assert loss("giou", one, other) == pytest.approx(1 - kept + (12 - 9) / 12)
    assert loss("diou", one, other) == pytest.approx(1 - kept + between / diagonal)
    assert loss("ciou", one, other) == pytest.approx(1 - kept + between / diagonal + alpha * v, abs=1e-8)
    assert loss("l1", one, other) == pytest.approx((1 + 1 + 2 + 1) / 4)
    assert loss("l2", one, other) == pytest.approx((1 + 1 + 4 + 1) / 4)
    assert loss("smooth_l1", one, other) == pytest.approx((0.5 + 0.5 + 1.5 + 0.5) / 4)


@given(box, box)
def test_bounds_and_order_of_the_losses(one: Box, other: Box) -> None:
    value = {name: loss(name, one, other) for name in BOX_LOSSES}
    assert -1e-12 <= value["iou"] <= 1
    assert value["iou"] - 1e-12 <= value["giou"] <= 2
    assert value["iou"] - 1e-12 <= value["diou"] <= 2
    assert value["diou"] - 1e-12 <= value["ciou"]
    assert value["smooth_l1"] <= min(value["l1"], value["l2"]) + 1e-12
    assert value["l1"] ** 2 <= value["l2"] * (1 + 1e-9) + 1e-300
    for name in ("l1", "l2", "iou", "giou", "diou"):
        assert loss(name, other, one) == pytest.approx(value[name], abs=1e-12)


@pytest.mark.parametrize("size", [0.03, 0.7, 2.0])
def test_l1_l2_and_smooth_l1_are_torchs(size: float) -> None:
    g = torch.Generator().manual_seed(0)
    one, other = (size * torch.randn(50, 4, generator=g, dtype=torch.float64) for _ in range(2))
    known = {
        "l1": torch.nn.functional.l1_loss,
        "l2": torch.nn.functional.mse_loss,
        "smooth_l1": torch.nn.functional.smooth_l1_loss,
    }
    for name, function in known.items():
        expected = function(one, other, reduction="none").mean(-1)
        torch.testing.assert_close(BOX_LOSSES[name](one, other), expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize(("one", "other"), PAIRS)
@pytest.mark.parametrize("name", [name for name in BOX_LOSSES if name != "ciou"])
def test_gradients_are_central_differences(name: str, one: Box, other: Box) -> None:
    found, h = measure(one, other).of(name).gradient, 1e-6
    for k in range(4):
        up, down = list(one), list(one)
        up[k] += h
        down[k] -= h
        slope = (float(BOX_LOSSES[name](row(*up), row(*other))) - float(
            BOX_LOSSES[name](row(*down), row(*other)))) / (2 * h)  # fmt: skip
        assert found[k] == pytest.approx(slope, abs=1e-6)


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_the_weight_of_ciou_is_a_constant_in_its_gradient(one: Box, other: Box) -> None:
    """Equation 12 of Zheng et al. 2020, by hand, added to the gradient of DIoU."""
    w, h, w_true, h_true = one[2] - one[0], one[3] - one[1], other[2] - other[0], other[3] - other[1]
    off = math.atan(w_true / h_true) - math.atan(w / h)
    v = 4 / math.pi**2 * off**2
    alpha = v / (loss("iou", one, other) + v)
    by_w, by_h = (-8 / math.pi**2 * off * slope / (w * w + h * h) for slope in (h, -w))
    own = alpha * np.array([-by_w, -by_h, by_w, by_h])
    found = measure(one, other)
    np.testing.assert_allclose(found.of("ciou").gradient, found.of("diou").gradient + own, atol=1e-7)


def test_where_boxes_do_not_touch_iou_is_flat_and_the_others_pull() -> None:
    found = measure(UNIT, FAR)
    assert not found.touching
    assert (found.of("iou").gradient == 0).all()
    assert found.of("giou").value > 1  # GIoU itself is negative
    for name in ("giou", "diou", "ciou"):
        way = -found.of(name).gradient
        assert np.hypot(*way[2:]) > 0
        assert way[2] > 0  # to the right and down, where the other box is
        assert way[3] > 0
        assert found.of(name).gain == 0


@pytest.mark.parametrize("name", ["l1", "l2", "giou", "ciou"])
def test_the_gain_is_the_slope_of_the_iou_along_the_way_downhill(name: str) -> None:
    one, other = PAIRS[0]
    found = measure(one, other).of(name)
    way = -found.gradient / np.linalg.norm(found.gradient)
    h = 1e-6
    ahead, behind = (float(overlap(row(*(np.array(one) + s * h * way)), row(*other))) for s in (1, -1))
    assert found.gain == pytest.approx((ahead - behind) / (2 * h), abs=1e-8)


def test_no_way_gains_more_iou_than_its_own_gradient() -> None:
    for one, other in PAIRS[:2]:
        readings = measure(one, other).readings
        best = next(reading.gain for reading in readings if reading.name == "iou")
        assert all(reading.gain <= best + 1e-12 for reading in readings)


def test_the_losses_along_a_shift_are_those_of_shifted_boxes() -> None:
    shifts = np.linspace(-5, 5, 11)
    found = boxes.along(NEAR, FAR, shifts)
    for k, name in enumerate(boxes.OVERLAPPING):
        for m, shift in enumerate(shifts):
            at = (NEAR[0] + shift, NEAR[1], NEAR[2] + shift, NEAR[3])
            assert found[k, m] == pytest.approx(loss(name, at, FAR), abs=1e-12)


# ---------------------------------------------------------------- by hand


@given(st.tuples(*[st.floats(-5, 15)] * 4))
def test_four_numbers_are_put_in_order(numbers: tuple[float, ...]) -> None:
    x1, y1, x2, y2 = ordered(numbers)
    assert 0 <= x1 <= x2 - LEAST + 1e-12
    assert 0 <= y1 <= y2 - LEAST + 1e-12
    assert max(x2, y2) <= SIDE + 1e-12
    assert ordered((x1, y1, x2, y2)) == pytest.approx((x1, y1, x2, y2))


@given(box, st.integers(0, MIDDLE), st.floats(-2, 12), st.floats(-2, 12))
def test_a_hand_moves_one_place_and_leaves_a_box(one: Box, point: int, x: float, y: float) -> None:
    found = moved(one, point, x, y)
    assert ordered(found) == pytest.approx(found, abs=1e-9)
    if point == MIDDLE:
        np.testing.assert_allclose(
            np.subtract(found[2:], found[:2]), np.subtract(one[2:], one[:2]), atol=1e-9
        )
    else:
        opposite = places(one)[(point + 2) % 4]
        np.testing.assert_array_equal(places(found)[(point + 2) % 4], opposite)


def test_a_corner_goes_where_the_hand_is() -> None:
    assert moved(UNIT, 0, 1.0, 3.0) == (1.0, 3.0, 4.0, 4.0)
    assert moved(UNIT, 1, 5.0, 1.0) == (2.0, 1.0, 5.0, 4.0)
    assert moved(UNIT, 2, 1.0, 9.0) == (2.0, 2.0, 2.0 + LEAST, 9.0)  # not past the one opposite
    assert moved(UNIT, MIDDLE, 9.9, 5.0) == (8.0, 4.0, 10.0, 6.0)


# ---------------------------------------------------------------- equal error


@pytest.mark.parametrize(("one", "other"), [*PAIRS, ((4.0, 4.0, 6.0, 6.5), (4.0, 3.0, 8.0, 7.0))])
def test_a_family_has_one_error_and_many_overlaps(one: Box, other: Box) -> None:
    found = equal_error.family(one, other)
    assert found is not None
    np.testing.assert_allclose(found.losses["l2"], loss("l2", one, other), rtol=1e-12)
    np.testing.assert_allclose(
        found.losses["l2"], np.square(found.boxes - np.array(other)).mean(1), rtol=1e-12
    )
    assert (found.boxes[:, 2:] > found.boxes[:, :2]).all()
    assert found.iou[-1] > found.iou[0] + 0.05
    assert found.iou[0] - 1e-9 <= 1 - loss("iou", one, other) <= found.iou[-1] + 1e-9


def test_the_ends_of_a_family_are_those_of_closed_forms_at_least() -> None:
    """A square of side s with the error d in every number: shifted, grown or shrunk on all sides."""
    s, d = 4.0, 0.5
    found = equal_error.family((3 + d, 3 + d, 7 + d, 7 + d), (3.0, 3.0, 7.0, 7.0))
    assert found is not None
    shift, grown, shrunk = (
        (s - d) ** 2 / (2 * s * s - (s - d) ** 2),
        s * s / (s + 2 * d) ** 2,
        (1 - 2 * d / s) ** 2,
    )
    assert found.iou.min() <= min(shift, grown, shrunk) + 1e-3
    assert found.iou.max() >= max(shift, grown, shrunk) - 1e-3
    one_side = s / (s + 2 * d)  # all of the error in one number
    assert found.iou.max() == pytest.approx(one_side, abs=2e-3)


def test_no_error_has_no_family() -> None:
    assert equal_error.family(UNIT, UNIT) is None


# ---------------------------------------------------------------- descents


def test_a_descent_takes_the_steps_of_its_own_loss() -> None:
    found = box_descent.descend(NEAR, FAR, "sgd", 0.3, 5)
    for k, name in enumerate(found.names):
        at = np.array(NEAR)
        for step in range(6):
            np.testing.assert_allclose(found.box[step, k], at, atol=1e-12)
            assert found.value[step, k] == pytest.approx(loss(name, tuple(at), FAR))  # type: ignore[arg-type]
            assert found.iou[step, k] == pytest.approx(1 - loss("iou", tuple(at), FAR))  # type: ignore[arg-type]
            at = at - 0.3 * measure(tuple(at), FAR).of(name).gradient  # type: ignore[arg-type]


def test_l2_descends_as_its_closed_form() -> None:
    """The mean over four numbers: the error shrinks by 1 - lr/2 in each step."""
    found = box_descent.descend(NEAR, FAR, "sgd", 0.4, 20)
    own = found.box[:, found.names.index("l2")] - np.array(FAR)
    shrunk = 0.8 ** np.arange(21)[:, None] * (np.array(NEAR) - np.array(FAR))
    np.testing.assert_allclose(own, shrunk, atol=1e-12)


@pytest.mark.parametrize("rule", box_descent.RULES)
def test_without_overlap_iou_stays_and_the_others_arrive(rule: str) -> None:
    assert rule in OPTIMIZERS
    found = box_descent.descend(UNIT, FAR, rule, {"sgd": 1.0, "momentum": 0.1, "adam": 0.2}[rule], 300)
    stuck = found.names.index("iou")
    assert (found.box[:, stuck] == np.array(UNIT)).all()
    assert found.reaches("iou", 0.1) is None
    for name in ("l1", "l2", "smooth_l1"):
        first = found.reaches(name, 0.9)
        assert first is not None
        assert (
            found.iou[first, found.names.index(name)] >= 0.9 > found.iou[first - 1, found.names.index(name)]
        )
    if rule == "adam":
        assert all(found.reaches(name, 0.9) is not None for name in ("giou", "diou", "ciou"))
