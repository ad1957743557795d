"""The objective: losses one by one, in company, and what they teach."""

import streamlit as st

from pages.ui import frame, sections
from pages.ui.loss.classification import BINARY, SLOW, SOFTMAX
from pages.ui.loss.parts import source
from pages.ui.loss.race import RACE
from pages.ui.loss.regression import OUTLIER, POINTS, SHAPES
from pages.ui.loss.spec import VIEWS, LossSpec
from pages.ui.loss.vectors import COSINE
from pages.ui.loss.words import WORDS
from pages.ui.text import t

SECTIONS = dict(
    zip(VIEWS, (SHAPES, POINTS, OUTLIER, SOFTMAX, BINARY, SLOW, COSINE, WORDS, RACE), strict=True)
)

controls = sections.room("loss", LossSpec, VIEWS)
view = controls.current().view
with st.sidebar:
    st.markdown(f"**{t(f'loss.view.{view}')}**")
    SECTIONS[view].settings(controls)
spec = controls.spec()
controls.report()

st.markdown(t(f"loss.{view}.claim"))
SECTIONS[view].draw(spec, controls)
source(SECTIONS[view])

frame.close_page()
