"""The figures of the room "Define and run, define by run", for the checks that all figures pass."""

from __future__ import annotations

from collections.abc import Callable

import plotly.graph_objects as go

from mlcore.backpropagation.expressions import ExpressionSpec
from mlcore.capture.captures import CaptureSpec, recorded
from mlcore.capture.cost import Cost, Costs, CostSpec
from mlcore.capture.recorders import RECORDERS
from mlcore.figures import capture as figures
from mlcore.figures import words

COSTS = Costs(
    CostSpec(), (Cost("eager", 0.0, 1e-3), Cost("trace", 0.01, 5e-4), Cost("jit", missing="jax")), 1.0
)


def graph(recorder: str) -> go.Figure:
    (diagram,) = recorded(CaptureSpec(ExpressionSpec("softmax")), recorder).diagrams
    return figures.drawing(diagram, figures.placed(diagram))


CASES: dict[str, Callable[[words.Say], go.Figure]] = {
    **{f"network recorded by {name}": lambda say, name=name: graph(name) for name in RECORDERS},
    "totals": lambda say: figures.totals(COSTS, {cost.way: cost.way for cost in COSTS.ways}, say),
}
