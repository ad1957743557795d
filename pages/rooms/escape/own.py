"""A landscape of one's own: the formula, its minima, and all methods on it."""

from __future__ import annotations

from dataclasses import replace

import plotly.graph_objects as go
import streamlit as st

from mlcore.escapes.multimodal import OWN, MultimodalSpec, multimodal
from mlcore.figures import escaping as figures
from pages.rooms.escape import methods
from pages.rooms.escape.room import Form, RoomSpec, land, standing
from pages.ui import plot
from pages.ui.text import language, number, t

EXAMPLES = (
    "(x^2 + y^2)/20 + sin(3*x)*cos(2*y)",
    "x^2 + y^2 + 25*(sin(x)^2 + sin(y)^2)",
    "-exp(-(x - 2)^2 - (y + 1)^2) - 0.7*exp(-((x + 2)^2 + y^2)/4) + (x^2 + y^2)/100",
    "abs(x) + abs(y) - 2*cos(2*pi*x) - 2*cos(2*pi*y)",
    "(x^2 + y - 11)^2 + (x + y^2 - 7)^2 + 5*x",
)


def choose(controls: Form) -> None:
    """The formula, or one to begin with."""

    def take() -> None:
        if chosen := st.session_state["_formula_example"]:
            controls.write("f", chosen)
        st.session_state["_formula_example"] = None

    left, right = st.columns([3, 2])
    with left:
        controls.text("f", help=t("escape.formula_help"))
    right.selectbox(
        t("escape.examples"), EXAMPLES, index=None, key="_formula_example", on_change=take,
        placeholder=t("escape.examples_none"),
    )  # fmt: skip


def show(spec: RoomSpec, controls: Form) -> None:
    asked = standing(replace(spec.escape, landscape=replace(spec.escape.landscape, surface=OWN)))
    known = multimodal(asked.landscape)
    plot.show(drawn(asked.landscape, language()), key="own", alt=t("escape.alt.own"), height=460)
    if len(known.minima):
        x, y = known.minima[0].tolist()
        st.markdown(
            t("escape.own.lowest", x=number(x), y=number(y), value=number(float(known.value[0])),
              count=len(known.minima), lowest=known.lowest)
        )  # fmt: skip
        st.caption(t("escape.own.found"))
    st.markdown(f"#### {t('escape.own.methods')}")
    methods.show(replace(spec, escape=asked), controls)


@st.cache_resource(max_entries=32, show_spinner=False)
def drawn(spec: MultimodalSpec, language: str) -> go.Figure:
    return figures.survey(multimodal(spec), land(spec), t)
