"""What building a graph costs, what a run of it takes, and from how many runs on it pays."""

from __future__ import annotations

import math
from collections.abc import Mapping

import streamlit as st

from mlcore.capture import cost as core
from mlcore.capture.cost import Cost, Costs
from mlcore.figures import capture as figures
from pages.rooms.define_by_run import room
from pages.rooms.define_by_run.room import Form, RoomSpec, choose, name
from pages.ui import expressions, plot, waiting
from pages.ui.sections import Section
from pages.ui.text import Text, number, t, tiny

SLOT = "cost"


def _settings(controls: Form) -> None:
    room.settings(controls)
    controls.number("arr")


def _show(spec: RoomSpec, controls: Form) -> None:
    expression, graph = expressions.readable(spec.expression)
    own = core.CostSpec(expression, spec.cost.size)
    found: Costs | None = waiting.follow(own, SLOT, _running).result
    if found is None:
        return
    names = {cost.way: name(cost.way) for cost in found.ways}
    for cost in found.ways:
        if cost.missing:
            st.info(t(f"define_by_run.no_{cost.missing}"))
        elif cost.problem:
            st.warning(t("define_by_run.refused", name=names[cost.way]))
            st.code(cost.problem, language=None, wrap_lines=True)
    picture = figures.totals(found, names, t)
    plot.show(picture, key="totals", alt=t("define_by_run.alt.totals"), height=420)
    for cost in found.ways[1:]:
        if cost.measured:
            st.markdown(pays(found, cost, names[cost.way]))
    st.dataframe(table(found, names), hide_index=True)
    kernels = next((cost.kernels for cost in found.ways if cost.kernels), None)
    operations = sum(bool(step.parts) for step in graph.steps)
    if kernels:
        st.markdown(t("define_by_run.cost.kernels", operations=operations, kernels=kernels))
    st.caption(t("define_by_run.cost.how", size=own.size))
    if found.warm_up:
        st.caption(t("define_by_run.cost.warm", seconds=number(found.warm_up, 3)))


def _running(views: waiting.Views) -> Text:
    return t("define_by_run.cost.running", percent=waiting.percent(views))


def pays(found: Costs, cost: Cost, called: Text) -> Text:
    """From how many runs on, or why never."""
    runs, eager = found.pays(cost), found.ways[0].run
    times = {"build": duration(cost.build), "run": duration(cost.run), "eager": duration(eager)}
    if math.isinf(runs):
        return t("define_by_run.cost.never", name=called, **times)
    count, factor = Text(f"{runs:,.0f}"), number(eager / cost.run, 3)
    return t("define_by_run.cost.pays", name=called, runs=count, factor=factor, **times)


def duration(seconds: float) -> str:
    """1.2 ms: three digits in the unit that suits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{number(seconds / size, 3)} {unit}"
    return f"{number(seconds / 1e-6, 3)} µs"


def table(found: Costs, names: Mapping[str, str]) -> dict[str, list[str]]:
    measured = [cost for cost in found.ways if cost.measured]
    columns: dict[str, list[str]] = {
        "way": [names[cost.way] for cost in measured],
        "build": [duration(cost.build) if cost.build else "–" for cost in measured],
        "run": [duration(cost.run) for cost in measured],
        "pays": [f"{n:,.0f}" if math.isfinite(n := found.pays(cost)) else "–" for cost in measured],
        "error": [tiny(cost.error) for cost in measured],
    }
    return {t(f"define_by_run.column.{key}"): values for key, values in columns.items()}


COST = Section(_settings, _show, (core.pays, core.timed), choose)
