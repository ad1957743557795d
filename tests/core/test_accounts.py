"""Costs and their shares against numpy and scikit-learn; the lecture's three words to rounding."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, mean_squared_error

from mlcore.components.accounts import MEASURES, account, measure
from mlcore.families.losses import cost

NUMBER = st.floats(-10, 10).map(lambda v: round(v, 3))
PAIRS = st.lists(st.tuples(NUMBER, NUMBER), min_size=1, max_size=8)


@settings(max_examples=80)
@given(PAIRS, st.floats(0.1, 5))
def test_costs_are_ordered_and_those_of_scikit_learn(pairs: list[tuple[float, float]], delta: float) -> None:
    p, y = zip(*pairs, strict=True)
    seen = measure(p, y, delta)
    mse, rmse, mae, huber = seen.cost
    assert mse == pytest.approx(mean_squared_error(y, p), abs=1e-12)
    assert mae == pytest.approx(mean_absolute_error(y, p), abs=1e-12)
    assert rmse**2 == pytest.approx(mse, abs=1e-12)
    assert mae - 1e-12 <= rmse <= np.sqrt(len(p)) * mae + 1e-12
    assert huber <= min(mse / 2, delta * mae) + 1e-12, "Huber stays below both of its parents"


@settings(max_examples=60)
@given(PAIRS)
def test_shares_sum_to_one_or_to_nothing(pairs: list[tuple[float, float]]) -> None:
    p, y = zip(*pairs, strict=True)
    seen = measure(p, y, 1.0)
    wrong = np.abs(seen.prediction - seen.target)
    total = seen.share.sum(1)
    np.testing.assert_allclose(total, float(wrong.any()), atol=1e-9)
    if wrong.any():
        np.testing.assert_allclose(seen.share[2], wrong / wrong.sum(), atol=1e-12)
        np.testing.assert_allclose(seen.share[0], wrong**2 / (wrong**2).sum(), atol=1e-12)
        assert seen.share[0].max() >= seen.share[2].max() - 1e-12, "the worst owns more of MSE than of MAE"


@pytest.mark.parametrize("name", MEASURES)
def test_gradients_are_those_of_autograd(name: str) -> None:
    p, y = (2.5, 3.5, -1.0, 9.0), (2.0, 4.0, 3.0, 5.0)
    leaf = torch.tensor(p, dtype=torch.float64)[None, :, None].requires_grad_()
    knobs = {"delta": 1.0} if name == "huber" else {}
    (expected,) = torch.autograd.grad(
        cost(name, leaf, torch.tensor(y, dtype=torch.float64)[:, None], **knobs).sum(), leaf
    )
    found = measure(p, y, 1.0).gradient[MEASURES.index(name)]
    np.testing.assert_allclose(found, expected[0, :, 0], atol=1e-12)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(NUMBER, NUMBER), min_size=2, max_size=8),
    NUMBER, NUMBER, st.floats(0, 2), st.floats(0, 2),
)  # fmt: skip
def test_objective_is_cost_plus_penalties_and_the_slides_differ_by_two_over_n(
    pairs: list[tuple[float, float]], w: float, b: float, l1: float, l2: float
) -> None:
    x, y = (np.array(values) for values in zip(*pairs, strict=True))
    seen = account(tuple(x), tuple(y), w, b, l1, l2)
    residual = w * x + b - y
    scale = 1 + float((residual**2).max()) + float(np.abs(residual * x).sum())
    np.testing.assert_allclose(seen.loss, residual**2, atol=1e-12 * scale)
    assert seen.cost == pytest.approx(np.mean(residual**2), abs=1e-12 * scale)
    assert seen.objective == pytest.approx(
        np.mean(residual**2) + l1 * abs(w) + l2 / 2 * w**2, abs=1e-11 * scale
    )
    assert abs(seen.residual) < 1e-12 * scale
    assert seen.half_sum == pytest.approx((residual * x).sum(), abs=1e-11 * scale)
    assert seen.mean == pytest.approx(2 / len(x) * seen.half_sum, abs=1e-11 * scale)
    assert seen.slope == pytest.approx(seen.mean + l1 * np.sign(w) + l2 * w, abs=1e-11 * scale)
    assert seen.objective >= seen.cost - 1e-12 * scale


def test_a_loss_may_be_larger_than_the_cost() -> None:
    """The slide's "objective >= cost >= loss" is about words, not numbers."""
    seen = account((1, 2, 3, 4), (2, 3, 5, 9), 1.5, 0.5, 0.1, 0.5)
    assert seen.loss.max() > seen.objective > seen.cost > seen.loss.min()
