"""Model, the second component: what an architecture is, and what it can say before it has learned."""

import streamlit as st

from pages.ui import frame, sections
from pages.ui.model import activations, algebra, before, network, side_by_side, signal
from pages.ui.model.room import VIEWS, RoomSpec
from pages.ui.text import t

SECTIONS = dict(zip(VIEWS, (network, before, activations, signal, algebra, side_by_side), strict=True))

controls = sections.room("model", RoomSpec, VIEWS)
section = SECTIONS[controls.current().view]
with st.sidebar:
    st.markdown(f"**{t(f'model.view.{controls.current().view}')}**")
    section.settings(controls)
spec = controls.spec()
controls.report()

st.markdown(t(f"model.{spec.view}.claim"))
section.show(spec, controls)

frame.close_page()
