"""What lies within what: the circles of the slide, and the rooms that belong to each."""

from __future__ import annotations

import streamlit as st

from mlcore.figures import circles as figures
from pages.rooms.ai_ml_dl.room import Form, RoomSpec
from pages.ui import frame, plot
from pages.ui.sections import Section
from pages.ui.text import t

ROOMS = {  # ring -> codes of rooms
    "ai": ("problem_types", "escape"),
    "ml": ("data", "linear", "fitting", "bias_variance", "gradient_descent", "optimizer"),
    "dl": (
        "xor", "nonlinearity", "approximation", "depth", "embedding", "contrastive", "classification_tasks",
        "regression_tasks", "backpropagation",
    ),
}  # fmt: skip


def _settings(controls: Form) -> None:
    st.caption(t("ai_ml_dl.map.nothing"))


def _show(spec: RoomSpec, controls: Form) -> None:
    left, right = st.columns([2, 3])
    with left:
        names = [str(t(f"ai_ml_dl.map.{ring}")) for ring in ROOMS]
        plot.show(figures.rings(names), key="rings", alt=t("ai_ml_dl.alt.rings"), height=420)
    with right:
        for ring, codes in ROOMS.items():
            with st.container(border=True):
                st.markdown(t(f"ai_ml_dl.map.about_{ring}"))
                with st.container(horizontal=True):
                    for code in codes:
                        _door(frame.Room(code))


def _door(room: frame.Room) -> None:
    label = t(f"contents.{room.code}.title")
    st.page_link(room.script, label=label, query_params=frame.link(room), width="content")


MAP = Section(_settings, _show, (figures.rings,))
