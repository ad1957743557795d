"""Optimization algorithms, the fourth component: many rules from one start, on surfaces with known minima."""

import streamlit as st

from mlcore.classes.starts import StartActivity
from pages.rooms.optimizer import code, memory, race, relief
from pages.rooms.optimizer.room import VIEWS, RoomSpec
from pages.rooms.optimizer.settings import settings
from pages.ui import for_class, frame, sections

SECTIONS = dict(zip(VIEWS, (race, memory, relief, code), strict=True))
CHOICES = {"memory": memory.choose, "relief": relief.choose}

controls = sections.room("optimizer", RoomSpec, VIEWS)
with st.sidebar:
    settings(controls)
view = controls.current().view
frame.claim(f"optimizer.{view}.claim")
if view in CHOICES:
    CHOICES[view](controls)
spec = controls.spec()
controls.report()
with st.sidebar:
    for_class.use(StartActivity(spec.paths))
SECTIONS[view].show(spec, controls)

frame.close_page()
