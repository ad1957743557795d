"""The pictures of paths say what the paths are."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from scipy.interpolate import RegularGridInterpolator

from mlcore.descents.paths import PathSpec, RuleSpec
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.families.surfaces import SURFACES, relief
from mlcore.figures import paths as figures
from tests.core.path_cases import CALM, WILD, land, names, walked


def test_paths_start_at_the_ring_and_end_at_their_marks() -> None:
    figure = figures.above(CALM, land(CALM), walked(CALM), names(CALM))
    *_, marks, ring, stars, _heights = figure.data
    for i, path in enumerate(walked(CALM)):
        trace = figure.data[1 + i]
        assert (trace.x[0], trace.y[0]) == (ring.x[0], ring.y[0]) == (1.0, 1.5)
        np.testing.assert_allclose([trace.x[-1], trace.y[-1]], path.theta[-1], rtol=1e-6)
        assert (marks.x[i], marks.y[i]) == (trace.x[-1], trace.y[-1])
        assert marks.marker.color[i] == trace.line.color
    assert [*zip(stars.x.tolist(), stars.y.tolist(), strict=True)] == [(3.0, 0.5)]


def test_the_ground_is_lowest_at_the_minimum_and_tells_f() -> None:
    ground, heights = figures.ground(land(CALM))
    row, column = np.unravel_index(ground.z.argmin(), ground.z.shape)
    assert np.hypot(ground.x[column] - 3, ground.y[row] - 0.5) < 0.3
    assert ground.customdata[row, column] == pytest.approx(land(CALM).value.min(), rel=1e-6)
    assert heights.type == "contour"
    assert all(np.array_equal(ground[k], heights[k]) for k in "xyz")


@pytest.mark.parametrize("surface", SURFACES)
def test_a_start_outside_the_box_is_seen(surface: str) -> None:
    left, right, low, high = figures.frame(PathSpec(surface, x=20.0, y=-20.0))
    box = SURFACES[surface].box
    assert (left, high) == (box[0], box[3])
    assert right > 20
    assert low < -20


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_arrows_point_downhill_and_along_the_step(name: str) -> None:
    spec = PathSpec(rules=(RuleSpec(name, lr=0.001),), steps=20)
    (path,) = walked(spec)
    left, right, low, high = figures.frame(spec)
    size = np.array([right - left, high - low])
    for ends, vector in zip(figures.arrows(spec, path), (-path.gradient, -path.direction), strict=True):
        arrow = ends[:, 1] - ends[:, 0]
        moves = np.linalg.norm(vector, axis=1) > 0  # ADOPT's first step is none
        np.testing.assert_allclose(np.linalg.norm(arrow / size, axis=1)[moves], figures.ARROW, rtol=1e-12)
        turned = arrow[:, 0] * vector[:, 1] - arrow[:, 1] * vector[:, 0]
        np.testing.assert_allclose(turned / (1e-300 + np.abs(vector).max()), 0, atol=1e-12)
        assert ((arrow * vector).sum(1) >= 0).all()


def test_curves_of_a_divergence_leave_the_picture_and_not_the_rest() -> None:
    values = [path.distance for path in walked(WILD)]
    figure = figures.over_steps(walked(WILD), values, "d", names(WILD), WILD)
    low, high = figure.layout.yaxis.range
    assert 10**high < 1e5 * max(v[0] for v in values)
    assert 10**low < values[1].min() * 1.2


def test_a_relief_shows_no_path_outside_of_it() -> None:
    figure = figures.in_relief(WILD, land(WILD), walked(WILD), names(WILD))
    left, right, low, high = figures.frame(WILD)
    for trace in figure.data[1:-1]:
        x, y, z = (np.asarray(v, float) for v in (trace.x, trace.y, trace.z))
        inside = np.isfinite(x)
        assert ((x[inside] >= left) & (x[inside] <= right)).all()
        assert ((y[inside] >= low) & (y[inside] <= high)).all()
        assert np.isfinite(z[inside]).all()


@pytest.mark.parametrize("camera", figures.EYES)
@pytest.mark.parametrize("surface", SURFACES)
def test_no_hill_hides_a_minimum(surface: str, camera: str) -> None:
    figure = bare(surface, camera)
    ground, *_, marks = figure.data
    low, high = (np.array([end(ground[k]) for k in "xyz"], float) for end in (np.min, np.max))
    sides, eye = (np.array([at[k] for k in "xyz"]) for at in (figure.layout.scene.aspectratio, _eye(figure)))
    height = RegularGridInterpolator((ground.x[0], ground.y[:, 0]), np.asarray(ground.z, float).T)
    spots = np.stack([marks.x, marks.y, marks.z], axis=1)
    assert len(spots) == len(SURFACES[surface].minima)
    for start in ((spots - low) / (high - low) - 0.5) * sides:
        sight = start + np.linspace(0, 1, 2000)[:, None] * (eye - start)
        x, y, z = (sight[(np.abs(sight / sides)[:, :2] <= 0.5).all(1)] / sides + 0.5).T
        x, y, z = (v * (high[k] - low[k]) + low[k] for k, v in enumerate((x, y, z)))
        assert (z > height(np.clip(np.stack([x, y], 1), low[:2], high[:2]))).all()


def test_marks_stand_on_poles_no_higher_than_hills_ask() -> None:
    for surface, camera, least, most in (("bowl", "top", 0.0, 0.1), ("rastrigin", "corner", 0.2, 0.9)):
        ground, pole, marks = bare(surface, camera).data
        assert least < marks.z[0] / np.max(ground.z) < most
        assert (pole.x[1], pole.y[1], pole.z[1]) == (marks.x[0], marks.y[0], marks.z[0])


def bare(surface: str, camera: str) -> go.Figure:
    """The surface as it is offered, without paths."""
    chosen = SURFACES[surface]
    land = relief(surface, chosen.box, 51, **{name: knob.default for name, knob in chosen.knobs.items()})
    return figures.in_relief(PathSpec(surface, rules=()), land, (), (), camera)


def _eye(figure: go.Figure) -> Any:
    return figure.layout.scene.camera.eye
