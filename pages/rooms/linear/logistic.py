"""Two classes: a line with probabilities, put by hand and by descent."""

from __future__ import annotations

from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.depth import linear_data, margins
from mlcore.depth import logistic as core
from mlcore.depth.linear_data import PLANES, TWO, Plane
from mlcore.depth.logistic import Training
from mlcore.figures import classifiers as figures
from mlcore.training.data import DataSpec
from pages.rooms.linear import room
from pages.rooms.linear.grips import held, moved
from pages.rooms.linear.room import Form, RoomSpec
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import language, number, percent, t

PROBABILITY = (
    r"\begin{gathered} z = w_1 x_1 + w_2 x_2 + b"
    r" \\ p = \sigma(z) = \frac{1}{1 + e^{-z}} \end{gathered}"
)
CODES = ("lc1", "lc2", "lcb")


def _settings(controls: Form) -> None:
    room.source(controls, "lcls", TWO, "linear.sides", PLANES, CODES)
    for code in CODES:
        controls.number(code, typed=0.1)
    controls.number("leta")
    controls.number("lt")


def _show(spec: RoomSpec, controls: Form) -> None:
    spec, data = room.classes(spec, PLANES[0], read)
    found = trained(specs.key(spec.data), spec.two, spec.lr, spec.descent, spec.data)
    theta = np.array(spec.classifier)
    marks = held(data, theta)
    own = core.entropy(data, theta)
    _numbers(data, theta, own, found)

    def drag(at: plot.Drag) -> None:  # two drags may come between two drawings: by the line as it is now
        room.put(controls, CODES, moved(data, np.array(controls.current().classifier), at))

    pictures = drawn(specs.key(spec), str(marks.tolist()), language(), spec, data, found)
    alts = [t(f"linear.alt.{name}") for name in ("boundary", "cost", "size")]
    handles = [plot.Handle(0, figures.HELD), plot.Handle(0, figures.TIP)]
    left, right = st.columns([3, 2])
    with left:
        plot.show(pictures[0], key="boundary", alt=alts[0], height=560, handles=handles, on_drag=drag)
    with right:
        plot.show(list(pictures[1:]), key="growth", alt=alts[1:], height=275, columns=1)
    if not np.isfinite(marks).all():
        st.caption(t("linear.logistic.outside"))
    with st.container(horizontal=True):
        last = partial(room.put, controls, CODES, found.theta[-1])
        st.button(t("linear.logistic.put_descent"), on_click=last)
        name = (
            "put_margin" if found.margin.separable else "put_touching" if found.best is None else "put_best"
        )
        st.button(t(f"linear.logistic.{name}"), on_click=partial(room.put, controls, CODES, found.goal))
    _told(spec, found)


def _numbers(data: Plane, theta: np.ndarray, own: float, found: Training) -> None:
    right = float(core.accuracy(data, theta[None])[0])
    st.markdown(
        t("linear.logistic.now", cost=number(own, 4), right=percent(right),
          after=number(float(found.cost[-1]), 4), right_after=percent(float(found.accuracy[-1])))
    )  # fmt: skip


def _told(spec: RoomSpec, found: Training) -> None:
    left, right = st.columns(2)
    with left:
        st.latex(PROBABILITY)
        st.latex(r"C = -\frac{1}{N} \sum_i \, y_i \ln p_i + (1 - y_i) \ln (1 - p_i)")
    with right:
        half = int(np.searchsorted(found.step, spec.descent / 10, side="right")) - 1
        values = {
            "steps": spec.descent, "size": number(float(found.size[-1])), "early": int(found.step[half]),
            "before": number(float(found.size[half])),
        }  # fmt: skip
        if found.margin.separable:
            angle = number(float(found.angle[-1]))
            st.markdown(t("linear.logistic.grows", **values, angle=angle))
            st.caption(t("linear.logistic.why_grows"))
        elif found.best is None:
            st.markdown(t("linear.logistic.touches", **values))
        else:
            away = float(np.linalg.norm(found.theta[-1] - found.best))
            length = number(float(np.linalg.norm(found.best)))
            lowest = number(found.lowest, 4)
            st.markdown(t("linear.logistic.rests", length=length, lowest=lowest, away=number(away), **values))
        if spec.lr > found.bound:
            st.warning(t("linear.logistic.too_fast", lr=number(spec.lr), bound=number(found.bound)))
        else:
            st.caption(t("linear.logistic.stable", lr=number(spec.lr), bound=number(found.bound)))


def read(spec: RoomSpec) -> Plane:
    return linear_data.sides(spec.two, spec.data, True)


@st.cache_resource(max_entries=48, show_spinner=False)
def trained(key: str, source: str, lr: float, steps: int, _data: DataSpec) -> Training:
    """From w = 0, b = 0: the same for every line that is put by hand."""
    return core.train(linear_data.sides(source, _data, True), (0.0, 0.0, 0.0), lr, steps)


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(
    key: str, marks: str, language: str, _spec: RoomSpec, _data: Plane, _found: Training
) -> tuple[go.Figure, go.Figure, go.Figure]:
    theta = np.array(_spec.classifier)
    own = core.entropy(_data, theta)
    first = figures.boundary(_data, theta, held(_data, theta), _found, titles(_data, True), t)
    return first, figures.cost(_found, own, t), figures.size(_found, t)


def titles(data: Plane, standardized: bool) -> tuple[str, str]:
    """What the axes show."""
    ending = f", {t('figure.standardized')}" if standardized else ""
    return f"{data.names[0]}{ending}", f"{data.names[1]}{ending}"


LOGISTIC = Section(_settings, _show, (core.train, core.minimum, margins.margin))
