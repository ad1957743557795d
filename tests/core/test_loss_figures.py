"""The figures of the objective room as data: each trace is what its docstring says."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from mlcore.components.accounts import MEASURES
from mlcore.figures import theme
from mlcore.figures.words import english
from tests.core import loss_cases as cases

GRIPS = {  # case -> (trace, x, y) of what a viewer drags
    "loss shapes": (2 * len(cases.REGRESSION.names), [2.0], [0.0]),
    "loss shapes binary": (2 * len(cases.BINARY.names), [-1.5], [0.0]),
    "loss points": (2, [1, 2, 3], [2.5, 3.5, 9.0]),
    "loss centers": (6, [1, 2, 3, 10], [0, 0, 0, 0]),
    "logits": (1, [1, 2, 3], [2, 1, -1]),
    "entropies": (4, [1.5], [0.0]),
    "slopes": (2, [-6.0], [0.0]),
    "vectors": (4, [1.5, 0.2], [0.5, 1.2]),
}


def drawn(case: str) -> go.Figure:
    return cases.CASES[case](english)


def same(actual: object, expected: object) -> None:
    np.testing.assert_array_equal(actual, theme.array(expected))  # type: ignore[arg-type]


@pytest.mark.parametrize("case", GRIPS)
def test_grips_are_where_a_hand_finds_them_on_axes_that_stand_still(case: str) -> None:
    figure, (trace, x, y) = drawn(case), GRIPS[case]
    same(figure.data[trace].x, x)
    same(figure.data[trace].y, y)
    assert figure.data[trace].marker.size >= 14
    layout = figure.layout.to_plotly_json()
    for axis in (name for name in layout if name.startswith(("xaxis", "yaxis"))):
        assert layout[axis]["range"], f"{axis} would run away"
    others = [trace.marker.size or 0 for i, trace in enumerate(figure.data) if i != GRIPS[case][0]]
    assert max(others, default=0) < figure.data[trace].marker.size


@pytest.mark.parametrize("case", ["loss shapes", "loss shapes binary"])
def test_losses_stand_above_their_gradients(case: str) -> None:
    shape = cases.REGRESSION if case == "loss shapes" else cases.BINARY
    traces, count = drawn(case).data, len(shape.names)
    for i in range(count):
        same(traces[i].y, shape.loss[i])
        same(traces[count + i].y, shape.gradient[i])
        assert (traces[i].yaxis, traces[count + i].yaxis) == ("y", "y2")
        assert traces[i].line.color == traces[count + i].line.color
    looks = {(trace.line.color, trace.line.dash) for trace in traces[:count]}
    assert len(looks) == count


def test_errors_join_each_target_with_its_prediction() -> None:
    sticks = drawn("loss points").data[0]
    for i, (target, prediction) in enumerate(zip((2, 4, 5), (2.5, 3.5, 9), strict=True)):
        same(sticks.x[3 * i : 3 * i + 2], [i + 1, i + 1])
        same(sticks.y[3 * i : 3 * i + 2], [target, prediction])
        assert np.isnan(sticks.y[3 * i + 2])


def test_shares_are_those_of_each_cost() -> None:
    for trace, name in zip(drawn("loss shares").data, ("mse", "mae", "huber"), strict=True):
        same(trace.y, cases.MEASURES.share[MEASURES.index(name)])
        assert sum(trace.y) == pytest.approx(1)


def test_costs_of_a_constant_are_one_where_they_are_least() -> None:
    figure = drawn("loss centers")
    for i in range(3):
        assert min(figure.data[i].y) == pytest.approx(1, abs=1e-3)
        same(figure.data[3 + i].x, cases.FOUND.best[[i]])
        assert figure.layout.shapes[i].x0 == pytest.approx(cases.FOUND.best[i])


def test_what_is_pulled_shows_the_answers_and_where_they_are_now() -> None:
    traces = drawn("loss pulled").data
    for i in range(3):
        same(traces[i].y, cases.FOUND.answer[i])
    same(traces[3].y, cases.FOUND.best)
    same(traces[3].x, [10, 10, 10])


def test_the_ledger_stacks_the_penalties_on_the_cost() -> None:
    losses, cost, l1, l2, level = drawn("loss ledger").data
    seen = cases.ACCOUNT
    same(losses.y, seen.loss)
    same(cost.y, [seen.cost, seen.cost])
    assert l1.x[0] == l2.x[0] == cost.x[1]
    assert cost.y[1] + l1.y[0] + l2.y[0] == pytest.approx(seen.objective, rel=1e-6)
    same(level.y, [seen.cost, seen.cost])


def test_probabilities_target_and_gradient_share_their_classes() -> None:
    softmax, target, gradient = drawn("probabilities").data
    same(softmax.y, cases.ANSWER.softmax)
    same(target.y, cases.ANSWER.target)
    same(gradient.y, cases.ANSWER.gradient)
    assert gradient.yaxis == "y2"
    assert drawn("probabilities").layout.xaxis.ticktext == ("1 ✓", "2", "3")
    assert drawn("separately").data[1].name.endswith(f"{cases.ANSWER.sigmoid.sum():.2f}")
    assert drawn("separately").data[0].name.endswith("1.00")


def test_twins_the_neuron_and_the_pair_are_their_results() -> None:
    entropies, slopes, learning = (drawn(case).data for case in ("entropies", "slopes", "learning"))
    for trace, values in zip(
        entropies,
        (cases.ENTROPIES.binary, cases.ENTROPIES.categorical, *cases.ENTROPIES.gradient),
        strict=False,
    ):
        same(trace.y, values)
    assert entropies[0].line.width > 2 * entropies[1].line.width, "one lies on the other and both are seen"
    for i in range(2):
        same(slopes[i].y, cases.NEURON.gradient[i])
        same(learning[i].y, cases.NEURON.probability[:, i])
        same(drawn("embedding").data[i].y, cases.PAIR.curve[i])
    same(drawn("embedding").data[2].y, cases.PAIR.loss)
    chord = drawn("vectors").data[3]
    np.testing.assert_allclose(np.hypot(chord.x, chord.y), 1, atol=1e-6)
