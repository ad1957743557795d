"""The slide's identity: it closes for every loss that has it, and the shortcuts leave what theory says."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from mlcore.complexity.decomposition import (
    REFUSED,
    WHOLE,
    BiasVariance,
    DecompositionError,
    decompose,
    losses,
    settle,
)

SIZES = st.integers(1, 7)
EXACT = 1e-12


def draws(loss: str, S: int, L: int, M: int, K: int, seed: int) -> tuple[Tensor, Tensor]:
    g = torch.Generator().manual_seed(seed)
    members = 3 * torch.randn(S, M, K, generator=g, dtype=torch.float64)
    if loss == "squared_error":
        return members, torch.randn(L, M, K, generator=g, dtype=torch.float64)
    labels = torch.nn.functional.one_hot(torch.randint(K, (L, M), generator=g), K).double()
    return torch.softmax(members, -1), labels


def mean_over_pairs(loss: str, members: Tensor, labels: Tensor) -> np.ndarray:
    """Counted by two loops: every member meets every label."""
    total = np.zeros(members.shape[1])
    for h in members.numpy():
        for y in labels.numpy():
            each = -(y * np.log(h)) if loss == "cross_entropy" else (h - y) ** 2
            total += each.sum(-1)
    return total / (len(members) * len(labels))


@given(st.sampled_from(WHOLE), SIZES, SIZES, SIZES, st.integers(2, 5), st.integers(0, 10**6))
@settings(max_examples=200)
def test_the_identity_closes(loss: str, S: int, L: int, M: int, K: int, seed: int) -> None:
    members, labels = draws(loss, S, L, M, K, seed)
    parts = decompose(members, labels, loss)
    np.testing.assert_allclose(parts.error, mean_over_pairs(loss, members, labels), rtol=EXACT, atol=EXACT)
    assert np.abs(parts.residual).max() < EXACT
    again = parts.unbiased_variance + parts.unbiased_noise + parts.unbiased_bias_squared
    np.testing.assert_allclose(again, parts.error, rtol=1e-11, atol=1e-11)  # the same sum
    for name in ("variance", "noise", "bias_squared"):
        assert getattr(parts, name).min() > -EXACT


@pytest.mark.parametrize("loss", WHOLE)
def test_the_parts_are_what_the_slide_says(loss: str) -> None:
    members, labels = draws(loss, 6, 5, 4, 3, 1)
    parts = decompose(members, labels, loss)
    h, y = members.numpy(), labels.numpy()
    label = y.mean(0)
    if loss == "cross_entropy":
        center = np.exp(np.log(h).mean(0))
        center /= center.sum(-1, keepdims=True)
        entropy = -np.where(label > 0, label * np.log(np.where(label > 0, label, 1)), 0).sum(-1)
        expected = (center * np.log(center / h)).sum(-1).mean(0), entropy
    else:
        center = h.mean(0)
        expected = ((h - center) ** 2).sum(-1).mean(0), ((y - label) ** 2).sum(-1).mean(0)
    np.testing.assert_allclose(parts.mean, center, atol=EXACT)
    np.testing.assert_allclose(parts.variance, expected[0], atol=EXACT)
    np.testing.assert_allclose(parts.noise, expected[1], atol=EXACT)


@pytest.mark.parametrize("loss", ["squared_error", "brier"])
def test_the_correction_is_the_known_one(loss: str) -> None:
    """variance / (S - 1) and noise / (L - 1): the unbiased variances of the two means."""
    members, labels = draws(loss, 6, 5, 4, 3, 2)
    parts = decompose(members, labels, loss)
    known = parts.bias_squared - parts.variance / 5 - parts.noise / 4
    np.testing.assert_allclose(parts.unbiased_bias_squared, known, atol=EXACT)
    np.testing.assert_allclose(parts.unbiased_variance, members.var(0).sum(-1).numpy(), atol=EXACT)
    np.testing.assert_allclose(parts.unbiased_noise, labels.var(0).sum(-1).numpy(), atol=EXACT)


@pytest.mark.parametrize("loss", WHOLE)
def test_the_corrected_bias_is_right_on_average_and_the_plain_one_too_large(loss: str) -> None:
    """4 members and 8 labels, 1500 times, against the bias of very many."""
    world, labels = draws(loss, 400, 400, 1, 3, 3)
    truth = float(decompose(world, labels, loss).bias_squared[0])
    g = torch.Generator().manual_seed(0)
    plain, corrected = [], []
    for _ in range(1500):
        parts = decompose(
            world[torch.randint(400, (4,), generator=g)], labels[torch.randint(400, (8,), generator=g)], loss
        )
        plain.append(parts.bias_squared[0])
        corrected.append(parts.unbiased_bias_squared[0])
    error = np.std(corrected) / np.sqrt(1500)
    # Quenouille: a jackknife leaves nothing for squared losses and terms of 1 / S^2 for others
    slack = 4 * error if loss != "cross_entropy" else 0.25 * abs(np.mean(plain) - truth)
    assert abs(np.mean(corrected) - truth) < slack
    assert np.mean(plain) - truth > 8 * error


def test_a_member_that_meets_one_label_leaves_twice_the_covariance() -> None:
    members, labels = draws("squared_error", 50, 50, 3, 1, 4)
    labels = labels + 0.8 * members  # correlated, as where one noise made both
    parts = decompose(members, labels, paired=True)
    h, y = members[..., 0].numpy(), labels[..., 0].numpy()
    covariance = ((h - h.mean(0)) * (y - y.mean(0))).mean(0)
    gap = parts.residual * np.maximum(1, parts.error)
    np.testing.assert_allclose(gap, -2 * covariance, atol=EXACT)
    assert np.abs(gap).min() > 0.1


def test_the_true_function_for_the_mean_label_leaves_a_gap_of_the_size_of_the_bias() -> None:
    """f + noise, labelled 50 times; members that are right on average, so that all bias is of the labels."""
    g = torch.Generator().manual_seed(5)
    truth = torch.zeros(200, 1, dtype=torch.float64)
    labels = torch.randn(50, 200, 1, generator=g, dtype=torch.float64)
    members = truth + 0.001 * torch.randn(50, 200, 1, generator=g, dtype=torch.float64)
    short, whole = decompose(members, labels, truth=truth), decompose(members, labels)
    gap = short.error - short.variance - short.noise - short.bias_squared
    bias = whole.bias_squared.mean()
    assert gap.mean() == pytest.approx(bias, rel=0.05)
    assert bias == pytest.approx(1 / 50, rel=0.3)  # the variance of the mean of 50 labels
    assert np.abs(whole.residual).max() < EXACT


@pytest.mark.parametrize("loss", REFUSED)
def test_losses_without_the_identity_are_refused_with_the_reason(loss: str) -> None:
    with pytest.raises(DecompositionError, match="no such identity"):
        decompose(*draws("brier", 3, 3, 2, 2, 0), loss)


def test_more_variance_can_mean_fewer_wrong_classes() -> None:
    """The reason for the refusal, in numbers: members that are all wrong, and 3 of 4 that are."""
    wrong = torch.tensor([0.0, 1.0], dtype=torch.float64).expand(4, 1, 2)
    mixed = torch.cat([wrong[:3], 1 - wrong[:1]])
    label = torch.tensor([[[1.0, 0.0]]], dtype=torch.float64)

    def errors(members: Tensor) -> float:
        return float((members.argmax(-1) != label.argmax(-1)).double().mean())

    assert decompose(mixed, label, "brier").variance > decompose(wrong, label, "brier").variance
    assert errors(mixed) < errors(wrong)


def test_settling_ends_at_the_whole() -> None:
    members, labels = draws("squared_error", 32, 32, 5, 1, 6)
    settled = settle(members, labels, "squared_error", [2, 8, 32])
    assert settled[-1] == decompose(members, labels).average()
    assert settled[0] == decompose(members[:2], labels[:2]).average()


@pytest.mark.parametrize("loss", WHOLE)
def test_the_error_is_the_mean_of_the_losses(loss: str) -> None:
    members, labels = draws(loss, 3, 4, 2, 3, 7)
    parts: BiasVariance = decompose(members, labels, loss)
    every = losses(loss, members[:, None].expand(-1, 4, -1, -1), labels[None].expand(3, -1, -1, -1))
    np.testing.assert_allclose(parts.error, every.mean((0, 1)).numpy(), atol=EXACT)
