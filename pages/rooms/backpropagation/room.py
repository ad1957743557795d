"""What the views of this room share: the spec behind the link, the expression, its inputs and its graph."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from mlcore.backpropagation.expressions import EXAMPLES, OWN, VALUE, ExpressionError, ExpressionSpec
from mlcore.backpropagation.graph import Graph, build
from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.formulas.formula import FormulaError
from pages.ui.controls import Controls
from pages.ui.text import t
from pages.ui.text.problems import refusal

VIEWS = ("sweeps", "modes", "descent", "kept")
NOBODY = "-1"
GOOD = "_backpropagation_good"  # the last expression of a session that could be read


@dataclass(frozen=True)
class RoomSpec:
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
    lr: float = specs.number(Knob(0.01, 1e-4, 1.0, symbol=r"\eta", log=True), "blr")
    steps: int = specs.number(Knob(30, 1, 200, integer=True), "bsteps")

    def __post_init__(self) -> None:
        specs.check(self)


Form = Controls[RoomSpec]


def settings(controls: Form) -> None:
    """The expression, and a number for each of its inputs."""
    names = {name: t(f"backpropagation.example.{name}") for name in (*EXAMPLES, OWN)}
    controls.select("expr", names, on_change=partial(_forget, controls))
    spec = controls.current().expression
    try:
        inputs = spec.inputs
    except (FormulaError, ExpressionError):
        return  # said above the picture
    point, columns = spec.point, st.columns(2)
    for i, (name, value) in enumerate(zip(inputs, point, strict=True)):
        key = f"backpropagation.at.{spec.example}.{name}.{i}.{value!r}"
        columns[i % 2].number_input(
            name, VALUE.low, VALUE.high, value, step=0.1, format="%.4g", key=key,
            on_change=partial(_put, controls, point, i, key),
        )  # fmt: skip


def choose(controls: Form) -> None:
    """Where an expression of one's own is typed."""
    if controls.current().expression.example == OWN:
        controls.text("ex", help=t("backpropagation.formula_help"), placeholder=EXAMPLES["slide"].text)


def standing(spec: RoomSpec) -> tuple[RoomSpec, Graph]:
    """The spec and its graph; a sentence where it cannot be drawn, and the last one that could."""
    try:
        found = graph(spec.expression)
    except (FormulaError, ExpressionError) as error:
        last: ExpressionSpec = st.session_state.get(GOOD, ExpressionSpec())
        st.error(refusal(error))
        st.caption(t("backpropagation.last_good", formula=last.text))
        return replace(spec, expression=last), graph(last)
    st.session_state[GOOD] = spec.expression
    return spec, found


def graph(spec: ExpressionSpec) -> Graph:
    """Raises `FormulaError` and `ExpressionError`."""
    return build(spec.text, spec.point)


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
    st.pills(label, names, selection_mode="multi", default=now, key=key, on_change=write)
    return tuple(i for i, name in enumerate(names) if name in now)


def _forget(controls: Form) -> None:
    """Another expression has inputs of its own; to write one's own, begin with the one that is there."""
    spec, room = controls.current().expression, controls.page
    chosen = st.session_state[f"{room}.expr..{st.session_state.get(f'_{room}_round', 0)}"]
    if chosen == OWN:
        controls.write("ex", spec.text)
        controls.put("in", spec.point)
        return
    for code in ("in", "node", "wrt", "learn", "req", "cut"):
        controls.state.pop(code, None)


def _put(controls: Form, point: tuple[float, ...], place: int, key: str) -> None:
    controls.put("in", (*point[:place], st.session_state[key], *point[place + 1 :]))
