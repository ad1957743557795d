"""Bias and variance: the identity of the slide, computed from hundreds of real models."""

from dataclasses import replace

import streamlit as st

from mlcore.classes.own_sets import SetsActivity
from mlcore.complexity import decomposition, families, generalization, theory
from pages.rooms.bias_variance import curve, identity, members, room, settle, target
from pages.rooms.bias_variance import theory as closed_forms
from pages.rooms.bias_variance.room import VIEWS, RoomSpec
from pages.ui import ensembles, for_class, frame, sections

SECTIONS = dict(zip(VIEWS, (members, curve, identity, settle, target, closed_forms), strict=True))
CHOICES = {"identity": identity.choose, "target": target.choose}

controls = sections.room("bias_variance", RoomSpec, VIEWS)
with st.sidebar:
    ensembles.choose_data(controls, lambda: controls.current().ensemble)
    ensembles.choose_family(controls, lambda: controls.current().ensemble)
view = controls.current().view
frame.claim(f"bias_variance.{view}.claim")
complexity = ensembles.choose_complexity(controls, controls.current().ensemble)
if view in CHOICES:
    CHOICES[view](controls)
spec = controls.spec()
controls.report()
if spec.ensemble.sets.line:
    with st.sidebar:
        for_class.use(SetsActivity(spec.ensemble, spec.complexity))

asked = replace(spec.ensemble, plane=view == "members")
if view == "theory":
    asked = closed_forms.fixed(asked)
if seen := room.ensemble(asked, complexity):
    SECTIONS[view].show(spec, controls, seen)
family = families.FAMILIES[spec.ensemble.family].function
shown = (theory.freedom, theory.smoother) if view == "theory" else (decomposition.decompose, family)
sections.ran(*shown, generalization.bias_variance)

frame.close_page()
