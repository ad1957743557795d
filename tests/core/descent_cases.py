"""The figures of the gradient descent room, for the checks that hold for all figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go

from mlcore.descents import minibatch, noise_ball, quadratics, regression, stability
from mlcore.descents.minibatch import BatchSpec
from mlcore.descents.noise_ball import NoiseSpec
from mlcore.descents.quadratics import OneSpec, TwoSpec, closed_form
from mlcore.descents.regression import RegressionSpec
from mlcore.families.surfaces import Relief
from mlcore.figures import minibatch as batches
from mlcore.figures import noise_ball as balls
from mlcore.figures import quadratics as figures
from mlcore.figures import stability as planes
from mlcore.figures.words import Say

LAND = Relief(np.linspace(-9, 9, 21), np.linspace(-9, 9, 21), np.ones((21, 21)).cumsum(0), 0.0)
ONE, LOST = OneSpec(), OneSpec(lr=80.0, steps=300)
CALM, WILD = RegressionSpec(steps=30), RegressionSpec("bmi", share=1.2, steps=500, weight=900.0)
NOISE, LOUD = NoiseSpec(replicas=60), NoiseSpec(lr=3.0, replicas=50, steps=200, start=-2.0)


def parabola(spec: OneSpec) -> Callable[[Say], go.Figure]:
    return lambda say: figures.parabola(spec, quadratics.way(spec), say)


def parts(spec: OneSpec | TwoSpec) -> Callable[[Say], go.Figure]:
    def draw(say: Say) -> go.Figure:
        way = quadratics.way(spec)
        theory = closed_form(spec.lr, spec.eigenvalues, way.component[0], way.steps)
        return figures.sizes(abs(way.component), theory, ["a", "b"][: theory.shape[1]], "|q|", say)

    return draw


def factors(eigenvalues: tuple[float, ...], lr: float) -> Callable[[Say], go.Figure]:
    return lambda say: figures.factors(quadratics.rates(eigenvalues), lr, 0.4, say)


def bowl(say: Say) -> go.Figure:
    spec = TwoSpec(degrees=30.0)
    ways = [quadratics.way(spec, 0.1), quadratics.way(spec)]
    vectors = quadratics.bowl(spec.eigenvalues, 30.0)[1]
    return figures.above(
        LAND, [way.theta for way in ways], [figures.BEST, figures.WAY], ["a", "b"], (-7, 7, -5, 5),
        ("x", "y"), np.zeros(2), say, vectors, spec.eigenvalues,
    )  # fmt: skip


def cost(spec: RegressionSpec) -> Callable[[Say], go.Figure]:
    def draw(say: Say) -> go.Figure:
        found = regression.fit(spec)
        box = regression.window(found, (spec.weight, spec.bias))
        return figures.above(
            regression.ground(found, box, 21), [found.theta], [figures.WAY], ["a"], box, ("w", "b"),
            found.solution, say, where="figure.least_squares",
        )  # fmt: skip

    return draw


def race(spec: RegressionSpec) -> Callable[[Say], go.Figure]:
    pair = lambda: [regression.fit(spec), regression.other_units(spec)]  # noqa: E731
    return lambda say: figures.races(pair(), ["a", "b"], say)


def plane(lr: float) -> Callable[[Say], go.Figure]:
    return lambda say: planes.plane(stability.plane(1.0, 20.0), lr, 0.5, say)


def balanced(lr: float) -> Callable[[Say], go.Figure]:
    def draw(say: Say) -> go.Figure:
        balls = [stability.ball((1.0, 100.0), lr, beta, 300) for beta in (0.5, 0.7, 0.0)]
        sizes = [np.abs(ball.theta[:, 0]).max(1) for ball in balls]
        return planes.descents(sizes, sizes, 0.9, ["a", "b", "c"], say)

    return draw


def cloud(draw: Callable[..., go.Figure], spec: NoiseSpec) -> Callable[[Say], go.Figure]:
    return lambda say: draw(spec, noise_ball.cloud(spec), say)


def variances(spec: NoiseSpec) -> Callable[[Say], go.Figure]:
    return lambda say: balls.variances(spec, noise_ball.curve(replace(spec, replicas=50)), say)


def minibatches(spec: BatchSpec) -> Callable[[Say], go.Figure]:
    return lambda say: batches.noise(spec, minibatch.distances(spec), say)


CASES: dict[str, Callable[[Say], go.Figure]] = {
    "parabola": parabola(ONE),
    "parabola lost": parabola(LOST),
    "parabola at rest": parabola(replace(ONE, start=0.0)),
    "parts one": parts(ONE),
    "parts lost": parts(LOST),
    "parts at rest": parts(replace(ONE, start=0.0)),
    "parts two": parts(TwoSpec()),
    "factors one": factors((1.0,), 0.4),
    "factors beyond": factors((0.2, 4.0), 9.0),
    "bowl": bowl,
    "whole landscape": cost(CALM),
    "whole landscape lost": cost(WILD),
    "fitted line": lambda say: figures.fitted(regression.fit(CALM), ("x", "y"), say),
    "units": race(CALM),
    "units lost": race(WILD),
    "momenta": plane(0.05),
    "momenta beyond": plane(3.0),
    "balls": balanced(0.02),
    "balls lost": balanced(2.0),
    "noise cloud": cloud(balls.cloud, NOISE),
    "noise cloud lost": cloud(balls.cloud, LOUD),
    "noise histogram": cloud(balls.histogram, NOISE),
    "noise histogram lost": cloud(balls.histogram, LOUD),
    "noise variances": variances(NOISE),
    "noise variances lost": variances(LOUD),
    "minibatches": minibatches(BatchSpec(draws=50)),
    "minibatches after training": minibatches(BatchSpec("iris", batch=100, steps=50, draws=50)),
}
