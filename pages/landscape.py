"""Loss landscape: a network is trained, the cost around its path is drawn, and how wrong the drawing is."""

import streamlit as st

from mlcore import evaluation, landscape, lines, planes
from pages.ui import frame, sections
from pages.ui.landscape import contour, honesty, line, room, space
from pages.ui.landscape.room import VIEWS, RoomSpec
from pages.ui.landscape.settings import settings
from pages.ui.text import t

SECTIONS = dict(zip(VIEWS[:3], (contour.show, space.show, honesty.show), strict=True))

controls = sections.room("landscape", RoomSpec, VIEWS)
with st.sidebar:
    settings(controls)
view = controls.current().view
st.markdown(t(f"landscape.{view}.claim"))
if view == "space":
    space.choose(controls)
spec = controls.spec()
controls.report()

if view == "line":
    line.show(spec)
elif seen := room.look(spec):
    SECTIONS[view](spec, controls, seen)
if view == "line":
    sections.ran(lines.lines, lines.match)
else:
    sections.ran(planes.draw, planes.principal, planes.Plane, landscape.landscape, evaluation.Evaluator)

frame.close_page()
