"""In space: the surface, the path on it, and where the network really was."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.figures import landscape as figures
from mlcore.landscapes.landscape import Landscape
from pages.rooms.landscape.contour import told
from pages.rooms.landscape.room import CAMERAS, Form, RoomSpec
from pages.ui import plot
from pages.ui.text import language, t


def choose(controls: Form) -> None:
    options = {name: t(f"optimizer.camera.{name}") for name in CAMERAS}
    controls.select("camera", options, widget=st.segmented_control, required=True)


def show(spec: RoomSpec, controls: Form, view: Landscape) -> None:
    picture = drawn(f"{specs.key(view.spec)}/{view.exact}", language(), spec.camera, spec.log, view)
    plot.show(picture, key="space", alt=t("landscape.alt.space"), height=600)
    st.caption(t("landscape.space.marks"))
    told(view)


@st.cache_resource(max_entries=24, show_spinner=False)
def drawn(key: str, language: str, camera: str, log: bool, _view: Landscape) -> go.Figure:
    return figures.in_space(_view, camera, log, say=t)
