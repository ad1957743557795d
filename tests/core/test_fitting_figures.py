"""The figures of the fitting room as data: whose numbers are in which trace, what is seen, who has left."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from mlcore.complexity.fit_verdict import best_constant, by_complexity
from mlcore.complexity.selection import ValidationSpec, validate
from mlcore.complexity.training_sets import draw
from mlcore.figures import fitting, words
from tests.core.fitting_cases import CASES, ensemble, treated, values


def drawn(case: str) -> go.Figure:
    return CASES[case](words.english)


def test_a_line_shows_the_first_set_with_its_own_model_the_truth_and_the_mean() -> None:
    found = ensemble("sine")
    fit, world = found.fits[3], draw(found.spec.sets)
    others, truth, mean, own, examples = drawn("fits line").data
    np.testing.assert_allclose(values(own), fit.answers[0, :, 0], rtol=1e-5)
    np.testing.assert_allclose(values(mean), fit.parts.mean[:, 0], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(values(truth), np.sin(np.pi * truth.x.astype(float)), atol=1e-5)
    np.testing.assert_allclose(values(examples), world.sets.y[0, :, 0], rtol=1e-5)
    rows = values(others).reshape(11, 102)
    np.testing.assert_allclose(rows[:, :-1], fit.answers[1:, :, 0], rtol=1e-5)
    assert np.isnan(rows[:, -1]).all()  # the pen is lifted


def test_wild_members_do_not_set_the_axis_and_are_counted() -> None:
    figure, answers = drawn("fits line wild"), ensemble("sine").fits[12].answers[..., 0]
    low, high = figure.layout.yaxis.range
    assert -4 < low < -1
    assert 1 < high < 4
    left = int(((answers < low) | (answers > high)).any(1).sum())
    assert 0 < left <= 12
    assert figure.layout.annotations[0].text == f"{left}/12 models leave"
    assert (
        not drawn("fits line").layout.annotations or "0/" not in drawn("fits line").layout.annotations[0].text
    )
    assert np.nanmax(np.abs(values(figure.data[0]))) < 10 * (high - low)


def test_a_plane_shows_every_member_and_the_first_one_thick_on_top() -> None:
    plane = ensemble("moons").fits[3].plane
    assert plane is not None
    mean, *members, _, _ = drawn("fits plane").data
    np.testing.assert_array_equal(mean.z, plane.mean)
    np.testing.assert_array_equal(members[-1].z, plane.members[0])
    assert members[-1].line.width > 2 * members[0].line.width
    assert all((m.contours.start, m.contours.coloring) == (0.5, "none") for m in members)


def test_dots_are_both_costs_of_every_member() -> None:
    fit = ensemble("diabetes").fits[1]
    equal, constant, members, mean = drawn("fits costs").data
    np.testing.assert_allclose(members.x, fit.train_cost, rtol=1e-5)
    np.testing.assert_allclose(members.y, fit.test_cost, rtol=1e-5)
    assert (mean.x[0], mean.y[0]) == pytest.approx((fit.train_cost.mean(), fit.test_cost.mean()))
    np.testing.assert_array_equal(equal.x, equal.y)
    assert constant.y[0] == pytest.approx(best_constant(fit, "squared_error"))


def test_dots_beside_each_other_have_the_same_axes() -> None:
    fits = ensemble("diabetes").fits
    both = [fitting.dots(fit, "squared_error", beside=fits) for fit in fits]
    assert len({figure.layout.xaxis.range for figure in both}) == 1
    assert len({figure.layout.yaxis.range for figure in both}) == 1


@pytest.mark.parametrize(
    ("case", "family"), [("fitting costs", "polynomial"), ("fitting costs reversed", "nearest")]
)
def test_costs_go_from_simple_to_complex(case: str, family: str) -> None:
    found = ensemble("sine", family)
    order = by_complexity(family, found.complexity.tolist())
    traces, figure = drawn(case).data, drawn(case)
    train = np.array([found.fits[i].train_cost.mean() for i in order])
    shown = np.where(train > 0, train, np.nan)  # a logarithm has no place for k = 1
    np.testing.assert_allclose(values(traces[2]), shown, rtol=1e-5)
    np.testing.assert_allclose(values(traces[3]), found.average("error")[order], rtol=1e-5)
    seen = validate(ValidationSpec(found.spec))
    for place, cost in zip(traces[4].x, traces[4].y, strict=True):
        complexity = found.complexity[order[int(place)]]
        assert cost == pytest.approx(float(seen.mean[seen.complexity == complexity][0]), rel=1e-5)
    assert traces[8].x[0] == order.index(found.best)
    assert traces[7].x[0] == order.index(1) == figure.layout.shapes[0].x0
    low, high = (10**v for v in figure.layout.yaxis.range)
    assert low < found.average("error").min() < high
    above = int((found.average("error") > 4 * max(best_constant(found.fits[0], found.loss), 0)).sum())
    notes = [note.text for note in figure.layout.annotations]
    assert notes == ([f"{above} complexities lie above"] if above else [])


def test_cures_are_stacked_from_the_best_on_below_what_is() -> None:
    found = treated("sine", 12)
    bars = drawn("fitting cures").data
    rows = [found.before, *found.ranked]
    for bar, part in zip(bars, fitting.PARTS, strict=True):
        np.testing.assert_allclose(bar.x, [getattr(row, part) for row in rows], rtol=1e-5, atol=1e-12)
    total = sum(np.asarray(bar.x, float) for bar in bars)
    np.testing.assert_allclose(total, [row.error for row in rows], rtol=1e-5)
    assert all(f"<b>{row.error:.3g}" in label for row, label in zip(rows, bars[0].y, strict=True))
    top = drawn("fitting cures").layout.xaxis.range[1]
    assert [" →" in label for label in bars[0].y] == [row.error > top for row in rows]


def test_noise_of_real_data_is_called_a_part_of_bias() -> None:
    named = {bar.name for bar in drawn("fitting cures real").data if bar.showlegend is not False}
    assert named == {"bias² + noise", "variance"}
