"""Random ReLU features of a task, from a few to ten for each example."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.complexity import least_norm, random_features
from mlcore.complexity.random_features import REAL, TASKS, Curves
from mlcore.figures import double_descent as figures
from pages.rooms.double_descent.room import Form, RoomSpec, number, ridge
from pages.ui import plot, waiting
from pages.ui.sections import Section
from pages.ui.text import language, t


def task(controls: Form, code: str, noise: str, chosen: str) -> None:
    """What is learned, and how its training labels are spoiled."""
    controls.select(code, {name: t(f"double_descent.task.{name}") for name in TASKS})
    label = t("control.flip") if chosen == "digits" else t("double_descent.noise")
    controls.number(noise, label=label)


def _settings(controls: Form) -> None:
    spec = controls.current().features
    task(controls, "ftask", "fnoise", spec.task)
    ridge(controls, "flam", spec.ridge)
    controls.number("fn")
    if controls.current().features.task not in REAL:
        controls.number("fd")
    with st.expander(t("training.more")):
        controls.number("fsets")
        controls.number("fseed")


def _draw(spec: RoomSpec, controls: Form) -> None:
    own = spec.features
    found: Curves | None = waiting.result(own, "features")
    if found is None:
        return
    pictures = drawn(specs.key(own), language(), found)
    names = ("feature_costs", "lengths", "mistakes")[: len(pictures)]
    alt = [t(f"double_descent.alt.{name}") for name in names]
    plot.show(pictures[0], key="relu", alt=alt[0], height=440)
    plot.show(pictures[1:], key="relu_more", alt=alt[1:], height=320, columns=len(pictures) - 1)
    st.markdown(told(found))
    st.caption(t(f"double_descent.task_note.{own.task}"))


def told(found: Curves) -> str:
    """Where test cost has its peak, and what it is before and after."""
    median, n = np.median(found.test, axis=1), found.spec.examples
    before, after = (np.flatnonzero(side) for side in (found.p < n, found.p > n))
    peak, first, last = int(median.argmax()), before[median[before].argmin()], after[median[after].argmin()]
    key = "peak" if 0 < peak < len(median) - 1 and median[peak] > 1.2 * median[-1] else "no_peak"
    return t(
        f"double_descent.relu.{key}", p=int(found.p[peak]), peak=number(float(median[peak])), n=n,
        first=number(float(median[first])), first_p=int(found.p[first]),
        last=number(float(median[last])), last_p=int(found.p[last]),
    )  # fmt: skip


@st.cache_resource(max_entries=32, show_spinner=False)
def drawn(key: str, language: str, _found: Curves) -> list[go.Figure]:
    pictures = [figures.costs(_found, t), figures.lengths(_found, t)]
    return pictures if _found.wrong is None else [*pictures, figures.mistakes(_found, t)]


RELU = Section(_settings, _draw, (random_features.sample, random_features.measure, least_norm.fit))
