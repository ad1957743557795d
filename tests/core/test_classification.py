"""Softmax, cross-entropy and the slow neuron against torch, closed forms and the lecture's numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.components.classification import (
    answer,
    entropies,
    neuron,
    neuron_gradient,
    neuron_loss,
    smoothed,
)
from mlcore.families.losses import binary_cross_entropy

LOGITS = st.lists(st.floats(-6, 6), min_size=2, max_size=6)
SETTINGS = st.tuples(st.floats(0.1, 10), st.floats(0, 0.9))


@settings(max_examples=80)
@given(LOGITS, SETTINGS, st.data())
def test_loss_and_gradient_are_those_of_torch(
    logits: list[float], chosen: tuple[float, float], data: st.DataObject
) -> None:
    temperature, smoothing = chosen
    true = data.draw(st.integers(0, len(logits) - 1))
    leaf = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
    expected = F.cross_entropy(leaf / temperature, torch.tensor(true), label_smoothing=smoothing)
    (gradient,) = torch.autograd.grad(expected, leaf)
    seen = answer(tuple(logits), true, temperature, smoothing)
    assert seen.loss == pytest.approx(expected.item(), abs=1e-10)
    np.testing.assert_allclose(seen.gradient, gradient, atol=1e-12 / temperature)
    assert seen.softmax.sum() == pytest.approx(1, abs=1e-12)
    assert abs(seen.gradient.sum()) < 1e-12 / temperature
    assert seen.shifted == pytest.approx(seen.loss, abs=1e-9 / temperature), "only differences count"
    assert seen.loss >= seen.entropy - 1e-12, "nothing goes below the entropy of the target"
    np.testing.assert_allclose(seen.sigmoid, 1 / (1 + np.exp(-np.array(logits))), atol=1e-12)


@pytest.mark.parametrize("classes", [2, 3, 6, 10])
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_knowing_nothing_costs_the_logarithm_of_the_classes(classes: int, smoothing: float) -> None:
    assert answer((0.7,) * classes, 1, 2.0, smoothing).loss == pytest.approx(math.log(classes), abs=1e-12)
    assert math.log(10) == pytest.approx(2.302585, abs=1e-6)


def test_a_low_temperature_decides_and_a_high_one_shrugs() -> None:
    cold, hot = answer((2, 1, -1), 0, 0.1).softmax, answer((2, 1, -1), 0, 1e3).softmax
    assert cold[0] > 0.9999
    np.testing.assert_allclose(hot, 1 / 3, atol=1e-3)


def test_a_smoothed_target_is_answered_best_by_itself() -> None:
    q = smoothed(4, 2, 0.2)
    torch.testing.assert_close(q, torch.tensor([0.05, 0.05, 0.85, 0.05], dtype=torch.float64))
    seen = answer(tuple(torch.log(q).tolist()), 2, 1.0, 0.2)
    assert np.abs(seen.gradient).max() < 1e-12
    assert seen.loss == pytest.approx(seen.entropy, abs=1e-12)


def test_sigmoids_are_separate_questions() -> None:
    before, after = answer((2, 1, -1), 0), answer((5, 1, -1), 0)
    np.testing.assert_array_equal(before.sigmoid[1:], after.sigmoid[1:])
    assert (after.softmax[1:] < before.softmax[1:]).all()
    assert before.sigmoid.sum() > 1.8


@pytest.mark.parametrize("label", [0, 1])
def test_binary_cross_entropy_is_categorical_over_zero_and_z(label: int) -> None:
    z = np.linspace(-40, 40, 161)
    both = entropies(z, label)
    assert both.apart < 1e-12
    target = torch.full((161,), float(label), dtype=torch.float64)
    expected = F.binary_cross_entropy_with_logits(torch.from_numpy(z), target, reduction="none")
    np.testing.assert_allclose(both.binary, expected, atol=1e-12)
    np.testing.assert_allclose(both.gradient[0], 1 / (1 + np.exp(-z)) - label, atol=1e-12)


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_autograd_finds_the_slope_of_binary_cross_entropy_in_its_middle(label: float) -> None:
    z = torch.tensor([-1e-9, 0.0, 1e-9], dtype=torch.float64, requires_grad=True)
    losses = binary_cross_entropy(z[:, None], torch.full((3, 1), label, dtype=torch.float64))
    (slope,) = torch.autograd.grad(losses.sum(), z)
    np.testing.assert_allclose(slope, 0.5 - label, atol=1e-8)


def test_the_gradients_of_the_neuron_are_those_of_autograd() -> None:
    z = torch.linspace(-12, 12, 49, dtype=torch.float64)
    for value in z:
        theta = torch.full((2, 1), float(value), dtype=torch.float64, requires_grad=True)
        (slope,) = torch.autograd.grad(neuron_loss(theta).sum(), theta)
        torch.testing.assert_close(neuron_gradient(value), slope[:, 0], rtol=1e-9, atol=1e-14)


def test_the_numbers_of_a_neuron_that_is_sure_and_wrong() -> None:
    squared, crossed = neuron_gradient(torch.tensor(-10.0, dtype=torch.float64)).tolist()
    assert squared == pytest.approx(-9.08e-5, abs=1e-7)
    assert crossed == pytest.approx(-0.99995, abs=1e-5)


@pytest.mark.parametrize("start", [-6.0, -2.0, 3.0])
def test_the_neuron_descends_as_its_formula_says(start: float) -> None:
    seen = neuron(start, 0.5, 50)
    z = np.full(2, start)
    for step in range(51):
        np.testing.assert_allclose(seen.descent.theta[step, :, 0], z, atol=1e-9)
        p = 1 / (1 + np.exp(-z))
        np.testing.assert_allclose(seen.probability[step], p, atol=1e-9)
        z = z - 0.5 * np.array([2 * (p[0] - 1) * p[0] * (1 - p[0]), p[1] - 1])
    assert seen.probability[-1, 1] > seen.probability[-1, 0], "cross-entropy is ahead from any start"
