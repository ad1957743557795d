"""What the picture hides: values beside the network's own, distances, and a random walk's shares."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.figures import landscape as figures
from mlcore.landscapes.landscape import Landscape
from pages.rooms.landscape.contour import told
from pages.rooms.landscape.room import Form, RoomSpec, quantity
from pages.ui import plot
from pages.ui.text import Text, language, number, t, tiny


def show(spec: RoomSpec, controls: Form, view: Landscape) -> None:
    pictures = drawn(f"{specs.key(view.spec)}/{view.exact}", language(), spec.log, view)
    alt = [t(f"landscape.alt.{name}") for name in ("truth", "off", "explained")[: len(pictures)]]
    plot.show(pictures, key="honesty", alt=alt, height=400, columns=len(pictures))
    told(view)
    if view.plane.complete:
        return
    trace = view.trace
    apart = np.abs(trace.drawn - trace.true)
    worst, end = int(np.nanargmax(apart)), -1
    st.markdown(
        t("landscape.honesty.worst", quantity=quantity(view), step=Text(f"{trace.step[worst]:,}"),
          true=number(float(trace.true[worst])), drawn=number(float(trace.drawn[worst])),
          residual=tiny(float(apart[end])))
    )  # fmt: skip
    st.caption(t(f"landscape.plane.{view.spec.plane}"))


@st.cache_resource(max_entries=32, show_spinner=False)
def drawn(key: str, language: str, log: bool, _view: Landscape) -> list[go.Figure]:
    pictures = [figures.against_truth(_view, log, say=t), figures.off_the_plane(_view, say=t)]
    return [*pictures, figures.explained(_view, say=t)] if len(_view.plane.explained) else pictures
