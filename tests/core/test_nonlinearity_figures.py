"""The figures of nonlinearity: what is drawn is what was counted."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.components.untrained import draw
from mlcore.depth import bending
from mlcore.depth.pieces import pieces
from mlcore.depth.regions import divide
from mlcore.families.networks import Network
from mlcore.figures import nonlinearity as figures


def test_without_activations_a_line_and_a_grid_stay_straight() -> None:
    x = figures.line_points()
    found = bending.stack((1, 8, 8, 1), "relu", "he", 1.0, 0, x)
    linear, bent = figures.curves(found.linear[:, 0], found.bent[:, 0]).data
    y = found.weight[0, 0] * x[:, 0] + found.bias[0]
    np.testing.assert_allclose(linear.y, y, rtol=1e-6, atol=1e-6)
    assert np.abs(np.asarray(bent.y) - y).max() > 0.1
    flat = figures.grid(figures.grid_points())
    for trace, other in zip(flat.data, ("y", "x"), strict=True):
        across = np.asarray(trace[other])
        assert np.isnan(across).sum() == figures.SIDE
        lines = across.reshape(figures.SIDE, -1)[:, :-1]
        assert (np.ptp(lines, axis=1) == 0).all()
        np.testing.assert_allclose(lines[:, 0], np.linspace(-1, 1, figures.SIDE), atol=1e-7)


@pytest.mark.parametrize("layers", [1, 3])
def test_every_bend_and_every_unit_in_the_picture_is_marked(layers: int) -> None:
    network = Network((1, *(6,) * layers, 1), "relu")
    found = pieces(network, draw(network, "he", [1], bias=1.0)[0])
    function, marks, *units = figures.bends(found, 4.0).data
    inside = found.bends[np.abs(found.bends) < 4]
    np.testing.assert_allclose(marks.x, inside, rtol=1e-6)
    np.testing.assert_allclose(marks.y, found(inside), rtol=1e-5, atol=1e-6)
    assert function.x[0] == -4
    assert function.x[-1] == 4
    assert sum(len(trace.x) for trace in units) == (np.abs(found.at) < 4).sum()
    filled = sum(not color.startswith("rgba") for trace in units for color in trace.marker.color)
    assert filled == found.passed[np.abs(found.at) < 4].sum()


def test_bars_hold_all_networks() -> None:
    counts = np.array([3, 5, 5, 9])
    picture = figures.piece_counts(counts, 6)
    assert list(zip(picture.data[0].x, picture.data[0].y, strict=True)) == [(3, 1), (5, 2), (9, 1)]
    assert picture.layout.shapes[0].x0 == 7
    assert picture.layout.xaxis.range[0] < 3 < 9 < picture.layout.xaxis.range[1]


def test_regions_are_drawn_with_their_area_and_neighbors_differ() -> None:
    network = Network((2, 6, 5, 1), "relu")
    found = divide(network, draw(network, "he", [0], bias=1.0)[0], 3.0)
    picture = figures.regions(found)
    count = len(found.regions)
    for trace, one in zip(picture.data[:count], found.regions, strict=True):
        assert len(trace.x) == len(one.corners) + 1
        assert f"pattern {''.join(map(str, one.pattern[0]))} " in trace.text
        on = sum(map(sum, one.pattern))
        assert trace.fillcolor.endswith(",0.5)" if on % 2 else ",0.22)")
    edges = picture.data[count:]
    assert sum(np.isnan(np.asarray(trace.x)).sum() for trace in edges) == len(found.edges)
    assert len(edges) == 2


def test_a_constant_output_is_drawn() -> None:
    network = Network((2, 3, 1), "relu")
    found = divide(network, draw(network, "zeros", [0])[0], 1.0)
    assert len(found.regions) == 1
    for value in (0.0, -7.0):
        heat = figures.heights(found, np.full((3, 3), value)).data[0]
        assert heat.zmin < value < heat.zmax


def test_distances_and_errors_are_drawn_down_to_rounding() -> None:
    found = {"a": np.array([1.0, 0.5, 0.0, 0.0]), "b": np.array([1.0, 0.9, 0.8, 0.7])}
    picture = figures.polynomials(found, "b", 2)
    assert [len(trace.x) for trace in picture.data] == [3, 3]
    assert picture.data[0].y[-1] == np.float32(figures.NOTHING)
    assert picture.data[1].line.width > picture.data[0].line.width
    errors = figures.widths({"a": np.linspace(1, 0, len(bending.WIDTHS))}, "a")
    assert list(errors.data[0].x) == list(bending.WIDTHS)
    assert np.isfinite(errors.layout.yaxis.range).all()


@pytest.mark.parametrize("reach", [3.0, 30.0])
def test_the_part_that_is_shown_beside_is_shaded(reach: float) -> None:
    picture = figures.function(np.abs, reach, "name")
    assert len(picture.layout.shapes) == (reach > 3)
    low, high = picture.layout.yaxis.range
    assert low < 0 < reach < high
    assert figures.function(np.zeros_like, reach, "name").layout.yaxis.range[0] < 0
