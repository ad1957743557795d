"""Complexity and double descent: what happens beyond the point where a model can learn every example."""

import streamlit as st

from pages.ui import frame, sections
from pages.ui.double_descent.complexity import COMPLEXITY
from pages.ui.double_descent.features import RELU
from pages.ui.double_descent.gaussian import GAUSSIAN
from pages.ui.double_descent.learning import LEARNING
from pages.ui.double_descent.line import CURVE
from pages.ui.double_descent.networks import MLP
from pages.ui.double_descent.room import VIEWS, RoomSpec, source
from pages.ui.text import t

SECTIONS = dict(zip(VIEWS, (GAUSSIAN, RELU, CURVE, MLP, COMPLEXITY, LEARNING), strict=True))

controls = sections.room("double_descent", RoomSpec, VIEWS)
view = controls.current().view
with st.sidebar:
    st.markdown(f"**{t(f'double_descent.view.{view}')}**")
    SECTIONS[view].settings(controls)
spec = controls.spec()
controls.report()

st.markdown(t(f"double_descent.{view}.claim"))
SECTIONS[view].draw(spec, controls)
source(SECTIONS[view])

frame.close_page()
