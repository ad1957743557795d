"""The figures of contrastive learning, for the checks that all figures pass."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import plotly.graph_objects as go

from mlcore.base.experiment import run
from mlcore.embeddings.contrast import Contrast
from mlcore.embeddings.contrast_sweeps import OVER, Collapse, CollapseSpec, ContrastSweepSpec
from mlcore.embeddings.contrastive import ContrastiveSpec
from mlcore.embeddings.hardness import push
from mlcore.embeddings.pair_losses import Goal, uniform
from mlcore.embeddings.pairs import descend, on_circle, on_sphere, place, random_cosines
from mlcore.figures import contrastive, pairs
from mlcore.figures.words import Say
from mlcore.training.data import DataSpec

SMALL = ContrastiveSpec(DataSpec("digits", examples=120), batch=16, units=12, dimensions=3, steps=40, lr=0.01)
FLAT = ContrastiveSpec(DataSpec("moons", examples=60), batch=16, units=8, dimensions=2, steps=20)
CIRCLE = on_circle((15.0, 100.0, 215.0, 62.0, 170.0, 250.0))
SPHERE = on_sphere((0.0, 90.0, 200.0, 30.0, 120.0, 240.0), (10.0, -20.0, 40.0, 15.0, 0.0, 60.0))
RIVALS = (35.0, 75.0, -60.0)


@cache
def learned(spec: ContrastiveSpec = SMALL) -> Contrast:
    found: Contrast = run(spec)
    return found


@cache
def collapsed() -> Collapse:
    found: Collapse = run(CollapseSpec(FLAT, seeds=2))
    return found


@cache
def swept(over: str) -> Any:
    return run(ContrastSweepSpec(FLAT, over, seeds=2))


def codes(spec: ContrastiveSpec) -> Callable[[Say], go.Figure]:
    def draw(say: Say) -> go.Figure:
        found = learned(spec)
        names = [str(k) for k in range(int(found.labels.max()) + 1)]
        return contrastive.codes(found.checkpoints[-1].codes, found.labels, names, say)

    return draw


def panel(say: Say) -> go.Figure:
    found, goal = collapsed(), CollapseSpec(FLAT).goals[-1]
    at = found.glimpses[-1].codes[-1]
    return contrastive.panel(at, found.labels, ["0", "1"], contrastive.name_of(goal, say), say)


def collapsing(quantity: str) -> Callable[[Say], go.Figure]:
    own = CollapseSpec(FLAT)
    return lambda say: contrastive.collapsing(collapsed().glimpses, own.goals, 20, quantity, say)


CASES: dict[str, Callable[[Say], go.Figure]] = {
    "views on the circle": lambda say: pairs.circle(place(CIRCLE, Goal()), say),
    "legend of views on the sphere": lambda say: pairs.sphere(place(SPHERE, Goal()), say),
    "views descend": lambda say: pairs.descent(descend(CIRCLE, Goal(), 0.1, 20), 0.01, None, say),
    "views descend to 0": lambda say: pairs.descent(descend(CIRCLE, Goal(), 0.1, 20), 0.0, 0.2, say),
    "negatives of a view": lambda say: pairs.anchored(RIVALS, -20.0, push(-20.0, RIVALS, 0.3), say),
    "shares of the push": lambda say: pairs.shares(push(-20.0, RIVALS, 0.3), say),
    "random cosines": lambda say: pairs.random_pairs(random_cosines(8), say),
    "codes on the circle": codes(FLAT),
    "legend of codes on the sphere": codes(SMALL),
    "contrastive loss": lambda say: contrastive.costs(learned().checkpoints, 0.5, 40, say),
    "contrastive gauges": lambda say: contrastive.gauges(learned().checkpoints, uniform(3), 40, say),
    "contrastive readings": lambda say: contrastive.readings(learned().checkpoints, {"a": 0.5}, 40, say),
    "contrastive readings so far": lambda say: contrastive.readings(learned().checkpoints[:3], {}, 40, say),
    "collapse of alignment": collapsing("alignment"),
    "collapse of uniformity": collapsing("uniformity"),
    "collapse on the circle": panel,
    **{f"probe over {over}": lambda say, over=over: contrastive.accuracies(swept(over), over, 0.9, say)
       for over in OVER},
    **{f"gauges over {over}": lambda say, over=over: contrastive.shapes(swept(over), over, say)
       for over in OVER},
}  # fmt: skip
