"""What the views of this room share: the spec behind the link, and how a graph is shown."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from mlcore.backpropagation.expressions import ExpressionSpec
from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.capture.control_flow import RECORDERS as TOLD
from mlcore.capture.control_flow import ControlSpec
from mlcore.capture.cost import CostSpec
from mlcore.capture.diagrams import MOST, Diagram
from mlcore.capture.recorders import RECORDERS
from mlcore.figures import capture as figures
from pages.ui import expressions, plot
from pages.ui.controls import Controls
from pages.ui.text import Text, t

VIEWS = ("graphs", "control", "cost", "history")
ROW, LEAST = 80, 120  # pixels for each row of a graph, and for all of it
LAYER = 4.0  # heights of the type that a layer needs
CALLS = {
    "trace": "torch.jit.trace", "symbolic": "torch.fx.symbolic_trace", "export": "torch.export",
    "dynamo": "torch.compile (TorchDynamo)", "jaxpr": "jax.make_jaxpr",
    "compile": "torch.compile (TorchInductor)", "jit": "jax.jit (XLA)",
}  # fmt: skip


@dataclass(frozen=True)
class RoomSpec:
    """Everything that this room can be set to."""

    view: str = specs.choice("graphs", VIEWS, "view")
    cost: CostSpec = specs.part(CostSpec)
    recorder: str = specs.choice("export", [name for name in RECORDERS if name != "eager"], "rec")
    control: ControlSpec = specs.part(ControlSpec)
    told: str = specs.choice("trace", [name for name in TOLD if name != "eager"], "told")
    number: int = specs.number(Knob(1, 1, 40, integer=True), "graph")  # of the graphs that it made

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def expression(self) -> ExpressionSpec:
        return self.cost.expression


Form = Controls[RoomSpec]


def settings(controls: Form) -> None:
    expressions.choose(controls, controls.current().expression, lambda: None)


def choose(controls: Form) -> None:
    expressions.write(controls, controls.current().expression)


def name(recorder: str) -> Text:
    """What a recorder or a compiler is called: where that is a name of code, the same in all languages."""
    return Text(CALLS[recorder]) if recorder in CALLS else t(f"define_by_run.recorder.{recorder}")


def picture(diagram: Diagram, key: str, alt: str) -> None:
    """A graph, in the height that its rows need; a sentence where there is nothing to draw, or too much."""
    if not diagram.operations:
        st.info(t("define_by_run.empty"))
    elif len(diagram.nodes) > MOST:
        st.info(t("define_by_run.too_many", count=len(diagram.nodes), most=MOST))
    else:
        layout = figures.placed(diagram)
        height = int(max(LEAST, ROW * (layout.rows + 0.2)))
        least = LAYER * layout.layers
        plot.show(figures.drawing(diagram, layout), key=key, alt=alt, height=height, least=least)
