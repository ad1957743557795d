"""k-means, mixtures and principal directions against scikit-learn from the same start, and their theorems."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import rand_score
from sklearn.mixture import GaussianMixture

from mlcore.tasks import clusters, mixtures
from mlcore.tasks.clusters import STARTS
from mlcore.tasks.flat import MOST, NAMES, flat
from mlcore.tasks.three import CELLS, DISCOUNT, NEIGHBORS, reinforcement, supervised, unsupervised
from mlcore.training.data import DataSpec, load
from mlcore.training.principal import principal

CASES = [(name, k) for name in NAMES for k in (2, 3, 7)]


def points(name: str) -> np.ndarray:
    return flat(DataSpec(name)).x


@pytest.mark.parametrize(("name", "k"), CASES)
@pytest.mark.parametrize("way", STARTS)
def test_k_means_is_scikit_learns_from_the_same_start(name: str, k: int, way: str) -> None:
    x = points(name)
    first = clusters.start(x, k, way, 3)
    found = clusters.moves(x, first)
    other = KMeans(k, init=first, n_init=1, tol=0, max_iter=300, algorithm="lloyd").fit(x)
    assert found.inertia[-1] == pytest.approx(other.inertia_, rel=1e-12)
    np.testing.assert_allclose(found.means[-1], other.cluster_centers_, rtol=1e-12, atol=1e-12)
    assert (found.labels[-1] == other.labels_).all()
    assert len(found.inertia) == 2 * clusters.lloyd(x, first[None]).steps[0] + 1


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 8))
@settings(max_examples=60, deadline=None)
def test_no_half_step_raises_the_inertia_and_it_ends(seed: int, n: int, k: int) -> None:
    """Also with few points, many of them twice, and means that no point is near to."""
    g = np.random.default_rng(seed)
    x = np.round(g.normal(size=(n, 2)), 1)
    first = 3 * g.normal(size=(k, 2))
    found = clusters.moves(x, first)
    assert np.diff(found.inertia[1:]).max(initial=0) <= 1e-12 * max(1.0, found.inertia[1])
    assert len(found.inertia) < 2 * clusters.MOST_STEPS
    nearest = ((x[:, None] - found.means[-1]) ** 2).sum(-1).argmin(1)
    assert (nearest == found.labels[-1]).all()
    for j in range(k):
        if (own := found.labels[-1] == j).any():
            np.testing.assert_allclose(found.means[-1, j], x[own].mean(0), atol=1e-12)


def test_a_mean_that_no_point_is_near_to_gets_the_farthest_one_as_in_scikit_learn() -> None:
    x = points("gaussians")
    first = np.array([[0.0, 0.0], [50.0, 50.0], [60.0, 60.0]])
    with_empty = clusters.moves(x, first)
    assert set(with_empty.labels[1].tolist()) == {0}
    other = KMeans(3, init=first, n_init=1, tol=0, algorithm="lloyd").fit(x)
    assert with_empty.inertia[-1] == pytest.approx(other.inertia_, rel=1e-12)
    assert set(with_empty.labels[-1].tolist()) == {0, 1, 2}


@pytest.mark.parametrize("way", STARTS)
def test_a_start_does_not_depend_on_who_goes_beside_it(way: str) -> None:
    x = points("moons")
    many = clusters.restarts(x, 5, way, 0, 30)
    few = clusters.restarts(x, 5, way, 7, 3)
    for name in ("means", "labels", "inertia", "steps"):
        assert (getattr(many.batch, name)[7:10] == getattr(few.batch, name)).all()
    one = clusters.moves(x, clusters.start(x, 5, way, 8))
    assert many.batch.inertia[8] == pytest.approx(one.inertia[-1], rel=1e-12)


@pytest.mark.parametrize("way", STARTS)
def test_a_start_is_of_different_points_of_the_data(way: str) -> None:
    x = points("spirals")
    for seed in range(20):
        first = clusters.start(x, 6, way, seed)
        assert len({tuple(row) for row in first.tolist()}) == 6
        assert all((x == row).all(1).any() for row in first)


def test_k_means_plus_plus_draws_by_squared_distance() -> None:
    """On points at 0, 1 and 3, the second mean after the first at 0 is at 3 with probability 9 / 10."""
    x = np.array([[0.0, 0.0], [1.0, 0.0], [3.0, 0.0]])
    drawn = [clusters.start(x, 2, "plus", seed)[:, 0] for seed in range(6000)]
    after_zero = np.array([second for first, second in drawn if first == 0])
    assert len(after_zero) == pytest.approx(2000, abs=150)
    assert (after_zero == 3).mean() == pytest.approx(0.9, abs=0.025)


def test_minima_and_how_often_the_least_is_reached_are_counted() -> None:
    batch = clusters.Batch(*[np.zeros(0)] * 2, np.array([2.0, 1.0, 1.0 + 1e-14, 3.0]), np.zeros(4, int))
    found = clusters.Restarts("points", batch)
    assert found.minima == 3
    assert found.reached(1.0) == 2


def test_agreement_is_one_for_other_names_and_about_zero_by_chance() -> None:
    truth = np.repeat([0, 1, 2], 40)
    assert clusters.agreement((truth + 1) % 3, truth) == 1
    g = np.random.default_rng(0)
    by_chance = [clusters.agreement(g.permutation(truth), truth) for _ in range(200)]
    assert np.mean(by_chance) == pytest.approx(0, abs=0.01)
    assert rand_score(truth, g.permutation(truth)) > 0.5  # unadjusted, chance looks good


# ---------------------------------------------------------------- mixtures


@pytest.mark.parametrize(("name", "k"), CASES)
def test_the_mixture_is_scikit_learns_after_as_many_steps(name: str, k: int) -> None:
    x = points(name)
    found = mixtures.fit(x, clusters.start(x, k, "points", 1))
    steps = len(found.likelihood) - 1
    other = GaussianMixture(
        k, weights_init=found.weight[0], means_init=found.mean[0], max_iter=steps, tol=0,
        precisions_init=np.linalg.inv(found.covariance[0]), init_params="random",
    )  # fmt: skip
    with pytest.warns(match="did not converge"):
        other.fit(x)
    np.testing.assert_allclose(found.mean[-1], other.means_, atol=1e-8)
    np.testing.assert_allclose(found.covariance[-1], other.covariances_, atol=1e-8)
    np.testing.assert_allclose(found.weight[-1], other.weights_, atol=1e-8)
    assert found.likelihood[-1] == pytest.approx(other.score(x), abs=1e-9)
    np.testing.assert_allclose(found.shares(x), other.predict_proba(x), atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("k", [1, 2, 3])
def test_without_the_floor_no_step_lowers_the_likelihood(name: str, k: int) -> None:
    """Of more Gaussians one may shrink to a point."""
    x = points(name)
    found = mixtures.fit(x, clusters.start(x, k, "plus", 0), floor=0.0, still=1e-4)
    assert np.diff(found.likelihood).min() > -1e-12
    np.testing.assert_allclose(found.weight.sum(1), 1, rtol=1e-12)


@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.integers(1, 8))
@settings(max_examples=60, deadline=None)
def test_the_floor_keeps_a_gaussian_from_shrinking_to_a_point(seed: int, n: int, k: int) -> None:
    """Also where points are fewer than Gaussians, or all in one place."""
    g = np.random.default_rng(seed)
    x = np.round(g.normal(size=(n, 2)), 1)
    found = mixtures.fit(x, x[g.integers(n, size=min(k, n))])
    assert np.isfinite(found.likelihood).all()
    assert np.linalg.eigvalsh(found.covariance).min() > 0.9 * mixtures.FLOOR
    np.testing.assert_allclose(found.weight.sum(1), 1, rtol=1e-12)


def test_one_gaussian_is_the_mean_and_the_covariance_after_a_step() -> None:
    x = points("xor")
    found = mixtures.fit(x, x[:1], floor=0.0)
    np.testing.assert_allclose(found.mean[1, 0], x.mean(0), atol=1e-12)
    np.testing.assert_allclose(found.covariance[1, 0], np.cov(x.T, bias=True), atol=1e-12)


def test_an_ellipse_is_two_standard_deviations_away() -> None:
    covariance = np.array([[2.0, 0.7], [0.7, 1.0]])
    around = mixtures.ellipse(np.array([1.0, -1.0]), covariance) - [1.0, -1.0]
    size = np.einsum("ni,ij,nj->n", around, np.linalg.inv(covariance), around)
    np.testing.assert_allclose(size, 4, rtol=1e-12)


# ---------------------------------------------------------------- points and directions


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "digits", "moons"])
def test_principal_directions_are_scikit_learns(name: str) -> None:
    x = load(DataSpec(name)).x.numpy()
    along, variance = principal(x)
    other = PCA(svd_solver="full").fit(x)
    np.testing.assert_allclose(variance[:2] * len(x) / (len(x) - 1), other.explained_variance_[:2], rtol=1e-9)
    np.testing.assert_allclose(np.abs((along.T[:2] * other.components_[:2]).sum(1)), 1, rtol=1e-9)
    found = flat(DataSpec(name))
    if x.shape[1] > 2:
        assert found.explained == pytest.approx(other.explained_variance_ratio_[:2].sum(), rel=1e-9)
        np.testing.assert_allclose(np.abs(found.x), np.abs(other.transform(x)[:MOST, :2]), atol=1e-9)
    else:
        assert found.explained == 1
        assert (found.x == x[:MOST]).all()


def test_what_is_lost_along_the_first_direction_is_the_second_variance() -> None:
    x = points("moons")
    along, variance = principal(x)
    centered = x - x.mean(0)
    kept = centered @ along[:, :1] @ along[:, :1].T
    assert ((centered - kept) ** 2).sum(1).mean() == pytest.approx(variance[1], rel=1e-12)


def test_more_points_than_can_be_drawn_are_left_out_and_counted() -> None:
    found = flat(DataSpec("moons", examples=1000))
    assert len(found.x) == len(found.y) == MOST
    assert found.left_out == 700 - MOST


# ---------------------------------------------------------------- three ways


@pytest.mark.parametrize("name", NAMES)
def test_the_vote_is_that_of_the_nearest_points(name: str) -> None:
    found = flat(DataSpec(name))
    voted = supervised(found)
    k = min(NEIGHBORS, len(found.x))
    off = ((found.x_test[:, None] - found.x) ** 2).sum(-1)
    nearest = found.y[np.argsort(off, axis=1, kind="stable")[:, :k]]
    answer = np.array([np.bincount(row, minlength=found.classes).argmax() for row in nearest])
    assert voted.of == len(found.y_test)
    assert voted.wrong == pytest.approx((answer != found.y_test).sum(), abs=1)  # equal distances may part
    assert set(np.unique(voted.classes)) <= set(range(found.classes))


@pytest.mark.parametrize("name", NAMES)
def test_groups_and_rewards_of_the_same_points(name: str) -> None:
    found = flat(DataSpec(name))
    grouped, earned = unsupervised(found), reinforcement(found)
    assert grouped.inertia == pytest.approx(((found.x - grouped.means[grouped.labels]) ** 2).sum())
    assert -1 <= earned.reward.min() <= earned.reward.max() <= 1
    place = [
        np.clip(np.searchsorted(edges, found.x[:, d], "right") - 1, 0, CELLS - 1)
        for d, edges in enumerate(earned.edges)
    ]
    worth = (found.y == found.classes - 1).astype(float) - (found.y == 0)
    for row, column in {(int(b), int(a)) for a, b in zip(*place, strict=True)}:
        own = (place[1] == row) & (place[0] == column)
        assert earned.reward[row, column] == pytest.approx(worth[own].mean())
    assert earned.even <= earned.best <= 1 / (1 - DISCOUNT) + 1e-9


def test_labels_that_are_shuffled_leave_the_groups_as_they_are() -> None:
    """They were never given."""
    found = flat(DataSpec("gaussians"))
    shuffled = replace(found, y=np.random.default_rng(0).permutation(found.y))
    assert (unsupervised(found).labels == unsupervised(shuffled).labels).all()
    assert unsupervised(found).agreement > 0.9
    assert abs(unsupervised(shuffled).agreement) < 0.1
