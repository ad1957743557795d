"""One function, and the graph that every recorder makes of it."""

from __future__ import annotations

import streamlit as st

from mlcore.capture import recorders
from mlcore.capture.captures import Capture, CaptureSpec
from mlcore.capture.functions import elementwise
from mlcore.capture.recorders import RECORDERS
from pages.rooms.define_by_run import room
from pages.rooms.define_by_run.room import Form, RoomSpec, choose, name, picture
from pages.ui import expressions, waiting
from pages.ui.sections import Ran, Section
from pages.ui.text import number, t, tiny

SLOT = "captures"


def _settings(controls: Form) -> None:
    room.settings(controls)
    controls.select("rec", {code: name(code) for code in RECORDERS if code != "eager"})


def _show(spec: RoomSpec, controls: Form) -> None:
    expression, _ = expressions.readable(spec.expression)
    view = waiting.follow(CaptureSpec(expression), SLOT, waiting.computing)
    found: tuple[Capture, ...] = view.result or tuple(view.parts)
    by_name = {capture.recorder: capture for capture in found}
    for recorder in ("eager", spec.recorder):
        if recorder in by_name:  # one after the other arrives
            _one(by_name[recorder])
    if not found:
        return
    st.dataframe(_table(found), hide_index=True)
    st.caption(t("define_by_run.graphs.table"))


def _one(capture: Capture) -> None:
    recorder = capture.recorder
    st.markdown(t(f"define_by_run.made.{recorder}"))
    if not capture.installed:
        st.info(t("define_by_run.no_jax"))
    elif capture.problem:
        st.warning(t("define_by_run.refused", name=name(recorder)))
        st.code(capture.problem, language=None, wrap_lines=True)
    else:
        for i, diagram in enumerate(capture.diagrams):
            alt = t("define_by_run.alt.graph", name=name(recorder), count=len(diagram.operations))
            picture(diagram, f"{recorder}{i}", alt)
        with st.expander(t("define_by_run.words")):
            st.code(capture.text, language=None)


def _table(found: tuple[Capture, ...]) -> dict[str, list[str]]:
    truth = found[0].value
    columns: dict[str, list[str]] = {key: [] for key in ("recorder", "when", "operations", "value", "apart")}
    for capture in found:
        columns["recorder"].append(name(capture.recorder))
        columns["when"].append(t(f"define_by_run.when.{capture.recorder}"))
        known = capture.value is not None and truth is not None
        columns["operations"].append(str(capture.operations) if capture.value is not None else "–")
        columns["value"].append(number(capture.value, 6) if capture.value is not None else "–")
        columns["apart"].append(tiny(abs(capture.value - truth)) if known else "–")  # type: ignore[operator]
    return {t(f"define_by_run.column.{key}"): values for key, values in columns.items()}


def _code(spec: RoomSpec) -> Ran:
    return (elementwise, getattr(recorders, spec.recorder))


GRAPHS = Section(_settings, _show, _code, choose)
