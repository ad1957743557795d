"""Why a line cannot: four points, a line to move, the best there is by exhaustion and by least squares."""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go
import streamlit as st

from mlcore.depth import lines as core
from mlcore.depth.lines import XOR
from mlcore.figures import xor as figures
from pages.rooms.xor.room import Form, RoomSpec
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import language, number, t


def _settings(controls: Form) -> None:
    for code in ("xw1", "xw2", "xbias"):
        controls.number(code)
    (w1, w2), b = core.least_squares()
    st.button(t("xor.line.least_squares"), on_click=partial(_put, controls, (w1, w2, b)))
    _, labels = core.best()
    found = core.separable(labels)
    if found is not None:
        line = found[0], found[1], found[2] + core.LEVEL
        st.button(t("xor.line.best"), on_click=partial(_put, controls, line))


def _put(controls: Form, line: tuple[float, ...]) -> None:
    for code, value in zip(("xw1", "xw2", "xbias"), line, strict=True):
        controls.put(code, round(float(value), 10))


def _show(spec: RoomSpec, controls: Form) -> None:
    weights, fit = (spec.w1, spec.w2), core.fit((spec.w1, spec.w2), spec.bias)
    left, right = st.columns([3, 2])
    with left:
        plot.show(picture(*weights, spec.bias, language()), key="line", alt=t("xor.alt.line"), height=440)
    with right:
        st.latex(r"\hat y = w_1 x_1 + w_2 x_2 + b")
        st.dataframe(table(fit), hide_index=True)
        st.markdown(t("xor.line.now", correct=fit.correct, error=number(fit.squared_error, 4)))
        most, _ = core.best()
        made = sum(line is not None for line in core.labelings().values())
        st.markdown(t("xor.line.exhausted", made=made, most=most))
        own = core.fit(*core.least_squares())
        st.markdown(t("xor.line.squares", error=number(own.squared_error, 4), value=number(own.values[0], 4)))


def table(fit: core.Fit) -> dict[str, list[str]]:
    return {
        "x₁, x₂": figures.NAMES,
        "y": [str(label) for label in XOR],
        "ŷ": [number(value, 4) for value in fit.values],
        "ŷ > ½": [str(int(value > core.LEVEL)) if value != core.LEVEL else "–" for value in fit.values],
    }


@st.cache_resource(max_entries=64, show_spinner=False)
def picture(w1: float, w2: float, bias: float, language: str) -> go.Figure:
    return figures.plane((w1, w2), bias, t)


LINE = Section(_settings, _show, (core.fit, core.separable, core.best))
