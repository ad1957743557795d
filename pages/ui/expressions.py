"""An expression as a control: one of those that are offered, or a person's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from mlcore.backpropagation.expressions import EXAMPLES, OWN, ExpressionSpec, write_out
from mlcore.backpropagation.graph import Graph, build
from pages.ui import typed
from pages.ui.controls import Controls
from pages.ui.text import t

Form = Controls[Any]
GOOD = "_expression_good"  # the last expression of a session that could be read


def choose(controls: Form, spec: ExpressionSpec, forget: Callable[[], None]) -> None:
    """The select box over what is offered. One's own begins with the one that was there, `spec`; with any
    other, `forget` what was said of that."""
    names = {name: t(f"backpropagation.example.{name}") for name in (*EXAMPLES, OWN)}
    controls.select("expr", names, on_change=partial(_chosen, controls, spec, forget))


def _chosen(controls: Form, before: ExpressionSpec, forget: Callable[[], None]) -> None:
    if _shown(controls, "expr") == OWN:
        controls.write("ex", before.text)
        controls.put("in", before.point)
    else:
        controls.state.pop("in", None)
        forget()


def write(controls: Form, spec: ExpressionSpec) -> None:
    """Where an expression of one's own is typed."""
    if spec.example == OWN:
        told, changed = t("backpropagation.formula_help"), partial(_typed, controls)
        controls.text("ex", help=told, placeholder=EXAMPLES["slide"].text, on_change=changed)


def _typed(controls: Form) -> None:
    """The inputs stand in the sidebar, which is drawn before the text that names them."""
    controls.state["ex"] = _shown(controls, "ex")


def _shown(controls: Form, code: str) -> str:
    """What a widget has just been set to."""
    room = controls.page
    return str(st.session_state[f"{room}.{code}..{st.session_state.get(f'_{room}_round', 0)}"])


def readable(spec: ExpressionSpec) -> tuple[ExpressionSpec, Graph]:
    """The expression and its graph; after a sentence, where it has none, the last one that had one."""
    shown, found = typed.standing(
        GOOD, spec, ExpressionSpec(), lambda one: build(one.text, one.point),
        lambda last: t("backpropagation.last_good", formula=last.text),
    )  # fmt: skip
    if shown is spec and (written := write_out(spec.text).text) != spec.text:
        st.caption(t("backpropagation.written_out", typed=spec.text, written=written))
    return shown, found
