"""Escaping local minima: the team question of the lecture, with a few hundred runs of each method."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from mlcore.classes.methods import EscapeActivity
from mlcore.escapes import escape_methods, escaping, multimodal, success_rates
from mlcore.escapes.restarts import restarts as measured
from mlcore.formulas.formula import Reader
from mlcore.formulas.operations import Program
from pages.rooms.escape import methods, networks, own, restarts, settings
from pages.rooms.escape.room import VIEWS, Form, RoomSpec
from pages.ui import for_class, frame, sections

SETTINGS: dict[str, Callable[[Form], None]] = {
    "methods": settings.methods,
    "restarts": restarts.settings,
    "own": partial(settings.methods, own=True),
    "width": networks.settings,
}
CHOICES = {"methods": methods.choose, "own": own.choose}
SHOWN = {"methods": methods.show, "restarts": restarts.show, "own": own.show, "width": networks.show}
RAN = {
    "methods": (escape_methods.Plan, escaping.Runner, escaping.escape, multimodal.reached),
    "restarts": (measured, multimodal.reached),
    "own": (Reader, Program),
    "width": (success_rates.SolveSpec, success_rates.solve),
}

controls = sections.room("escape", RoomSpec, VIEWS)
view = controls.current().view
with st.sidebar:
    SETTINGS[view](controls)
frame.claim(f"escape.{view}.claim", replicas=controls.current().solve.replicas)
if view in CHOICES:
    CHOICES[view](controls)
spec = controls.spec()
controls.report()
if view == "methods":
    with st.sidebar:
        for_class.use(EscapeActivity(spec.escape))
SHOWN[view](spec, controls)
sections.ran(*RAN[view])

frame.close_page()
