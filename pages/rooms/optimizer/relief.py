"""The surface in space. The camera stays where it was put; four views are one press away."""

from __future__ import annotations

import streamlit as st

from mlcore.figures import paths as figures
from pages.rooms.optimizer.room import CAMERAS, Form, RoomSpec, land, names, sentences
from pages.ui import plot
from pages.ui.surfaces import walked
from pages.ui.text import t


def choose(controls: Form) -> None:
    options = {name: t(f"optimizer.camera.{name}") for name in CAMERAS}
    controls.select("camera", options, widget=st.segmented_control, required=True)


def show(spec: RoomSpec, controls: Form) -> None:
    found = walked(spec.paths)
    picture = figures.in_relief(spec.paths, land(spec.paths), found, names(spec.paths), spec.camera, say=t)
    plot.show(picture, key="relief", alt=t("optimizer.alt.relief"), height=620)
    st.caption(t("optimizer.relief.height"))
    st.markdown("  \n".join(sentences(spec.paths, found)))
