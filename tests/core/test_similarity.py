"""Cosines and their losses against torch.nn.functional, and what SimCLR's own loss must be."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.components.similarity import cosine, likeness, nt_xent, unit

TIP = st.tuples(st.floats(-2, 2), st.floats(-2, 2)).filter(lambda v: math.hypot(*v) > 0.01)


@settings(max_examples=100)
@given(TIP, TIP, st.floats(-1, 1))
def test_a_pair_is_what_torch_says(a: tuple[float, float], b: tuple[float, float], margin: float) -> None:
    seen = likeness(a, b, margin)
    one, two = (torch.tensor([v], dtype=torch.float64) for v in (a, b))
    assert seen.cos == pytest.approx(float(F.cosine_similarity(one, two)), abs=1e-6)  # torch adds an epsilon
    for i, y in enumerate((1.0, -1.0)):
        expected = F.cosine_embedding_loss(one, two, torch.tensor([y]), margin=margin)
        assert seen.loss[i] == pytest.approx(float(expected), abs=1e-6)
        place = np.interp(seen.angle, seen.degrees, seen.curve[i])
        assert place == pytest.approx(seen.loss[i], abs=1e-2), "the mark lies on its curve"
    turned = abs(math.degrees(math.atan2(a[1], a[0]) - math.atan2(b[1], b[0]))) % 360
    assert seen.angle == pytest.approx(min(turned, 360 - turned), abs=1e-4)
    assert abs(seen.residual) < 1e-12, "|a - b|^2 = 2 (1 - cos) for unit vectors"


def test_length_does_not_count_and_none_is_no_direction() -> None:
    assert likeness((1, 2), (2, 0.5), 0).cos == pytest.approx(likeness((0.1, 0.2), (20, 5), 0).cos, abs=1e-12)
    assert likeness((0, 0), (1, 0), 0).cos == 0


@pytest.mark.parametrize("d", [2, 10, 100])
def test_random_cosines_have_variance_one_over_d(d: int) -> None:
    draw = torch.Generator().manual_seed(0)
    a, b = (torch.randn(20_000, d, generator=draw, dtype=torch.float64) for _ in range(2))
    found = cosine(a, b).numpy()
    assert found.var() == pytest.approx(1 / d, rel=0.05)  # its standard error is 1 %
    assert abs(found.mean()) < 4 / math.sqrt(20_000 * d)


@pytest.mark.parametrize("pairs", [1, 2, 4, 9])
@pytest.mark.parametrize("temperature", [0.05, 0.5, 2.0])
def test_identical_views_cost_the_logarithm_of_their_number(pairs: int, temperature: float) -> None:
    same = torch.ones(2 * pairs, 3, dtype=torch.float64)
    assert float(nt_xent(same, temperature)) == pytest.approx(math.log(2 * pairs - 1), abs=1e-12)


def test_nt_xent_is_the_papers_sum() -> None:
    z = torch.randn(6, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    u, total = unit(z), 0.0
    for i in range(6):  # equation 1 of Chen et al. 2020, written out
        others = [math.exp(float(u[i] @ u[k]) / 0.5) for k in range(6) if k != i]
        total -= math.log(math.exp(float(u[i] @ u[(i + 3) % 6]) / 0.5) / sum(others))
    assert float(nt_xent(z, 0.5)) == pytest.approx(total / 6, abs=1e-12)
