"""The figures of the regression tasks, for the checks that all figures pass."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.base.experiment import run
from mlcore.figures import boxes, depth_maps, detector, flow, shading, words
from mlcore.tasks import box_descent, equal_error
from mlcore.tasks.boxes import measure
from mlcore.tasks.depth_maps import MapSpec, compare, measures, over_scales
from mlcore.tasks.detector import Detector, DetectorSpec
from mlcore.tasks.flow import Flow, FlowSpec, estimate, frame, over_amounts, square
from mlcore.tasks.shading import Seen, ShadingSpec

NEAR, TRUE, FAR = (1.5, 2.0, 5.0, 6.0), (3.5, 3.0, 8.0, 8.0), (0.5, 0.5, 2.0, 1.5)
SMALL = DetectorSpec(examples=50, units=8, updates=60, seeds=2)


SMALL_SHADING = ShadingSpec(examples=50, units=8, updates=60, seeds=2)


@cache
def depth_seen() -> Seen:
    found: Seen = run(SMALL_SHADING)
    return found


@cache
def trained() -> Detector:
    found: Detector = run(SMALL)
    return found


@cache
def moved(texture: str = "waves") -> Flow:
    return estimate(FlowSpec(texture=texture))


def half_even() -> NDArray[np.float64]:
    """A picture whose right half shows nothing."""
    picture = np.full((64, 64), 0.6)
    picture[:, :32] = np.random.default_rng(0).uniform(size=(64, 32))
    return square(picture)


def seen(k: int) -> Callable[[words.Say], go.Figure]:
    return lambda say: depth_maps.maps(compare(MapSpec(noise=0.1)), say)[k]


def scaled(say: words.Say) -> go.Figure:
    own = compare(MapSpec(noise=0.1))
    return depth_maps.scales(over_scales(MapSpec(noise=0.1)), measures(own.found, own.true), say)


def equal(k: int) -> Callable[[words.Say], go.Figure]:
    found = equal_error.family(NEAR, TRUE)
    assert found is not None
    return lambda say: boxes.equal(found, TRUE, say)[k]


CASES: dict[str, Callable[[words.Say], go.Figure]] = {
    "boxes": lambda say: boxes.plane(measure(NEAR, TRUE), "giou", say),
    "boxes apart": lambda say: boxes.plane(measure(FAR, TRUE), "iou", say),
    "boxes shifted": lambda say: boxes.shifted(measure(NEAR, TRUE), say),
    "boxes of equal error": equal(0),
    "losses of equal error": equal(1),
    "boxes race": lambda say: boxes.race(box_descent.descend(FAR, TRUE, "adam", 0.1, 20), TRUE, say),
    "boxes overlaps": lambda say: boxes.overlaps(box_descent.descend(FAR, TRUE, "adam", 0.1, 20), say),
    "detector learning": lambda say: detector.learning(
        trained().checkpoints, SMALL.updates, trained().chance, say
    ),
    "detector on its way": lambda say: detector.learning(trained().checkpoints[:3], SMALL.updates, None, say),
    "detector answers": lambda say: detector.answers(trained(), say),
    "flow frame": lambda say: flow.moving(frame(FlowSpec(), 0.5), say),
    "flow arrows": lambda say: flow.arrows(moved(), say),
    "flow arrows of stripes": lambda say: flow.arrows(moved("stripes"), say),
    "flow arrows of a picture": lambda say: flow.arrows(estimate(FlowSpec(texture="own"), half_even()), say),
    "flow colors": lambda say: flow.colored(moved(), say)[1],
    "flow colors at rest": lambda say: flow.colored(estimate(FlowSpec(amount=0.0)), say)[0],
    "flow wheel": lambda say: flow.colored(moved(), say)[2],
    "flow errors": lambda say: flow.errors(moved(), say),
    "flow carried": lambda say: flow.carried(*over_amounts(FlowSpec()), (1.5, 0.1), say),
    "true depth": seen(0),
    "predicted depth": seen(1),
    "ratio of depths": seen(2),
    "depth over scales": scaled,
    "log depth over steps": lambda say: shading.learning(depth_seen().glances, 60, 0.4, say)[0],
    "shape over steps": lambda say: shading.learning(depth_seen().glances[:3], 60, 0.4, say)[1],
    "shading seen": lambda say: shading.answers(depth_seen(), say),
    "shading images": lambda say: shading.images(depth_seen(), say),
}
