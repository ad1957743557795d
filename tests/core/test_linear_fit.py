"""Least squares against numpy, scikit-learn and autograd; its pictures' windows and squares."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

from mlcore.depth import linear_data as data
from mlcore.depth import linear_fit as core
from mlcore.depth.linear_data import CHOSEN, CURVES, DUOS, ONE
from mlcore.descents.regression import Problem, follow, linear
from mlcore.figures import linear as figures
from mlcore.training.data import DataSpec

LINES = [(name, std) for name in ONE if name != CHOSEN for std in (False, True)]


def problems() -> dict[str, Problem]:
    found = {f"{name} {std}": data.line(name, DataSpec(), std) for name, std in LINES}
    found |= {name: data.plane(name) for name in DUOS}
    for name in CURVES:
        found[f"made {name}"] = data.line(CHOSEN, DataSpec(name, examples=80), False)
    return found


PROBLEMS = problems()


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_normal_equation_has_the_solution_of_others(name: str) -> None:
    problem = PROBLEMS[name]
    found = core.normal(problem)
    x, y = problem.x.numpy(), problem.y[:, 0].numpy()
    oracle = LinearRegression().fit(x, y)
    assert found.unique
    assert found.theta == pytest.approx([*oracle.coef_, oracle.intercept_], rel=1e-8, abs=1e-10)
    assert found.theta == pytest.approx(np.linalg.lstsq(problem.columns.numpy(), y)[0], rel=1e-8, abs=1e-10)
    assert found.cost == pytest.approx(0.5 * np.square(y - oracle.predict(x)).mean(), rel=1e-10)
    assert found.condition == pytest.approx(np.linalg.cond(problem.columns.numpy()) ** 2, rel=1e-6)


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_residual_is_at_right_angles_to_every_column(name: str) -> None:
    problem = PROBLEMS[name]
    found = core.normal(problem)
    residual = core.residuals(problem, found.theta)
    for column in problem.columns.numpy().T:
        assert abs(column @ residual) <= 1e-10 * np.linalg.norm(column) * np.linalg.norm(residual)
    assert found.angle < 1e-10
    assert core.gradient(problem, found.theta) == pytest.approx(
        np.zeros(len(found.theta)), abs=1e-10 * float(problem.columns.abs().max() * problem.y.abs().max())
    )


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_gradient_is_that_of_autograd_and_half_that_of_the_mse(name: str) -> None:
    problem = PROBLEMS[name]
    theta = np.linspace(-1, 2, problem.columns.shape[1])
    leaf = torch.tensor(theta, requires_grad=True)
    residual = problem.columns @ leaf - problem.y[:, 0]
    lecture, mse = (0.5 * residual**2).mean(), (residual**2).mean()
    (slope,) = torch.autograd.grad(lecture, leaf, retain_graph=True)
    (twice,) = torch.autograd.grad(mse, leaf)
    assert core.cost(problem, theta) == pytest.approx(float(lecture.detach()), rel=1e-12)
    assert core.gradient(problem, theta) == pytest.approx(slope.numpy(), rel=1e-9)
    assert 2 * core.gradient(problem, theta) == pytest.approx(twice.numpy(), rel=1e-9)
    hessian = torch.autograd.functional.hessian(
        lambda row: (0.5 * (problem.columns @ row - problem.y[:, 0]) ** 2).mean(), leaf.detach()
    )
    assert problem.hessian == pytest.approx(hessian.numpy(), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", DUOS)
def test_descent_in_space_follows_theory_and_arrives(name: str) -> None:
    found = follow(data.plane(name), (-0.3, 0.2, 0.5), 0.9, 500)
    assert found.gap == pytest.approx(found.closed, rel=1e-6, abs=1e-12 * found.gap[0])
    assert found.distance < 1e-3
    assert found.bound == pytest.approx(2 / np.linalg.eigvalsh(found.problem.hessian)[-1])
    lost = follow(data.plane(name), (-0.3, 0.2, 0.5), 1.05, 500)
    assert lost.gap[-1] > lost.gap[0]


def test_where_the_columns_depend_on_each_other_the_shortest_solution_is_told() -> None:
    x = torch.ones(6, 1, dtype=torch.float64)
    y = torch.arange(6, dtype=torch.float64)
    found = core.normal(linear(x, y, ("x", "y"), data.HALF))
    assert not found.unique
    assert found.theta == pytest.approx([1.25, 1.25])  # w + b is the mean of y
    assert found.angle < 1e-12


def test_the_lines_are_of_real_features_and_of_every_curve_in_one_dimension() -> None:
    assert {"iris", "bmi", "pressure", "cells", "wine", CHOSEN} == set(ONE)
    assert {"line", "sine", "heavy_tail", "typed_curve"} <= set(CURVES)
    for name in DUOS:
        problem = data.plane(name)
        assert problem.x.shape[1] == 2
        assert problem.x.mean(0).abs().max() < 1e-12  # standardized


# ---------------------------------------------------------------- what a picture shows


numbers = st.floats(-100, 100, allow_nan=False)


@settings(derandomize=True, database=None)
@given(low=numbers, width=st.floats(0.1, 50), at=numbers)
def test_an_axis_goes_on_behind_what_lies_outside_and_stays_for_what_lies_within(
    low: float, width: float, at: float
) -> None:
    a, b = core.stretched(low, low + width, at)
    assert a <= min(low, at)
    assert b >= max(low + width, at)
    if low <= at <= low + width:
        assert (a, b) == (low, low + width)
    else:
        assert a < at < b


@pytest.mark.parametrize(("name", "std"), LINES)
def test_the_landscape_holds_solution_start_and_origin_and_no_dragged_point_moves_it(
    name: str, std: bool
) -> None:
    problem = data.line(name, DataSpec(), std)
    solution = core.normal(problem).theta
    usual = core.window(problem, np.zeros(2), solution)
    for theta in (solution, np.zeros(2), np.array([usual[0], usual[3]])):
        assert core.window(problem, theta, solution) == usual  # from corner to corner
    far = np.array([usual[1] + 1, usual[2] - 1])
    sides = core.window(problem, far, solution)
    assert sides[0] < far[0] < sides[1]
    assert sides[2] < far[1] < sides[3]


@pytest.mark.parametrize("theta", [(0.4, -0.3), (-0.2, 2.0), (0.0, 0.0)])
def test_every_square_has_equal_sides_on_the_screen_and_stands_on_its_residual(
    theta: tuple[float, float],
) -> None:
    problem, row = data.line("iris", DataSpec(), False), np.array(theta)
    picture = figures.line(problem, row, core.normal(problem).theta, ("x", "y"))
    around, ratio = picture.data[figures.SQUARES], picture.layout.yaxis.scaleratio
    assert picture.layout.yaxis.scaleanchor == "x"
    (left, right), (low, high) = picture.layout.xaxis.range, picture.layout.yaxis.range
    assert (right - left) / ((high - low) * ratio) == pytest.approx(figures.SHAPE)
    corners = np.stack([around.x, around.y], axis=1).astype(float).reshape(-1, 6, 2)
    assert len(corners) == len(problem.x)
    assert np.isnan(corners[:, 5]).all()
    x, y, said = problem.x[:, 0].numpy(), problem.y[:, 0].numpy(), core.residuals(problem, row)
    assert corners[:, 0] == pytest.approx(np.stack([x, y], axis=1), rel=1e-5)
    assert corners[:, 1] == pytest.approx(np.stack([x, y + said], axis=1), rel=1e-5, abs=1e-6)
    side = np.abs(corners[:, 2, 0] - corners[:, 1, 0]) / ratio  # in units of y
    assert side == pytest.approx(np.abs(said), rel=1e-4, abs=1e-5)


def test_the_squares_area_is_the_cost() -> None:
    problem, row = data.line("iris", DataSpec(), False), np.array([0.2, 0.1])
    picture = figures.line(problem, row, core.normal(problem).theta, ("x", "y"))
    around, ratio = picture.data[figures.SQUARES], picture.layout.yaxis.scaleratio
    corners = np.stack([around.x, around.y], axis=1).astype(float).reshape(-1, 6, 2)
    area = np.abs(np.diff(corners[:, :3, 0])[:, 1] / ratio * np.diff(corners[:, :2, 1])[:, 0])
    assert 0.5 * area.mean() == pytest.approx(core.cost(problem, row), rel=1e-4)


def test_the_marks_lie_on_the_line_and_within_the_picture() -> None:
    problem = data.line("bmi", DataSpec(), False)
    for theta in ([0.1, 0.5], [970.0, 151.0], [-9e5, 3.0], [0.0, 1e6]):
        row = np.array(theta)
        picture = figures.line(problem, row, core.normal(problem).theta, ("x", "y"))
        held = picture.data[figures.HANDLES]
        assert held.y == pytest.approx(row[0] * held.x + row[1], rel=1e-5)
        low, high = picture.layout.yaxis.range
        assert low < min(held.y) <= max(held.y) < high


def test_sticks_go_from_every_example_to_the_plane() -> None:
    problem = data.plane("bmi_pressure")
    theta = np.array([[0.4, -0.2, 0.1], [0.0, 0.0, 0.0]])
    found = figures.sticks(problem, theta).reshape(2, -1, 3)
    y = problem.y[:, 0].numpy()
    said = problem.columns.numpy() @ theta.T
    assert found[..., 0] == pytest.approx(np.stack([y, y]), rel=1e-5, abs=1e-6)
    assert found[..., 1] == pytest.approx(said.T, rel=1e-5, abs=1e-6)
    x, across, heights = figures.surface(problem, theta)
    assert heights == pytest.approx(
        np.stack([w1 * x + w2 * across + b for w1, w2, b in theta]), rel=1e-5, abs=1e-6
    )


def test_columns_that_depend_on_each_other_have_no_condition_number() -> None:
    x = torch.full((5, 1), 0.3, dtype=torch.float64)
    y = torch.arange(5, dtype=torch.float64)
    found = follow(linear(x, y, ("x", "y"), data.HALF), (1.0, -1.0), 0.9, 50)
    assert found.condition == float("inf")
    assert found.gap[-1] < 1e-9 * found.gap[0]  # the steep direction arrives, the flat one costs nothing
