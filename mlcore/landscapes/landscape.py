"""Cost over a plane through the weights of a trained network: coarse at first, then exact.

The path of the training is projected onto the plane, and what the plane shows there is no cost that the
network had: `Trace` holds both, with the distance between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mlcore.base import spec as specs
from mlcore.base.device import computing
from mlcore.base.experiment import Report, run, silent
from mlcore.base.refusal import Refusal, times
from mlcore.base.registry import Knob
from mlcore.landscapes import planes
from mlcore.landscapes.evaluation import QUANTITIES, Curvature, Evaluator
from mlcore.landscapes.planes import PLANES, RANDOM, Plane
from mlcore.training.cached import trained
from mlcore.training.tasks import Task, TrainSpec, prepare
from mlcore.training.training import Run

PARTS = ("train", "test")
CHECKED = 100  # grid points at which a coarse view is compared with the network
BANDS = 4  # times that a view is reported while it becomes exact
MOST_WORK = 1e13  # multiplications
FLOATS = NDArray[np.float64]


class LandscapeError(Refusal):
    """A landscape that cannot be: `code` and `values` for the page, the sentence for everybody else."""

    SENTENCES: ClassVar[dict[str, str]] = {
        "diverged": "The training diverged, so there is no end to look around. Take a smaller learning rate.",
        "flat": "This plane lacks a direction: weights that are all 0, one weight beside biases, or equal "
        "ends give too few. Take another plane, model or initialization.",
        "grid": "This landscape would take {times} times the work that one job may do. Take fewer points, "
        "fewer examples or a smaller model.",
        "looks": "Looking at the curvature so often would take {times} times the work that one job may do. "
        "Take fewer looks, fewer examples or a smaller model.",
        "skip": "Units of residual networks cannot be matched layer by layer: a residual connection adds "
        "unit i of one layer to unit i of the next. Take a model without residual connections.",
        "channels": "Channels of a convolution cannot be matched as units are. Take a multilayer perceptron.",
        "still": "The weights never moved, so they span no plane. Take more steps or a larger learning rate.",
    }


@dataclass(frozen=True)
class LandscapeSpec:
    """A quantity over a window of a plane through the end of a training."""

    train: TrainSpec = specs.part(TrainSpec, TrainSpec(steps=300))
    plane: str = specs.choice("path", PLANES, "plane")
    plane_seed: int = specs.number(Knob(0, 0, 9999, integer=True), "pseed")
    what: str = specs.choice("cost", QUANTITIES, "what")
    part: str = specs.choice("train", PARTS, "over")
    resolution: int = specs.number(Knob(51, 11, 151, integer=True), "res")
    zoom: float = specs.number(Knob(1.0, 0.1, 1000.0, log=True), "zoom")
    middle_a: float = specs.number(Knob(0.0, -10.0, 10.0), "ma")  # 0 is the middle of the home window,
    middle_b: float = specs.number(Knob(0.0, -10.0, 10.0), "mb")  # -1 and 1 are its sides

    def __post_init__(self) -> None:
        specs.check(self)
        object.__setattr__(self, "train", replace(self.train, replicas=1))
        if self.plane not in RANDOM:
            object.__setattr__(self, "plane_seed", 0)

    def window(self, plane: Plane) -> tuple[float, float, float, float]:
        """a from, a to, b from, b to."""
        sides: list[float] = []
        for (low, high), at in zip(
            (plane.home[:2], plane.home[2:]), (self.middle_a, self.middle_b), strict=True
        ):
            half = (high - low) / 2
            middle = (high + low) / 2 + at * half
            sides += [middle - half / self.zoom, middle + half / self.zoom]
        return sides[0], sides[1], sides[2], sides[3]


@dataclass(frozen=True, eq=False)
class Trace:
    """The training's path, projected onto the plane. T recorded steps."""

    step: NDArray[np.int64]  # [T]
    ab: FLOATS  # [T, 2] where the plane is nearest
    off: FLOATS  # [T] how far that is
    far: FLOATS  # [T] the distance to the last weights
    true: NDArray[np.float32]  # [T] the quantity at the weights themselves
    drawn: NDArray[np.float32]  # [T] the quantity at the nearest point of the plane, computed there


@dataclass(frozen=True, eq=False)
class Landscape:
    """A view of a plane: interpolated at first, in the end computed at every point of the grid."""

    spec: LandscapeSpec
    plane: Plane
    trace: Trace
    a: FLOATS  # [A]
    b: FLOATS  # [B]
    value: NDArray[np.float32]  # [B, A]
    exact: int  # rows of the grid, from the first, that are computed and not interpolated
    nodes: int  # of the coarse view, along each side
    error: float  # its largest error at CHECKED points, in shares of the range of values
    walk: FLOATS  # [T] shares that a random walk of these steps would have
    classes: int  # 0 for regression: scores are R^2

    @property
    def whole(self) -> bool:
        return self.exact == len(self.b)


@run.register
@computing()
def landscape(spec: LandscapeSpec, report: Report = silent) -> Landscape:
    """Parts are the view so far. Raises `LandscapeError`, and what `prepare` raises."""
    task = prepare(spec.train)
    work = float(spec.resolution) ** 2 * (len(task.x) if spec.part == "train" else len(task.x_test))
    work *= task.network.size * (3 if spec.what == "gradient" else 1)
    if work > MOST_WORK:
        raise LandscapeError("grid", times=times(work, MOST_WORK))
    done, plane = plane_of(spec, task, partial(trained, report=report, of=0.4))
    evaluator = Evaluator(task, spec.train, spec.part, spec.what)
    trace = trace_of(done, plane, evaluator)
    left, right, low, high = spec.window(plane)
    a, b = np.linspace(left, right, spec.resolution), np.linspace(low, high, spec.resolution)

    def at(ab: FLOATS) -> Iterator[NDArray[np.float32]]:
        for piece in evaluator.pieces(ab, plane.rows):
            report(share, None)
            yield piece

    share = 0.4
    nodes = max(9, spec.resolution // 3 | 1)
    value, error = interpolated(a, b, nodes, lambda ab: np.concatenate([*at(ab)]))
    walk = planes.of_random_walk(trace.step.tolist())
    view = Landscape(spec, plane, trace, a, b, value, 0, nodes, error, walk, task.data.classes)
    share = 0.5
    report(share, view)
    every = pairs(a, b)
    for rows in np.array_split(np.arange(len(b)), BANDS):
        value = view.value.copy()
        value[rows] = np.concatenate([*at(every[rows].reshape(-1, 2))]).reshape(len(rows), -1)
        view = replace(view, value=value, exact=int(rows[-1]) + 1)
        share = 0.5 + 0.5 * view.exact / len(b)
        report(share, None if view.whole else view)
    return view


def plane_of(spec: LandscapeSpec, task: Task, train: Any = trained) -> tuple[Run, Plane]:
    """The run that ends in the plane's origin, and the plane. `train` gives the run of a TrainSpec.

    Raises `LandscapeError`.
    """
    done, plane = _through(spec, task, train)
    if plane.flat:
        raise LandscapeError("flat")
    return done, plane


def _through(spec: LandscapeSpec, task: Task, train: Any) -> tuple[Run, Plane]:
    count = {"solutions": 3, "pair": 2}.get(spec.plane, 1)
    done: Run = train(replace(spec.train, replicas=count))
    end = done.final[0].astype(np.float64)
    if not np.isfinite(done.final).all() or not np.isfinite(done.records.train_cost[-1]).all():
        raise LandscapeError("diverged")
    if spec.plane in RANDOM:
        return done, planes.random(task.network, spec.plane, end, spec.plane_seed)
    if count == 3:
        return done, planes.through(done.final)
    if spec.plane == "hessian":
        values, vectors = Curvature(task, spec.train, end).top()
        rise = float(done.records.train_cost[0, 0])
        return done, planes.curved(end, values, vectors, rise)
    path = done.records.theta[:, 0]
    if len(path) < 2 or not np.ptp(path, axis=0).any():
        raise LandscapeError("still")
    if spec.plane == "pair":
        return done, planes.through(np.concatenate([done.final, path[:1]]), solutions=2)
    return done, planes.principal(path)


def trace_of(done: Run, plane: Plane, evaluator: Evaluator) -> Trace:
    """The path of the first replica as the plane shows it, and as it was."""
    theta = done.records.theta[:, 0]
    ab, off = plane.project(theta)
    far = np.linalg.norm(theta.astype(np.float64) - plane.origin, axis=1)
    true, drawn = evaluator.all(theta), evaluator.all(ab, plane.rows)
    return Trace(done.records.step, ab, off, far, true, drawn)


# ---------------------------------------------------------------- the coarse view


def pairs(a: FLOATS, b: FLOATS) -> FLOATS:
    """All points (a, b) as [B, A, 2]."""
    return np.stack(np.meshgrid(a, b), axis=-1)


def chebyshev(low: float, high: float, count: int) -> FLOATS:
    """Where to compute a function that is to be interpolated: dense at both ends, which are included."""
    nodes: FLOATS = (low + high) / 2 - (high - low) / 2 * np.cos(np.pi * np.arange(count) / (count - 1))
    return nodes


def between(nodes: FLOATS, at: FLOATS) -> FLOATS:
    """[M, count]: times values at Chebyshev nodes it gives the polynomial through them at M points.

    The second barycentric formula (Berrut and Trefethen 2004, 5.4).
    """
    weight = (-1.0) ** np.arange(len(nodes))
    weight[[0, -1]] /= 2
    apart = at[:, None] - nodes
    hit = np.isclose(apart, 0, atol=1e-12 * (nodes[-1] - nodes[0]))
    terms = weight / np.where(hit, 1.0, apart)
    found: FLOATS = terms / terms.sum(1, keepdims=True)
    rows = hit.any(1)
    found[rows] = hit[rows]
    return found


def interpolated(a: FLOATS, b: FLOATS, nodes: int, at: Any) -> tuple[NDArray[np.float32], float]:
    """The grid from nodes x nodes points, [B, A], and the largest error at others in shares of the range."""
    across, along = (chebyshev(side[0], side[-1], nodes) for side in (a, b))
    known = at(pairs(across, along).reshape(-1, 2)).reshape(nodes, nodes).astype(np.float64)
    value = (between(along, b) @ known @ between(across, a).T).clip(known.min(), known.max())
    checked = np.random.default_rng(0).choice(a.size * b.size, min(CHECKED, a.size * b.size), replace=False)
    wrong = np.abs(value.ravel()[checked] - at(pairs(a, b).reshape(-1, 2)[checked])).max()
    return value.astype(np.float32), float(wrong / max(np.ptp(known), 1e-12))
