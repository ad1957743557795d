"""Losses of views against torch, autograd and theorems; the simplex, alignment, uniformity, temperature."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from torch import Tensor
from torch.nn.functional import cosine_embedding_loss, cosine_similarity, cross_entropy, normalize

from mlcore.components import similarity
from mlcore.embeddings.hardness import GRID, hardest, push
from mlcore.embeddings.pair_losses import (
    PAIR_LOSSES,
    Goal,
    alignment,
    among,
    cost,
    gradient,
    least,
    polygon,
    slope,
    uniform,
    uniformity,
)
from mlcore.embeddings.pairs import (
    DRAWN,
    completed,
    descend,
    on_circle,
    on_sphere,
    place,
    random_cosines,
)

GOALS = [
    Goal(loss, tau, margin, negatives)
    for loss in PAIR_LOSSES
    for tau, margin in ((0.1, -0.3), (0.5, 0.0), (2.0, 0.4))
    for negatives in (True, False)
]


def drawn(rows: int, views: int, d: int, seed: int = 0) -> Tensor:
    g = torch.Generator().manual_seed(seed)
    return torch.randn(rows, views, d, generator=g, dtype=torch.float64)


def simplex(examples: int, d: int) -> Tensor:
    """`examples` unit vectors in d >= examples - 1 dimensions, all cosines -1 / (examples - 1), twice."""
    corners = torch.eye(examples, dtype=torch.float64) - 1 / examples
    flat = torch.linalg.svd(corners)[0][:, : examples - 1] * math.sqrt(examples / (examples - 1))
    return torch.nn.functional.pad(flat, (0, d - examples + 1)).repeat(2, 1)


# ---------------------------------------------------------------- values and gradients


@pytest.mark.parametrize("tau", [0.05, 0.3, 1.0, 4.0])
@pytest.mark.parametrize(("views", "d"), [(4, 2), (10, 3), (16, 32)])
def test_nt_xent_is_torchs_cross_entropy_of_the_similarities(tau: float, views: int, d: int) -> None:
    z = drawn(3, views, d)
    found = cost(z, Goal(tau=tau))
    for row, own in zip(z, found, strict=True):
        s = cosine_similarity(row[:, None], row[None], dim=-1) / tau
        s[range(views), range(views)] = -math.inf
        target = torch.tensor([(i + views // 2) % views for i in range(views)])
        torch.testing.assert_close(own, cross_entropy(s, target))
        torch.testing.assert_close(own, similarity.nt_xent(row, tau))  # that of the room of the losses


def test_nt_xent_by_its_definition_in_plain_python() -> None:
    z, tau = drawn(1, 6, 3)[0].tolist(), 0.4

    def cos(a: list[float], b: list[float]) -> float:
        return sum(p * q for p, q in zip(a, b, strict=True)) / math.hypot(*a) / math.hypot(*b)

    terms = []
    for i in range(6):
        below = sum(math.exp(cos(z[i], z[j]) / tau) for j in range(6) if j != i)
        terms.append(-math.log(math.exp(cos(z[i], z[(i + 3) % 6]) / tau) / below))
    assert float(cost(torch.tensor([z], dtype=torch.float64), Goal(tau=tau))) == pytest.approx(sum(terms) / 6)


@pytest.mark.parametrize("margin", [-0.5, 0.0, 0.3, 1.0])
@pytest.mark.parametrize("views", [4, 10])
def test_the_cosine_embedding_loss_is_torchs_over_both_kinds_of_pairs(margin: float, views: int) -> None:
    z, half = drawn(1, views, 3)[0], views // 2
    together = [(i, (i + half) % views) for i in range(half)]
    apart = [(i, j) for i in range(views) for j in range(i) if abs(i - j) != half]

    def torchs(pairs: list[tuple[int, int]], y: int) -> Tensor:
        first, second = (z[list(side)] for side in zip(*pairs, strict=True))
        return cosine_embedding_loss(first, second, torch.tensor([y]), margin=margin)

    goal = Goal("cosine_embedding", margin=margin)
    torch.testing.assert_close(cost(z[None], goal)[0], torchs(together, 1) + torchs(apart, -1))
    alone = goal._replace(negatives=False)
    torch.testing.assert_close(cost(z[None], alone)[0], torchs(together, 1))


@pytest.mark.parametrize("goal", GOALS, ids=str)
@pytest.mark.parametrize(("views", "d"), [(2, 2), (6, 2), (12, 5)])
def test_gradients_are_those_of_autograd(goal: Goal, views: int, d: int) -> None:
    z = drawn(3, views, d, seed=views).requires_grad_()
    (expected,) = torch.autograd.grad(cost(z, goal).sum(), z)
    torch.testing.assert_close(gradient(z.detach(), goal), expected, rtol=1e-9, atol=1e-12)
    s = drawn(1, views, views)[0].requires_grad_()
    (of_s,) = torch.autograd.grad(PAIR_LOSSES[goal.loss](s, among(s), goal).mean(), s)
    torch.testing.assert_close(slope(s.detach(), among(s), goal), of_s, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("goal", GOALS, ids=str)
def test_lengths_change_nothing_and_gradients_are_tangent(goal: Goal) -> None:
    z = drawn(2, 8, 3)
    scaled = z * torch.linspace(0.1, 5, 8, dtype=torch.float64)[:, None]
    torch.testing.assert_close(cost(scaled, goal), cost(z, goal))
    assert float((gradient(z, goal) * z).sum(-1).abs().max()) < 1e-12


@pytest.mark.parametrize("tau", [0.05, 0.5, 5.0])
@pytest.mark.parametrize("examples", [2, 5, 64])
def test_identical_codes_cost_the_logarithm_of_what_they_are_compared_with(tau: float, examples: int) -> None:
    z = torch.ones(1, 2 * examples, 3, dtype=torch.float64)
    assert float(cost(z, Goal(tau=tau))) == pytest.approx(math.log(2 * examples - 1), abs=1e-12)
    assert float(gradient(z, Goal(tau=tau)).abs().max()) < 1e-12  # and there is no way down: a saddle


# ---------------------------------------------------------------- the bound


@pytest.mark.parametrize(
    ("examples", "tau", "known"), [(4, 0.5, 0.348472), (8, 0.2, 0.045145), (3, 1.0, 0.637910)]
)
def test_known_values_of_the_bound(examples: int, tau: float, known: float) -> None:
    assert least(examples, Goal(tau=tau)) == pytest.approx(known, abs=5e-7)


@pytest.mark.parametrize("goal", GOALS, ids=str)
@pytest.mark.parametrize(("examples", "d"), [(2, 1), (3, 2), (4, 3), (4, 7), (8, 7)])
def test_a_simplex_reaches_the_bound(goal: Goal, examples: int, d: int) -> None:
    z = simplex(examples, d)
    inside = torch.nn.functional.pad(z, (0, 1)) if d == 1 else z
    assert float(cost(inside[None], goal)) == pytest.approx(least(examples, goal), abs=1e-12)


@pytest.mark.parametrize("goal", GOALS, ids=str)
@pytest.mark.parametrize("examples", [2, 3, 5])
def test_no_places_cost_less(goal: Goal, examples: int) -> None:
    """Drawn ones, and those that descents from them end at, in several dimensions."""
    for d in (2, 3, 6):
        for seed in range(4):
            u = normalize(drawn(1, 2 * examples, d, seed)[0], dim=1).numpy()
            way = descend(u, goal, 0.05 * min(1.0, goal.tau), 60)
            assert way.loss.min() >= least(examples, goal) - 1e-12


@pytest.mark.parametrize(("examples", "space"), [(2, "circle"), (3, "circle"), (4, "sphere")])
def test_descents_reach_the_bound_where_a_simplex_fits(examples: int, space: str) -> None:
    turns = completed((), 2 * examples)
    u = on_circle(turns) if space == "circle" else on_sphere(turns, completed((), 2 * examples, tilt=True))
    goal = Goal(tau=0.5)
    way = descend(u, goal, 0.1, 600)
    assert way.loss[-1] == pytest.approx(least(examples, goal), abs=1e-6)
    assert place(u, goal).fits
    last = place(way.u[-1], goal)
    others = ~np.eye(examples, dtype=bool)
    np.testing.assert_allclose(last.cos[:examples, :examples][others], -1 / (examples - 1), atol=2e-3)
    np.testing.assert_allclose(np.diag(last.cos[:examples, examples:]), 1, atol=1e-5)


def test_too_many_examples_on_a_circle_stay_above_the_bound() -> None:
    goal = Goal(tau=0.5)
    u = on_circle([360 * (k % 5) / 5 for k in range(10)])
    found = place(u, goal)
    assert not found.fits
    assert found.loss == pytest.approx(polygon(5, goal), abs=1e-12)
    closed = math.log1p(2 * sum(math.exp((math.cos(2 * math.pi * k / 5) - 1) / 0.5) for k in range(1, 5)))
    assert found.loss == pytest.approx(closed, abs=1e-12)
    assert found.loss > found.least + 0.1
    np.testing.assert_allclose(found.push, 0, atol=1e-12)  # a regular polygon is at rest
    assert polygon(3, goal) == pytest.approx(least(3, goal), abs=1e-12)


@pytest.mark.parametrize("goal", GOALS, ids=str)
def test_a_small_step_downhill_costs_less_by_the_gradient(goal: Goal) -> None:
    u = on_circle((15.0, 100.0, 215.0, 62.0, 170.0, 250.0))
    found, h = place(u, goal), 1e-6
    way = descend(u, goal, h, 1)
    rate = float((way.loss[0] - way.loss[1]) / (6 * h))
    assert rate == pytest.approx(float(np.square(found.push).sum()), rel=1e-3, abs=1e-6)


def test_without_negatives_all_may_be_one() -> None:
    for loss in PAIR_LOSSES:
        goal = Goal(loss, tau=0.5, negatives=False)
        z = torch.ones(1, 6, 2, dtype=torch.float64)
        assert float(cost(z, goal)) == pytest.approx(least(3, goal))


def test_the_nearest_negative_is_neither_the_view_nor_its_partner() -> None:
    found = place(on_circle((0.0, 20.0, 180.0, 2.0, 90.0, 200.0)), Goal())
    assert found.hardest(0) == 1
    assert found.hardest(2) == 4
    assert completed((1.0, 2.0), 1) == (1.0,)
    assert len(set(completed((), 12))) == 12


# ---------------------------------------------------------------- alignment and uniformity


def test_alignment_and_uniformity_by_loops() -> None:
    u = normalize(drawn(2, 7, 3), dim=-1)
    v = normalize(drawn(2, 7, 3, 1), dim=-1)
    for row in range(2):
        near = np.mean([float((u[row, i] - v[row, i]) @ (u[row, i] - v[row, i])) for i in range(7)])
        pairs = [math.exp(-2 * float((u[row, i] - u[row, j]).square().sum()))
                 for i in range(7) for j in range(i)]  # fmt: skip
        assert float(alignment(u, v)[row]) == pytest.approx(near)
        assert float(uniformity(u)[row]) == pytest.approx(math.log(np.mean(pairs)))
    one = torch.ones(1, 5, 2, dtype=torch.float64) / math.sqrt(2)
    assert float(uniformity(one)) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("d", [2, 3, 8, 32])
def test_the_uniformity_of_the_uniform_distribution(d: int) -> None:
    """By the integral over the density of a cosine, (1 - c^2)^((d - 3) / 2), and by drawing."""

    def weight(angle: float) -> float:
        return math.sin(angle) ** (d - 2)

    above = quad(lambda a: weight(a) * math.exp(4 * math.cos(a) - 4), 0, math.pi)[0]
    expected = math.log(above / quad(weight, 0, math.pi)[0])
    assert uniform(d) == pytest.approx(expected, abs=1e-9)
    u = normalize(drawn(1, 3000, d), dim=-1)
    assert float(uniformity(u)) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("d", [2, 3, 10, 128])
def test_random_cosines_have_variance_one_over_d(d: int) -> None:
    found = random_cosines(d)
    assert found.variance == pytest.approx(1 / d, rel=5 * math.sqrt(2 / DRAWN) + 0.01)
    wide = found.at[1] - found.at[0]
    assert float(found.exact.sum() * wide) == pytest.approx(1)
    assert float(found.density.sum() * wide) == pytest.approx(1)
    deviation = np.sqrt(np.maximum(found.exact, 1e-3) / (DRAWN * wide))
    assert float((np.abs(found.density - found.exact) / deviation).max()) < 5


# ---------------------------------------------------------------- temperature


@pytest.mark.parametrize("tau", [0.03, 0.2, 1.0, 5.0])
def test_shares_of_the_push_are_those_of_autograd(tau: float) -> None:
    found = push(-20.0, (35.0, 75.0, 110.0, 180.0, -60.0), tau)
    np.testing.assert_allclose(found.shares, found.measured, rtol=1e-9, atol=1e-15)
    assert found.shares.sum() == pytest.approx(1)
    assert found.effective == pytest.approx(1 / np.square(found.measured).sum())


def test_the_cooler_the_more_the_nearest_is_pushed() -> None:
    found = push(-20.0, (35.0, 75.0, 110.0, 180.0, -60.0), 0.2)
    nearest = int(found.cos.argmax())
    assert (np.diff(found.over[:, nearest]) < 0).all()
    assert (np.diff(found.effective_over) > 0).all()
    assert found.over[0, nearest] > 0.999
    np.testing.assert_allclose(push(0.0, (10.0, 80.0, 170.0), 1e6).shares, 1 / 3, atol=1e-5)
    assert len(found.over) == len(GRID)


@pytest.mark.parametrize(
    "goal", [Goal(tau=0.1), Goal(tau=1.0), Goal("cosine_embedding", margin=-0.2)], ids=str
)
def test_the_hardest_tenth_by_sorting(goal: Goal) -> None:
    u = normalize(drawn(1, 24, 4)[0], dim=1)
    s = (u @ u.T).requires_grad_()
    (found,) = torch.autograd.grad(PAIR_LOSSES[goal.loss](s, among(s), goal).mean(), s)
    shares = []
    for i in range(24):
        others = sorted((j for j in range(24) if j % 12 != i % 12), key=lambda j: -s[i, j].item())
        sizes = [float(found[i, j]) for j in others]
        shares.append(sum(sizes[:2]) / sum(sizes))
    assert hardest(u.numpy(), goal) == pytest.approx(np.mean(shares))


def test_where_nothing_pushes_there_is_no_hardest() -> None:
    u = normalize(drawn(1, 8, 3)[0], dim=1).numpy()
    assert math.isnan(hardest(u, Goal("cosine_embedding", margin=1.0)))
