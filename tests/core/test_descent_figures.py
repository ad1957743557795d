"""The figures of the gradient descent room: measured points on lines of theory, marks in their places."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import trapezoid

from mlcore.descents import noise_ball, quadratics, regression, stability
from mlcore.figures import noise_ball as balls
from mlcore.figures import quadratics as figures
from mlcore.figures import stability as planes
from mlcore.figures.words import english
from tests.core.descent_cases import CALM, CASES, LOUD, NOISE, ONE


def test_points_of_the_parabola_are_those_of_the_descent() -> None:
    curve, chords, now, start = CASES["parabola"](english).data
    way = quadratics.way(ONE)
    assert chords.x == pytest.approx(way.theta[:, 0], rel=1e-6)
    assert chords.y == pytest.approx(np.interp(chords.x, curve.x, curve.y), abs=0.01)
    assert (now.x[0], start.x[0]) == pytest.approx((way.theta[-1, 0], ONE.start), rel=1e-6)


@pytest.mark.parametrize("case", ["parts one", "parts two"])
def test_measured_components_lie_on_their_lines(case: str) -> None:
    traces = CASES[case](english).data
    half = len(traces) // 2
    for line, dots in zip(traces[:half], traces[half:], strict=True):
        assert (line.mode, dots.mode) == ("lines", "markers")
        assert dots.y == pytest.approx(line.y, rel=1e-5)


def test_a_lost_descent_stays_on_a_readable_axis() -> None:
    low, high = CASES["parts lost"](english).layout.yaxis.range
    assert high - low < 16
    assert np.isnan(CASES["parabola lost"](english).data[1].x).any()  # beyond what a picture follows


def test_a_rate_beyond_the_picture_is_a_note() -> None:
    inside, beyond = (CASES[f"factors {name}"](english) for name in ("one", "beyond"))
    assert inside.data[4].y[0] == pytest.approx(0.6)
    assert not inside.layout.annotations
    assert len(beyond.data[4].x) == 0
    assert "9" in beyond.layout.annotations[0].text


def test_the_plane_has_its_boundary_and_its_best_pair_where_double_roots_meet() -> None:
    ground, edge, first, second, best, plain, chosen = CASES["momenta"](english).data
    found = stability.plane(1.0, 20.0)
    assert ground.z == pytest.approx(planes.shade(found.measured), abs=1e-6)
    assert edge.x == pytest.approx(2 * (1 + edge.y) / 20, rel=1e-5)
    for roots in (first, second):
        assert np.interp(best.x, roots.x, roots.y) == pytest.approx(best.y, abs=0.005)
    assert plain.y[0] == 0
    assert (chosen.x[0], chosen.y[0]) == pytest.approx((0.05, 0.5))
    assert len(CASES["momenta beyond"](english).data[6].x) == 0


@pytest.mark.parametrize("deep", [0.2, 0.3, 0.6, 1.0, 1.3])
def test_ticks_have_room_and_are_those_of_their_colors(deep: float) -> None:
    kept = planes.ticks(deep)
    places = planes.shade(kept)
    assert 1.0 in kept
    assert len(kept) >= 4
    assert (np.diff(places) > planes.ROOM * deep - 1e-9).all()
    assert np.abs(places).max() <= deep


def test_shades_keep_the_order_of_rates() -> None:
    rates = np.array([0.03, 0.5, 0.98, 0.99, 1.0, 1.01, 3.0])
    shades = planes.shade(rates)
    assert (np.diff(shades) > 0.02).all()
    assert shades[4] == 0
    assert np.isfinite(planes.shade(0.0))


@pytest.mark.parametrize("spec", [NOISE, LOUD])
def test_a_histogram_and_its_density_hold_all_replicas_that_are_seen(spec: noise_ball.NoiseSpec) -> None:
    found = noise_ball.cloud(spec)
    edges = balls.bins(spec)
    seen = ((found >= edges[0]) & (found <= edges[-1])).mean(1)
    assert balls.shares(spec, found).sum(1) * (edges[1] - edges[0]) == pytest.approx(seen, abs=1e-5)
    density = balls.normal(spec, spec.steps, balls.grid(spec))
    assert np.isnan(density[0]).all()  # a point has no density
    if spec is NOISE:
        assert trapezoid(density[3], balls.grid(spec)) == pytest.approx(1, abs=1e-3)
        assert trapezoid(density[-1], balls.grid(spec)) == pytest.approx(1, abs=1e-3)


def test_intervals_stand_around_the_measured_variances() -> None:
    figure = CASES["noise variances"](english)
    dots = figure.data[1]
    assert (dots.error_y.array > dots.error_y.arrayminus).all()  # chi-square leans to the right
    assert len(figure.data[2].x) == 1
    assert len(CASES["noise variances lost"](english).data[2].x) == 0


def test_the_line_moves_to_least_squares() -> None:
    found = regression.fit(CALM)
    dots, least, now = CASES["fitted line"](english).data
    assert len(dots.x) == len(found.problem.x)
    assert now.y == pytest.approx(found.theta[-1, 0] * now.x + found.theta[-1, 1], rel=1e-5)
    assert least.y == pytest.approx(found.solution[0] * least.x + found.solution[1], rel=1e-5)
    assert figures.lines(found, np.array([0.0, 1.0]))[0].tolist() == [0.0, 0.0]  # it starts at w = b = 0
