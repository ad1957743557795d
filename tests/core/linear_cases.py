"""The figures of the linear model, for the checks that all figures pass."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import plotly.graph_objects as go

from mlcore.depth import linear_data as data
from mlcore.depth import linear_fit, logistic, margins, perceptron
from mlcore.depth.linear_data import Plane
from mlcore.descents import regression
from mlcore.figures import classifiers, quadratics, words
from mlcore.figures import linear as figures
from mlcore.training.data import DataSpec

LINE = np.array([0.1, 0.5])
HELD = np.array([[0.5, -1.0], [0.5, 1.0], [np.nan, np.nan]])


def sides(name: str) -> Plane:
    return data.sides(name, DataSpec(), True)


@cache
def trained(name: str) -> logistic.Training:
    return logistic.train(sides(name), (0.0, 0.0, 0.0), 1.0, 200)


@cache
def learned(name: str) -> perceptron.Mistakes:
    z = sides(name).signed
    return perceptron.learn(z, perceptron.shuffled(len(z), 0), 5)


def line(say: words.Say) -> go.Figure:
    problem = data.line("iris", DataSpec(), False)
    return figures.line(problem, LINE, problem.solution, ("length", "width"), say)


def landscape(say: words.Say) -> go.Figure:
    problem = data.line("iris", DataSpec(), False)
    found = regression.follow(problem, (0.1, 0.5), 0.9, 60)
    box = linear_fit.window(problem, LINE, problem.solution)
    return quadratics.above(
        regression.ground(found, box, 21), [found.theta], [quadratics.WAY], ["names"], box, ("w", "b"),
        problem.solution, say, where="figure.least_squares", begin="figure.drag",
    )  # fmt: skip


def boundary(name: str) -> Callable[[words.Say], go.Figure]:
    theta, axes = np.array([1.0, 0.0, -0.5]), ("length", "width")
    return lambda say: classifiers.boundary(sides(name), theta, HELD, trained(name), axes, say)


def made(say: words.Say) -> go.Figure:
    plane = data.sides(data.CHOSEN, DataSpec("gaussians", examples=40), True)
    found = logistic.train(plane, (0.0, 0.0, 0.0), 1.0, 50)
    return classifiers.boundary(plane, np.zeros(3), np.full((3, 2), np.nan), found, ("x1", "x2"), say)


def touched(say: words.Say) -> go.Figure:
    x = np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 0.5], [-1.0, -0.2]])
    plane = Plane(x, np.array([0.0, 1, 1, 0]), ("a", "b"), ("0", "1"))
    found = logistic.train(plane, (0.0, 0.0, 0.0), 1.0, 50)
    return classifiers.boundary(plane, np.array([1.0, 0.0, 0.0]), HELD, found, ("x1", "x2"), say)


def rule(name: str) -> Callable[[words.Say], go.Figure]:
    return lambda say: classifiers.rule(
        sides(name), learned(name), ("length", "width"), learned(name).count, say
    )


CASES: dict[str, Callable[[words.Say], go.Figure]] = {
    "linear line": line,
    "linear landscape": landscape,
    "relief of a linear model": lambda say: figures.space(
        data.plane("bmi_lipid"), np.array([-0.3, 0.2, 0.5]), ("bmi", "s5", "names"), say
    ),
    "linear boundary parted": boundary("setosa"),
    "linear boundary": boundary("virginica"),
    "linear boundary of no weights": made,
    "linear boundary touched": touched,
    "logistic cost parted": lambda say: classifiers.cost(trained("setosa"), 0.3, say),
    "logistic cost": lambda say: classifiers.cost(trained("virginica"), 0.3, say),
    "logistic size": lambda say: classifiers.size(trained("virginica"), say),
    "perceptron rule": rule("setosa"),
    "perceptron rule without an end": rule("virginica"),
    "novikoff": lambda say: classifiers.novikoff(
        learned("setosa"), margins.margin(sides("setosa").signed), say
    ),
    "perceptron looks": lambda say: classifiers.over_looks(learned("virginica"), say),
}  # fmt: skip
