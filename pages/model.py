"""Model, the second component: what an architecture is, and what it can say before it has learned."""

import streamlit as st

from pages.ui import frame
from pages.ui.controls import Controls
from pages.ui.model import activations, algebra, before, network, side_by_side, signal
from pages.ui.model.room import VIEWS, RoomSpec
from pages.ui.text import t

SECTIONS = dict(zip(VIEWS, (network, before, activations, signal, algebra, side_by_side), strict=True))

frame.open_page("model")
frame.lesson("model")

controls = Controls(RoomSpec, "model")
names = {view: t(f"model.view.{view}") for view in VIEWS}
controls.select("view", names, widget=st.pills, required=True, label_visibility="collapsed")
section = SECTIONS[controls.current().view]
with st.sidebar:
    st.markdown(f"**{names[controls.current().view]}**")
    section.settings(controls)
spec = controls.spec()
controls.report()

st.markdown(t(f"model.{spec.view}.claim"))
section.show(spec, controls)

frame.close_page()
