"""Costs over the complexity: every data set a line, and what cross-validation on one of them chooses."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from mlcore.complexity.fit_verdict import by_complexity
from mlcore.figures import fitting as figures
from pages.rooms.fitting.room import Form, RoomSpec, Seen, there, valued
from pages.ui import plot
from pages.ui.text import language, number, t


def show(spec: RoomSpec, controls: Form, seen: Seen) -> None:
    def click(place: plot.Click) -> None:
        order = by_complexity(seen.spec.family, seen.ensemble.complexity.tolist())
        at = min(max(round(place.x), 0), len(order) - 1)
        controls.put("c", float(seen.ensemble.complexity[order[at]]))

    figure = drawn(seen.key, seen.at, language(), seen)
    plot.show(figure, key="costs", alt=t("fitting.alt.curve"), height=480, on_click=click)
    st.caption(t("fitting.curve.marks"))
    if seen.validation:
        choice = float(seen.validation.complexity[seen.validation.choice])
        places = (seen.ensemble.complexity == choice).nonzero()[0]
        if len(places):
            truly = seen.ensemble.fits[int(places[0])].parts.average()["error"]
            st.markdown(
                t("fitting.curve.choice", choice=valued(seen.spec.family, choice), truly=number(truly),
                  best=there(seen), least=number(seen.diagnosis.least))
            )  # fmt: skip


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(key: str, at: int, language: str, _seen: Seen) -> go.Figure:
    title = t(f"variants.complexity.{_seen.spec.family}")
    return figures.costs(_seen.ensemble, at, _seen.validation, title, t)
