"""Regions of the plane, counted in other ways: by linear programs, by points, one line at a time."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from mlcore.base.registry import Variant
from mlcore.components.untrained import draw, most_pieces
from mlcore.depth.lines import clipped
from mlcore.depth.regions import (
    Division,
    arrange,
    arrangement,
    divide,
    in_the_plane,
    most_regions,
    patterns,
    seen_on_a_grid,
)
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.networks import Network

REACH = 3.0
SIZES = [(2, 1, 1), (2, 7, 1), (2, 4, 4, 1), (2, 6, 6, 6, 1), (2, 5, 1, 5, 1), (2, 3, 3, 3, 3, 1)]
BENT = ("relu", "leaky_relu")
Equation = tuple[float, float, float]


def drawn(
    sizes: tuple[int, ...], activation: str, seed: int, bias: float = 1.0
) -> tuple[Network, torch.Tensor]:
    network = Network(sizes, activation)
    return network, draw(network, "he", [seed], bias=bias)[0]


# ---------------------------------------------------------------- lines in the whole plane


@pytest.mark.parametrize(("lines", "regions"), [(0, 1), (1, 2), (2, 4), (3, 7), (5, 16), (8, 37), (16, 137)])
def test_lines_in_general_position_reach_zaslavskys_bound(lines: int, regions: int) -> None:
    assert most_regions(2, [lines]) == regions == 1 + lines + lines * (lines - 1) // 2
    rng = np.random.default_rng(lines)
    found = arrange([tuple(row) for row in rng.normal(size=(lines, 3)).tolist()])
    assert found.regions == regions
    assert (found.lines, found.points) == (lines, lines * (lines - 1) // 2)
    assert (found.parallel, found.crowded) == (0, 0)


@pytest.mark.parametrize("count", [2, 5, 9])
def test_parallel_lines_make_strips_and_lines_through_a_point_make_wedges(count: int) -> None:
    strips = arrange([(0.3, -0.7, c) for c in range(count)])
    assert (strips.regions, strips.points, strips.parallel) == (count + 1, 0, math.comb(count, 2))
    wedges = arrange([(1.0, slope, 2.0 + 5.0 * slope) for slope in range(count)])
    assert (wedges.regions, wedges.points) == (2 * count, 1)
    assert wedges.crowded == (count > 2)
    lattice = arrange([(1.0, 0.0, c) for c in range(count)] + [(0.0, 2.0, c) for c in range(4)])
    assert (lattice.regions, lattice.points) == ((count + 1) * 5, count * 4)


def test_one_line_written_twice_is_one_and_no_line_is_none() -> None:
    found = arrange([(1.0, 2.0, 3.0), (-2.0, -4.0, -6.0), (0.0, 0.0, 1.0), (0.0, 3.0, 1.0)])
    assert (found.lines, found.regions) == (2, 4)
    assert arrange([(0.0, 0.0, 0.0)]).regions == 1


def test_lines_that_almost_meet_in_a_point_do_not() -> None:
    """1e-13 beside it there is a triangle; no tolerance swallows it."""
    wedge = [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0)]
    assert arrange([*wedge, (1.0, 1.0, 0.0)]).regions == 6
    assert arrange([*wedge, (1.0, 1.0, 1e-13)]).regions == 7
    assert arrange([(1.0, 1.0, 0.0), (1.0, 1.0 + 2.0**-52, 1.0)]).regions == 4


@settings(max_examples=200, derandomize=True, database=None, deadline=None)
@given(st.lists(st.tuples(*[st.integers(-2, 2)] * 3), max_size=9))
def test_adding_line_after_line_counts_the_same(equations: list[Equation]) -> None:
    """A new line adds one region more than it meets different points on the lines before."""
    kept: list[tuple[Fraction, Fraction, Fraction]] = []
    regions = 1
    for a, b, c in ((Fraction(v) for v in equation) for equation in equations):
        if not (a or b) or any(a * e == b * d and a * f == c * d and b * f == c * e for d, e, f in kept):
            continue
        met = set()
        for d, e, f in kept:
            if turn := a * e - b * d:
                met.add(((c * e - b * f) / turn, (a * f - c * d) / turn))
        regions += len(met) + 1
        kept.append((a, b, c))
    assert arrange(equations).regions == regions


@pytest.mark.parametrize("units", [3, 5, 8])
def test_a_square_that_holds_all_points_has_the_regions_of_the_plane(units: int) -> None:
    for seed in range(10):
        network, row = drawn((2, units, 1), "relu", seed)
        whole = arrangement(network, row).regions
        assert whole == most_regions(2, [units])
        far = divide(network, row, 1e5)
        assert len(far.regions) == whole
        assert len(divide(network, row, 1.0).regions) <= whole


@pytest.mark.parametrize("activation", BENT)
@pytest.mark.parametrize("units", [1, 2, 3, 5, 8, 16])
def test_in_homogeneous_coordinates_one_layer_has_the_regions_of_its_lines(
    units: int, activation: str
) -> None:
    for seed in range(10):
        for bias in (0.0, 1.0):
            network, row = drawn((2, units, 1), activation, seed, bias)
            assert in_the_plane(network, row) == arrangement(network, row).regions
    blocks = network.blocks(row)
    blocks[0][:2, :] = blocks[0][:2, :1]  # all lines are parallel
    assert in_the_plane(network, row) == arrangement(network, row).regions == units + 1


@pytest.mark.parametrize("sizes", [(2, 4, 4, 1), (2, 6, 6, 6, 1), (2, 5, 1, 5, 1)], ids=str)
@pytest.mark.parametrize("seed", range(6))
def test_deep_networks_have_in_the_plane_what_they_have_in_a_huge_square(
    sizes: tuple[int, ...], seed: int
) -> None:
    network, row = drawn(sizes, "relu", seed)
    whole = in_the_plane(network, row)
    assert whole == len(divide(network, row, 1e4).regions) <= most_regions(2, sizes[1:-1])
    assert whole >= len(divide(network, row, REACH).regions)


@pytest.mark.parametrize("units", [1, 2, 5, 8])
def test_without_biases_all_lines_meet_at_0(units: int) -> None:
    network, row = drawn((2, units, 1), "relu", 1, bias=0.0)
    found = arrangement(network, row)
    assert found.regions == 2 * units == len(divide(network, row, REACH).regions)


def test_no_more_regions_than_layers_can_make() -> None:
    assert most_regions(1, [5, 7, 2]) == most_pieces(Network((1, 5, 7, 2, 1), "relu")) == 6 * 8 * 3
    assert most_regions(2, [8, 8]) == 37 * 37
    assert most_regions(2, [1, 8]) == 2 * 9, "behind one unit there is a line, no plane"
    assert most_regions(3, [3]) == 8


# ---------------------------------------------------------------- deep networks in a square


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("activation", BENT)
@pytest.mark.parametrize("seed", range(5))
def test_every_pattern_of_a_grid_is_counted_and_every_region_has_its_own(
    activation: str, sizes: tuple[int, ...], seed: int
) -> None:
    network, row = drawn(sizes, activation, seed)
    found = divide(network, row, REACH)
    own = patterns(network, row, np.array([one.middle for one in found.regions]))
    told = [tuple(itertools.chain(*one.pattern)) for one in found.regions]
    assert [tuple(code) for code in own.tolist()] == told
    assert len(set(told)) == len(told) <= most_regions(2, sizes[1:-1])
    points = np.random.default_rng(seed).uniform(-REACH, REACH, (20_000, 2))
    assert {tuple(code) for code in patterns(network, row, points).tolist()} <= set(told)
    by_grid = seen_on_a_grid(network, row, REACH, 301)
    assert by_grid <= len(told)
    if min(one.area for one in found.regions) > 0.01:
        assert by_grid == len(told)
    assert sum(one.area for one in found.regions) == pytest.approx(4 * REACH**2, rel=1e-12)


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("activation", BENT)
def test_each_region_has_one_affine_function(activation: str, sizes: tuple[int, ...]) -> None:
    network, row = drawn(sizes, activation, 7)
    found = divide(network, row, REACH)
    rng = np.random.default_rng(0)
    for one in found.regions:
        share = rng.dirichlet(np.ones(len(one.corners)), 20)
        points = np.concatenate([share @ one.corners, one.corners])
        y = network.predict(row[None], torch.from_numpy(points))[0, :, 0].numpy()
        np.testing.assert_allclose(points @ one.slope + one.level, y, rtol=1e-11, atol=1e-11)
    assert found.functions <= len(found.regions)


def feasible(network: Network, row: torch.Tensor, pattern: tuple[int, ...], reach: float) -> bool:
    """A linear program: is there a point of the square well inside of this pattern?"""
    A, c = np.eye(2), np.zeros(2)
    rows, limits, start = [], [], 0
    for block in network.blocks(row)[:-1]:
        W, b = block[:-1].numpy(), block[-1].numpy()
        A, c = A @ W, c @ W + b
        on = np.array(pattern[start : start + len(b)])
        start += len(b)
        sign = 2 * on - 1  # sign (A x + c) >= t
        size = np.maximum(np.linalg.norm(A, axis=0), 1e-12)
        rows += [*np.column_stack([(-sign * A / size).T, np.ones(len(b))])]
        limits += [*(sign * c / size)]
        A, c = A * on, c * on
    best = linprog([0, 0, -1], A_ub=rows, b_ub=limits, bounds=[(-reach, reach)] * 2 + [(None, 1)])
    return bool(best.status == 0 and -best.fun > 1e-9)


@pytest.mark.parametrize("sizes", [(2, 5, 1), (2, 3, 3, 1), (2, 2, 2, 2, 1)], ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_linear_programs_find_the_same_patterns(sizes: tuple[int, ...], seed: int) -> None:
    network, row = drawn(sizes, "relu", seed)
    every = itertools.product((0, 1), repeat=sum(sizes[1:-1]))
    expected = {pattern for pattern in every if feasible(network, row, pattern, REACH)}
    found = divide(network, row, REACH)
    assert {tuple(itertools.chain(*one.pattern)) for one in found.regions} == expected


def test_neighbors_differ_in_one_unit_and_edges_are_where_it_bends() -> None:
    network, row = drawn((2, 6, 6, 1), "relu", 2)
    found = divide(network, row, REACH)
    for edge in found.edges:
        x = torch.from_numpy(edge.ends)
        h = x
        for block in network.blocks(row)[: edge.layer]:
            z = h @ block[:-1] + block[-1]
            h = torch.relu(z)
        assert z[:, edge.unit - 1].abs().max() < 1e-11
        assert edge.ends.shape == (2, 2)
        assert np.abs(edge.ends).max() <= REACH + 1e-12
        way = np.array([edge.ends[1, 1] - edge.ends[0, 1], edge.ends[0, 0] - edge.ends[1, 0]])
        way *= 1e-9 / np.linalg.norm(way)
        middle = edge.ends.mean(0)
        codes = patterns(network, row, np.stack([middle - way, middle + way])).astype(int)
        place = 6 * (edge.layer - 1) + edge.unit - 1
        assert codes[0, place] != codes[1, place]


def test_dead_units_cut_nothing_and_share_their_function() -> None:
    """A second layer that is off everywhere: the regions of the first, and one function for all of them."""
    network, row = drawn((2, 4, 3, 1), "relu", 0)
    blocks = network.blocks(row)
    blocks[1][:-1], blocks[1][-1] = -blocks[1][:-1].abs(), -1.0
    found: Division = divide(network, row, REACH)
    assert len(found.regions) == len(divide(Network((2, 4, 1), "relu"), torch.cat(
        [blocks[0].flatten(), torch.ones(5, dtype=torch.float64)]), REACH).regions)  # fmt: skip
    assert found.functions == 1
    assert all(one.pattern[1] == (0, 0, 0) for one in found.regions)


def test_without_an_activation_the_square_stays_whole() -> None:
    network, row = drawn((2, 8, 8, 1), "identity", 0)
    found = divide(network, row, REACH)
    assert (len(found.regions), len(found.edges), found.functions) == (1, 0, 1)
    assert arrangement(Network((2, 8, 1), "identity"), drawn((2, 8, 1), "identity", 0)[1]).regions == 1


@pytest.mark.parametrize("level", [-1.0, -0.5, 0.0, 0.3, 1.0])
def test_half_a_square_and_its_other_half_are_the_square(level: float) -> None:
    """Also where the line goes through corners."""
    square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    value = square @ np.array([1.0, 1.0]) - 1 + level
    areas = []
    for way in (value, -value):
        x, y = clipped(square, way).T
        areas.append(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)
    above = (1 + level) ** 2 / 2 if level < 0 else 1 - (1 - level) ** 2 / 2
    assert areas == pytest.approx([above, 1 - above], abs=1e-15)
    assert clipped(square, np.zeros(4)).shape == (0, 2)


def test_an_activation_may_bend_twice_and_not_go_through_0(monkeypatch: pytest.MonkeyPatch) -> None:
    """max(-1, min(z, 1)) + 2: each unit has two parallel lines."""
    hard = Variant(
        "hard", lambda z: z.clamp(-1, 1) + 2, "", "", "",
        facts={"bends": (-1.0, 1.0), "derivative": lambda z, h: (z.abs() < 1).to(z.dtype)},
    )  # fmt: skip
    monkeypatch.setitem(ACTIVATIONS._variants, "hard", hard)
    network, row = drawn((2, 3, 2, 1), "hard", 0)
    lines = arrangement(Network((2, 3, 1), "hard"), drawn((2, 3, 1), "hard", 0)[1])
    assert (lines.lines, lines.parallel, lines.regions) == (6, 3, 1 + 6 + 12)
    found = divide(network, row, REACH)
    for one in found.regions:
        y = network.predict(row[None], torch.from_numpy(one.middle)[None])[0, 0, 0]
        assert one.middle @ one.slope + one.level == pytest.approx(float(y), abs=1e-11)
    points = np.random.default_rng(0).uniform(-REACH, REACH, (50_000, 2))
    seen = {tuple(code) for code in patterns(network, row, points).tolist()}
    assert seen <= {tuple(itertools.chain(*one.pattern)) for one in found.regions}
    assert max(max(code) for code in seen) == 2


@pytest.mark.parametrize("seed", range(5))
def test_one_layer_has_another_function_in_every_region(seed: int) -> None:
    """Two neighbors differ by what one unit adds, which is not 0."""
    found = divide(*drawn((2, 7, 1), "relu", seed), REACH)
    assert found.functions == len(found.regions)
