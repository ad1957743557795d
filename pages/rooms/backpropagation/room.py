"""What the views of this room share: the spec behind the link, the expression, its inputs and its graph."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from mlcore.backpropagation.expressions import ExpressionError, ExpressionSpec
from mlcore.backpropagation.graph import Graph
from mlcore.backpropagation.matrices import PassSpec
from mlcore.backpropagation.products import ChainSpec
from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.formulas.formula import FormulaError
from mlcore.training.tasks import TrainSpec
from pages.rooms.backpropagation.inputs import fields
from pages.ui import components, expressions
from pages.ui.controls import Controls
from pages.ui.text import t

VIEWS = ("sweeps", "modes", "descent", "kept", "matrices", "products")
NO_NODE = "-1"  # none is chosen: what is seen then is for the view to say


@dataclass(frozen=True)
class RoomSpec(components.Trains):
    """Everything that this room can be set to."""

    view: str = specs.choice("sweeps", VIEWS, "view")
    expression: ExpressionSpec = specs.part(ExpressionSpec)
    node: int = specs.number(Knob(-1, -1, 59, integer=True), "node")  # looked into; -1 for the first input
    which: int = specs.number(Knob(0, 0, 7, integer=True), "wrt")  # input that is nudged or followed
    nudge: float = specs.number(Knob(0.01, -1.0, 1.0), "nudge")
    requires: int = specs.number(Knob(255, 0, 255, integer=True), "req")  # a bit for each input
    detached: int = specs.number(Knob(-1, -1, 59, integer=True), "cut")  # node whose history is cut off
    passes: int = specs.number(Knob(2, 1, 4, integer=True), "passes")
    zero_grad: bool = specs.flag(False, "zero")
    learn: int = specs.number(Knob(255, 0, 255, integer=True), "learn")  # a bit for each input that descends
    outputs: tuple[int, ...] = specs.numbers((), Knob(0, 0, 59, integer=True), "outs", most=60, least=0)
    back: int = specs.number(Knob(-1, -1, 59, integer=True), "back")  # output that is gone back from
    lr: float = specs.number(Knob(0.01, 1e-4, 1.0, symbol=r"\eta", log=True), "blr")
    steps: int = specs.number(Knob(30, 1, 200, integer=True), "bsteps")
    train: TrainSpec = specs.part(TrainSpec)
    after: int = specs.number(Knob(0, 0, 19_999, integer=True), "k")  # steps of the training
    chain: ChainSpec = specs.part(ChainSpec)

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def matrices(self) -> PassSpec:
        return PassSpec(self.train, self.after)


Form = Controls[RoomSpec]


def settings(controls: Form) -> None:
    """The expression, and a number for each of its inputs."""
    expressions.choose(controls, controls.current().expression, partial(_forget, controls))
    spec = controls.current().expression
    try:
        inputs = spec.inputs
    except (FormulaError, ExpressionError):
        return  # said above the picture
    fields(controls, spec.text, inputs, spec.point)


def choose(controls: Form) -> None:
    expressions.write(controls, controls.current().expression)


def standing(spec: RoomSpec) -> tuple[RoomSpec, Graph]:
    """The spec and its graph; a sentence where it cannot be drawn, and the last one that could."""
    expression, found = expressions.readable(spec.expression)
    return replace(spec, expression=expression), found


def hole(found: Graph) -> bool:
    """Whether some node has no value; a sentence says which."""
    if found.hole is None:
        return False
    st.warning(t("backpropagation.hole", node=found.symbols[found.hole]))
    return True


def which(controls: Form, names: tuple[str, ...]) -> int:
    """The place of the input that a view follows."""
    controls.select("wrt", {str(i): name for i, name in enumerate(names)})
    return int(controls.state["wrt"])


def several(controls: Form, code: str, mask: int, names: tuple[str, ...], label: str) -> tuple[int, ...]:
    """Any of the inputs, as a field with a bit for each: the places of those that are chosen."""
    key = f"_backpropagation_{code}_{'_'.join(names)}"

    def write() -> None:
        chosen = sum(1 << names.index(name) for name in st.session_state[key])
        controls.write(code, str(chosen))

    now = [name for i, name in enumerate(names) if mask >> i & 1]
    if set(st.session_state.get(key, now)) != set(now):  # another link
        st.session_state[key] = now
    st.pills(label, names, selection_mode="multi", default=now, key=key, on_change=write)
    return tuple(i for i, name in enumerate(names) if name in now)


def _forget(controls: Form) -> None:
    """Another expression has inputs and nodes of its own."""
    for code in ("node", "wrt", "learn", "req", "cut", "outs", "back"):
        controls.state.pop(code, None)
