"""The figures of the model room as data: what is in which trace is the result that it shows."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

from mlcore.components.saturation import Dead
from mlcore.components.signal import SignalSpec
from mlcore.components.signal import signal as measured
from mlcore.components.symmetry import collapse
from mlcore.components.untrained import PriorSpec, draw, prior
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.models import ModelSpec
from mlcore.families.networks import Network
from mlcore.figures import activations, network, signal, symmetry, theme, untrained, words
from mlcore.figures.panel import legend, panel

LINES = 3 * len(network.STRENGTHS)


def segments(trace: go.Scatter) -> int:
    """Lines of a trace that has a gap after each."""
    return int(np.isnan(np.asarray(trace.x)).sum()) if np.isfinite(np.asarray(trace.x)).any() else 0


@pytest.mark.parametrize("sizes", [(2, 3), (2, 5, 4, 1), (2, 9, 2), (30, 12, 3)], ids=str)
def test_every_drawn_line_is_a_parameter_of_its_sign(sizes: tuple[int, ...]) -> None:
    net = Network(sizes, "tanh")
    row = draw(net, "xavier", [0], bias=1.0)[0]
    row[::3] = 0
    figure = network.drawing(net, row, [str(i) for i in range(sizes[0])], ["y"] * sizes[-1])
    shown = [[unit for unit, _ in network.places(size)] for size in sizes]
    found = {"zero": 0, "positive": 0, "negative": 0}
    for k, block in enumerate(net.blocks(row)):
        drawn = block[[*shown[k], sizes[k]]][:, shown[k + 1]]
        for sign, count in (("zero", drawn == 0), ("positive", drawn > 0), ("negative", drawn < 0)):
            found[sign] += int(count.sum())
    lines = {sign: sum(segments(t) for t in figure.data[:LINES] if t.legendgroup == sign) for sign in found}
    assert lines == found
    assert max(sizes) > network.MOST_UNITS or sum(lines.values()) == net.size
    said = " ".join(text for trace in figure.data if trace.text for text in trace.text)
    for a, b in net.shapes:
        assert f"{a} × {b}<br>{a * b:,}" in said


def test_stronger_lines_are_thicker_and_ends_are_units() -> None:
    net = Network((1, 3), "tanh")
    row = torch.tensor([1.0, -0.5, 0.1, 0.0, 0.0, 0.0], dtype=torch.float64)
    figure = network.drawing(net, row, ["x"], ["a", "b", "c"])
    width = {
        float(t.y[1]): (t.line.width, t.legendgroup)
        for t in figure.data[:LINES] if t.legendgroup != "zero" and segments(t)
    }  # fmt: skip
    assert [width[y][1] for y in (1.0, 0.0, -1.0)] == ["positive", "negative", "positive"]
    assert width[1.0][0] > width[0.0][0] > width[-1.0][0]


def test_functions_hold_all_draws_and_their_bends() -> None:
    found = prior(PriorSpec(model=ModelSpec(widths=(6,), activation="relu", init="he"), count=30))
    figure = untrained.functions(found)
    band, thin, *rest = figure.data
    low, high = np.quantile(found.y, [0.05, 0.95], axis=0)
    np.testing.assert_allclose(band.y, np.concatenate([low, high[::-1]]), rtol=1e-6)
    every = found.y[:, :: untrained.COARSE]
    kept = np.asarray(thin.y)[np.isfinite(np.asarray(thin.y))]
    np.testing.assert_allclose(kept, every.ravel(), rtol=1e-6)
    assert np.isnan(np.asarray(thin.y)).sum() == 30
    for k, trace in enumerate(rest[: untrained.PICKED]):
        np.testing.assert_allclose(trace.y, found.y[k], rtol=1e-6)
        assert trace.name == words.english("figure.seeded").format(seed=k)
    expected = np.concatenate(found.kinks[: untrained.PICKED])
    np.testing.assert_allclose(rest[-1].x, expected, rtol=1e-6)
    assert len(rest) == untrained.PICKED + 1


def test_four_hundred_functions_are_drawn_in_part() -> None:
    figure = untrained.functions(prior(PriorSpec(count=400)))
    assert np.isnan(np.asarray(figure.data[1].y)).sum() == untrained.MOST_DRAWN


def test_a_square_is_symmetric_about_zero() -> None:
    values = np.array([[1.0, -3.0], [0.0, 2.0]], np.float32)
    (ground,) = untrained.square(values, "t").data
    assert (ground.zmin, ground.zmax) == (-3.0, 3.0)
    np.testing.assert_array_equal(ground.z, values)
    assert untrained.square(0 * values, "t").data[0].zmax == 1, "a constant 0 has a scale, too"


def test_signals_are_medians_with_their_theory() -> None:
    found = {"a": measured(SignalSpec("relu", "he", depth=5, width=20, nets=6)),
             "b": measured(SignalSpec("relu", "zeros", depth=5, width=20, nets=6))}  # fmt: skip
    for figure, first, rows, theory in (
        (signal.forward(found), 0, found["a"].forward, found["a"].forward_theory),
        (signal.backward(found), 1, found["a"].backward, found["a"].backward_theory),
    ):
        assert len(figure.data) == 2 * 3 + 1
        np.testing.assert_array_equal(figure.data[1].x, np.arange(6) + first)
        np.testing.assert_allclose(figure.data[1].y, np.median(rows, 0), rtol=1e-6)
        np.testing.assert_allclose(figure.data[2].y, theory, rtol=1e-6)
        assert figure.data[2].line.dash == "dot" != figure.data[1].line.dash
        assert np.isfinite(figure.layout.yaxis.range).all()
        assert figure.layout.yaxis.type == "log"


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_curve_is_f_and_its_derivative(name: str) -> None:
    figure, f = activations.curve(name, 2.0), ACTIVATIONS[name]
    z = torch.from_numpy(np.asarray(figure.data[0].x)).double()
    np.testing.assert_allclose(figure.data[0].y, f(z), atol=1e-5)
    np.testing.assert_allclose(figure.data[1].y, f.derivative(z, f(z)), atol=1e-5)
    np.testing.assert_allclose(figure.data[3].y, np.exp(-(z**2) / 8), atol=1e-5)


def test_the_zoo_has_a_pair_for_each_in_its_panel() -> None:
    titles = {variant.name: variant.title for variant in ACTIVATIONS.variants()}
    figure = activations.zoo(titles)
    assert len(figure.data) == 2 * len(titles)
    for k, (name, title) in enumerate(titles.items()):
        f, slope = figure.data[2 * k : 2 * k + 2]
        assert f.xaxis == slope.xaxis
        assert figure.layout[f.xaxis.replace("x", "xaxis")].title.text == title
        z = torch.from_numpy(np.asarray(f.x)).double()
        np.testing.assert_allclose(f.y, ACTIVATIONS[name](z), atol=1e-5)
    shaded = {shape.xref for shape in figure.layout.shapes}
    for name in ("relu", "tanh", "gelu"):
        assert figure.data[2 * list(titles).index(name)].xaxis in shaded
    assert figure.data[2 * list(titles).index("identity")].xaxis not in shaded


def test_the_chosen_activation_is_thick_and_the_spread_marked() -> None:
    figure = activations.saturation(np.array([0.1, 1.0]), {"a": np.zeros(2), "b": np.ones(2)}, "b", 0.5)
    assert figure.data[1].line.width > figure.data[0].line.width
    assert figure.layout.shapes[0].x0 == figure.layout.shapes[0].x1 == 0.5


def test_deaths_are_shares_of_each_layer() -> None:
    share = np.array([[0.9, 1.0], [0.1, 0.3]])
    figure = activations.deaths(Dead(np.array([-1.0, 0.0]), share))
    for trace, column in zip(figure.data, share.T, strict=True):
        np.testing.assert_allclose(trace.y, column, rtol=1e-6)


def test_a_spectrum_leaves_rounding_out() -> None:
    found = collapse((8, 6, 3, 8), "xavier", 0)
    figure = symmetry.spectrum(found)
    assert [len(trace.y) for trace in figure.data] == [6, 3, 3]
    np.testing.assert_allclose(figure.data[-1].y, found.singular[-1][:3], rtol=1e-6)
    symmetry.spectrum(collapse((8, 8), "zeros", 0))  # nothing is left, and that is drawn


def test_a_panel_is_a_copy_with_a_name_and_no_keys() -> None:
    whole = theme.figure([go.Heatmap(z=np.eye(2, dtype=np.float32)), theme.line([0], [0], theme.MODEL, "m")])
    whole.add_annotation(text="kept")
    small = panel(whole, "name", "scores")
    assert [note.text for note in small.layout.annotations] == ["kept", "<b>name</b><br>scores"]
    assert small.layout.showlegend is False
    assert whole.layout.showlegend is None
    assert len(whole.layout.annotations) == 1


def test_a_legend_alone_has_the_names_and_looks_that_the_figure_shows() -> None:
    band = theme.band([0, 1], [0, 0], [1, 1], theme.GRAY, "unnamed", showlegend=False)
    whole = theme.figure([band, theme.line([0, 1], [0, 1], theme.TEST, "test")])
    (key,) = legend(whole).data
    assert (key.name, key.line.dash, key.line.color) == ("test", theme.TEST.dash, theme.TEST.color)
    assert np.isnan(key.x).all()
