"""Planes through parameter space hold what they promise, on networks of all shapes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from torch import Generator, Tensor

from mlcore.families.losses import cost
from mlcore.families.networks import Network
from mlcore.landscapes import planes
from mlcore.landscapes.planes import RANDOM, Plane

SIZES = [(1, 1), (2, 3), (2, 5, 1), (3, 4, 6, 2)]
seeds = st.integers(0, 9999)


def weights(network: Network, seed: int = 0) -> Tensor:
    return torch.randn(network.size, generator=Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("kind", RANDOM)
def test_random_directions_are_as_long_as_promised(kind: str, sizes: tuple[int, ...]) -> None:
    network = Network(sizes, "relu")
    theta = weights(network)
    for direction in planes.draw(network, kind, theta.numpy(), seed=3):
        if kind == "raw":
            assert np.linalg.norm(direction) == pytest.approx(1)
            continue
        drawn, trained = (network.blocks(torch.as_tensor(row)[None]) for row in (direction, theta))
        for d, w in zip(drawn, trained, strict=True):
            axis = 1 if kind == "filter" else (1, 2)  # a filter is a column: what one unit reads
            torch.testing.assert_close(d[:, :-1].norm(dim=axis), w[:, :-1].norm(dim=axis))
            assert (d[:, -1] == 0).all()


@given(seed=seeds, other=seeds, kind=st.sampled_from(RANDOM))
def test_directions_are_those_of_their_seed(seed: int, other: int, kind: str) -> None:
    network = Network((2, 4, 2), "tanh")
    theta = weights(network).numpy()
    again, first, second = (planes.draw(network, kind, theta, s) for s in (seed, seed, other))
    assert all((a == b).all() for a, b in zip(again, first, strict=True))
    assert (seed == other) == bool((first[0] == second[0]).all())


# ---------------------------------------------------------------- rescaled layers


def slice_of(kind: str, network: Network, theta: Tensor, seed: int) -> Tensor:
    """Costs on 5 x 5 points of a plane of unit coordinates."""
    plane = planes.random(network, kind, theta.numpy(), seed)
    line = np.linspace(-1, 1, 5)
    ab = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    g = Generator().manual_seed(seed)
    x = torch.randn(40, network.sizes[0], generator=g, dtype=torch.float64)
    y = torch.nn.functional.one_hot(torch.arange(40) % network.sizes[-1]).double()
    return cost("cross_entropy", network.predict(torch.from_numpy(plane.rows(ab)), x), y)


def rescaled(network: Network, theta: Tensor, factor: Tensor) -> Tensor:
    """The same function: what the units of layer 1 read times `factor`, what reads them divided by it."""
    first, second, *rest = (block[0].clone() for block in network.blocks(theta[None]))
    first, second[:-1] = first * factor, second[:-1] / factor[:, None]
    return torch.cat([block.flatten() for block in (first, second, *rest)])


@settings(max_examples=30)
@given(seed=seeds, k=st.floats(0.1, 10).filter(lambda k: abs(k - 1) > 0.1))
def test_normalized_slices_do_not_see_rescaled_layers_and_raw_ones_do(seed: int, k: float) -> None:
    network = Network((2, 6, 3), "relu")
    theta = weights(network, seed)
    alike = rescaled(network, theta, torch.full((6,), k, dtype=torch.float64))
    for kind in ("filter", "layer"):
        before, after = (slice_of(kind, network, row, seed) for row in (theta, alike))
        torch.testing.assert_close(before, after)
    before, after = (slice_of("raw", network, row, seed) for row in (theta, alike))
    torch.testing.assert_close(before[12], after[12])  # the network itself is the same
    assert (before - after).abs().max() > 1e-3


def test_rescaling_single_units_changes_even_a_normalized_slice() -> None:
    network = Network((2, 6, 3), "relu")
    theta = weights(network)
    factor = torch.ones(6, dtype=torch.float64)
    factor[0] = 10.0
    for kind in ("filter", "layer"):
        before, after = (slice_of(kind, network, row, 0) for row in (theta, rescaled(network, theta, factor)))
        torch.testing.assert_close(before[12], after[12])
        assert (before - after).abs().max() > 1e-2


# ---------------------------------------------------------------- the principal plane


@settings(max_examples=30)
@given(seed=seeds, steps=st.integers(3, 30), size=st.integers(3, 40))
def test_shares_and_coordinates_are_those_of_scikit_learn(seed: int, steps: int, size: int) -> None:
    path = np.random.default_rng(seed).normal(size=(steps, size)).cumsum(0)
    plane = planes.principal(path)
    theirs = PCA().fit(path)
    shares = theirs.explained_variance_ratio_
    np.testing.assert_allclose(plane.explained[: len(shares)], shares, atol=1e-12)
    ab, off = plane.project(path)
    moved = theirs.transform(path)[:, :2] - theirs.transform(path[-1:])[:, :2]
    np.testing.assert_allclose(np.abs(ab), np.abs(moved), atol=1e-9)
    assert np.abs(ab[-1]).max() < 1e-12
    assert off[-1] < 1e-12
    np.testing.assert_allclose(off, np.linalg.norm(path - plane.rows(ab), axis=1), atol=1e-12)
    assert (ab[0] <= 0).all()


def test_a_path_of_two_parameters_never_leaves_its_plane() -> None:
    path = np.random.default_rng(0).normal(size=(9, 2)).cumsum(0)
    plane = planes.principal(path)
    assert plane.project(path)[1].max() < 1e-12
    assert plane.explained.sum() == pytest.approx(1)


def test_a_random_walk_at_even_steps_explains_what_the_formula_says() -> None:
    found = planes.of_random_walk(range(500))[:5]
    np.testing.assert_allclose(found, 6 / (np.pi * np.arange(1, 6)) ** 2, rtol=5e-3)


def test_a_random_walk_at_uneven_steps_explains_what_one_does() -> None:
    steps = [round(400 * (k / 20) ** 2) for k in range(21)]
    walk = np.random.default_rng(0).normal(size=(401, 4000)).cumsum(0)[steps]
    np.testing.assert_allclose(
        planes.principal(walk).explained[:4], planes.of_random_walk(steps)[:4], rtol=0.06
    )


# ---------------------------------------------------------------- other planes


def test_a_plane_goes_through_its_three_solutions() -> None:
    solutions = np.random.default_rng(1).normal(size=(3, 12))
    plane = planes.through(solutions)
    np.testing.assert_allclose(plane.rows(plane.marks), solutions, atol=1e-12)
    np.testing.assert_allclose(plane.u @ plane.v, 0, atol=1e-12)
    assert shown(plane, plane.marks)


def test_a_plane_goes_through_two_solutions_and_another_point() -> None:
    points = np.random.default_rng(2).normal(size=(3, 12))
    plane = planes.through(points, solutions=2)
    np.testing.assert_allclose(plane.rows(plane.marks), points[:2], atol=1e-12)
    ab, off = plane.project(points)
    np.testing.assert_allclose(off, 0, atol=1e-12)
    assert shown(plane, ab)


def test_a_curved_home_reaches_as_far_as_the_parabola_rises() -> None:
    theta, vectors = np.full(4, 50.0), np.eye(4)[:, :2]
    plane = planes.curved(theta, np.array([8.0, 2.0]), vectors, rise=4.0)
    assert plane.home == pytest.approx((-1.0, 1.0, -2.0, 2.0))
    flat = planes.curved(theta, np.array([8.0, 0.0]), vectors, rise=4.0)
    assert flat.home[3] == pytest.approx(100.0)  # the length of theta


@given(seed=seeds, kind=st.sampled_from(("filter", "raw")))
def test_projecting_undoes_placing_even_at_odd_angles(seed: int, kind: str) -> None:
    network = Network((2, 3, 2), "tanh")
    plane = planes.random(network, kind, weights(network, seed).numpy(), seed)
    ab = np.random.default_rng(seed).normal(size=(7, 2))
    found, off = plane.project(plane.rows(ab))
    np.testing.assert_allclose(found, ab, atol=1e-9)
    assert off.max() < 1e-9


@given(seed=seeds)
def test_a_window_shows_all_points_and_is_not_narrow(seed: int) -> None:
    ab = np.random.default_rng(seed).normal(size=(5, 2)) * [1, 1e-3]
    left, right, low, high = planes.around(ab)
    assert ((ab > [left, low]) & (ab < [right, high])).all()
    assert (high - low) / (right - left) >= planes.NARROW - 1e-9


def shown(plane: Plane, ab: np.ndarray) -> bool:
    left, right, low, high = plane.home
    return bool(((ab > [left, low]) & (ab < [right, high])).all())
