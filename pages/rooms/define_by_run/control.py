"""A branch and a loop on data: who follows them, who freezes them, who refuses, who compiles again."""

from __future__ import annotations

from functools import partial

import streamlit as st

from mlcore.backpropagation.expressions import ExpressionError
from mlcore.capture import control_flow as core
from mlcore.capture.control_flow import NUMBER, RECORDERS, ControlSpec, Outcome
from mlcore.capture.functions import branch, loop
from mlcore.formulas.formula import FormulaError
from pages.rooms.define_by_run.room import Form, RoomSpec, name, picture
from pages.ui import waiting
from pages.ui.sections import Ran, Section
from pages.ui.text import Text, number, t
from pages.ui.text.problems import refusal

SLOT = "control"
TYPED = {"branch": ("when", "then", "else"), "loop": ("while", "body")}


def _settings(controls: Form) -> None:
    flows = {code: t(f"define_by_run.flow.{code}") for code in core.CONTROLS}
    controls.select("flow", flows, on_change=partial(_other, controls))
    spec = controls.current().control
    _numbers(controls, "seen", spec.seen)
    _numbers(controls, "unseen", spec.unseen)
    controls.select("told", {code: name(code) for code in RECORDERS if code != "eager"})


def _numbers(controls: Form, code: str, values: tuple[float, ...]) -> None:
    """A field for each number of an input."""
    st.markdown(t(f"control.{code}"))
    for i, (column, value) in enumerate(zip(st.columns(len(values)), values, strict=True)):
        key = f"define_by_run.{code}.{i}.{value!r}"
        column.number_input(
            f"{t(f'control.{code}')} {i + 1}", NUMBER.low, NUMBER.high, value, step=0.5, format="%.4g",
            key=key, label_visibility="collapsed", on_change=partial(_put, controls, code, values, i, key),
        )  # fmt: skip


def _put(controls: Form, code: str, values: tuple[float, ...], place: int, key: str) -> None:
    controls.put(code, (*values[:place], st.session_state[key], *values[place + 1 :]))


def _other(controls: Form) -> None:
    """A branch and a loop decide otherwise on other numbers."""
    for code in ("seen", "unseen", "graph"):
        controls.state.pop(code, None)


def choose(controls: Form) -> None:
    codes = TYPED[controls.current().control.control]
    for code, column in zip(codes, st.columns(len(codes)), strict=True):
        with column:
            controls.text(code, help=t("define_by_run.control.typed"))


def _show(spec: RoomSpec, controls: Form) -> None:
    own = spec.control
    try:
        core.read(own)
    except (FormulaError, ExpressionError) as error:
        st.error(refusal(error))
        return
    st.code(program(own), language="python")
    view = waiting.follow(own, SLOT, waiting.computing)
    found: tuple[Outcome, ...] = view.result or tuple(view.parts)
    if not found:
        return
    by_name = {outcome.recorder: outcome for outcome in found}
    st.dataframe(table(found), hide_index=True)
    if "trace" in by_name:
        _lesson(own, by_name)
    if chosen := by_name.get(spec.told):  # one after the other arrives
        st.markdown(t(f"define_by_run.made.{chosen.recorder}"))
        _details(chosen, controls)


def program(spec: ControlSpec) -> str:
    """The function as a student would write it: to be read, for what runs is a tree of operations."""
    if spec.control == "branch":
        lines = [f"if sum({spec.condition}) > 0:", f"    return {spec.then}", f"return {spec.other}"]
    else:
        lines = [f"while sum({spec.until}) > 0:", f"    x = {spec.body}", "return x"]
    return "\n    ".join(["def f(x):", *lines])


def table(found: tuple[Outcome, ...]) -> dict[str, list[str]]:
    columns: dict[str, list[str]] = {key: [] for key in ("recorder", "seen", "unseen", "verdict", "graphs")}
    for outcome in found:
        columns["recorder"].append(name(outcome.recorder))
        columns["seen"].append(written(outcome.seen))
        columns["unseen"].append(written(outcome.unseen))
        columns["verdict"].append(t(f"define_by_run.verdict.{verdict(outcome)}"))
        columns["graphs"].append(str(len(outcome.diagrams)) if outcome.diagrams else "–")
    return {t(f"define_by_run.column.{key}"): values for key, values in columns.items()}


def verdict(outcome: Outcome) -> str:
    if not outcome.installed:
        return "missing"
    return "refused" if outcome.refused else "right" if outcome.right else "wrong"


def written(values: tuple[float, ...]) -> Text:
    return Text(f"[{', '.join(number(v, 4) for v in values)}]" if values else "–")


def _lesson(spec: ControlSpec, found: dict[str, Outcome]) -> None:
    """What the trace did with the other input."""
    trace, eager = found["trace"], found["eager"]
    values = {"seen": written(spec.seen), "unseen": written(spec.unseen), "eager": written(eager.unseen)}
    if trace.refused:
        return
    if trace.right:
        st.info(t("define_by_run.control.same", **values))
    else:
        st.warning(t("define_by_run.control.frozen", trace=written(trace.unseen), **values))


def _details(outcome: Outcome, controls: Form) -> None:
    if not outcome.installed:
        st.info(t("define_by_run.no_jax"))
        return
    if outcome.problem:
        st.warning(t("define_by_run.refused", name=name(outcome.recorder)))
        st.code(outcome.problem, language=None, wrap_lines=True)
    for i, call in enumerate(outcome.calls):
        given = written(call.given)
        st.markdown(
            t("define_by_run.control.call", number=i + 1, given=given, result=written(call.result),
              graphs=call.graphs, breaks=len(call.breaks), again=len(call.recompiled))
        )  # fmt: skip
        kinds = {"graph break": call.breaks, "guard failed": call.recompiled, "guard": call.guards}
        told = [f"{kind}: {words}" for kind, all_words in kinds.items() for words in all_words]
        if told:
            st.code("\n".join(told), language=None, wrap_lines=True)
    if not outcome.diagrams:
        return
    count = len(outcome.diagrams)
    if count > 1:
        controls.select("graph", {str(i): t("define_by_run.control.graph", number=i, count=count)
                                  for i in range(1, count + 1)}, st.pills, required=True)  # fmt: skip
    shown = min(int(controls.state.get("graph", 1)), count) if count > 1 else 1
    diagram = outcome.diagrams[shown - 1]
    alt = t("define_by_run.alt.graph", name=name(outcome.recorder), count=len(diagram.operations))
    picture(diagram, "control", alt)
    with st.expander(t("define_by_run.words")):
        st.code(outcome.text, language=None)


def _code(spec: RoomSpec) -> Ran:
    return (branch if spec.control.control == "branch" else loop, core.told, core.told_jax)


CONTROL = Section(_settings, _show, _code, choose)
