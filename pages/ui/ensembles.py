"""Families of models on many training sets, as the rooms on good models choose, wait for and show them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import streamlit as st

from mlcore import spec as specs
from mlcore.datasets import DATASETS
from mlcore.engine import State
from mlcore.families import FAMILIES
from mlcore.generalization import BiasVarianceSpec, Ensemble, grid, measure, nearest
from mlcore.training_sets import Drawing, SetsSpec, draw, shape
from pages.ui import components, compute
from pages.ui.controls import Controls
from pages.ui.text import t
from pages.ui.text.problems import REFUSALS, refusal, retold

REDRAW = 0.4  # seconds between two looks at what is being computed
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
    controls.state["c"] = _code(value)
    names = {_code(v): f"{v:.4g}" for v in values}
    label = t(f"variants.complexity.{spec.family}")
    controls.select("c", names, widget=st.select_slider, label=label, owner=spec.family)
    chosen = float(controls.state["c"])
    if chosen == usual:
        del controls.state["c"]  # it stays out of the link
    return chosen


def _code(value: float) -> str:
    """A number as a link writes it."""
    return str(int(value)) if float(value).is_integer() else str(value)


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
    view = compute.ask(spec, slot)
    if view.state is State.DONE:
        done: Ensemble = view.result  # type: ignore[assignment]
        return done
    if not view.state.final:
        progress(spec, slot, len(view.parts), count())
    else:
        if view.state is State.STOPPED and view.parts:
            st.info(t("ensembles.stopped"))
        else:
            st.error(t("frame.unavailable", problem=retold(view.problem)))
        st.button(t("training.again"), on_click=compute.again, args=(slot,), key=f"_again_{slot}")
    return Ensemble.partial(spec, view.parts) if view.parts else None


@st.fragment(run_every=REDRAW)
def progress(spec: BiasVarianceSpec, slot: str, seen: int, visits: Iterator[int]) -> None:
    """Redrawn by itself while models are fitted elsewhere; every complexity that is done redraws the page.

    Not at the first visit, while the page is drawn: what a browser was not yet told of its widgets is lost.
    """
    view = compute.look(spec, slot)
    if next(visits) and (view.state.final or len(view.parts) > seen):
        st.rerun()
    bar, button = st.columns([4, 1], vertical_alignment="bottom")
    told = (
        t("frame.starting") if view.state is State.STARTING else t("ensembles.running", done=len(view.parts))
    )
    bar.progress(view.share, told)
    if button.button(
        t("training.stop"), on_click=compute.stop, args=(slot,), width="stretch", key=f"_stop_{slot}"
    ):
        st.rerun()


def kind(spec: SetsSpec) -> str:
    """What the sets are, in a sentence: fresh draws of a known world, or resampled from one set of data."""
    if not spec.real:
        return t("ensembles.fresh", sets=spec.sets, size=spec.size)
    size, _ = shape(spec)
    return t(f"ensembles.{spec.resample}", sets=spec.sets, size=size)
