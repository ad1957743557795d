"""The pictures of escapes say what the runs did."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.escapes.multimodal import MultimodalSpec, multimodal, relief
from mlcore.escapes.restarts import RestartSpec, chance, restarts
from mlcore.escapes.success_rates import WIDTHS, SolveSpec
from mlcore.figures import escaping as figures
from mlcore.figures.words import english
from tests.core.escape_cases import CALM, CASES, HOLES, NAMES, ran, solving


def test_every_method_has_its_share_and_its_interval() -> None:
    results = ran(CALM)
    figure = figures.shares(results, NAMES, results[0].share)
    (dots,) = figure.data
    ticks = dict(zip(figure.layout.yaxis.tickvals, figure.layout.yaxis.ticktext, strict=True))
    for i, result in enumerate(results):
        assert ticks[int(dots.y[i])] == NAMES[i]
        low, high = result.share.interval
        assert dots.x[i] == pytest.approx(result.share.value, rel=1e-6)
        assert dots.x[i] + dots.error_x.array[i] == pytest.approx(high, abs=1e-6)
        assert dots.x[i] - dots.error_x.arrayminus[i] == pytest.approx(low, abs=1e-6)
    assert list(dots.y) == sorted(dots.y, reverse=True), "the first method on top"


def test_the_baseline_is_where_plain_descent_is() -> None:
    base = ran(CALM)[0].share
    band, line = figures.shares(ran(CALM), NAMES, base).layout.shapes
    assert line.x0 == line.x1 == base.value
    assert (band.x0, band.x1) == base.interval


def test_looks_follow_the_verdict() -> None:
    results = ran(CALM)
    marker = figures.shares(results, NAMES, results[0].share).data[0].marker
    for result, color, symbol in zip(results, marker.color, marker.symbol, strict=True):
        verdict = figures.compared(result.share, results[0].share)
        role = (figures.SAME, figures.MORE, figures.LESS)[verdict]
        assert (color, symbol) == (role.color, role.symbol)


def test_the_cloud_is_told_apart_by_who_gets_there() -> None:
    result = ran(CALM)[3]
    known = multimodal(CALM.landscape)
    figure = figures.cloud(known, relief(known, 21), result)
    inside, outside = figure.data[2], figure.data[3]
    assert len(inside.x) == result.reached[:60].sum()
    assert len(inside.x) + len(outside.x) == result.track.shape[1]
    ends = result.track[-1][result.reached[: result.track.shape[1]]]
    np.testing.assert_array_equal(np.stack([inside.x, inside.y], 1), ends)
    np.testing.assert_allclose(result.track[-1], result.end[:60], atol=1e-6)


def test_a_survey_marks_every_minimum_once() -> None:
    known = multimodal(CALM.landscape)
    _, others, lowest, _ = figures.survey(known, relief(known, 21)).data
    assert len(others.x) + len(lowest.x) == len(known.minima)
    assert (lowest.x[0], lowest.y[0]) == pytest.approx((0, 0), abs=1e-9)


def test_of_a_typed_formula_only_the_lowest_found_is_known() -> None:
    said = {trace.name for trace in CASES["survey holes"](english).data}
    assert "lowest minimum found" in said
    assert "global minimum" not in said
    assert multimodal(HOLES.landscape).holes > 0


def test_marks_stand_on_their_k_and_the_line_is_the_theory() -> None:
    found = restarts(RestartSpec(MultimodalSpec("styblinski_tang"), 2000))
    band, line, marks = figures.restarts(found).data
    np.testing.assert_allclose(line.y, chance(found.p, line.x), atol=1e-6)
    np.testing.assert_array_equal(marks.x, found.k)
    np.testing.assert_allclose(marks.y, [share.value for share in found.groups], atol=1e-6)
    assert np.nanmin(band.y) <= line.y[0] <= np.nanmax(band.y)


def test_widths_to_come_have_their_place_already() -> None:
    spec = SolveSpec(examples=40, steps=50, replicas=20)
    parts = solving(spec).parts[:3]
    figure = figures.solved(parts, spec, WIDTHS)
    assert tuple(figure.layout.xaxis.tickvals) == WIDTHS
    learned, solved = figure.data
    np.testing.assert_array_equal(solved.x, WIDTHS[:3])
    np.testing.assert_allclose(solved.y, [part.solved.value for part in parts], atol=1e-7)
    np.testing.assert_allclose(learned.y, [part.learned.value for part in parts], atol=1e-7)
    low, high = parts[1].solved.interval
    assert solved.y[1] - solved.error_y.arrayminus[1] == pytest.approx(low, abs=1e-6)
    assert solved.y[1] + solved.error_y.array[1] == pytest.approx(high, abs=1e-6)
