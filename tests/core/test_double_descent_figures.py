"""The figures of the room on double descent, read as data."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from mlcore.complexity.selection import ValidationSpec
from mlcore.figures import double_descent as figures
from mlcore.figures import line_fits as line_figures
from mlcore.figures import widths as width_figures
from tests.core.double_descent_cases import (
    CASES,
    CHECKED,
    DEGREES,
    FEATURES,
    FITTED,
    FOUND,
    KNOWN,
    LEARNED,
    LINE,
    NEIGHBORS,
    WIDTHS,
)


def marked(figure: go.Figure, name: str) -> list[float]:
    return [float(shape.x0) for shape in figure.layout.shapes if shape.name == name]


def test_the_means_and_the_theory_are_what_was_computed() -> None:
    figure = figures.risks(FOUND, KNOWN, 30)
    _, known, best, median, means = figure.data
    np.testing.assert_allclose(known.y, KNOWN.risk.astype(np.float32))
    np.testing.assert_allclose(best.y, KNOWN.best.astype(np.float32))
    np.testing.assert_allclose(median.y, np.median(FOUND.risk, axis=1), rtol=1e-6)
    np.testing.assert_allclose(means.y, FOUND.risk.mean(1), rtol=1e-6)
    assert means.x.tolist() == FOUND.p.tolist()
    assert marked(figure, "threshold") == [12]
    assert marked(figure, "cursor") == [30]


@pytest.mark.parametrize("case", [name for name in CASES if name not in ("widths first", "learning curve")])
def test_all_that_is_drawn_of_the_middle_is_seen(case: str) -> None:
    """On every axis of costs the medians of the test stay inside."""
    figure = CASES[case](lambda key: key)
    low, high = figure.layout.yaxis.range or (-np.inf, np.inf)
    for trace in figure.data:
        if trace.name and trace.name.startswith("figure.median") and trace.line.dash == "dash":
            y = np.log10(trace.y) if figure.layout.yaxis.type == "log" else trace.y
            assert (np.isnan(y) | ((y >= low) & (y <= high))).all()


def test_a_training_cost_of_0_leaves_the_picture_at_the_bottom() -> None:
    figure = figures.costs(FEATURES)
    train = figure.data[4]
    low = 10 ** figure.layout.yaxis.range[0]
    assert (train.y[train.x >= 20] < low).all()
    assert train.y[0] > low
    np.testing.assert_allclose(figure.data[3].y, np.median(FEATURES.test, axis=1), rtol=1e-6)


def test_the_fits_shown_are_those_of_the_chosen_number() -> None:
    figure = line_figures.fits(LINE, 7, 2.0)
    others, _, one, dots = figure.data
    np.testing.assert_allclose(one.y, LINE.fit[7, 0], rtol=1e-6)
    assert np.isnan(others.y).sum() == 3  # sets 1, 2, 3 and the pen lifted after each
    np.testing.assert_allclose(others.y[~np.isnan(others.y)], LINE.fit[7, 1:].ravel(), rtol=1e-6)
    assert others.x.shape == others.y.shape
    np.testing.assert_allclose(dots.y, LINE.y[0], rtol=1e-6)
    assert marked(line_figures.costs(LINE), "threshold") == [8]


def test_widths_stand_at_their_parameters_with_the_threshold_between() -> None:
    figure = width_figures.widths(WIDTHS.spec, WIDTHS.parts, WIDTHS.parts[2].size)
    test, train, early = figure.data[3:]
    sizes = [part.size for part in WIDTHS.parts]
    assert test.x.tolist() == train.x.tolist() == early.x.tolist() == sizes
    assert marked(figure, "threshold") == [WIDTHS.spec.threshold] == [20 * 10]
    assert marked(figure, "cursor") == [sizes[2]]
    assert (early.y <= test.y + 1e-7).all()
    first = width_figures.widths(WIDTHS.spec, WIDTHS.parts[:1], sizes[0])
    assert first.layout.xaxis.range == figure.layout.xaxis.range  # the axis waits for those to come


@pytest.mark.parametrize("spec", [DEGREES, NEIGHBORS])
def test_costs_stand_from_simple_to_complex_with_the_choice_among_them(spec: ValidationSpec) -> None:
    seen, checked = FITTED[spec], CHECKED[spec]
    figure = CASES["complexity" if spec is DEGREES else "complexity neighbors"](lambda key: key)
    test, train, mean, least, folds, choice = figure.data[3:]
    order = np.arange(len(seen.fits))[:: 1 if spec is DEGREES else -1]  # few neighbors are complex
    assert mean.x.tolist() == sorted(mean.x)
    np.testing.assert_allclose(mean.y, [seen.fits[i].test_cost.mean() for i in order], rtol=1e-6)
    np.testing.assert_allclose(
        train.y, [np.median(seen.fits[i].train_cost) for i in order], rtol=1e-6, atol=1e-29
    )
    assert test.x.tolist() == mean.x.tolist()
    assert least.y[0] == min(mean.y)
    assert choice.y[0] == min(folds.y) == np.float32(checked.mean.min())
    told = dict(zip(figure.layout.xaxis.tickvals, figure.layout.xaxis.ticktext, strict=True))
    if choice.x[0] in told:
        assert told[choice.x[0]] == f"{checked.complexity[checked.choice]:g}"


def test_learning_curves_meet_above_the_noise() -> None:
    figure = CASES["learning curve"](lambda key: key)
    test, train, mean, floor = figure.data[3:]
    assert test.x.tolist() == train.x.tolist() == mean.x.tolist() == LEARNED.size.tolist()
    assert floor.y.tolist() == [np.float32(LEARNED.noise)] * 2
    assert test.y[-1] > floor.y[0]
