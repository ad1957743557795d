"""The figures of problem types, for the checks that all figures pass."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import plotly.graph_objects as go

from mlcore.base.experiment import run
from mlcore.figures import clusters as cluster_figures
from mlcore.figures import words
from mlcore.figures import worlds as world_figures
from mlcore.tasks import clusters, mixtures, planning, three
from mlcore.tasks.flat import Flat, flat
from mlcore.tasks.learners import Learned, LearnSpec
from mlcore.tasks.worlds import PRESETS, World, world
from mlcore.training.data import DataSpec
from mlcore.training.principal import principal

SPEC = LearnSpec(episodes=40, agents=12)
WINDY = ".Udlr.-swp..g"  # every sign but a few


@cache
def points(name: str = "moons") -> Flat:
    return flat(DataSpec(name))


@cache
def moved() -> clusters.Moves:
    return clusters.moves(points().x, clusters.start(points().x, 4, "points", 0))


@cache
def mixed() -> mixtures.Mixtures:
    return mixtures.fit(points().x, clusters.start(points().x, 4, "points", 0))


@cache
def learned() -> tuple[Learned, ...]:
    found: tuple[Learned, ...] = run(SPEC)
    return found


def place(text: str = WINDY) -> World:
    return world(text)


def swept(text: str, best: bool) -> planning.Sweeps:
    return planning.sweep(world(text), 0.9, best)


def walk(say: words.Say) -> go.Figure:
    one = learned()[0]
    way = one.way[0, 0].astype(np.int64)
    return world_figures.walk(SPEC.world, one.policy[0].astype(np.int64), way[way >= 0], say)


def ends(say: words.Say) -> go.Figure:
    found = [clusters.restarts(points().x, 5, way, 0, 40) for way in clusters.STARTS]
    return cluster_figures.ends(found, ["a", "b"], say)


RULES = ["a", "b", "c"]
CASES: dict[str, Callable[[words.Say], go.Figure]] = {
    "tasks labels": lambda say: cluster_figures.labeled(points(), three.supervised(points()), say),
    "tasks many labels": lambda say: cluster_figures.labeled(
        points("digits"), three.supervised(points("digits")), say
    ),
    "tasks groups": lambda say: cluster_figures.grouped(points(), three.unsupervised(points()), say),
    "tasks rewards": lambda say: world_figures.earned(three.reinforcement(points()), 2, say),
    "tasks k-means": lambda say: cluster_figures.moves(points().x, moved(), say),
    "tasks inertia": lambda say: cluster_figures.falling(moved().inertia[1:], "figure.inertia", say),
    "tasks ends": ends,
    "tasks mixture": lambda say: cluster_figures.mixture(
        points().x, mixed(), mixed().shares(points().x).argmax(1), say
    ),
    "tasks likelihood": lambda say: cluster_figures.falling(mixed().likelihood, "figure.likelihood", say),
    "tasks directions": lambda say: cluster_figures.directions(points().x, *principal(points().x), say),
    "tasks world": lambda say: world_figures.swept(place(), swept(WINDY, True), say),
    "tasks evaluated world": lambda say: world_figures.swept(
        place(PRESETS["cliff"]), swept(PRESETS["cliff"], False), say
    ),
    "tasks gap": lambda say: world_figures.gap(swept(WINDY, True), say),
    "tasks curves": lambda say: world_figures.curves(learned(), RULES, say),
    "tasks optimal": lambda say: world_figures.optimal(learned(), RULES, say),
    "tasks walk": walk,
}
