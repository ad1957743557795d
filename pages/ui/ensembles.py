"""Families of models on many training sets, as the rooms on good models choose, wait for and show them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from mlcore.base import spec as specs
from mlcore.complexity.families import FAMILIES
from mlcore.complexity.generalization import BiasVarianceSpec, Ensemble, grid, measure, nearest
from mlcore.complexity.training_sets import Drawing, SetsSpec, draw, shape
from mlcore.families.datasets import DATASETS
from pages.ui import components, waiting
from pages.ui.controls import Controls
from pages.ui.text import Text, t
from pages.ui.text.problems import REFUSALS, refusal
from pages.ui.waiting import Views

USUAL = -1.0  # as a complexity in a spec: the one with which the family begins
Now = Callable[[], BiasVarianceSpec]


def choose_data(controls: Controls[Any], now: Now) -> None:
    """The world that training sets are drawn from, or the data that they are resampled from; N; the rest."""
    components.data_set(controls, now().sets.data)
    controls.number("size")
    with st.expander(t("training.more")):
        controls.knobs("data")
        sets = now().sets
        if DATASETS[sets.data.name].task != "regression":
            controls.number("flip")
        if sets.real:
            controls.choice("resample", "resample")
        elif sets.line:
            controls.choice("design", "design")
        controls.number("sets")
        controls.number("seed")


def choose_family(controls: Controls[Any], now: Now) -> None:
    """The family with its knobs; another family begins at its own usual complexity."""
    controls.choice("family", "family", on_change=lambda: controls.state.pop("c", None))
    if FAMILIES[now().family].knobs:
        with st.expander(t("training.more")):
            controls.knobs("family")


def choose_complexity(controls: Controls[Any], spec: BiasVarianceSpec) -> float | None:
    """One of the complexities that the data allow, the nearest to what the link says; None without data."""
    try:
        values = grid(spec.family, *shape(spec.sets))
    except REFUSALS:
        return None
    usual = values[nearest(values, FAMILIES[spec.family].usual)]
    asked = float(controls.state.get("c", usual))
    value = values[nearest(values, asked)]
    if len(values) == 1:
        st.caption(t("ensembles.one_complexity", value=f"{value:g}"))
        return value
    controls.state["c"] = specs.written(value)
    names = {specs.written(v): f"{v:.4g}" for v in values}
    label = t(f"variants.complexity.{spec.family}")
    controls.select("c", names, widget=st.select_slider, label=label, owner=spec.family)
    chosen = float(controls.state["c"])
    if chosen == usual:
        del controls.state["c"]  # it stays out of the link
    return chosen


@st.cache_resource(max_entries=32, show_spinner=False)
def _drawn(key: str, _spec: SetsSpec) -> Drawing:
    return draw(_spec)


def drawn(spec: SetsSpec) -> Drawing:
    """The training sets of `spec`, drawn once for everybody. Raises as `draw` does."""
    return _drawn(specs.key(spec), spec)


def found(spec: BiasVarianceSpec, slot: str) -> Ensemble | None:
    """All complexities of `spec`, or those that are done, with progress and a stop; or a sentence why not."""
    try:
        measure(spec.loss, drawn(spec.sets).sets.classes)
    except REFUSALS as error:
        st.warning(refusal(error))
        return None
    view = waiting.follow(spec, slot, _running, stopped=lambda parts: t("ensembles.stopped"))
    done: Ensemble | None = view.result
    return done or (Ensemble.partial(spec, view.parts) if view.parts else None)


def _running(views: Views) -> Text:
    return t("ensembles.running", done=len(views[0].parts))


def kind(spec: SetsSpec) -> str:
    """What the sets are, in a sentence: fresh draws of a known world, or resampled from one set of data."""
    if not spec.real:
        return t("ensembles.fresh", sets=spec.sets, size=spec.size)
    size, _ = shape(spec)
    return t(f"ensembles.{spec.resample}", sets=spec.sets, size=size)
